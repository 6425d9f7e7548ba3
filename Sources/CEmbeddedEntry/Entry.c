// Where a program in Embedded Swift starts, which knows no command line.

static char **words;

char **platform_arguments(void) { return words; }

int sealring_main(int count, char **arguments);

int main(int count, char **arguments) {
    words = arguments;
    return sealring_main(count, arguments);
}
