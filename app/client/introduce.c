/* SPDX-License-Identifier: MIT */
/* Whoever reads it compares it, or remembers that it was as always: so it is told at each connection. */
#include "app/client/introduce.h"

#include <stdio.h>

#include "net/fingerprint.h"

void introduce(struct line *line, const struct trust *trust)
{
    static const char *const how[] = {[TRUST_KNOWN] = "the one known from before",
                                      [TRUST_PIN] = "the one given with --pin",
                                      [TRUST_CA] = "certified by the authority given with --ca"};
    char server[SOCK_NAME_LEN], fingerprint[FINGERPRINT_TEXT_LEN];
    sock_print(server, &trust->server);
    fingerprint_print(fingerprint, trust->fingerprint);
    if (trust->renewed) {
        char before[FINGERPRINT_TEXT_LEN];
        fingerprint_print(before, trust->before);
        line_show(line, stdout,
                  "* connected to %s, whose key was renewed: it is now %s, signed by the one known "
                  "from before, %s, which is believed no more",
                  server, fingerprint, before);
        return;
    }
    if (!trust->first_use) {
        line_show(line, stdout, "* connected to %s, key %s, %s%s", server, fingerprint, how[trust->rule],
                  trust->remember ? ", and the one that is known from now on" : "");
        return;
    }
    line_show(line, stdout, "* connected to %s for the first time, key %s", server, fingerprint);
    line_show(line, stdout,
              "* compare this with what the server's operator says; from now on only this key is believed, or one "
              "that it signs");
}
