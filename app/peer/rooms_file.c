/* SPDX-License-Identifier: MIT */
/* One line a room, found by the room's number, which is inside its list: two rooms of one name are two lines. */
#include "app/peer/rooms_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/message/name.h"
#include "crypto/base64.h"
#include "crypto/ct.h"
#include "net/home.h"
#include "net/lines.h"

#define WORDS 6
#define LOCK_FILE_LEN 160
#define LINE_LEN                                                                                                       \
    (2 * NAME_MAX_LEN + 16 + (CERTIFICATE_MAX_LEN + 2) / 3 * 4 + 2 * ((ROOM_LIST_MAX_LEN + 2) / 3 * 4) + WORDS + 1)

static const char head[] =
    "# one line a room: its name, the state, its founder, the founder's certificate, the newest list, the one before\n";

static const char *const state_words[] = {
    [SEALED_ROOM_ASKED] = "asked", [SEALED_ROOM_IN] = "in",           [SEALED_ROOM_LEFT] = "left",
    [SEALED_ROOM_OUT] = "out",     [SEALED_ROOM_STOPPED] = "stopped", [SEALED_ROOM_CLOSED] = "closed"};

#define STATES (sizeof state_words / sizeof *state_words)

/* --- A line ------------------------------------------------------------------------------------------------------- */

struct word {
    const char *text;
    size_t len;
};

/* Exactly so many words, one blank between two. */
static int split(struct word word[static WORDS], const char *text, size_t len)
{
    for (size_t i = 0; i < WORDS; i++) {
        const char *blank = memchr(text, ' ', len);
        word[i] = (struct word){text, blank != NULL ? (size_t)(blank - text) : len};
        if (word[i].len == 0 || (blank == NULL) != (i == WORDS - 1))
            return -1;
        size_t used = word[i].len + (blank != NULL ? 1 : 0);
        text += used;
        len -= used;
    }
    return 0;
}

static bool is_word(const struct word *w, const char *text)
{
    return w->len == strlen(text) && strncmp(w->text, text, w->len) == 0;
}

static int take_state(enum sealed_room_state *state, const struct word *w)
{
    for (size_t i = 0; i < STATES; i++)
        if (is_word(w, state_words[i])) {
            *state = (enum sealed_room_state)i;
            return 0;
        }
    return -1;
}

static int take_list(struct room_list *l, const struct word *w)
{
    uint8_t bytes[ROOM_LIST_MAX_LEN];
    size_t len;
    if (base64_decode(bytes, sizeof bytes, &len, w->text, w->len) != 0)
        return -1;
    return room_list_decode(l, bytes, len);
}

static int take_founder(struct rooms_file_room *room, const struct word *name, const struct word *certificate)
{
    struct certificate c;
    if (!name_valid(name->text, name->len) ||
        base64_decode(room->certificate, sizeof room->certificate, &room->certificate_len, certificate->text,
                      certificate->len) != 0 ||
        certificate_decode(&c, room->certificate, room->certificate_len) != NET_OK || !is_word(name, c.name))
        return -1;
    memcpy(room->founder, name->text, name->len);
    room->founder[name->len] = '\0';
    return 0;
}

/* -1 where the line is wrong. */
static int take_line(struct rooms_file_room *room, const struct lines_line *l)
{
    struct word word[WORDS];
    if (split(word, l->text, lines_len(l)) != 0 || take_state(&room->state, &word[1]) != 0 ||
        take_founder(room, &word[2], &word[3]) != 0 || take_list(&room->list, &word[4]) != 0 ||
        !is_word(&word[0], room->list.name))
        return -1;
    room->has_before = !is_word(&word[5], "-");
    if (!room->has_before)
        return 0;
    if (take_list(&room->before, &word[5]) != 0 || room->before.n >= room->list.n ||
        !ct_equal(room->before.room, room->list.room, sizeof room->list.room))
        return -1;
    return 0;
}

