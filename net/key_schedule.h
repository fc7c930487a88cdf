/* SPDX-License-Identifier: MIT */
/* The key schedule: from what crossed the wire, and the secret Z, to the two secrets of a connection.
 *
 *      C         = SHA-256("glasschat/1 context" || 0x00 || u8 kind || <u8> client_name || <u8> server_name)
 *      T         = SHA-256(C || ClientHello frame || ServerHello frame)
 *      prk       = HKDF-Extract(salt = client_random || server_random, ikm = Z)
 *      c_secret  = HKDF-Expand(prk, "glasschat/1 client" || T, 32)
 *      s_secret  = HKDF-Expand(prk, "glasschat/1 server" || T, 32)
 *      root_0    = HKDF-Expand(prk, "glasschat/1 root" || T, 32)          between users
 *
 * Standard:    docs/protocol.md sections 4.1, 4.5, 5.1 and 8.4; HKDF is RFC 5869. "Key schedule" as in RFC 8446
 *              section 7.1.
 * Use it:      key_schedule_context(c, 1, NULL, NULL);
 *              key_schedule_transcript(t, c, client_frame, client_frame_len, server_frame, server_frame_len);
 *              key_schedule_extract(prk, client_random, server_random, z, z_len);
 *              key_schedule_secrets(c_secret, s_secret, prk, t);
 * Timing:      Z, prk and the secrets are secret: it depends on the lengths alone. All else is on the wire.
 * Read next:   net/key_schedule.c; net/record.h, which makes keys of the secrets; net/handshake.h, which calls this.
 *
 * Bytes in, bytes out: nothing is kept, nothing can fail, and no output may overlap an input, unless it says so. Wiping
 * prk and Z is for the caller.
 */
#ifndef NET_KEY_SCHEDULE_H
#define NET_KEY_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/hkdf.h"
#include "crypto/sha256.h"
#include "net/record.h"

#define KEY_SCHEDULE_RANDOM_LEN 32

/* C: what a handshake is about. The names have at most 255 bytes (asserted); NULL is none, as "". */
void key_schedule_context(uint8_t context[static SHA256_DIGEST_LEN], uint8_t kind, const char *client_name,
                          const char *server_name);

/* The hash of C and both frames, headers included. With the whole ServerHello it is T; with the bytes before the
 * signature's own length field it is what the server signs. */
void key_schedule_transcript(uint8_t digest[static SHA256_DIGEST_LEN], const uint8_t context[static SHA256_DIGEST_LEN],
                             const uint8_t *client_frame, size_t client_frame_len, const uint8_t *server_frame,
                             size_t server_frame_len);

/* prk, of Z and both sides' randoms. z has as many bytes as the group's prime, leading zeros included; prk may be in
 * it. */
void key_schedule_extract(uint8_t prk[static HKDF_PRK_LEN], const uint8_t client_random[static KEY_SCHEDULE_RANDOM_LEN],
                          const uint8_t server_random[static KEY_SCHEDULE_RANDOM_LEN], const uint8_t *z, size_t z_len);

/* The secrets for what the client and what the server sends. */
void key_schedule_secrets(uint8_t c_secret[static RECORD_SECRET_LEN], uint8_t s_secret[static RECORD_SECRET_LEN],
                          const uint8_t prk[static HKDF_PRK_LEN], const uint8_t transcript[static SHA256_DIGEST_LEN]);

/* What the ratchet of a call between users begins with. */
void key_schedule_root(uint8_t root[static HKDF_PRK_LEN], const uint8_t prk[static HKDF_PRK_LEN],
                       const uint8_t transcript[static SHA256_DIGEST_LEN]);

#endif
