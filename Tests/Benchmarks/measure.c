// measure PROGRAM WORD... starts a program with its output thrown away, and prints its wall time in ms, its
// peak memory in KiB and its exit code. A starter this small adds next to nothing: a child's peak counts what
// it was forked from.
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **words) {
    struct timespec start, end;
    struct rusage usage;
    int status;
    if (count < 2) return 64;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        execv(words[1], words + 1);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) return 71;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.4f %ld %d\n", (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) / 1e6,
           usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    return 0;
}
