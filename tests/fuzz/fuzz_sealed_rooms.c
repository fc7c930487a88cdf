/* SPDX-License-Identifier: MIT */
/* A member of a sealed room that gives what it likes in its call, and a server that passes on what it likes. What is
 * given and sealed was made once, in order; the input says what comes of it, and what is changed in it, in steps of
 * `u8 what, u8 n, u8 at, u8 change`:
 *      0        list n of the founder's history, byte at * 12 changed by change
 *      1        sender key n of carol's, as list
 *      2        line n of carol's, as list
 *      3        a leave of hers
 *      4        n bytes that follow are given
 *      5        line n, said to be alice's
 *      6        n times 250 ms pass
 *      7        the user joins (n even) or leaves the server's room
 *      8        the user accepts the invitation
 *      9        the user leaves the room
 *      10       carol is there (n even), or not
 *      11       her call ends (n even), or is there again
 * No list goes back but by forgetting the room; each line is shown once at most, and only as it was said. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/peer/sealed_rooms.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/open_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LISTS 6
#define KEYS 3
#define LINES 9
#define ROOM "+exam"
#define NAME "bob@chat.example:7447"

static struct identity one; /* all three have the same key: names tell them apart */
static uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
static struct certificate certificates[2]; /* alice's and carol's */
static struct room_list lists[LISTS];      /* bob is on 0 to 2, not on 3, and on 4; 5 is another one of number 2 */
static struct sender_key keys[KEYS];
static uint8_t lines[LINES][SEALED_MAX];
static size_t lines_len[LINES];
static char home[FUZZ_PATH_LEN];

static struct sealed_rooms rs;
static struct calls calls;
static struct peers peers;
static struct call *carols;
static int64_t now;
static unsigned shown[LINES];
static bool there;

static void need(bool holds)
{
    if (!holds)
        abort();
}

/* --- What was made once ------------------------------------------------------------------------------------------- */

static void certify(struct certificate *c, const char *name, struct rng *rng)
{
    *c = (struct certificate){.role = CERTIFICATE_USER, .not_before = 1, .not_after = 2000000000};
    memcpy(c->name, name, strlen(name) + 1);
    need(certificate_sign_self(c, &one.key, rng) == NET_OK);
}

static void sign_list(struct room_list *l, const struct room_list *before, const char *const *names, struct rng *rng)
{
    memset(l, 0, sizeof *l);
    memset(l->room, 7, sizeof l->room);
    memcpy(l->name, ROOM, sizeof ROOM);
    l->n = before != NULL ? before->n + 1 : 0;
    if (before != NULL)
        memcpy(l->before, before->hash, sizeof l->before);
    for (; *names != NULL; names++) {
        memcpy(l->members[l->count].name, *names, strlen(*names) + 1);
        memcpy(l->members[l->count++].fingerprint, fingerprint, sizeof fingerprint);
    }
    need(room_list_sign(l, &one.key, rng) == 0);
}

/* Three lines under each key, the text is the line's number. */
static void seal_lines(struct rng *rng)
{
    static struct sealed_statement s;
    struct sealed_room *r = sealed_room_asked(&lists[1], "carol", fingerprint, "alice", one.certificate,
                                              one.certificate_len);
    need(r != NULL);
    sealed_room_set_state(r, SEALED_ROOM_IN);
    for (size_t i = 0; i < LINES; i++) {
        uint8_t text = (uint8_t)('0' + i);
        if (i == LINES / KEYS * 2)
            sealed_room_take(r, &lists[2], 0);
        if (i % (LINES / KEYS) == 0) {
            r->mine.i = SENDER_KEY_MESSAGES;
            sealed_room_draw_key(r, 0, true, rng);
            keys[i / (LINES / KEYS)] = r->mine;
        }
        need(sealed_room_seal(r, &one, &text, 1, rng, &s, lines[i], &lines_len[i]) == 0);
    }
    sealed_room_free(r);
}

static void remove_home(void)
{
    char path[FUZZ_PATH_LEN + 60];
    snprintf(path, sizeof path, "rm -rf %s", home);
    need(system(path) == 0);
}

