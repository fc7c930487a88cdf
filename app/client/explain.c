/* SPDX-License-Identifier: MIT */
/* The narrator makes the lines, the client's own screen shows them: what is being typed stays whole. */
#include "app/client/explain.h"

#include "app/dissect/narrator.h"

static struct narrator narrator; /* large, and there is one connection */

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
    narrator_init(
        &narrator,
        &(struct narrator_config){
            .role = HANDSHAKE_CLIENT, .full = full, .full_option = "--explain-full", .line = show, .arg = line});
}

void explain_end(void)
{
    narrator_wipe(&narrator);
}
