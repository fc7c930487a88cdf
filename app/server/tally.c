/* A table of sets, as in a processor's cache: the key's first bytes choose the set, and within its eight places one
 * looks at each. Nothing moves, nothing grows, and every call takes the same few steps. */
#include "app/server/tally.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/sha256.h"

#define SET 8
#define SECRET_LEN 32
#define TALLY_DOUBLINGS 9 /* waits of 1, 2, 4 ... 256 s */

_Static_assert(1 << (TALLY_DOUBLINGS - 1) <= TALLY_WAIT_MAX, "no doubling may pass the longest wait");

struct entry {
    struct tally_key key;
    uint32_t count; /* 0: free */
    int64_t first, last;
};

struct tally {
    uint8_t secret[SECRET_LEN];
    size_t sets;
    struct entry entries[];
};

struct tally *tally_new(size_t max, struct rng *rng)
{
    size_t sets = (max + SET - 1) / SET;
    struct tally *t = calloc(1, sizeof *t + sets * SET * sizeof t->entries[0]);
    if (t == NULL)
        return NULL;
    t->sets = sets;
    rng_fill(rng, t->secret, sizeof t->secret);
    return t;
}

void tally_free(struct tally *t)
{
    free(t);
}

struct tally_key tally_key(const struct tally *t, char what, const void *data, size_t len)
{
    struct sha256 hash;
    uint8_t digest[SHA256_DIGEST_LEN];
    struct tally_key key;
    sha256_init(&hash);
    sha256_update(&hash, t->secret, sizeof t->secret);
    sha256_update(&hash, &what, 1);
    sha256_update(&hash, data, len);
    sha256_final(&hash, digest);
    memcpy(key.bytes, digest, sizeof key.bytes);
    return key;
}

static int alive(const struct entry *e, int64_t now)
{
    return e->count > 0 && now - e->first < (int64_t)TALLY_SECONDS * 1000;
}

static struct entry *set_of(struct tally *t, const struct tally_key *key)
{
    return &t->entries[bytes_load_be32(key->bytes) % t->sets * SET];
}

static const struct entry *find(const struct tally *t, const struct tally_key *key)
{
    const struct entry *set = &t->entries[bytes_load_be32(key->bytes) % t->sets * SET];
    for (size_t i = 0; i < SET; i++)
        if (set[i].count > 0 && ct_equal(&set[i].key, key, sizeof *key))
            return &set[i];
    return NULL;
}

/* The place of this key; where it has none yet, the one of the set that was used longest ago, emptied. */
static struct entry *find_or_replace(struct tally *t, const struct tally_key *key, int64_t now)
{
    struct entry *set = set_of(t, key), *oldest = set;
    for (size_t i = 0; i < SET; i++) {
        if (alive(&set[i], now) && ct_equal(&set[i].key, key, sizeof *key))
            return &set[i];
        if (!alive(&set[i], now))
            set[i].count = 0;
        if (oldest->count > 0 && (set[i].count == 0 || set[i].last < oldest->last))
            oldest = &set[i];
    }
    *oldest = (struct entry){.key = *key, .first = now};
    return oldest;
}

void tally_add(struct tally *t, const struct tally_key *key, int64_t now)
{
    struct entry *e = find_or_replace(t, key, now);
    if (e->count < UINT32_MAX)
        e->count++;
    e->last = now;
}

void tally_forget(struct tally *t, const struct tally_key *key)
{
    struct entry *set = set_of(t, key);
    for (size_t i = 0; i < SET; i++)
        if (ct_equal(&set[i].key, key, sizeof *key))
            set[i].count = 0;
}

uint32_t tally_count(const struct tally *t, const struct tally_key *key, int64_t now)
{
    const struct entry *e = find(t, key);
    return e != NULL && alive(e, now) ? e->count : 0;
}

uint32_t tally_wait(const struct tally *t, const struct tally_key *key, uint32_t free_tries, int64_t now)
{
    const struct entry *e = find(t, key);
    if (e == NULL || !alive(e, now) || e->count < free_tries)
        return 0;
    uint32_t doublings = e->count - free_tries;
    int64_t wait = doublings < TALLY_DOUBLINGS ? INT64_C(1) << doublings : TALLY_WAIT_MAX;
    int64_t left = e->last + wait * 1000 - now;
    return left > 0 ? (uint32_t)((left + 999) / 1000) : 0;
}
