/* SPDX-License-Identifier: MIT */
/* A page of its own, as memory is locked by pages: what else lies in one would be unlocked with it. */
#include "app/client/kept_secret.h"

#include <string.h>
#include <sys/mman.h>

#include "crypto/ct.h"

static struct secret *new_page(void)
{
    void *page = mmap(NULL, sizeof(struct secret), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (mlock(page, sizeof(struct secret)) != 0) {
        munmap(page, sizeof(struct secret));
        return NULL;
    }
#ifdef MADV_DONTDUMP
    (void)madvise(page, sizeof(struct secret), MADV_DONTDUMP);
#endif
    return page;
}

bool kept_secret_keep(struct kept_secret *k, const struct secret *secret)
{
    if (k->page == NULL)
        k->page = new_page();
    if (k->page == NULL)
        return false;
    memcpy(k->page->password, secret->password, sizeof k->page->password);
    k->page->password_len = secret->password_len;
    return true;
}

const struct secret *kept_secret_get(const struct kept_secret *k)
{
    return k->page;
}

void kept_secret_wipe(struct kept_secret *k)
{
    if (k->page == NULL)
        return;
    ct_wipe(k->page, sizeof *k->page);
    (void)munlock(k->page, sizeof *k->page);
    munmap(k->page, sizeof *k->page);
    k->page = NULL;
}
