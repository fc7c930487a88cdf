/* SPDX-License-Identifier: MIT */
/* A table of sets for each kind, as in a processor's cache: the key's first bytes choose the set, and all of its eight
 * places are looked at. Nothing moves, nothing grows, and every call takes the same few steps. */
#include "app/server/base/ratelimit.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/sha256.h"

#define SET 8
#define SECRET_LEN 32
#define HEADER "glasschat delays 2 "
#define HEADER_1 "glasschat delays 1 " /* whose entries don't say of what kind they are */
#define HEADER_MAX (sizeof HEADER + 20 + 1 + 2 * SECRET_LEN)
#define LINE_MAX_LEN (2 + 2 * RATELIMIT_KEY_LEN + 1 + 10 + 1 + 20 + 1 + 20 + 1) /* of an entry */
#define CHECKSUM_LEN (1 + 2 * SHA256_DIGEST_LEN + 1)
#define RATELIMIT_DOUBLINGS 9 /* waits of 1, 2, 4 ... 256 s */

_Static_assert(1 << (RATELIMIT_DOUBLINGS - 1) <= RATELIMIT_WAIT_MAX, "no doubling may pass the longest wait");

static const char letters[] = "lar"; /* of the kinds: they are hashed with what is counted, and written with it */

_Static_assert(sizeof letters - 1 == RATELIMIT_KINDS, "each kind has a letter");

struct entry {
    struct ratelimit_key key;
    uint32_t count; /* 0: free */
    int64_t first, last;
};

struct ratelimit {
    uint8_t secret[SECRET_LEN];
    uint64_t changes;
    size_t sets;            /* of each kind */
    struct entry entries[]; /* those of a kind stand together */
};

struct ratelimit *ratelimit_new(size_t max, struct rng *rng)
{
    size_t sets = (max + SET - 1) / SET;
    struct ratelimit *t = calloc(1, sizeof *t + RATELIMIT_KINDS * sets * SET * sizeof t->entries[0]);
    if (t == NULL)
        return NULL;
    t->sets = sets;
    rng_fill(rng, t->secret, sizeof t->secret);
    return t;
}

void ratelimit_free(struct ratelimit *t)
{
    free(t);
}

static size_t places(const struct ratelimit *t)
{
    return RATELIMIT_KINDS * t->sets * SET;
}

static size_t size_of(const struct ratelimit *t)
{
    return sizeof *t + places(t) * sizeof t->entries[0];
}

struct ratelimit *ratelimit_copy(const struct ratelimit *t)
{
    struct ratelimit *copy = malloc(size_of(t));
    if (copy != NULL)
        memcpy(copy, t, size_of(t));
    return copy;
}

uint64_t ratelimit_changes(const struct ratelimit *t)
{
    return t->changes;
}

static struct ratelimit_key hash(const struct ratelimit *t, enum ratelimit_kind kind, char letter, const void *data,
                                 size_t len)
{
    struct sha256 hash;
    uint8_t digest[SHA256_DIGEST_LEN];
    struct ratelimit_key key = {.kind = (uint8_t)kind};
    sha256_init(&hash);
    sha256_update(&hash, t->secret, sizeof t->secret);
    sha256_update(&hash, &letter, 1);
    sha256_update(&hash, data, len);
    sha256_final(&hash, digest);
    memcpy(key.bytes, digest, sizeof key.bytes);
    return key;
}

struct ratelimit_key ratelimit_key(const struct ratelimit *t, enum ratelimit_kind kind, const void *data, size_t len)
{
    return hash(t, kind, letters[kind], data, len);
}

static bool alive(const struct entry *e, int64_t now)
{
    return e->count > 0 && now - e->first < (int64_t)RATELIMIT_SECONDS * 1000;
}

/* Where the set of that key begins. */
static size_t set_at(const struct ratelimit *t, const struct ratelimit_key *key)
{
    return (key->kind * t->sets + bytes_load_be32(key->bytes) % t->sets) * SET;
}

static const struct entry *find(const struct ratelimit *t, const struct ratelimit_key *key)
{
    const struct entry *set = &t->entries[set_at(t, key)];
    for (size_t i = 0; i < SET; i++)
        if (set[i].count > 0 && ct_equal(&set[i].key, key, sizeof *key))
            return &set[i];
    return NULL;
}

/* CAUTION: by the count first. If only age decided, made-up names, counted once each, would push out what slows the
 * guessing at a real one (test_what_is_counted_often_stays in tests/test_ratelimit.c). */
static bool gives_way_before(const struct entry *one, const struct entry *other)
{
    return one->count < other->count || (one->count == other->count && one->count > 0 && one->last < other->last);
}

/* The place of this key; where it has none yet, the one of the set with the lowest count, of these the one used longest
 * ago, emptied. */
