// What the helper is measured against: connects to the agent, asks for an entry, prints the answer.
//   client SOCKET VAULT NAME        once, as the helper does, without its checks and its locked memory
//   client SOCKET VAULT NAME COUNT  that often over fresh connections, without printing; prints requests a second
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static unsigned char request[8192], answer[70000];
static size_t request_count;

static void append(const char *text) {
    uint32_t count = (uint32_t)strlen(text);
    memcpy(request + request_count, &count, 4);
    memcpy(request + request_count + 4, text, count);
    request_count += 4 + count;
}

static size_t ask(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) exit(1);
    if (write(connection, request, request_count) != (ssize_t)request_count) exit(1);
    size_t count = 0;
    uint32_t size = 0;
    do {
        ssize_t got = read(connection, answer + count, sizeof answer - count);
        if (got <= 0) exit(1);
        count += (size_t)got;
        if (count >= 4) memcpy(&size, answer, 4);
    } while (count < 4 || count < 4 + size);
    close(connection);
    if (answer[5] != 67) exit(1);
    return count;
}

int main(int count, char **words) {
    if (count < 4) return 64;
    request[4] = 1;
    request[5] = 4;
    request_count = 6;
    append(words[2]);
    append(words[3]);
    append("");
    uint32_t size = (uint32_t)request_count - 4;
    memcpy(request, &size, 4);
    if (count == 4) {
        size_t got = ask(words[1]);
        return write(1, answer + 10, got - 10) == (ssize_t)(got - 10) ? 0 : 1;
    }
    int rounds = atoi(words[4]);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int round = 0; round < rounds; round++) ask(words[1]);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    printf("%.0f\n", rounds / seconds);
    return 0;
}
