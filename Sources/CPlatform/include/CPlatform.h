// What Swift cannot import from the C library: variadic functions, and macros with casts.
// Header only: nothing here has state, and each function is one call.
#ifndef SEALRING_CPLATFORM_H
#define SEALRING_CPLATFORM_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <stdlib.h>
#ifdef __linux__
#include <linux/capability.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#endif

/// The words of the command line, where the program that starts keeps them: see `CEmbeddedEntry`.
char **platform_arguments(void);

/// The commit that the programs were built from, where the build was told.
static inline const char *platform_commit(void) {
#ifdef SEALRING_COMMIT
    return SEALRING_COMMIT;
#else
    return NULL;
#endif
}

static inline int platform_errno(void) { return errno; }
static inline void platform_set_errno(int code) { errno = code; }

static inline int platform_openat(int directory, const char *path, int flags, mode_t mode) {
    return openat(directory, path, flags, mode);
}

/// A store of zeros that the compiler must not drop, whatever it knows of the memory's later use.
static inline void platform_wipe(void *memory, size_t count) {
#ifdef __linux__
    explicit_bzero(memory, count);
#else
    memset_s(memory, count, 0, count);
#endif
}

/// Overwrites what calls that have returned left on the stack: libsodium hashes keys in frames that it does
/// not wipe.
__attribute__((noinline, unused)) static void platform_wipe_stack(void) {
    char frames[32 * 1024];
    platform_wipe(frames, sizeof frames);
}

/// Keeps another process of the same user from reading this one's memory, environment and descriptors.
static inline int platform_forbid_inspection(void) {
#ifdef __linux__
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#else
    return 0;
#endif
}

/// Whether this process could read any other of its user, so that no protection keeps those out of it.
static inline int platform_may_trace_all(void) {
#ifdef __linux__
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2] = {{0, 0, 0}, {0, 0, 0}};
    if (geteuid() != 0 || syscall(SYS_capget, &head, sets) != 0) return 0;
    return (sets[0].effective >> CAP_SYS_PTRACE & 1) != 0;
#else
    return 0;
#endif
}

/// The id of the process that traces this one; 0 when there is none, -1 when the system does not tell.
static inline long platform_tracer(void) {
#ifdef __linux__
    // The line stands behind six short ones.
    char text[512];
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    if (count <= 0) return -1;
    text[count] = 0;
    // No name of a program can hold a line break there: the kernel escapes it.
    const char *line = strstr(text, "\nTracerPid:");
    return line == NULL ? -1 : strtol(line + sizeof "\nTracerPid:" - 1, NULL, 10);
#else
    return 0;
#endif
}

/// Opens something useless where a standard stream is closed: the next file or socket would take its number,
/// and what is meant for the stream would be written there. Reading and writing fail there as before.
static inline int platform_occupy_streams(void) {
    struct pollfd streams[3] = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}};
    // One call tells of all three.
    if (poll(streams, 3, 0) == 0) return 0;
    for (int stream = 0; stream < 3; stream++) {
        if (fcntl(stream, F_GETFD) >= 0) continue;
        if (open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY) != stream) return -1;
    }
    return 0;
}

static inline int platform_forbid_core_dumps(void) {
    struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_CORE, &none);
}

/// What this process may not change for the programs that it becomes: core dumps and locked memory as they were set for
/// it, in bytes.
static inline void platform_soft_limits(unsigned long long *core, unsigned long long *locked) {
    struct rlimit limit = {0, 0};
    *core = getrlimit(RLIMIT_CORE, &limit) == 0 ? (unsigned long long)limit.rlim_cur : 0;
    *locked = getrlimit(RLIMIT_MEMLOCK, &limit) == 0 ? (unsigned long long)limit.rlim_cur : 0;
}

static inline void platform_set_soft_limits(unsigned long long core, unsigned long long locked) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = (rlim_t)core;
        (void)setrlimit(RLIMIT_CORE, &limit);
    }
    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
        limit.rlim_cur = (rlim_t)locked;
        (void)setrlimit(RLIMIT_MEMLOCK, &limit);
    }
}

