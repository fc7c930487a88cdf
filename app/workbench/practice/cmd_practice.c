/* SPDX-License-Identifier: MIT */
/* glass practice: the next exercise, graded at each save. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "app/terminal/display.h"
#include "app/workbench/commands.h"
#include "app/workbench/grade/kit.h"
#include "app/workbench/practice/practice_view.h"

/* As glass grade has it: something could not be graded, through no fault of the student. */
enum { STATUS_NOT_GRADED = 3 };

static const char usage[] =
    "glass practice [--exercise WORD] [--given] [--once] [--hint N] [--kit DIR] [--cc PROGRAM] FOLDER";

struct asked {
    const char *exercise, *hint, *kit, *cc, *folder;
    unsigned hints;
    bool given, once;
};

static void parse(struct args *args, struct asked *a)
{
    struct args_option options[] = {
        {"exercise", &a->exercise, NULL}, {"hint", &a->hint, NULL}, {"kit", &a->kit, NULL}, {"cc", &a->cc, NULL},
        {"given", NULL, &a->given},       {"once", NULL, &a->once}, {NULL, NULL, NULL},
    };
    args_parse(args, options, 1, 1, usage);
    a->folder = args->value[0];
    a->hints = a->hint != NULL ? (unsigned)args_number(a->hint, 1, PRACTICE_HINTS, "hint", usage) : 0;
    a->once = a->once || a->hint != NULL || !practice_view_can();
}

/* By the signal, as whoever waits for this program expects. */
static void end_by(int signal)
{
    (void)sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    (void)raise(signal);
}

/* Grades once; the hints are those of what failed then. */
static int once(struct practice_session *s, unsigned hints)
{
    int64_t now = practice_view_now();
    size_t at = s->p.at;
    enum practice_act act = practice_tick(&s->p, now);
    (void)practice_session_do(s, act, now);
    for (unsigned i = 0; i < hints && s->p.failed; i++)
        (void)practice_session_do(s, practice_key(&s->p, 'h', now), now);
    if (act == PRACTICE_GRADE && s->result.not_graded)
        return STATUS_NOT_GRADED;
    bool passed = at == s->p.count || (s->p.work[at].passed && !s->p.work[at].stale);
    return passed && !s->p.failed ? STATUS_DONE : STATUS_FAILED;
}

int cmd_practice(struct args *args)
{
    static struct practice_session session;
    static struct kit kit;
    struct asked a = {0};
    parse(args, &a);
    kit_find(&kit, a.kit, a.cc);
    struct grade_options options = {.kit = kit.folder, .cc = kit.cc, .own = !a.given, .student = "0"};
    child_catch_signals();
    if (practice_session_open(&session, &options, a.folder, a.exercise, !a.once, practice_view_now()) != 0) {
        if (errno == 0)
            args_wrong("there is no such exercise here; `glass grade --list` lists them", usage);
        args_fail("%s can't be practised in: %s", a.folder, strerror(errno));
    }
    int status = STATUS_DONE;
    if (a.once)
        status = once(&session, a.hints);
    else if (practice_view(&session) != 0)
        status = STATUS_FAILED;
    practice_session_close(&session);
    if (child_interrupted())
        end_by(child_interrupted());
    return status;
}
