/* SPDX-License-Identifier: MIT */
/* A session as a story: its frames in order, what each hides, under which keys, and who knows what by then.
 *
 * It is put together from what net/trace.h reports, of both sides (a conversation that is played) or of one (a recorded
 * session). A moment is a number of frames: 0 is before the first byte, and moment m is when the first m frames have
 * crossed the wire and their receivers have done what follows from them. What the eavesdropper knows is what can be
 * read in frames, or computed from that alone.
 *
 * Standard:    docs/protocol.md sections 4 to 6; a value has the name that it has there.
 * Use it:      struct story *s = calloc(1, sizeof *s);
 *              story_begin(s, true, true);
 *              story_event(s, HANDSHAKE_CLIENT, STORY_NO_TIME, "client_random", data, len);  each event, in order
 *              for (size_t i = 0; i < s->frames_len; i++)  s->frames[i] ...
 *              story_end(s);
 * Timing:      holds every secret of a session in one place, for showing them: with STORY_BOTH_SIDES of a made-up one.
 * Read next:   page.h, which draws it; sample_session.h and app/dissect/recording.h, where the events come from.
 *
 * Nothing is assumed of the events but what trace.h says of their names: what does not fit is passed over.
 */
#ifndef APP_WORKBENCH_EXPLAIN_STORY_H
#define APP_WORKBENCH_EXPLAIN_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/handshake.h"

#define STORY_NO_TIME (-1.0)
#define STORY_NEVER SIZE_MAX
#define STORY_FRAMES_MAX 256 /* that are kept; later ones are counted */
#define STORY_KEYS_MAX 16    /* sets of keys, of both directions together */
#define STORY_VALUE_MAX 512  /* bytes: a public value of the largest group */

/* The first two are enum handshake_role. */
enum story_who { STORY_CLIENT = HANDSHAKE_CLIENT, STORY_SERVER = HANDSHAKE_SERVER, STORY_EAVESDROPPER, STORY_WHO };

/* What of a value is known to whom: from which moment on, and in which one it is wiped (it can be the same). */
struct story_known {
    size_t since[STORY_WHO], until[STORY_WHO];
};

struct story_value {
    uint8_t data[STORY_VALUE_MAX];
    size_t len; /* 0: no side that reported had it */
    struct story_known known;
};

/* The values of the handshake. */
enum story_id {
    STORY_C,
    STORY_CLIENT_RANDOM,
    STORY_CLIENT_PRIVATE,
    STORY_CLIENT_PUBLIC,
    STORY_SERVER_RANDOM,
    STORY_SERVER_PRIVATE,
    STORY_SERVER_PUBLIC,
    STORY_SIGNED_HASH,
    STORY_SIGNATURE,
    STORY_T,
    STORY_Z,
    STORY_PRK,
    STORY_VALUES
};

/* The keys of one direction, between two KeyUpdates. The first secrets are c_secret and s_secret. */
struct story_keys {
    enum handshake_role sender;
    unsigned generation; /* 0: from the handshake; then 1 more with each KeyUpdate */
    struct story_value secret, enc_key, mac_key;
};

struct story_frame {
    enum handshake_role from;
    double seconds; /* since the recording began, or STORY_NO_TIME */
    uint8_t *data;
    size_t len;
    bool arrived; /* its receiver has reported it too */
    /* Of a Record that could be opened: else plaintext is NULL. */
    uint8_t *plaintext; /* with its padding */
    size_t plaintext_len;
    uint64_t sequence;
    const struct story_keys *keys; /* NULL where they are not known */
};

/* What a side has reported of the Record that it is sealing or opening. */
struct story_pending {
    uint64_t sequence;
    uint8_t plaintext[FRAME_MAX_LEN];
    size_t plaintext_len;
    size_t frame; /* that the side is opening; STORY_NEVER: none */
};

struct story {
    bool told[2];         /* whose inside is known */
    size_t begun;         /* connections before this one, of which nothing is kept (a second try, say) */
    size_t seen[2];       /* moments that each side has reached */
    size_t left_out;      /* frames after those that are kept */
    uint8_t group, suite; /* as agreed; 0: not yet */
    struct story_value values[STORY_VALUES];
    struct story_keys keys[STORY_KEYS_MAX];
    size_t keys_len;
    struct story_frame frames[STORY_FRAMES_MAX];
    size_t frames_len;
    struct story_pending pending[2];
    struct story_keys *making[2]; /* the keys that a side is reporting the parts of */
};

/* The name of a value, as docs/protocol.md has it. */
const char *story_name(enum story_id id);

/* Begins with nothing. client and server: whose events will come. */
void story_begin(struct story *s, bool client, bool server);

/* Takes one event of a side; seconds is STORY_NO_TIME in a conversation that is played. */
void story_event(struct story *s, enum handshake_role side, double seconds, const char *name, const uint8_t *data,
                 size_t len);

/* Wipes and frees what the story holds; the struct itself is the caller's. */
void story_end(struct story *s);

#endif
