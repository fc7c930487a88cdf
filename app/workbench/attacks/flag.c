/* SPDX-License-Identifier: MIT */
/* The zero byte keeps lab and student apart: no name has one. */
#include "app/workbench/attacks/flag.h"

#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/hmac.h"

#define BEFORE "flag{"
#define HEX_LEN (FLAG_LEN - (sizeof BEFORE - 1) - 1)

void flag_make(char flag[static FLAG_LEN + 1], const uint8_t *secret, size_t secret_len, const char *lab,
               const char *student)
{
    struct hmac_key key;
    struct hmac h;
    uint8_t tag[HMAC_TAG_LEN];
    hmac_key_init(&key, secret, secret_len);
    hmac_init(&h, &key);
    hmac_update(&h, lab, strlen(lab) + 1);
    hmac_update(&h, student, strlen(student));
    hmac_final(&h, tag);
    memcpy(flag, BEFORE, sizeof BEFORE - 1);
    hex_encode(flag + sizeof BEFORE - 1, tag, HEX_LEN / 2);
    memcpy(flag + FLAG_LEN - 1, "}", 2);
    hmac_key_wipe(&key);
}

bool flag_matches(const char *flag, const uint8_t *secret, size_t secret_len, const char *lab, const char *student)
{
    char right[FLAG_LEN + 1];
    flag_make(right, secret, secret_len, lab, student);
    return strlen(flag) == FLAG_LEN && ct_equal(flag, right, FLAG_LEN);
}
