#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto/ct.h"
#include "crypto/hkdf.h"
#include "crypto/sha256.h"

void key_schedule_context(uint8_t C[32], uint8_t kind, const char *client_name, const char *server_name);
void key_schedule_transcript(uint8_t digest[32], const uint8_t C[32], const uint8_t *client_frame, size_t client_len,
                             const uint8_t *server_frame, size_t server_len);
void key_schedule_extract(uint8_t prk[32], const uint8_t client_random[32], const uint8_t server_random[32],
                          const uint8_t *z, size_t z_len);
void key_schedule_secrets(uint8_t c_secret[32], uint8_t s_secret[32], const uint8_t prk[32], const uint8_t T[32]);

static void add_name(struct sha256 *s, const char *name)
{
    uint8_t len = name == NULL ? 0 : (uint8_t)strlen(name);
    sha256_update(s, &len, 1);
    sha256_update(s, name, len);
}

/* C = SHA-256("glasschat/1 context" || 0x00 || u8 kind || <u8> client_name || <u8> server_name) */
void key_schedule_context(uint8_t C[32], uint8_t kind, const char *client_name, const char *server_name)
{
    static const char label[] = "glasschat/1 context";
    struct sha256 s;
    sha256_init(&s);
    sha256_update(&s, label, sizeof label);
    sha256_update(&s, &kind, 1);
    add_name(&s, kind == 2 ? client_name : NULL);
    add_name(&s, kind == 2 ? server_name : NULL);
    sha256_final(&s, C);
}

/* T = SHA-256(C || ClientHello frame || ServerHello frame) */
void key_schedule_transcript(uint8_t digest[32], const uint8_t C[32], const uint8_t *client_frame, size_t client_len,
                             const uint8_t *server_frame, size_t server_len)
{
    struct sha256 s;
    sha256_init(&s);
    sha256_update(&s, C, 32);
    sha256_update(&s, client_frame, client_len);
    sha256_update(&s, server_frame, server_len);
    sha256_final(&s, digest);
}

/* prk = HKDF-Extract(salt = client_random || server_random, ikm = Z) */
void key_schedule_extract(uint8_t prk[32], const uint8_t client_random[32], const uint8_t server_random[32],
                          const uint8_t *z, size_t z_len)
{
    uint8_t salt[64];
    memcpy(salt, server_random, 32);
    memcpy(salt + 32, client_random, 32);
    hkdf_extract(prk, salt, sizeof salt, z, z_len);
}

static void expand(uint8_t secret[32], const uint8_t prk[32], const char *label, const uint8_t T[32])
{
    uint8_t info[64];
    size_t len = strlen(label);
    memcpy(info, label, len);
    memcpy(info + len, T, 32);
    hkdf_expand(secret, 32, prk, info, len + 32);
}

void key_schedule_secrets(uint8_t c_secret[32], uint8_t s_secret[32], const uint8_t prk[32], const uint8_t T[32])
{
    expand(c_secret, prk, "glasschat/1 client", T);
    expand(s_secret, prk, "glasschat/1 server", T);
}