int rooms_file_parse(const char *text, size_t text_len, rooms_file_take *take, void *arg, size_t *line)
{
    static struct rooms_file_room room;
    lines_skip_mark(&text, &text_len);
    for (struct lines_line l = {0}; lines_next(&text, &text_len, &l);) {
        if (!lines_says_something(&l))
            continue;
        *line = l.number;
        if (take_line(&room, &l) != 0)
            return -1;
        take(arg, &room);
    }
    return 0;
}

/* Bytes in base64, and what follows them. */
static size_t put_base64(char *out, const uint8_t *bytes, size_t len, char next)
{
    size_t n = base64_encoded_len(len);
    base64_encode(out, bytes, len);
    out[n] = next;
    return n + 1;
}

static size_t print_line(char out[static LINE_LEN], const struct rooms_file_room *room)
{
    size_t n = (size_t)snprintf(out, LINE_LEN, "%s %s %s ", room->list.name, state_words[room->state], room->founder);
    n += put_base64(out + n, room->certificate, room->certificate_len, ' ');
    n += put_base64(out + n, room->list.bytes, room->list.len, ' ');
    if (room->has_before)
        return n + put_base64(out + n, room->before.bytes, room->before.len, '\n');
    memcpy(out + n, "-\n", 2);
    return n + 2;
}

/* --- The file ----------------------------------------------------------------------------------------------------- */

/* Whether the line is this room's: 1; 0: another's, -1 with why: this room's, and newer, or at odds. */
static int is_older_line(const struct lines_line *l, const struct rooms_file_room *room, char why[static WHY_LEN])
{
    static struct rooms_file_room there;
    if (!lines_says_something(l) || take_line(&there, l) != 0 ||
        !ct_equal(there.list.room, room->list.room, sizeof room->list.room))
        return 0;
    if (there.state == SEALED_ROOM_STOPPED && room->state != SEALED_ROOM_STOPPED)
        return why_say(why, "another client of this account has seen two histories of %s meanwhile: it is over",
                       room->list.name);
    if (there.list.n < room->list.n || room_list_same(&there.list, &room->list))
        return 1;
    return why_say(why, "another client of this account has taken a newer list of %s meanwhile: start this one anew",
                   room->list.name);
}

/* The lines into out, with the room's in the place of the one before. Returns how many were this room's, or -1. */
static int rewrite_lines(char **out, const char *text, size_t text_len, const struct rooms_file_room *room,
                         const char *line, size_t line_len, size_t *rooms, char why[static WHY_LEN])
{
    int there = 0;
    for (struct lines_line l = {0}; lines_next(&text, &text_len, &l);) {
        int ours = is_older_line(&l, room, why);
        if (ours < 0)
            return -1;
        *rooms += lines_says_something(&l);
        size_t from_len = ours == 0 ? l.len : there > 0 ? 0 : line_len;
        memcpy(*out, ours > 0 ? line : l.text, from_len);
        *out += from_len;
        there += ours;
    }
    return there;
}

/* One in which the user is not any more; or who has left it, as its founder may not know that yet. */
static bool is_over(const struct rooms_file_room *room, bool left_too)
{
    bool over = room->state == SEALED_ROOM_OUT || room->state == SEALED_ROOM_CLOSED;
    return over || (left_too && room->state == SEALED_ROOM_LEFT);
}

/* The first line of a room that one is not in any more makes place for another; or nothing but lines of no use would be
 * kept in the end. False: there is none. */
static bool drop_one(char *out, char **end, bool left_too)
{
    static struct rooms_file_room room;
    const char *text = out;
    size_t left = (size_t)(*end - out);
    for (struct lines_line l = {0}; lines_next(&text, &left, &l);) {
        if (!lines_says_something(&l) || take_line(&room, &l) != 0 || !is_over(&room, left_too))
            continue;
        memmove(out + (l.text - out), text, left);
        *end -= l.len;
        return true;
    }
    return false;
}