static struct entry *find_or_replace(struct ratelimit *t, const struct ratelimit_key *key, int64_t now)
{
    struct entry *set = &t->entries[set_at(t, key)], *least = set;
    for (size_t i = 0; i < SET; i++) {
        if (alive(&set[i], now) && ct_equal(&set[i].key, key, sizeof *key))
            return &set[i];
        if (!alive(&set[i], now))
            set[i].count = 0;
        if (gives_way_before(&set[i], least))
            least = &set[i];
    }
    *least = (struct entry){.key = *key, .first = now};
    return least;
}

void ratelimit_add(struct ratelimit *t, const struct ratelimit_key *key, int64_t now)
{
    struct entry *e = find_or_replace(t, key, now);
    if (e->count < UINT32_MAX)
        e->count++;
    e->last = now;
    t->changes++;
}

void ratelimit_forget(struct ratelimit *t, const struct ratelimit_key *key)
{
    struct entry *set = &t->entries[set_at(t, key)];
    for (size_t i = 0; i < SET; i++)
        if (set[i].count > 0 && ct_equal(&set[i].key, key, sizeof *key)) {
            set[i].count = 0;
            t->changes++;
        }
}

uint32_t ratelimit_count(const struct ratelimit *t, const struct ratelimit_key *key, int64_t now)
{
    const struct entry *e = find(t, key);
    return e != NULL && alive(e, now) ? e->count : 0;
}

uint32_t ratelimit_wait(const struct ratelimit *t, const struct ratelimit_key *key, uint32_t free_tries, int64_t now)
{
    const struct entry *e = find(t, key);
    if (e == NULL || !alive(e, now) || e->count < free_tries)
        return 0;
    uint32_t doublings = e->count - free_tries;
    int64_t wait = doublings < RATELIMIT_DOUBLINGS ? INT64_C(1) << doublings : RATELIMIT_WAIT_MAX;
    int64_t left = e->last + wait * 1000 - now;
    return left > 0 ? (uint32_t)((left + 999) / 1000) : 0;
}

uint32_t ratelimit_take_of_1(struct ratelimit *t, char letter, const void *data, size_t len, int64_t now, int64_t *last)
{
    struct ratelimit_key key = hash(t, RATELIMIT_LOGINS, letter, data, len);
    const struct entry *e = find(t, &key);
    if (e == NULL || !alive(e, now))
        return 0;
    uint32_t count = e->count;
    *last = e->last;
    ratelimit_forget(t, &key);
    return count;
}

/* --- As text ------------------------------------------------------------------------------------------------------ */

static void checksum(char line[CHECKSUM_LEN + 1], const char *text, size_t len)
{
    struct sha256 hash;
    uint8_t digest[SHA256_DIGEST_LEN];
    sha256_init(&hash);
    sha256_update(&hash, text, len);
    sha256_final(&hash, digest);
    line[0] = '#';
    hex_encode(line + 1, digest, sizeof digest);
    line[CHECKSUM_LEN - 1] = '\n';
}

/* Returns the length of the line, at most LINE_MAX_LEN. */
static size_t write_entry(char *out, const struct entry *e, int64_t now)
{
    char key[2 * RATELIMIT_KEY_LEN + 1];
    hex_encode(key, e->key.bytes, sizeof e->key.bytes);
    return (size_t)snprintf(out, LINE_MAX_LEN + 1, "%c %s %" PRIu32 " %" PRId64 " %" PRId64 "\n", letters[e->key.kind],
                            key, e->count, now - e->first, now - e->last);
}

char *ratelimit_write(const struct ratelimit *t, size_t *len, int64_t now, uint64_t unix_now)
{
    size_t alive_entries = 0;
    char secret[2 * SECRET_LEN + 1], last[CHECKSUM_LEN + 1];
    for (size_t i = 0; i < places(t); i++)
        alive_entries += (size_t)alive(&t->entries[i], now);
    char *text = malloc(HEADER_MAX + alive_entries * LINE_MAX_LEN + CHECKSUM_LEN + 1);
    if (text == NULL)
        return NULL;
    hex_encode(secret, t->secret, sizeof t->secret);
    *len = (size_t)snprintf(text, HEADER_MAX + 1, HEADER "%" PRIu64 " %s\n", unix_now, secret);
    for (size_t i = 0; i < places(t); i++)
        if (alive(&t->entries[i], now))
            *len += write_entry(text + *len, &t->entries[i], now);
    checksum(last, text, *len);
    memcpy(text + *len, last, CHECKSUM_LEN);
    *len += CHECKSUM_LEN;
    ct_wipe(secret, sizeof secret);
    return text;
}

