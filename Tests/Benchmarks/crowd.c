// Starts a program often, from several processes at once: crowd PROCESSES CALLS PROGRAM WORDS...
// Prints the milliseconds of each call; a call that fails prints -1.
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double call(char **words) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t child;
    int status = 1;
    if (posix_spawn(&child, words[0], &actions, NULL, words, environ) != 0) return -1;
    waitpid(child, &status, 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    posix_spawn_file_actions_destroy(&actions);
    if (status != 0) return -1;
    return (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
}

int main(int count, char **words) {
    if (count < 4) return 64;
    int processes = atoi(words[1]), calls = atoi(words[2]);
    for (int number = 0; number < processes; number++) {
        if (fork() != 0) continue;
        char line[32];
        for (int round = 0; round < calls; round++) {
            int size = snprintf(line, sizeof line, "%.4f\n", call(words + 3));
            if (write(1, line, (size_t)size) != size) return 1;
        }
        return 0;
    }
    while (wait(NULL) > 0) {}
    return 0;
}