char *rooms_file_rewrite(const char *text, size_t text_len, const struct rooms_file_room *room, size_t *len,
                         char why[static WHY_LEN])
{
    char line[LINE_LEN];
    size_t line_len = print_line(line, room), rooms = 0;
    char *out = malloc(text_len + sizeof head + line_len + 1), *p = out;
    if (out == NULL) {
        (void)why_say(why, "%s", strerror(ENOMEM));
        return NULL;
    }
    lines_skip_mark(&text, &text_len);
    int there = rewrite_lines(&p, text, text_len, room, line, line_len, &rooms, why);
    if (there == 0 && rooms >= ROOMS_FILE_ROOMS_MAX && !drop_one(out, &p, false) && !drop_one(out, &p, true))
        there = why_say(why, "%d sealed rooms are kept already: no more can be", ROOMS_FILE_ROOMS_MAX);
    if (there < 0) {
        free(out);
        return NULL;
    }
    if (there == 0) {
        const char *before = p == out ? head : p[-1] != '\n' ? "\n" : "";
        size_t before_len = strlen(before);
        memcpy(p, before, before_len);
        memcpy(p + before_len, line, line_len);
        p += before_len + line_len;
    }
    *len = (size_t)(p - out);
    return out;
}

static int open_folder(const struct rooms_file *f, struct home *h, bool make, char why[static WHY_LEN])
{
    return home_open(h, f->home, make, why) == 0 ? home_below(h, ROOMS_FILE_FOLDER, make, why) : -1;
}

static int parse_or_say(const struct rooms_file *f, const char *text, size_t len, rooms_file_take *take, void *arg,
                        char why[static WHY_LEN])
{
    size_t line = 0;
    if (rooms_file_parse(text, len, take, arg, &line) == 0)
        return 0;
    return why_say(why, "%s/" ROOMS_FILE_FOLDER "/%s, line %zu is damaged: mend or remove that line", f->home, f->name,
                   line);
}

int rooms_file_load(const struct rooms_file *f, rooms_file_take *take, void *arg, char why[static WHY_LEN])
{
    struct home h;
    size_t len;
    if (open_folder(f, &h, false, why) != 0)
        return errno == ENOENT ? 0 : -1;
    char *text = home_read(&h, f->name, ROOMS_FILE_MAX, &len, why);
    int failed = text == NULL ? (errno == ENOENT ? 0 : -1) : parse_or_say(f, text, len, take, arg, why);
    free(text);
    home_close(&h);
    return failed;
}

static void take_nothing(void *arg, const struct rooms_file_room *room)
{
    (void)arg;
    (void)room;
}

/* Under the lock. */
static int change(const struct rooms_file *f, const struct home *h, const struct rooms_file_room *room,
                  char why[static WHY_LEN])
{
    size_t len = 0, changed_len = 0;
    char *changed = NULL, *text = home_read(h, f->name, ROOMS_FILE_MAX, &len, why);
    if (text == NULL && errno != ENOENT)
        return -1;
    if (text == NULL || parse_or_say(f, text, len, take_nothing, NULL, why) == 0)
        changed = rooms_file_rewrite(text != NULL ? text : "", len, room, &changed_len, why);
    int failed = changed == NULL ? -1 : home_replace(h, f->name, changed, changed_len, ROOMS_FILE_MAX, why);
    free(text);
    free(changed);
    return failed;
}

int rooms_file_save(const struct rooms_file *f, const struct rooms_file_room *room, char why[static WHY_LEN])
{
    struct home h;
    char lock_file[LOCK_FILE_LEN];
    if (open_folder(f, &h, true, why) != 0)
        return -1;
    snprintf(lock_file, sizeof lock_file, "%s.lock", f->name);
    int failed = -1, lock = home_lock(&h, lock_file, HOME_LOCK_SECONDS, why);
    if (lock >= 0) {
        failed = change(f, &h, room, why);
        close(lock);
    }
    home_close(&h);
    return failed;
}
