#include "CWipingMemory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/// The most bytes at once.
#define WIPING_LIMIT ((size_t)32 << 20)

// The size stands before the bytes; 16 keeps their alignment.
#define WIPING_HEAD ((size_t)16)

// The library looks names up in a thread of its own.
static _Atomic size_t wiping_total;

void *wiping_malloc(size_t count) {
    if (count > WIPING_LIMIT) return NULL;
    if (atomic_fetch_add(&wiping_total, count) > WIPING_LIMIT - count) {
        atomic_fetch_sub(&wiping_total, count);
        return NULL;
    }
    unsigned char *start = (unsigned char *)malloc(count + WIPING_HEAD);
    if (start == NULL) {
        atomic_fetch_sub(&wiping_total, count);
        return NULL;
    }
    memcpy(start, &count, sizeof count);
    return start + WIPING_HEAD;
}

void wiping_free(void *bytes) {
    if (bytes == NULL) return;
    unsigned char *start = (unsigned char *)bytes - WIPING_HEAD;
    size_t count;
    memcpy(&count, start, sizeof count);
    atomic_fetch_sub(&wiping_total, count);
    memset(bytes, 0, count);
    // Keeps the compiler from leaving out a write that nobody reads.
    __asm__ __volatile__("" : : "r"(bytes) : "memory");
    free(start);
}

void *wiping_realloc(void *bytes, size_t count) {
    if (bytes == NULL) return wiping_malloc(count);
    size_t old;
    memcpy(&old, (unsigned char *)bytes - WIPING_HEAD, sizeof old);
    if (count == 0) {
        wiping_free(bytes);
        return NULL;
    }
    void *larger = wiping_malloc(count);
    if (larger == NULL) return NULL;
    memcpy(larger, bytes, old < count ? old : count);
    wiping_free(bytes);
    return larger;
}

void *wiping_calloc(size_t count, size_t size) {
    if (size != 0 && count > WIPING_LIMIT / size) return NULL;
    void *bytes = wiping_malloc(count * size);
    if (bytes != NULL) memset(bytes, 0, count * size);
    return bytes;
}

char *wiping_strdup(const char *text) {
    size_t count = strlen(text) + 1;
    char *copy = (char *)wiping_malloc(count);
    if (copy != NULL) memcpy(copy, text, count);
    return copy;
}
