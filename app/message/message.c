/* SPDX-License-Identifier: MIT */
/* One table says how each type is laid out: which fields, in which order, where each lives in struct message. Encoding
 * and decoding both walk it, so they cannot disagree, and a new message is a new row. Each kind of field is written by
 * one case and read by one case, and a bounded cursor is the only thing that touches the bytes. */
#include "app/message/message.h"

#include <assert.h>
#include <string.h>

#include "crypto/aes.h"
#include "crypto/bytes.h"
#include "net/certificate.h"
#include "net/frame.h"

enum field_kind {
    FIELD_END,
    FIELD_U8_FLAG,     /* u8, 0 or 1 */
    FIELD_U8_PRESENCE, /* u8, an enum message_presence */
    FIELD_U16,
    FIELD_U64,
    FIELD_NAME,        /* <u8>, a name */
    FIELD_NAME_OPT,    /* <u8>, a name or empty */
    FIELD_ROOM,        /* <u8>, the name of a room, sealed or not */
    FIELD_ROOM_OPT,    /* <u8>, the same or empty */
    FIELD_ROOM_SEALED, /* <u8>, the name of a sealed room */
    FIELD_EMAIL,       /* <u8> */
    FIELD_PASSWORD,    /* <u8> */
    FIELD_CODE,        /* <u8>, six digits or empty */
    FIELD_LOGIN_CODE,  /* the same, where nothing may say that it was the code */
    FIELD_CERTIFICATE, /* <u16>, a user's, or empty */
    FIELD_SECRET,      /* MESSAGE_SECRET_LEN bytes */
    FIELD_TEXT,        /* <u16>, what a user says */
    FIELD_NOTICE,      /* <u16>, what the server says */
    FIELD_CALL,        /* MESSAGE_CALL_LEN bytes */
    FIELD_FRAME,       /* <u16>, one whole frame, or empty */
    FIELD_SEALED,      /* <u16>, a line of a sealed room */
    FIELD_ROOMS,       /* u16 count, then count times: <u8> name, u32 members; each name after the one before it */
    FIELD_NAMES,       /* u16 count, then count times: <u8> name; each after the one before it */
    FIELD_NAMES_1,     /* the same, at least one */
    FIELD_BLOCKED,     /* the same as FIELD_NAMES, at most MESSAGE_BLOCKED_MAX */
};

#define FIELDS_MAX 4

struct layout {
    enum message_type type;
    struct {
        enum field_kind kind;
        size_t offset; /* in struct message */
    } field[FIELDS_MAX + 1];
};

#define AT(member) offsetof(struct message, member)

