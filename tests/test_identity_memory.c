/* SPDX-License-Identifier: MIT */
/* Identities and memory: nothing of a key or a password is left on the stack or in what is freed, and where there is no
 * memory that is said. Where a sanitizer has its own allocator, and without glibc, nothing is tested. */
#define _GNU_SOURCE /* memmem */
#include <pthread.h>
#include <sys/mman.h>

#include "tests/identities.h"
#include "tests/watched_malloc.h"

#define STACK_LEN (1 << 20)

static bool has_secret(const void *block, size_t len)
{
    return memory_count_secrets(block, len) > 0 || memmem(block, len, memory_word, sizeof memory_word - 1) != NULL;
}

/* Each call that handles the key, on a thread whose stack is looked at afterwards. */
static struct identity loaded; /* not on that stack */

static void *go_through(void *state)
{
    char why[WHY_LEN] = "", password[sizeof memory_word];
    struct identity_files f = files(state);
    memcpy(password, memory_word, sizeof password);
    bool ok = identity_save(&f, keys_identity("alice"), (uint8_t *)password, strlen(password), &rng, why) == 0 &&
              identity_load(&f, &loaded, OLD, why) == IDENTITY_WRONG_PASSWORD &&
              identity_load(&f, &loaded, (uint8_t *)password, strlen(password), why) == IDENTITY_OK &&
              identity_save_next(&f, &loaded, NEW, &rng, why) == 0 && identity_settle(&f, IDENTITY_NEXT, why) == 0 &&
              identity_load(&f, &loaded, NEW, why) == IDENTITY_OK &&
              identity_replace(&f, &loaded, (uint8_t *)password, strlen(password), &rng, why) == 0;
    memset(password, 0, sizeof password);
    __asm__ volatile("" : : "r"(password) : "memory");
    return ok ? state : NULL;
}

static void test_nothing_is_left_of_keys_and_passwords(void **state)
{
    pthread_t thread;
    pthread_attr_t attr;
    void *done;
    if (!MALLOC_IS_OURS)
        skip();
    void *stack = mmap(NULL, STACK_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(stack != MAP_FAILED);
    pthread_attr_init(&attr);
    assert_int_equal(pthread_attr_setstack(&attr, stack, STACK_LEN), 0);
    const struct rsa_private *key = &keys_identity("alice")->key;
    memory_watch();
    memory_add_secret(key->p);
    memory_add_secret(key->q);
    memory_add_secret(key->d);
    assert_int_equal(pthread_create(&thread, &attr, go_through, state), 0);
    assert_int_equal(pthread_join(thread, &done), 0);
    memory.watched = false;
    assert_non_null(done);
    assert_true(has_secret(&loaded, sizeof loaded)); /* what is looked for can be found */
    assert_int_equal(memory.freed_with_secret, 0);
    assert_false(has_secret(stack, STACK_LEN));
    identity_wipe(&loaded);
    assert_false(has_secret(&loaded, sizeof loaded));
    pthread_attr_destroy(&attr);
    munmap(stack, STACK_LEN);
}

/* For the certificate, and for the key. */
static void test_no_memory(void **state)
{
    struct identity id;
    if (!MALLOC_IS_OURS)
        skip();
    save(state, keys_identity("alice"), OLD);
    for (long n = 0; n < 2; n++) {
        char why[WHY_LEN] = "";
        struct identity_files f = files(state);
        memory.left = n;
        enum identity_result result = identity_load(&f, &id, OLD, why);
        assert_true(memory.left < 0);
        memory.left = -1;
        assert_int_equal(result, IDENTITY_DAMAGED);
        assert_non_null(strstr(why, strerror(ENOMEM)));
        identity_files_close(&f);
    }
    assert_finds(state, keys_identity("alice"), OLD);
}

static int with_rng(void **state)
{
    rng_init(&rng);
    return scratch_make(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_is_left_of_keys_and_passwords, with_rng, scratch_remove),
        cmocka_unit_test_setup_teardown(test_no_memory, with_rng, scratch_remove),
    };
    return RUN(tests);
}
