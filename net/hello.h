/* SPDX-License-Identifier: MIT */
/* The layout of the frames that are not Records: ClientHello, ServerHello, Alert.
 *
 *      ClientHello   [32] client_random | u8 n, [n] suites, preferred first | u8 m, [m] groups, preferred first |
 *                    u8 group | u16 p, [p] client_public
 *      ServerHello   [32] server_random | u8 suite | u16 p, [p] server_public | u16 c, [c] certificate |
 *                    u16 384, [384] signature
 *      Alert         u8 code | u8 n, [n] data
 *
 * Standard:    docs/protocol.md sections 2 and 4.
 * Use it:      struct hello_client hello;
 *              if (hello_decode_client(&hello, frame, frame_len) == NET_OK)  look at hello.groups ...
 * Timing:      everything here is public: it crosses the wire in the clear.
 * Read next:   net/handshake.h, which knows what these fields mean.
 */
#ifndef NET_HELLO_H
#define NET_HELLO_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/dh.h"
#include "crypto/rsa.h"
#include "net/certificate.h"
#include "net/err.h"
#include "net/frame.h"

#define HELLO_RANDOM_LEN 32
#define HELLO_LIST_MAX 16 /* suites, groups, and the data of an Alert */
#define HELLO_CLIENT_MAX (FRAME_HEADER_LEN + HELLO_RANDOM_LEN + 2 * (1 + HELLO_LIST_MAX) + 1 + 2 + DH_PUBLIC_MAX_LEN)
#define HELLO_SERVER_MAX                                                                                               \
    (FRAME_HEADER_LEN + HELLO_RANDOM_LEN + 1 + 2 + DH_PUBLIC_MAX_LEN + 2 + CERTIFICATE_MAX_LEN + 2 + RSA_SIGNATURE_LEN)
#define HELLO_ALERT_MAX (FRAME_HEADER_LEN + 2 + HELLO_LIST_MAX)

/* The fields point into the frame that was decoded, or to what shall be encoded. */
struct hello_client {
    const uint8_t *random; /* [32] */
    const uint8_t *suites; /* enum suite, and numbers that we don't know */
    size_t suites_len;     /* 1 to 16 */
    const uint8_t *groups; /* enum dh_group_id, and numbers that we don't know */
    size_t groups_len;     /* 1 to 16 */
    uint8_t group;
    const uint8_t *public_value;
    size_t public_value_len;
};

struct hello_server {
    const uint8_t *random; /* [32] */
    uint8_t suite;
    const uint8_t *public_value;
    size_t public_value_len;
    const uint8_t *certificate;
    size_t certificate_len;   /* 1 to CERTIFICATE_MAX_LEN */
    const uint8_t *signature; /* [384] */
    size_t signed_len;        /* decoded: how many bytes of the frame the signature covers, header included */
};

enum alert_code {
    ALERT_GROUP_NOT_ALLOWED = 1, /* data: the groups that the server allows, one byte each */
    ALERT_SUITE_NOT_ALLOWED = 2, /* data: the suites that the server allows */
    ALERT_BAD_HELLO = 3,         /* the ClientHello doesn't have its shape, or its public value is refused */
    ALERT_BUSY = 4               /* too many connections: come back later */
};

struct hello_alert {
    uint8_t code; /* enum alert_code, or a number that we don't know */
    const uint8_t *data;
    size_t data_len; /* 0 to 16 */
};

/* Each writes a whole frame and returns its length. Lengths must be within their limits (asserted). */
size_t hello_encode_client(uint8_t out[static HELLO_CLIENT_MAX], const struct hello_client *hello);
size_t hello_encode_alert(uint8_t out[static HELLO_ALERT_MAX], const struct hello_alert *alert);

/* Writes the ServerHello all but its signature, for which the last RSA_SIGNATURE_LEN bytes of the frame are left alone.
 * *signed_len is how many bytes from the front the signature covers: up to, not including, its own length field. The
 * frame's header counts the signature already, so that it is covered as it will be sent. */
size_t hello_encode_server(uint8_t out[static HELLO_SERVER_MAX], size_t *signed_len, const struct hello_server *hello);

/* Each reads a whole frame as frame_next found it. NET_ERR_MALFORMED where a list is empty or too long, a length goes
 * over the end, or bytes are left over. What the values mean is not checked. */
enum net_err hello_decode_client(struct hello_client *hello, const uint8_t *frame, size_t frame_len);
enum net_err hello_decode_server(struct hello_server *hello, const uint8_t *frame, size_t frame_len);
enum net_err hello_decode_alert(struct hello_alert *alert, const uint8_t *frame, size_t frame_len);

#endif
