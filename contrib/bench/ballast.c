// Holds memory that is in use already, and lets go of it bit by bit as others want some: what they get then has been touched a
// moment ago. On a virtual machine whose host takes back what is free, any other page is fetched from the host at its first
// touch, more of them the more files there are: a million invoices on tmpfs cost 115 µs each where 10,000 cost 85.
//
// Usage: ballast
//
// Takes what memory is free but for a tenth, prints "ready", and stays until it is ended: its number is its own as long as
// somebody may want to end it.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

// What is kept free: 2 s of files at 10,000 invoices a second. Linux offers the host what has been free for that long
// (PAGE_REPORTING_DELAY in mm/page_reporting.c).
enum { piece = 64 << 20, reserve = 320 << 20 };

static long long bytes_free(void) {
    long long kilobytes = 0;
    char line[128];
    FILE *file = fopen("/proc/meminfo", "re");
    if (!file) return 0;
    while (fgets(line, sizeof line, file) && sscanf(line, "MemFree: %lld", &kilobytes) != 1) {
    }
    fclose(file);
    return kilobytes * 1024;
}

int main(void) {
    long count = bytes_free() / 10 * 9 / piece;
    char *held = mmap(NULL, (size_t)count * piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (count <= 0 || held == MAP_FAILED) {
        fprintf(stderr, "ballast: there is no memory to hold\n");
        return 69;
    }
    memset(held, 1, (size_t)count * piece);
    printf("ready\n");
    fflush(stdout);
    struct timespec pause = {.tv_nsec = 20000000};
    for (;;) {
        while (count > 0 && bytes_free() < reserve) munmap(held + --count * piece, piece);
        nanosleep(&pause, NULL);
    }
}
