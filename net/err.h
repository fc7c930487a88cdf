/* SPDX-License-Identifier: MIT */
/* The ways in which a connection can fail: one code each, and one phrase for the log.
 *
 * Use it:      enum net_err err = record_open(...);
 *              if (err != NET_OK)
 *                  log("%s", net_err_text(err));
 * Timing:      which check of a Record failed is told to nobody: all of them are NET_ERR_RECORD.
 * Read next:   net/session.h, which keeps the first of these and returns it for ever after.
 */
#ifndef NET_ERR_H
#define NET_ERR_H

enum net_err {
    NET_OK = 0,

    /* What the peer sent. */
    NET_ERR_FRAME_TYPE,    /* a frame of an unknown type */
    NET_ERR_FRAME_VERSION, /* not version 1: most likely something that isn't glasschat at all */
    NET_ERR_FRAME_LENGTH,  /* a frame longer than its type may be */
    NET_ERR_OUT_OF_TURN,   /* a frame or a Record that has no place here: a second Finished, data before it ... */
    NET_ERR_MALFORMED,     /* a hello, a certificate or a Finished that doesn't have its shape */
    NET_ERR_GROUP,         /* the group isn't the first of the client's that the server allows */
    NET_ERR_SUITE,         /* no suite in common, or one that was not offered */
    NET_ERR_PUBLIC_VALUE,  /* a Diffie-Hellman value of the wrong length, out of range or not a square */
    NET_ERR_CERTIFICATE,   /* wrong role, wrong name, my own key, or a self-signature that doesn't verify */
    NET_ERR_SIGNATURE,     /* the signature over the handshake doesn't verify */
    NET_ERR_RECORD,        /* a Record's length, tag, padding or content type: never said which */
    NET_ERR_LIMIT,         /* too much under one key */
    NET_ERR_ALERT,         /* the server answered the ClientHello with an Alert; see session_alert_code */

    /* What happened on this side. */
    NET_ERR_REFUSED, /* the caller refused the peer's certificate */
    NET_ERR_FAULT,   /* a signature made here failed its own check: a hardware fault or a damaged key */
    NET_ERR_CLOSED,  /* sending after Close */

    /* What the code around a session reports in the same way. */
    NET_ERR_CUT,     /* the connection ended without a Close: somebody may have cut it */
    NET_ERR_TIMEOUT, /* the peer took too long */
    NET_ERR_SLOW,    /* the peer does not read what it is sent, and too much waits for it */
    NET_ERR_IO,      /* the system refused: errno says why */

    NET_ERR_COUNT
};

/* What went wrong, as a phrase without capital or full stop that fits after "connection failed: ". Any int is taken;
 * a code that doesn't exist is "unknown error". */
const char *net_err_text(enum net_err err);

#endif
