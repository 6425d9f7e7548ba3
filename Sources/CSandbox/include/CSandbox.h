// Landlock and seccomp, which the C library has no functions for. Header only: each function is a few calls.
#ifndef SEALRING_CSANDBOX_H
#define SEALRING_CSANDBOX_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __linux__
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Keeps this process, and what it could start, from gaining rights. Landlock and seccomp ask for it.
static inline int sandbox_forbid_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

/// The version of Landlock that the kernel has, or -1.
static inline int sandbox_landlock_version(void) {
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

// Rights of later kernels than those whose headers this may be built with.
#define SANDBOX_REFER (1ULL << 13)
#define SANDBOX_TRUNCATE (1ULL << 14)
#define SANDBOX_IOCTL_DEVICE (1ULL << 15)

struct sandbox_ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scopes;
};

/// A ruleset that forbids all that this version of Landlock knows, until rules are added; a descriptor, or -1.
static inline int sandbox_landlock_create(int version) {
    struct sandbox_ruleset rules = {(1ULL << 13) - 1, 0, 0};
    if (version >= 2) rules.files |= SANDBOX_REFER;
    if (version >= 3) rules.files |= SANDBOX_TRUNCATE;
    if (version >= 5) rules.files |= SANDBOX_IOCTL_DEVICE;
    if (version >= 4) rules.network = 3;
    // Abstract sockets and signals to processes outside.
    if (version >= 6) rules.scopes = 3;
    size_t count = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    return (int)syscall(SYS_landlock_create_ruleset, &rules, count, 0);
}

/// Lets the files in a directory be read.
static inline uint64_t sandbox_read_rights(void) {
    return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
}

/// Lets the files in a directory be made, written, replaced and removed.
static inline uint64_t sandbox_write_rights(int version) {
    uint64_t rights = sandbox_read_rights() | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE
        | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR;
    if (version >= 2) rights |= SANDBOX_REFER;
    if (version >= 3) rights |= SANDBOX_TRUNCATE;
    return rights;
}

/// Lets the files in a directory be removed.
static inline uint64_t sandbox_remove_rights(void) { return LANDLOCK_ACCESS_FS_REMOVE_FILE; }

// The system's header shows it to GNU sources only.
#ifndef O_PATH
#define O_PATH 010000000
#endif

static inline int sandbox_landlock_allow(int ruleset, const char *path, uint64_t rights) {
    int directory = open(path, O_PATH | O_CLOEXEC | O_DIRECTORY);
    if (directory < 0) return -1;
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = directory};
    int result = (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    int code = errno;
    close(directory);
    errno = code;
    return result;
}

static inline int sandbox_landlock_enforce(int ruleset) {
    int result = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
    int code = errno;
    close(ruleset);
    errno = code;
    return result;
}

#if defined(__x86_64__)
#define SANDBOX_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SANDBOX_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define SANDBOX_FIELD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define SANDBOX_ARGUMENT(index) \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 8 * (index))
#define SANDBOX_RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define SANDBOX_ALLOW(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), SANDBOX_RETURN(SECCOMP_RET_ALLOW)
#define SANDBOX_KILL(name) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), SANDBOX_RETURN(SECCOMP_RET_KILL_PROCESS)
/// Memory that is mapped or changed to be executable is refused.
#define SANDBOX_NOT_EXECUTABLE(name) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 4), SANDBOX_ARGUMENT(2), \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), SANDBOX_RETURN(SECCOMP_RET_ERRNO | EPERM), \
        SANDBOX_RETURN(SECCOMP_RET_ALLOW)

/// The call may name this process and no other one.
#define SANDBOX_OWN_PROCESS(name, process) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 4), SANDBOX_ARGUMENT(0), \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (process), 1, 0), SANDBOX_RETURN(SECCOMP_RET_ERRNO | EPERM), \
        SANDBOX_RETURN(SECCOMP_RET_ALLOW)
// The system's header shows them to GNU sources only.
#define SANDBOX_SET_OWNER 8
#define SANDBOX_SET_SIGNAL 10
#define SANDBOX_SET_OWNER_EX 15
/// A descriptor may not be made to send signals, which could go to any process.
#define SANDBOX_NO_SIGNALS(name) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 6), SANDBOX_ARGUMENT(1), \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SANDBOX_SET_OWNER, 2, 0), \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SANDBOX_SET_SIGNAL, 1, 0), \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SANDBOX_SET_OWNER_EX, 0, 1), \
        SANDBOX_RETURN(SECCOMP_RET_ERRNO | EPERM), SANDBOX_RETURN(SECCOMP_RET_ALLOW)

