/* SPDX-License-Identifier: MIT */
/* The peers' file: what is read in it, what is decided by it, and what it is refused for. What is written to it:
 * test_peers_changes.c. */
#include "tests/peers_lines.h"

static int parse(struct peers *p, const char *text, size_t len, size_t *line)
{
    *p = (struct peers){.server = SERVER};
    return peers_parse(p, text, len, line);
}

static void test_what_is_read(void **state)
{
    static const char text[] = "# mine\n\n" SERVER " zoe new " FP_A "\n" OTHER " bob compared " FP_B "\n" SERVER
                               " bob compared " FP_B "\r\n#" SERVER " carl new " FP_A "\n" SERVER " b-_9 new " FP_A;
    struct peers p;
    size_t line;
    (void)state;
    assert_int_equal(parse(&p, text, strlen(text), &line), 0);
    assert_int_equal(p.count, 3);
    assert_int_equal(p.total, 4);
    static const char *const names[] = {"b-_9", "bob", "zoe"}; /* by their bytes */
    static const size_t lines[] = {7, 5, 3};
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(p.list[i].name, names[i]);
        assert_int_equal(p.list[i].line, lines[i]);
        assert_int_equal(p.list[i].kept, i == 1 ? PEER_COMPARED : PEER_NEW);
        assert_int_equal(p.list[i].fingerprint[0], i == 1 ? 2 : 1);
        assert_int_equal(peers_state(&p.list[i]), p.list[i].kept);
        assert_ptr_equal(peers_find(&p, names[i]), &p.list[i]);
    }
    assert_null(peers_find(&p, "carl"));
    assert_null(peers_find(&p, ""));
    peers_free(&p);
    assert_null(peers_find(&p, "bob"));
    assert_int_equal(parse(&p, "", 0, &line), 0);
    assert_int_equal(p.total, 0);
}

static void test_a_byte_order_mark_hides_no_peer(void **state)
{
    static const char text[] = "\xef\xbb\xbf" SERVER " bob new " FP_A;
    struct peers p;
    size_t line;
    (void)state;
    assert_int_equal(parse(&p, text, strlen(text), &line), 0);
    assert_int_equal(p.count, 1);
    peers_free(&p);
}

static void test_a_damaged_line_refuses_the_file(void **state)
{
    /* clang-format off */
    static const char *const bad[] = {
        SERVER, SERVER " bob", SERVER " bob new", SERVER " bob new ", SERVER " bob " FP_A, SERVER " bob new " FP_A " ",
        SERVER " bob new " FP_A " x", " " SERVER " bob new " FP_A, SERVER "  bob new " FP_A, SERVER " bob  new " FP_A,
        SERVER "\tbob\tnew\t" FP_A, SERVER " bob new " FP_A "\r\r", SERVER " Bob new " FP_A, SERVER " 9bob new " FP_A,
        SERVER " b.b new " FP_A, SERVER " abcdefghijklmnopqrstuvwxyz0123456 new " FP_A, SERVER " bob New " FP_A,
        SERVER " bob newer " FP_A, SERVER " bob ne " FP_A, SERVER " bob vouched " FP_A, SERVER " bob changed " FP_A,
        SERVER " bob compare " FP_A, SERVER " bob new SHA256:AQ==", SERVER " bob new AQEBAQ", "x bob new " FP_A,
        "chat.example bob new " FP_A, "CHAT.example:7447 bob new " FP_A, "chat.example.:7447 bob new " FP_A,
        "chat.example:07447 bob new " FP_A, "chat.example: bob new " FP_A, "127.1:1 bob new " FP_A,
        "::1:1 bob new " FP_A, "[0::1]:1 bob new " FP_A, SERVER " carl new " FP_A, SERVER " carl compared " FP_B};
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[1000];
        struct peers p;
        size_t line;
        snprintf(text, sizeof text, "# mine\n" SERVER " carl new " FP_A "\n%s\n" SERVER " dora\n", bad[i]);
        if (parse(&p, text, strlen(text), &line) == 0 || line != 3)
            fail_msg("line %zu is wrong: %s", line, bad[i]);
        assert_null(p.list);
        assert_int_equal(p.count + p.total, 0);
    }
    struct peers p;
    size_t line;
    static const char nul[] = SERVER " bob\0 new " FP_A, nul_server[] = "chat.example:7447\0x bob new " FP_A;
    assert_int_equal(parse(&p, nul, sizeof nul - 1, &line), -1);
    assert_int_equal(parse(&p, nul_server, sizeof nul_server - 1, &line), -1);
}

