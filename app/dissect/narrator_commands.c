/* SPDX-License-Identifier: MIT */
/* The same values by other people's code: lines that a shell takes, with OpenSSL 3 and coreutils. What is hex stands in
 * the command as it is; bytes that must be read from a file or a pipe come out of basenc, which knows hex in capitals
 * alone. */
#include <string.h>

#include "app/dissect/dh_pem.h"
#include "app/dissect/narrator_impl.h"
#include "crypto/ct.h"
#include "crypto/dh.h"
#include "net/certificate.h"
#include "net/hello.h"

#define DIGEST " | openssl dgst -sha256"
#define TO_HEX " | basenc --base16 -w0"

static void begin(struct narrator *n)
{
    narrator_put(n, "  $ ");
}

/* A command whose bytes would be folded elsewhere is told only in full. */
static bool too_long(const struct narrator *n, size_t len)
{
    return len > 2 * NARRATOR_FOLD && !n->config.full;
}

static void left_out(struct narrator *n)
{
    narrator_say(n, "  $ (the command is long: %s shows it)", n->config.full_option);
}

/* Hex between what turns it into bytes. */
static void bytes_begin(struct narrator *n)
{
    narrator_put(n, "echo ");
}

static void bytes_end(struct narrator *n)
{
    narrator_put(n, " | basenc -d --base16");
}

/* The text and its zero byte, as sizeof a literal counts them. */
static void put_label(struct narrator *n, const char *label, size_t len)
{
    narrator_put_capitals(n, (const uint8_t *)label, len);
}

void narrator_command_context(struct narrator *n)
{
    static const char label[] = "glasschat/1 context";
    begin(n);
    bytes_begin(n);
    put_label(n, label, sizeof label);
    narrator_put(n, "010000");
    bytes_end(n);
    narrator_say(n, DIGEST);
}

/* The hellos that were heard; false where there are none yet. */
static bool client_hello(const struct narrator *n, struct hello_client *hello)
{
    return n->client_frame_len >= FRAME_HEADER_LEN &&
           hello_decode_client(hello, n->client_frame, n->client_frame_len) == NET_OK;
}

static bool server_hello(const struct narrator *n, struct hello_server *hello)
{
    return n->server_frame_len >= FRAME_HEADER_LEN &&
           hello_decode_server(hello, n->server_frame, n->server_frame_len) == NET_OK;
}

/* C || ClientHello || so much of the ServerHello. */
static void hellos(struct narrator *n, size_t server_len)
{
    if (!n->config.full) { /* a public value is long, whatever the group */
        left_out(n);
        return;
    }
    begin(n);
    bytes_begin(n);
    narrator_put_capitals(n, n->context, sizeof n->context);
    narrator_put_capitals(n, n->client_frame, n->client_frame_len);
    narrator_put_capitals(n, n->server_frame, server_len);
    bytes_end(n);
    narrator_say(n, DIGEST);
}

void narrator_command_signed_hash(struct narrator *n)
{
    struct hello_server hello;
    if (server_hello(n, &hello))
        hellos(n, hello.signed_len);
}

void narrator_command_transcript(struct narrator *n)
{
    hellos(n, n->server_frame_len);
}

/* The front of a SubjectPublicKeyInfo (RFC 5280, rsaEncryption) with a modulus of 384 bytes whose top bit is set, and
 * its end, the exponent 65537: the lengths are those that any such key has. */
static const uint8_t spki_front[] = {0x30, 0x82, 0x01, 0xa2, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
                                     0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82, 0x01,
                                     0x8f, 0x00, 0x30, 0x82, 0x01, 0x8a, 0x02, 0x82, 0x01, 0x81, 0x00};
static const uint8_t spki_end[] = {0x02, 0x03, 0x01, 0x00, 0x01};

/* Ends a line that was begun with bytes_begin: the bytes go to a file in the command's own folder. */
static void bytes_to(struct narrator *n, const char *file)
{
    bytes_end(n);
    narrator_put(n, " >$d/%s; ", file);
}

