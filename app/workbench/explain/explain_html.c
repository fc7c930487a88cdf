/* SPDX-License-Identifier: MIT */
/* The page is written when its session is whole: a recording that turns out to be damaged leaves no file. */
#include "app/workbench/explain/explain_html.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/dissect/recording.h"
#include "app/workbench/args.h"
#include "app/workbench/explain/page.h"
#include "app/workbench/explain/sample_session.h"
#include "app/workbench/explain/story.h"
#include "app/workbench/io.h"

#define SEED "1" /* of docs/session.html */

static void note(void *arg, enum handshake_role side, const char *name, const uint8_t *data, size_t len)
{
    story_event(arg, side, STORY_NO_TIME, name, data, len);
}

/* A recording says at its first line whose it is, so the story begins with its first event. */
struct replay {
    struct recording_info info;
    struct story *story;
    bool begun;
};

static void replay_event(void *arg, const struct recording_event *e)
{
    struct replay *r = arg;
    if (!r->begun)
        story_begin(r->story, !r->info.server, r->info.server);
    r->begun = true;
    story_event(r->story, r->info.server ? HANDSHAKE_SERVER : HANDSHAKE_CLIENT, e->seconds, e->name, e->data, e->len);
}

static struct story *new_story(void)
{
    struct story *s = calloc(1, sizeof *s);
    if (s == NULL)
        args_fail("no memory for the session");
    return s;
}

static void write_secret(const char *path, const struct story *s, const struct page_about *about)
{
    char why[WHY_LEN];
    struct io_secret page = {0};
    bool begun = io_secret_begin(&page, path, why) == 0;
    if (begun)
        page_write(page.file, s, about);
    if (!begun || io_secret_save(&page, why) != 0) {
        io_secret_drop(&page);
        args_fail("%s", why);
    }
}

static void of_recording(const char *path, const char *recording)
{
    char why[WHY_LEN];
    struct replay r = {.story = new_story()};
    if (recording_read(&r.info, recording, replay_event, &r, why) != 0)
        args_fail("%s", why);
    if (r.story->frames_len == 0)
        args_fail("%s: has no frame: nothing was sent before it ended", recording);
    const struct page_about about = {.recording = &r.info};
    write_secret(path, r.story, &about);
    fprintf(stderr,
            "glass: the page holds every key of that session, every word, and the password: give it to nobody\n");
    story_end(r.story);
    free(r.story);
}

static void of_seed(const char *path, uint64_t seed)
{
    struct story *s = new_story();
    const struct sample_session_watch watch = {.event = note, .arg = s};
    const struct page_about about = {.seed = seed};
    story_begin(s, true, true);
    if (sample_session_play(seed, &watch) != 0)
        args_fail("the session failed: run `make test`, which says what is broken");
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    if (f == NULL)
        args_fail("no memory for the page");
    page_write(f, s, &about);
    if (fclose(f) != 0)
        args_fail("no memory for the page");
    io_write_new(path, text, len, 0644);
    free(text);
    story_end(s);
    free(s);
}

int explain_html(const char *path, const char *seed, const char *recording, const char *usage)
{
    if (recording != NULL && seed != NULL)
        args_wrong("a recorded session has no --seed", usage);
    if (recording != NULL)
        of_recording(path, recording);
    else
        of_seed(path, args_number(seed != NULL ? seed : SEED, 0, UINT64_MAX, "seed", usage));
    return STATUS_DONE;
}
