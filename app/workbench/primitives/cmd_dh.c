/* SPDX-License-Identifier: MIT */
/* glass dh --group NAME --private HEX [--peer HEX] : the public value, and with a peer's the shared secret Z as
 * well. */
#include <stdio.h>

#include "app/terminal/display.h"
#include "app/workbench/commands.h"
#include "app/workbench/io.h"
#include "crypto/dh.h"

#define USAGE "glass dh --group ffdhe2048|ffdhe3072|ffdhe4096 --private HEX [--peer HEX]"

int cmd_dh(struct args *args)
{
    const char *group_name = NULL, *private_hex = NULL, *peer_hex = NULL;
    const struct args_option options[] = {
        {"group", &group_name, NULL}, {"private", &private_hex, NULL}, {"peer", &peer_hex, NULL}, {0}};
    args_parse(args, options, 0, 0, USAGE);

    const struct dh_group *group = dh_group_by_name(args_need(group_name, "group", USAGE));
    if (group == NULL)
        args_wrong("there is no such group", USAGE);
    uint8_t x[DH_PRIVATE_MAX_LEN], peer[DH_PUBLIC_MAX_LEN], z[DH_PUBLIC_MAX_LEN];
    size_t x_len = args_hex(x, sizeof x, args_need(private_hex, "private", USAGE), "private", USAGE);
    struct dh_key_pair pair;
    if (dh_pair_from_private(&pair, group, x, x_len) != 0) {
        display_line(stderr, "glass: --private must be %zu bytes in %s, and not zero; usage: %s", group->x_len,
                     group->name, USAGE);
        return STATUS_USAGE;
    }
    fputs("public ", stdout);
    io_print_hex(pair.y, group->p_len);
    if (peer_hex == NULL)
        return STATUS_DONE;
    size_t peer_len = args_hex(peer, sizeof peer, peer_hex, "peer", USAGE);
    if (dh_derive(z, &pair, peer, peer_len) != 0)
        args_fail("the peer's value is refused: it must be %zu bytes, 1 < y < p-1, and a square modulo p",
                  group->p_len);
    fputs("shared ", stdout);
    io_print_hex(z, group->p_len);
    dh_wipe(&pair);
    return STATUS_DONE;
}
