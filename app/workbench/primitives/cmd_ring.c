/* SPDX-License-Identifier: MIT */
/* glass ring [--parties N] [--group NAME] [--seed TEXT] [--signed] [--explain] [--all] : the Diffie-Hellman exchange of
 * many, all parties in this process, with every value that they draw, send and find. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_ring.h"
#include "app/workbench/io.h"
#include "app/workbench/played_ring.h"
#include "app/workbench/rng_fixed.h"
#include "crypto/ct.h"

#define USAGE                                                                                                          \
    "glass ring [--parties N] [--group ffdhe2048|ffdhe3072|ffdhe4096] [--seed TEXT] [--signed] [--explain] [--all]"
#define PARTIES 4

/* What the options say. */
struct request {
    const char *group, *parties, *seed;
    bool is_signed, explain, all;
};

/* What a party has beside the exchange itself. */
struct signer {
    struct rsa_private key;
    struct rsa_public pub;
    struct ring_keys keys;
    uint8_t second[RSA_SIGNATURE_LEN], confirmed[RSA_SIGNATURE_LEN];
};

static void print(const char *what, const char *name, const uint8_t *data, size_t len)
{
    printf("%s %s ", what, name); /* no stranger's words */
    io_print_hex(data, len);
}

static void print_values(const struct played_ring *p)
{
    const struct dh_group *g = p->party[0].group;
    uint8_t k[DH_PUBLIC_MAX_LEN];
    for (size_t i = 0; i < p->n; i++)
        print("r", p->name[i], p->party[i].own.x, g->x_len);
    for (size_t i = 0; i < p->n; i++)
        print("z", p->name[i], p->party[i].own.y, g->p_len);
    for (size_t i = 0; i < p->n; i++)
        print("X", p->name[i], p->party[i].x[i], g->p_len);
    for (size_t i = 0; i < p->n; i++) {
        if (ring_secret(k, &p->party[i]) != 0)
            args_fail("the X do not multiply to 1");
        print("K", p->name[i], k, g->p_len);
    }
    ct_wipe(k, sizeof k);
}

/* Everybody finishes: from here on r and K are gone. */
static void finish(struct played_ring *p, struct signer *signer)
{
    for (size_t i = 0; i < p->n; i++) {
        if (ring_finish(&signer[i].keys, &p->party[i]) != 0)
            args_fail("the X do not multiply to 1");
        print("key", p->name[i], signer[i].keys.key, sizeof signer[i].keys.key);
        if (!ct_equal(&signer[i].keys, &signer[0].keys, sizeof signer[0].keys))
            args_fail("%s has other keys than %s", p->name[i], p->name[0]);
    }
    printf("all %zu have the same key\n", p->n);
}

static void sign_second(const struct played_ring *p, struct signer *signer, struct rng *rng)
{
    for (size_t i = 0; i < p->n; i++) {
        rsa_generate(&signer[i].key, rng);
        rsa_public_of(&signer[i].pub, &signer[i].key);
        if (ring_sign(signer[i].second, &p->party[i], &signer[i].key, rng) != 0)
            args_fail("a signature failed its own check");
        print("signature", p->name[i], signer[i].second, RSA_SIGNATURE_LEN);
    }
}

static void confirm(const struct played_ring *p, struct signer *signer, struct rng *rng)
{
    for (size_t i = 0; i < p->n; i++) {
        if (ring_confirm(signer[i].confirmed, &p->party[i], &signer[i].keys, &signer[i].key, rng) != 0)
            args_fail("a signature failed its own check");
        print("confirmation", p->name[i], signer[i].confirmed, RSA_SIGNATURE_LEN);
    }
}

/* Each checks both signatures of each other one. */
static void verify(const struct played_ring *p, const struct signer *signer)
{
    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < p->n; j++)
            if (i != j && (ring_verify(&p->party[i], j, &signer[j].pub, signer[j].second) != 0 ||
                           ring_confirmed(&p->party[i], &signer[i].keys, j, &signer[j].pub, signer[j].confirmed) != 0))
                args_fail("%s refuses a signature of %s", p->name[i], p->name[j]);
    printf("all %zu have verified the signatures of all others\n", p->n);
}

static void run(const struct request *r, const struct dh_group *group, size_t n, struct rng *rng)
{
    struct played_ring p;
    struct signer *signer = calloc(n, sizeof *signer);
    if (signer == NULL)
        args_fail("no memory for %zu parties", n);
    played_ring_begin(&p, group, n, rng);
    played_ring_first(&p);
    played_ring_second(&p);
    if (r->explain)
        explain_ring(stdout, &p, r->all);
    else
        print_values(&p);
    if (r->is_signed)
        sign_second(&p, signer, rng);
    if (!r->explain || r->is_signed)
        finish(&p, signer);
    if (r->is_signed) {
        confirm(&p, signer, rng);
        verify(&p, signer);
    }
    played_ring_end(&p);
    ct_wipe(signer, n * sizeof *signer);
    free(signer);
}

int cmd_ring(struct args *args)
{
    struct request r = {0};
    struct rng rng;
    const struct args_option options[] = {{"parties", &r.parties, NULL},
                                          {"group", &r.group, NULL},
                                          {"seed", &r.seed, NULL},
                                          {"signed", NULL, &r.is_signed},
                                          {"explain", NULL, &r.explain},
                                          {"all", NULL, &r.all},
                                          {0}};
    args_parse(args, options, 0, 0, USAGE);
    const struct dh_group *group = dh_group_by_name(r.group != NULL ? r.group : "ffdhe3072");
    size_t n = r.parties != NULL ? (size_t)args_number(r.parties, RING_MIN, RING_MAX, "parties", USAGE) : PARTIES;
    if (group == NULL)
        args_wrong("there is no such group", USAGE);
    if (r.all && !r.explain)
        args_wrong("--all is for --explain", USAGE);
    if (r.seed != NULL && strlen(r.seed) > RNG_FIXED_SEED_MAX)
        args_wrong("--seed takes at most 64 bytes", USAGE);
    if (r.seed != NULL)
        rng_fixed_init(&rng, r.seed, strlen(r.seed));
    else
        rng_init(&rng);
    run(&r, group, n, &rng);
    rng_wipe(&rng);
    return STATUS_DONE;
}