/* The first line that is wrong is named, whether it is a second one of a peer or can't be read. */
static void test_the_first_wrong_line_is_named(void **state)
{
    static const char text[] = SERVER " bob new " FP_A "\n" SERVER " ann new " FP_A "\n" SERVER " bob new " FP_A
                                      "\n" SERVER " ann new " FP_A "\n" SERVER " bob new " FP_A "\nwrong\n";
    struct peers p;
    size_t line;
    (void)state;
    assert_int_equal(parse(&p, text, strlen(text), &line), -1);
    assert_int_equal(line, 3);
}

/* Every truncation, and every bit: what can be read then says of nobody but bob and ann. */
static void test_any_byte_changed_or_missing(void **state)
{
    static const char text[] = SERVER " bob compared " FP_A "\n" OTHER " bob new " FP_B "\n" SERVER " ann new " FP_B
                                      "\n";
    char changed[sizeof text];
    size_t line;
    (void)state;
    for (size_t i = 0; i < 9 * (sizeof text - 1); i++) {
        struct peers p;
        size_t at = i % (sizeof text - 1), turn = i / (sizeof text - 1);
        memcpy(changed, text, sizeof text);
        changed[at] ^= turn < 8 ? (char)(1 << turn) : 0;
        if (parse(&p, changed, turn < 8 ? sizeof text - 1 : at, &line) == 0) {
            assert_true(p.total <= 3);
            peers_free(&p);
        } else {
            assert_in_range(line, 1, 4);
        }
    }
}

/* --- Deciding ----------------------------------------------------------------------------------------------------- */

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(peer_state_words(PEER_NEW), "new, not compared");
    assert_string_equal(peer_state_words(PEER_COMPARED), "compared");
    assert_string_equal(peer_state_words(PEER_VOUCHED), "vouched for");
    assert_string_equal(peer_state_words(PEER_CHANGED), "changed");
}

static enum peers_decision decide(struct peers *p, const char *name, const struct certificate *c, bool under_ca,
                                  uint64_t now, enum peer_state *is)
{
    char why[WHY_LEN] = "";
    struct rsa_public ca;
    rsa_public_of(&ca, &keys_identity("authority")->key);
    *is = (enum peer_state)99;
    enum peers_decision decision = peers_decide(p, name, c, under_ca ? &ca : NULL, now, is, why);
    assert_int_equal(decision == PEERS_ACCEPTED, *why == '\0');
    assert_int_equal(decision == PEERS_ACCEPTED, *is != (enum peer_state)99);
    if (decision != PEERS_ACCEPTED)
        assert_ptr_equal(strstr(why, "REFUSED: "), why);
    return decision;
}

/* Without an authority nobody vouches for names and dates but the users themselves. */
static void test_without_an_authority(void **state)
{
    struct peers p = load(state, "");
    enum peer_state is;
    struct certificate c = certificate_by("bob", "bob", "bob"), other = certificate_by("alice", "bob", "alice");
    assert_int_equal(decide(&p, "bob", &c, false, 0, &is), PEERS_ACCEPTED); /* whatever the time is */
    assert_int_equal(is, PEER_NEW);
    assert_int_equal(p.count, 0); /* to decide is not to remember */
    peers_free(&p);
    p = load(state, line_of("bob", "new", &c));
    assert_int_equal(decide(&p, "bob", &c, false, UINT64_MAX, &is), PEERS_ACCEPTED);
    assert_int_equal(is, PEER_NEW);
    assert_int_equal(decide(&p, "bob", &other, false, KEYS_NOW, &is), PEERS_CHANGED);
    assert_int_equal(peers_state(peers_find(&p, "bob")), PEER_CHANGED);
    peers_free(&p);
    p = load(state, line_of("bob", "compared", &c));
    assert_int_equal(decide(&p, "bob", &c, false, KEYS_NOW, &is), PEERS_ACCEPTED);
    assert_int_equal(is, PEER_COMPARED);
    assert_int_equal(decide(&p, "bob", &other, false, KEYS_NOW, &is), PEERS_CHANGED);
    peers_free(&p);
}

/* The key of bob is kept, whoever has certified it: what counts is the key. */
static void test_another_certificate_of_the_same_key(void **state)
{
    enum peer_state is;
    struct certificate self = certificate_by("bob", "bob", "bob"), by_ca = certificate_by("authority", "bob", "bob");
    struct peers p = load(state, line_of("bob", "compared", &self));
    assert_int_equal(decide(&p, "bob", &by_ca, false, KEYS_NOW, &is), PEERS_ACCEPTED);
    assert_int_equal(is, PEER_COMPARED);
    peers_free(&p);
}

