/* SPDX-License-Identifier: MIT */
/* Encrypt-then-MAC again, as on the wire, over one secret; the name is the associated data. */
#include "app/server/store/totp_seal.h"

#include <string.h>

#include "app/message/name.h"
#include "crypto/ct.h"
#include "crypto/hkdf.h"
#include "crypto/pkcs7.h"

#define BLOCKS 2 /* of the padded secret */
#define IV_LEN 16

_Static_assert(TOTP_SEAL_SEALED_LEN == IV_LEN + BLOCKS * AES_BLOCK_LEN + ETM_TAG_LEN,
               "the padded secret is two blocks");

void totp_seal_key_init(struct totp_seal_key *k, const uint8_t bytes[static TOTP_SEAL_KEY_LEN])
{
    static const char encrypt[] = "glasschat storage encrypt", authenticate[] = "glasschat storage authenticate";
    static const char mark[] = "glasschat storage mark";
    uint8_t enc_key[AES256_KEY_LEN], mac_key[ETM_MAC_KEY_LEN], mark_key[HMAC_TAG_LEN];
    hkdf_expand(enc_key, sizeof enc_key, bytes, encrypt, strlen(encrypt));
    hkdf_expand(mac_key, sizeof mac_key, bytes, authenticate, strlen(authenticate));
    hkdf_expand(mark_key, sizeof mark_key, bytes, mark, strlen(mark));
    etm_key_init(&k->etm, enc_key, sizeof enc_key, mac_key);
    hmac_key_init(&k->mark, mark_key, sizeof mark_key);
    ct_wipe(enc_key, sizeof enc_key);
    ct_wipe(mac_key, sizeof mac_key);
    ct_wipe(mark_key, sizeof mark_key);
}

void totp_seal_key_wipe(struct totp_seal_key *k)
{
    etm_key_wipe(&k->etm);
    hmac_key_wipe(&k->mark);
}

/* Of a fixed length, as etm requires. */
static void name_as_ad(uint8_t ad[NAME_MAX_LEN + 1], const char *name)
{
    memset(ad, 0, NAME_MAX_LEN + 1);
    memcpy(ad, name, strlen(name));
}

void totp_seal_seal(const struct totp_seal_key *k, uint8_t sealed[static TOTP_SEAL_SEALED_LEN], const char *name,
                    const uint8_t secret[static TOTP_SEAL_SECRET_LEN], struct rng *rng)
{
    uint8_t ad[NAME_MAX_LEN + 1], padded[BLOCKS * AES_BLOCK_LEN];
    name_as_ad(ad, name);
    memcpy(padded, secret, TOTP_SEAL_SECRET_LEN);
    pkcs7_pad(padded, TOTP_SEAL_SECRET_LEN);
    rng_fill(rng, sealed, IV_LEN);
    etm_seal(&k->etm, sealed + IV_LEN, sealed, ad, sizeof ad, padded, BLOCKS);
    ct_wipe(padded, sizeof padded);
}

int totp_seal_open(const struct totp_seal_key *k, uint8_t secret[static TOTP_SEAL_SECRET_LEN], const char *name,
                   const uint8_t sealed[static TOTP_SEAL_SEALED_LEN])
{
    uint8_t ad[NAME_MAX_LEN + 1], padded[BLOCKS * AES_BLOCK_LEN];
    size_t len;
    name_as_ad(ad, name);
    int failed = etm_open(&k->etm, padded, sealed, ad, sizeof ad, sealed + IV_LEN, BLOCKS) != 0 ||
                 pkcs7_unpad(&len, padded, sizeof padded) != 0 || len != TOTP_SEAL_SECRET_LEN;
    if (!failed)
        memcpy(secret, padded, TOTP_SEAL_SECRET_LEN);
    ct_wipe(padded, sizeof padded);
    return failed ? -1 : 0;
}

void totp_seal_mark(const struct totp_seal_key *k, uint8_t mark[static TOTP_SEAL_MARK_LEN], const char *name,
                    const void *address, size_t len)
{
    struct hmac hmac;
    uint8_t ad[NAME_MAX_LEN + 1], tag[HMAC_TAG_LEN];
    name_as_ad(ad, name);
    hmac_init(&hmac, &k->mark);
    hmac_update(&hmac, ad, sizeof ad);
    hmac_update(&hmac, address, len);
    hmac_final(&hmac, tag);
    memcpy(mark, tag, TOTP_SEAL_MARK_LEN);
}
