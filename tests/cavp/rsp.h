/* SPDX-License-Identifier: MIT */
/* Reads a response file (.rsp) of NIST's Cryptographic Algorithm Validation Program as NIST published it.
 *
 * Standard:    none but the files: `#` starts a comment; [TEXT] opens a section; `name = value` lines are fields; an
 *              empty line ends a record. Lines may end in CR LF.
 * Use it:      struct rsp *r = rsp_open(directory, "CBCMMT128.rsp");
 *              while (rsp_next(r)) {
 *                  size_t key_len;
 *                  const uint8_t *key = rsp_hex(r, "KEY", &key_len);
 *                  ...
 *                  rsp_check(r, "CIPHERTEXT", out, out_len);
 *              }
 *              cases += rsp_close(r);
 * Errors:      a file that can't be read, a field that is not there or not hex, a wrong answer: one line on stderr with
 *              the file, the section and the line of the record, and the program ends with status 1.
 * Read next:   tests/cavp/cavp_aes.c.
 */
#ifndef TESTS_CAVP_RSP_H
#define TESTS_CAVP_RSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rsp;

/* Whether directory/name can be read. */
bool rsp_exists(const char *directory, const char *name);

struct rsp *rsp_open(const char *directory, const char *name);

/* Goes to the next record; false after the last. */
bool rsp_next(struct rsp *r);

/* What stands between the last brackets before this record, such as "ENCRYPT" or "L = 32"; "" before the first. */
const char *rsp_section(const struct rsp *r);

bool rsp_has(const struct rsp *r, const char *field);

/* A field as hex bytes or as a decimal number. The bytes live until the next rsp_next or rsp_close. */
const uint8_t *rsp_hex(struct rsp *r, const char *field, size_t *len);
unsigned long rsp_number(struct rsp *r, const char *field);

/* As rsp_hex, but the value must have exactly len bytes. */
const uint8_t *rsp_hex_n(struct rsp *r, const char *field, size_t len);

/* Compares got with a field. */
void rsp_check(struct rsp *r, const char *field, const uint8_t *got, size_t got_len);

/* Closes the file and returns how many records it had; a file without any ends the program as an error. */
unsigned long rsp_close(struct rsp *r);

#endif
