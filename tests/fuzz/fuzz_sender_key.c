/* SPDX-License-Identifier: MIT */
/* Any bytes as a sender key: what is accepted is written again as the very same bytes, and can go on to the end. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "app/peer/sender_key.h"
#include "crypto/ct.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sender_key k;
    uint8_t again[SENDER_KEY_LEN];
    if (sender_key_decode(&k, data, size) != 0)
        return 0;
    sender_key_encode(again, &k);
    assert(size == sizeof again && ct_equal(again, data, sizeof again));
    while (k.i < SENDER_KEY_MESSAGES)
        sender_key_advance(&k);
    sender_key_wipe(&k);
    return 0;
}
