/* SPDX-License-Identifier: MIT */
/* All of the weakness is what is not here. */
#include "app/workbench/labs/ring_unconfirmed.h"

#include <string.h>

int lab_ring_unconfirmed(uint8_t key[static RING_KEY_LEN], struct ring *r)
{
    struct ring_keys keys;
    if (ring_finish(&keys, r) != 0)
        return -1;
    memcpy(key, keys.key, RING_KEY_LEN);
    ring_keys_wipe(&keys);
    return 0;
}
