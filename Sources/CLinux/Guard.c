#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { most_groups = 1024 };

static void note(int32_t *groups, int *count, int32_t number) {
    if (number > 0 && *count < most_groups) {
        groups[(*count)++] = number;
    }
    for (int place = 0; number < 0 && place < *count; place++) {
        if (groups[place] == -number) {
            groups[place] = groups[--*count];
            return;
        }
    }
}

/* After fork(2), so only what signal-safety(7) lists is called. */
static _Noreturn void guard(int input) {
    static int32_t groups[most_groups];
    int count = 0;
    int32_t number;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setsid();
    prctl(PR_SET_NAME, "billhook-guard", 0, 0, 0);
    if (chdir("/") == -1 || dup2(input, 0) == -1 || close_range(1, ~0U, 0) == -1) {
        _exit(1);
    }
    for (;;) {
        ssize_t size = read(0, &number, sizeof number);
        if (size == sizeof number) {
            note(groups, &count, number);
        } else if (size != -1 || errno != EINTR) {
            break;
        }
    }
    for (int place = 0; place < count; place++) {
        kill(-groups[place], SIGKILL);
    }
    _exit(0);
}

int clinux_fork_guard(int *pipe_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1) {
        return -1;
    }
    pid_t child = fork();
    if (child == 0) {
        guard(ends[0]);
    }
    close(ends[0]);
    if (child == -1) {
        int code = errno;
        close(ends[1]);
        errno = code;
        return -1;
    }
    *pipe_end = ends[1];
    return child;
}
