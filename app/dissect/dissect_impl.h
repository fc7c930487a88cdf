/* SPDX-License-Identifier: MIT */
/* How the sources of dissect walk over bytes: a reader for each whole, which takes its parts from the front.
 *
 * Standard:    docs/protocol.md section 1.2.
 * Use it:      struct dissect_reader inside = dissect_enter(&r, &about_header, 4);
 *              struct dissect_field *type = dissect_number(&inside, &about_type, 1, &value);
 *              dissect_say(type, "%u, %s", (unsigned)value, dissect_frame_type((uint8_t)value));
 *              dissect_end(&inside);
 * Timing:      as dissect.h says.
 * Read next:   dissect.c, dissect_hello.c, dissect_certificate.c, dissect_message.c: one for each kind of bytes.
 *
 * Where something is missing, what is left of the whole becomes a field "malformed", and every later take from the same
 * reader does nothing and gives NULL, which dissect_say passes over. So a layout is written down as one takes it, with
 * no check between.
 */
#ifndef APP_DISSECT_DISSECT_IMPL_H
#define APP_DISSECT_DISSECT_IMPL_H

#include "app/dissect/dissect.h"

/* The number that a macro stands for, in a note. */
#define DISSECT_TEXT_OF(x) #x
#define DISSECT_NUMBER(macro) DISSECT_TEXT_OF(macro)

/* What a field is, all but its bytes. Static. */
struct dissect_about {
    const char *name, *section, *note;
};

struct dissect_reader {
    struct dissection *d;
    const uint8_t *bytes;        /* the first one given */
    size_t at, end;              /* what is left of the whole, counted from there */
    struct dissect_field *whole; /* NULL: nothing is around it */
    bool stopped;                /* all that was left has become "malformed" */
    bool guarded;                /* what breaks its rule may be a secret that stands elsewhere than it should */
};

/* The next len bytes as a leaf whose text is its length; NULL where fewer are left. */
struct dissect_field *dissect_take(struct dissect_reader *r, const struct dissect_about *about, size_t len);

/* A number of 1, 2, 4 or 8 bytes, which is its text. *value is 0 where it isn't there. */
struct dissect_field *dissect_number(struct dissect_reader *r, const struct dissect_about *about, size_t size,
                                     uint64_t *value);

/* The length, of 1 or 2 bytes, of what comes next; 0 where it isn't there. name is "length of ...". */
size_t dissect_length(struct dissect_reader *r, const char *name, size_t size);

/* The next len bytes as a whole, whose parts are then taken from the reader that is returned, to their end
 * (dissect_end). Where fewer are left, that one is stopped, and so is r. */
struct dissect_reader dissect_enter(struct dissect_reader *r, const struct dissect_about *about, size_t len);

/* The same for a whole whose end only its parts show: between the two calls r is not used. Where the parts went wrong,
 * nobody knows where it ends: all that was left of r is in it, and r is stopped. */
struct dissect_reader dissect_open(struct dissect_reader *r, const struct dissect_about *about);
void dissect_close(struct dissect_reader *r, const struct dissect_reader *inside);

/* What is left of the whole, which may be nothing, as "malformed", and why. */
void dissect_malformed(struct dissect_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same where anything is left. */
void dissect_end(struct dissect_reader *r);

/* The bytes of a field. */
const uint8_t *dissect_bytes(const struct dissect_reader *r, const struct dissect_field *field);

/* Sets a field's text; nothing where the field is NULL. For words of a stranger there is dissect_show. */
void dissect_say(struct dissect_field *field, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Marks a leaf as secret, and all that it is a part of. */
void dissect_keep_secret(struct dissect_reader *r, struct dissect_field *field);

/* Makes the bytes of a field its text, in quotation marks, and says so where they are not what they should be, "a name"
 * for instance: then they are not shown where r is guarded. In the quote, what may not stand in a text, what is not
 * UTF-8, and what would end the quote is \n, \t, \u{1b}, \xff, \" or \\; if it is too long, its length follows. */
void dissect_show(struct dissect_reader *r, struct dissect_field *field, bool valid, const char *what);

/* The body of each frame; r has the frame's whole, after its header. */
void dissect_client_hello(struct dissect_reader *r);
void dissect_server_hello(struct dissect_reader *r);
void dissect_alert(struct dissect_reader *r);

/* `<u16> certificate`; where may_be_none, no bytes are no certificate, else they are malformed. */
void dissect_certificate(struct dissect_reader *r, const char *note, bool may_be_none);

/* `<u16> signature`. */
void dissect_signature(struct dissect_reader *r, const struct dissect_about *about);

/* What may be a message; r has the payload's whole, of at least one byte. */
void dissect_message(struct dissect_reader *r);

/* --- Messages ----------------------------------------------------------------------------------------------------- */

enum dissect_kind {
    DISSECT_END,
    DISSECT_NAME,        /* <u8>, a name */
    DISSECT_AFTER,       /* <u8>, a name or empty */
    DISSECT_ROOM,        /* <u8>, the name of a room, sealed or not */
    DISSECT_ROOM_AFTER,  /* <u8>, the same or empty */
    DISSECT_ROOM_SEALED, /* <u8>, the name of a sealed room */
    DISSECT_EMAIL,       /* <u8> */
    DISSECT_PASSWORD,    /* <u8> */
    DISSECT_CODE,        /* <u8>, six digits or empty */
    DISSECT_CERTIFICATE, /* <u16>, or empty */
    DISSECT_SECRET,      /* MESSAGE_SECRET_LEN bytes */
    DISSECT_TEXT,        /* <u16>, what a user says */
    DISSECT_WORDS,       /* <u16>, what the server says */
    DISSECT_ERROR,       /* u16 */
    DISSECT_TIME,        /* u64 */
    DISSECT_MORE,        /* u8, 0 or 1 */
    DISSECT_PRESENCE,    /* u8, 1 or 2 */
    DISSECT_ROOMS,       /* u16 n, then n times: <u8> name, u32 members */
    DISSECT_NAMES,       /* u16 n, then n times: <u8> name */
    DISSECT_NAMES_1,     /* the same, at least one */
    DISSECT_BLOCKED,     /* the same, at most MESSAGE_BLOCKED_MAX */
    DISSECT_CALL,        /* MESSAGE_CALL_LEN bytes */
    DISSECT_FRAME,       /* <u16>, one whole frame, or empty */
    DISSECT_SEALED,      /* <u16>, a line of a sealed room */
};

/* A field of a message: what the length before it is called, where it has one. */
struct dissect_part {
    enum dissect_kind kind;
    const char *name, *length_name, *note;
};

#define DISSECT_PARTS_MAX 4

struct dissect_layout {
    uint8_t type;
    const char *name, *note;
    struct dissect_part part[DISSECT_PARTS_MAX + 1]; /* up to the one of kind DISSECT_END */
};

/* NULL for a type that there is not. */
const struct dissect_layout *dissect_layout(uint8_t type);

#endif