static void make_all(void)
{
    static const char *const all[] = {"alice", "bob", "carol", NULL}, *const few[] = {"alice", "carol", NULL};
    static const char *const more[] = {"alice", "bob", "carol", "dave", NULL};
    struct rng rng;
    rng_fixed_init(&rng, "rooms", 5);
    rsa_generate(&one.key, &rng);
    certificate_fingerprint(fingerprint, one.key.n);
    certify(&certificates[0], "alice", &rng);
    certify(&certificates[1], "carol", &rng);
    one.certificate_len = certificate_encode(one.certificate, &certificates[0]);
    sign_list(&lists[0], NULL, all, &rng);
    sign_list(&lists[1], &lists[0], more, &rng);
    sign_list(&lists[2], &lists[1], all, &rng);
    sign_list(&lists[3], &lists[2], few, &rng);
    sign_list(&lists[4], &lists[3], all, &rng);
    sign_list(&lists[5], &lists[1], more, &rng);
    seal_lines(&rng);
    close(fuzz_folder(home));
    atexit(remove_home);
}

/* --- The user ----------------------------------------------------------------------------------------------------- */

static void on_room(void *arg, const struct sealed_room *r)
{
    (void)arg;
    need(strcmp(r->list.name, ROOM) == 0);
}

static void on_line(void *arg, const struct sealed_room *r, const struct sealed_line *line)
{
    (void)arg;
    const struct sealed_statement *s = &line->statement;
    need(r->state == SEALED_ROOM_IN && strcmp(s->sender, "carol") == 0 && s->text_len == 1);
    need(s->text[0] >= '0' && s->text[0] < '0' + LINES && ++shown[s->text[0] - '0'] == 1);
}

static void on_unopened(void *arg, const struct sealed_room *r, const char *sender)
{
    on_room(arg, r);
    need(strcmp(sender, "carol") == 0 || strcmp(sender, "alice") == 0);
}

static void on_name_taken(void *arg, const char *room, const char *founder)
{
    (void)arg;
    if (strlen(room) + strlen(founder) == 0)
        abort();
}

static void on_uninvited(void *arg, const struct sealed_room *r, const char *peer, const char *why)
{
    (void)arg, (void)r, (void)peer, (void)why;
    abort(); /* nobody is invited, and nothing is typed */
}

static void on_unsaid(void *arg, const struct sealed_room *r, const uint8_t *text, size_t len, const char *why)
{
    (void)len;
    on_uninvited(arg, r, (const char *)text, why);
}

