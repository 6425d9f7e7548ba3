// System calls by their numbers, for the tests that try what a sandbox forbids.
#ifndef SEALRING_CPROBE_H
#define SEALRING_CPROBE_H

#ifdef __linux__
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/// The `errno` of the call, or 0.
static inline int probe(long number, long first, long second, long third) {
    return syscall(number, first, second, third, 0, 0, 0) < 0 ? errno : 0;
}

static const long probe_execve = SYS_execve;
static const long probe_execveat = SYS_execveat;
static const long probe_ptrace = SYS_ptrace;
static const long probe_getppid = SYS_getppid;
static const long probe_kill = SYS_kill;
static const long probe_tgkill = SYS_tgkill;
static const long probe_fcntl = SYS_fcntl;
static const long probe_chdir = SYS_chdir;
static const long probe_clone = SYS_clone;
static const long probe_connect = SYS_connect;
static const long probe_prctl = SYS_prctl;
static const long probe_sendmsg = SYS_sendmsg;
static const long probe_pidfd_open = 434;
#ifdef __x86_64__
/// `getpid` in the numbering of the x32 ABI.
static const long probe_x32_getpid = 0x40000000 + SYS_getpid;
#else
static const long probe_x32_getpid = 0;
#endif

/// The id of the calling thread.
static inline long probe_thread(void) { return syscall(SYS_gettid); }

static inline int probe_socket(int family) {
    int made = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0) return errno;
    close(made);
    return 0;
}

/// Maps a page with these rights; with `later`, maps it to be written and changes it then.
static inline int probe_map(int rights, int later) {
    void *page = mmap(0, 4096, later ? PROT_READ | PROT_WRITE : rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return errno;
    int result = later && mprotect(page, 4096, rights) != 0 ? errno : 0;
    munmap(page, 4096);
    return result;
}

static inline int probe_open(const char *path, int flags) {
    int file = open(path, flags | O_CLOEXEC, 0600);
    if (file < 0) return errno;
    close(file);
    return 0;
}
#endif
#endif
