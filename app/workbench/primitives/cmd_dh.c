/* SPDX-License-Identifier: MIT */
/* glass dh --group NAME --private HEX [--peer HEX] [--backend NAME] [--explain] [--all] : the public value, and with a
 * peer's the shared secret Z as well. */
#include <stdio.h>
#include <stdlib.h>

#include "app/terminal/display.h"
#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_dh.h"
#include "app/workbench/io.h"
#include "app/workbench/primitives/backend.h"
#include "crypto/dh_impl.h"

#define USAGE                                                                                                          \
    "glass dh --group ffdhe2048|ffdhe3072|ffdhe4096 --private HEX [--peer HEX] [--backend NAME] [--explain] "          \
    "[--all]"

/* What the options say. */
struct request {
    const char *group, *private, *peer, *backend;
    bool explain, all;
};

static void read_pair(struct dh_key_pair *pair, const struct request *r)
{
    uint8_t x[DH_PRIVATE_MAX_LEN];
    const struct dh_group *group = dh_group_by_name(args_need(r->group, "group", USAGE));
    if (group == NULL)
        args_wrong("there is no such group", USAGE);
    size_t x_len = args_hex(x, sizeof x, args_need(r->private, "private", USAGE), "private", USAGE);
    if (dh_pair_from_private(pair, group, x, x_len) != 0) {
        display_line(stderr, "glass: --private must be %zu bytes in %s, and not zero; usage: %s", group->x_len,
                     group->name, USAGE);
        exit(STATUS_USAGE);
    }
}

/* peer is NULL where there is none. Returns -1 where it is refused. */
static int print(const struct dh_key_pair *pair, const uint8_t *peer, size_t peer_len, const struct bignum_impl *impl)
{
    uint8_t z[DH_PUBLIC_MAX_LEN];
    fputs("public ", stdout);
    io_print_hex(pair->y, pair->group->p_len);
    if (peer == NULL)
        return 0;
    if (dh_derive_with(impl, z, pair, peer, peer_len) != 0)
        return -1;
    fputs("shared ", stdout);
    io_print_hex(z, pair->group->p_len);
    return 0;
}

int cmd_dh(struct args *args)
{
    struct request r = {0};
    const struct args_option options[] = {{"group", &r.group, NULL},
                                          {"private", &r.private, NULL},
                                          {"peer", &r.peer, NULL},
                                          {"explain", NULL, &r.explain},
                                          {"all", NULL, &r.all},
                                          {"backend", &r.backend, NULL},
                                          {0}};
    args_parse(args, options, 0, 0, USAGE);
    if (r.all && !r.explain)
        args_wrong("--all is for --explain", USAGE);

    if (r.backend != NULL && (r.explain || r.peer == NULL))
        args_wrong("--backend is for the secret shared with --peer, without --explain", USAGE);

    const struct bignum_impl *impl = backend_bignum(r.backend, USAGE);
    struct dh_key_pair pair;
    uint8_t bytes[DH_PUBLIC_MAX_LEN];
    read_pair(&pair, &r);
    size_t peer_len = args_hex(bytes, sizeof bytes, r.peer, "peer", USAGE);
    const uint8_t *peer = r.peer != NULL ? bytes : NULL;
    int refused = r.explain ? explain_dh(stdout, &pair, peer, peer_len, r.all) : print(&pair, peer, peer_len, impl);
    if (refused)
        args_fail("the peer's value is refused: it must be %zu bytes, 1 < y < p-1, and a square modulo p",
                  pair.group->p_len);
    dh_wipe(&pair);
    return STATUS_DONE;
}
