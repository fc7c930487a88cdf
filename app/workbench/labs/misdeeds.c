/* SPDX-License-Identifier: MIT */
/* The table of misdeeds, and what they all need: what was relayed, and the words that were given. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/labs/misdeed.h"
#include "crypto/ct.h"

/* clang-format off */
const struct misdeed misdeed_all[] = {
    {"none", "", "passes everything on", NULL, NULL},
    {"swap-keys", "", "is in between in each new call, with a new key of its own", misdeed_swap_begin, misdeed_swap},
    {"rename", "FROM TO", "says that FROM is TO, to all whom FROM calls", NULL, misdeed_rename},
    {"reroute", "TO OTHER", "gives OTHER what is for TO, and says that its answers are TO's", NULL, misdeed_reroute},
    {"reflect", "", "gives frames back to their sender, as the other's, and as its own", NULL, misdeed_reflect},
    {"kind-1", "", "answers a call's hello as a server answers its client's", NULL, misdeed_kind_1},
    {"bad-value", "N [WHOSE]", "public values: 0, 1, 2: p-1, 3: no square, 4: too short", NULL, misdeed_bad_value},
    {"replay", "", "hands over twice whatever is relayed, said or sealed", NULL, misdeed_replay},
    {"replay-hello", "", "with each frame calls again, with the hello of the last call", NULL, misdeed_replay_hello},
    {"replay-call", "TO", "hands over to TO, under another number, all that it ever got", misdeed_replay_call, NULL},
    {"reorder", "TO", "hands over the second of two frames for TO before the first", NULL, misdeed_reorder},
    {"drop", "N", "loses frame number N", NULL, misdeed_drop},
    {"cut", "N", "loses that frame and all behind it", NULL, misdeed_cut},
    {"other-call", "TO", "gives TO Records of an earlier call in the place of this one's", NULL, misdeed_other_call},
    {"turn-back", "TO", "hands over to TO its own Records, as the other's", NULL, misdeed_turn_back},
    {"withhold", "FROM [hello]", "loses all that FROM sends (or its hellos)", NULL, misdeed_withhold},
    {"hold", "FROM", "keeps back what FROM sends, until it is released (* for FROM: of all)", NULL, misdeed_hold},
    {"release", "", "hands over what was kept back", misdeed_release, NULL},
    {"forge", "FROM", "puts noise as long in the place of each Record that FROM sends", NULL, misdeed_forge},
    {"flip", "N OFFSET", "flips a bit of byte OFFSET of frame number N", NULL, misdeed_flip},
    {"truncate", "N LEN", "cuts frame number N, after its header, to LEN bytes", NULL, misdeed_truncate},
    {"deny", "FROM", "answers what FROM sends with: no such call here", NULL, misdeed_deny},
    {"end", "", "tells both sides of every call that the other knows no such call", misdeed_end, NULL},
    {"flood", "TO N", "calls TO N times, in the names of people whom nobody knows", misdeed_flood, NULL},
    {"apart", "A B", "loses what A and B relay to each other", NULL, misdeed_apart},
    {"apart-all", "A B", "the same, and what they seal in rooms", NULL, misdeed_apart_all},
    {"withhold-line", "FROM TO", "loses what FROM seals, on its way to TO", NULL, misdeed_withhold_line},
    {"hold-line", "FROM TO", "keeps that back, until it is released", NULL, misdeed_hold_line},
    {"release-lines", "", "hands over the lines that were kept back", misdeed_release_lines, NULL},
    {"stamp-line", "FROM AS", "hands over what FROM seals as AS's, too", NULL, misdeed_stamp_line},
    {"say-again", "TO [ROOM]", "hands over to TO all that was sealed, as said in ROOM", misdeed_say_again, NULL},
    {"spoil-line", "TO [OFFSET]", "hands over, before a line, what has one byte wrong", NULL, misdeed_spoil_line},
    {"put-in", "WHO ROOM", "says that WHO is in ROOM, and hands WHO all that is sealed", misdeed_put_in_begin,
     misdeed_put_in},
    {"hide", "WHO ROOM", "says that WHO is not in ROOM", misdeed_hide_begin, misdeed_hide},
    {0}};