/* clang-format off */
static const struct layout layouts[] = {
    {MESSAGE_REGISTER, {{FIELD_NAME, AT(registration.name)}, {FIELD_EMAIL, AT(registration.email)},
                        {FIELD_PASSWORD, AT(registration.password)},
                        {FIELD_CERTIFICATE, AT(registration.certificate)}}},
    {MESSAGE_LOG_IN, {{FIELD_NAME, AT(log_in.name)}, {FIELD_PASSWORD, AT(log_in.password)},
                      {FIELD_LOGIN_CODE, AT(log_in.code)}}},
    {MESSAGE_LOG_OUT, {{FIELD_END, 0}}},
    {MESSAGE_PING, {{FIELD_END, 0}}},
    {MESSAGE_LIST_ROOMS, {{FIELD_ROOM_OPT, AT(list_rooms.after)}}},
    {MESSAGE_JOIN, {{FIELD_ROOM, AT(join.room)}}},
    {MESSAGE_LEAVE, {{FIELD_ROOM, AT(leave.room)}}},
    {MESSAGE_SAY, {{FIELD_NAME, AT(say.room)}, {FIELD_TEXT, AT(say.text)}}},
    {MESSAGE_WHO, {{FIELD_ROOM, AT(who.room)}, {FIELD_NAME_OPT, AT(who.after)}}},
    {MESSAGE_CHANGE_PASSWORD, {{FIELD_PASSWORD, AT(change_password.password)}, {FIELD_CODE, AT(change_password.code)},
                               {FIELD_PASSWORD, AT(change_password.new_password)}}},
    {MESSAGE_DELETE_ACCOUNT, {{FIELD_PASSWORD, AT(delete_account.password)}, {FIELD_CODE, AT(delete_account.code)}}},
    {MESSAGE_BEGIN_SECOND_FACTOR, {{FIELD_PASSWORD, AT(begin_second_factor.password)},
                                   {FIELD_CODE, AT(begin_second_factor.code)}}},
    {MESSAGE_CONFIRM_SECOND_FACTOR, {{FIELD_CODE, AT(confirm_second_factor.code)}}},
    {MESSAGE_END_SECOND_FACTOR, {{FIELD_PASSWORD, AT(end_second_factor.password)},
                                 {FIELD_CODE, AT(end_second_factor.code)}}},
    {MESSAGE_REPLACE_CERTIFICATE, {{FIELD_PASSWORD, AT(replace_certificate.password)},
                                   {FIELD_CODE, AT(replace_certificate.code)},
                                   {FIELD_CERTIFICATE, AT(replace_certificate.certificate)}}},
    {MESSAGE_BLOCK, {{FIELD_NAME, AT(block.name)}}},
    {MESSAGE_UNBLOCK, {{FIELD_NAME, AT(unblock.name)}}},
    {MESSAGE_FETCH_CERTIFICATE, {{FIELD_NAME, AT(fetch_certificate.name)}}},
    {MESSAGE_RELAY, {{FIELD_NAME, AT(relay.name)}, {FIELD_CALL, AT(relay.call)}, {FIELD_FRAME, AT(relay.frame)}}},
    {MESSAGE_SEAL, {{FIELD_ROOM_SEALED, AT(seal.room)}, {FIELD_SEALED, AT(seal.sealed)}}},
    {MESSAGE_READY, {{FIELD_END, 0}}},
    {MESSAGE_LIST_BLOCKED, {{FIELD_END, 0}}},
    {MESSAGE_OK, {{FIELD_END, 0}}},
    {MESSAGE_ERROR, {{FIELD_U16, AT(error.code)}, {FIELD_NOTICE, AT(error.text)}}},
    {MESSAGE_ROOMS, {{FIELD_U8_FLAG, AT(rooms.more)}, {FIELD_ROOMS, AT(rooms.list)}}},
    {MESSAGE_MEMBERS, {{FIELD_ROOM, AT(members.room)}, {FIELD_U8_FLAG, AT(members.more)},
                       {FIELD_NAMES, AT(members.list)}}},
    {MESSAGE_SECRET, {{FIELD_SECRET, AT(secret.secret)}}},
    {MESSAGE_CERTIFICATE, {{FIELD_NAME, AT(certificate.name)}, {FIELD_CERTIFICATE, AT(certificate.certificate)}}},
    {MESSAGE_BLOCKED, {{FIELD_BLOCKED, AT(blocked.list)}}},
    {MESSAGE_SAID, {{FIELD_NAME, AT(said.room)}, {FIELD_NAME, AT(said.sender)}, {FIELD_U64, AT(said.time)},
                    {FIELD_TEXT, AT(said.text)}}},
    {MESSAGE_PRESENCE, {{FIELD_U8_PRESENCE, AT(presence.what)}, {FIELD_ROOM, AT(presence.room)},
                        {FIELD_NAMES_1, AT(presence.list)}}},
    {MESSAGE_NOTICE, {{FIELD_NOTICE, AT(notice.text)}}},
    {MESSAGE_REPLACED, {{FIELD_END, 0}}},
    {MESSAGE_STILL_THERE, {{FIELD_END, 0}}},
    {MESSAGE_RELAYED, {{FIELD_NAME, AT(relayed.name)}, {FIELD_CALL, AT(relayed.call)},
                       {FIELD_FRAME, AT(relayed.frame)}}},
    {MESSAGE_SEALED, {{FIELD_ROOM_SEALED, AT(sealed.room)}, {FIELD_NAME, AT(sealed.sender)},
                      {FIELD_U64, AT(sealed.time)}, {FIELD_SEALED, AT(sealed.sealed)}}},
};
/* clang-format on */

