// Waits until nothing is under way in a spool: no request stands in incoming/ or processing/.
//
// Usage: settled SPOOL SECONDS      exits with 75 when it has waited for SECONDS
//
// Looks every 2 ms, at the first few names only, so that whoever is measured hardly feels it: a look takes 5 µs. A find(1) every
// 20 ms in its place cost 8 % of Billhook's CPU and a sixth of its rate: it is a process to be started, and it reads 32 KiB of
// names at a time, for which renames in that directory wait.

#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
    perror(what);
    exit(74);
}

// getdents64(2) and not readdir(3), which has a buffer of 32 KiB.
static int has_request(const char *directory) {
    char bytes[1024] __attribute__((aligned(8)));
    int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), found = 0;
    long size = 0;
    if (file < 0) fail("settled: can't open a directory");
    while (!found && (size = syscall(SYS_getdents64, file, bytes, sizeof bytes)) > 0) {
        for (long at = 0; at < size && !found;) {
            struct dirent64 *entry = (struct dirent64 *)(bytes + at);
            size_t length = strlen(entry->d_name);
            found = length > 5 && !strcmp(entry->d_name + length - 5, ".json");
            at += entry->d_reclen;
        }
    }
    if (size < 0) fail("settled: can't read a directory");
    close(file);
    return found;
}

int main(int count, char **arguments) {
    if (count != 3 || chdir(arguments[1])) {
        fprintf(stderr, "usage: settled SPOOL SECONDS\n");
        return 64;
    }
    struct timespec pause = {.tv_nsec = 2000000};
    for (long looks = atol(arguments[2]) * 500; looks > 0; looks--) {
        // In this order: a request goes only from the first to the second, so none is missed in between.
        if (!has_request("incoming") && !has_request("processing")) return 0;
        nanosleep(&pause, NULL);
    }
    return 75;
}
