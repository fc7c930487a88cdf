/* SPDX-License-Identifier: MIT */
/* A message's fields, as its layout names them. Where message_decode stops this goes on: a name that is no name, or a
 * text that is too long, is still a field that has a place. */
#include <string.h>

#include "app/dissect/dissect_impl.h"
#include "app/message/message.h"
#include "app/peer/sealed.h"
#include "crypto/aes.h"
#include "net/certificate.h"
#include "net/frame.h"

/* clang-format off */
static const struct dissect_about about_type = {"type", "10.1",
    "1 to 63 are a client's requests, 64 to 95 the server's answers, and from 96 on it is what the server tells "
    "unasked."};
static const struct dissect_about about_request = {"request", "10.1",
    "The request's number, which only grows; its answer carries the same, and what nobody asked for carries 0."};
static const struct dissect_about about_fields = {"fields", "10.1",
    "Of a type that is not known here; a server answers such a request with unknown_type, and goes on."};
static const struct dissect_about about_n = {"n", "10.1",
    "How many come next; more than one message may hold is refused before any of them is looked at."};
static const struct dissect_about about_name = {"name", "10.1",
    "1 to " DISSECT_NUMBER(NAME_MAX_LEN) " of a-z 0-9 _ -, a letter first: nothing in it means anything to a terminal "
    "or a file system."};
static const struct dissect_about about_room_name = {"name", "10.1",
    "As a user's, or a + before that where the room is sealed."};
static const struct dissect_about about_room = {"room", "10.3", "A room, and how many are in it."};
static const struct dissect_about about_sealed_room = {"room", "9.1",
    "Drawn by its founder: two rooms can have one name, and the server makes no difference between them."};
static const struct dissect_about about_list = {"L", "9.2",
    "SHA-256 of the newest list of members that the sender has: who is on it can have the key."};
static const struct dissect_about about_key_id = {"key id", "9.6",
    "Which of the sender's keys; it is drawn with the key, for one list, and says nothing of it."};
static const struct dissect_about about_i = {"i", "9.6",
    "The number of the message under this key; each has a secret of its own, from which no earlier one follows."};
static const struct dissect_about about_iv = {"iv", "9.7",
    "Drawn anew for each message."};
static const struct dissect_about about_ciphertext = {"ciphertext", "9.7",
    "What the sender said before and saw last, the text, its signature and padding under AES-CBC: only the length "
    "shows, and that only to 16 bytes."};
static const struct dissect_about about_tag = {"tag", "9.7",
    "HMAC over the sender's name and all that stands before it, by a secret that all members have: who of them it was "
    "says the signature inside."};
static const struct dissect_about about_members = {"members", "10.3", "How many are in the room."};
/* clang-format on */

/* --- Single fields ------------------------------------------------------------------------------------------------ */

/* A field after its length. */
static struct dissect_field *take_counted(struct dissect_reader *r, const struct dissect_about *about,
                                          const char *length_name, size_t size)
{
    size_t len = dissect_length(r, length_name, size);
    return dissect_take(r, about, len);
}

static bool is_valid(enum dissect_kind kind, const uint8_t *bytes, size_t len)
{
    switch (kind) {
    case DISSECT_AFTER:
        return len == 0 || name_valid(bytes, len);
    case DISSECT_ROOM:
    case DISSECT_ROOMS:
        return name_room_valid(bytes, len);
    case DISSECT_ROOM_AFTER:
        return len == 0 || name_room_valid(bytes, len);
    case DISSECT_ROOM_SEALED:
        return name_sealed_valid(bytes, len);
    case DISSECT_EMAIL:
        return email_valid(bytes, len);
    case DISSECT_TEXT:
        return text_valid(bytes, len);
    case DISSECT_WORDS:
        return text_valid_up_to(bytes, len, MESSAGE_NOTICE_MAX);
    default:
        return name_valid(bytes, len);
    }
}