static const struct layout *layout_of(enum message_type type)
{
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (layouts[i].type == type)
            return &layouts[i];
    return NULL;
}

bool message_is_request(enum message_type type)
{
    return type >= MESSAGE_REGISTER && type < MESSAGE_OK;
}

bool message_is_push(enum message_type type)
{
    return type >= MESSAGE_SAID;
}

/* --- The rules ---------------------------------------------------------------------------------------------------- */

/* Of a field that has no length before it. */
static size_t fixed_len(enum field_kind kind)
{
    return kind == FIELD_CALL ? MESSAGE_CALL_LEN : MESSAGE_SECRET_LEN;
}

/* Whether these bytes are a user's certificate. Whose it is, and who signed it, is for others to check. */
static bool certificate_fits(const uint8_t *p, size_t len)
{
    struct certificate c;
    return certificate_decode(&c, p, len) == NET_OK && c.role == CERTIFICATE_USER;
}

/* Whether these bytes are one frame, and no byte more. What is in it is for the two who call each other.
 * CAUTION: whoever gets it gives it to a session, and another frame, or a part of one, behind it would be read as what
 * comes next; test_a_frame_is_one_whole_frame_or_none. */
static bool frame_fits(const uint8_t *p, size_t len)
{
    enum frame_type type;
    size_t frame_len;
    return len <= MESSAGE_FRAME_MAX && frame_next(&type, &frame_len, p, len, &frame_any) == NET_OK && frame_len == len;
}

/* Whether this can be a line of a sealed room: what is around its text has one length, and the text is in whole blocks.
 * The rest is for the members. */
static bool sealed_fits(size_t len)
{
    return len >= MESSAGE_SEALED_MIN && len <= MESSAGE_SEALED_MAX && (len - MESSAGE_SEALED_MIN) % AES_BLOCK_LEN == 0;
}

/* Whether these bytes are a name, of the kind that may stand here.
 * CAUTION: what is said goes to the server in the clear, so say takes no sealed room's name; tests/test_message.c:
 * test_where_a_sealed_room_may_stand. */
static bool name_fits(enum field_kind kind, const uint8_t *p, size_t len)
{
    switch (kind) {
    case FIELD_NAME_OPT:
        return len == 0 || name_valid(p, len);
    case FIELD_ROOM:
        return name_room_valid(p, len);
    case FIELD_ROOM_OPT:
        return len == 0 || name_room_valid(p, len);
    case FIELD_ROOM_SEALED:
        return name_sealed_valid(p, len);
    default:
        return name_valid(p, len);
    }
}

/* What a field of this kind, with this content, is: MESSAGE_E_NONE where it is fine. */
static enum message_error check(enum field_kind kind, const uint8_t *p, size_t len)
{
    switch (kind) {
    case FIELD_NAME:
    case FIELD_NAME_OPT:
    case FIELD_ROOM:
    case FIELD_ROOM_OPT:
    case FIELD_ROOM_SEALED:
        return name_fits(kind, p, len) ? MESSAGE_E_NONE : MESSAGE_E_BAD_NAME;
    case FIELD_EMAIL:
        return email_valid(p, len) ? MESSAGE_E_NONE : MESSAGE_E_BAD_EMAIL;
    case FIELD_PASSWORD:
        return password_valid(len) ? MESSAGE_E_NONE : MESSAGE_E_BAD_PASSWORD;
    case FIELD_CODE:
        return password_code_valid(p, len) ? MESSAGE_E_NONE : MESSAGE_E_WRONG_CODE;
    case FIELD_LOGIN_CODE:
        return password_code_valid(p, len) ? MESSAGE_E_NONE : MESSAGE_E_LOGIN_FAILED;
    case FIELD_CERTIFICATE:
        return len == 0 || certificate_fits(p, len) ? MESSAGE_E_NONE : MESSAGE_E_BAD_CERTIFICATE;
    case FIELD_TEXT:
        return text_valid(p, len) ? MESSAGE_E_NONE : MESSAGE_E_BAD_TEXT;
    case FIELD_NOTICE:
        return text_valid_up_to(p, len, MESSAGE_NOTICE_MAX) ? MESSAGE_E_NONE : MESSAGE_E_BAD_TEXT;
    case FIELD_FRAME:
        return len == 0 || frame_fits(p, len) ? MESSAGE_E_NONE : MESSAGE_E_MALFORMED;
    case FIELD_SEALED:
        return sealed_fits(len) ? MESSAGE_E_NONE : MESSAGE_E_MALFORMED;
    default:
        return MESSAGE_E_MALFORMED;
    }
}

