// Where a program in Embedded Swift starts, which knows no command line.

#include <elf.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static char **words;

char **platform_arguments(void) { return words; }

int sealring_main(int count, char **arguments);

// The linker's name for the beginning of the program.
extern const Elf64_Ehdr __ehdr_start;

// Nothing changes the addresses that were filled in: a static program of this C library leaves them writable.
static int close_relocated(void) {
    const char *start = (const char *)&__ehdr_start;
    const Elf64_Phdr *part = (const Elf64_Phdr *)(start + __ehdr_start.e_phoff);
    for (int place = 0; place < __ehdr_start.e_phnum; place++) {
        if (part[place].p_type != PT_GNU_RELRO) continue;
        uintptr_t begin = (uintptr_t)start + part[place].p_vaddr;
        uintptr_t end = begin + part[place].p_memsz;
        begin &= ~(uintptr_t)4095;
        end &= ~(uintptr_t)4095;
        if (mprotect((void *)begin, end - begin, PROT_READ) != 0) return -1;
    }
    return 0;
}

int main(int count, char **arguments) {
    if (close_relocated() != 0) _exit(71);
    words = arguments;
    return sealring_main(count, arguments);
}
