// A receiver of webhooks that does as little as can be, on loopback: what it costs is not what is measured.
//
// Usage: sink [PORT]      prints the port it listens on (0 or none: a free one), then serves until SIGTERM
//
// POST /hang…             is never answered
// POST /fail…             is answered 503
// POST anything else      is answered 204
// GET anything            is answered 200 with the number of POSTs answered 204 so far
//
// A request to /time… whose body holds "key":"PREFIX-NANOSECONDS" (CLOCK_MONOTONIC when the file was renamed in, see drop.c)
// is timed: at SIGTERM the sink prints "COUNT P50 P99 MAX" in microseconds, from that moment to the first byte here.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { connections = 16384, buffer_size = 16384, most_times = 4000000 };

struct connection {
    char *bytes;
    size_t count;
    int64_t began;  // when the first byte of the request now in the buffer was read
};

static struct connection table[connections];
static uint64_t answered;
static int64_t *times;
static size_t time_count;
static volatile sig_atomic_t stopped;

static void stop(int signal) {
    (void)signal;
    stopped = 1;
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int compare(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static void take_time(const char *body, int64_t began) {
    const char *key = strstr(body, "\"key\":\"");
    if (!key || time_count == most_times) return;
    key += 7;
    const char *end = strchr(key, '"');
    if (!end) return;
    while (end > key && end[-1] != '-') end--;
    int64_t sent = strtoll(end, NULL, 10);
    if (sent > 0) times[time_count++] = began - sent;
}

static void send_all(int socket, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(socket, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes += sent;
        count -= (size_t)sent;
    }
}

static void answer(int socket, char *request, char *body, int64_t began) {
    static const char no_content[] = "HTTP/1.1 204 No Content\r\n\r\n";
    static const char unavailable[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    if (!strncmp(request, "GET ", 4)) {
        char text[128], number[32];
        int digits = snprintf(number, sizeof number, "%llu\n", (unsigned long long)answered);
        int size = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", digits, number);
        send_all(socket, text, (size_t)size);
    } else if (!strncmp(request, "POST /fail", 10)) {
        send_all(socket, unavailable, sizeof unavailable - 1);
    } else if (strncmp(request, "POST /hang", 10)) {
        if (!strncmp(request, "POST /time", 10)) take_time(body, began);
        answered++;
        send_all(socket, no_content, sizeof no_content - 1);
    }
}

// Answers the whole requests in the buffer and keeps what is left over.
static void serve_buffer(int socket, struct connection *connection) {
    for (;;) {
        connection->bytes[connection->count] = 0;
        char *body = strstr(connection->bytes, "\r\n\r\n");
        if (!body) return;
        body += 4;
        char *field = strcasestr(connection->bytes, "\r\ncontent-length:");
        size_t length = field && field < body ? strtoul(field + 17, NULL, 10) : 0;
        size_t whole = (size_t)(body - connection->bytes) + length;
        if (connection->count < whole) return;
        char next = connection->bytes[whole];
        connection->bytes[whole] = 0;
        answer(socket, connection->bytes, body, connection->began);
        connection->bytes[whole] = next;
        connection->count -= whole;
        memmove(connection->bytes, connection->bytes + whole, connection->count);
    }
}

static void receive(int socket) {
    struct connection *connection = &table[socket];
    if (connection->count == 0) connection->began = now();
    ssize_t count = recv(socket, connection->bytes + connection->count, buffer_size - connection->count, 0);
    if (count <= 0 || (connection->count += (size_t)count) >= buffer_size) {
        close(socket);
        connection->count = 0;
        return;
    }
    serve_buffer(socket, connection);
}

static void take_connection(int listener, int poll) {
    int socket = accept(listener, NULL, NULL), on = 1;
    if (socket < 0) return;
    if (socket >= connections) {
        close(socket);
        return;
    }
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!table[socket].bytes) table[socket].bytes = malloc(buffer_size + 1);
    table[socket].count = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = socket};
    epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
}

static int listen_on(int port) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096)) {
        perror("sink: can't listen");
        exit(69);
    }
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int count, char **arguments) {
    int listener = listen_on(count > 1 ? atoi(arguments[1]) : 0), poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    times = malloc(sizeof *times * most_times);
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    while (!stopped) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener) take_connection(listener, poll);
            else receive(events[i].data.fd);
        }
    }
    qsort(times, time_count, sizeof *times, compare);
    if (time_count > 0) {
        printf("%zu %.0f %.0f %.0f\n", time_count, times[time_count / 2] / 1e3, times[time_count * 99 / 100] / 1e3,
               times[time_count - 1] / 1e3);
    }
    return 0;
}