/* In a list of rooms, which has their members with them, a sealed room's name may stand; the others are of users. */
static bool entry_name_fits(const void *name, size_t len, bool with_members)
{
    return with_members ? name_room_valid(name, len) : name_valid(name, len);
}

/* Reads one entry at the front of left and moves past it; false where there is none, whole and with a valid name. */
static bool take_entry(struct message_bytes *left, struct message_entry *entry, bool with_members)
{
    size_t tail = with_members ? 4 : 0;
    if (left->len < 1)
        return false;
    size_t name_len = left->data[0];
    if (left->len < 1 + name_len + tail || !entry_name_fits(left->data + 1, name_len, with_members))
        return false;
    memcpy(entry->name, left->data + 1, name_len);
    entry->name[name_len] = '\0';
    entry->members = with_members ? bytes_load_be32(left->data + 1 + name_len) : 0;
    left->data += 1 + name_len + tail;
    left->len -= 1 + name_len + tail;
    return true;
}

/* True where list is whole entries at its front, their names ascending; *bytes_len is how much they take. */
static bool list_valid(const struct message_list *list, enum field_kind kind, size_t *bytes_len)
{
    size_t max = kind == FIELD_BLOCKED ? MESSAGE_BLOCKED_MAX : MESSAGE_LIST_MAX;
    if (list->count > max || (kind == FIELD_NAMES_1 && list->count == 0))
        return false;
    struct message_bytes left = list->bytes;
    struct message_entry entry;
    char last[NAME_MAX_LEN + 1] = "";
    for (size_t i = 0; i < list->count; i++) {
        if (!take_entry(&left, &entry, kind == FIELD_ROOMS))
            return false;
        if (strcmp(last, entry.name) >= 0) /* also of one that is named twice */
            return false;
        memcpy(last, entry.name, sizeof last);
    }
    *bytes_len = list->bytes.len - left.len;
    return true;
}

/* --- Writing ------------------------------------------------------------------------------------------------------ */

struct writer {
    uint8_t *p;
    size_t left;
};

static int put(struct writer *w, const void *data, size_t len)
{
    if (len > w->left)
        return -1;
    if (len > 0)
        memcpy(w->p, data, len);
    w->p += len;
    w->left -= len;
    return 0;
}

/* A number of 1, 2, 4 or 8 bytes. */
static int put_number(struct writer *w, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    bytes_store_be64(bytes, value);
    return put(w, bytes + 8 - size, size);
}

/* A field after its length, which has length_size bytes. The rules keep every len below what these can express. */
static int put_counted(struct writer *w, enum field_kind kind, const void *data, size_t len, size_t length_size)
{
    if (check(kind, data, len) != MESSAGE_E_NONE || put_number(w, len, length_size) != 0)
        return -1;
    return put(w, data, len);
}

static int put_list(struct writer *w, enum field_kind kind, const struct message_list *list)
{
    size_t len;
    if (!list_valid(list, kind, &len) || len != list->bytes.len || put_number(w, list->count, 2) != 0)
        return -1;
    return put(w, list->bytes.data, len);
}

static int put_u8(struct writer *w, enum field_kind kind, uint8_t u8)
{
    bool fits = kind == FIELD_U8_FLAG ? u8 <= 1 : u8 == MESSAGE_JOINED || u8 == MESSAGE_LEFT;
    return fits ? put(w, &u8, 1) : -1;
}

