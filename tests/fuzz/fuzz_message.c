/* SPDX-License-Identifier: MIT */
/* Any bytes: message_decode must not overrun, and what it accepts must encode to the same bytes again (one message has
 * one form). An accepted list can be walked to its end, and its names ascend; an accepted frame is as long as its header
 * says; what is sealed is for a sealed room, and in whole blocks. */
#include <stdlib.h>
#include <string.h>

#include "app/message/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(struct message_list list, bool with_members)
{
    struct message_entry entry;
    char last[NAME_MAX_LEN + 1] = "";
    size_t seen = 0, count = list.count;
    while (message_list_next(&list, &entry, with_members)) {
        size_t len = strlen(entry.name);
        if (!(with_members ? name_room_valid : name_valid)(entry.name, len) || strcmp(last, entry.name) >= 0)
            abort();
        memcpy(last, entry.name, sizeof last);
        seen++;
    }
    if (seen != count)
        abort();
}

static void check_frame(struct message_bytes frame)
{
    if (frame.len != 0 && (frame.len < 4 || frame.len != 4 + (size_t)bytes_load_be16(frame.data + 2)))
        abort();
}

static void check_sealed(const char *room, struct message_bytes sealed)
{
    if (!name_is_sealed(room) || sealed.len < 580 || sealed.len > 4580 || (sealed.len - 116) % 16 != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message m;
    if (message_decode(&m, data, size) != MESSAGE_E_NONE)
        return 0;
    uint8_t again[MESSAGE_MAX_LEN];
    size_t again_len;
    if (message_encode(again, sizeof again, &again_len, &m) != 0)
        abort();
    if (again_len != size || memcmp(again, data, size) != 0)
        abort();
    if (m.type == MESSAGE_ROOMS)
        walk(m.rooms.list, true);
    if (m.type == MESSAGE_MEMBERS)
        walk(m.members.list, false);
    if (m.type == MESSAGE_BLOCKED)
        walk(m.blocked.list, false);
    if (m.type == MESSAGE_PRESENCE)
        walk(m.presence.list, false);
    if (m.type == MESSAGE_RELAY || m.type == MESSAGE_RELAYED)
        check_frame(m.relay.frame);
    if (m.type == MESSAGE_SEAL)
        check_sealed(m.seal.room, m.seal.sealed);
    if (m.type == MESSAGE_SEALED)
        check_sealed(m.sealed.room, m.sealed.sealed);
    if (m.type == MESSAGE_SAY && name_is_sealed(m.say.room))
        abort();
    return 0;
}
