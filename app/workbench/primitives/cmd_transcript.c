/* SPDX-License-Identifier: MIT */
/* glass transcript verify FILE    what was said in a sealed room, as one of its members saved it: checked without
 *                                 anything but the file, and then shown
 *
 * Nothing of the file is shown before all of it has been checked. What it shows as missing it has from the senders'
 * own words, each of which names the line before it and the last that was seen of another. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/message/seen_names.h"
#include "app/peer/transcript.h"
#include "app/terminal/display.h"
#include "app/workbench/commands.h"
#include "app/workbench/io.h"
#include "crypto/ct.h"
#include "net/fingerprint.h"

#define USAGE "glass transcript verify FILE"
#define NAMES_MAX (ROOM_LIST_MEMBERS_MAX * (NAME_MAX_LEN + 4) + 1)

static const char *quote(const char *name)
{
    static char quoted[SEEN_NAMES_PRINT_LEN];
    return seen_names_quote(quoted, name);
}

/* --- Who ---------------------------------------------------------------------------------------------------------- */

static void show_keys(const struct transcript *t)
{
    static struct seen_names names;
    display_line(stdout, "* keys: the file can't show whose they are; compare them with what their owners say");
    for (size_t i = 0; i < t->certificate_count; i++) {
        const struct transcript_certificate *c = t->certificates[i];
        char name[SEEN_NAMES_PRINT_LEN], key[FINGERPRINT_TEXT_LEN], issuer[FINGERPRINT_TEXT_LEN];
        (void)seen_names_print(name, c->name, seen_names_listed(&names, c->name));
        fingerprint_print(key, c->fingerprint);
        fingerprint_print(issuer, c->issuer);
        const char *who = i == 0 ? "the founder; " : "";
        if (strcmp(key, issuer) == 0)
            display_line(stdout, "*   %s: %s (%scertificate signed by itself)", name, key, who);
        else
            display_line(stdout, "*   %s: %s (%scertificate signed by %s, which is not checked here)", name, key, who,
                         issuer);
    }
}

/* The members of a list; they were checked when it was read. */
static void print_members(char out[static NAMES_MAX], const struct transcript_list *list)
{
    struct room_list l;
    size_t len = 0;
    if (room_list_decode(&l, list->bytes, list->len) != 0)
        args_fail("this machine computes wrongly");
    for (size_t i = 0; i < l.count; i++)
        len += (size_t)snprintf(out + len, NAMES_MAX - len, "%s%s", i > 0 ? ", " : "", quote(l.members[i].name));
    if (l.count == 0)
        snprintf(out, NAMES_MAX, "nobody: the room is closed");
}

static void show_lists(const struct transcript *t)
{
    display_line(stdout, "* who was in the room, as the founder signed it:");
    for (size_t i = 0; i < t->list_count; i++) {
        const struct transcript_list *l = t->lists[i];
        char members[NAMES_MAX];
        print_members(members, l);
        if (i == 0 ? l->n > 0 : l->n - 1 > t->lists[i - 1]->n)
            display_line(stdout, "*   (lists before %lu are not in this file)", (unsigned long)l->n);
        display_line(stdout, "*   list %lu: %s", (unsigned long)l->n, members);
    }
}

/* --- What --------------------------------------------------------------------------------------------------------- */

/* What the sender says comes before the line of that number, and does not. */
static void show_gap(const struct transcript *t, size_t number, const struct transcript_links *k)
{
    const struct transcript_line *line = transcript_at(t, number - 1);
    const char *name = quote(line->certificate->name);
    size_t named = transcript_find(t, line->prev);
    if (named == 0 && k->last == 0)
        display_line(stdout, "* missing: what %s said before %zu", name, number);
    else if (named == 0)
        display_line(stdout, "* missing: something that %s said between %zu and %zu", name, k->last, number);
    else if (named >= number)
        display_line(stdout, "* %zu comes after %zu, as %s signed it; whoever saved this saw it before", number, named,
                     name);
    else
        display_line(stdout, "* %zu says that it comes right after %zu: %s contradicts the lines above", number, named,
                     name);
}

static void show_unseen(const struct transcript *t, size_t number)
{
    const struct transcript_line *line = transcript_at(t, number - 1);
    const char *name = quote(line->certificate->name);
    size_t named = transcript_find(t, line->seen);
    if (named == 0)
        display_line(stdout, "* missing: a line that %s had seen before %zu", name, number);
    else
        display_line(stdout, "* %s says that %zu was seen before %zu, and whoever saved this can't have seen it so",
                     name, named, number);
}

static void show_line(const struct transcript *t, size_t number)
{
    const struct transcript_line *line = transcript_at(t, number - 1);
    struct transcript_links k;
    struct sealed_statement s;
    transcript_links(&k, t, number - 1);
    if (number == 1 || transcript_at(t, number - 2)->list != line->list)
        display_line(stdout, "* said to list %lu:", (unsigned long)line->list->n);
    if (k.gap)
        show_gap(t, number, &k);
    if (k.anew)
        display_line(stdout, "* %s began anew with %zu: whether something is missing before it can't be told",
                     quote(line->certificate->name), number);
    if (k.unseen)
        show_unseen(t, number);
    if (sealed_statement_decode(&s, line->bytes, line->len) != 0)
        args_fail("this machine computes wrongly");
    if (k.seen > 0)
        display_line(stdout, "%zu [%s, who had seen %zu] %.*s", number, quote(s.sender), k.seen, (int)s.text_len,
                     (const char *)s.text);
    else
        display_line(stdout, "%zu [%s] %.*s", number, quote(s.sender), (int)s.text_len, (const char *)s.text);
    ct_wipe(&s, sizeof s);
}

static void show(const struct transcript *t)
{
    char room[2 * ROOM_LIST_ID_LEN + 1];
    hex_encode(room, t->room, sizeof t->room);
    display_line(stdout, "* what was said in %s, founded by %s; the room's number is %s", t->name,
                 quote(t->certificates[0]->name), room);
    show_keys(t);
    show_lists(t);
    for (size_t number = 1; number <= t->count; number++)
        show_line(t, number);
    display_line(stdout, "* it holds: each of the %zu lines was signed by the key of the sender that it is shown with",
                 t->count);
    display_line(stdout, "* it does not show when that was; nor that nothing was left out after the last line of each "
                         "sender, or before one with which somebody began anew");
}

static int verify(struct args *args)
{
    const struct args_option options[] = {{0}};
    static struct transcript t;
    char why[WHY_LEN];
    size_t len;
    args_parse(args, options, 1, 1, USAGE);
    char *text = (char *)io_read_file(args->value[0], TRANSCRIPT_TEXT_MAX, &len);
    int failed = transcript_verify(&t, text, len, why);
    ct_wipe(text, len);
    free(text);
    if (failed != 0)
        args_fail("%s: %s", args->value[0], why);
    show(&t);
    transcript_free(&t);
    return STATUS_DONE;
}

int cmd_transcript(struct args *args)
{
    const char *what = args->count > 0 ? args->value[0] : "";
    struct args rest = {args->count - 1, args->value + 1};
    if (strcmp(what, "verify") == 0)
        return verify(&rest);
    if (strcmp(what, "--help") == 0) {
        puts("usage: " USAGE);
        return STATUS_DONE;
    }
    args_wrong("`glass transcript` checks what was said in a sealed room", USAGE);
}
