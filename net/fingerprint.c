/* SPDX-License-Identifier: MIT */
/* The text has one length, and base64 of 32 bytes one form: whatever differs from that is no fingerprint. */
#include "net/fingerprint.h"

#include <string.h>

#include "crypto/base64.h"

static const char prefix[] = "SHA256:";
#define PREFIX_LEN (sizeof prefix - 1)

void fingerprint_print(char out[static FINGERPRINT_TEXT_LEN], const uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN])
{
    memcpy(out, prefix, PREFIX_LEN);
    base64_encode(out + PREFIX_LEN, fp, CERTIFICATE_FINGERPRINT_LEN);
}

int fingerprint_parse(uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN], const char *text, size_t text_len)
{
    uint8_t bytes[CERTIFICATE_FINGERPRINT_LEN];
    size_t len;
    if (text_len != FINGERPRINT_TEXT_LEN - 1 || strncmp(text, prefix, PREFIX_LEN) != 0)
        return -1;
    if (base64_decode(bytes, sizeof bytes, &len, text + PREFIX_LEN, text_len - PREFIX_LEN) != 0 || len != sizeof bytes)
        return -1;
    memcpy(fp, bytes, sizeof bytes);
    return 0;
}