static void on_complain(void *arg, const char *why)
{
    (void)arg, (void)why;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static void begin(void)
{
    static const uint8_t suites[] = {SUITE_AES128}, groups[] = {DH_FFDHE2048}; /* a call that a room makes is begun */
    static const struct calls_config config = {.me = "bob",
                                               .identity = &one,
                                               .peers = &peers,
                                               .suites = suites,
                                               .suites_len = sizeof suites,
                                               .groups = groups,
                                               .groups_len = sizeof groups};
    static const struct calls_hooks no_hooks;
    static const struct sealed_rooms_hooks hooks = {
        .asked = on_room,
        .name_taken = on_name_taken,
        .listed = on_room,
        .stopped = on_room,
        .line = on_line,
        .unopened = on_unopened,
        .unsaid = on_unsaid,
        .uninvited = on_uninvited,
        .complain = on_complain,
        .may_send = never,
    };
    static const struct sealed_rooms_config rooms_config = {
        .me = "bob", .identity = &one, .peers = &peers, .file = {.home = home, .name = NAME}};
    static struct open_peer peer;
    char path[FUZZ_PATH_LEN + 60];
    snprintf(path, sizeof path, "%s/" ROOMS_FILE_FOLDER "/" NAME, home);
    (void)unlink(path);
    calls_init(&calls, &config, &no_hooks);
    sealed_rooms_init(&rs, &rooms_config, &hooks, &calls);
    carols = open_call(&peer, now, "bob", "carol", (const uint8_t *)"0123456789abcdef", true);
    need(carols != NULL);
    memcpy(carols->fingerprint, fingerprint, sizeof fingerprint);
    carols->certificate_len = certificate_encode(carols->certificate, &certificates[1]);
    carols->state = PEER_NEW;
    calls.list = carols;
    there = true;
    memset(shown, 0, sizeof shown);
}

static void end(void)
{
    if (!there)
        call_free(carols);
    sealed_rooms_free(&rs);
    calls_free(&calls);
}

/* --- Steps -------------------------------------------------------------------------------------------------------- */

/* By carol, or, what the founder gives, by alice. */
static void give(const uint8_t *payload, size_t len, bool founder)
{
    static struct call given_in;
    uint8_t *bytes = malloc(len + 1); /* of its length but for one byte, for the sanitizers */
    need(bytes != NULL);
    memcpy(bytes, payload, len);
    memcpy(given_in.peer, founder ? "alice" : "carol", 6);
    memcpy(given_in.fingerprint, fingerprint, sizeof fingerprint);
    given_in.certificate_len = certificate_encode(given_in.certificate, &certificates[!founder]);
    if (len > 0)
        (void)sealed_rooms_given(&rs, &given_in, bytes, len);
    free(bytes);
}

static void hear(uint8_t n, uint8_t at, uint8_t change, const char *sender)
{
    struct message m = {.type = MESSAGE_SEALED, .sealed = {.room = ROOM}};
    uint8_t bytes[SEALED_MAX];
    n %= LINES;
    memcpy(bytes, lines[n], lines_len[n]);
    bytes[(size_t)at * 12 % lines_len[n]] ^= change;
    memcpy(m.sealed.sender, sender, strlen(sender) + 1);
    m.sealed.sealed = (struct message_bytes){bytes, lines_len[n]};
    sealed_rooms_sealed(&rs, now, &m);
}

static void give_list(uint8_t n, uint8_t at, uint8_t change)
{
    uint8_t payload[1 + ROOM_LIST_MAX_LEN] = {CALL_INSIDE_LIST};
    const struct room_list *l = &lists[n % LISTS];
    memcpy(payload + 1, l->bytes, l->len);
    payload[(size_t)at * 12 % (1 + l->len)] ^= change;
    give(payload, 1 + l->len, n < 128);
}

static void give_key(uint8_t n, uint8_t at, uint8_t change)
{
    uint8_t payload[SENDER_KEY_LEN];
    sender_key_encode(payload, &keys[n % KEYS]);
    payload[at % sizeof payload] ^= change;
    give(payload, sizeof payload, false);
}

static void give_leave(void)
{
    uint8_t payload[1 + ROOM_LIST_ID_LEN] = {CALL_INSIDE_LEAVE};
    memcpy(payload + 1, lists[0].room, ROOM_LIST_ID_LEN);
    give(payload, sizeof payload, false);
}

static void turn_call(bool on)
{
    struct call **at = &calls.list; /* others may stand before it: those that the room has begun */
    if (on == there)
        return;
    while (!on && *at != carols)
        at = &(*at)->next;
    if (on)
        carols->next = calls.list;
    *at = on ? carols : carols->next;
    there = on;
}

static void by_user(uint8_t what, uint8_t n)
{
    char why[WHY_LEN];
    struct sealed_room *r = sealed_rooms_find(&rs, ROOM);
    if (what == 7)
        sealed_rooms_entered(&rs, ROOM, n % 2 == 0);
    else if (what == 8 && r != NULL)
        (void)!sealed_rooms_accept(&rs, r, why);
    else if (what == 9 && r != NULL)
        (void)!sealed_rooms_leave(&rs, r, why);
}

static void step(const uint8_t s[static 4])
{
    switch (s[0] % 12) {
    case 0:
        give_list(s[1], s[2], s[3]);
        break;
    case 1:
        give_key(s[1], s[2], s[3]);
        break;
    case 2:
        hear(s[1], s[2], s[3], "carol");
        break;
    case 3:
        give_leave();
        break;
    case 5:
        hear(s[1], s[2], s[3], "alice");
        break;
    case 6:
        now += s[1] * INT64_C(250);
        break;
    case 10:
        sealed_rooms_here(&rs, ROOM, "carol", s[1] % 2 == 0, false);
        break;
    case 11:
        turn_call(s[1] % 2 == 0);
        break;
    default:
        by_user(s[0] % 12, s[1]);
        break;
    }
    sealed_rooms_go_on(&rs, now);
}

/* A key that comes again after its time opens its lines again: an honest sender, as this one, gives it once. */
static bool is_given_before(const uint8_t *s, bool given[static KEYS])
{
    bool before = s[0] % 12 == 1 && given[s[1] % KEYS];
    if (s[0] % 12 == 1)
        given[s[1] % KEYS] = true;
    return before;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool given[KEYS] = {false};
    uint32_t n = 0;
    if (home[0] == '\0')
        make_all();
    now = 1000000;
    begin();
    for (size_t at = 0; size - at >= 4 && at < 400; at += 4) {
        const uint8_t *s = data + at;
        size_t left = size - at - 4, len = s[1] < left ? s[1] : left;
        if (is_given_before(s, given))
            continue;
        if (s[0] % 12 == 4) {
            give(s + 4, len, false);
            at += len;
        }
        step(s);
        const struct sealed_room *r = sealed_rooms_find(&rs, ROOM);
        need(r == NULL || !r->kept || r->list.n >= n);
        n = r != NULL && r->kept ? r->list.n : 0;
        need(sealed_rooms_wait(&rs, now, 1000) >= 0);
    }
    end();
    return 0;
}
