/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target without a fuzzer, whatever compiler built it, on each file named as an argument. Each is copied to
 * memory of exactly its size, so that a sanitizer sees a read past its end.
 *
 * Use it:      make fuzz-replay
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
    static uint8_t whole[1 << 17];
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        return -1;
    }
    size_t size = fread(whole, 1, sizeof whole, f);
    fclose(f);
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (exact == NULL)
        abort();
    for (size_t i = 0; i < size; i++)
        exact[i] = whole[i];
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (replay(argv[i]) != 0)
            return 1;
    return 0;
}
