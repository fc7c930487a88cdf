/* SPDX-License-Identifier: MIT */
/* The loop reads no line while the answer to a join is awaited, nor asks for the next room. */
#include "app/client/rejoin.h"

#include <assert.h>
#include <string.h>

#include "app/client/room_commands.h"

void rejoin_begin(struct conversation *c, const char (*rooms)[NAME_MAX_LEN + 1], size_t len)
{
    assert(len <= CONVERSATION_ROOMS_MAX);
    memcpy(c->rejoin.rooms, rooms, len * sizeof *rooms);
    c->rejoin.len = len;
    c->rejoin.next = 0;
}

bool rejoin_next(struct conversation *c)
{
    struct rejoin *r = &c->rejoin;
    if (r->next == r->len)
        return false;
    const char *room = r->rooms[r->next++];
    if (name_is_sealed(room))
        room_commands_join(c, room);
    else
        conversation_join(c, room);
    return true;
}
