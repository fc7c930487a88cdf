/* SPDX-License-Identifier: MIT */
/* The handshake: two strangers agree on a secret, and the server shows who it is, in one round trip.
 *
 *      client                                    server
 *      ClientHello  ---------------------------->
 *                   <----------------------------  ServerHello (its certificate and signature in it)
 *                   <----------------------------  Record{Finished}
 *      Record{Finished} ------------------------>
 *
 * net/hello.h has the layout of the hellos, this file what they mean, and net/session.h carries it over frames and
 * Records. It is a machine that takes frames and says what it needs next. It never computes for long inside
 * handshake_feed: it stops in WORK, and handshake_work does the exponentiations and signatures, on any thread. Before
 * it believes a certificate it stops in PEER, and its caller accepts or refuses: what trust is, is none of its
 * business.
 *
 *      client: start -> WORK (key pair) -> HELLO out, READ -> feed -> WORK (check) -> PEER -> accept -> WORK (verify,
 *              derive) -> KEYS -> finished -> DONE
 *      server: READ -> feed -> WORK (check, key pair, sign, derive) -> KEYS, hello out -> finished -> DONE
 *              and in kind 2: finished -> WORK (check) -> PEER -> accept -> WORK (verify) -> DONE
 *
 * Standard:    docs/protocol.md sections 3, 4 and 5. RFC 7919 (groups), RFC 5869 (HKDF), RFC 8017 (PSS); the shape is
 *              that of TLS 1.3 (RFC 8446), the proof is that of SIGMA (Krawczyk 2003): the signature covers both sides'
 *              values.
 * Use it:      through struct session; nothing else calls these.
 * Timing:      private exponents, Z and the keys are secret and wiped right after their use; all else is on the wire.
 * Read next:   net/key_schedule.h, what is hashed and derived; net/session.h
 */
#ifndef NET_HANDSHAKE_H
#define NET_HANDSHAKE_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/dh.h"
#include "crypto/rng.h"
#include "net/certificate.h"
#include "net/err.h"
#include "net/frame.h"
#include "net/hello.h"
#include "net/ratchet.h"
#include "net/record.h"
#include "net/trace.h"

struct bignum_impl;

enum handshake_role { HANDSHAKE_CLIENT, HANDSHAKE_SERVER };

/* Kind 1: a client with a server; the client will log in by password. Kind 2: a user with a user, through a server;
 * both show certificates, and the caller plays the client. */
enum handshake_kind { HANDSHAKE_USER_SERVER = 1, HANDSHAKE_USER_USER = 2 };

#define HANDSHAKE_FINISHED_MAX (2 + CERTIFICATE_MAX_LEN + 2 + RSA_SIGNATURE_LEN) /* the client's in kind 2 */

/* What the two sides bring along. Everything is borrowed, and must stay until the handshake is over. */
struct handshake_config {
    enum handshake_role role;
    enum handshake_kind kind;
    const char *client_name, *server_name; /* kind 2: the two users' names, 1 to 255 bytes; kind 1: NULL */
    const uint8_t *suites;                 /* enum suite, preferred first; the server's is also what it allows */
    size_t suites_len;                     /* 1 to 16 */
    const uint8_t *groups;                 /* enum dh_group_id, preferred first; the server's is also what it allows */
    size_t groups_len;                     /* 1 to 16 */
    uint8_t group;                         /* client: which group of the list to begin with; 0 is the first */
    const struct identity *identity;       /* the server's, and in kind 2 the client's too */
    struct ratchet *ratchet;               /* kind 2: storage for the session's life; kind 1: not looked at */
    const struct trace *trace;             /* or NULL */
    const struct bignum_impl *bignum;      /* what computes powers (crypto/bignum_impl.h); NULL: what is picked */
};

/* Fills in what nearly everybody wants: kind 1, suites 1 and 2, groups 2 and 3. Group 1, with its 112 bits, is used
 * only by those who ask for it. */
void handshake_config_default(struct handshake_config *config, enum handshake_role role);

