/* SPDX-License-Identifier: MIT */
/* A line of DATA/codes from anywhere. Findings besides a crash: a record that would not be written as it was read, or a
 * lock that is none of those there are. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/codes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct codes_record r;
    char again[CODES_LINE_MAX];
    if (memchr(data, '\0', size) != NULL)
        return 0;
    char *text = malloc(size + 1); /* so that a sanitizer sees a read past the end */
    assert(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (codes_decode(&r, text) == 0) {
        codes_encode(again, &r);
        assert(strcmp(again, text) == 0);
        for (size_t i = 0; i < CODES_PLACES; i++) {
            uint32_t lock = codes_lock(&r.at[i], 10);
            assert(lock == 0 || (lock >= CODES_LOCK_LEAST && lock <= CODES_LOCK_MOST));
        }
    }
    free(text);
    return 0;
}
