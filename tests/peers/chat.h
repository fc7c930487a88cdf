/* SPDX-License-Identifier: MIT */
/* What a client says to a peer of glasschatd, and how it reads the answers: bytes of that protocol in and out.
 *
 * Standard:    chat_irc.c: RFC 2812; chat_mqtt.c: MQTT 5.0. Only what a room full of talking members needs.
 * Use it:      len = chat->log_in(out, sizeof out, "ann");  send it
 *              while ((used = chat->next(in, in_len, &event)) > 0)  look at event, then go on after `used`
 * Timing:      nothing secret.
 * Read next:   tests/peers/swarm_tls.c, which carries these bytes.
 */
#ifndef PEERS_CHAT_H
#define PEERS_CHAT_H

#include <stddef.h>
#include <stdint.h>

#define CHAT_TEXT_MAX 400  /* an IRC line has 512 bytes, names and all */
#define CHAT_BYTES_MAX 600 /* of anything that a client says */

/* There are two rooms: all are in the first, and swarm_join names the second. */
enum { CHAT_LOBBY, CHAT_ONE_MORE, CHAT_ROOMS };

enum chat_what {
    CHAT_NOTHING, /* nothing of interest */
    CHAT_LOGGED_IN,
    CHAT_JOINED, /* room: this client is in it, and has been told who else is */
    CHAT_CAME,   /* room: somebody came there */
    CHAT_SAID,   /* text */
    CHAT_ASKED,  /* text is to be sent back as it stands */
    CHAT_REFUSED /* text says why */
};

struct chat_event {
    enum chat_what what;
    int room;
    const char *text; /* within what was given to next, or within `own` */
    size_t text_len;
    char own[CHAT_BYTES_MAX];
};

struct chat {
    const char *name;
    /* Each writes at most CHAT_BYTES_MAX bytes and returns how many. */
    size_t (*log_in)(char *out, const char *name);
    size_t (*join)(char *out, int room);
    size_t (*say)(char *out, const char *text, size_t text_len); /* in the lobby; at most CHAT_TEXT_MAX */
    /* Takes the first message off the bytes: its length and what it is, or 0 where it is not complete. */
    size_t (*next)(const char *in, size_t len, struct chat_event *event);
};

extern const struct chat chat_irc, chat_mqtt;

/* The one that tests/peers/main.c picked, and the TLS group that is offered: "ffdhe3072", "X25519". */
extern const struct chat *chat_picked;
extern const char *chat_group;

#endif