/* What the machine needs next. */
enum handshake_state {
    HANDSHAKE_READ,  /* the peer's hello: handshake_feed */
    HANDSHAKE_WORK,  /* handshake_work, then handshake_step */
    HANDSHAKE_PEER,  /* a decision on h->peer: handshake_accept, or the end */
    HANDSHAKE_KEYS,  /* the secrets are ready: the peer's Finished must open under them, then handshake_finished */
    HANDSHAKE_DONE,  /* the peer has shown what it had to */
    HANDSHAKE_FAILED /* h->error; everything secret is wiped */
};

/* The computations that wait for handshake_work. */
enum handshake_task {
    HANDSHAKE_NOTHING,
    HANDSHAKE_MAKE_HELLO,    /* client: key pair and ClientHello */
    HANDSHAKE_ANSWER_HELLO,  /* server: the client's value, key pair, signature, secrets */
    HANDSHAKE_CHECK_SERVER,  /* client: the server's value, its certificate's contents and self-signature */
    HANDSHAKE_VERIFY_SERVER, /* client: the server's signature, then the secrets; kind 2: its own signature */
    HANDSHAKE_CHECK_CLIENT,  /* server, kind 2: the client's certificate */
    HANDSHAKE_VERIFY_CLIENT  /* server, kind 2: the client's signature */
};

/* All that lives only during a handshake: about 9 kB, wiped when it is over. */
struct handshake {
    const struct handshake_config *config;
    enum handshake_state state;
    enum handshake_task task, done; /* what is to be computed; what handshake_work computed last */
    enum net_err error;

    uint8_t alert_code; /* client: what the server's Alert said; 0: none came */
    uint8_t retry_group;

    uint8_t group, suite;             /* as agreed */
    struct hello_client client_hello; /* point into the frames below */
    struct hello_server server_hello;
    struct certificate peer; /* decoded; not trusted before handshake_accept */

    struct dh_key_pair pair;               /* wiped once Z is known */
    uint8_t prk[SHA256_DIGEST_LEN];        /* wiped once the secrets are */
    uint8_t context[SHA256_DIGEST_LEN];    /* C */
    uint8_t transcript[SHA256_DIGEST_LEN]; /* T */
    uint8_t c_secret[RECORD_SECRET_LEN], s_secret[RECORD_SECRET_LEN];
    uint8_t root[HKDF_PRK_LEN]; /* kind 2: root_0 */

    size_t client_frame_len, server_frame_len, finished_len;
    uint8_t client_frame[FRAME_HEADER_LEN + FRAME_CLIENT_HELLO_MAX]; /* whole frames: they are hashed as they crossed */
    uint8_t server_frame[FRAME_HEADER_LEN + FRAME_SERVER_HELLO_MAX];
    uint8_t finished[HANDSHAKE_FINISHED_MAX]; /* client: the payload to send; server: what came */
};

/* Begins: the server in READ, the client in WORK. h must stay where it is: it points into itself. */
void handshake_init(struct handshake *h, const struct handshake_config *config);

/* Takes the peer's hello, a whole frame: a ClientHello at the server, a ServerHello or an Alert at the client. Cheap.
 * Copies what it needs. Only in READ. */
enum handshake_state handshake_feed(struct handshake *h, enum frame_type type, const uint8_t *frame, size_t frame_len);

/* The long computations. Touches nothing but *h and *rng, so that it may run on another thread; nothing else may look
 * at *h meanwhile. The state stays WORK until handshake_step. */
void handshake_work(struct handshake *h, struct rng *rng);

/* Goes on after handshake_work. Where there is a hello to send, *out points to it (inside h), else *out_len is 0. */
enum handshake_state handshake_step(struct handshake *h, const uint8_t **out, size_t *out_len);

/* In PEER: the caller trusts h->peer. To refuse it is to wipe the handshake. */
enum handshake_state handshake_accept(struct handshake *h);

/* In KEYS: the payload of the peer's Finished, whose Record has opened. The client is DONE then, and has h->finished to
 * send; the server is DONE in kind 1. */
enum handshake_state handshake_finished(struct handshake *h, const uint8_t *payload, size_t payload_len);

/* Wipes all of it, in any state; but not while somebody is in handshake_work. */
void handshake_wipe(struct handshake *h);

#endif