/* What may be shown: a name, an e-mail address, a text. */
static struct dissect_field *take_shown(struct dissect_reader *r, const struct dissect_about *about,
                                        enum dissect_kind kind, const char *length_name)
{
    bool is_text = kind == DISSECT_TEXT || kind == DISSECT_WORDS;
    struct dissect_field *f = take_counted(r, about, length_name, is_text ? 2 : 1);
    bool valid = f != NULL && is_valid(kind, dissect_bytes(r, f), f->len);
    dissect_show(r, f, valid, is_text ? "as a text must be" : kind == DISSECT_EMAIL ? "an e-mail address" : "a name");
    return f;
}

/* What may not. */
static void take_password(struct dissect_reader *r, const struct dissect_about *about, const char *length_name)
{
    struct dissect_field *f = take_counted(r, about, length_name, 1);
    if (f == NULL)
        return;
    dissect_say(f, "%zu byte%s, %s password", f->len, f->len == 1 ? "" : "s", password_valid(f->len) ? "a" : "not a");
    dissect_keep_secret(r, f);
}

static void take_code(struct dissect_reader *r, const struct dissect_about *about, const char *length_name)
{
    struct dissect_field *f = take_counted(r, about, length_name, 1);
    if (f == NULL)
        return;
    bool valid = password_code_valid(dissect_bytes(r, f), f->len);
    dissect_say(f, "%zu byte%s, %s code", f->len, f->len == 1 ? "" : "s", valid ? "a" : "not a");
    if (f->len == 0)
        dissect_say(f, "none");
    dissect_keep_secret(r, f);
}

static void take_secret(struct dissect_reader *r, const struct dissect_about *about)
{
    struct dissect_field *f = dissect_take(r, about, MESSAGE_SECRET_LEN);
    dissect_say(f, "%d bytes, a secret", MESSAGE_SECRET_LEN);
    dissect_keep_secret(r, f);
}

static void take_error(struct dissect_reader *r, const struct dissect_about *about)
{
    /* clang-format off */
    static const char *const names[] = {
        "unknown", "malformed", "unknown_type", "not_logged_in", "already_logged_in", "login_failed", "try_later",
        "bad_name", "bad_email", "bad_password", "bad_text", "bad_certificate", "name_taken", "no_such_room",
        "not_in_room", "already_in_room", "limit", "not_saved", "stopping", "no_such_user", "no_second_factor",
        "wrong_code", "not_here"};
    /* clang-format on */
    uint64_t code;
    struct dissect_field *f = dissect_number(r, about, 2, &code);
    dissect_say(f, "%u, %s", (unsigned)code, names[code < sizeof names / sizeof *names ? code : 0]);
}

static void take_time(struct dissect_reader *r, const struct dissect_about *about)
{
    uint64_t seconds;
    char text[CERTIFICATE_TIME_LEN];
    struct dissect_field *f = dissect_number(r, about, 8, &seconds);
    certificate_print_time(text, seconds);
    dissect_say(f, "%s", text);
}

/* What two users say to each other is not looked into: nobody but they has its keys. */
static void take_frame(struct dissect_reader *r, const struct dissect_about *about, const char *length_name)
{
    enum frame_type type;
    size_t len;
    struct dissect_field *f = take_counted(r, about, length_name, 2);
    if (f == NULL)
        return;
    bool whole = frame_next(&type, &len, dissect_bytes(r, f), f->len, &frame_any) == NET_OK && len == f->len;
    if (f->len == 0)
        dissect_say(f, "none");
    else if (f->len <= MESSAGE_FRAME_MAX && whole)
        dissect_say(f, "%zu bytes, one %s", f->len, dissect_frame_type((uint8_t)type));
    else
        dissect_say(f, "%zu byte%s, not one whole frame", f->len, f->len == 1 ? "" : "s");
}

static void take_i(struct dissect_reader *r)
{
    uint64_t i;
    struct dissect_field *f = dissect_number(r, &about_i, 4, &i);
    if (i >= SENDER_KEY_MESSAGES)
        dissect_say(f, "%u, not 0 to %d", (unsigned)i, SENDER_KEY_MESSAGES - 1);
}

