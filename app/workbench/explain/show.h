/* SPDX-License-Identifier: MIT */
/* How `glass COMMAND --explain` lays out what it shows: headings, sentences, values with their names.
 *
 * Standard:    none; what comes between is laid out as the primitive's standard prints its own worked example.
 * Use it:      show_heading(to, "HKDF-Extract (RFC 5869, 2.2)");
 *              show_note(to, "The secret becomes a key: PRK = HMAC-Hash(salt, IKM).");
 *              show_value(to, "PRK", prk, sizeof prk);
 *              show_command(to, "openssl kdf ... %s HKDF", hex);
 * Timing:      for values that you choose, never for a secret: what is shown stays in buffers.
 * Read next:   explain_aes.c and its neighbours; app/workbench/primitives, whose commands call them.
 *
 * Nothing is wider than SHOW_WIDTH columns but a command, which must stay one line to be copied. `to` is as stdio's;
 * whether it took everything is seen when the program ends.
 */
#ifndef APP_WORKBENCH_EXPLAIN_SHOW_H
#define APP_WORKBENCH_EXPLAIN_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SHOW_WIDTH 80
#define SHOW_NAME_WIDTH 12 /* columns that a value's name gets, after two of indentation */

/* An empty line, and the heading. */
void show_heading(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sentences, broken between words. At most 1,000 bytes (cut). */
void show_note(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "  name        <hex>", 32 bytes a row, the further rows below the first one's bytes. No bytes are shown as
 * "(empty)". */
void show_value(FILE *to, const char *name, const uint8_t *data, size_t len);

/* The same in one row for a value that is long and known: "<11 bytes> ... <11 bytes> (256 bytes)". 32 bytes and fewer
 * are shown whole. */
void show_folded(FILE *to, const char *name, const uint8_t *data, size_t len);

/* "  name        text": a number, a time, a character string that is shown as it is. */
void show_text(FILE *to, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4), nonnull(3)));

/* "  name        passed", or "refused" and a note that says what would follow from taking it. Returns passed. */
bool show_check(FILE *to, const char *name, bool passed, const char *why);

/* A command of the shell that computes the same, by other people's code: "  $ command". It can be given to `sh -c`, so
 * it has at most SHOW_COMMAND_MAX bytes (asserted): Linux takes no longer argument. That leaves room for SHOW_INPUT_MAX
 * bytes of what is explained, in hex, with keys and options beside them; more is not explained, or the command reads it
 * itself. */
#define SHOW_COMMAND_MAX 131071
#define SHOW_INPUT_MAX 32768
void show_command(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What feeds a command with bytes: "echo HEX | basenc -d --base16 | ", without a line end, HEX in capitals as coreutils
 * 9.1 wants it. out has SHOW_FEED_LEN(len) bytes. Returns out. */
#define SHOW_FEED_LEN(len) (2 * (len) + 40)
const char *show_feed(char *out, const uint8_t *data, size_t len);

#endif
