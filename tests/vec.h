/* SPDX-License-Identifier: MIT */
/* Reads vectors/<stem>.txt, the known answers: records of `name = value` lines, a blank line between two.
 *
 * Use it:      struct vec *v = vec_open("sha256");
 *              while (vec_next(v)) {
 *                  size_t msg_len;
 *                  const uint8_t *msg = vec_hex(v, "msg", &msg_len);
 *                  ...
 *              }
 *              vec_close(v);
 * Errors:      a malformed file, a field asked for that is not there, a field that nobody read before the next record,
 *              a record without `name` or `source`, a wrong or missing `end = N`: each fails the running test with the
 *              record's name.
 * Read next:   vectors/README.md, the format.
 */
#ifndef TESTS_VEC_H
#define TESTS_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vec;

/* Opens vectors/<stem>.txt, from the top of the tree. */
struct vec *vec_open(const char *stem);

/* Goes to the next record; false after the last one, with the count in `end = N` checked. `name`, `source` and `why`
 * count as read. */
bool vec_next(struct vec *v);

bool vec_has(const struct vec *v, const char *field);

/* The name of the current record, for messages. */
const char *vec_name(const struct vec *v);

/* The value as text, hex bytes, a decimal number. What is returned lives until the next vec_next or vec_close. */
const char *vec_text(struct vec *v, const char *field);
const uint8_t *vec_hex(struct vec *v, const char *field, size_t *len);
uint64_t vec_number(struct vec *v, const char *field);

/* As vec_hex, but the value must have exactly len bytes. */
const uint8_t *vec_hex_n(struct vec *v, const char *field, size_t len);

/* True where the record says `expect = reject`, a negative case. */
bool vec_rejects(struct vec *v);

/* Compares got with the bytes of a field; where they differ, prints both from the first differing byte on and fails. */
void vec_check(struct vec *v, const char *field, const uint8_t *got, size_t got_len);

void vec_close(struct vec *v);

/* What RUN of tests/test.h calls: runs the tests, and prints the record that a failed one was at. */
struct CMUnitTest;
int vec_run(const struct CMUnitTest *tests, size_t n);

#endif
