/* SPDX-License-Identifier: MIT */
/* Any bytes as a recording. There is one way to write one: what is accepted is written again from what was handed over,
 * and must be the same to the byte, but for a last line without its end. What is refused hands nothing over, and the
 * refusal names a line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/dissect/recording.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int holds)
{
    if (!holds)
        abort();
}

/* What is written again, beside what was read. */
struct again {
    const char *text;
    size_t len, at;
};

static void same(struct again *a, const char *text, size_t len)
{
    need(len <= a->len - a->at && memcmp(a->text + a->at, text, len) == 0);
    a->at += len;
}

static void same_event(void *arg, const struct recording_event *e)
{
    struct again *a = arg;
    char begin[64 + RECORDING_NAME_MAX], hex[2 * RECORDING_VALUE_MAX + 1];
    need(e->len >= 1 && e->len <= RECORDING_VALUE_MAX);
    same(a, begin, (size_t)snprintf(begin, sizeof begin, "%.6f %s ", e->seconds, e->name));
    hex_encode(hex, e->data, e->len);
    same(a, hex, 2 * e->len);
    same(a, "\n", 1);
}

static void nothing_comes(void *arg, const struct recording_event *e)
{
    (void)arg, (void)e;
    abort();
}

static void same_head(struct again *a, const struct recording_info *info)
{
    char head[128 + RECORDING_SERVER_MAX];
    same(a, head,
         (size_t)snprintf(head, sizeof head, RECORDING_FIRST_LINE "\nrole %s\nserver %s\nbegan %" PRIu64 "\n",
                          info->server ? "server" : "client", info->name, info->began));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct recording_info info;
    char why[WHY_LEN] = "";
    size_t len;
    char *text = fuzz_expand(data, size, &len);
    text[len] = 'x'; /* not ours to read */
    if (recording_parse(&info, text, len, NULL, NULL, why) != 0) {
        need(recording_parse(&info, text, len, nothing_comes, NULL, why) != 0);
        need(strncmp(why, "line ", 5) == 0 && strchr(why, '\n') == NULL);
    } else {
        struct again a = {.text = text, .len = len};
        same_head(&a, &info);
        need(recording_parse(&info, text, len, same_event, &a, why) == 0);
        if (info.ended)
            same(&a, "end\n", 4);
        need(info.ended ? a.at == len : memchr(text + a.at, '\n', len - a.at) == NULL);
    }
    free(text);
    return 0;
}
