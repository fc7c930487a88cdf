/* SPDX-License-Identifier: MIT */
/* One trace becomes two. A disk that is full ends the recording and not the chat; it is told when it happens, as it is
 * too late for another file afterwards. */
#include "app/client/recorder.h"

#include <string.h>

/* Of the first write that fails, and of no other. */
static void complain(const struct recorder *r)
{
    line_show(r->line, stderr, "glasschat: %s: %s: the recording ends here, and the chat goes on", r->recording.path,
              strerror(r->recording.failed));
}

static void pass_on(void *arg, const char *name, const uint8_t *data, size_t len)
{
    struct recorder *r = arg;
    int failed = r->recording.failed;
    trace_event(r->also, name, data, len);
    trace_event(&r->recording.trace, name, data, len);
    if (r->recording.failed != failed)
        complain(r);
}

static void warn(struct line *line, const char *path)
{
    line_show(line, stderr,
              "record: WARNING: %s gets this connection's secret keys, the password and all that is said:", path);
    line_show(line, stderr, "record: whoever has it can read it all, and log in. Use a password made for it.");
}

int recorder_open(struct recorder *r, const char *path, const char *server, struct line *line, const struct trace *also,
                  char why[static WHY_LEN])
{
    *r = (struct recorder){.trace = {.event = pass_on, .arg = r}, .also = also, .line = line};
    if (recording_create(&r->recording, path, "client", server, why) != 0)
        return -1;
    warn(line, path);
    return 0;
}

bool recorder_close(struct recorder *r, bool closed)
{
    char why[WHY_LEN];
    bool told = r->recording.failed != 0;
    if (recording_close(&r->recording, closed, why) == 0)
        return true;
    if (!told)
        line_show(r->line, stderr, "glasschat: %s", why);
    return false;
}
