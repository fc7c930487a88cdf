/* SPDX-License-Identifier: MIT */
/* An array that grows, and the one way in which bytes are shown: as text where all of them are, else in hex. */
#include "app/workbench/attacks/steps.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "app/terminal/display.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

#define ROW 16          /* bytes in a row of what is known */
#define GROUPS_IN_ROW 2 /* of 16 bytes, of what was sent */
#define TEXT_LEN 4      /* from so many bytes on it may be text */
#define SAID_COLUMNS 70

void steps_init(struct steps *s)
{
    memset(s, 0, sizeof *s);
}

void steps_wipe(struct steps *s)
{
    if (s->step != NULL)
        ct_wipe(s->step, s->room * sizeof *s->step);
    free(s->step);
    ct_wipe(s, sizeof *s);
}

void steps_turn_to(struct steps *s, enum lab_side side)
{
    s->side = side;
    steps_unknown(s, 0);
}

/* NULL where no more are kept. */
static struct step *add(struct steps *s)
{
    if (s->count == s->room && s->room < STEPS_MAX) {
        size_t room = s->room == 0 ? 256 : 2 * s->room;
        struct step *more = realloc(s->step, room * sizeof *more);
        if (more != NULL) {
            s->step = more;
            s->room = room;
        }
    }
    if (s->count == s->room) {
        s->lost++;
        return NULL;
    }
    struct step *step = &s->step[s->count++];
    memset(step, 0, sizeof *step);
    step->side = s->side;
    return step;
}

/* The step that an answer or a word belongs to; NULL where it was not kept. */
static struct step *newest(struct steps *s)
{
    return s->lost > 0 || s->count == 0 ? NULL : &s->step[s->count - 1];
}

static void keep(struct step_bytes *kept, const uint8_t *bytes, size_t len)
{
    kept->len = len;
    if (len > STEP_BYTES) {
        memcpy(kept->kept, bytes, STEP_BYTES - ROW);
        memcpy(kept->kept + STEP_BYTES - ROW, bytes + len - ROW, ROW);
    } else if (len > 0) {
        memcpy(kept->kept, bytes, len);
    }
}

static void note_known(const struct steps *s, struct step *step)
{
    step->known_len = s->known_len;
    memcpy(step->known, s->known, sizeof step->known);
    memcpy(step->is_known, s->is_known, sizeof step->is_known);
}

void steps_ask(struct steps *s, uint64_t n, const uint8_t *sent, size_t sent_len)
{
    struct step *step = add(s);
    if (step == NULL)
        return;
    step->query = n;
    keep(&step->sent, sent, sent_len);
    note_known(s, step);
}

void steps_answer(struct steps *s, bool refused, const uint8_t *back, size_t back_len)
{
    struct step *step = newest(s);
    if (step == NULL)
        return;
    step->refused = refused;
    keep(&step->back, back, back_len);
}

static void say(const struct steps *s, struct step *step, const char *format, va_list values)
{
    if (step == NULL)
        return;
    vsnprintf(step->said, sizeof step->said, format, values);
    note_known(s, step);
}

void steps_think(struct steps *s, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    say(s, add(s), format, values);
    va_end(values);
}

void steps_say(struct steps *s, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    say(s, newest(s), format, values);
    va_end(values);
}

void steps_result(struct steps *s, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(s->result[s->side], sizeof s->result[s->side], format, values);
    va_end(values);
}

void steps_unknown(struct steps *s, size_t len)
{
    assert(len <= STEP_KNOWN);
    s->known_len = len;
    memset(s->is_known, 0, sizeof s->is_known);
}

void steps_know(struct steps *s, size_t at, uint8_t byte)
{
    assert(at < s->known_len);
    s->known[at] = byte;
    s->is_known[at] = true;
}

void steps_know_all(struct steps *s, const void *bytes, size_t len)
{
    const uint8_t *b = bytes;
    steps_unknown(s, len < STEP_KNOWN ? len : STEP_KNOWN);
    for (size_t i = 0; i < s->known_len; i++)
        steps_know(s, i, b[i]);
}

/* --- Showing ------------------------------------------------------------------------------------------------------ */

static bool is_text(uint8_t byte)
{
    return byte >= ' ' && byte <= '~';
}

static bool all_text(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_text(bytes[i]))
            return false;
    return len >= TEXT_LEN;
}