/// As ``platform_forbid_core_dumps``, so that a program that this process becomes may have them again.
static inline int platform_forbid_own_core_dumps(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0) return -1;
    limit.rlim_cur = 0;
    return setrlimit(RLIMIT_CORE, &limit);
}

/// Lets this process lock as much memory as an unprivileged process may be given.
static inline int platform_raise_locked_memory_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return -1;
    if (limit.rlim_cur == limit.rlim_max) return 0;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_MEMLOCK, &limit);
}

/// Lets this process have as many descriptors as an unprivileged process may be given.
static inline void platform_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

#if defined(__linux__) && !defined(__GLIBC__)
/// The variables of the environment, with nil behind the last one.
static inline char **platform_environment(void) { return environ; }
#endif

/// Leaves the pages out of core dumps and out of children made by fork.
static inline int platform_keep_private(void *memory, size_t count) {
#ifdef __linux__
    if (madvise(memory, count, MADV_DONTDUMP) != 0) return -1;
    return madvise(memory, count, MADV_DONTFORK);
#else
    return minherit(memory, count, VM_INHERIT_NONE);
#endif
}

/// Who made the other end of a connected Unix socket.
static inline int platform_peer_user(int descriptor, uid_t *user) {
#ifdef __linux__
    struct { pid_t pid; uid_t uid; gid_t gid; } peer;
    socklen_t count = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &count) != 0) return -1;
    *user = peer.uid;
    return 0;
#else
    gid_t group;
    return getpeereid(descriptor, user, &group);
#endif
}

/// The process at the other end of a connected Unix socket; -1 when it is not known.
static inline pid_t platform_peer_process(int descriptor) {
#ifdef __linux__
    struct { pid_t pid; uid_t uid; gid_t gid; } peer;
    socklen_t count = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &count) != 0) return -1;
    return peer.pid;
#else
    (void)descriptor;
    return -1;
#endif
}

/// Takes the record lock on a file's first byte. It belongs to the process, and ends with it or with the first
/// descriptor of the file that it closes.
static inline int platform_hold_record(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    return fcntl(descriptor, F_SETLK, &lock);
}

/// The process that holds that lock, as the kernel knows it: 0 for none, -1 for an error, -2 for one that this
/// process cannot see (in another PID namespace, or on another machine).
static inline pid_t platform_record_holder(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    if (fcntl(descriptor, F_GETLK, &lock) != 0) return -1;
    if (lock.l_type == F_UNLCK) return 0;
    return lock.l_pid > 0 ? lock.l_pid : -2;
}

/// A descriptor that stands for a process, whatever becomes of its number; -1 where there is none.
static inline int platform_open_process(pid_t process) {
#if defined(__linux__) && defined(SYS_pidfd_open)
    return (int)syscall(SYS_pidfd_open, process, 0);
#else
    (void)process;
    errno = ENOSYS;
    return -1;
#endif
}

/// Sends a signal to the process of such a descriptor.
static inline int platform_signal_process(int descriptor, int number) {
#if defined(__linux__) && defined(SYS_pidfd_send_signal)
    return (int)syscall(SYS_pidfd_send_signal, descriptor, number, NULL, 0);
#else
    (void)descriptor;
    (void)number;
    errno = ENOSYS;
    return -1;
#endif
}

/// Whether a child has ended: 1 and its exit status, or 128 and the signal that ended it; 0 while it runs; -1 when it
/// is not, or no longer, a child of this process. A descriptor that stands for the process is not mistaken for a later
/// one of its number.
static inline int platform_child_ending(int descriptor, pid_t child, int is_kept, int *code) {
    siginfo_t info;
    info.si_pid = 0;
    // 3 is P_PIDFD, which older headers do not know.
    idtype_t kind = descriptor < 0 ? P_PID : (idtype_t)3;
    int options = WEXITED | WNOHANG | (is_kept ? WNOWAIT : 0);
    if (waitid(kind, descriptor < 0 ? (id_t)child : (id_t)descriptor, &info, options) != 0) return -1;
    if (info.si_pid == 0) return 0;
    *code = info.si_code == CLD_EXITED ? info.si_status & 0xFF : 128 + info.si_status;
    return 1;
}

