/* SPDX-License-Identifier: MIT */
/* Whose turn it is, played through with jobs that nobody runs: floods from one address, from many, from the networks of
 * one stranger, and attempts to be forgotten. */
#include "app/server/base/fair_queue.h"

#include "tests/test.h"

#define MS UINT64_C(1000)
#define SECOND UINT64_C(1000000)
#define HASH (80 * MS)
#define MOST 4096
#define REMEMBERED 256

struct play {
    struct fair_queue *f;
    uint64_t now;
    struct job jobs[MOST];
    uint8_t addresses[MOST][SOCK_KEY_LEN];
    size_t len;
};

static void play_begin(struct play *p, size_t accounts)
{
    p->f = fair_queue_new(accounts, UINT64_C(0x123456789abcdef1));
    assert_non_null(p->f);
    p->now = 1000 * SECOND;
    p->len = 0;
}

static void run_many(struct job *const jobs[], size_t n, struct rng *rng)
{
    (void)jobs;
    (void)n;
    (void)rng;
}

static struct job *put(struct play *p, const uint8_t address[SOCK_KEY_LEN], struct job job)
{
    assert_in_range(p->len, 0, MOST - 1);
    size_t i = p->len++;
    p->jobs[i] = job;
    if (address != NULL) {
        memcpy(p->addresses[i], address, SOCK_KEY_LEN);
        p->jobs[i].address = p->addresses[i];
    }
    fair_queue_put(p->f, &p->jobs[i], p->now);
    return &p->jobs[i];
}

/* Each in a network of its own: 10.a.b.1. */
static const uint8_t *ipv4(unsigned n)
{
    static uint8_t address[SOCK_KEY_LEN];
    const uint8_t bytes[SOCK_KEY_LEN] = {0, 0, 0, 0, 10, (uint8_t)(n >> 8), (uint8_t)n, 1};
    memcpy(address, bytes, sizeof address);
    return address;
}

/* 2001:db8:SITE:HOME NET::/64. */
static const uint8_t *ipv6(uint8_t site, uint8_t home, uint8_t net)
{
    static uint8_t address[SOCK_KEY_LEN];
    const uint8_t bytes[SOCK_KEY_LEN] = {0x20, 0x01, 0x0d, 0xb8, 0, site, home, net};
    memcpy(address, bytes, sizeof address);
    return address;
}

static struct job *put_slow(struct play *p, const uint8_t address[SOCK_KEY_LEN])
{
    return put(p, address, (struct job){.slow = true});
}

static struct job *put_quick(struct play *p, const uint8_t address[SOCK_KEY_LEN])
{
    return put(p, address, (struct job){.slow = false});
}

static struct job *put_alike(struct play *p, const uint8_t address[SOCK_KEY_LEN])
{
    return put(p, address, (struct job){.slow = true, .run_many = run_many, .many_least = 4});
}

/* One turn, of a single job. */
static struct job *take(struct play *p)
{
    struct job *jobs[JOB_MANY_MAX];
    assert_int_equal(fair_queue_take(p->f, jobs, p->now), 1);
    return jobs[0];
}

/* The same, and the job is run. */
static struct job *turn(struct play *p, uint64_t took)
{
    struct job *job = take(p);
    p->now += took;
    fair_queue_done(p->f, &job, 1, took, p->now);
    return job;
}

/* A turn of several jobs, which together take as long as two. */
static size_t turn_of_many(struct play *p)
{
    struct job *jobs[JOB_MANY_MAX];
    size_t n = fair_queue_take(p->f, jobs, p->now);
    p->now += 2 * HASH;
    if (n > 0)
        fair_queue_done(p->f, jobs, n, 2 * HASH, p->now);
    return n;
}

static void play_end(struct play *p)
{
    while (turn_of_many(p) > 0)
        ;
    fair_queue_free(p->f);
}

static void test_of_one_address_in_the_order_in_which_they_came(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    for (int i = 0; i < 100; i++)
        put_slow(p, ipv4(1));
    for (int i = 0; i < 100; i++)
        assert_ptr_equal(turn(p, HASH), &p->jobs[i]);
    play_end(p);
}

