// The floor: the system calls and the requests that an invoice costs Billhook at the least, and no logic. Nothing is checked,
// decided, retried or told; no JSON is read, nothing is hashed or signed.
//
// Usage: floor SPOOL URL COUNT process|full|each|asking
//
// Hears of drops by inotify, as Billhook does, and ends when COUNT invoices are in done/. One thread for the files, one for curl.
// Per invoice: open, fstat, lease, read, rename to processing/; create, write, close .invoice; POST through curl's multi
// interface, 64 at a time, keep-alive; open, write, close .attempts; three renames to done/.
//
// process   nothing is flushed
// full      group commit: what came together is written, then flushed by one syncfs(2)
// each      one flush after another, each file and its directory, without any group
// asking    nothing is flushed, and all that Billhook asks of the file system is asked, and nothing done about the answers:
//           its very calls, one for one, by which it keeps what is promised of keys that are taken and of people's moves
//
// Prints "SECONDS CPU_SECONDS": from the first drop to the last rename, and what the process used.

#define _GNU_SOURCE
#include <curl/curl.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { at_a_time = 64, group = 256, name_size = 64 };
enum durability { process, full, each, asking };

struct queue {
    pthread_mutex_t mutex;
    char (*names)[name_size];
    size_t first, end;
};

static struct queue to_post, to_settle;
static int incoming, processing, done, hold, dead, wake;
static long wanted, settled;
static enum durability durability;
static const char *url;
static CURLM *multi;
static struct timespec began;

static void fail(const char *what) {
    perror(what);
    exit(74);
}

static void push(struct queue *queue, const char *name) {
    pthread_mutex_lock(&queue->mutex);
    strcpy(queue->names[queue->end++], name);
    pthread_mutex_unlock(&queue->mutex);
}

static const char *pop(struct queue *queue) {
    const char *name = NULL;
    pthread_mutex_lock(&queue->mutex);
    if (queue->first < queue->end) name = queue->names[queue->first++];
    pthread_mutex_unlock(&queue->mutex);
    return name;
}

// Files

static void keep(int file) {
    if (durability == each && fsync(file)) fail("floor: fsync");
    close(file);
}

// One call flushes the group: of fsync(2) per file, even those that another's commit made durable wait for the disk once more.
static void flush(int directory) {
    if (durability == each && fsync(directory)) fail("floor: fsync");
    if (durability == full && syncfs(directory)) fail("floor: syncfs");
}

// Asks what floors do not need to know, when this one is to.
static void ask_of(int directory, const char *name, const char *suffix) {
    char full_name[name_size + 16];
    if (durability != asking) return;
    snprintf(full_name, sizeof full_name, "%s%s", name, suffix);
    faccessat(directory, full_name, F_OK, AT_SYMLINK_NOFOLLOW);
}

static void look_at(int directory, const char *name) {
    struct stat status;
    if (durability == asking) fstatat(directory, name, &status, *name ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH);
}

// Before a row of claims and after it.
static void look_at_parked(void) {
    look_at(hold, "");
    look_at(dead, "");
}

