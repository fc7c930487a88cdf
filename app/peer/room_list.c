/* SPDX-License-Identifier: MIT */
/* A list is one row of fields, so what is signed is simply its bytes without the last 384, and L their hash. It has one
 * encoding: there is one order of the members, and nothing may be left over. So whoever has the same L has the same
 * list, and a founder can't show one list to some and another to others under one number without two L being there to
 * be compared.
 *
 * What is read is judged here by itself. Whether it may follow the list that one has, and whose key is the founder's,
 * is judged where that is known. */
#include "app/peer/room_list.h"

#include <assert.h>
#include <string.h>

#include "crypto/ct.h"
#include "net/session.h"

/* sizeof counts the zero byte that ends it. */
static const char label[] = ROOM_LIST_LABEL;

static const uint8_t zeros[ROOM_LIST_HASH_LEN];

_Static_assert(1 + ROOM_LIST_MAX_LEN <= SESSION_CALL_PAYLOAD_MAX, "a list and its type fit into a Record of a call");

/* CAUTION: two orders of the same members would be two lists of one meaning, and a name that stands there twice would
 * have two keys: tests/test_room_list.c: test_order. */
static bool ordered(const struct room_list *l)
{
    for (size_t i = 1; i < l->count; i++) {
        if (strcmp(l->members[i].name, l->members[0].name) == 0)
            return false;
        if (i > 1 && strcmp(l->members[i - 1].name, l->members[i].name) >= 0)
            return false;
    }
    return true;
}

/* What holds of the fields together, once each is one. */
static bool consistent(const struct room_list *l)
{
    bool first = ct_equal(l->before, zeros, sizeof zeros) != 0;
    return first == (l->n == 0) && (l->n > 0 || l->count > 0) && ordered(l);
}

/* --- Writing ------------------------------------------------------------------------------------------------------ */

static uint8_t *put(uint8_t *p, const void *bytes, size_t len)
{
    memcpy(p, bytes, len);
    return p + len;
}

static uint8_t *put_name(uint8_t *p, const char *name)
{
    size_t len = strlen(name);
    *p = (uint8_t)len;
    return put(p + 1, name, len);
}

static bool may_be_signed(const struct room_list *l)
{
    bool valid = name_sealed_valid(l->name, strlen(l->name)) && l->count <= ROOM_LIST_MEMBERS_MAX && consistent(l);
    for (size_t i = 0; valid && i < l->count; i++)
        valid = name_valid(l->members[i].name, strlen(l->members[i].name));
    return valid;
}

/* Everything before the signature; returns its length. */
static size_t encode(uint8_t out[static ROOM_LIST_MAX_LEN], const struct room_list *l)
{
    assert(may_be_signed(l));
    uint8_t *p = put(out, label, sizeof label);
    p = put(p, l->room, sizeof l->room);
    p = put_name(p, l->name);
    bytes_store_be32(p, l->n);
    p = put(p + 4, l->before, sizeof l->before);
    *p++ = (uint8_t)l->count;
    for (size_t i = 0; i < l->count; i++) {
        p = put_name(p, l->members[i].name);
        p = put(p, l->members[i].fingerprint, sizeof l->members[i].fingerprint);
    }
    return (size_t)(p - out);
}

int room_list_sign(struct room_list *l, const struct rsa_private *key, struct rng *rng)
{
    uint8_t bytes[ROOM_LIST_MAX_LEN];
    size_t len = encode(bytes, l);
    if (rsa_pss_sign(bytes + len, key, bytes, len, rng) != 0)
        return -1;
    sha256_digest(l->hash, bytes, len);
    l->len = len + RSA_SIGNATURE_LEN;
    memcpy(l->bytes, bytes, l->len);
    return 0;
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

struct reader {
    const uint8_t *p;
    size_t left;
};

/* The next len bytes; NULL where there are not so many. */
static const uint8_t *take(struct reader *r, size_t len)
{
    const uint8_t *bytes = r->p;
    if (r->left < len)
        return NULL;
    r->p += len;
    r->left -= len;
    return bytes;
}

static int take_copy(struct reader *r, uint8_t *out, size_t len)
{
    const uint8_t *bytes = take(r, len);
    if (bytes == NULL)
        return -1;
    memcpy(out, bytes, len);
    return 0;
}

/* The bytes of a name that is valid: only then is it one when it ends in a NUL. */
static int take_name(struct reader *r, char out[static NAME_MAX_LEN + 1], bool (*valid)(const void *name, size_t len))
{
    const uint8_t *len = take(r, 1), *name = len != NULL ? take(r, *len) : NULL;
    if (name == NULL || !valid(name, *len))
        return -1;
    memcpy(out, name, *len);
    out[*len] = '\0';
    return 0;
}

static int take_members(struct reader *r, struct room_list *l)
{
    const uint8_t *count = take(r, 1);
    if (count == NULL || *count > ROOM_LIST_MEMBERS_MAX)
        return -1;
    l->count = *count;
    for (size_t i = 0; i < l->count; i++)
        if (take_name(r, l->members[i].name, name_valid) != 0 ||
            take_copy(r, l->members[i].fingerprint, sizeof l->members[i].fingerprint) != 0)
            return -1;
    return 0;
}

/* All fields up to the signature. */
static int take_fields(struct reader *r, struct room_list *l)
{
    uint8_t n[4];
    const uint8_t *start = take(r, sizeof label);
    if (start == NULL || !ct_equal(start, label, sizeof label) || take_copy(r, l->room, sizeof l->room) != 0 ||
        take_name(r, l->name, name_sealed_valid) != 0 || take_copy(r, n, sizeof n) != 0 ||
        take_copy(r, l->before, sizeof l->before) != 0)
        return -1;
    l->n = bytes_load_be32(n);
    return take_members(r, l);
}

int room_list_decode(struct room_list *l, const uint8_t *in, size_t in_len)
{
    struct room_list got = {.len = in_len};
    struct reader r = {in, in_len};
    if (take_fields(&r, &got) != 0 || r.left != RSA_SIGNATURE_LEN || !consistent(&got))
        return -1;
    memcpy(got.bytes, in, in_len);
    sha256_digest(got.hash, in, in_len - RSA_SIGNATURE_LEN);
    *l = got;
    return 0;
}

/* --- What it says ------------------------------------------------------------------------------------------------- */

/* CAUTION: without the second check a founder could put somebody else's name and key where all look for the founder:
 *          tests/test_room_list.c: test_the_first_has_the_key_that_signs */
int room_list_verify(const struct room_list *l, const struct rsa_public *founder)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    size_t signed_len = l->len - RSA_SIGNATURE_LEN;
    assert(l->len > RSA_SIGNATURE_LEN);
    certificate_fingerprint(fingerprint, founder->n);
    if (l->count > 0 && !ct_equal(l->members[0].fingerprint, fingerprint, sizeof fingerprint))
        return -1;
    return rsa_pss_verify(founder, l->bytes, signed_len, l->bytes + signed_len);
}

const struct room_list_member *room_list_find(const struct room_list *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->members[i].name, name) == 0)
            return &l->members[i];
    return NULL;
}

bool room_list_has(const struct room_list *l, const char *name,
                   const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN])
{
    const struct room_list_member *member = room_list_find(l, name);
    return member != NULL && ct_equal(member->fingerprint, fingerprint, sizeof member->fingerprint);
}

bool room_list_same(const struct room_list *a, const struct room_list *b)
{
    return ct_equal(a->hash, b->hash, sizeof a->hash);
}
