/* SPDX-License-Identifier: MIT */
/* A recording is checked to its end before its first event is handed out, and only then are files made of it. Both are
 * left, or neither. */
#include "app/workbench/explain/explain_pcap.h"

#include "app/dissect/recording.h"
#include "app/terminal/display.h"
#include "app/workbench/args.h"
#include "app/workbench/explain/pcap_session.h"
#include "app/workbench/io.h"

#define PATH_LEN 4096

struct captures {
    char wire_path[PATH_LEN], inside_path[PATH_LEN];
    struct io_secret wire, inside; /* whoever has the inside has the conversation */
    struct recording_info info;    /* there before the first event */
    struct pcap_session session;
};

static void name_capture(char path[static PATH_LEN], const char *name, const char *which)
{
    int len = snprintf(path, PATH_LEN, "%s.%s.pcap", name, which);
    if (len < 0 || len >= PATH_LEN)
        args_fail("the name %.60s... is too long", name);
}

static _Noreturn void give_up(struct captures *c, const char *why)
{
    io_secret_drop(&c->wire);
    io_secret_drop(&c->inside);
    args_fail("%s", why);
}

/* Once, when the recording is known to be good. */
static void make_files(struct captures *c)
{
    char why[WHY_LEN];
    if (c->inside.file != NULL)
        return;
    if (io_secret_begin(&c->wire, c->wire_path, why) != 0 || io_secret_begin(&c->inside, c->inside_path, why) != 0)
        give_up(c, why);
    pcap_session_begin(&c->session, &c->info, c->wire.file, c->inside.file);
}

static void hear(void *arg, const struct recording_event *e)
{
    struct captures *c = arg;
    make_files(c);
    pcap_session_event(&c->session, e);
}

int explain_pcap(const char *session, const char *name)
{
    static struct captures c;
    char why[WHY_LEN];
    c = (struct captures){0};
    name_capture(c.wire_path, name, "wire");
    name_capture(c.inside_path, name, "inside");
    if (recording_read(&c.info, session, hear, &c, why) != 0)
        give_up(&c, why);
    make_files(&c); /* where there was no event */
    size_t frames = pcap_session_end(&c.session);
    if (io_secret_save(&c.wire, why) != 0 || io_secret_save(&c.inside, why) != 0)
        give_up(&c, why);
    display_line(stdout, "%s: %zu frames as they crossed the wire", c.wire_path, frames);
    display_line(stdout, "%s: the same opened, with every word: keep it to yourself", c.inside_path);
    return STATUS_DONE;
}
