/* SPDX-License-Identifier: MIT */
/* A name is looked up in the primitive's own array of backends. One that this processor can't run is refused, not
 * replaced by another: whoever names one wants to see that one. */
#include "app/workbench/primitives/backend.h"

#include <string.h>

#include "app/workbench/args.h"

static _Noreturn void unknown(const char *usage)
{
    args_wrong("there is no such backend here, `glass backends` lists them", usage);
}

static void check_usable(bool usable, const char *name)
{
    if (!usable)
        args_fail("this processor can't run the backend %s; `glass backends` shows which it can", name);
}

const struct aes_impl *backend_aes(const char *name, const char *usage)
{
    if (name == NULL)
        return NULL;
    for (const struct aes_impl *const *impl = aes_impls; *impl != NULL; impl++)
        if (strcmp((*impl)->name, name) == 0) {
            check_usable((*impl)->usable(), name);
            return *impl;
        }
    unknown(usage);
}

const struct sha256_impl *backend_sha256(const char *name, const char *usage)
{
    if (name == NULL)
        return NULL;
    for (const struct sha256_impl *const *impl = sha256_impls; *impl != NULL; impl++)
        if (strcmp((*impl)->name, name) == 0) {
            check_usable((*impl)->usable(), name);
            return *impl;
        }
    unknown(usage);
}

const struct bignum_impl *backend_bignum(const char *name, const char *usage)
{
    if (name == NULL)
        return bignum_impls[0];
    const struct bignum_impl *impl = bignum_impl_by_name(name);
    if (impl == NULL)
        unknown(usage);
    check_usable(impl->usable(), name);
    return impl;
}

void backend_aes_key_init(struct aes_key *k, const struct aes_impl *impl, const uint8_t *key, size_t key_len)
{
    if (impl != NULL)
        aes_key_init_with(k, impl, key, key_len);
    else
        aes_key_init(k, key, key_len);
}

void backend_sha256_init(struct sha256 *s, const struct sha256_impl *impl)
{
    if (impl != NULL)
        sha256_init_with(s, impl);
    else
        sha256_init(s);
}