static int put_bytes(struct writer *w, enum field_kind kind, const struct message_bytes *bytes, size_t length_size)
{
    return put_counted(w, kind, bytes->data, bytes->len, length_size);
}

static int put_field(struct writer *w, enum field_kind kind, const void *field)
{
    switch (kind) {
    case FIELD_U8_FLAG:
    case FIELD_U8_PRESENCE:
        return put_u8(w, kind, *(const uint8_t *)field);
    case FIELD_U16:
        return put_number(w, *(const uint16_t *)field, 2);
    case FIELD_U64:
        return put_number(w, *(const uint64_t *)field, 8);
    case FIELD_NAME:
    case FIELD_NAME_OPT:
    case FIELD_ROOM:
    case FIELD_ROOM_OPT:
    case FIELD_ROOM_SEALED:
    case FIELD_EMAIL:
    case FIELD_CODE:
    case FIELD_LOGIN_CODE:
        return put_counted(w, kind, field, strlen(field), 1);
    case FIELD_PASSWORD:
        return put_bytes(w, kind, field, 1);
    case FIELD_CERTIFICATE:
    case FIELD_TEXT:
    case FIELD_NOTICE:
    case FIELD_FRAME:
    case FIELD_SEALED:
        return put_bytes(w, kind, field, 2);
    case FIELD_SECRET:
    case FIELD_CALL:
        return put(w, field, fixed_len(kind));
    case FIELD_ROOMS:
    case FIELD_NAMES:
    case FIELD_NAMES_1:
    case FIELD_BLOCKED:
        return put_list(w, kind, field);
    case FIELD_END:
        break;
    }
    return -1;
}

