/* SPDX-License-Identifier: MIT */
/* A packet is a byte of type and flags, the length of the rest in 7-bit groups, lowest first, and the rest. Topics are
 * rooms. Delivery is "at most once" (QoS 0), and a sender does not get its own text back ("no local"), as in a room. */
#include "tests/peers/chat.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { CONNECT = 0x10, CONNACK = 0x20, PUBLISH = 0x30, SUBSCRIBE = 0x82, SUBACK = 0x90, DISCONNECT = 0xe0 };

#define NO_LOCAL 0x04 /* and QoS 0 */
#define REFUSAL 0x80  /* reason codes from here on */

static const char *const rooms[CHAT_ROOMS] = {"lobby", "one-more"};

static char *put_text(char *at, const char *text)
{
    size_t len = strlen(text);
    *at++ = (char)(len >> 8);
    *at++ = (char)len;
    memcpy(at, text, len);
    return at + len;
}

/* The head before a body that stands at out + 3, moved down where one byte of length is enough. */
static size_t finish(char *out, int type, const char *end)
{
    size_t len = (size_t)(end - (out + 3));
    out[0] = (char)type;
    if (len < 128) {
        out[1] = (char)len;
        memmove(out + 2, out + 3, len);
        return len + 2;
    }
    out[1] = (char)(len % 128 + 128);
    out[2] = (char)(len / 128);
    return len + 3;
}

static size_t log_in(char *out, const char *name)
{
    char *at = put_text(out + 3, "MQTT");
    memcpy(at, "\x05\x02\0\0\0", 5); /* version; a clean start; no keep-alive; no properties */
    return finish(out, CONNECT, put_text(at + 5, name));
}

static size_t join(char *out, int room)
{
    char *at = out + 3;
    *at++ = 0; /* the packet's number, by which its answer is known, and no properties */
    *at++ = (char)(room + 1);
    *at++ = 0;
    at = put_text(at, rooms[room]);
    *at++ = NO_LOCAL;
    return finish(out, SUBSCRIBE, at);
}

static size_t say(char *out, const char *text, size_t text_len)
{
    char *at = put_text(out + 3, rooms[CHAT_LOBBY]);
    *at++ = 0;
    memcpy(at, text, text_len);
    return finish(out, PUBLISH, at + text_len);
}

/* The body's length, and where it begins; false where the packet is not complete. */
static bool read_head(const uint8_t *in, size_t len, size_t *head, size_t *body)
{
    *body = 0;
    for (*head = 1; *head < len && *head <= 4; (*head)++) {
        *body |= (size_t)(in[*head] & 127) << 7 * (*head - 1);
        if (in[*head] < 128) {
            (*head)++;
            return len - *head >= *body;
        }
    }
    return false;
}

static void refuse(struct chat_event *e, const char *what, unsigned reason)
{
    e->what = CHAT_REFUSED;
    e->text = e->own;
    e->text_len = (size_t)snprintf(e->own, sizeof e->own, "%s, reason %u", what, reason);
}

static void read_publish(const uint8_t *body, size_t len, struct chat_event *e)
{
    size_t topic = len >= 2 ? (size_t)body[0] << 8 | body[1] : 0;
    if (len < topic + 3 || body[topic + 2] != 0) /* no properties are asked for */
        return;
    e->what = CHAT_SAID;
    e->text = (const char *)body + topic + 3;
    e->text_len = len - topic - 3;
}

static size_t next(const char *bytes, size_t len, struct chat_event *e)
{
    const uint8_t *in = (const uint8_t *)bytes;
    size_t head, body;
    e->what = CHAT_NOTHING;
    if (!read_head(in, len, &head, &body))
        return 0;
    const uint8_t *at = in + head;
    if ((in[0] & 0xf0) == PUBLISH) {
        read_publish(at, body, e);
    } else if (in[0] == CONNACK && body >= 2) {
        e->what = CHAT_LOGGED_IN;
        if (at[1] >= REFUSAL)
            refuse(e, "no login", at[1]);
    } else if (in[0] == SUBACK && body >= 4) {
        e->what = CHAT_JOINED;
        e->room = at[1] - 1;
        if (at[body - 1] >= REFUSAL)
            refuse(e, "no subscription", at[body - 1]);
    } else if (in[0] == DISCONNECT) {
        refuse(e, "disconnected", body > 0 ? at[0] : 0);
    }
    return head + body;
}

const struct chat chat_mqtt = {"mqtt", log_in, join, say, next};