static void test_of_new_ones_the_first_to_come(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    for (unsigned i = 0; i < 100; i++)
        put_slow(p, ipv4(1 + (i * 37) % 101));
    for (int i = 0; i < 100; i++)
        assert_ptr_equal(turn(p, HASH), &p->jobs[i]);
    play_end(p);
}

/* The point of it all: at any moment of the flood, and with each kind of job. */
static void test_a_newcomer_waits_for_no_flood_of_one_address(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    for (int i = 0; i < 512; i++)
        put_slow(p, ipv4(1));
    turn(p, HASH);
    for (unsigned i = 0; i < 100; i++) {
        struct job *honest = i % 2 ? put_quick(p, ipv4(100 + i)) : put_slow(p, ipv4(100 + i));
        assert_ptr_equal(turn(p, honest->slow ? HASH : MS), honest);
        turn(p, HASH);
    }
    play_end(p);
}

static void test_a_newcomer_waits_for_no_flood_of_64_addresses(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    for (unsigned i = 0; i < 64 * 32; i++)
        put_slow(p, ipv4(i % 64));
    for (int i = 0; i < 64; i++)
        turn(p, HASH);
    for (unsigned i = 0; i < 100; i++) {
        struct job *hello = put_quick(p, ipv4(100 + i));
        assert_ptr_equal(turn(p, MS), hello);
        struct job *login = put_slow(p, ipv4(100 + i));
        assert_ptr_equal(turn(p, HASH), login);
        turn(p, HASH);
    }
    play_end(p);
}

/* Handshakes are counted by what they take: a flood of them makes nobody who did less wait. */
static void test_a_flood_of_handshakes(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    for (int i = 0; i < 1000; i++)
        put_quick(p, ipv4(1));
    for (int i = 0; i < 200; i++)
        turn(p, MS);
    struct job *hello = put_quick(p, ipv4(2));
    assert_ptr_equal(turn(p, MS), hello);
    struct job *login = put_slow(p, ipv4(2));
    assert_ptr_equal(turn(p, HASH), login);
    play_end(p);
}

/* What is under way counts already: otherwise an address with jobs at all workers would be new until one is done. */
static void test_what_is_under_way_counts(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    for (int i = 0; i < 10; i++)
        put_slow(p, ipv4(1));
    struct job *first = take(p);
    struct job *honest = put_slow(p, ipv4(2));
    assert_ptr_equal(take(p), honest);
    p->now += HASH;
    fair_queue_done(p->f, &first, 1, HASH, p->now);
    fair_queue_done(p->f, &honest, 1, HASH, p->now);
    play_end(p);
}

/* A stranger with a /48 has 65,536 networks, but no more turns than somebody with one address. */
static void test_a_network_has_the_turns_of_one(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    struct job *lone[100];
    for (unsigned i = 0; i < 500; i++)
        put_slow(p, ipv6(1, (uint8_t)(i % 16), (uint8_t)(i / 16)));
    for (int i = 0; i < 100; i++)
        lone[i] = put_slow(p, ipv6(2, 0, 0));
    int turns = 0, of_lone = 0;
    for (; of_lone < 100; turns++)
        of_lone += turn(p, HASH) == lone[of_lone];
    assert_in_range(turns, 199, 201);
    play_end(p);
}

/* Nor does a /56 have more turns than the others in the same /48, or a /64 more than the others in a /56. */
static void test_inside_a_network_too(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    for (unsigned i = 0; i < 500; i++)
        put_slow(p, ipv6(1, 7, (uint8_t)(i % 32)));
    for (int i = 0; i < 50; i++)
        turn(p, HASH);
    struct job *neighbour = put_slow(p, ipv6(1, 8, 0));
    assert_ptr_equal(turn(p, HASH), neighbour);
    struct job *inmate = put_slow(p, ipv6(1, 7, 200));
    struct job *elsewhere = put_slow(p, ipv6(2, 0, 0));
    assert_ptr_equal(turn(p, HASH), elsewhere);
    assert_ptr_equal(turn(p, HASH), inmate);
    play_end(p);
}

