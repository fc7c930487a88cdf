/* SPDX-License-Identifier: MIT */
/* Reading. The file may be anybody's: there is one way to write a recording, and what was written in another is refused
 * at the first line that shows it. All of it is checked before anything of it is handed out, so that nobody has to take
 * back what the beginning of a bad file made of them. Nothing of a line is repeated in why: it may be a key. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/dissect/recording.h"
#include "crypto/ct.h"
#include "crypto/dh.h"
#include "crypto/sha256.h"
#include "net/handshake.h"
#include "net/hello.h"
#include "net/input.h"
#include "net/record.h"

#define SECONDS_DIGITS_MAX 9 /* 31 years */
#define BEGAN_DIGITS_MAX 12
#define BEGAN_MAX UINT64_C(253402300799) /* the end of the year 9999 */

/* Part of the text. */
struct span {
    const char *text;
    size_t len;
};

struct reader {
    struct span rest; /* what is not read yet, from the beginning of a line */
    size_t line;      /* the number of the last line that was begun */
    char *why;
    void (*event)(void *arg, const struct recording_event *e); /* NULL: only to check */
    void *arg;
    size_t events;
    uint64_t us; /* the time of the last event */
    uint8_t value[RECORDING_VALUE_MAX];
};

/* The lengths that an event's bytes can have: from min to max, in steps. Frames that are no Records are reported as
 * they come, whatever is in them. */
static const struct event_lengths {
    const char *name;
    size_t min, max, step;
} lengths[] = {
    {"C", SHA256_DIGEST_LEN, SHA256_DIGEST_LEN, 1},
    {"client_random", HELLO_RANDOM_LEN, HELLO_RANDOM_LEN, 1},
    {"client_private", 32, DH_PRIVATE_MAX_LEN, 8},
    {"client_public", 256, DH_PUBLIC_MAX_LEN, 128},
    {"client_hello", FRAME_HEADER_LEN, FRAME_HEADER_LEN + FRAME_CLIENT_HELLO_MAX, 1},
    {"server_random", HELLO_RANDOM_LEN, HELLO_RANDOM_LEN, 1},
    {"server_private", 32, DH_PRIVATE_MAX_LEN, 8},
    {"server_public", 256, DH_PUBLIC_MAX_LEN, 128},
    {"signed_hash", SHA256_DIGEST_LEN, SHA256_DIGEST_LEN, 1},
    {"signature", RSA_SIGNATURE_LEN, RSA_SIGNATURE_LEN, 1},
    {"client_signature", RSA_SIGNATURE_LEN, RSA_SIGNATURE_LEN, 1},
    {"server_hello", FRAME_HEADER_LEN, FRAME_HEADER_LEN + FRAME_SERVER_HELLO_MAX, 1},
    {"alert", FRAME_HEADER_LEN, FRAME_HEADER_LEN + FRAME_ALERT_MAX, 1},
    {"T", SHA256_DIGEST_LEN, SHA256_DIGEST_LEN, 1},
    {"Z", 256, DH_PUBLIC_MAX_LEN, 128},
    {"prk", SHA256_DIGEST_LEN, SHA256_DIGEST_LEN, 1},
    {"c_secret", RECORD_SECRET_LEN, RECORD_SECRET_LEN, 1},
    {"s_secret", RECORD_SECRET_LEN, RECORD_SECRET_LEN, 1},
    {"root", SHA256_DIGEST_LEN, SHA256_DIGEST_LEN, 1},
    {"step", 8, 8, 1},
    {"step_public", 256, DH_PUBLIC_MAX_LEN, 128},
    {"step_private", 32, DH_PRIVATE_MAX_LEN, 8},
    {"step_Z", 256, DH_PUBLIC_MAX_LEN, 128},
    {"step_t", SHA256_DIGEST_LEN, SHA256_DIGEST_LEN, 1},
    {"secret", RECORD_SECRET_LEN, RECORD_SECRET_LEN, 1},
    {"enc_key", AES128_KEY_LEN, AES256_KEY_LEN, AES256_KEY_LEN - AES128_KEY_LEN},
    {"mac_key", SHA256_DIGEST_LEN, SHA256_DIGEST_LEN, 1},
    {"seal_sequence", 8, 8, 1},
    {"seal_iv", AES_BLOCK_LEN, AES_BLOCK_LEN, 1},
    {"seal_plaintext", AES_BLOCK_LEN, RECORD_PAYLOAD_MAX + AES_BLOCK_LEN, AES_BLOCK_LEN},
    {"seal_frame", RECORD_FRAME_MIN, FRAME_MAX_LEN, AES_BLOCK_LEN},
    {"open_sequence", 8, 8, 1},
    {"open_frame", RECORD_FRAME_MIN, FRAME_MAX_LEN, AES_BLOCK_LEN},
    {"open_plaintext", 1, 1 + RECORD_PAYLOAD_MAX, 1},
};