/* What is left to be read; it always ends in a line end. */
struct reader {
    const char *p;
    bool kinds; /* its entries say of what kind they are */
};

static int take_text(struct reader *r, const char *text)
{
    if (strncmp(r->p, text, strlen(text)) != 0)
        return -1;
    r->p += strlen(text);
    return 0;
}

static int take_hex(struct reader *r, uint8_t *out, size_t len)
{
    size_t got;
    if (strspn(r->p, "0123456789abcdef") != 2 * len || hex_decode(out, len, &got, r->p, 2 * len) != 0)
        return -1;
    r->p += 2 * len;
    return 0;
}

/* As printf writes it, and below limit. */
static int take_number(struct reader *r, uint64_t *n, uint64_t limit)
{
    size_t digits = strspn(r->p, "0123456789");
    if (digits == 0 || digits > 19 || (digits > 1 && *r->p == '0'))
        return -1;
    *n = strtoull(r->p, NULL, 10);
    r->p += digits;
    return *n < limit ? 0 : -1;
}

/* RATELIMIT_KINDS where the text has no kinds. */
static int take_kind(struct reader *r, uint8_t *kind)
{
    const char *letter = letters;
    *kind = RATELIMIT_KINDS;
    if (!r->kinds)
        return 0;
    while (*letter != '\0' && *letter != *r->p)
        letter++;
    if (*letter == '\0')
        return -1;
    *kind = (uint8_t)(letter - letters);
    r->p++;
    return take_text(r, " ");
}

/* An entry that doesn't say its kind goes to all tables: its key, hashed with the letter of its kind, is looked for in
 * only one of them. */
static void put_entry(struct ratelimit *t, const struct entry *e, int64_t now)
{
    for (uint8_t kind = 0; kind < RATELIMIT_KINDS; kind++)
        if (e->key.kind == kind || e->key.kind == RATELIMIT_KINDS) {
            struct entry copy = *e;
            copy.key.kind = kind;
            *find_or_replace(t, &copy.key, now) = copy;
        }
}

/* One line into t, unless its hour is over by now. */
static int take_entry(struct ratelimit *t, struct reader *r, int64_t now, int64_t passed)
{
    struct entry e;
    uint64_t count, since_first, since_last;
    if (take_kind(r, &e.key.kind) != 0 || take_hex(r, e.key.bytes, sizeof e.key.bytes) != 0 || take_text(r, " ") != 0 ||
        take_number(r, &count, (uint64_t)UINT32_MAX + 1) != 0 || take_text(r, " ") != 0 ||
        take_number(r, &since_first, (uint64_t)RATELIMIT_SECONDS * 1000) != 0 || take_text(r, " ") != 0 ||
        take_number(r, &since_last, since_first + 1) != 0 || take_text(r, "\n") != 0 || count == 0)
        return -1;
    e.count = (uint32_t)count;
    e.first = now - (int64_t)since_first - passed;
    e.last = now - (int64_t)since_last - passed;
    if (alive(&e, now))
        put_entry(t, &e, now);
    return 0;
}

/* The checksum is right; so is everything, or it was made by somebody else. */
static int take_all(struct ratelimit *t, const char *text, const char *end, int64_t now, uint64_t unix_now)
{
    struct reader r = {text, strncmp(text, HEADER_1, strlen(HEADER_1)) != 0};
    uint64_t written;
    if (take_text(&r, r.kinds ? HEADER : HEADER_1) != 0 || take_number(&r, &written, INT64_MAX) != 0 ||
        take_text(&r, " ") != 0 || take_hex(&r, t->secret, sizeof t->secret) != 0 || take_text(&r, "\n") != 0)
        return -1;
    uint64_t passed = unix_now > written ? unix_now - written : 0;
    if (passed > RATELIMIT_SECONDS)
        passed = RATELIMIT_SECONDS;
    while (r.p < end)
        if (take_entry(t, &r, now, (int64_t)passed * 1000) != 0)
            return -1;
    return r.p == end ? 0 : -1;
}

int ratelimit_read(struct ratelimit *t, const char *text, size_t len, int64_t now, uint64_t unix_now)
{
    char last[CHECKSUM_LEN + 1];
    if (len < CHECKSUM_LEN || len > RATELIMIT_TEXT_MAX)
        return -1;
    checksum(last, text, len - CHECKSUM_LEN);
    if (!ct_equal(last, text + len - CHECKSUM_LEN, CHECKSUM_LEN))
        return -1;
    struct ratelimit *copy = ratelimit_copy(t);
    int result = copy != NULL ? take_all(copy, text, text + len - CHECKSUM_LEN, now, unix_now) : -1;
    if (result == 0)
        memcpy(t, copy, size_of(t));
    ratelimit_free(copy);
    return result;
}
