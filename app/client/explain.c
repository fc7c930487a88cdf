/* SPDX-License-Identifier: MIT */
/* The narrator makes the lines, the client's own screen shows them: what is being typed stays whole. */
#include "app/client/explain.h"

#include "app/dissect/narrator.h"
#include "app/dissect/narrator_call.h"

static struct narrator narrator; /* large, and there is one connection */
static struct narrator_call narrator_call;

static void show(void *arg, const char *text)
{
    struct line *line = arg;
    line_show(line, stderr, text[0] == '\0' ? "explain:" : "explain: %s", text);
}

const struct trace *explain_trace(void)
{
    return &narrator.trace;
}

void explain_begin(struct line *line, bool full)
{
    line_show(line, stderr, "explain: WARNING: what follows has this connection's secret keys, the password and all");
    line_show(line, stderr, "explain: that is said, for whoever sees this screen or file. Use a password made for it.");
    line_show(line, stderr, "explain: " NARRATOR_REFERENCES);
    const struct narrator_config config = {
        .role = HANDSHAKE_CLIENT, .full = full, .full_option = "--explain-full", .line = show, .arg = line};
    narrator_init(&narrator, &config);
    narrator_call_init(&narrator_call, &config);
}

void explain_call(void *arg, const struct call *call, const char *name, const uint8_t *data, size_t len)
{
    (void)arg;
    narrator_call_hear(&narrator_call, call, call->peer, call->caller, name, data, len);
}

void explain_end(void)
{
    narrator_call_wipe(&narrator_call);
    narrator_wipe(&narrator);
}
