/* SPDX-License-Identifier: MIT */
/* What several fuzz targets need: a place for files, and inputs that have long lines in few bytes.
 *
 * Use it:      fuzz_folder(path), and remove it at exit; fuzz_expand(data, size, &len), then free()
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#define FUZZ_PATH_LEN 64

/* A fresh file or folder, open; in memory where there is such a place. Its path is written to `path`; the caller
 * removes it. */
int fuzz_file(char path[static FUZZ_PATH_LEN]);
int fuzz_folder(char path[static FUZZ_PATH_LEN]);

/* The input with each byte 0x1f written out as 500 letters: otherwise lines that are too long would take luck, and
 * would not stay in the corpus. Copied to memory of exactly its size and one byte, so that a sanitizer sees a read past
 * its end; the caller frees it. */
char *fuzz_expand(const uint8_t *data, size_t size, size_t *len);

#endif
