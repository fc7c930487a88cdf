/* SPDX-License-Identifier: MIT */
/* First encrypt, then authenticate the ciphertext; first check, then decrypt. In this order nothing that a stranger
 * made up ever reaches the cipher, so neither the padding nor the plaintext of a forgery can be asked about. The other
 * orders (MAC-then-encrypt as in TLS 1.0, encrypt-and-MAC as in SSH) were each attacked at just that point.
 *
 * The tag covers everything the receiver will believe: ad, the IV (a flipped bit of it flips the first block), and the
 * ciphertext. What is here uses only the public calls of cbc and hmac, so that with PORTABLE=1 a replaced cbc.c or
 * hmac.c really is what runs; etm_ni.c does both in one pass. */
#include "crypto/etm.h"

#include "crypto/cbc.h"
#include "crypto/cpu.h"
#include "crypto/ct.h"
#include "crypto/etm_impl.h"

const struct etm_impl *const etm_impls[] = {
#if CPU_X86_BACKENDS
    &etm_ni,
#endif
    &etm_portable,
    NULL,
};

void etm_key_init(struct etm_key *k, const uint8_t *enc_key, size_t enc_key_len,
                  const uint8_t mac_key[static ETM_MAC_KEY_LEN])
{
    size_t i = 0;
    while (!etm_impls[i]->usable())
        i++;
    etm_key_init_with(k, etm_impls[i], enc_key, enc_key_len, mac_key);
}

void etm_key_init_with(struct etm_key *k, const struct etm_impl *impl, const uint8_t *enc_key, size_t enc_key_len,
                       const uint8_t mac_key[static ETM_MAC_KEY_LEN])
{
    k->impl = impl;
    aes_key_init(&k->aes, enc_key, enc_key_len);
    hmac_key_init(&k->mac, mac_key, ETM_MAC_KEY_LEN);
}

void etm_key_wipe(struct etm_key *k)
{
    aes_key_wipe(&k->aes);
    hmac_key_wipe(&k->mac);
}

/* tag = HMAC(mac_key, ad || iv || ciphertext) */
static void compute_tag(uint8_t tag[static ETM_TAG_LEN], const struct etm_key *k, const uint8_t *iv, const uint8_t *ad,
                        size_t ad_len, const uint8_t *ciphertext, size_t len)
{
    struct hmac h;
    hmac_init(&h, &k->mac);
    hmac_update(&h, ad, ad_len);
    hmac_update(&h, iv, AES_BLOCK_LEN);
    hmac_last(&h, tag, ciphertext, len);
}

/* Every machine can run it. */
static bool usable(void)
{
    return true;
}

static void seal(const struct etm_key *k, uint8_t *out, const uint8_t *iv, const uint8_t *ad, size_t ad_len,
                 const uint8_t *in, size_t blocks)
{
    size_t len = AES_BLOCK_LEN * blocks;
    cbc_encrypt(&k->aes, iv, out, in, blocks);
    compute_tag(out + len, k, iv, ad, ad_len, out, len);
}

const struct etm_impl etm_portable = {.name = "portable", .usable = usable, .seal = seal};

void etm_seal(const struct etm_key *k, uint8_t *out, const uint8_t iv[static AES_BLOCK_LEN], const uint8_t *ad,
              size_t ad_len, const uint8_t *in, size_t blocks)
{
    k->impl->seal(k, out, iv, ad, ad_len, in, blocks);
    ct_wipe_stack(CT_STACK_REGISTERS); /* a spilled state of the chain and the plaintext give the first round key */
}

/* CAUTION: nothing may be decrypted, nor written to out, before the tag has been found right; test_etm's
 * test_every_flipped_bit sees both. */
int etm_open(const struct etm_key *k, uint8_t *out, const uint8_t iv[static AES_BLOCK_LEN], const uint8_t *ad,
             size_t ad_len, const uint8_t *in, size_t blocks)
{
    size_t len = AES_BLOCK_LEN * blocks;
    uint8_t tag[ETM_TAG_LEN];
    compute_tag(tag, k, iv, ad, ad_len, in, len);
    int same = ct_equal(tag, in + len, ETM_TAG_LEN);
    ct_wipe(tag, sizeof tag);      /* the right tag of a forgery is what the forger is after */
    ct_public(&same, sizeof same); /* the verdict */
    if (!same)
        return -1;
    cbc_decrypt(&k->aes, iv, out, in, blocks);
    return 0;
}
