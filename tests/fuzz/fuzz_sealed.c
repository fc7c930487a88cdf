/* SPDX-License-Identifier: MIT */
/* A message of a sealed room from a stranger, from a member, and from its sender. The first byte of the input chooses:
 *      0 to 127     the rest is a message as it came
 *      128 to 254   the rest is what is inside, with its padding, sealed as it is under the sender's key after as many
 *                   messages as the next byte says: this gets past the tag
 *      255          the rest is a text that the sender signs and seals: it is opened where it is one */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "app/peer/sealed.h"
#include "app/workbench/rng_fixed.h"
#include "crypto/ct.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rsa_private private;
static struct rsa_public public;
static struct rng rng;
static uint8_t message[2 * SEALED_MAX];
static size_t message_len;

static const struct sender_key first = {.room = {1}, .list = {2}, .id = {3}, .i = 2, .secret = {4}};

static void make_key(void)
{
    static int made;
    if (!made) {
        rng_fixed_init(&rng, "a member", 8);
        rsa_generate(&private, &rng);
        rsa_public_of(&public, &private);
        made = 1;
    }
}

/* Seals whole blocks of anything. */
static void seal_anything(const struct sender_key *k, const uint8_t *inside, size_t blocks)
{
    static const uint8_t iv[AES_BLOCK_LEN] = {9};
    uint8_t enc_key[AES128_KEY_LEN], mac_key[ETM_MAC_KEY_LEN], ad[24 + 6 + SEALED_HEAD_LEN];
    struct etm_key key;
    memcpy(message, k->room, 16);
    memcpy(message + 16, k->list, 32);
    memcpy(message + 48, k->id, 16);
    bytes_store_be32(message + 64, k->i);
    memcpy(message + 68, iv, sizeof iv);
    memcpy(ad, "glasschat/1 room record\0\5alice", 30);
    memcpy(ad + 30, message, SEALED_HEAD_LEN);
    hkdf_expand(enc_key, sizeof enc_key, k->secret, "glasschat/1 encrypt", 19);
    hkdf_expand(mac_key, sizeof mac_key, k->secret, "glasschat/1 authenticate", 24);
    etm_key_init(&key, enc_key, sizeof enc_key, mac_key);
    etm_seal(&key, message + 84, iv, ad, 30 + SEALED_HEAD_LEN, inside, blocks);
    message_len = SEALED_OVERHEAD + AES_BLOCK_LEN * blocks;
}

/* What a sender can sign and seal whose program doesn't look at the text. */
static void sign_anything(const uint8_t *text, size_t len)
{
    static uint8_t inside[SEALED_MAX];
    static struct sealed_statement s;
    s = (struct sealed_statement){.sender = "alice", .room = {1}, .list = {2}, .key_id = {3}, .i = 2, .text_len = len};
    memcpy(s.text, text, len);
    int failed = sealed_statement_sign(&s, &private, &rng);
    assert(failed == 0 && sealed_statement_verify(&s, &public) == 0);
    memset(inside, 0, 64);
    bytes_store_be16(inside + 64, (uint16_t)len);
    memcpy(inside + 66, text, len);
    memcpy(inside + 66 + len, s.signature, sizeof s.signature);
    size_t inside_len = 66 + len + sizeof s.signature, padded = (inside_len / 16 + 1) * 16;
    memset(inside + inside_len, (int)(padded - inside_len), padded - inside_len);
    seal_anything(&first, inside, padded / 16);
}

static int make_message(const uint8_t *data, size_t size)
{
    struct sender_key k = first;
    if (size > 0 && data[0] == 255 && size - 1 <= TEXT_MAX_LEN) {
        sign_anything(data + 1, size - 1);
    } else if (size > 1 && data[0] >= 128 && size - 2 <= SEALED_MAX) {
        while (k.i < 2u + data[1] % 98)
            sender_key_advance(&k);
        seal_anything(&k, data + 2, (size - 2) / AES_BLOCK_LEN);
    } else if (size > 0 && size - 1 <= sizeof message) {
        message_len = size - 1;
        memcpy(message, data + 1, message_len);
    } else {
        return -1;
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sealed_statement s;
    struct sender_key next = {.i = 0};
    struct sealed_head head;
    make_key();
    if (make_message(data, size) != 0)
        return 0;
    int headed = sealed_head(&head, message, message_len);
    int opened = sealed_open(&s, &next, message, message_len, "alice", &first, &public);
    assert(headed == 0 || opened != 0);
    assert((opened == 0) == (data[0] == 255 && size - 1 <= TEXT_MAX_LEN && text_valid(data + 1, size - 1)));
    if (opened == 0) {
        assert(next.i == head.i + 1 && s.i == head.i && s.text_len == size - 1);
        assert(ct_equal(s.text, data + 1, s.text_len) && strcmp(s.sender, "alice") == 0);
    } else {
        assert(next.i == 0);
    }
    return 0;
}
