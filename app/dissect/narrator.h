/* SPDX-License-Identifier: MIT */
/* Tells one connection as it happens: each step of the handshake and each Record in a sentence, with its values under
 * the names of docs/protocol.md, what somebody on the wire knows by then, and the command that computes the same with
 * OpenSSL.
 *
 * Standard:    docs/protocol.md sections 4 to 6 and 10, which each step names.
 * Use it:      struct narrator n;
 *              narrator_init(&n, &(struct narrator_config){.role = HANDSHAKE_CLIENT, .line = print, .arg = stderr});
 *              config.trace = &n.trace;
 *              ... the connection ...
 *              narrator_wipe(&n);
 * Timing:      CAUTION: what it tells has the private exponents, all keys and all that is said. Only an explicit option
 *              of a program starts one. Its own copies are wiped; what it tells is the caller's to keep or not.
 * Read next:   narrator.c; net/trace.h, what it hears; dissect.h, which takes messages apart.
 *
 * It tells handshakes of kind 1, a client with a server. It computes no value of the protocol: all that it shows was
 * reported by net/. A value of more than NARRATOR_FOLD bytes is shown by its ends, and a command that needs one is left
 * out, unless `full` is set. Where `masked` is set, passwords, codes and second factors' secrets are not shown in
 * messages (the keys are, so whoever recorded the wire finds them).
 */
#ifndef APP_DISSECT_NARRATOR_H
#define APP_DISSECT_NARRATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "net/handshake.h"
#include "net/record.h"
#include "net/trace.h"

#define NARRATOR_FOLD 64
#define NARRATOR_LINE_MAX (2 * FRAME_MAX_LEN + 1024) /* a command that has a whole Record in it */

struct narrator_config {
    enum handshake_role role; /* whose connection this is, told from its side */
    bool full, masked;
    const char *full_option;                   /* what to say of what is shown only in full: "--explain-full" */
    void (*line)(void *arg, const char *text); /* one line, without its end; valid during the call */
    void (*end)(void *arg);                    /* a step is told; NULL: nobody cares */
    void *arg;
};

struct dissection;

struct narrator {
    struct trace trace; /* give this to handshake_config.trace */
    struct narrator_config config;
    struct dissection *dissection; /* malloc'd while a step that needs it is told */
    char text[NARRATOR_LINE_MAX];  /* the line that is being made */
    size_t text_len;

    /* What later steps refer to. */
    uint8_t suite, group; /* as the hellos say */
    uint8_t context[32], transcript[32], own_random[32] /* a server's, before its hello is whole */, signed_hash[32],
        prk[32];
    uint8_t c_secret[RECORD_SECRET_LEN], s_secret[RECORD_SECRET_LEN];
    uint8_t client_frame[FRAME_HEADER_LEN + FRAME_CLIENT_HELLO_MAX],
        server_frame[FRAME_HEADER_LEN + FRAME_SERVER_HELLO_MAX];
    size_t client_frame_len, server_frame_len;
    uint8_t x[DH_PRIVATE_MAX_LEN], z[DH_PUBLIC_MAX_LEN]; /* the private exponent of our own side */
    size_t x_len, z_len;
    struct narrator_keys {
        uint8_t secret[RECORD_SECRET_LEN], enc_key[32], mac_key[32];
        size_t enc_key_len;
    } send, receive;                  /* what the two directions use now */
    struct narrator_keys *being_made; /* whose keys the events tell at present */
    bool opening;                     /* a Record came, and it is not known yet whether it opens */
    bool sent_update;                 /* the last KeyUpdate was our own */
    uint8_t sequence[8], iv[16], plaintext[RECORD_PAYLOAD_MAX + 17]; /* of the Record that is under way */
    size_t plaintext_len;
    uint8_t frame[FRAME_MAX_LEN];
    size_t frame_len;
};

/* What the references at the end of a step's sentence are: for whoever begins to tell. */
#define NARRATOR_REFERENCES                                                                                            \
    "[4.1, 18-handshake] is section 4.1 of docs/protocol.md, and docs/walkthrough/18-handshake.md"

/* Starts. config is copied. */
void narrator_init(struct narrator *n, const struct narrator_config *config);

/* Forgets all that it heard. */
void narrator_wipe(struct narrator *n);

#endif
