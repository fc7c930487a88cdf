/* SPDX-License-Identifier: MIT */
/* What is written to the peers' file: who was met, compared and trusted, and nobody else's line is lost, even if
 * several write at the same time, a program is killed, or a disk fails. */
#include "tests/peers_lines.h"

#define HEAD "# one line a peer: its server, its name, new or compared, the fingerprint of its key\n"

static uint8_t fp_a[CERTIFICATE_FINGERPRINT_LEN]; /* FP_A */

static void fingerprint_of(uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN], uint8_t byte)
{
    memset(fp, byte, CERTIFICATE_FINGERPRINT_LEN);
}

static void assert_file(void **state, const char *expected)
{
    size_t len;
    char *text = scratch_read(state, PEERS_FILE, &len);
    assert_string_equal(text, expected);
    free(text);
}

static void assert_peer(const struct peers *p, const char *name, enum peer_state is, uint8_t byte)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    const struct peer *peer = peers_find(p, name);
    fingerprint_of(fp, byte);
    assert_non_null(peer);
    assert_int_equal(peers_state(peer), is);
    assert_memory_equal(peer->fingerprint, fp, sizeof fp);
}

static void test_met_then_compared(void **state)
{
    char why[WHY_LEN] = "", home[300];
    uint8_t fp[2][CERTIFICATE_FINGERPRINT_LEN];
    struct peers p;
    fingerprint_of(fp[0], 1);
    fingerprint_of(fp[1], 2);
    snprintf(home, sizeof home, "%s/home", scratch_path(state));
    assert_int_equal(peers_load(&p, home, SERVER, why), 0);
    assert_int_equal(peers_met(&p, "bob", fp[0], why), 0);
    assert_peer(&p, "bob", PEER_NEW, 1);
    assert_int_equal(peers_met(&p, "bob", fp[0], why), 0);
    assert_int_equal(peers_met(&p, "ann", fp[1], why), 0);
    assert_int_equal(peers_compared(&p, "bob", fp[0], why), 0);
    assert_int_equal(peers_met(&p, "bob", fp[0], why), 0); /* which takes nothing back */
    assert_int_equal(peers_compared(&p, "carl", fp[1], why), 0);
    assert_peer(&p, "bob", PEER_COMPARED, 1);
    assert_peer(&p, "ann", PEER_NEW, 2);
    assert_peer(&p, "carl", PEER_COMPARED, 2);
    assert_int_equal(p.total, 3);
    size_t len;
    char *text = scratch_read(state, "home/" PEERS_FILE, &len);
    assert_string_equal(text, HEAD SERVER " bob compared " FP_A "\n" SERVER " ann new " FP_B "\n" SERVER
                                          " carl compared " FP_B "\n");
    free(text);
    assert_mode(state, "home", 0700);
    assert_mode(state, "home/" PEERS_FILE, 0600);
    peers_free(&p);
}

/* Comments, other servers' lines and line ends stay as they are, byte for byte. */
static void test_all_other_lines_stay(void **state)
{
    char why[WHY_LEN] = "";
    struct peers p = load(state, "# mine\r\n\r\n" OTHER " bob new " FP_B "\r\n" SERVER " bob new " FP_A "\r\n" SERVER
                                 " zoe new " FP_B);
    assert_int_equal(peers_compared(&p, "bob", fp_a, why), 0);
    assert_int_equal(peers_met(&p, "ann", fp_a, why), 0);
    assert_file(state, "# mine\r\n\r\n" OTHER " bob new " FP_B "\r\n" SERVER " bob compared " FP_A "\n" SERVER
                       " zoe new " FP_B "\n" SERVER " ann new " FP_A "\n");
    assert_int_equal(p.count, 3);
    assert_int_equal(p.total, 4);
    peers_free(&p);
}

/* Neither a call nor digits that were compared put another key in the place of the one that is kept. */
static void test_another_key_takes_no_place(void **state)
{
    static const char before[] = SERVER " bob new " FP_B "\n";
    char why[WHY_LEN] = "";
    struct peers p = load(state, before);
    assert_int_equal(peers_met(&p, "bob", fp_a, why), -1);
    assert_non_null(strstr(why, "/peers has another key for bob by now: nothing was changed"));
    *why = '\0';
    assert_int_equal(peers_compared(&p, "bob", fp_a, why), -1);
    assert_non_null(strstr(why, "has another key for bob"));
    assert_peer(&p, "bob", PEER_NEW, 2);
    assert_file(state, before);
    peers_free(&p);
}

