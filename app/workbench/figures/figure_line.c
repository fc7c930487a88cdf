/* SPDX-License-Identifier: MIT */
/* What becomes of "hello": the message of a request, its Record, what the server makes of it, and a Record for each
 * member. The lengths are those that the code gives. */
#include <string.h>

#include "app/message/message.h"
#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "net/record.h"

#define WORDS "hello"
#define TIME 1735689600

static size_t encoded(uint8_t out[static 100], const struct message *m)
{
    size_t len = 0;
    return message_encode(out, 100, &len, m) == 0 ? len : 0;
}

static void station(FILE *to, int x, int y, enum draw_role role, const char *what, const char *where, size_t len)
{
    draw_box(to, x, y, 220, 84, role, "%s\n~%s\n%zu bytes", what, where, len);
}

/* docs/protocol.md, 10: u8 type | u32 request | <u8> room | <u16> text. */
static void layout(FILE *to, const uint8_t *say, size_t len)
{
    const struct {
        const char *name;
        size_t len;
    } parts[] = {{"type", 1}, {"number", 4}, {"<u8> room", 1 + say[5]}, {"<u16> text", len - 6 - say[5]}};
    draw_text(to, 20, 448, "bold", "SAY, byte by byte");
    for (int i = 0, x = 20; i < 4; i++) {
        int w = (int)parts[i].len * DRAW_CELL_W;
        draw_text(to, x + w / 2, 474, "mid small", "%s", parts[i].name);
        draw_bracket(to, x + 2, 490, w - 4, -8);
        draw_bytes(to, x, 494, i % 2 == 0 ? DRAW_PLAIN : DRAW_WIRE, say, parts[i].len);
        say += parts[i].len;
        x += w;
    }
    draw_text(to, 20, 558, "small", "The wire shows addresses, lengths, times; the server itself reads what is said.");
}

void figure_line(FILE *to)
{
    uint8_t text[] = WORDS, out[100];
    struct message say = {.type = MESSAGE_SAY, .request = 7}, said = {.type = MESSAGE_SAID};
    strcpy(say.say.room, MESSAGE_LOBBY);
    strcpy(said.said.room, MESSAGE_LOBBY);
    strcpy(said.said.sender, "bob");
    said.said.time = TIME;
    say.say.text = said.said.text = (struct message_bytes){text, sizeof text - 1};
    size_t say_len = encoded(out, &say), said_len;
    draw_text(to, 130, 84, "mid bold", "bob's client");
    draw_text(to, 380, 84, "mid bold", "the server");
    draw_text(to, 630, 84, "mid bold", "alice's client");
    station(to, 20, 96, DRAW_PLAIN, "\"" WORDS "\"", "a line is typed", sizeof text - 1);
    draw_arrow(to, 130, 180, 130, 208);
    station(to, 20, 210, DRAW_PLAIN, "SAY", "type, number, room, text", say_len);
    draw_arrow(to, 130, 294, 130, 322);
    station(to, 20, 324, DRAW_WIRE, "Record", "under bob's keys", record_frame_len(say_len));
    layout(to, out, say_len);
    said_len = encoded(out, &said);
    draw_bent(to, 4, (const int[]){240, 366, 255, 366, 255, 138, 268, 138});
    station(to, 270, 96, DRAW_PLAIN, "SAY", "opened: is bob in there?", say_len);
    draw_arrow(to, 380, 180, 380, 208);
    station(to, 270, 210, DRAW_PLAIN, "SAID", "room, sender, time, text", said_len);
    draw_arrow(to, 380, 294, 380, 322);
    station(to, 270, 324, DRAW_WIRE, "a Record for each", "under each member's keys", record_frame_len(said_len));
    draw_bent(to, 4, (const int[]){490, 366, 505, 366, 505, 138, 518, 138});
    station(to, 520, 96, DRAW_PLAIN, "SAID", "opened by alice", said_len);
    draw_arrow(to, 630, 180, 630, 208);
    draw_box(to, 520, 210, 220, 84, DRAW_GOOD, "[%s] bob: %s\n~without escape sequences", said.said.room, WORDS);
}