/* Rows of 32 bytes, 16 in a group; a text in quotes. Of what was too long to be kept the middle is left out. */
static void print_bytes(const char *label, const struct step_bytes *b)
{
    char row[STEP_BYTES * 2 + GROUPS_IN_ROW * 5 + 1];
    size_t kept = b->len < STEP_BYTES ? b->len : STEP_BYTES;
    if (b->len == kept && all_text(b->kept, kept)) {
        display_line(stdout, "  %-6s \"%.*s\"", label, (int)kept, (const char *)b->kept);
    } else {
        for (size_t i = 0; i < kept; i += (size_t)GROUPS_IN_ROW * ROW) {
            size_t at = 0;
            for (size_t j = i; j < kept && j < i + (size_t)GROUPS_IN_ROW * ROW; j++) {
                if (j > i && j % ROW == 0) {
                    const char *gap = b->len > kept && j == STEP_BYTES - ROW ? " ... " : " ";
                    memcpy(row + at, gap, strlen(gap));
                    at += strlen(gap);
                }
                hex_encode(row + at, b->kept + j, 1);
                at += 2;
            }
            row[at] = '\0';
            display_line(stdout, "  %-6s %s", i == 0 ? label : "", row);
        }
    }
    if (b->len > kept)
        display_line(stdout, "  %-6s %zu bytes in all", "", b->len);
}

/* Hex beside text; what is not known is .. and a dot. */
static void print_known(const struct step *step)
{
    for (size_t i = 0; i < step->known_len; i += ROW) {
        char hex[3 * ROW + 1] = "", text[ROW + 1] = "";
        size_t n = step->known_len - i < ROW ? step->known_len - i : ROW;
        for (size_t j = 0; j < n; j++) {
            memcpy(hex + 3 * j, ".. ", 4);
            if (step->is_known[i + j]) {
                hex_encode(hex + 3 * j, step->known + i + j, 1);
                memcpy(hex + 3 * j + 2, " ", 2);
            }
            text[j] = step->is_known[i + j] && is_text(step->known[i + j]) ? (char)step->known[i + j] : '.';
        }
        display_line(stdout, "  %-6s %-49s%s", i == 0 ? "known" : "", hex, text);
    }
}

/* What was said, broken at its newlines and between words. */
static void print_said(const char *said)
{
    while (*said != '\0') {
        size_t len = strcspn(said, "\n");
        if (len > SAID_COLUMNS) {
            for (len = SAID_COLUMNS; len > 0 && said[len] != ' ';)
                len--;
            len = len > 0 ? len : SAID_COLUMNS;
        }
        display_line(stdout, "         %.*s", (int)len, said);
        said += len;
        if (*said == ' ' || *said == '\n')
            said++;
    }
}

static void print(const struct step *step, bool with_known)
{
    if (step->query > 0) {
        display_line(stdout, "query %llu", (unsigned long long)step->query);
        print_bytes("sent", &step->sent);
        if (step->back.len > 0)
            print_bytes(step->refused ? "no" : "back", &step->back);
        else
            display_line(stdout, "  %-6s %s", "back", step->refused ? "no" : "yes");
    }
    print_said(step->said);
    if (with_known)
        print_known(step);
}

void step_print(const struct step *step)
{
    print(step, true);
}

static bool same_known(const struct step *a, const struct step *b)
{
    if (a == NULL || a->known_len != b->known_len)
        return false;
    for (size_t i = 0; i < a->known_len; i++)
        if (a->is_known[i] != b->is_known[i] || (a->is_known[i] && a->known[i] != b->known[i]))
            return false;
    return true;
}

static void print_passed(uint64_t passed)
{
    if (passed > 0)
        display_line(stdout, "... %llu more like it (--all shows each)", (unsigned long long)passed);
}

void steps_print(const struct steps *s, enum lab_side side, bool all)
{
    const struct step *last = NULL;
    uint64_t passed = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct step *step = &s->step[i];
        if (step->side != side)
            continue;
        if (!all && step->said[0] == '\0') {
            passed++;
            continue;
        }
        print_passed(passed);
        passed = 0;
        print(step, !same_known(last, step));
        last = step;
    }
    print_passed(passed);
    if (s->lost > 0 && s->side == side)
        display_line(stdout, "... and %llu that were not kept", (unsigned long long)s->lost);
}
