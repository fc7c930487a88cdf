/* SPDX-License-Identifier: MIT */
/* datadir_renew with the words around it: what operators and users will see. */
#include "app/server/operator/key_renew.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/server/base/clock.h"
#include "app/server/operator/complain.h"
#include "app/server/store/datadir.h"
#include "app/terminal/display.h"
#include "net/fingerprint.h"

static void tell(const uint8_t before[static CERTIFICATE_FINGERPRINT_LEN], const struct identity *fresh)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    char was[FINGERPRINT_TEXT_LEN], is[FINGERPRINT_TEXT_LEN];
    certificate_fingerprint(fp, fresh->key.n);
    fingerprint_print(was, before);
    fingerprint_print(is, fp);
    display_line(stdout, "the server's key is now %s, signed by the one before, %s, of which nothing is kept", is, was);
    puts("clients that keep the old certificate believe the new key when they meet it, and say so\n"
         "all others need the new fingerprint: those with --pin, and those who met the server last with version 1.0,\n"
         "or before an earlier renewal\n"
         "those with --ca need a certificate of the new key: glass key certify");
}

static int renew(struct datadir *d, const char *host)
{
    char why[WHY_LEN];
    uint8_t before[CERTIFICATE_FINGERPRINT_LEN];
    struct identity fresh;
    struct rng rng;
    rng_init(&rng);
    int failed = datadir_renew(d, &fresh, before, host, clock_now(), &rng, why);
    rng_wipe(&rng);
    if (failed != 0)
        return complain(why);
    tell(before, &fresh);
    rsa_wipe(&fresh.key);
    return DONE;
}

int key_renew_main(const char *data, const char *host)
{
    char why[WHY_LEN];
    struct datadir d;
    struct stat st;
    if (stat(data, &st) != 0) { /* which datadir_open would make */
        why_say(why, "%.300s is not there: give the server's folder with --data", data);
        return complain(why);
    }
    if (datadir_open(&d, data, why) != 0)
        return complain(why);
    int status = renew(&d, host);
    datadir_close(&d);
    return status;
}
