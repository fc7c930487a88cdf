/* SPDX-License-Identifier: MIT */
/* Comparing what a student's function gave with what is right. A wrong result, a wrong byte and memory that was touched
 * are told apart.
 *
 * Use it:      after ask: expect_result(c, 0, "the result") && expect_bytes(c, out, right, 16, "the ciphertext")
 * Errors:      false where it is wrong, with the first difference in c->outcome; check_hint can add what is probably
 *              the matter.
 * Timing:      nothing secret. In the modes that look for leaks and for memory errors what is wrong was told already:
 *              there only ask and expect_same_path fail.
 * Read next:   app/workbench/exercises/exercise_pkcs7.c, a use of all of them.
 */
#ifndef APP_WORKBENCH_CHECK_EXPECT_H
#define APP_WORKBENCH_CHECK_EXPECT_H

#include "app/workbench/check/ask.h"

/* The returned value, as a signed number: `what` says in words what it is. */
bool expect_result(struct checking *c, int64_t right, const char *what);

/* The first len bytes of a buffer. `what` is what people call it: "the ciphertext". The difference is told as
 * "<what>, byte 5". */
bool expect_bytes(struct checking *c, size_t arg, const uint8_t *right, size_t len, const char *what);

/* The same for bytes that don't lie in a buffer of the call, and with words of the caller's own for the place of byte
 * i: where(place, cap, i). NULL: as above. */
typedef void expect_where(char *place, size_t cap, const char *what, size_t i);
bool expect_equal(struct checking *c, const uint8_t *yours, const uint8_t *right, size_t len, const char *what,
                  expect_where *where);

/* The number in a buffer of 8 big-endian bytes: how the runner gives back what a size_t * points to. */
bool expect_number(struct checking *c, size_t arg, uint64_t right, const char *what);

/* A buffer that must be as it was: an output after an error, the rest of a buffer after what was to be written. From
 * byte `from` on. */
bool expect_untouched(struct checking *c, size_t arg, size_t from, const char *why);

/* In CHECK_STEPS: that this call took the very same instructions as the first one since expect_new_path. `other` says
 * what was different: "a tag whose last byte is wrong". True in every other mode, and where the two results differ: a
 * verdict may show. */
bool expect_same_path(struct checking *c, const char *other);
void expect_new_path(struct checking *c, const char *first);

/* That the student's code declared no more than `most` bytes to be public (ct_public) in the last call. */
bool expect_published(struct checking *c, size_t most, const char *what);

#endif
