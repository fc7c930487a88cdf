/* SHA-256 on the SHA extensions: the state stays in two registers from the first block to the last. */
#include "crypto/sha256_impl.h"
#include "crypto/cpu.h"

#if CPU_X86_BACKENDS

#include "crypto/sha256_ni_rounds.h"

static int usable(void)
{
    return (cpu_features() & CPU_SHA_NI) != 0;
}

static void compress(uint32_t h[8], const uint8_t *data, size_t blocks)
{
    struct sha256_ni s;
    sha256_ni_load(&s, h);
    for (; blocks > 0; blocks--, data += SHA256_BLOCK_LEN)
        sha256_ni_block(&s, data);
    sha256_ni_store(h, &s);
}

const struct sha256_impl sha256_ni = {.name = "ni", .usable = usable, .compress = compress};

#endif
