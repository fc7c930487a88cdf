/* SPDX-License-Identifier: MIT */
/* A line of DATA/codes from anywhere. Findings besides a crash: a record that would not be written as it was read, or a
 * lock of an impossible length. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/store/login_failures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct login_failures_record r;
    char again[LOGIN_FAILURES_LINE_MAX];
    if (memchr(data, '\0', size) != NULL)
        return 0;
    char *text = malloc(size + 1); /* so that a sanitizer sees a read past the end */
    assert(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (login_failures_decode(&r, text) == 0) {
        login_failures_encode(again, &r);
        assert(strcmp(again, text) == 0);
        for (size_t i = 0; i < LOGIN_FAILURES_PLACES; i++) {
            uint32_t lock = login_failures_lock(&r.at[i], 10);
            assert(lock == 0 || (lock >= LOGIN_FAILURES_LOCK_LEAST && lock <= LOGIN_FAILURES_LOCK_MOST));
        }
    }
    free(text);
    return 0;
}