/* What stands before the ciphertext anybody can read, and the server with them; the rest the members alone. */
static void take_sealed_line(struct dissect_reader *r, const struct dissect_about *about, size_t len)
{
    struct dissect_reader line = dissect_enter(r, about, len);
    dissect_take(&line, &about_sealed_room, ROOM_LIST_ID_LEN);
    dissect_take(&line, &about_list, ROOM_LIST_HASH_LEN);
    dissect_take(&line, &about_key_id, SENDER_KEY_ID_LEN);
    take_i(&line);
    dissect_take(&line, &about_iv, AES_BLOCK_LEN);
    dissect_take(&line, &about_ciphertext, len - SEALED_OVERHEAD);
    dissect_take(&line, &about_tag, ETM_TAG_LEN);
}

static void take_sealed(struct dissect_reader *r, const struct dissect_about *about, const char *length_name)
{
    size_t len = dissect_length(r, length_name, 2);
    if (len >= MESSAGE_SEALED_MIN && len <= MESSAGE_SEALED_MAX && (len - MESSAGE_SEALED_MIN) % AES_BLOCK_LEN == 0)
        take_sealed_line(r, about, len);
    else
        dissect_say(dissect_take(r, about, len), "%zu byte%s, not a sealed line", len, len == 1 ? "" : "s");
}

/* One byte of which two values have a meaning: `first` and the one after it. */
static void take_choice(struct dissect_reader *r, const struct dissect_about *about, unsigned first,
                        const char *first_means, const char *second_means)
{
    uint64_t value;
    struct dissect_field *f = dissect_number(r, about, 1, &value);
    const char *means = value == first ? first_means : value == first + 1 ? second_means : "unknown";
    dissect_say(f, "%u, %s", (unsigned)value, means);
}

/* --- Lists -------------------------------------------------------------------------------------------------------- */

/* The next name of a list; says where it does not come after the one before it, which is NULL for the first. */
static struct dissect_field *take_listed(struct dissect_reader *r, const struct dissect_field *last,
                                         enum dissect_kind kind)
{
    const struct dissect_about *about = kind == DISSECT_ROOMS ? &about_room_name : &about_name;
    struct dissect_field *f = take_shown(r, about, kind, "length of name");
    if (f == NULL || last == NULL)
        return f;
    int order = memcmp(dissect_bytes(r, last), dissect_bytes(r, f), f->len < last->len ? f->len : last->len);
    if (order > 0 || (order == 0 && last->len >= f->len))
        dissect_say(f, "%zu byte%s, but not after the name before", f->len, f->len == 1 ? "" : "s");
    return f;
}

static struct dissect_field *take_room(struct dissect_reader *r, const struct dissect_field *last)
{
    uint64_t members;
    struct dissect_reader inside = dissect_open(r, &about_room);
    struct dissect_field *name = take_listed(&inside, last, DISSECT_ROOMS);
    dissect_number(&inside, &about_members, 4, &members);
    if (!inside.stopped)
        dissect_say(inside.whole, "%s, %u in it", name->text, (unsigned)members);
    dissect_close(r, &inside);
    return name;
}

/* How many there may be is bounded, so that there are never more fields than there is room for. */
static void take_list(struct dissect_reader *r, const struct dissect_about *about, enum dissect_kind kind)
{
    unsigned min = kind == DISSECT_NAMES_1, max = kind == DISSECT_BLOCKED ? MESSAGE_BLOCKED_MAX : MESSAGE_LIST_MAX;
    uint64_t n;
    struct dissect_field *last = NULL;
    struct dissect_reader list = dissect_open(r, about);
    dissect_number(&list, &about_n, 2, &n);
    if (n < min || n > max)
        dissect_malformed(&list, "there are %u to %u in such a list, and not %u", min, max, (unsigned)n);
    for (uint64_t i = 0; i < n && !list.stopped; i++)
        last = kind == DISSECT_ROOMS ? take_room(&list, last) : take_listed(&list, last, kind);
    if (!list.stopped)
        dissect_say(list.whole, "%u %s%s", (unsigned)n, kind == DISSECT_ROOMS ? "room" : "name", n == 1 ? "" : "s");
    dissect_close(r, &list);
}

/* --- Messages ----------------------------------------------------------------------------------------------------- */