/* --- Trusting a changed key --------------------------------------------------------------------------------------- */

static void show(struct peers *p, const char *whose)
{
    char why[WHY_LEN];
    enum peer_state is;
    struct certificate c = certificate_by(whose, "bob", whose);
    (void)!peers_decide(p, "bob", &c, NULL, KEYS_NOW, &is, why);
}

static void fingerprint_of_key(uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN], const char *whose)
{
    certificate_fingerprint(fp, keys_identity(whose)->key.n);
}

static void test_trust(void **state)
{
    char why[WHY_LEN] = "";
    uint8_t kept[CERTIFICATE_FINGERPRINT_LEN], shown[CERTIFICATE_FINGERPRINT_LEN], bob[CERTIFICATE_FINGERPRINT_LEN];
    struct peers p = load(state, SERVER " bob compared " FP_A "\n");
    fingerprint_of_key(bob, "bob");
    assert_false(peers_changed(&p, "bob", kept, shown));
    assert_int_equal(peers_trust(&p, "bob", bob, why), -1); /* nothing was refused */
    assert_int_equal(peers_trust(&p, "ann", bob, why), -1);
    show(&p, "bob");
    assert_true(peers_changed(&p, "bob", kept, shown));
    assert_memory_equal(kept, fp_a, sizeof kept);
    assert_memory_equal(shown, bob, sizeof shown);
    assert_int_equal(peers_trust(&p, "bob", fp_a, why), -1); /* not what was shown */
    assert_int_equal(peers_state(peers_find(&p, "bob")), PEER_CHANGED);
    assert_int_equal(peers_trust(&p, "bob", shown, why), 0);
    assert_int_equal(peers_state(peers_find(&p, "bob")), PEER_NEW); /* nobody has compared this one */
    assert_memory_equal(peers_find(&p, "bob")->fingerprint, bob, sizeof bob);
    assert_false(peers_changed(&p, "bob", kept, shown));
    struct certificate c = certificate_by("bob", "bob", "bob");
    assert_file(state, line_of("bob", "new", &c));
    peers_free(&p);
}

/* Swapped again while the user is asked. */
static void test_a_key_that_changes_again_is_not_trusted(void **state)
{
    static const char before[] = SERVER " bob new " FP_A "\n";
    char why[WHY_LEN] = "";
    uint8_t kept[CERTIFICATE_FINGERPRINT_LEN], shown[CERTIFICATE_FINGERPRINT_LEN];
    struct peers p = load(state, before);
    show(&p, "bob");
    assert_true(peers_changed(&p, "bob", kept, shown));
    show(&p, "alice");
    assert_int_equal(peers_trust(&p, "bob", shown, why), -1);
    assert_non_null(strstr(why, "THE KEY OF bob HAS CHANGED AGAIN"));
    assert_file(state, before);
    fingerprint_of_key(shown, "alice");
    assert_int_equal(peers_trust(&p, "bob", shown, why), 0); /* once this one was shown */
    peers_free(&p);
}

/* The key that is kept was met after all: the other one was somebody else's. */
static void test_the_kept_key_comes_back(void **state)
{
    char why[WHY_LEN] = "";
    uint8_t kept[CERTIFICATE_FINGERPRINT_LEN], shown[CERTIFICATE_FINGERPRINT_LEN];
    struct certificate c = certificate_by("alice", "bob", "alice");
    struct peers p = load(state, line_of("bob", "compared", &c));
    show(&p, "bob");
    show(&p, "alice"); /* its certificate alone shows nothing: anybody can send it */
    assert_true(peers_changed(&p, "bob", kept, shown));
    assert_int_equal(peers_met(&p, "bob", kept, why), 0);
    assert_false(peers_changed(&p, "bob", kept, shown));
    assert_int_equal(peers_state(peers_find(&p, "bob")), PEER_COMPARED);
    peers_free(&p);
}

/* What was refused is remembered though another peer's line is changed, and the list with it. */
static void test_a_refused_key_stays_refused(void **state)
{
    char why[WHY_LEN] = "";
    uint8_t kept[CERTIFICATE_FINGERPRINT_LEN], shown[CERTIFICATE_FINGERPRINT_LEN];
    struct peers p = load(state, SERVER " bob new " FP_A "\n");
    show(&p, "bob");
    assert_int_equal(peers_met(&p, "ann", fp_a, why), 0);
    assert_true(peers_changed(&p, "bob", kept, shown));
    assert_int_equal(peers_trust(&p, "bob", shown, why), 0);
    peers_free(&p);
}

