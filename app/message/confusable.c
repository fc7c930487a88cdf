/* SPDX-License-Identifier: MIT */
/* No character of a prototype has another prototype, so one look at each character is enough, whatever stands beside
 * it: `m` becomes `rn`, and is then equal to `rn`. */
#include "app/message/confusable.h"

#include <assert.h>
#include <string.h>

static const char *prototype(char c)
{
    switch (c) {
    /* clang-format off */
    case '0': return "o";
    case '1': case 'i': return "l";
    case '2': return "z";
    case '5': return "s";
    case '_': return "-";
    case 'd': return "cl";
    case 'm': return "rn";
    case 'w': return "vv";
    default: return NULL;
        /* clang-format on */
    }
}

void confusable_skeleton(char out[static CONFUSABLE_MAX_LEN + 1], const char *name)
{
    size_t len = 0;
    assert(strlen(name) <= NAME_MAX_LEN);
    for (; *name != '\0'; name++) {
        const char *p = prototype(*name);
        out[len++] = p != NULL ? p[0] : *name;
        if (p != NULL && p[1] != '\0')
            out[len++] = p[1];
    }
    out[len] = '\0';
}

static bool same_skeleton(const char *a, const char *b)
{
    char of_a[CONFUSABLE_MAX_LEN + 1], of_b[CONFUSABLE_MAX_LEN + 1];
    confusable_skeleton(of_a, a);
    confusable_skeleton(of_b, b);
    return strcmp(of_a, of_b) == 0;
}

bool confusable_names(const char *a, const char *b)
{
    return strcmp(a, b) != 0 && same_skeleton(a, b);
}

bool confusable_you(const char *name)
{
    return same_skeleton(name, "you");
}

uint32_t confusable_hash(const char *name)
{
    char skeleton[CONFUSABLE_MAX_LEN + 1];
    uint32_t hash = 2166136261u;
    confusable_skeleton(skeleton, name);
    for (const char *p = skeleton; *p != '\0'; p++)
        hash = (hash ^ (uint8_t)*p) * 16777619u;
    return hash;
}
