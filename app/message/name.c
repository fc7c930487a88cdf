/* SPDX-License-Identifier: MIT */
/* Bytes are compared with ranges of ASCII: the C library's isalpha and the like depend on the locale, and a name must
 * be valid for everybody or for nobody. */
#include "app/message/name.h"

#include <stdint.h>
#include <string.h>

static bool letter(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool may_follow(uint8_t c)
{
    return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool name_valid(const void *name, size_t len)
{
    const uint8_t *p = name;
    if (len < 1 || len > NAME_MAX_LEN || !letter(p[0]))
        return false;
    for (size_t i = 1; i < len; i++)
        if (!may_follow(p[i]))
            return false;
    return true;
}

bool name_sealed_valid(const void *name, size_t len)
{
    const char *p = name;
    return len >= 1 && len <= NAME_MAX_LEN && p[0] == NAME_SEALED_MARK && name_valid(p + 1, len - 1);
}

bool name_room_valid(const void *name, size_t len)
{
    return name_valid(name, len) || name_sealed_valid(name, len);
}

bool name_is_sealed(const char *room)
{
    return room[0] == NAME_SEALED_MARK;
}

const char *name_reserved_at(size_t i)
{
    static const char *const reserved[] = {"admin", "glasschat", "operator", "root", "server", "system"};
    return i < sizeof reserved / sizeof *reserved ? reserved[i] : NULL;
}

bool name_reserved(const char *name)
{
    const char *reserved;
    for (size_t i = 0; (reserved = name_reserved_at(i)) != NULL; i++)
        if (strcmp(name, reserved) == 0)
            return true;
    return false;
}