/* What has a meaning in a table, or in the calendar. */
static void take_value(struct dissect_reader *r, const struct dissect_about *about, enum dissect_kind kind)
{
    if (kind == DISSECT_ERROR)
        take_error(r, about);
    else if (kind == DISSECT_TIME)
        take_time(r, about);
    else if (kind == DISSECT_MORE)
        take_choice(r, about, 0, "that was all", "there are more");
    else
        take_choice(r, about, MESSAGE_JOINED, "joined", "left");
}

/* What only users can read, and what tells their calls apart. */
static void take_hidden(struct dissect_reader *r, const struct dissect_about *about, const struct dissect_part *p)
{
    if (p->kind == DISSECT_CALL)
        dissect_say(dissect_take(r, about, MESSAGE_CALL_LEN), "%d random bytes", MESSAGE_CALL_LEN);
    else if (p->kind == DISSECT_FRAME)
        take_frame(r, about, p->length_name);
    else
        take_sealed(r, about, p->length_name);
}

static void take_part(struct dissect_reader *r, const struct dissect_part *p, const char *section)
{
    const struct dissect_about about = {p->name, p->kind == DISSECT_ERROR ? "10.5" : section, p->note};
    switch (p->kind) {
    case DISSECT_PASSWORD:
        take_password(r, &about, p->length_name);
        break;
    case DISSECT_CODE:
        take_code(r, &about, p->length_name);
        break;
    case DISSECT_SECRET:
        take_secret(r, &about);
        break;
    case DISSECT_CERTIFICATE:
        dissect_certificate(r, p->note, true);
        break;
    case DISSECT_CALL:
    case DISSECT_FRAME:
    case DISSECT_SEALED:
        take_hidden(r, &about, p);
        break;
    case DISSECT_ERROR:
    case DISSECT_TIME:
    case DISSECT_MORE:
    case DISSECT_PRESENCE:
        take_value(r, &about, p->kind);
        break;
    case DISSECT_ROOMS:
    case DISSECT_NAMES:
    case DISSECT_NAMES_1:
    case DISSECT_BLOCKED:
        take_list(r, &about, p->kind);
        break;
    default:
        take_shown(r, &about, p->kind, p->length_name);
    }
}

/* Whether it has a field that nobody may see: then what breaks its rule may be that one, moved by a wrong length. */
static bool has_secret(const struct dissect_layout *layout)
{
    bool has = false;
    for (const struct dissect_part *p = layout->part; p->kind != DISSECT_END; p++)
        has = has || p->kind == DISSECT_PASSWORD || p->kind == DISSECT_CODE || p->kind == DISSECT_SECRET;
    return has;
}

/* The number, and the message's text with it; says where it does not go with the type. */
static void take_request(struct dissect_reader *r, enum message_type type)
{
    const char *name = dissect_message_type((uint8_t)type);
    bool push = message_is_push(type);
    uint64_t number;
    struct dissect_field *f = dissect_number(r, &about_request, 4, &number);
    if (f == NULL)
        return;
    if (push && number != 0)
        dissect_say(f, "%u, where nothing was asked for", (unsigned)number);
    else if (!push && number == 0)
        dissect_say(f, type == MESSAGE_ERROR ? "0, of a request without a number" : "0, but it must have a number");
    if (push)
        dissect_say(r->whole, "%s", name);
    else
        dissect_say(r->whole, "%s, %srequest %u", name, message_is_request(type) ? "" : "to ", (unsigned)number);
}

void dissect_message(struct dissect_reader *r)
{
    uint64_t number;
    struct dissect_field *f = dissect_number(r, &about_type, 1, &number);
    enum message_type type = (enum message_type)number;
    const struct dissect_layout *layout = dissect_layout((uint8_t)type);
    r->guarded = layout != NULL && has_secret(layout);
    dissect_say(f, "%u, %s", (unsigned)type, dissect_message_type((uint8_t)type));
    take_request(r, type);
    if (layout == NULL) {
        dissect_take(r, &about_fields, r->end - r->at);
        return;
    }
    r->whole->note = layout->note;
    r->whole->section = message_is_push(type) ? "10.4" : message_is_request(type) ? "10.2" : "10.3";
    for (const struct dissect_part *p = layout->part; p->kind != DISSECT_END; p++)
        take_part(r, p, r->whole->section);
}