// Declared here, since the system's header shows them to GNU sources only.
#ifdef __linux__
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
#endif

/// Lets a program that is started have no descriptors of ours but 0 to 2.
static inline int platform_close_other_files(posix_spawn_file_actions_t *actions) {
#if defined(__linux__) && defined(__GLIBC__)
    return posix_spawn_file_actions_addclosefrom_np(actions, 3);
#elif defined(__linux__)
    // Other C libraries can say no such thing to the program that starts: here this one, which has one thread, says
    // that none of its own is for others.
    (void)actions;
    // 4 is CLOSE_RANGE_CLOEXEC, which Linux has since 5.11.
    if (syscall(436, 3u, ~0u, 4u) == 0) return 0;
    DIR *open_files = opendir("/proc/self/fd");
    if (open_files != NULL) {
        for (struct dirent *file; (file = readdir(open_files)) != NULL;) {
            long number = strtol(file->d_name, NULL, 10);
            if (number > 2) fcntl((int)number, F_SETFD, FD_CLOEXEC);
        }
        closedir(open_files);
        return 0;
    }
    // Those above the limit were opened when it was higher.
    for (int file = 3; file < 1 << 16; file++) fcntl(file, F_SETFD, FD_CLOEXEC);
    return 0;
#else
    return 0;
#endif
}

/// The same, with the root as its directory.
static inline int platform_detach_files(posix_spawn_file_actions_t *actions) {
    int result = platform_close_other_files(actions);
    return result != 0 ? result : posix_spawn_file_actions_addchdir_np(actions, "/");
}

/// Starts a session of its own, with no signal ignored or held back.
static inline short platform_detached_flags(void) {
#ifdef __linux__
    return 0x80 | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
#else
    return POSIX_SPAWN_SETSID | POSIX_SPAWN_CLOEXEC_DEFAULT | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
#endif
}