/* Together they are quicker, but a newcomer would wait for all of them. */
static void test_no_batch_while_somebody_new_waits(void **state)
{
    struct play *p = *state;
    struct job *jobs[JOB_MANY_MAX];
    play_begin(p, REMEMBERED);
    for (int i = 0; i < 40; i++)
        put_alike(p, ipv4(1));
    struct job *honest = put_alike(p, ipv4(2));
    turn(p, HASH); /* of the first; both were new */
    assert_ptr_equal(turn(p, HASH), honest);
    assert_int_equal(turn_of_many(p), JOB_MANY_MAX);
    assert_int_equal(fair_queue_take(p->f, jobs, p->now), JOB_MANY_MAX);
    honest = put_alike(p, ipv4(3)); /* while they are under way */
    for (int i = 0; i < 20; i++)
        put_alike(p, ipv4(3));
    p->now += 2 * HASH;
    fair_queue_done(p->f, jobs, JOB_MANY_MAX, 2 * HASH, p->now);
    assert_ptr_equal(turn(p, HASH), honest); /* and not in a batch itself */
    play_end(p);
}

static void test_our_own_go_first_of_all(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    put_slow(p, ipv4(1));
    put_quick(p, ipv4(2));
    struct job *own = put_quick(p, NULL);
    assert_ptr_equal(turn(p, 1000 * MS), own);
    own = put_quick(p, NULL);
    assert_ptr_equal(turn(p, MS), own);
    play_end(p);
}

static void test_the_past_fades(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    for (int i = 0; i < 100; i++)
        put_slow(p, ipv4(1));
    for (int i = 0; i < 100; i++)
        turn(p, HASH);
    p->now += 60 * SECOND;
    put_slow(p, ipv4(1));
    struct job *honest = put_slow(p, ipv4(2));
    assert_ptr_equal(turn(p, HASH), honest); /* not so soon */
    turn(p, HASH);
    p->now += 3600 * SECOND;
    struct job *forgiven = put_slow(p, ipv4(1));
    put_slow(p, ipv4(3));
    assert_ptr_equal(turn(p, HASH), forgiven); /* as new as the other, and earlier */
    play_end(p);
}

/* A hog has a second of work done, and then so many have more that its account is among the smallest, and is dropped.
 * An address that had half as much, and is not dropped as it has a job under way, still goes before the hog. */
static void test_the_past_is_not_washed_out(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    put_quick(p, ipv4(1));
    turn(p, SECOND);
    put_quick(p, ipv4(2));
    turn(p, SECOND / 2);
    put_quick(p, ipv4(2));
    struct job *held = take(p);
    for (unsigned i = 0; i < 3 * REMEMBERED; i++) {
        put_quick(p, ipv4(1000 + i));
        struct job *job = take(p);
        fair_queue_done(p->f, &job, 1, 100 * SECOND, p->now); /* by many workers: no time passes */
    }
    put_slow(p, ipv4(1));
    struct job *second = put_slow(p, ipv4(2));
    assert_ptr_equal(turn(p, HASH), second);
    fair_queue_done(p->f, &held, 1, MS, p->now);
    play_end(p);
}

/* A flood of addresses that do little does not drop one that did much. */
static void test_small_ones_are_forgotten_first(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    put_quick(p, ipv4(1));
    turn(p, 10 * SECOND);
    for (unsigned i = 0; i < 4 * REMEMBERED; i++) {
        put_quick(p, ipv4(1000 + i));
        turn(p, 1);
    }
    put_slow(p, ipv4(1));
    struct job *honest = put_slow(p, ipv4(2));
    assert_ptr_equal(turn(p, HASH), honest);
    play_end(p);
}

/* A school that has had many turns does not wait until somebody who begins a flood has had as many. */
static void test_one_that_had_much_has_turns(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    for (int i = 0; i < 300; i++)
        put_slow(p, ipv4(1));
    for (int i = 0; i < 300; i++)
        turn(p, HASH);
    struct job *school[40];
    for (int i = 0; i < 40; i++)
        school[i] = put_slow(p, ipv4(1));
    for (int i = 0; i < 300; i++)
        put_slow(p, ipv4(2));
    int of_school = 0;
    for (int i = 0; of_school < 40 && i < 100; i++)
        of_school += turn(p, HASH) == school[of_school];
    assert_int_equal(of_school, 40);
    play_end(p);
}

