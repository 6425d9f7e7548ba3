#include <stdio.h>

int main(void) {
    puts("0.1.0");
    return 0;
}