/// A pipe whose ends no program inherits.
static inline int platform_pipe(int *reading, int *writing) {
    int ends[2];
#ifdef __linux__
    int result = (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
#else
    int result = pipe(ends);
#endif
    if (result != 0) return -1;
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

#ifdef __linux__
extern int execvpe(const char *, char *const *, char *const *);
#endif

/// Becomes a program that is looked for in PATH; returns where that fails.
static inline void platform_become(const char *name, char *const *words, char *const *environment) {
#ifdef __linux__
    execvpe(name, words, environment);
#else
    extern char **environ;
    environ = (char **)environment;
    execvp(name, words);
#endif
}

/// Gives a program that is started every signal as the system has it, none ignored or held back.
static inline void platform_default_signals(posix_spawnattr_t *attributes) {
    sigset_t signals;
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(attributes, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(attributes, &signals);
#ifdef __linux__
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
#else
    // The descriptors, which `platform_close_other_files` closes elsewhere.
    posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT);
#endif
}

/// Maps pages that are not even in the kernel's own map of the memory, in place of ordinary ones.
static inline int platform_map_hidden(void *pages, size_t count) {
#if defined(__linux__) && defined(SYS_memfd_secret)
    int file = (int)syscall(SYS_memfd_secret, O_CLOEXEC);
    if (file < 0) return -1;
    void *mapped = MAP_FAILED;
    if (ftruncate(file, (off_t)count) == 0)
        mapped = mmap(pages, count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
    int code = errno;
    close(file);
    errno = code;
    return mapped == MAP_FAILED ? -1 : 0;
#else
    (void)pages;
    (void)count;
    errno = ENOSYS;
    return -1;
#endif
}

/// A Unix socket that does not wait and that no program inherits.
static inline int platform_socket(void) {
#ifdef __linux__
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
#else
    return socket(AF_UNIX, SOCK_STREAM, 0);
#endif
}

#ifdef __linux__
static inline int platform_accept(int listener) {
    return (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/// A timer that goes on while the machine sleeps.
static inline int platform_lock_timer(void) { return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK); }

/// Lets the timer end at this second of `CLOCK_BOOTTIME`; 0 stops it.
static inline int platform_set_lock_timer(int timer, long long seconds) {
    struct itimerspec end = {{0, 0}, {(time_t)seconds, 0}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &end, NULL);
}

/// Holds the signals that lock, so that they are read from a descriptor.
static inline int platform_lock_signals(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR1);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0) return -1;
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// The number of the next signal that came; 0 when there is none.
static inline int platform_next_signal(int signals) {
    struct signalfd_siginfo info;
    return read(signals, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

/// Tells when something is taken out of a directory, or the directory itself goes; -1 where that cannot be had.
static inline int platform_watch_directory(const char *path) {
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch < 0) return -1;
    uint32_t events = IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF;
    if (inotify_add_watch(watch, path, events) < 0) {
        close(watch);
        return -1;
    }
    return watch;
}

/// Takes all that such a watch has told; what it was does not matter.
static inline void platform_drain_watch(int watch) {
    char events[4096];
    while (read(watch, events, sizeof events) > 0) {}
}

/// The limit on locked memory in bytes; -1 for none.
static inline int64_t platform_locked_memory_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return -1;
    return limit.rlim_cur > INT64_MAX ? -1 : (int64_t)limit.rlim_cur;
}

/// Takes the eight bytes that a timer gives when it ends.
static inline void platform_drain(int timer) {
    uint64_t count;
    ssize_t got = read(timer, &count, sizeof count);
    (void)got;
}
#endif

static inline void *platform_map_failed(void) { return MAP_FAILED; }

/// Lets calls on a descriptor return at once.
static inline int platform_stop_waiting(int descriptor) { return fcntl(descriptor, F_SETFL, O_NONBLOCK); }

/// Lets what a signal reports be seen as an error of the call instead.
static inline void platform_ignore_signal(int number) { signal(number, SIG_IGN); }

static inline int platform_is_ignored(const struct sigaction *action) { return action->sa_handler == SIG_IGN; }

/// Gives a signal its default action again, whatever a handler for it was set to.
static inline int platform_default_signal(int number) {
    return signal(number, SIG_DFL) == SIG_ERR ? -1 : 0;
}

/// The signals of crashes, with SIGPIPE behind them: what our programs change for themselves.
#define PLATFORM_CHANGED_SIGNALS {SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV, SIGSYS, SIGQUIT, SIGPIPE}

/// Which of those this process ignores, a bit for each.
static inline uint32_t platform_ignored_signals(void) {
    static const int changed[] = PLATFORM_CHANGED_SIGNALS;
    uint32_t ignored = 0;
    for (size_t place = 0; place < sizeof changed / sizeof changed[0]; place++) {
        struct sigaction action;
        if (sigaction(changed[place], NULL, &action) == 0 && action.sa_handler == SIG_IGN) ignored |= 1u << place;
    }
    return ignored;
}

/// Ignores those again, and gives the others their default action.
static inline void platform_restore_signals(uint32_t ignored) {
    static const int changed[] = PLATFORM_CHANGED_SIGNALS;
    for (size_t place = 0; place < sizeof changed / sizeof changed[0]; place++)
        signal(changed[place], ignored >> place & 1 ? SIG_IGN : SIG_DFL);
}

/// The default action for all signals of crashes.
static inline int platform_default_crashes(void) {
    static const int crashes[] = {SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV, SIGSYS, SIGQUIT};
    int result = 0;
    for (size_t place = 0; place < sizeof crashes / sizeof crashes[0]; place++)
        if (platform_default_signal(crashes[place]) != 0) result = -1;
    return result;
}

#endif
