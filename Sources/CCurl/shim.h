// libcurl for Swift: its header, and typed forms of the variadic functions, which Swift does not import.
//
// Every form has the one C type that its options take (curl_easy_setopt(3)): passing an int where libcurl reads a long is
// undefined behaviour that happens to work on most machines, so there is a function for each type and no general one.

#ifndef BILLHOOK_CCURL_SHIM_H
#define BILLHOOK_CCURL_SHIM_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>

typedef size_t (*billhook_curl_data_callback)(char *data, size_t size, size_t count, void *context);

// CURLOPTTYPE_LONG and CURLOPTTYPE_VALUES.
static inline CURLcode billhook_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

// CURLOPTTYPE_STRINGPOINT: libcurl copies the string.
static inline CURLcode billhook_curl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

// CURLOPTTYPE_OBJECTPOINT and CURLOPTTYPE_CBPOINT: libcurl keeps the pointer and never the object.
static inline CURLcode billhook_curl_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return curl_easy_setopt(easy, option, value);
}

// CURLOPTTYPE_SLISTPOINT: libcurl keeps the pointer and only reads the list.
static inline CURLcode billhook_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

// CURLOPTTYPE_OFF_T.
static inline CURLcode billhook_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

// CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
static inline CURLcode billhook_curl_set_data_callback(CURL *easy, CURLoption option, billhook_curl_data_callback value) {
    return curl_easy_setopt(easy, option, value);
}

// CURLOPT_OPENSOCKETFUNCTION.
static inline CURLcode billhook_curl_set_open_callback(CURL *easy, curl_opensocket_callback value) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, value);
}

// CURLOPT_PREREQFUNCTION.
static inline CURLcode billhook_curl_set_request_callback(CURL *easy, curl_prereq_callback value) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, value);
}

// The bytes of an address in network order: copies 4 or 16 and returns how many, 0 for a family without such an address.
// libcurl's structure is longer than declared if the address is, so Swift must not see it by value.
static inline int billhook_curl_address(const struct curl_sockaddr *from, unsigned char to[16]) {
    const void *address = &from->addr;
    if (from->family == AF_INET && from->addrlen >= sizeof(struct sockaddr_in)) {
        memcpy(to, &((const struct sockaddr_in *)address)->sin_addr, 4);
        return 4;
    }
    if (from->family == AF_INET6 && from->addrlen >= sizeof(struct sockaddr_in6)) {
        memcpy(to, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
        return 16;
    }
    return 0;
}

// CURLINFO_LONG.
static inline CURLcode billhook_curl_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

// CURLINFO_OFF_T.
static inline CURLcode billhook_curl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(easy, info, value);
}

// CURLINFO_PRIVATE, whose type is char * for historical reasons and which is really a pointer.
static inline CURLcode billhook_curl_get_pointer(CURL *easy, CURLINFO info, void **value) {
    return curl_easy_getinfo(easy, info, value);
}

// Options of a multi handle that take a long.
static inline CURLMcode billhook_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

#endif