/* Addresses whose jobs wait or are under way are never dropped, however many they are. */
static void test_more_addresses_than_are_remembered(void **state)
{
    struct play *p = *state;
    play_begin(p, 8);
    for (unsigned i = 0; i < 100; i++) {
        put_slow(p, ipv4(i));
        put_slow(p, ipv4(i));
    }
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(fair_queue_slow_of(p->f, ipv4(i)), 2);
    for (unsigned i = 0; i < 100; i++)
        assert_ptr_equal(turn(p, HASH), &p->jobs[2 * i]);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal((turn(p, HASH) - p->jobs) % 2, 1);
    play_end(p);
}

static void test_what_an_address_has_waiting(void **state)
{
    struct play *p = *state;
    play_begin(p, REMEMBERED);
    assert_int_equal(fair_queue_slow_of(p->f, ipv6(1, 2, 3)), 0);
    put_slow(p, ipv6(1, 2, 3));
    put_slow(p, ipv6(1, 2, 3));
    put_quick(p, ipv6(1, 2, 3));
    put_slow(p, ipv6(1, 2, 4));
    assert_int_equal(fair_queue_slow_of(p->f, ipv6(1, 2, 3)), 2);
    turn(p, MS);
    assert_int_equal(fair_queue_slow_of(p->f, ipv6(1, 2, 3)), 2);
    struct job *job = take(p), *second = take(p), *third = take(p);
    assert_int_equal(fair_queue_slow_of(p->f, ipv6(1, 2, 3)), 2); /* under way */
    fair_queue_done(p->f, &job, 1, HASH, p->now);
    fair_queue_done(p->f, &second, 1, HASH, p->now);
    fair_queue_done(p->f, &third, 1, HASH, p->now);
    assert_int_equal(fair_queue_slow_of(p->f, ipv6(1, 2, 3)), 0);
    play_end(p);
}

/* Whatever comes in whatever order: each job has its turn once, and no address that never had one is passed over for
 * one that had. */
static void test_any_sequence(void **state)
{
    struct play *p = *state;
    for (uint32_t seed = 1; seed <= 40; seed++) {
        uint32_t random = seed;
        bool had[256] = {false};
        size_t waits[256] = {0}, turns = 0;
        play_begin(p, REMEMBERED);
        for (int i = 0; i < 2000; i++) {
            struct job *jobs[JOB_MANY_MAX];
            random = random * 1664525 + 1013904223;
            unsigned who = (random >> 28) * (random >> 24 & 15); /* some often, many seldom */
            if (random >> 8 & 1) {
                put(p, ipv4(who), (struct job){.slow = random >> 9 & 1});
                waits[who]++;
            } else if (fair_queue_take(p->f, jobs, p->now) == 1) {
                who = jobs[0]->address[6];
                assert_in_range(waits[who]--, 1, MOST);
                for (unsigned other = 0; had[who] && other < 256; other++)
                    assert_true(had[other] || waits[other] == 0);
                had[who] = true;
                p->now += MS;
                fair_queue_done(p->f, jobs, 1, 1 + (random >> 10 & 0x3ff), p->now);
                turns++;
            }
        }
        for (; turns < p->len; turns++)
            turn(p, MS);
        assert_int_equal(turn_of_many(p), 0);
        play_end(p);
    }
}

/* First, last, in the middle, all: the rest go on in their order. */
static void test_one_that_withdraws_has_no_turn(void **state)
{
    struct play *p = *state;
    for (unsigned gone = 0; gone < 32; gone++) {
        play_begin(p, REMEMBERED);
        for (unsigned i = 0; i < 5; i++)
            put_slow(p, ipv4(1));
        for (unsigned i = 0; i < 5; i++)
            if (gone >> i & 1) {
                assert_true(fair_queue_withdraw(&p->jobs[i]));
                assert_true(p->jobs[i].withdrawn);
                assert_false(fair_queue_withdraw(&p->jobs[i]));
            }
        put_slow(p, ipv4(1));
        for (unsigned i = 0; i < 6; i++)
            if (!(gone >> i & 1))
                assert_ptr_equal(turn(p, HASH), &p->jobs[i]);
        assert_int_equal(turn_of_many(p), 0);
        assert_int_equal(fair_queue_slow_of(p->f, ipv4(1)), 0);
        play_end(p);
    }
}

