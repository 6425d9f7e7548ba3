// What the agent is measured against: answers every request with the same frame, without looking at it.
//   server SOCKET BYTES
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int count, char **words) {
    if (count != 3) return 64;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, words[1], sizeof address.sun_path - 1);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 512) != 0) return 1;
    uint32_t size = (uint32_t)atoi(words[2]), frame = size + 6;
    unsigned char request[8192], *answer = calloc(1, size + 10);
    memcpy(answer, &frame, 4);
    answer[4] = 1;
    answer[5] = 67;
    memcpy(answer + 6, &size, 4);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (read(connection, request, sizeof request) > 0)
            if (write(connection, answer, size + 10) < 0) return 1;
        close(connection);
    }
}
