/* SPDX-License-Identifier: MIT */
/* Two primitives one after the other, each under a key of its own; what matters is the order, and what the tag covers.
 * Here they are called one by one, and what comes out is compared with crypto/etm.h, which has them in one pass.
 */
#include "app/workbench/explain/explain_etm.h"

#include <assert.h>
#include <string.h>

#include "crypto/cbc.h"
#include "crypto/pkcs7.h"

#define CIPHERTEXT_MAX (EXPLAIN_ETM_MAX + AES_BLOCK_LEN)
#define COVERED_MAX (EXPLAIN_ETM_AD_MAX + AES_BLOCK_LEN + CIPHERTEXT_MAX)

/* What the tag is made of: ad || iv || ciphertext. */
struct covered {
    size_t len;
    uint8_t bytes[COVERED_MAX];
};

static void show_keys(FILE *to, const struct explain_etm *e)
{
    show_value(to, "enc_key", e->enc_key, e->enc_key_len);
    show_value(to, "mac_key", e->mac_key, ETM_MAC_KEY_LEN);
    show_value(to, "iv", e->iv, AES_BLOCK_LEN);
    show_value(to, "ad", e->ad, e->ad_len);
}

static void cover(struct covered *c, const struct explain_etm *e, const uint8_t *ciphertext, size_t len)
{
    assert(e->ad_len <= EXPLAIN_ETM_AD_MAX && len <= CIPHERTEXT_MAX);
    if (e->ad_len > 0)
        memcpy(c->bytes, e->ad, e->ad_len);
    memcpy(c->bytes + e->ad_len, e->iv, AES_BLOCK_LEN);
    memcpy(c->bytes + e->ad_len + AES_BLOCK_LEN, ciphertext, len);
    c->len = e->ad_len + AES_BLOCK_LEN + len;
}

/* Computes the tag, and shows what it covers; the tag itself is shown by the caller. */
static void show_covered(FILE *to, uint8_t tag[static ETM_TAG_LEN], struct covered *c, const struct explain_etm *e,
                         const uint8_t *ciphertext, size_t len)
{
    cover(c, e, ciphertext, len);
    hmac_tag(tag, e->mac_key, ETM_MAC_KEY_LEN, c->bytes, c->len);
    show_heading(to, "The tag: HMAC-SHA-256 under mac_key (RFC 2104)");
    show_note(to, "It covers all that the receiver goes by, one after the other: ad, which both know (of a Record its "
                  "number, which is not sent, and its header), the IV, and the ciphertext. So it can be checked before "
                  "anything is decrypted.");
    show_folded(to, "ad", e->ad, e->ad_len);
    show_value(to, "iv", e->iv, AES_BLOCK_LEN);
    show_folded(to, "ciphertext", ciphertext, len);
}

/* option is "" or " -d". */
static void show_cipher_command(FILE *to, const struct explain_etm *e, const uint8_t *in, size_t len,
                                const char *option)
{
    char feed[SHOW_FEED_LEN(CIPHERTEXT_MAX)], key[2 * AES256_KEY_LEN + 1], iv[2 * AES_BLOCK_LEN + 1];
    hex_encode(key, e->enc_key, e->enc_key_len);
    hex_encode(iv, e->iv, AES_BLOCK_LEN);
    show_command(to, "%sopenssl enc%s -aes-%zu-cbc -K %s -iv %s | basenc --base16", show_feed(feed, in, len), option,
                 8 * e->enc_key_len, key, iv);
}

static void show_mac_command(FILE *to, const struct explain_etm *e, const struct covered *c)
{
    static char feed[SHOW_FEED_LEN(COVERED_MAX)];
    char key[2 * ETM_MAC_KEY_LEN + 1];
    hex_encode(key, e->mac_key, ETM_MAC_KEY_LEN);
    show_command(to, "%sopenssl mac -digest SHA256 -macopt hexkey:%s HMAC", show_feed(feed, c->bytes, c->len), key);
}

/* Sealing. */

static void show_padding(FILE *to, const uint8_t *plaintext, size_t len, const uint8_t *padded, size_t padded_len)
{
    show_heading(to, "Padding to whole blocks (PKCS#7: RFC 5652, 6.3)");
    show_note(to,
              "%zu bytes of plaintext and %zu bytes of value %02zx, always at least one: so that the last byte says "
              "how many to take off.",
              len, padded_len - len, padded_len - len);
    show_value(to, "plaintext", plaintext, len);
    show_value(to, "padded", padded, padded_len);
}

/* What is shown must be what crypto/etm.h does. */
static void compare_sealed(const struct explain_etm *e, const uint8_t *padded, size_t len, const uint8_t *sealed)
{
    struct etm_key key;
    uint8_t again[EXPLAIN_ETM_SEALED_MAX];
    etm_key_init(&key, e->enc_key, e->enc_key_len, e->mac_key);
    etm_seal(&key, again, e->iv, e->ad, e->ad_len, padded, len / AES_BLOCK_LEN);
    assert(memcmp(again, sealed, len + ETM_TAG_LEN) == 0);
    etm_key_wipe(&key);
}

