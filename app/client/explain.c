/* SPDX-License-Identifier: MIT */
/* Each value is two lines or more, its name and then its bytes; the copy in hex is wiped as it may be a key. */
#include "app/client/explain.h"

#include "crypto/bytes.h"
#include "crypto/ct.h"

#define PER_LINE 32

static void show(void *arg, const char *name, const uint8_t *data, size_t len)
{
    struct line *line = arg;
    line_show(line, stderr, "explain: %s, %zu byte%s", name, len, len == 1 ? "" : "s");
    for (size_t i = 0; i < len; i += PER_LINE) {
        char hex[2 * PER_LINE + 1];
        hex_encode(hex, data + i, len - i < PER_LINE ? len - i : PER_LINE);
        line_show(line, stderr, "explain:   %s", hex);
        ct_wipe(hex, sizeof hex);
    }
}

struct trace explain_trace(struct line *line)
{
    return (struct trace){.event = show, .arg = line};
}

void explain_warn(struct line *line)
{
    line_show(line, stderr, "explain: WARNING: what follows has this connection's secret keys, the password and all");
    line_show(line, stderr, "explain: that is said, for whoever sees this screen or file. Use a password made for it.");
}