/* --- Two clients -------------------------------------------------------------------------------------------------- */

/* One has met bob since the other looked; and trusts what the other is asked about. */
static void test_what_another_client_has_written(void **state)
{
    char why[WHY_LEN] = "";
    uint8_t kept[CERTIFICATE_FINGERPRINT_LEN], shown[CERTIFICATE_FINGERPRINT_LEN], b[CERTIFICATE_FINGERPRINT_LEN];
    struct peers p = load(state, ""), q;
    fingerprint_of(b, 2);
    assert_int_equal(peers_load(&q, scratch_path(state), SERVER, why), 0);
    assert_int_equal(peers_met(&p, "bob", b, why), 0);
    assert_int_equal(peers_met(&q, "bob", fp_a, why), -1); /* new to this one, and another key */
    assert_peer(&q, "bob", PEER_NEW, 2);                   /* it knows better now */
    assert_int_equal(peers_met(&q, "bob", b, why), 0);
    assert_int_equal(peers_compared(&q, "bob", b, why), 0);
    assert_int_equal(peers_met(&p, "ann", b, why), 0);
    assert_peer(&p, "bob", PEER_COMPARED, 2);

    show(&p, "bob");
    assert_true(peers_changed(&p, "bob", kept, shown));
    show(&q, "alice");
    fingerprint_of_key(b, "alice");
    assert_int_equal(peers_trust(&q, "bob", b, why), 0);
    assert_int_equal(peers_trust(&p, "bob", shown, why), -1); /* in the place of another key than the user saw */
    assert_non_null(strstr(why, "has another key for bob by now"));
    show(&q, "bob");
    assert_int_equal(peers_trust(&q, "bob", shown, why), 0);
    assert_int_equal(peers_compared(&q, "bob", shown, why), 0);
    assert_int_equal(peers_trust(&p, "bob", shown, why), 0); /* it is what is kept by now, and more */
    assert_int_equal(peers_state(peers_find(&p, "bob")), PEER_COMPARED);
    peers_free(&p);
    peers_free(&q);
}

#define WRITERS 4
#define EACH 12

static void test_nobody_loses_a_peer_to_another(void **state)
{
    char why[WHY_LEN] = "", name[32];
    pid_t child[WRITERS];
    for (int w = 0; w < WRITERS; w++) {
        child[w] = fork();
        assert_true(child[w] >= 0);
        if (child[w] == 0) {
            struct peers p;
            int failed = peers_load(&p, scratch_path(state), w % 2 ? SERVER : OTHER, why);
            for (int i = 0; i < EACH && failed == 0; i++) {
                snprintf(name, sizeof name, "w%d-%d", w, i);
                failed |= peers_met(&p, name, fp_a, why) != 0 || peers_compared(&p, name, fp_a, why) != 0;
            }
            _exit(failed != 0);
        }
    }
    for (int w = 0; w < WRITERS; w++) {
        int status;
        assert_int_equal(waitpid(child[w], &status, 0), child[w]);
        assert_int_equal(status, 0);
    }
    for (int w = 0; w < WRITERS; w++) {
        struct peers p;
        assert_int_equal(peers_load(&p, scratch_path(state), w % 2 ? SERVER : OTHER, why), 0);
        assert_int_equal(p.total, WRITERS * EACH);
        for (int i = 0; i < EACH; i++) {
            snprintf(name, sizeof name, "w%d-%d", w, i);
            assert_peer(&p, name, PEER_COMPARED, 1);
        }
        peers_free(&p);
    }
}

/* --- Files that are damaged, disks that fail, programs that are killed -------------------------------------------- */

/* A file that was damaged meanwhile is not written over, and what was known stays known. */
static void test_a_damaged_file_is_not_written_over(void **state)
{
    static const char damaged[] = SERVER " bob new " FP_A "\n" SERVER " bob\n";
    char why[WHY_LEN] = "";
    struct peers p = load(state, SERVER " bob new " FP_A "\n");
    scratch_write(state, PEERS_FILE, damaged, strlen(damaged));
    assert_int_equal(peers_met(&p, "ann", fp_a, why), -1);
    assert_non_null(strstr(why, "line 2 is damaged"));
    assert_int_equal(peers_compared(&p, "bob", fp_a, why), -1);
    assert_file(state, damaged);
    assert_peer(&p, "bob", PEER_NEW, 1);
    peers_free(&p);
}