static int create(int directory, const char *name, int flags) {
    int file = openat(directory, name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
    if (file < 0) fail("floor: create");
    return file;
}

static void fill(int file, const char *text, size_t size) {
    if (write(file, text, size) != (ssize_t)size) fail("floor: write");
    keep(file);
}

static void write_file(int directory, const char *name, int flags, const char *text, size_t size) {
    fill(create(directory, name, flags), text, size);
}

#define INVOICE                                                                                                            \
    "{\"id\":\"inv_a5d7819cbad6e8a134d1f5ffd53d7b59\",\"key\":\"k00000000007\",\"status\":\"processed\",\"customer_id\":"       \
    "\"cust-7\",\"amount_cents\":4900,\"currency\":\"USD\",\"subtotal_cents\":4900,\"tax_cents\":0,\"total_cents\":4900,"      \
    "\"created_at\":\"2026-11-21T09:59:34.226Z\",\"processed_at\":\"2026-11-21T09:59:34.226Z\",\"request_sha256\":"             \
    "\"4dd06b72200436d8de9a4b79211bf82342013f794ef30245481df6521e13939f\"}"

static const char invoice[] = INVOICE "\n";
static const char body[] =
    "{\"type\":\"invoice.processed\",\"timestamp\":\"2026-11-21T09:59:34.226Z\",\"data\":" INVOICE "}";
static const char attempt[] =
    "{\"delivery_id\":\"dlv_0c66434c5d7abd6c2a21117c890f5cd4\",\"subscription\":\"a\",\"event\":\"invoice.processed\",\"attempt\""
    ":1,\"started_at\":\"2026-11-21T13:41:17.116Z\",\"duration_ms\":3,\"outcome\":\"delivered\",\"http_status\":204}\n";

// Returns 0 if the file has gone: it was both heard of and found.
static int claim(const char *name) {
    char text[4096], sidecar[name_size + 16];
    struct stat status;
    look_at(incoming, name);
    int file = openat(incoming, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) return 0;
    if (fstat(file, &status) || fcntl(file, F_SETLEASE, F_RDLCK) || pread(file, text, sizeof text, 0) < 0) fail("floor: read");
    ask_of(done, name, "");
    ask_of(done, name, ".invoice");
    ask_of(incoming, name, ".invoice");
    snprintf(sidecar, sizeof sidecar, "%s.invoice", name);
    // Billhook makes it before the rename, and asks by that whether there is one.
    int made = durability == asking ? create(processing, sidecar, O_EXCL) : -1;
    if (renameat2(incoming, name, processing, name, RENAME_NOREPLACE)) fail("floor: claim");
    look_at(processing, name);
    if (fcntl(file, F_SETLEASE, F_UNLCK)) fail("floor: lease");
    keep(file);
    fill(made < 0 ? create(processing, sidecar, O_TRUNC) : made, invoice, sizeof invoice - 1);
    if (durability == each) flush(processing);
    return 1;
}

static void move_to_done(const char *name) {
    if (renameat2(processing, name, done, name, RENAME_NOREPLACE)) fail("floor: settle");
}

static void settle(const char *name) {
    char sidecar[name_size + 16];
    snprintf(sidecar, sizeof sidecar, "%s.attempts", name);
    if (durability != asking) move_to_done(sidecar);
    snprintf(sidecar, sizeof sidecar, "%s.invoice", name);
    move_to_done(sidecar);
    move_to_done(name);
    if (durability == each) flush(done);
    settled++;
}

static void settle_group(void) {
    const char *names[group];
    int count = 0;
    while (count < group && (names[count] = pop(&to_settle))) count++;
    if (count == 0) return;
    for (int i = 0; i < count; i++) {
        char sidecar[name_size + 16];
        snprintf(sidecar, sizeof sidecar, "%s.attempts", names[i]);
        ask_of(processing, names[i], "");
        // Where nothing is flushed in between, Billhook writes it in done/ at once, and spares the rename.
        if (durability == asking) write_file(done, sidecar, O_EXCL, attempt, sizeof attempt - 1);
        else write_file(processing, sidecar, O_APPEND, attempt, sizeof attempt - 1);
    }
    if (durability == full) flush(processing);
    for (int i = 0; i < count; i++) settle(names[i]);
    if (durability == full) flush(done);
}

static void claim_group(char names[][name_size], int count) {
    int claimed = 0;
    look_at_parked();
    for (int i = 0; i < count; i++) {
        if (claim(names[i])) memmove(names[claimed++], names[i], name_size);
    }
    if (claimed == 0) return;
    look_at_parked();
    if (durability == full) flush(processing);
    for (int i = 0; i < claimed; i++) push(&to_post, names[i]);
    curl_multi_wakeup(multi);
}

// What the queue of events had no room for.
static void scan(char names[][name_size]) {
    DIR *directory = opendir("incoming");
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.') continue;
        snprintf(names[count++], name_size, "%.63s", entry->d_name);
        if (count < group) continue;
        claim_group(names, count);
        settle_group();
        count = 0;
    }
    claim_group(names, count);
    closedir(directory);
}

static void take_events(int watch, char names[][name_size]) {
    static char bytes[64 * 1024] __attribute__((aligned(8)));
    ssize_t size = read(watch, bytes, 48 * group);
    int count = 0, overflowed = 0;
    if (size > 0 && began.tv_sec == 0) clock_gettime(CLOCK_MONOTONIC, &began);
    for (char *at = bytes; at < bytes + size;) {
        struct inotify_event *event = (struct inotify_event *)at;
        if (event->mask & IN_Q_OVERFLOW) overflowed = 1;
        if (event->len > 0) snprintf(names[count++], name_size, "%.63s", event->name);
        at += sizeof *event + event->len;
        if (count == group) {
            claim_group(names, count);
            count = 0;
        }
    }
    claim_group(names, count);
    if (overflowed) scan(names);
}

