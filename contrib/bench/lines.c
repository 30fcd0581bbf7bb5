// What submitting JSON Lines durably costs at the least: the system calls and nothing else. No line is read as JSON, no key is
// looked for, nothing is answered.
//
// Usage: lines SPOOL FILE
//
// In groups of 256: each line is written to a file in tmp/, one syncfs(2) flushes them, each is renamed into incoming/ over
// nobody, and one fsync(2) flushes that directory. Prints the seconds it took.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { group = 256 };

static int tmp, incoming;

static void fail(const char *what) {
    perror(what);
    exit(74);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void name(char *text, size_t size, long number) { snprintf(text, size, "line-%ld.json", number); }

static void write_line(const char *line, size_t length, long number) {
    char file_name[64];
    name(file_name, sizeof file_name, number);
    int file = openat(tmp, file_name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    if (file < 0 || write(file, line, length) != (ssize_t)length || close(file)) fail("lines: can't write into tmp/");
}

static void submit(long from, long to) {
    char file_name[64];
    if (syncfs(tmp)) fail("lines: syncfs");
    for (long i = from; i < to; i++) {
        name(file_name, sizeof file_name, i);
        if (renameat2(tmp, file_name, incoming, file_name, RENAME_NOREPLACE)) fail("lines: can't rename into incoming/");
    }
    if (fsync(incoming)) fail("lines: fsync");
}

int main(int count, char **arguments) {
    FILE *input = count == 3 ? fopen(arguments[2], "r") : NULL;
    if (!input || chdir(arguments[1])) {
        fprintf(stderr, "usage: lines SPOOL FILE\n");
        return 64;
    }
    tmp = open("tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    incoming = open("incoming", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tmp < 0 || incoming < 0) fail(arguments[1]);
    double start = now();
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    long number = 0, begun = 0;
    while ((length = getline(&line, &size, input)) > 0) {
        write_line(line, (size_t)length, number++);
        if (number - begun < group) continue;
        submit(begun, number);
        begun = number;
    }
    if (number > begun) submit(begun, number);
    printf("%.3f\n", now() - start);
    return 0;
}
