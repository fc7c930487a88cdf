/* SPDX-License-Identifier: MIT */
/* What the files of the narrator share: making lines, and the commands.
 *
 * Use it:      from narrator.c, narrator_call.c, narrator_lines.c and narrator_commands.c alone.
 * Read next:   narrator.c.
 */
#ifndef APP_DISSECT_NARRATOR_IMPL_H
#define APP_DISSECT_NARRATOR_IMPL_H

#include "app/dissect/narrator.h"

/* In a Record's frame. */
#define NARRATOR_IV_AT FRAME_HEADER_LEN
#define NARRATOR_CIPHERTEXT_AT (NARRATOR_IV_AT + AES_BLOCK_LEN)

/* Of the frame that was heard last, which has at least RECORD_FRAME_MIN bytes. */
static inline size_t narrator_ciphertext_len(const struct narrator *n)
{
    return n->frame_len - NARRATOR_CIPHERTEXT_AT - ETM_TAG_LEN;
}

/* Lines: pieces are put together; narrator_say puts its own behind them, hands the line on and wipes it. What doesn't
 * fit is left out. */
void narrator_put(struct narrator *n, const char *format, ...) __attribute__((format(printf, 2, 3)));
void narrator_put_hex(struct narrator *n, const uint8_t *data, size_t len);
void narrator_put_capitals(struct narrator *n, const uint8_t *data, size_t len); /* hex as basenc wants it */
void narrator_say(struct narrator *n, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where a step is told from its front: what happens, and where to read of it. */
void narrator_step(struct narrator *n, const char *sentence, const char *section, const char *chapter);

/* A value: its name, or "name = formula", its length and who has it, then its bytes, folded where it is long. */
void narrator_value(struct narrator *n, const char *formula, const uint8_t *data, size_t len, const char *whose);

/* A text in quotes, or as bytes where not all of it is printable ASCII; it goes on in the same line. */
void narrator_text(struct narrator *n, const uint8_t *data, size_t len);

/* The fields of a frame or of a plaintext, as dissect_frame or dissect_plaintext found them in data. */
void narrator_fields(struct narrator *n, const uint8_t *data);

/* The commands that compute a value again, each a line that begins with "  $ ". What they need was heard before; none
 * is told of a Record whose keys were not. */
void narrator_command_context(struct narrator *n);
void narrator_command_public(struct narrator *n);
void narrator_command_signed_hash(struct narrator *n);
void narrator_command_signature(struct narrator *n);
void narrator_command_z(struct narrator *n);
void narrator_command_prk(struct narrator *n);
void narrator_command_transcript(struct narrator *n);
void narrator_command_secret(struct narrator *n, const char *label);
void narrator_command_update(struct narrator *n, const uint8_t secret[static RECORD_SECRET_LEN]);
void narrator_command_key(struct narrator *n, const uint8_t secret[static RECORD_SECRET_LEN], const char *label,
                          size_t len);
void narrator_command_ciphertext(struct narrator *n, const struct narrator_keys *keys);
void narrator_command_plaintext(struct narrator *n, const struct narrator_keys *keys);
void narrator_command_tag(struct narrator *n, const struct narrator_keys *keys);

/* HKDF's two halves, of a call: with a salt of 32 bytes; and with a label, and behind it some bytes more. */
void narrator_command_extract(struct narrator *n, const uint8_t salt[static 32], const uint8_t *ikm, size_t ikm_len);
void narrator_command_expand(struct narrator *n, const uint8_t key[static 32], const char *label, const uint8_t *after,
                             size_t after_len);

#endif
