/* The Linux calls that Swift's Glibc module does not show: they need _GNU_SOURCE, are variadic, or are macros.
 * Each is the call itself under a typed name; errors come back as -1 and errno, as everywhere in the C library. */
#ifndef BILLHOOK_CLINUX_H
#define BILLHOOK_CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* openat(2) with its mode always given. */
int clinux_openat(int directory, const char *name, int flags, unsigned mode);

/* renameat2(2) with RENAME_NOREPLACE: EEXIST if the target stands, EINVAL where the file system has no such rename. */
int clinux_rename_noreplace(int from_directory, const char *from, int to_directory, const char *to);

/* renameat2(2) with RENAME_EXCHANGE: both names stand before and after, so no directory entry is needed for it. */
int clinux_rename_exchange(int directory, const char *a, const char *b);

/* close_range(2) on everything from `first` on, at the exec that follows: until then nothing changes. */
int clinux_close_at_exec(unsigned first);

/* syncfs(2): writes everything on the file system that the descriptor is on, whoever wrote it. */
int clinux_syncfs(int descriptor);

/* Whether a failure of what syncfs(2) writes is told by its result on this descriptor: 1 on ext4, XFS and btrfs since Linux
 * 5.17 (5.8 for data, 5.17 for what the file system itself could not write), 0 elsewhere, -1 if it can't be known. */
int clinux_syncfs_tells(int descriptor);

/* Whether fstat(2) of a directory shows each change of its names in the times at once: 1 on ext4, XFS, btrfs and tmpfs, 0
 * elsewhere, where they may be those that were asked for last (NFS, FUSE), -1 if it can't be known. */
int clinux_directory_times_tell(int descriptor);

/* Whether the descriptor is on ext4, or on an ext2 or ext3, which say the same of themselves; -1 if it can't be known. */
int clinux_is_ext4(int descriptor);

/* getdents64(2): the next entries of a directory, as many as fit, each a `struct dirent` of d_reclen bytes; 0 at the end. */
ssize_t clinux_read_entries(int descriptor, void *buffer, size_t size);

/* fcntl(2) F_SETLEASE, F_RDLCK: succeeds only while nobody has the file open for writing. Closing the descriptor gives
 * the lease back. */
int clinux_take_read_lease(int descriptor);

/* fcntl(2) F_GETLEASE: 1 if somebody waits for the read lease on this file to be given back, 0 if nobody does. */
int clinux_is_lease_wanted(int descriptor);

/* fcntl(2) F_OFD_SETLK, F_WRLCK over the whole file: EAGAIN while another open file holds it. The lock belongs to the
 * open file, so it goes with the last descriptor of it, however the process ends. */
int clinux_lock_exclusively(int descriptor);

/* fcntl(2) F_OFD_GETLK: 1 if another open file holds the lock, 0 if nobody does. Takes nothing, unlike a trial. */
int clinux_is_locked(int descriptor);

/* futimens(2) on the modification time alone. */
int clinux_set_modified(int descriptor, int64_t seconds, int64_t nanoseconds);

/* futimens(2) on both times, to now. */
int clinux_touch(int descriptor);

/* pthread_setname_np(3) on the calling thread; 15 bytes are kept. */
void clinux_name_thread(const char *name);

/* mallopt(3): blocks of a megabyte and more are given back to the system when they are freed. Otherwise the C library learns to
 * keep them, and each time a large table is enlarged the old one stays, as a gap in the heap. */
void clinux_return_large_blocks(void);

/* clock_gettime(2) of CLOCK_REALTIME, in nanoseconds since the epoch. */
int64_t clinux_now(void);

/* Forks a process that ends others when this one is gone: it reads 32-bit numbers from a pipe, a process group to take
 * note of, or minus one to forget, and when the pipe is closed it sends SIGKILL to all that it has note of and ends. It
 * holds nothing of this process but that pipe. To be called before there is a thread that opens anything: a moment long it
 * holds that, too. Returns its number, and where to write. */
int clinux_fork_guard(int *pipe_end);

/* The flags below are constants that the Glibc module leaves out or spells as macros. */
extern const int clinux_o_directory_path; /* O_RDONLY | O_DIRECTORY | O_CLOEXEC */
extern const int clinux_o_read_drop;      /* O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC */

#endif