int message_encode(uint8_t *out, size_t out_cap, size_t *out_len, const struct message *m)
{
    const struct layout *layout = layout_of(m->type);
    assert(layout != NULL);
    struct writer w = {out, out_cap < MESSAGE_MAX_LEN ? out_cap : MESSAGE_MAX_LEN};
    if (put_number(&w, m->type, 1) != 0 || put_number(&w, m->request, 4) != 0)
        return -1;
    for (size_t i = 0; layout->field[i].kind != FIELD_END; i++)
        if (put_field(&w, layout->field[i].kind, (const uint8_t *)m + layout->field[i].offset) != 0)
            return -1;
    *out_len = (size_t)(w.p - out);
    return 0;
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

static bool take(struct message_bytes *in, const uint8_t **data, size_t len)
{
    if (len > in->len)
        return false;
    *data = in->data;
    in->data += len;
    in->len -= len;
    return true;
}

static enum message_error take_bytes(struct message_bytes *in, uint8_t *out, size_t len)
{
    const uint8_t *p;
    if (!take(in, &p, len))
        return MESSAGE_E_MALFORMED;
    memcpy(out, p, len);
    return MESSAGE_E_NONE;
}

static bool take_number(struct message_bytes *in, uint64_t *value, size_t size)
{
    const uint8_t *p;
    if (!take(in, &p, size))
        return false;
    uint8_t bytes[8] = {0};
    memcpy(bytes + 8 - size, p, size);
    *value = bytes_load_be64(bytes);
    return true;
}

/* A field after its length. Sets bytes to point at it. */
static enum message_error take_counted(struct message_bytes *in, enum field_kind kind, struct message_bytes *bytes,
                                       size_t length_size)
{
    uint64_t len;
    const uint8_t *data;
    if (!take_number(in, &len, length_size) || !take(in, &data, (size_t)len))
        return MESSAGE_E_MALFORMED;
    *bytes = (struct message_bytes){data, (size_t)len};
    return check(kind, data, (size_t)len);
}

/* The same for what the struct holds as a NUL-terminated string: its rule keeps it shorter than the member. */
static enum message_error take_string(struct message_bytes *in, enum field_kind kind, char *string)
{
    struct message_bytes bytes;
    enum message_error error = take_counted(in, kind, &bytes, 1);
    if (error != MESSAGE_E_NONE)
        return error;
    memcpy(string, bytes.data, bytes.len);
    string[bytes.len] = '\0';
    return MESSAGE_E_NONE;
}

static enum message_error take_list(struct message_bytes *in, enum field_kind kind, struct message_list *list)
{
    uint64_t count;
    size_t len;
    if (!take_number(in, &count, 2))
        return MESSAGE_E_MALFORMED;
    *list = (struct message_list){(size_t)count, *in};
    if (!list_valid(list, kind, &len))
        return MESSAGE_E_MALFORMED;
    list->bytes.len = len;
    in->data += len;
    in->len -= len;
    return MESSAGE_E_NONE;
}

static enum message_error take_u8(struct message_bytes *in, enum field_kind kind, uint8_t *field)
{
    uint64_t number;
    if (!take_number(in, &number, 1))
        return MESSAGE_E_MALFORMED;
    *field = (uint8_t)number;
    if (kind == FIELD_U8_FLAG)
        return number <= 1 ? MESSAGE_E_NONE : MESSAGE_E_MALFORMED;
    return number == MESSAGE_JOINED || number == MESSAGE_LEFT ? MESSAGE_E_NONE : MESSAGE_E_MALFORMED;
}

static enum message_error take_u16(struct message_bytes *in, uint16_t *field)
{
    uint64_t number;
    if (!take_number(in, &number, 2))
        return MESSAGE_E_MALFORMED;
    *field = (uint16_t)number;
    return MESSAGE_E_NONE;
}

static enum message_error take_field(struct message_bytes *in, enum field_kind kind, void *field)
{
    switch (kind) {
    case FIELD_U8_FLAG:
    case FIELD_U8_PRESENCE:
        return take_u8(in, kind, field);
    case FIELD_U16:
        return take_u16(in, field);
    case FIELD_U64:
        return take_number(in, field, 8) ? MESSAGE_E_NONE : MESSAGE_E_MALFORMED;
    case FIELD_NAME:
    case FIELD_NAME_OPT:
    case FIELD_ROOM:
    case FIELD_ROOM_OPT:
    case FIELD_ROOM_SEALED:
    case FIELD_EMAIL:
    case FIELD_CODE:
    case FIELD_LOGIN_CODE:
        return take_string(in, kind, field);
    case FIELD_PASSWORD:
        return take_counted(in, kind, field, 1);
    case FIELD_CERTIFICATE:
    case FIELD_TEXT:
    case FIELD_NOTICE:
    case FIELD_FRAME:
    case FIELD_SEALED:
        return take_counted(in, kind, field, 2);
    case FIELD_SECRET:
    case FIELD_CALL:
        return take_bytes(in, field, fixed_len(kind));
    case FIELD_ROOMS:
    case FIELD_NAMES:
    case FIELD_NAMES_1:
    case FIELD_BLOCKED:
        return take_list(in, kind, field);
    case FIELD_END:
        break;
    }
    return MESSAGE_E_MALFORMED;
}

/* The shape is read to the end even where a field breaks its rule, so that a malformed message is called malformed
 * whatever else is wrong with it. */
static enum message_error take_fields(struct message *m, struct message_bytes in, const struct layout *layout)
{
    enum message_error first = MESSAGE_E_NONE;
    for (size_t i = 0; layout->field[i].kind != FIELD_END; i++) {
        enum message_error error = take_field(&in, layout->field[i].kind, (uint8_t *)m + layout->field[i].offset);
        if (error == MESSAGE_E_MALFORMED)
            return error;
        if (first == MESSAGE_E_NONE)
            first = error;
    }
    return in.len == 0 ? first : MESSAGE_E_MALFORMED;
}

enum message_error message_decode(struct message *m, const uint8_t *in, size_t in_len)
{
    struct message_bytes left = {in, in_len};
    uint64_t type, request;
    m->request = 0;
    if (in_len > MESSAGE_MAX_LEN || !take_number(&left, &type, 1) || !take_number(&left, &request, 4))
        return MESSAGE_E_MALFORMED;
    m->type = (enum message_type)type;
    m->request = (uint32_t)request;
    const struct layout *layout = layout_of(m->type);
    if (layout == NULL)
        return MESSAGE_E_UNKNOWN_TYPE;
    /* A push answers nobody; everything else belongs to a request, except an error about a request without a number. */
    if (message_is_push(m->type) != (request == 0) && !(m->type == MESSAGE_ERROR && request == 0))
        return MESSAGE_E_MALFORMED;
    return take_fields(m, left, layout);
}

/* --- Lists -------------------------------------------------------------------------------------------------------- */

bool message_list_next(struct message_list *list, struct message_entry *entry, bool with_members)
{
    if (list->count == 0 || !take_entry(&list->bytes, entry, with_members))
        return false;
    list->count--;
    return true;
}

void message_list_init(struct message_list *list, uint8_t *buf)
{
    *list = (struct message_list){0, {buf, 0}};
}

int message_list_add(struct message_list *list, uint8_t *buf, const struct message_entry *entry, bool with_members)
{
    size_t name_len = strlen(entry->name);
    if (list->count == MESSAGE_LIST_MAX || !entry_name_fits(entry->name, name_len, with_members))
        return -1;
    uint8_t *p = buf + list->bytes.len;
    *p++ = (uint8_t)name_len;
    memcpy(p, entry->name, name_len);
    p += name_len;
    if (with_members) {
        bytes_store_be32(p, entry->members);
        p += 4;
    }
    list->bytes.len = (size_t)(p - buf);
    list->count++;
    return 0;
}

/* --- What the codes mean ------------------------------------------------------------------------------------------ */

const char *message_error_text(enum message_error code)
{
    static const char *const texts[] = {
        [MESSAGE_E_NONE] = "no error",
        [MESSAGE_E_MALFORMED] = "the message was malformed or out of turn",
        [MESSAGE_E_UNKNOWN_TYPE] = "the server does not know this request",
        [MESSAGE_E_NOT_LOGGED_IN] = "log in first",
        [MESSAGE_E_ALREADY_LOGGED_IN] = "already logged in",
        [MESSAGE_E_LOGIN_FAILED] = "wrong name, password or code",
        [MESSAGE_E_TRY_LATER] = "too many tries, or too much at once: wait a while",
        [MESSAGE_E_BAD_NAME] = "a name is 1 to 32 of a-z 0-9 _ -, starting with a letter",
        [MESSAGE_E_BAD_EMAIL] = "this is not an e-mail address like name@example.org",
        [MESSAGE_E_BAD_PASSWORD] = "a password has 8 to 128 bytes",
        [MESSAGE_E_BAD_TEXT] = "a text is 1 to 4000 bytes of UTF-8 without control characters",
        [MESSAGE_E_BAD_CERTIFICATE] = "this certificate can't be used",
        [MESSAGE_E_NAME_TAKEN] = "this name is taken",
        [MESSAGE_E_NO_SUCH_ROOM] = "there is no such room",
        [MESSAGE_E_NOT_IN_ROOM] = "join the room first",
        [MESSAGE_E_ALREADY_IN_ROOM] = "already in this room",
        [MESSAGE_E_LIMIT] = "the server's limit is reached",
        [MESSAGE_E_NOT_SAVED] = "the server could not save it, nothing was changed",
        [MESSAGE_E_STOPPING] = "the server is stopping",
        [MESSAGE_E_NO_SUCH_USER] = "there is no such user",
        [MESSAGE_E_NO_SECOND_FACTOR] = "there is no second factor to confirm or to end",
        [MESSAGE_E_WRONG_CODE] = ("wrong code: missing, of another time, or used already: wait for the next one; "
                                  "without a second factor, give none"),
        [MESSAGE_E_NOT_HERE] = "that user is not here, or has a program that takes no calls",
    };
    unsigned i = (unsigned)code;
    return i < sizeof texts / sizeof *texts ? texts[i] : "unknown error";
}
