/* SPDX-License-Identifier: MIT */
/* glass etm --enc-key HEX --mac-key HEX --iv HEX [--ad HEX] [--open] [--explain] <IN >OUT
 *
 * AES-CBC with PKCS#7 padding, then HMAC-SHA-256 over ad, IV and ciphertext; what is written is the ciphertext and the
 * tag. Nothing streams here: no byte of a plaintext may be written before the tag is known to be right, and that stands
 * at the end.
 */
#include <stdio.h>
#include <stdlib.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_etm.h"
#include "app/workbench/io.h"
#include "crypto/pkcs7.h"

#define USAGE "glass etm --enc-key HEX --mac-key HEX --iv HEX [--ad HEX] [--open] [--explain] <IN >OUT"
#define INPUT_MAX ((size_t)1 << 30)

/* What the options say. */
struct values {
    uint8_t enc_key[AES256_KEY_LEN], mac_key[ETM_MAC_KEY_LEN], iv[AES_BLOCK_LEN], ad[EXPLAIN_ETM_AD_MAX];
    size_t enc_key_len, ad_len;
    bool open, explain;
};

static void read_values(struct values *v, struct args *args)
{
    const char *enc_key = NULL, *mac_key = NULL, *iv = NULL, *ad = NULL;
    const struct args_option options[] = {{"enc-key", &enc_key, NULL},
                                          {"mac-key", &mac_key, NULL},
                                          {"iv", &iv, NULL},
                                          {"ad", &ad, NULL},
                                          {"open", NULL, &v->open},
                                          {"explain", NULL, &v->explain},
                                          {0}};
    args_parse(args, options, 0, 0, USAGE);
    v->enc_key_len = args_hex(v->enc_key, sizeof v->enc_key, args_need(enc_key, "enc-key", USAGE), "enc-key", USAGE);
    if (v->enc_key_len != AES128_KEY_LEN && v->enc_key_len != AES256_KEY_LEN)
        args_wrong("--enc-key takes 16 or 32 bytes", USAGE);
    if (args_hex(v->mac_key, sizeof v->mac_key, args_need(mac_key, "mac-key", USAGE), "mac-key", USAGE) !=
        sizeof v->mac_key)
        args_wrong("--mac-key takes 32 bytes", USAGE);
    if (args_hex(v->iv, sizeof v->iv, args_need(iv, "iv", USAGE), "iv", USAGE) != sizeof v->iv)
        args_wrong("--iv takes 16 bytes", USAGE);
    v->ad_len = args_hex(v->ad, sizeof v->ad, ad, "ad", USAGE);
}

/* One message for whatever is wrong, as a receiver says it. */
static _Noreturn void refuse(void)
{
    args_fail("it does not open: another key, IV or --ad, or it was changed on the way");
}

/* data has room for a block of padding and the tag. Returns the length of what is to be written. */
static size_t seal(const struct etm_key *key, const struct values *v, uint8_t *data, size_t len)
{
    size_t padded_len = pkcs7_pad(data, len);
    etm_seal(key, data, v->iv, v->ad, v->ad_len, data, padded_len / AES_BLOCK_LEN);
    return padded_len + ETM_TAG_LEN;
}

static size_t open_sealed(const struct etm_key *key, const struct values *v, uint8_t *data, size_t len)
{
    size_t plaintext_len;
    if (len < AES_BLOCK_LEN + ETM_TAG_LEN || len % AES_BLOCK_LEN != 0 ||
        etm_open(key, data, v->iv, v->ad, v->ad_len, data, (len - ETM_TAG_LEN) / AES_BLOCK_LEN) != 0 ||
        pkcs7_unpad(&plaintext_len, data, len - ETM_TAG_LEN) != 0)
        refuse();
    return plaintext_len;
}

static void explain(const struct values *v, const uint8_t *data, size_t len)
{
    const struct explain_etm e = {.enc_key = v->enc_key,
                                  .enc_key_len = v->enc_key_len,
                                  .mac_key = v->mac_key,
                                  .iv = v->iv,
                                  .ad = v->ad,
                                  .ad_len = v->ad_len};
    if (!v->open)
        explain_etm_seal(stdout, &e, data, len);
    else if (explain_etm_open(stdout, &e, data, len) != 0)
        refuse();
}

int cmd_etm(struct args *args)
{
    static struct values v;
    struct etm_key key;
    size_t len;
    read_values(&v, args);
    uint8_t *data = io_read_file(NULL,
                                 !v.explain ? INPUT_MAX
                                 : v.open   ? EXPLAIN_ETM_SEALED_MAX
                                            : EXPLAIN_ETM_MAX,
                                 &len);
    if (v.explain) {
        explain(&v, data, len);
    } else {
        data = realloc(data, len + AES_BLOCK_LEN + ETM_TAG_LEN);
        if (data == NULL)
            args_fail("there is no memory for %zu bytes", len);
        etm_key_init(&key, v.enc_key, v.enc_key_len, v.mac_key);
        size_t out_len = v.open ? open_sealed(&key, &v, data, len) : seal(&key, &v, data, len);
        etm_key_wipe(&key);
        io_write(data, out_len);
    }
    free(data);
    return STATUS_DONE;
}
