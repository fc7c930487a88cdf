/* A hash table with chains; an address is in it while it has a connection. */
#include "app/server/address.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"

struct address {
    struct address *next;
    uint32_t count;
    uint8_t key[SOCK_KEY_LEN];
};

/* The link that points to this address, or the empty one at the end of its chain. */
static struct address **place(struct address_table *table, const uint8_t *key)
{
    uint64_t mixed = bytes_load_be64(key) * UINT64_C(0x9e3779b97f4a7c15); /* Knuth's multiplicative hashing */
    struct address **link = &table->buckets[mixed >> 32 & (ADDRESS_BUCKETS - 1)];
    while (*link != NULL && !ct_equal((*link)->key, key, SOCK_KEY_LEN))
        link = &(*link)->next;
    return link;
}

uint32_t address_count(struct address_table *table, const uint8_t key[static SOCK_KEY_LEN])
{
    const struct address *found = *place(table, key);
    return found != NULL ? found->count : 0;
}

int address_add(struct address_table *table, const uint8_t key[static SOCK_KEY_LEN])
{
    struct address **link = place(table, key);
    if (*link == NULL) {
        *link = calloc(1, sizeof **link);
        if (*link == NULL)
            return -1;
        memcpy((*link)->key, key, SOCK_KEY_LEN);
    }
    (*link)->count++;
    return 0;
}

void address_remove(struct address_table *table, const uint8_t key[static SOCK_KEY_LEN])
{
    struct address **link = place(table, key), *found = *link;
    assert(found != NULL);
    if (--found->count == 0) {
        *link = found->next;
        free(found);
    }
}
