/* SPDX-License-Identifier: MIT */
/* Any bytes as a certificate: what is accepted is written again as the very same bytes. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto/ct.h"
#include "net/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct certificate c;
    uint8_t again[CERTIFICATE_MAX_LEN];
    if (certificate_decode(&c, data, size) != NET_OK)
        return 0;
    assert(certificate_encode(again, &c) == size);
    assert(ct_equal(again, data, size));
    assert(strlen(c.name) >= 1 && c.not_before <= c.not_after);
    if (certificate_is_self_signed(&c))
        (void)certificate_verify_self(&c);
    return 0;
}
