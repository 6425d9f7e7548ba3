// Takes the place of two members of the static Swift runtime. One reads /proc/self/maps before `main` to find
// the arguments, which the C library hands to every constructor. The other looks for a program that prints
// backtraces, and lets SWIFT_BACKTRACE name any program to start when this one crashes.
//
// The symbols are private to the runtime. They are hidden here as they are there, so that a program that is
// linked dynamically keeps what is inside the shared runtime. A test pins the effect by system calls.
#include "CTrimmedRuntime.h"

#if defined(__linux__)
#include <features.h>
#endif

#ifdef __GLIBC__
#include <stdbool.h>
#include <stdint.h>

#define RUNTIME __attribute__((visibility("hidden")))

static char *no_arguments[] = {0};
static char **arguments = no_arguments;
static int argument_count;

__attribute__((constructor)) static void keep_arguments(int count, char **words, char **environment) {
    (void)environment;
    if (words == 0) return;
    arguments = words;
    argument_count = count;
}

RUNTIME char **_swift_stdlib_getUnsafeArgvArgc(int *count) {
    *count = argument_count;
    return arguments;
}

// Zeros say that backtraces are off. The runtime's structure has 88 bytes.
RUNTIME const uint64_t _swift_backtraceSettings[16] = {0};

// What keeps backtraces linked into every program; nothing calls it without them.
RUNTIME bool _swift_backtrace_isThunkFunction(const char *name) {
    (void)name;
    return false;
}

#endif