static void test_a_file_of_the_greatest_length(void **state)
{
    char why[WHY_LEN] = "", *text = malloc(PEERS_FILE_MAX + 1);
    assert_non_null(text);
    memset(text, '#', PEERS_FILE_MAX);
    text[PEERS_FILE_MAX] = '\0';
    struct peers p = load(state, text);
    assert_int_equal(peers_met(&p, "bob", fp_a, why), -1); /* or nothing could be read any more */
    assert_non_null(strstr(why, strerror(EFBIG)));
    assert_null(peers_find(&p, "bob"));
    peers_free(&p);
    assert_int_equal(peers_load(&p, scratch_path(state), SERVER, why), 0);
    free(text);
}

#define BEFORE HEAD SERVER " bob new " FP_A "\n" OTHER " bob new " FP_B "\n"
#define AFTER HEAD SERVER " bob compared " FP_A "\n" OTHER " bob new " FP_B "\n"

static void compare(void *arg)
{
    struct peers *p = arg;
    char why[WHY_LEN];
    (void)!peers_compared(p, "bob", fp_a, why);
}

static void test_killed_at_any_step(void **state)
{
    struct peers p = load(state, BEFORE);
    int step = 1, before = 0;
    for (; killed_at(step, compare, &p); step++) {
        size_t len;
        char *text = scratch_read(state, PEERS_FILE, &len);
        if (strcmp(text, AFTER) != 0) {
            assert_string_equal(text, BEFORE);
            before++;
        }
        free(text);
        struct peers again = load(state, BEFORE);
        compare(&again); /* what the dead one left stands in nobody's way */
        assert_file(state, AFTER);
        assert_false(is_there(state, PEERS_FILE ".new"));
        scratch_write(state, PEERS_FILE, BEFORE, strlen(BEFORE));
        peers_free(&again);
    }
    assert_true(step > 4 && before >= 3);
    assert_file(state, AFTER);
    peers_free(&p);
}

static void test_a_disk_that_fails_at_any_step(void **state)
{
    int step = 1;
    for (bool failed = true; failed; step++) {
        char why[WHY_LEN] = "";
        struct peers p = load(state, BEFORE);
        disk_fails_at(step, ENOSPC);
        int result = peers_compared(&p, "bob", fp_a, why);
        failed = disk_works();
        assert_int_equal(result, failed ? -1 : 0);
        assert_peer(&p, "bob", failed ? PEER_NEW : PEER_COMPARED, 1);
        if (failed)
            assert_non_null(strstr(why, strerror(ENOSPC)));
        if (step < 5) /* all but the last one, which syncs the folder */
            assert_file(state, failed ? BEFORE : AFTER);
        peers_free(&p);
    }
    assert_true(step > 5);
}

static void test_a_link_in_the_new_file_s_place(void **state)
{
    char why[WHY_LEN] = "";
    size_t len;
    struct peers p = load(state, "");
    scratch_write(state, "elsewhere", "left", 4);
    assert_int_equal(symlinkat("elsewhere", scratch_fd(state), PEERS_FILE ".new"), 0);
    assert_int_equal(peers_met(&p, "bob", fp_a, why), 0);
    char *text = scratch_read(state, "elsewhere", &len);
    assert_string_equal(text, "left");
    free(text);
    peers_free(&p);
}

int main(void)
{
    rng_init(&rng);
    memset(fp_a, 1, sizeof fp_a);
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_met_then_compared),
        WITH_FOLDER(test_all_other_lines_stay),
        WITH_FOLDER(test_another_key_takes_no_place),
        WITH_FOLDER(test_trust),
        WITH_FOLDER(test_a_key_that_changes_again_is_not_trusted),
        WITH_FOLDER(test_the_kept_key_comes_back),
        WITH_FOLDER(test_a_refused_key_stays_refused),
        WITH_FOLDER(test_what_another_client_has_written),
        WITH_FOLDER(test_nobody_loses_a_peer_to_another),
        WITH_FOLDER(test_a_damaged_file_is_not_written_over),
        WITH_FOLDER(test_a_file_of_the_greatest_length),
        WITH_FOLDER(test_killed_at_any_step),
        WITH_FOLDER(test_a_disk_that_fails_at_any_step),
        WITH_FOLDER(test_a_link_in_the_new_file_s_place),
    };
    return RUN(tests);
}
