/* SPDX-License-Identifier: MIT */
/* One table, so that a code and its phrase can't drift apart without a hole showing (tests/test_err.c looks for
 * holes). */
#include "net/err.h"

#include <stddef.h>

static const char *const texts[NET_ERR_COUNT] = {
    [NET_OK] = "no error",
    [NET_ERR_FRAME_TYPE] = "a frame of an unknown type",
    [NET_ERR_FRAME_VERSION] = "a frame of another protocol version, or no glasschat at all",
    [NET_ERR_FRAME_LENGTH] = "a frame longer than its type may be",
    [NET_ERR_OUT_OF_TURN] = "a frame or Record out of turn",
    [NET_ERR_MALFORMED] = "a malformed handshake message",
    [NET_ERR_GROUP] = "the Diffie-Hellman group is not the one that both sides prefer",
    [NET_ERR_SUITE] = "no cipher suite that both sides allow",
    [NET_ERR_PUBLIC_VALUE] = "a bad Diffie-Hellman public value",
    [NET_ERR_CERTIFICATE] = "a bad certificate",
    [NET_ERR_SIGNATURE] = "the signature over the handshake is wrong",
    [NET_ERR_RECORD] = "a Record that does not open: it was changed, replayed, reordered or never ours",
    [NET_ERR_LIMIT] = "too much was sent under one key",
    [NET_ERR_ALERT] = "the server refused the handshake",
    [NET_ERR_REFUSED] = "the peer's certificate is not trusted",
    [NET_ERR_FAULT] = "a signature made here is wrong: the key or the machine is damaged",
    [NET_ERR_CLOSED] = "the session is closed",
    [NET_ERR_CUT] = "the connection was cut: no good-bye came",
    [NET_ERR_TIMEOUT] = "the peer took too long",
    [NET_ERR_SLOW] = "the peer does not read what it is sent",
    [NET_ERR_IO] = "the network connection failed",
};

const char *net_err_text(enum net_err err)
{
    size_t i = (size_t)err;
    return i < NET_ERR_COUNT && texts[i] != NULL ? texts[i] : "unknown error";
}