static int refuse(const struct reader *r, const char *what)
{
    return why_say(r->why, "line %zu: %s", r->line, what);
}

/* --- Words -------------------------------------------------------------------------------------------------------- */

static bool span_is(struct span s, const char *text)
{
    return s.len == strlen(text) && memcmp(s.text, text, s.len) == 0;
}

static void skip(struct span *s, size_t len)
{
    s->text += len;
    s->len -= len;
}

/* Takes that text off the front, where it is there. */
static bool take_text(struct span *s, const char *text)
{
    size_t len = strlen(text);
    if (s->len < len || memcmp(s->text, text, len) != 0)
        return false;
    skip(s, len);
    return true;
}

/* Takes as many digits off the front as there are, at most max (of 19); returns how many. */
static size_t take_digits(struct span *s, size_t max, uint64_t *value)
{
    size_t n = 0;
    *value = 0;
    for (; n < max && n < s->len && s->text[n] >= '0' && s->text[n] <= '9'; n++)
        *value = 10 * *value + (uint64_t)(s->text[n] - '0');
    skip(s, n);
    return n;
}

/* Takes a number without zeros before it. */
static bool take_number(struct span *s, size_t max_digits, uint64_t *value)
{
    bool zero = s->len > 0 && s->text[0] == '0';
    size_t n = take_digits(s, max_digits, value);
    return n == 1 || (n > 1 && !zero);
}

/* --- Lines -------------------------------------------------------------------------------------------------------- */

/* The next line, without its end: 1. 0 where there is none, or one without an end. -1, refused, where it is too
 * long. */
static int next_line(struct reader *r, struct span *line)
{
    const char *end = r->rest.len > 0 ? memchr(r->rest.text, '\n', r->rest.len) : NULL;
    *line = (struct span){r->rest.text, end != NULL ? (size_t)(end - r->rest.text) : r->rest.len};
    r->line++;
    if (line->len > RECORDING_LINE_MAX)
        return refuse(r, "it is longer than a line can be");
    if (end == NULL)
        return 0;
    skip(&r->rest, line->len + 1);
    return 1;
}

/* One of the head's lines, which begins so; a file that ends in the head has nothing to read. */
static int head_line(struct reader *r, struct span *line, const char *begins)
{
    int found = next_line(r, line);
    if (found < 0)
        return -1;
    if (found == 1 && take_text(line, begins))
        return 0;
    return why_say(r->why, "line %zu: it should begin with '%s': this is no recording, or one of another version",
                   r->line, begins);
}

static bool is_printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.text[i] < '!' || s.text[i] > '~')
            return false;
    return true;
}

static int read_head(struct reader *r, struct recording_info *info)
{
    struct span line;
    *info = (struct recording_info){0};
    if (head_line(r, &line, RECORDING_FIRST_LINE) != 0)
        return -1;
    if (line.len != 0)
        return refuse(r, "this is a recording of another version");
    if (head_line(r, &line, "role ") != 0)
        return -1;
    info->server = span_is(line, "server");
    if (!info->server && !span_is(line, "client"))
        return refuse(r, "the role is client or server");
    if (head_line(r, &line, "server ") != 0)
        return -1;
    if (line.len < 1 || line.len > RECORDING_SERVER_MAX || !is_printable(line))
        return refuse(r, "the server's name has 1 to 300 printable characters, and no blank");
    memcpy(info->name, line.text, line.len);
    if (head_line(r, &line, "began ") != 0)
        return -1;
    if (!take_number(&line, BEGAN_DIGITS_MAX, &info->began) || line.len != 0 || info->began > BEGAN_MAX)
        return refuse(r, "when it began is a number of seconds since 1970");
    return 0;
}

/* --- Events ------------------------------------------------------------------------------------------------------- */

