/* SPDX-License-Identifier: MIT */
/* What the protocol leaves on the stack (tests/leftovers.h): of payloads, a recorded key, and a step of a call. */
#include <unistd.h>

#include "app/dissect/recording.h"
#include "crypto/rng.h"
#include "crypto/sha256_impl.h"
#include "net/ratchet.h"
#include "net/record.h"
#include "tests/fill.h"
#include "tests/leftovers.h"
#include "tests/test.h"

/* All that the work on that stack reads and writes; none of it is on the stack itself. */
static struct {
    uint8_t mac_key[32], in[500];
    struct rng rng;
    int opened;
} job;

static int set_up(void **state)
{
    fill(job.mac_key, sizeof job.mac_key, 1);
    fill(job.in, sizeof job.in, 2);
    rng_init(&job.rng);
    return leftovers_set_up(state);
}

/* --- Records ------------------------------------------------------------------------------------------------------ */

static struct record directions[2];
static uint8_t frames[2][1024];

static void record_many(void)
{
    struct record_one one[2];
    for (size_t j = 0; j < 2; j++)
        one[j] = (struct record_one){.r = &directions[j], .frame = frames[j], .frame_cap = sizeof frames[j]};
    record_seal_many(one, 2, &job.rng, CONTENT_APPLICATION, job.in, 500);
    job.opened = one[0].err == NET_OK && one[1].err == NET_OK;
}

static void test_record_many(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    for (size_t j = 0; j < 2; j++)
        record_init(&directions[j], SUITE_AES128, job.mac_key, NULL);
    leftovers_run(record_many);
    assert_true(job.opened);
    leftovers_expect_none("record_seal_many", "its payload", job.in, 496);
    /* After the content type the words are not aligned. */
    leftovers_expect_none("record_seal_many", "its payload", job.in + 7, 488);
}

/* --- A step of a call --------------------------------------------------------------------------------------------- */

static struct {
    struct ratchet caller, callee, *side;
    uint8_t z[DH_PUBLIC_MAX_LEN], t[HKDF_PRK_LEN], root_before[HKDF_PRK_LEN], x[DH_PRIVATE_MAX_LEN];
    size_t z_len, x_len;
} step;

/* What is gone when the step is over is kept here, from what is told on the way. */
static void keep(void *arg, const char *name, const uint8_t *data, size_t len)
{
    (void)arg;
    if (strcmp(name, "step_Z") == 0)
        memcpy(step.z, data, step.z_len = len);
    else if (strcmp(name, "step_t") == 0)
        memcpy(step.t, data, len);
    else if (strcmp(name, "step_private") == 0)
        memcpy(step.x, data, step.x_len = len);
}

static void work(void)
{
    ratchet_work(step.side, &job.rng);
}

/* One step, from `from` to `to`. What `looked_at`, one of the two, computes for it is run on that stack. */
static void make_step(struct ratchet *from, struct ratchet *to, struct ratchet *looked_at)
{
    uint8_t payload[RATCHET_STEP_MAX];
    memcpy(step.root_before, looked_at->root, sizeof step.root_before);
    step.side = from;
    ratchet_make(from);
    if (looked_at == from)
        leftovers_run(work);
    else
        work();
    if (looked_at == to)
        memcpy(step.x, to->latest.x, step.x_len); /* which ends with the step */
    assert_int_equal(ratchet_take(to, payload, ratchet_payload(from, payload)), 0);
    step.side = to;
    if (looked_at == to)
        leftovers_run(work);
    else
        work();
    assert_false(to->failed);
    assert_memory_equal(from->root, to->root, sizeof to->root);
}

static void steps_done(void)
{
    ratchet_done(&step.caller);
    ratchet_done(&step.callee);
}

/* Numbers are bytes, first the most significant, and limbs, in the other order. The limb that was converted last may be
 * in a register, and a place or two on the stack where the next functions save that: 64 bits of a number of 3,072. */
