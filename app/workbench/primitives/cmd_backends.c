/* SPDX-License-Identifier: MIT */
/* glass backends : each implementation of a primitive, fastest first, and whether this processor can run it. (Of bignum
 * the first is the one that is picked everywhere.) */
#include <stdio.h>

#include "app/workbench/commands.h"
#include "app/workbench/primitives/backend.h"
#include "crypto/etm_impl.h"
#include "crypto/pbkdf2_impl.h"
#include "crypto/pbkdf2_many_impl.h"
#include "crypto/sha256_many_impl.h"

#define USAGE "glass backends"

static void print_row(const char *primitive, const char *name, bool usable, bool picked)
{
    printf("%-12s %-14s %s\n", primitive, name, picked ? "picked" : usable ? "usable" : "not on this processor");
}

static void print_aes(void)
{
    const uint8_t zero[AES128_KEY_LEN] = {0};
    struct aes_key key;
    aes_key_init(&key, zero, sizeof zero);
    for (const struct aes_impl *const *impl = aes_impls; *impl != NULL; impl++)
        print_row("aes", (*impl)->name, (*impl)->usable(), *impl == key.impl);
}

static void print_sha256(void)
{
    struct sha256 sha256;
    sha256_init(&sha256);
    for (const struct sha256_impl *const *impl = sha256_impls; *impl != NULL; impl++)
        print_row("sha256", (*impl)->name, (*impl)->usable(), *impl == sha256.impl);
}

static void print_bignum(void)
{
    for (const struct bignum_impl *const *impl = bignum_impls; *impl != NULL; impl++)
        print_row("bignum", (*impl)->name, (*impl)->usable(), *impl == bignum_impls[0]);
}

static void print_etm(void)
{
    const uint8_t zero[AES128_KEY_LEN] = {0}, mac_key[ETM_MAC_KEY_LEN] = {0};
    struct etm_key key;
    etm_key_init(&key, zero, sizeof zero, mac_key);
    for (const struct etm_impl *const *impl = etm_impls; *impl != NULL; impl++)
        print_row("etm", (*impl)->name, (*impl)->usable(), *impl == key.impl);
}

/* pbkdf2_derive takes the first that is usable, each time. */
static void print_pbkdf2(void)
{
    bool picked = false;
    for (const struct pbkdf2_impl *const *impl = pbkdf2_impls; *impl != NULL; impl++) {
        bool usable = (*impl)->usable();
        print_row("pbkdf2", (*impl)->name, usable, usable && !picked);
        picked = picked || usable;
    }
}

static void print_sha256_many(void)
{
    for (const struct sha256_many_impl *const *impl = sha256_many_impls; *impl != NULL; impl++)
        print_row("sha256_many", (*impl)->name, (*impl)->usable(), *impl == sha256_many_fastest());
}

/* What is made of sha256_many, where that is faster than one after the other. */
static void print_made_of_many(const char *primitive, bool worthwhile)
{
    for (const struct sha256_many_impl *const *impl = sha256_many_impls; *impl != NULL; impl++)
        print_row(primitive, (*impl)->name, (*impl)->usable(), worthwhile && *impl == sha256_many_fastest());
    print_row(primitive, "one-by-one", true, !worthwhile);
}

int cmd_backends(struct args *args)
{
    const struct args_option options[] = {{0}};
    args_parse(args, options, 0, 0, USAGE);
    print_aes();
    print_sha256();
    print_etm();
    print_pbkdf2();
    print_sha256_many();
    print_made_of_many("etm_many", sha256_many_worthwhile());
    print_made_of_many("pbkdf2_many", pbkdf2_many_worthwhile());
    print_bignum();
    return STATUS_DONE;
}