/* Nor do whole addresses, in whatever order, one network in another: the tree keeps none that has nothing to do. */
static void test_addresses_withdraw(void **state)
{
    struct play *p = *state;
    for (unsigned order = 0; order < 8; order++) {
        play_begin(p, REMEMBERED);
        for (uint8_t i = 0; i < 8; i++)
            put_quick(p, ipv6(i & 1, i >> 1 & 1, i >> 2));
        for (unsigned i = 0; i < 7; i++)
            assert_true(fair_queue_withdraw(&p->jobs[i ^ order]));
        assert_ptr_equal(turn(p, MS), &p->jobs[7 ^ order]);
        assert_int_equal(turn_of_many(p), 0);
        play_end(p);
    }
}

static void test_a_turn_can_not_be_withdrawn(void **state)
{
    struct play *p = *state;
    struct job never = {.slow = true};
    play_begin(p, REMEMBERED);
    assert_false(fair_queue_withdraw(&never));
    struct job *own = put_quick(p, NULL), *job = put_slow(p, ipv4(1));
    assert_false(fair_queue_withdraw(own)); /* a write to the disk, say */
    assert_ptr_equal(turn(p, MS), own);
    assert_ptr_equal(take(p), job);
    assert_false(fair_queue_withdraw(job));
    fair_queue_done(p->f, &job, 1, HASH, p->now);
    assert_false(fair_queue_withdraw(job));
    assert_false(job->withdrawn);
    play_end(p);
}

/* Each job is taken or withdrawn, once. */
static void test_any_sequence_of_withdrawals(void **state)
{
    struct play *p = *state;
    for (uint32_t seed = 1; seed <= 40; seed++) {
        uint32_t random = seed;
        struct job *jobs[JOB_MANY_MAX];
        size_t taken = 0, withdrawn = 0;
        play_begin(p, 8);
        for (int i = 0; i < 2000; i++) {
            random = random * 1664525 + 1013904223;
            if (random >> 31)
                put(p, ipv6(random >> 8 & 3, random >> 10 & 3, 0), (struct job){.slow = random >> 14 & 1});
            else if (random >> 30 && p->len > 0)
                withdrawn += fair_queue_withdraw(&p->jobs[(random >> 8) % p->len]);
            else if (fair_queue_take(p->f, jobs, p->now) == 1) {
                assert_false(jobs[0]->withdrawn);
                fair_queue_done(p->f, jobs, 1, HASH, p->now += HASH);
                taken++;
            }
        }
        assert_in_range(withdrawn, 100, p->len);
        for (; fair_queue_take(p->f, jobs, p->now) == 1; taken++)
            fair_queue_done(p->f, jobs, 1, HASH, p->now);
        assert_int_equal(taken + withdrawn, p->len);
        play_end(p);
    }
}

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct play));
    return *state == NULL;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_of_one_address_in_the_order_in_which_they_came),
        TEST(test_of_new_ones_the_first_to_come),
        TEST(test_a_newcomer_waits_for_no_flood_of_one_address),
        TEST(test_a_newcomer_waits_for_no_flood_of_64_addresses),
        TEST(test_a_flood_of_handshakes),
        TEST(test_what_is_under_way_counts),
        TEST(test_a_network_has_the_turns_of_one),
        TEST(test_inside_a_network_too),
        TEST(test_no_batch_while_somebody_new_waits),
        TEST(test_our_own_go_first_of_all),
        TEST(test_the_past_fades),
        TEST(test_the_past_is_not_washed_out),
        TEST(test_small_ones_are_forgotten_first),
        TEST(test_one_that_had_much_has_turns),
        TEST(test_more_addresses_than_are_remembered),
        TEST(test_what_an_address_has_waiting),
        TEST(test_any_sequence),
        TEST(test_one_that_withdraws_has_no_turn),
        TEST(test_addresses_withdraw),
        TEST(test_a_turn_can_not_be_withdrawn),
        TEST(test_any_sequence_of_withdrawals),
    };
    return RUN(tests);
}
