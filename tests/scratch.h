/* SPDX-License-Identifier: MIT */
/* A fresh folder for a test's files, removed afterwards with all that is in it.
 *
 * Use it:      cmocka_unit_test_setup_teardown(test_x, scratch_make, scratch_remove), then scratch_fd(state)
 */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <stddef.h>

int scratch_make(void **state);
int scratch_remove(void **state);

/* The folder, open; and its path. */
int scratch_fd(void **state);
const char *scratch_path(void **state);

/* Writes or reads a whole file in it; the text that is returned is freed by the caller. */
void scratch_write(void **state, const char *file, const void *data, size_t len);
char *scratch_read(void **state, const char *file, size_t *len);

#endif