static void *files(void *unused) {
    static char names[group][name_size];
    int watch = *(int *)unused;
    struct pollfd polled[2] = {{.fd = watch, .events = POLLIN}, {.fd = wake, .events = POLLIN}};
    while (settled < wanted) {
        poll(polled, 2, -1);
        if (polled[1].revents) {
            uint64_t number;
            if (read(wake, &number, sizeof number) < 0) fail("floor: wake");
        }
        settle_group();
        // More than one group may have come together.
        while (to_settle.first < __atomic_load_n(&to_settle.end, __ATOMIC_RELAXED)) settle_group();
        if (polled[0].revents) take_events(watch, names);
    }
    return NULL;
}

// Requests

static CURL *easy[at_a_time];
static const char *in_flight[at_a_time];

static size_t swallow(char *bytes, size_t size, size_t count, void *unused) {
    (void)bytes, (void)unused;
    return size * count;
}

static struct curl_slist *headers(void) {
    struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json");
    list = curl_slist_append(list, "Expect:");
    list = curl_slist_append(list, "User-Agent: Billhook/0.1.0");
    list = curl_slist_append(list, "X-Event-Type: invoice.processed");
    list = curl_slist_append(list, "X-Delivery-ID: dlv_0c66434c5d7abd6c2a21117c890f5cd4");
    return curl_slist_append(list, "X-Attempt: 1");
}

static void prepare(CURL *handle, long slot, struct curl_slist *list) {
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, (long)sizeof body - 1);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PRIVATE, (char *)slot);
}

// Starts what there is to post in the slots that are free; the curl handle of each is reused.
static int post_waiting(int busy, struct curl_slist *list) {
    for (long slot = 0; slot < at_a_time && busy < at_a_time; slot++) {
        if (in_flight[slot]) continue;
        if (!(in_flight[slot] = pop(&to_post))) return busy;
        if (!easy[slot]) prepare(easy[slot] = curl_easy_init(), slot, list);
        curl_multi_add_handle(multi, easy[slot]);
        busy++;
    }
    return busy;
}

static void *requests(void *unused) {
    struct curl_slist *list = headers();
    int busy = 0, running, left;
    (void)unused;
    for (long posted = 0; posted < wanted;) {
        busy = post_waiting(busy, list);
        curl_multi_perform(multi, &running);
        int ended = 0;
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)); ended++) {
            char *slot;
            CURL *handle = message->easy_handle;
            if (message->data.result != CURLE_OK) {
                fprintf(stderr, "floor: %s\n", curl_easy_strerror(message->data.result));
                exit(69);
            }
            curl_easy_getinfo(handle, CURLINFO_PRIVATE, &slot);
            curl_multi_remove_handle(multi, handle);
            push(&to_settle, in_flight[(long)slot]);
            in_flight[(long)slot] = NULL;
        }
        busy -= ended;
        posted += ended;
        if (ended > 0 && eventfd_write(wake, 1)) fail("floor: wake");
        if (ended == 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    return NULL;
}

static double seconds(struct timespec from) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - from.tv_sec) + (double)(now.tv_nsec - from.tv_nsec) / 1e9;
}

int main(int count, char **arguments) {
    if (count != 5 || chdir(arguments[1])) {
        fprintf(stderr, "usage: floor SPOOL URL COUNT process|full|each|asking\n");
        return 64;
    }
    url = arguments[2];
    wanted = atol(arguments[3]);
    const char *mode = arguments[4];
    durability = !strcmp(mode, "full") ? full : !strcmp(mode, "each") ? each : !strcmp(mode, "asking") ? asking : process;
    incoming = open("incoming", O_RDONLY | O_DIRECTORY);
    processing = open("processing", O_RDONLY | O_DIRECTORY);
    done = open("done", O_RDONLY | O_DIRECTORY);
    hold = open("hold", O_RDONLY | O_DIRECTORY);
    dead = open("dead", O_RDONLY | O_DIRECTORY);
    wake = eventfd(0, 0);
    for (struct queue *queue = &to_post;; queue = &to_settle) {
        pthread_mutex_init(&queue->mutex, NULL);
        queue->names = malloc((size_t)(wanted + 1) * name_size);
        if (queue == &to_settle) break;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)at_a_time);
    int watch = inotify_init();
    if (durability == asking && (hold < 0 || dead < 0)) fail("floor: open");
    if (incoming < 0 || processing < 0 || done < 0 || inotify_add_watch(watch, "incoming", IN_MOVED_TO) < 0) fail("floor: open");
    printf("ready\n");
    fflush(stdout);
    pthread_t poster;
    pthread_create(&poster, NULL, requests, NULL);
    files(&watch);
    double took = seconds(began);
    pthread_join(poster, NULL);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%.3f %.3f\n", took, (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
        (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6);
    return 0;
}
