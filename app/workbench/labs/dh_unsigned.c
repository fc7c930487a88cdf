/* SPDX-License-Identifier: MIT */
/* All of the cryptography is that of the real handshake, down to the hash over both values. The hole is that anybody
 * can make a value: the hash says that both ends saw the same two, and not whose they were. */
#include "app/workbench/labs/dh_unsigned.h"

#include <string.h>

#include "crypto/ct.h"
#include "net/key_schedule.h"

void lab_dh_unsigned_init(struct lab_dh_unsigned *d, struct rng *rng)
{
    memset(d, 0, sizeof *d);
    dh_generate(&d->pair, dh_group(DH_FFDHE2048), rng);
}

int lab_dh_unsigned_finish(struct lab_dh_unsigned *d, bool is_client, const uint8_t peer[static LAB_DH_UNSIGNED_LEN])
{
    uint8_t z[LAB_DH_UNSIGNED_LEN], prk[HKDF_PRK_LEN], t[SHA256_DIGEST_LEN];
    uint8_t c_secret[RECORD_SECRET_LEN], s_secret[RECORD_SECRET_LEN];
    struct sha256 hash;
    if (dh_derive(z, &d->pair, peer, LAB_DH_UNSIGNED_LEN) != 0)
        return -1;
    sha256_init(&hash);
    sha256_update(&hash, is_client ? d->pair.y : peer, LAB_DH_UNSIGNED_LEN);
    sha256_update(&hash, is_client ? peer : d->pair.y, LAB_DH_UNSIGNED_LEN);
    sha256_final(&hash, t);
    hkdf_extract(prk, NULL, 0, z, sizeof z);
    key_schedule_secrets(c_secret, s_secret, prk, t);
    record_init(&d->send, SUITE_AES128, is_client ? c_secret : s_secret, NULL);
    record_init(&d->receive, SUITE_AES128, is_client ? s_secret : c_secret, NULL);
    ct_wipe(z, sizeof z);
    ct_wipe(prk, sizeof prk);
    ct_wipe(c_secret, sizeof c_secret);
    ct_wipe(s_secret, sizeof s_secret);
    return 0;
}

void lab_dh_unsigned_wipe(struct lab_dh_unsigned *d)
{
    ct_wipe(d, sizeof *d);
}