/* clang-format on */

static void frames_init(struct misdeed_frames *f)
{
    *f = (struct misdeed_frames){.first = NULL};
    f->end = &f->first;
}

static void frames_free(struct misdeed_frames *frames)
{
    for (struct misdeed_frame *f = frames->first, *next; f != NULL; f = next) {
        next = f->next;
        free(f);
    }
    frames_init(frames);
}

void misdeed_keep(struct misdeed_frames *frames, const char *to, const struct message *m)
{
    size_t len = m->relayed.frame.len;
    struct misdeed_frame *f = frames->len < MISDEED_KEPT_MAX ? malloc(sizeof *f + len) : NULL;
    if (f == NULL)
        return;
    *f = (struct misdeed_frame){.len = len};
    memcpy(f->from, m->relayed.name, sizeof f->from);
    memcpy(f->to, to, strlen(to) + 1);
    memcpy(f->call, m->relayed.call, sizeof f->call);
    if (len > 0)
        memcpy(f->bytes, m->relayed.frame.data, len);
    *frames->end = f;
    frames->end = &f->next;
    frames->len++;
}

void misdeed_repeat(struct misdeeds *d, const struct misdeed_frame *f, const uint8_t *call)
{
    treacherous_hand_over(d->t, f->to, f->from, call != NULL ? call : f->call, f->bytes, f->len);
}

void misdeed_other_number(uint8_t out[static MESSAGE_CALL_LEN], const uint8_t call[static MESSAGE_CALL_LEN])
{
    for (size_t i = 0; i < MESSAGE_CALL_LEN; i++)
        out[i] = call[i] ^ 0xff;
}

/* --- The hook ----------------------------------------------------------------------------------------------------- */

static bool is_for_misdeeds(enum message_type type)
{
    return type == MESSAGE_RELAYED || type == MESSAGE_SAID || type == MESSAGE_SEALED || type == MESSAGE_PRESENCE ||
           type == MESSAGE_MEMBERS;
}

static bool on_message(void *arg, struct treacherous_user *u, bool up, const struct message *m)
{
    struct misdeeds *d = arg;
    bool on = true;
    if (up || !is_for_misdeeds(m->type))
        return true;
    if (d->chosen->on != NULL)
        on = d->chosen->on(d, u->name, m);
    if (m->type == MESSAGE_RELAYED) {
        misdeed_keep(&d->kept, u->name, m);
        d->count++;
    }
    if (m->type == MESSAGE_SEALED)
        misdeed_keep_line(&d->kept_lines, u->name, m);
    return on;
}

void misdeeds_begin(struct misdeeds *d, struct treacherous *t)
{
    memset(d, 0, sizeof *d);
    d->t = t;
    d->chosen = &misdeed_all[0];
    frames_init(&d->kept);
    frames_init(&d->held);
    misdeed_lines_init(&d->kept_lines);
    misdeed_lines_init(&d->held_lines);
    t->on_message = on_message;
    t->arg = d;
}

static const struct misdeed *find(const char *name)
{
    for (const struct misdeed *m = misdeed_all; m->name != NULL; m++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

int misdeeds_choose(struct misdeeds *d, const char *line)
{
    char name[MISDEED_WORD_LEN] = "", word[MISDEED_WORDS][MISDEED_WORD_LEN] = {"", ""};
    (void)sscanf(line, "%32s %32s %32s", name, word[0], word[1]); /* those that are not there stay empty */
    const struct misdeed *chosen = find(name);
    if (chosen == NULL)
        return -1;
    memcpy(d->word, word, sizeof d->word);
    d->chosen = chosen;
    d->count = 0;
    if (chosen->begin != NULL)
        chosen->begin(d);
    return 0;
}

void misdeeds_end(struct misdeeds *d)
{
    impostor_end(&d->impostor);
    frames_free(&d->kept);
    frames_free(&d->held);
    misdeed_lines_free(&d->kept_lines);
    misdeed_lines_free(&d->held_lines);
    d->t->on_message = NULL;
    ct_wipe(d, sizeof *d);
}
