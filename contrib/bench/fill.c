// Fills a spool with requests that stand where Billhook would have brought them, without running it: a million of them in
// half a minute. No daemon may serve the spool meanwhile.
//
// Usage: fill SPOOL incoming COUNT WIDTH
//        fill SPOOL done COUNT WIDTH SUBSCRIPTION
//        fill SPOOL waiting COUNT WIDTH SUBSCRIPTION FIRST SPAN
//
// incoming  dropped, and not claimed yet
// done      processed a moment ago and delivered to SUBSCRIPTION, with .invoice and .attempts
// waiting   in processing/, one attempt to SUBSCRIPTION refused, the next due between FIRST and FIRST + SPAN seconds from now
//
// Keys are WIDTH characters long: f and a number. The customer is called like the subscription, so that a filter can tell
// these requests from others; of those in incoming/ it is "fill".

#define _GNU_SOURCE
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char request[256];
static const char *subscription;

static void fail(const char *what) {
    perror(what);
    exit(74);
}

static void hash(char *digits, int bytes, const char *text) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)text, strlen(text), digest);
    for (int i = 0; i < bytes; i++) sprintf(digits + 2 * i, "%02x", digest[i]);
}

static void moment(char *text, size_t size, int64_t milliseconds) {
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm parts;
    size_t length = strftime(text, size, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &parts));
    snprintf(text + length, size - length, ".%03dZ", (int)(milliseconds % 1000));
}

// A file, and its modification time if that is not 0.
static void put(int directory, const char *key, const char *suffix, const char *text, int64_t modified) {
    char name[300];
    snprintf(name, sizeof name, "%s.json%s", key, suffix);
    int file = openat(directory, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    size_t size = strlen(text);
    if (file < 0 || write(file, text, size) != (ssize_t)size) fail(name);
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                {.tv_sec = (time_t)(modified / 1000), .tv_nsec = (long)(modified % 1000) * 1000000}};
    if (modified > 0 && futimens(file, times)) fail(name);
    close(file);
}

// The sidecars of a processed request; `due` is 0 for one that was delivered.
static void put_sidecars(int directory, const char *key, int64_t at, int64_t due) {
    char id[33], request_hash[65], delivery[33], event[64], text[1024], processed[40], next[40];
    hash(id, 16, key);
    hash(request_hash, 32, request);
    snprintf(event, sizeof event, "invoice.processed inv_%s", id);
    snprintf(text, sizeof text, "billhook delivery %zu %s %s", strlen(event), event, subscription);
    hash(delivery, 16, text);
    moment(processed, sizeof processed, at);
    moment(next, sizeof next, due);
    snprintf(text, sizeof text,
             "{\"id\":\"inv_%s\",\"key\":\"%s\",\"status\":\"processed\",\"customer_id\":\"%s\",\"amount_cents\":1000,"
             "\"currency\":\"USD\",\"subtotal_cents\":1000,\"tax_cents\":0,\"total_cents\":1000,\"created_at\":\"%s\","
             "\"processed_at\":\"%s\",\"request_sha256\":\"%s\"}\n",
             id, key, subscription, processed, processed, request_hash);
    put(directory, key, ".invoice", text, 0);
    int length = snprintf(text, sizeof text,
                          "{\"delivery_id\":\"dlv_%s\",\"subscription\":\"%s\",\"event\":\"invoice.processed\",\"attempt\":1,"
                          "\"started_at\":\"%s\",\"duration_ms\":1,",
                          delivery, subscription, processed);
    if (due > 0) {
        snprintf(text + length, sizeof text - (size_t)length,
                 "\"outcome\":\"error\",\"error\":\"connect_refused\",\"next_attempt_at\":\"%s\"}\n", next);
    } else {
        snprintf(text + length, sizeof text - (size_t)length, "\"outcome\":\"delivered\",\"http_status\":204}\n");
    }
    put(directory, key, ".attempts", text, due);
}

int main(int count, char **arguments) {
    const char *state = count > 2 ? arguments[2] : "";
    int is_waiting = !strcmp(state, "waiting"), is_incoming = !strcmp(state, "incoming");
    if (count != (is_waiting ? 8 : is_incoming ? 5 : 6) || (!is_waiting && !is_incoming && strcmp(state, "done"))) {
        fprintf(stderr, "usage: fill SPOOL incoming|done|waiting COUNT WIDTH [SUBSCRIPTION [FIRST SPAN]]\n");
        return 64;
    }
    if (chdir(arguments[1])) fail(arguments[1]);
    int directory = open(is_waiting ? "processing" : state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) fail(state);
    long files = atol(arguments[3]);
    int width = atoi(arguments[4]);
    subscription = count > 5 ? arguments[5] : "fill";
    snprintf(request, sizeof request, "{\"customer_id\":\"%.100s\",\"amount_cents\":1000,\"currency\":\"USD\"}\n", subscription);
    int64_t now = (int64_t)time(NULL) * 1000;
    int64_t first = is_waiting ? now + atol(arguments[6]) * 1000 : 0, span = is_waiting ? atol(arguments[7]) * 1000 : 0;
    char key[256];
    for (long i = 0; i < files; i++) {
        snprintf(key, sizeof key, "f%0*ld", width < 2 ? 1 : width > 200 ? 199 : width - 1, i);
        // Spread by a step that no directory order follows.
        int64_t due = is_waiting ? first + (int64_t)((uint64_t)i * 7919 % (uint64_t)files * (uint64_t)span / (uint64_t)files) : 0;
        if (!is_incoming) put_sidecars(directory, key, now, due);
        put(directory, key, "", request, 0);
    }
    return 0;
}