void narrator_command_signature(struct narrator *n)
{
    static const char label[] = "glasschat/1 server hello";
    struct hello_server hello;
    struct certificate c;
    if (!server_hello(n, &hello) || certificate_decode(&c, hello.certificate, hello.certificate_len) != NET_OK)
        return;
    if (too_long(n, RSA_SIGNATURE_LEN)) {
        left_out(n);
        return;
    }
    begin(n);
    narrator_put(n, "d=$(mktemp -d); ");
    bytes_begin(n);
    narrator_put_capitals(n, spki_front, sizeof spki_front);
    narrator_put_capitals(n, c.modulus, sizeof c.modulus);
    narrator_put_capitals(n, spki_end, sizeof spki_end);
    bytes_to(n, "key");
    bytes_begin(n);
    narrator_put_capitals(n, hello.signature, RSA_SIGNATURE_LEN);
    bytes_to(n, "signature");
    bytes_begin(n);
    put_label(n, label, sizeof label);
    narrator_put_capitals(n, n->signed_hash, sizeof n->signed_hash);
    bytes_end(n);
    narrator_say(n, DIGEST " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -keyform DER -verify $d/key "
                           "-signature $d/signature; rm -r $d");
}

/* A PEM text's bytes, to a file of the command's own folder. */
static void pem_to(struct narrator *n, const char *pem, const char *file)
{
    narrator_put(n, "echo ");
    for (const char *line = pem; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
        if (*line != '-')
            narrator_put(n, "%.*s", (int)strcspn(line, "\n"), line);
    narrator_put(n, " | base64 -d >$d/%s; ", file);
}

static const struct dh_group *group_of(const struct narrator *n)
{
    for (int id = DH_FFDHE2048; id <= DH_FFDHE4096; id++)
        if (dh_group(id)->x_len == n->x_len)
            return dh_group(id);
    return NULL;
}

/* y^x mod p by our own x: what openssl derives from a peer whose public value is y. */
static void power(struct narrator *n, const uint8_t *y, size_t y_len)
{
    char key[DH_PEM_CAP], peer[DH_PEM_CAP];
    const struct dh_group *group = group_of(n);
    if (group == NULL || y_len > group->p_len)
        return;
    if (too_long(n, group->p_len)) {
        left_out(n);
        return;
    }
    (void)dh_pem_private(key, sizeof key, group, n->x, n->x_len);
    (void)dh_pem_public(peer, sizeof peer, group, y, y_len);
    begin(n);
    narrator_put(n, "d=$(mktemp -d); ");
    pem_to(n, key, "key");
    pem_to(n, peer, "peer");
    narrator_say(n, "openssl pkeyutl -derive -keyform DER -inkey $d/key -peerform DER -peerkey $d/peer "
                    "-pkeyopt dh_pad:1" TO_HEX "; rm -r $d");
    ct_wipe(key, sizeof key);
}

/* 2^x: the other's public value may be the generator itself. */
void narrator_command_public(struct narrator *n)
{
    power(n, (const uint8_t *)"\x02", 1);
}

void narrator_command_z(struct narrator *n)
{
    struct hello_client client;
    struct hello_server server;
    bool ours = n->config.role == HANDSHAKE_CLIENT;
    if (ours && server_hello(n, &server))
        power(n, server.public_value, server.public_value_len);
    else if (!ours && client_hello(n, &client))
        power(n, client.public_value, client.public_value_len);
}

/* openssl kdf in one of HKDF's two modes; the caller ends it. */
static void kdf(struct narrator *n, size_t len, const char *mode, const uint8_t *key, size_t key_len)
{
    begin(n);
    narrator_put(n, "openssl kdf -keylen %zu -kdfopt digest:SHA256 -kdfopt mode:%s -kdfopt hexkey:", len, mode);
    narrator_put_hex(n, key, key_len);
}

void narrator_command_prk(struct narrator *n)
{
    struct hello_client client;
    struct hello_server server;
    if (!client_hello(n, &client))
        return;
    if (too_long(n, n->z_len)) {
        left_out(n);
        return;
    }
    kdf(n, sizeof n->prk, "EXTRACT_ONLY", n->z, n->z_len);
    narrator_put(n, " -kdfopt hexsalt:");
    narrator_put_hex(n, client.random, HELLO_RANDOM_LEN);
    narrator_put_hex(n, n->config.role == HANDSHAKE_CLIENT && server_hello(n, &server) ? server.random : n->own_random,
                     HELLO_RANDOM_LEN);
    narrator_say(n, " HKDF");
}

/* HKDF-Expand with a label, and after it some bytes more. */
static void expand(struct narrator *n, const uint8_t secret[static 32], const char *label, const uint8_t *after,
                   size_t after_len, size_t len)
{
    kdf(n, len, "EXPAND_ONLY", secret, 32);
    narrator_put(n, " -kdfopt hexinfo:");
    narrator_put_hex(n, (const uint8_t *)label, strlen(label));
    narrator_put_hex(n, after, after_len);
    narrator_say(n, " HKDF");
}

void narrator_command_extract(struct narrator *n, const uint8_t salt[static 32], const uint8_t *ikm, size_t ikm_len)
{
    if (too_long(n, ikm_len)) {
        left_out(n);
        return;
    }
    kdf(n, 32, "EXTRACT_ONLY", ikm, ikm_len);
    narrator_put(n, " -kdfopt hexsalt:");
    narrator_put_hex(n, salt, 32);
    narrator_say(n, " HKDF");
}

void narrator_command_expand(struct narrator *n, const uint8_t key[static 32], const char *label, const uint8_t *after,
                             size_t after_len)
{
    expand(n, key, label, after, after_len, 32);
}

void narrator_command_secret(struct narrator *n, const char *label)
{
    expand(n, n->prk, label, n->transcript, sizeof n->transcript, RECORD_SECRET_LEN);
}

void narrator_command_update(struct narrator *n, const uint8_t secret[static RECORD_SECRET_LEN])
{
    expand(n, secret, "glasschat/1 update", NULL, 0, RECORD_SECRET_LEN);
}

void narrator_command_key(struct narrator *n, const uint8_t secret[static RECORD_SECRET_LEN], const char *label,
                          size_t len)
{
    expand(n, secret, label, NULL, 0, len);
}

/* The padding is there where we encrypt; openssl takes it off where we decrypt. */
static void enc(struct narrator *n, const struct narrator_keys *keys, const char *how)
{
    narrator_put(n, " | openssl enc %s -aes-%zu-cbc -K ", how, 8 * keys->enc_key_len);
    narrator_put_hex(n, keys->enc_key, keys->enc_key_len);
    narrator_put(n, " -iv ");
    narrator_put_hex(n, n->iv, sizeof n->iv);
    narrator_say(n, TO_HEX);
}

void narrator_command_ciphertext(struct narrator *n, const struct narrator_keys *keys)
{
    if (keys->enc_key_len == 0)
        return;
    if (too_long(n, n->plaintext_len)) {
        left_out(n);
        return;
    }
    begin(n);
    bytes_begin(n);
    narrator_put_capitals(n, n->plaintext, n->plaintext_len);
    bytes_end(n);
    enc(n, keys, "-nopad");
}

void narrator_command_plaintext(struct narrator *n, const struct narrator_keys *keys)
{
    if (keys->enc_key_len == 0)
        return;
    if (too_long(n, n->frame_len)) {
        left_out(n);
        return;
    }
    begin(n);
    bytes_begin(n);
    narrator_put_capitals(n, n->frame + NARRATOR_CIPHERTEXT_AT, narrator_ciphertext_len(n));
    bytes_end(n);
    enc(n, keys, "-d");
}

void narrator_command_tag(struct narrator *n, const struct narrator_keys *keys)
{
    if (keys->enc_key_len == 0)
        return;
    if (too_long(n, n->frame_len)) {
        left_out(n);
        return;
    }
    begin(n);
    bytes_begin(n);
    narrator_put_capitals(n, n->sequence, sizeof n->sequence);
    narrator_put_capitals(n, n->frame, n->frame_len - ETM_TAG_LEN);
    bytes_end(n);
    narrator_put(n, " | openssl mac -digest SHA256 -macopt hexkey:");
    narrator_put_hex(n, keys->mac_key, sizeof keys->mac_key);
    narrator_say(n, " HMAC");
}