static void expect_no_number(const char *what, const char *by, const uint8_t *number, size_t len)
{
    uint8_t reversed[DH_PUBLIC_MAX_LEN];
    for (size_t i = 0; i < len; i++)
        reversed[i] = number[len - 1 - i];
    leftovers_expect_none(what, by, number, len);
    if (leftovers_found(reversed, len) > 2)
        fail_msg("%s (%s): its limbs are left on the stack", what, by);
}

static void expect_nothing_of_the_step(const char *by, const struct ratchet *looked_at)
{
    expect_no_number("ratchet_work: Z", by, step.z, step.z_len);
    expect_no_number("ratchet_work: a private exponent", by, step.x, step.x_len);
    leftovers_expect_none("ratchet_work: t", by, step.t, sizeof step.t);
    leftovers_expect_none("ratchet_work: the root before", by, step.root_before, sizeof step.root_before);
    leftovers_expect_none("ratchet_work: the root", by, looked_at->root, sizeof looked_at->root);
    leftovers_expect_none("ratchet_work: the secret", by, looked_at->secret, sizeof looked_at->secret);
    steps_done();
}

/* Step 0 has no Z; the next two are made and taken, each computed once on that stack. */
static void test_ratchet(void **state)
{
    (void)state;
    static const struct trace trace = {keep, NULL};
    uint8_t root[HKDF_PRK_LEN];
    if (!leftovers_can_look() || sha256_fastest() == &sha256_unrolled) /* as test_hkdf of tests/test_leftovers.c */
        skip();
    fill(root, sizeof root, 3);
    ratchet_init(&step.caller, dh_group(DH_FFDHE3072), true, root, &trace);
    ratchet_init(&step.callee, dh_group(DH_FFDHE3072), false, root, &trace);
    make_step(&step.caller, &step.callee, &step.caller);
    steps_done();
    /* A library's first call of each function is resolved by the linker, which puts all registers on the stack: in the
     * step before this, and in this. */
    make_step(&step.callee, &step.caller, &step.caller);
    steps_done();
    make_step(&step.caller, &step.callee, &step.caller);
    expect_nothing_of_the_step("made", &step.caller);
    make_step(&step.callee, &step.caller, &step.caller);
    expect_nothing_of_the_step("taken", &step.caller);
}

/* --- A recording -------------------------------------------------------------------------------------------------- */

static struct recording recording;
static char key_line[] = "glasschat recording 1\nrole client\nserver h:1\nbegan 1\n0.000000 mac_key "
                         "0000000000000000000000000000000000000000000000000000000000000000\n";
#define KEY_HEX (key_line + sizeof key_line - 2 - 64) /* the 64 digits */

static void write_key(void)
{
    trace_event(&recording.trace, "mac_key", job.mac_key, sizeof job.mac_key);
}

static void pass_over(void *arg, const struct recording_event *e)
{
    (void)arg, (void)e;
}

static void read_key(void)
{
    struct recording_info info;
    static char why[WHY_LEN];
    job.opened = recording_parse(&info, key_line, sizeof key_line - 1, pass_over, NULL, why);
}

/* Neither the key nor its digits, which may begin anywhere. */
static void expect_no_key_line(const char *by)
{
    leftovers_expect_none("recording", by, job.mac_key, sizeof job.mac_key);
    for (size_t i = 0; i < 4; i++)
        leftovers_expect_none("recording", by, KEY_HEX + i, 64 - 8);
}

static void test_recording(void **state)
{
    (void)state;
    char path[] = "/tmp/glasschat-test-XXXXXX", why[WHY_LEN];
    if (!leftovers_can_look())
        skip();
    hex_encode(KEY_HEX, job.mac_key, sizeof job.mac_key);
    KEY_HEX[64] = '\n';
    close(mkstemp(path));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(recording_create(&recording, path, "client", "h:1", why), 0);
    leftovers_run(write_key);
    expect_no_key_line("written");
    assert_int_equal(recording_close(&recording, true, why), 0);
    assert_int_equal(unlink(path), 0);
    leftovers_run(read_key);
    expect_no_key_line("read");
    assert_int_equal(job.opened, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_many),
        cmocka_unit_test(test_ratchet),
        cmocka_unit_test(test_recording),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
