/* SPDX-License-Identifier: MIT */
/* RFC 5321 section 4.1.2 without what addresses don't have in practice: quoted local parts, address literals, comments.
 *
 *      Mailbox    = Dot-string "@" Domain
 *      Dot-string = 1*atext *("." 1*atext)                        at most 64 bytes (4.5.3.1.1)
 *      Domain     = label *("." label)                            at most 255 bytes (4.5.3.1.2)
 *      label      = letter-or-digit [*(letter, digit or "-") letter-or-digit]     at most 63 (RFC 1035 2.3.4)
 */
#include "app/message/email.h"

#include <stdint.h>
#include <string.h>

#define LOCAL_MAX_LEN 64
#define LABEL_MAX_LEN 63

static bool alphanumeric(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool atext(uint8_t c)
{
    return alphanumeric(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool local_valid(const uint8_t *p, size_t len)
{
    if (len < 1 || len > LOCAL_MAX_LEN || p[0] == '.' || p[len - 1] == '.')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!atext(p[i]) && (p[i] != '.' || p[i - 1] == '.'))
            return false;
    return true;
}

static bool label_valid(const uint8_t *p, size_t len)
{
    if (len < 1 || len > LABEL_MAX_LEN || p[0] == '-' || p[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!alphanumeric(p[i]) && p[i] != '-')
            return false;
    return true;
}

static bool domain_valid(const uint8_t *p, size_t len)
{
    const uint8_t *dot;
    while ((dot = memchr(p, '.', len)) != NULL) {
        size_t label_len = (size_t)(dot - p);
        if (!label_valid(p, label_len))
            return false;
        p += label_len + 1;
        len -= label_len + 1;
    }
    return label_valid(p, len);
}

bool email_valid(const void *email, size_t len)
{
    const uint8_t *p = email;
    if (len > EMAIL_MAX_LEN)
        return false;
    const uint8_t *at = len > 0 ? memchr(p, '@', len) : NULL;
    if (at == NULL)
        return false;
    size_t local_len = (size_t)(at - p);
    return local_valid(p, local_len) && domain_valid(at + 1, len - local_len - 1);
}
