/* SPDX-License-Identifier: MIT */
/* Any bytes as a room's list: what is accepted is in order, and written again from its fields alone it is the very same
 * bytes. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "app/peer/room_list.h"
#include "crypto/ct.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t again[ROOM_LIST_MAX_LEN];
static size_t again_len;

static void put(const void *bytes, size_t len)
{
    assert(again_len + len <= sizeof again);
    memcpy(again + again_len, bytes, len);
    again_len += len;
}

static void put_name(const char *name)
{
    uint8_t len = (uint8_t)strlen(name);
    put(&len, 1);
    put(name, len);
}

static void encode(const struct room_list *l)
{
    uint8_t n[4], count = (uint8_t)l->count;
    again_len = 0;
    put("glasschat/1 room list", 22);
    put(l->room, sizeof l->room);
    put_name(l->name);
    bytes_store_be32(n, l->n);
    put(n, sizeof n);
    put(l->before, sizeof l->before);
    put(&count, 1);
    for (size_t i = 0; i < l->count; i++) {
        put_name(l->members[i].name);
        put(l->members[i].fingerprint, sizeof l->members[i].fingerprint);
    }
}

static void check_members(const struct room_list *l)
{
    assert(l->count <= ROOM_LIST_MEMBERS_MAX && (l->n > 0 || l->count > 0));
    for (size_t i = 0; i < l->count; i++) {
        const struct room_list_member *m = &l->members[i];
        assert(name_valid(m->name, strlen(m->name)) && room_list_find(l, m->name) == m);
        assert(room_list_has(l, m->name, m->fingerprint));
        assert(i < 2 || strcmp(l->members[i - 1].name, m->name) < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct rsa_public nobody = {{[0] = 0x80, [RSA_MODULUS_LEN - 1] = 1}};
    struct room_list l, second;
    uint8_t hash[ROOM_LIST_HASH_LEN];
    if (room_list_decode(&l, data, size) != 0)
        return 0;
    check_members(&l);
    assert(name_sealed_valid(l.name, strlen(l.name)));
    encode(&l);
    assert(again_len + RSA_SIGNATURE_LEN == size && ct_equal(again, data, again_len));
    sha256_digest(hash, again, again_len);
    assert(l.len == size && ct_equal(l.bytes, data, size) && ct_equal(l.hash, hash, sizeof hash));
    assert(room_list_verify(&l, &nobody) != 0);
    int failed = room_list_decode(&second, l.bytes, l.len);
    assert(failed == 0 && room_list_same(&l, &second));
    return 0;
}
