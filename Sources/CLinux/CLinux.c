#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include <linux/close_range.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>

const int clinux_o_directory_path = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
const int clinux_o_read_drop = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

int clinux_openat(int directory, const char *name, int flags, unsigned mode) {
    return openat(directory, name, flags, mode);
}

int clinux_rename_noreplace(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE);
}

int clinux_rename_exchange(int directory, const char *a, const char *b) {
    return renameat2(directory, a, directory, b, RENAME_EXCHANGE);
}

int clinux_close_at_exec(unsigned first) {
    return close_range(first, ~0U, CLOSE_RANGE_CLOEXEC);
}

int clinux_syncfs(int descriptor) {
    return syncfs(descriptor);
}

int clinux_syncfs_tells(int descriptor) {
    struct statfs system;
    struct utsname kernel;
    int major, minor;
    if (fstatfs(descriptor, &system) == -1 || uname(&kernel) == -1) {
        return -1;
    }
    if (sscanf(kernel.release, "%d.%d", &major, &minor) != 2 || major < 5 || (major == 5 && minor < 17)) {
        return 0;
    }
    switch ((unsigned)system.f_type) {
    case EXT4_SUPER_MAGIC:
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
        return 1;
    default:
        return 0;
    }
}

int clinux_directory_times_tell(int descriptor) {
    struct statfs system;
    if (fstatfs(descriptor, &system) == -1) {
        return -1;
    }
    switch ((unsigned)system.f_type) {
    case EXT4_SUPER_MAGIC:
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case TMPFS_MAGIC:
        return 1;
    default:
        return 0;
    }
}

int clinux_is_ext4(int descriptor) {
    struct statfs system;
    return fstatfs(descriptor, &system) == -1 ? -1 : (unsigned)system.f_type == EXT4_SUPER_MAGIC;
}

ssize_t clinux_read_entries(int descriptor, void *buffer, size_t size) {
    return getdents64(descriptor, buffer, size);
}

int clinux_take_read_lease(int descriptor) {
    return fcntl(descriptor, F_SETLEASE, F_RDLCK);
}

int clinux_is_lease_wanted(int descriptor) {
    int type = fcntl(descriptor, F_GETLEASE);
    return type == -1 ? -1 : type != F_RDLCK;
}

int clinux_lock_exclusively(int descriptor) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(descriptor, F_OFD_SETLK, &whole);
}

int clinux_is_locked(int descriptor) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(descriptor, F_OFD_GETLK, &whole) == -1) {
        return -1;
    }
    return whole.l_type != F_UNLCK;
}

int clinux_set_modified(int descriptor, int64_t seconds, int64_t nanoseconds) {
    struct timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = nanoseconds}};
    return futimens(descriptor, times);
}

int clinux_touch(int descriptor) {
    return futimens(descriptor, NULL);
}

int64_t clinux_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void clinux_name_thread(const char *name) {
    pthread_setname_np(pthread_self(), name);
}

void clinux_return_large_blocks(void) {
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
}
