/* SPDX-License-Identifier: MIT */
/* The ladder: what crosses the wire, from top to bottom, with the lengths that it had in the example. */
#include <stdbool.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/example.h"
#include "app/workbench/figures/figure.h"

#define CLIENT 100 /* where the sides' lines are */
#define SERVER 660

static void message(FILE *to, int y, bool to_server, const char *name, size_t len, const char *what)
{
    draw_arrow(to, to_server ? CLIENT : SERVER, y, to_server ? SERVER - 2 : CLIENT + 2, y);
    draw_text(to, 380, y - 10, "mid", "%s, %zu bytes", name, len);
    draw_text(to, 380, y + 22, "mid small", "%s", what);
}

static size_t length(const struct example *e, enum handshake_role role, const char *name, size_t nth)
{
    return example_value(e, role, name, nth)->len;
}

void figure_handshake(FILE *to)
{
    struct example *e = example_new();
    draw_line(to, CLIENT, 100, CLIENT, 640);
    draw_line(to, SERVER, 100, SERVER, 640);
    draw_box(to, CLIENT - 80, 60, 160, 40, DRAW_PLAIN, "client");
    draw_box(to, SERVER - 80, 60, 160, 40, DRAW_PLAIN, "server");
    message(to, 146, true, "ClientHello", length(e, HANDSHAKE_CLIENT, "client_hello", 0),
            "random, suites, groups, y = 2^x");
    draw_box(to, SERVER - 160, 184, 240, 58, DRAW_STEP, "~checks y; makes y' and Z,\n~signs both hellos' hash");
    message(to, 286, false, "ServerHello", length(e, HANDSHAKE_SERVER, "server_hello", 0),
            "random, suite, y', certificate, signature");
    draw_text(to, 380, 336, "mid small bold", "from here on sealed, under keys from Z and both hellos");
    message(to, 376, false, "Record: Finished", length(e, HANDSHAKE_SERVER, "seal_frame", 0),
            "opens only with the same Z and the same hellos");
    draw_box(to, CLIENT - 80, 414, 330, 58, DRAW_STEP,
             "~checks y', certificate, signature;\n~makes Z; opens the Finished");
    message(to, 516, true, "Record: Finished", length(e, HANDSHAKE_CLIENT, "seal_frame", 0),
            "the client saw the same, too");
    message(to, 586, true, "Record: \"hello\"", length(e, HANDSHAKE_CLIENT, "seal_frame", 1), "and now both may talk");
    example_free(e);
}