/// Allows the calls that a running agent makes, and no other: no socket, no program, no tracing.
static inline int sandbox_filter_calls(void) {
#ifdef SANDBOX_ARCHITECTURE
    uint32_t process = (uint32_t)getpid();
    struct sock_filter program[] = {
        SANDBOX_FIELD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SANDBOX_ARCHITECTURE, 1, 0),
        SANDBOX_RETURN(SECCOMP_RET_KILL_PROCESS),
        SANDBOX_FIELD(nr),
#ifdef __x86_64__
        // The calls of the x32 ABI are other names for the same ones.
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
        SANDBOX_RETURN(SECCOMP_RET_KILL_PROCESS),
        SANDBOX_ALLOW(poll),
        SANDBOX_ALLOW(open),
        SANDBOX_ALLOW(stat),
        SANDBOX_ALLOW(lstat),
        SANDBOX_ALLOW(rename),
        SANDBOX_ALLOW(unlink),
        SANDBOX_ALLOW(mkdir),
        SANDBOX_ALLOW(readlink),
#endif
        // What each request needs, first.
        SANDBOX_ALLOW(read),
        SANDBOX_ALLOW(close),
        SANDBOX_ALLOW(openat),
        SANDBOX_ALLOW(fstat),
        SANDBOX_ALLOW(newfstatat),
        SANDBOX_ALLOW(accept4),
        SANDBOX_ALLOW(getsockopt),
        SANDBOX_ALLOW(sendto),
        SANDBOX_ALLOW(recvfrom),
        SANDBOX_ALLOW(ppoll),
        SANDBOX_ALLOW(timerfd_settime),
        SANDBOX_ALLOW(clock_gettime),
        // Reading a vault that has changed.
        SANDBOX_NOT_EXECUTABLE(mmap),
        SANDBOX_NOT_EXECUTABLE(mprotect),
        SANDBOX_ALLOW(munmap),
        SANDBOX_ALLOW(mremap),
        SANDBOX_ALLOW(brk),
        SANDBOX_ALLOW(madvise),
        SANDBOX_ALLOW(mlock),
        SANDBOX_ALLOW(munlock),
        SANDBOX_ALLOW(memfd_secret),
        SANDBOX_ALLOW(ftruncate),
        SANDBOX_ALLOW(getrandom),
        SANDBOX_ALLOW(futex),
        // Remembering its state.
        SANDBOX_ALLOW(write),
        SANDBOX_ALLOW(flock),
        SANDBOX_ALLOW(fsync),
        SANDBOX_ALLOW(fdatasync),
        SANDBOX_ALLOW(renameat),
        SANDBOX_ALLOW(renameat2),
        SANDBOX_ALLOW(unlinkat),
        SANDBOX_ALLOW(mkdirat),
        SANDBOX_ALLOW(readlinkat),
        SANDBOX_ALLOW(getdents64),
        SANDBOX_ALLOW(lseek),
        SANDBOX_NO_SIGNALS(fcntl),
        SANDBOX_ALLOW(getpid),
        SANDBOX_ALLOW(geteuid),
        SANDBOX_ALLOW(nanosleep),
        SANDBOX_ALLOW(clock_nanosleep),
        // Ending, and ending by a crash.
        SANDBOX_ALLOW(rt_sigprocmask),
        SANDBOX_ALLOW(rt_sigaction),
        SANDBOX_ALLOW(rt_sigreturn),
        SANDBOX_ALLOW(restart_syscall),
        SANDBOX_ALLOW(gettid),
        SANDBOX_OWN_PROCESS(tgkill, process),
        SANDBOX_ALLOW(exit),
        SANDBOX_ALLOW(exit_group),
        // Nothing that works honestly asks for these.
        SANDBOX_KILL(execve),
        SANDBOX_KILL(execveat),
        SANDBOX_KILL(ptrace),
        SANDBOX_RETURN(SECCOMP_RET_ERRNO | EPERM),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
#else
    errno = ENOSYS;
    return -1;
#endif
}

#endif
#endif
