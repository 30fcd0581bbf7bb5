// libinotifytools has no .pc file, so the module map names the library, and what Swift cannot import stands here.
#ifndef BILLHOOK_CINOTIFYTOOLS_H
#define BILLHOOK_CINOTIFYTOOLS_H

#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/vfs.h>

#include <inotifytools/inotifytools.h>

// `name` is a flexible array member, which Swift does not import.
static inline const unsigned char *billhook_event_name(const struct inotify_event *event) {
    return (const unsigned char *)event->name;
}

// The kernel pads names with zero bytes, so `len` is not the length of the name.
static inline size_t billhook_event_name_length(const struct inotify_event *event) {
    return strnlen(event->name, event->len);
}

// The flags are an anonymous enum, which Swift would import as constants of another type than the parameter's.
static inline int billhook_eventfd(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

// The kind of the file system a path stands on (`f_type`, statfs(2)), or 0 where that cannot be told. The type of
// `f_type` differs between architectures.
static inline unsigned long billhook_filesystem_type(const char *path) {
    struct statfs info;
    return statfs(path, &info) == 0 ? (unsigned long)info.f_type & 0xffffffffUL : 0;
}

#endif
