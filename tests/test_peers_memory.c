/* SPDX-License-Identifier: MIT */
/* Peers where there is no memory: it is said, nothing is written, and what was known stays known. Where a sanitizer has
 * its own allocator, and without glibc, nothing is tested. */
#define _GNU_SOURCE /* memmem */
#include "tests/peers_lines.h"
#include "tests/watched_malloc.h"

/* The n-th request is refused; whether it came to that. What sorts may do without. */
static bool ran_out(void)
{
    bool ran = memory.left < 0;
    memory.left = -1;
    return ran;
}

#define BEFORE SERVER " ann new " FP_B "\n" SERVER " bob new " FP_A "\n"
#define AFTER SERVER " ann new " FP_B "\n" SERVER " bob compared " FP_A "\n"

static void assert_two(const struct peers *p, enum peer_state bob)
{
    assert_int_equal(p->count, 2);
    assert_int_equal(peers_find(p, "ann")->kept, PEER_NEW);
    assert_int_equal(peers_find(p, "bob")->kept, bob);
}

static void test_load(void **state)
{
    int said = 0;
    if (!MALLOC_IS_OURS)
        skip();
    scratch_write(state, PEERS_FILE, BEFORE, strlen(BEFORE));
    for (long n = 0, ran = true; ran; n++) {
        char why[WHY_LEN] = "";
        struct peers p;
        memory.left = n;
        int failed = peers_load(&p, scratch_path(state), SERVER, why);
        ran = ran_out();
        if (failed == 0)
            assert_two(&p, PEER_NEW);
        else
            assert_non_null(strstr(why, strerror(ENOMEM)));
        said += failed != 0;
        peers_free(&p);
    }
    assert_true(said >= 2); /* the file, and the list */
}

static void test_a_change(void **state)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    int said = 0;
    if (!MALLOC_IS_OURS)
        skip();
    memset(fp, 1, sizeof fp);
    for (long n = 0, ran = true; ran; n++) {
        char why[WHY_LEN] = "";
        size_t len;
        struct peers p = load(state, BEFORE);
        memory.left = n;
        int failed = peers_compared(&p, "bob", fp, why);
        ran = ran_out();
        assert_two(&p, failed == 0 ? PEER_COMPARED : PEER_NEW);
        char *text = scratch_read(state, PEERS_FILE, &len);
        assert_string_equal(text, failed == 0 ? AFTER : BEFORE);
        free(text);
        if (failed != 0)
            assert_non_null(strstr(why, strerror(ENOMEM)));
        said += failed != 0;
        peers_free(&p);
    }
    assert_true(said >= 4); /* the file, its list, the new text, its list */
}

/* Where no file is yet. */
static void test_the_first_one(void **state)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN] = {1};
    if (!MALLOC_IS_OURS)
        skip();
    for (long n = 0, ran = true; ran; n++) {
        char why[WHY_LEN] = "";
        struct peers p;
        assert_int_equal(peers_load(&p, scratch_path(state), SERVER, why), 0);
        memory.left = n;
        int failed = peers_met(&p, "bob", fp, why);
        ran = ran_out();
        assert_int_equal(failed == 0, peers_find(&p, "bob") != NULL);
        assert_int_equal(failed == 0, is_there(state, PEERS_FILE));
        assert_true(ran || failed == 0);
        peers_free(&p);
        if (failed == 0 && ran)
            assert_int_equal(unlinkat(scratch_fd(state), PEERS_FILE, 0), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_load),
        WITH_FOLDER(test_a_change),
        WITH_FOLDER(test_the_first_one),
    };
    return RUN(tests);
}
