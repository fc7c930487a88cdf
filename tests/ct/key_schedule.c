/* SPDX-License-Identifier: MIT */
/* The key schedule with a secret Z: prk and both secrets. What is hashed crosses the wire, and is public. */
#include "net/key_schedule.h"

#include "tests/ct/check.h"
#include "tests/ct/secret.h"

static void key_schedule(const void *arg)
{
    uint8_t random[2 * KEY_SCHEDULE_RANDOM_LEN], transcript[SHA256_DIGEST_LEN], z[384], prk[HKDF_PRK_LEN];
    uint8_t c_secret[RECORD_SECRET_LEN], s_secret[RECORD_SECRET_LEN];
    (void)arg;
    check_fill(random, sizeof random);
    check_fill(transcript, sizeof transcript);
    check_secret(z, sizeof z);
    key_schedule_extract(prk, random, random + KEY_SCHEDULE_RANDOM_LEN, z, sizeof z);
    key_schedule_secrets(c_secret, s_secret, prk, transcript);
    check_output(c_secret, sizeof c_secret);
    check_output(s_secret, sizeof s_secret);
    check_output(prk, sizeof prk);
}

void check_key_schedule(void)
{
    check_run(CHECK_CODE, "key_schedule", "secrets of Z", key_schedule, NULL);
}
