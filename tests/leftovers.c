/* SPDX-License-Identifier: MIT */
/* The finder: a thread with a stack of its own, and what stands on that when it has ended. */
#include "tests/leftovers.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>

#include "crypto/ct.h"
#include "tests/sanitized.h"
#include "tests/test.h"

#define STACK_LEN (1 << 18)
#define WORD_LEN 8

static uint8_t *stack; /* of the thread that does the work */

int leftovers_set_up(void **state)
{
    (void)state;
    stack = mmap(NULL, STACK_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return stack == MAP_FAILED ? -1 : 0;
}

bool leftovers_can_look(void)
{
#if defined(__x86_64__) && defined(__OPTIMIZE__)
    return !SANITIZED;
#else
    return false;
#endif
}

/* The end of a thread needs stack too: it gets the room of this array, so that what the work has left stays. */
static void *thread(void *work)
{
    uint8_t room[STACK_LEN / 4];
    ct_wipe(room, sizeof room); /* so that no compiler makes it shorter */
    ((void (*)(void))(uintptr_t)work)();
    return NULL;
}

void leftovers_run(void (*work)(void))
{
    pthread_attr_t attr;
    pthread_t id;
    memset(stack, 0, STACK_LEN);
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstack(&attr, stack, STACK_LEN), 0);
    assert_int_equal(pthread_create(&id, &attr, thread, (void *)(uintptr_t)work), 0);
    assert_int_equal(pthread_join(id, NULL), 0);
    pthread_attr_destroy(&attr);
}

size_t leftovers_found(const void *secret, size_t len)
{
    const uint8_t *bytes = secret;
    size_t places = 0;
    for (size_t i = 0; i + WORD_LEN <= len; i += WORD_LEN) {
        static const uint8_t zero[WORD_LEN];
        for (size_t at = 0; memcmp(bytes + i, zero, WORD_LEN) != 0 && at + WORD_LEN <= STACK_LEN; at++)
            places += memcmp(stack + at, bytes + i, WORD_LEN) == 0;
    }
    return places;
}

void leftovers_expect_none(const char *what, const char *by, const void *secret, size_t len)
{
    size_t places = leftovers_found(secret, len);
    if (places != 0)
        fail_msg("%s (%s): %zu words of its secrets are left on the stack", what, by, places);
}
