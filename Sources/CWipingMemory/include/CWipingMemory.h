// Memory for libraries that copy what passes through them: bounded in all, and wiped before it is given back.
#ifndef SEALRING_CWIPINGMEMORY_H
#define SEALRING_CWIPINGMEMORY_H

#include <stddef.h>

void *wiping_malloc(size_t count);
void wiping_free(void *bytes);
void *wiping_realloc(void *bytes, size_t count);
void *wiping_calloc(size_t count, size_t size);
char *wiping_strdup(const char *text);

#endif
