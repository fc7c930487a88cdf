/* SPDX-License-Identifier: MIT */
/* Both captures are made in memory: a recording is read to its end before a file is made of it, so that nothing is left
 * of one that is refused in the middle. */
#include "app/workbench/explain/explain_pcap.h"

#include <stdlib.h>

#include "app/dissect/recording.h"
#include "app/terminal/display.h"
#include "app/workbench/args.h"
#include "app/workbench/explain/pcap_session.h"
#include "app/workbench/io.h"
#include "crypto/ct.h"

#define PATH_LEN 4096

/* A file that is being made in memory. */
struct capture {
    char path[PATH_LEN];
    FILE *file;
    char *data;
    size_t len;
};

static void open_capture(struct capture *c, const char *name, const char *which)
{
    int len = snprintf(c->path, sizeof c->path, "%s.%s.pcap", name, which);
    if (len < 0 || (size_t)len >= sizeof c->path)
        args_fail("the name %.60s... is too long", name);
    c->file = open_memstream(&c->data, &c->len);
    if (c->file == NULL)
        args_fail("there is not enough memory");
}

/* Into a file that only its owner can read: whoever has the inside has the conversation. */
static void save_capture(struct capture *c)
{
    if (ferror(c->file) | fclose(c->file))
        args_fail("there is not enough memory");
    io_write_new(c->path, c->data, c->len, 0600);
    ct_wipe(c->data, c->len);
    free(c->data);
}

int explain_pcap(const char *session, const char *name)
{
    struct capture wire, inside;
    struct pcap_session s;
    struct recording_info info;
    char why[WHY_LEN];
    open_capture(&wire, name, "wire");
    open_capture(&inside, name, "inside");
    pcap_session_begin(&s, &info, wire.file, inside.file);
    if (recording_read(&info, session, pcap_session_event, &s, why) != 0)
        args_fail("%s", why);
    size_t frames = pcap_session_end(&s);
    save_capture(&wire);
    save_capture(&inside);
    display_line(stdout, "%s: %zu frames as they crossed the wire", wire.path, frames);
    display_line(stdout, "%s: the same opened, with every word: keep it to yourself", inside.path);
    return STATUS_DONE;
}