void explain_etm_seal(FILE *to, const struct explain_etm *e, const uint8_t *plaintext, size_t len)
{
    struct covered c;
    struct aes_key aes;
    uint8_t padded[CIPHERTEXT_MAX], sealed[EXPLAIN_ETM_SEALED_MAX];
    assert(len <= EXPLAIN_ETM_MAX);
    if (len > 0)
        memcpy(padded, plaintext, len);
    size_t padded_len = pkcs7_pad(padded, len);
    aes_key_init(&aes, e->enc_key, e->enc_key_len);
    cbc_encrypt(&aes, e->iv, sealed, padded, padded_len / AES_BLOCK_LEN);
    aes_key_wipe(&aes);

    show_heading(to, "Encrypt, then MAC");
    show_keys(to, e);
    show_padding(to, plaintext, len, padded, padded_len);
    show_heading(to, "The ciphertext: AES-%zu-CBC under enc_key (SP 800-38A, 6.2)", 8 * e->enc_key_len);
    show_value(to, "ciphertext", sealed, padded_len);
    show_covered(to, sealed + padded_len, &c, e, sealed, padded_len);
    show_value(to, "tag", sealed + padded_len, ETM_TAG_LEN);
    show_heading(to, "What comes out, to be sent with the IV: ciphertext || tag");
    show_value(to, "sealed", sealed, padded_len + ETM_TAG_LEN);
    compare_sealed(e, padded, padded_len, sealed);
    show_heading(to, "The same by openssl: the ciphertext, then the tag");
    show_cipher_command(to, e, plaintext, len, "");
    show_mac_command(to, e, &c);
}

/* Opening. */

static bool check_tag(FILE *to, const uint8_t computed[static ETM_TAG_LEN], const uint8_t *received)
{
    show_value(to, "computed", computed, ETM_TAG_LEN);
    show_value(to, "received", received, ETM_TAG_LEN);
    return show_check(
        to, "the same?", memcmp(computed, received, ETM_TAG_LEN) == 0,
        "Another key, IV or ad, or the ciphertext or the tag was changed. Nothing is decrypted, and no "
        "more is said: whoever sent it learns only that it was refused. crypto/etm.c compares in constant "
        "time, so that nobody learns either how much of a forged tag was right.");
}

/* Decrypts len bytes and takes the padding off. */
static bool check_padding(FILE *to, const struct explain_etm *e, const uint8_t *ciphertext, size_t len)
{
    struct aes_key aes;
    uint8_t padded[CIPHERTEXT_MAX];
    size_t plaintext_len;
    aes_key_init(&aes, e->enc_key, e->enc_key_len);
    cbc_decrypt(&aes, e->iv, padded, ciphertext, len / AES_BLOCK_LEN);
    aes_key_wipe(&aes);
    show_heading(to, "The plaintext: AES-%zu-CBC under enc_key, backwards, and without its padding",
                 8 * e->enc_key_len);
    show_value(to, "padded", padded, len);
    bool good = pkcs7_unpad(&plaintext_len, padded, len) == 0;
    if (!show_check(to, "padding?", good, "The tag is right, so it was sealed like this: the sender padded wrongly."))
        return false;
    show_value(to, "plaintext", padded, plaintext_len);
    return true;
}

/* What is shown must be what crypto/etm.h does. */
static void compare_opened(const struct explain_etm *e, const uint8_t *sealed, size_t len, bool good)
{
    struct etm_key key;
    uint8_t padded[CIPHERTEXT_MAX];
    etm_key_init(&key, e->enc_key, e->enc_key_len, e->mac_key);
    int refused = etm_open(&key, padded, e->iv, e->ad, e->ad_len, sealed, len / AES_BLOCK_LEN);
    assert(good == (refused == 0));
    etm_key_wipe(&key);
}

int explain_etm_open(FILE *to, const struct explain_etm *e, const uint8_t *sealed, size_t len)
{
    struct covered c;
    uint8_t computed[ETM_TAG_LEN];
    size_t blocks_len = len - ETM_TAG_LEN;
    bool whole = len >= ETM_TAG_LEN + AES_BLOCK_LEN && blocks_len % AES_BLOCK_LEN == 0;
    assert(len <= EXPLAIN_ETM_SEALED_MAX);
    show_heading(to, "The tag first, then decrypt");
    show_keys(to, e);
    show_value(to, "sealed", sealed, len);
    if (!show_check(to, "its length?", whole, "Whole blocks of 16 bytes, at least one, and the 32 bytes of the tag."))
        return -1;
    show_covered(to, computed, &c, e, sealed, blocks_len);
    bool good = check_tag(to, computed, sealed + blocks_len);
    compare_opened(e, sealed, blocks_len, good);
    if (!good || !check_padding(to, e, sealed, blocks_len))
        return -1;
    show_heading(to, "The same by openssl: the tag, then the plaintext");
    show_mac_command(to, e, &c);
    show_cipher_command(to, e, sealed, blocks_len, " -d");
    return 0;
}