static void test_under_an_authority(void **state)
{
    enum peer_state is;
    struct certificate c = certificate_by("authority", "bob", "bob"), self = certificate_by("bob", "bob", "bob");
    struct certificate another = certificate_by("alice", "bob", "bob"), forged = c;
    struct peers p = load(state, "");
    assert_int_equal(decide(&p, "bob", &c, true, KEYS_NOW, &is), PEERS_ACCEPTED);
    assert_int_equal(is, PEER_VOUCHED);
    assert_int_equal(decide(&p, "bob", &c, true, c.not_before, &is), PEERS_ACCEPTED);
    assert_int_equal(decide(&p, "bob", &c, true, c.not_after, &is), PEERS_ACCEPTED);
    assert_int_equal(decide(&p, "bob", &c, true, c.not_before - 1, &is), PEERS_UNVOUCHED);
    assert_int_equal(decide(&p, "bob", &c, true, c.not_after + 1, &is), PEERS_UNVOUCHED);
    assert_int_equal(decide(&p, "bob", &self, true, KEYS_NOW, &is), PEERS_UNVOUCHED);
    assert_int_equal(decide(&p, "bob", &another, true, KEYS_NOW, &is), PEERS_UNVOUCHED);
    forged.not_after++;
    assert_int_equal(decide(&p, "bob", &forged, true, KEYS_NOW, &is), PEERS_UNVOUCHED);
    memcpy(forged.issuer, self.issuer, sizeof forged.issuer);
    assert_int_equal(decide(&p, "bob", &forged, true, KEYS_NOW, &is), PEERS_UNVOUCHED);
    peers_free(&p);
    p = load(state, line_of("bob", "new", &c));
    assert_int_equal(decide(&p, "bob", &c, true, KEYS_NOW, &is), PEERS_ACCEPTED);
    assert_int_equal(is, PEER_VOUCHED);
    peers_free(&p);
    p = load(state, line_of("bob", "compared", &c)); /* which is more than to be vouched for, and refuses no less */
    assert_int_equal(decide(&p, "bob", &c, true, KEYS_NOW, &is), PEERS_ACCEPTED);
    assert_int_equal(is, PEER_COMPARED);
    assert_int_equal(decide(&p, "bob", &self, true, KEYS_NOW, &is), PEERS_UNVOUCHED);
    peers_free(&p);
}

/* A changed key is refused though an authority vouches for it; and what it doesn't vouch for can't be trusted. */
static void test_changed_under_an_authority(void **state)
{
    uint8_t kept[CERTIFICATE_FINGERPRINT_LEN], shown[CERTIFICATE_FINGERPRINT_LEN];
    enum peer_state is;
    struct certificate before = certificate_by("authority", "bob", "alice");
    struct certificate c = certificate_by("authority", "bob", "bob"), self = certificate_by("bob", "bob", "bob");
    struct peers p = load(state, line_of("bob", "new", &before));
    assert_int_equal(decide(&p, "bob", &self, true, KEYS_NOW, &is), PEERS_UNVOUCHED);
    assert_false(peers_changed(&p, "bob", kept, shown));
    assert_int_equal(decide(&p, "bob", &c, true, KEYS_NOW, &is), PEERS_CHANGED);
    assert_true(peers_changed(&p, "bob", kept, shown));
    assert_key(kept, &before);
    assert_key(shown, &c);
    peers_free(&p);
}

/* A server's, another user's, one with the name in another spelling; also where the authority has signed it. */
static void test_what_is_no_certificate_of_that_user(void **state)
{
    struct peers p = load(state, "");
    for (int under_ca = 0; under_ca < 2; under_ca++) {
        enum peer_state is;
        struct certificate server = certificate_by("authority", "bob", "bob");
        server.role = CERTIFICATE_SERVER;
        assert_int_equal(certificate_sign(&server, &keys_identity("authority")->key, &rng), NET_OK);
        struct certificate other = certificate_by("authority", "bobby", "bob");
        struct certificate capital = certificate_by("authority", "Bob", "bob");
        assert_int_equal(decide(&p, "bob", &server, under_ca, KEYS_NOW, &is), PEERS_WRONG);
        assert_int_equal(decide(&p, "bob", &other, under_ca, KEYS_NOW, &is), PEERS_WRONG);
        assert_int_equal(decide(&p, "bob", &capital, under_ca, KEYS_NOW, &is), PEERS_WRONG);
        assert_int_equal(decide(&p, "Bob", &capital, under_ca, KEYS_NOW, &is), PEERS_WRONG);
    }
    peers_free(&p);
}

