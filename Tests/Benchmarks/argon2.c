// libsodium's Argon2id as C calls it: argon2 KIB PASSES ROUNDS prints the milliseconds of each round.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int count, char **words) {
    static const char passphrase[] = "a passphrase of a benchmark";
    static const unsigned char salt[crypto_pwhash_SALTBYTES];
    unsigned char key[32];
    if (count != 4 || sodium_init() < 0) return 64;
    for (int round = atoi(words[3]); round > 0; round--) {
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        if (crypto_pwhash(key, sizeof key, passphrase, sizeof passphrase - 1, salt, strtoull(words[2], 0, 10),
                          strtoull(words[1], 0, 10) << 10, crypto_pwhash_ALG_ARGON2ID13) != 0) return 71;
        clock_gettime(CLOCK_MONOTONIC, &end);
        printf("%.4f\n", (end.tv_sec - start.tv_sec) * 1e3 + (end.tv_nsec - start.tv_nsec) / 1e6);
    }
    return 0;
}
