// Drops invoice requests as a careful producer does: written in tmp/, then renamed into incoming/.
//
// Usage: drop SPOOL COUNT [RATE] [PREFIX] [WIDTH]
//
// All files are written first; then they are renamed in, RATE a second (0: as fast as it goes). Each is named
// PREFIX-NANOSECONDS.json by the moment of its rename (CLOCK_MONOTONIC), so whoever sees the key knows how old it is; with a
// WIDTH it is PREFIX and a number, WIDTH characters in all. Prints the seconds the renames took.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(74);
}

static void write_file(const char *name, long number) {
    char text[256];
    int size = snprintf(text, sizeof text, "{\"customer_id\":\"cust-%ld\",\"amount_cents\":%ld,\"currency\":\"USD\"}\n", number % 997,
                        1000 + number % 9000);
    int file = open(name, O_CREAT | O_EXCL | O_WRONLY, 0644);
    if (file < 0 || write(file, text, (size_t)size) != size || close(file)) fail("drop: can't write into tmp/");
}

int main(int count, char **arguments) {
    if (count < 3 || chdir(arguments[1])) {
        fprintf(stderr, "usage: drop SPOOL COUNT [RATE] [PREFIX] [WIDTH]\n");
        return 64;
    }
    long files = atol(arguments[2]), rate = count > 3 ? atol(arguments[3]) : 0;
    const char *prefix = count > 4 ? arguments[4] : "k";
    int width = count > 5 ? atoi(arguments[5]) - (int)strlen(prefix) : 0;
    if (width > 200) width = 200;
    char from[300], to[700];
    for (long i = 0; i < files; i++) {
        snprintf(from, sizeof from, "tmp/%.200s-%ld", prefix, i);
        write_file(from, i);
    }
    int64_t start = now(), last = 0;
    for (long i = 0; i < files; i++) {
        if (rate > 0) {
            int64_t due = start + i * (INT64_C(1000000000) / rate);
            struct timespec time = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
        }
        int64_t moment = now();
        if (moment <= last) moment = last + 1;
        last = moment;
        if (width > 0) snprintf(to, sizeof to, "incoming/%.200s%0*ld.json", prefix, width, i);
        else snprintf(to, sizeof to, "incoming/%.200s-%lld.json", prefix, (long long)moment);
        snprintf(from, sizeof from, "tmp/%.200s-%ld", prefix, i);
        if (rename(from, to)) fail("drop: can't rename into incoming/");
    }
    printf("%.3f\n", (double)(now() - start) / 1e9);
    return 0;
}