/* When the file is full nobody new is believed, and whoever is in it is as before; other servers' peers count. */
static void test_a_full_file(void **state)
{
    enum peer_state is;
    char why[WHY_LEN] = "";
    struct certificate c = certificate_by("bob", "bob", "bob"), alice = certificate_by("alice", "alice", "alice");
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    size_t len = 0, cap = (size_t)PEERS_MAX * 100;
    char *text = malloc(cap);
    assert_non_null(text);
    len += (size_t)snprintf(text, cap, "%s", line_of("bob", "new", &c));
    for (int i = 1; i < PEERS_MAX; i++)
        len += (size_t)snprintf(text + len, cap - len, "%s u%d new " FP_A "\n", i % 2 ? SERVER : OTHER, i);
    struct peers p = load(state, text);
    assert_int_equal(p.total, PEERS_MAX);
    assert_int_equal(p.count, PEERS_MAX / 2 + 1);
    assert_int_equal(decide(&p, "bob", &c, false, KEYS_NOW, &is), PEERS_ACCEPTED);
    assert_int_equal(decide(&p, "alice", &alice, false, KEYS_NOW, &is), PEERS_FULL);
    certificate_fingerprint(fp, alice.modulus);
    assert_int_equal(peers_met(&p, "alice", fp, why), -1);
    assert_non_null(strstr(why, "has 10000 lines, as many as it may"));
    assert_int_equal(peers_compared(&p, "alice", fp, why), -1);
    certificate_fingerprint(fp, c.modulus);
    assert_int_equal(peers_compared(&p, "bob", fp, why), 0);
    assert_int_equal(p.total, PEERS_MAX);
    peers_free(&p);
    text[len - 1] = '\0';
    *strrchr(text, '\n') = '\0'; /* one line fewer */
    p = load(state, text);
    assert_int_equal(decide(&p, "alice", &alice, false, KEYS_NOW, &is), PEERS_ACCEPTED);
    peers_free(&p);
    free(text);
}

/* --- What can't be used ------------------------------------------------------------------------------------------- */

static void assert_unusable(void **state, const char *words)
{
    char why[WHY_LEN] = "";
    struct peers p;
    assert_int_equal(peers_load(&p, scratch_path(state), SERVER, why), -1);
    if (strstr(why, words) == NULL || strncmp(why, scratch_path(state), strlen(scratch_path(state))) != 0)
        fail_msg("%s\nis not about: %s", why, words);
    assert_null(p.list);
}

static void test_what_can_not_be_used(void **state)
{
    static const char damaged[] = SERVER " bob new " FP_A "\nwrong\n";
    scratch_write(state, PEERS_FILE, damaged, strlen(damaged));
    assert_unusable(state, "/peers, line 2 is damaged: mend or remove that line, nothing was changed");
    assert_int_equal(fchmodat(scratch_fd(state), PEERS_FILE, 0602, 0), 0);
    assert_unusable(state, "/peers: can be changed by other users");
    assert_int_equal(unlinkat(scratch_fd(state), PEERS_FILE, 0), 0);
    assert_int_equal(symlinkat("elsewhere", scratch_fd(state), PEERS_FILE), 0);
    assert_unusable(state, "/peers: is a link");
    assert_int_equal(unlinkat(scratch_fd(state), PEERS_FILE, 0), 0);
    assert_int_equal(mkdirat(scratch_fd(state), PEERS_FILE, 0700), 0);
    assert_unusable(state, "/peers: is no file");
}

static void test_nothing_is_there(void **state)
{
    char why[WHY_LEN] = "", home[300];
    struct peers p;
    snprintf(home, sizeof home, "%s/none", scratch_path(state));
    assert_int_equal(peers_load(&p, home, SERVER, why), 0);
    assert_int_equal(p.total, 0);
    assert_int_equal(peers_load(&p, scratch_path(state), SERVER, why), 0);
    assert_int_equal(p.total, 0);
    assert_string_equal(why, "");
    assert_false(is_there(state, "none")); /* looking makes nothing */
    assert_false(is_there(state, PEERS_FILE ".lock"));
}

int main(void)
{
    rng_init(&rng);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_read),
        cmocka_unit_test(test_a_byte_order_mark_hides_no_peer),
        cmocka_unit_test(test_a_damaged_line_refuses_the_file),
        cmocka_unit_test(test_the_first_wrong_line_is_named),
        cmocka_unit_test(test_any_byte_changed_or_missing),
        cmocka_unit_test(test_words),
        WITH_FOLDER(test_without_an_authority),
        WITH_FOLDER(test_another_certificate_of_the_same_key),
        WITH_FOLDER(test_under_an_authority),
        WITH_FOLDER(test_changed_under_an_authority),
        WITH_FOLDER(test_what_is_no_certificate_of_that_user),
        WITH_FOLDER(test_a_full_file),
        WITH_FOLDER(test_what_can_not_be_used),
        WITH_FOLDER(test_nothing_is_there),
    };
    return RUN(tests);
}
