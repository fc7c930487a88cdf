/* SPDX-License-Identifier: MIT */
/* The table of the exercises, in the order in which they stand on one another. */
#include "app/workbench/exercises/exercise.h"

#include <string.h>

extern const struct exercise exercise_bytes;
extern const struct exercise exercise_sub_mix;
extern const struct exercise exercise_key_expansion;
extern const struct exercise exercise_aes;
extern const struct exercise exercise_cbc;
extern const struct exercise exercise_pkcs7;
extern const struct exercise exercise_sha256;
extern const struct exercise exercise_hmac;
extern const struct exercise exercise_hkdf;
extern const struct exercise exercise_pbkdf2;
extern const struct exercise exercise_totp;
extern const struct exercise exercise_dh;
extern const struct exercise exercise_record;
extern const struct exercise exercise_key_schedule;
extern const struct exercise exercise_ratchet;
extern const struct exercise exercise_sender_key;

/* clang-format off */
const struct exercise *const exercises[] = {
    &exercise_bytes,
    &exercise_sub_mix,
    &exercise_key_expansion,
    &exercise_aes,
    &exercise_cbc,
    &exercise_pkcs7,
    &exercise_sha256,
    &exercise_hmac,
    &exercise_hkdf,
    &exercise_pbkdf2,
    &exercise_totp,
    &exercise_dh,
    &exercise_record,
    &exercise_key_schedule,
    &exercise_ratchet,
    &exercise_sender_key,
    NULL,
};
/* clang-format on */

bool exercise_is(const struct exercise *e, const char *word)
{
    size_t len = strlen(e->number);
    return strcmp(e->stem, word) == 0 || strcmp(e->number, word) == 0 ||
           (strncmp(e->number, word, len) == 0 && word[len] == '-' && strcmp(e->stem, word + len + 1) == 0);
}

const struct exercise *exercise_find(const char *word)
{
    for (size_t i = 0; exercises[i] != NULL; i++)
        if (exercise_is(exercises[i], word))
            return exercises[i];
    return NULL;
}

unsigned exercise_points(const struct exercise *e, bool ct, bool sanitize)
{
    unsigned points = (ct ? e->timing_points : 0) + (sanitize ? e->memory_points : 0);
    for (const struct check *k = e->checks; k->name != NULL; k++)
        points += k->points;
    return points;
}
