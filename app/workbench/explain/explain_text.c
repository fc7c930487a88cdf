/* SPDX-License-Identifier: MIT */
/* A recording is a trace that was written down: what it replays goes to the narrator as if it happened now. */
#include "app/workbench/explain/explain_text.h"

#include <stdio.h>

#include "app/dissect/narrator.h"
#include "app/dissect/recording.h"
#include "app/terminal/display.h"
#include "app/workbench/args.h"

struct telling {
    struct recording_info info; /* there before the first event */
    struct narrator narrator;
    bool begun, full;
};

static void print(void *arg, const char *line)
{
    (void)arg;
    (void)display_line(stdout, "%s", line);
}

/* Once, when the recording is known to be good. */
static void begin(struct telling *t)
{
    if (t->begun)
        return;
    t->begun = true;
    puts(NARRATOR_REFERENCES);
    narrator_init(&t->narrator, &(struct narrator_config){.role = t->info.server ? HANDSHAKE_SERVER : HANDSHAKE_CLIENT,
                                                          .full = t->full,
                                                          .full_option = "--full",
                                                          .line = print});
}

static void hear(void *arg, const struct recording_event *e)
{
    struct telling *t = arg;
    begin(t);
    trace_event(&t->narrator.trace, e->name, e->data, e->len);
}

int explain_text(const char *session, bool full)
{
    static struct telling t;
    char why[WHY_LEN];
    t.full = full;
    if (recording_read(&t.info, session, hear, &t, why) != 0)
        args_fail("%s", why);
    begin(&t); /* where there was no event */
    narrator_wipe(&t.narrator);
    if (!t.info.ended)
        puts(
            "\nThe recording ends here, before both sides had sent a Close: the session was refused or cut, or was not "
            "recorded to its end.");
    return STATUS_DONE;
}