static bool take_time(struct span *line, uint64_t *us)
{
    uint64_t seconds, micros;
    if (!take_number(line, SECONDS_DIGITS_MAX, &seconds) || !take_text(line, "."))
        return false;
    if (take_digits(line, 6, &micros) != 6 || !take_text(line, " "))
        return false;
    *us = seconds * 1000000 + micros;
    return true;
}

static const struct event_lengths *take_name(struct span *line)
{
    const char *blank = line->len > 0 ? memchr(line->text, ' ', line->len) : NULL;
    struct span name = {line->text, blank != NULL ? (size_t)(blank - line->text) : 0};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        if (span_is(name, lengths[i].name)) {
            skip(line, name.len + 1);
            return &lengths[i];
        }
    return NULL;
}

/* The bytes that are left of a line. hex_decode would take capitals too. */
static int read_value(struct reader *r, struct span hex, const struct event_lengths *l, size_t *len)
{
    size_t n = hex.len / 2;
    if (hex.len % 2 != 0 || n < l->min || n > l->max || (n - l->min) % l->step != 0)
        return why_say(r->why, "line %zu: %s never has so many digits", r->line, l->name);
    for (size_t i = 0; i < hex.len; i++)
        if (hex.text[i] >= 'A' && hex.text[i] <= 'F')
            return refuse(r, "hex digits are 0 to 9 and a to f");
    if (hex_decode(r->value, sizeof r->value, len, hex.text, hex.len) != 0)
        return refuse(r, "hex digits are 0 to 9 and a to f");
    return 0;
}

static int read_event(struct reader *r, struct span line)
{
    struct recording_event e = {.data = r->value};
    uint64_t us;
    if (++r->events > RECORDING_EVENTS_MAX)
        return refuse(r, "there are more events than a recording can have");
    if (!take_time(&line, &us))
        return refuse(r, "an event begins with its time, as 0.000000");
    if (us < r->us)
        return refuse(r, "its time is before that of the event above it");
    const struct event_lengths *l = take_name(&line);
    if (l == NULL)
        return refuse(r, "no event has that name");
    if (read_value(r, line, l, &e.len) != 0)
        return -1;
    r->us = us;
    e.seconds = (double)us / 1e6;
    memcpy(e.name, l->name, strlen(l->name) + 1);
    if (r->event != NULL)
        r->event(r->arg, &e);
    return 0;
}

static int read_lines(struct reader *r, struct recording_info *info)
{
    struct span line;
    int found = 0, failed = read_head(r, info);
    while (failed == 0 && !info->ended && (found = next_line(r, &line)) == 1) {
        if (span_is(line, "end"))
            info->ended = true;
        else
            failed = read_event(r, line);
    }
    if (failed != 0 || found < 0)
        return -1;
    if (!info->ended || r->rest.len == 0)
        return 0;
    r->line++;
    return refuse(r, "there is something after the end");
}

int recording_parse(struct recording_info *info, const char *text, size_t text_len,
                    void (*event)(void *arg, const struct recording_event *e), void *arg, char why[static WHY_LEN])
{
    struct reader r = {.rest = {text, text_len}, .why = why};
    struct recording_info found;
    if (text_len > RECORDING_SIZE_MAX)
        return why_say(why, "it is longer than the %d MiB that a recording can have", RECORDING_SIZE_MAX >> 20);
    int failed = read_lines(&r, &found);
    if (failed == 0) {
        *info = found;
        r = (struct reader){.rest = {text, text_len}, .why = why, .event = event, .arg = arg};
        if (event != NULL)
            failed = read_lines(&r, &found);
    }
    ct_wipe(&r, sizeof r);
    return failed;
}

int recording_read(struct recording_info *info, const char *path,
                   void (*event)(void *arg, const struct recording_event *e), void *arg, char why[static WHY_LEN])
{
    size_t cap = RECORDING_SIZE_MAX + 1;
    char *text = NULL, what[WHY_LEN];
    int failed = -1, fd = input_open(path);
    ssize_t len = fd >= 0 && (text = malloc(cap)) != NULL ? input_read(fd, text, cap, false) : -1;
    if (len < 0)
        why_say(why, "%s: %s", path, input_why(errno));
    else if ((failed = recording_parse(info, text, (size_t)len, event, arg, what)) != 0)
        why_say(why, "%s: %s", path, what);
    if (text != NULL)
        ct_wipe(text, len >= 0 ? (size_t)len : cap);
    free(text);
    if (fd >= 0)
        close(fd);
    return failed;
}
