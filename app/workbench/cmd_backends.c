/* glass backends : each implementation of a primitive, fastest first, and whether this processor can run it. */
#include <stdio.h>

#include "app/workbench/backend.h"
#include "app/workbench/commands.h"
#include "crypto/sha256_many_impl.h"

#define USAGE "glass backends"

static void print_row(const char *primitive, const char *name, int usable, int picked)
{
    printf("%-12s %-14s %s\n", primitive, name, picked ? "picked" : usable ? "usable" : "not on this processor");
}

int cmd_backends(struct args *args)
{
    const struct args_option options[] = {{0}};
    args_parse(args, options, 0, 0, USAGE);

    const uint8_t zero[AES128_KEY_LEN] = {0};
    struct aes_key key;
    aes_key_init(&key, zero, sizeof zero);
    for (const struct aes_impl *const *impl = aes_impls; *impl != NULL; impl++)
        print_row("aes", (*impl)->name, (*impl)->usable(), *impl == key.impl);
    struct sha256 sha256;
    sha256_init(&sha256);
    for (const struct sha256_impl *const *impl = sha256_impls; *impl != NULL; impl++)
        print_row("sha256", (*impl)->name, (*impl)->usable(), *impl == sha256.impl);
    struct sha256_many many;
    sha256_many_init(&many, 1);
    for (const struct sha256_many_impl *const *impl = sha256_many_impls; *impl != NULL; impl++)
        print_row("sha256_many", (*impl)->name, (*impl)->usable(), *impl == many.impl);
    return STATUS_DONE;
}
