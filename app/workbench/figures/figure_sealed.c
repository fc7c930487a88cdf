/* SPDX-License-Identifier: MIT */
/* The keys of one sender in a sealed room, under two lists, and who of its members has which: each is given the key as
 * it stands, and goes on from there by itself. */
#include <assert.h>
#include <string.h>

#include "app/peer/room_list.h"
#include "app/peer/sender_key.h"
#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "app/workbench/rng_fixed.h"
#include "net/certificate.h"

#define FIRST 4 /* messages under the first list, and under the second */
#define SECOND 2
#define MESSAGES (FIRST + SECOND)
#define LEFT 20
#define COLUMN 104 /* from one message to the next */
#define WIDTH 92
#define KEYS_Y 188
#define MESSAGE_Y 264
#define ROWS_Y 342
#define ROW 40
#define NOBODY MESSAGES /* a column that is not there */

/* Both lists are alice's, and the keys bob's. */
static struct scene {
    struct room_list list[2];
    struct sender_key key[MESSAGES]; /* as it stands for message i */
} scene;

/* --- The scene ---------------------------------------------------------------------------------------------------- */

static void put_member(struct room_list *l, const char *name, const uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN])
{
    struct room_list_member *m = &l->members[l->count++];
    memcpy(m->name, name, strlen(name) + 1);
    memcpy(m->fingerprint, fingerprint, sizeof m->fingerprint);
}

/* alice has added bob, carol and dave, a list for each; then she removes carol and adds erin. */
static void sign_lists(struct room_list list[2], struct rng *rng)
{
    static const char *const names[] = {"alice", "bob", "carol", "dave", "erin"};
    uint8_t fingerprint[5][CERTIFICATE_FINGERPRINT_LEN];
    struct rsa_private key;
    int failed = 0;
    rsa_generate(&key, rng);
    certificate_fingerprint(fingerprint[0], key.n);
    for (size_t i = 1; i < 5; i++)
        rng_fill(rng, fingerprint[i], sizeof fingerprint[i]);
    rng_fill(rng, list[0].room, sizeof list[0].room);
    rng_fill(rng, list[0].before, sizeof list[0].before);
    memcpy(list[0].name, "+exam", 6);
    list[0].n = 3;
    list[1] = list[0];
    for (size_t i = 0; i < 5; i++) {
        if (i != 4)
            put_member(&list[0], names[i], fingerprint[i]);
        if (i != 2)
            put_member(&list[1], names[i], fingerprint[i]);
    }
    failed |= room_list_sign(&list[0], &key, rng);
    list[1].n++;
    memcpy(list[1].before, list[0].hash, sizeof list[1].before);
    failed |= room_list_sign(&list[1], &key, rng);
    assert(failed == 0);
    (void)failed;
    rsa_wipe(&key);
}

/* The receiver's end: what was handed over at `from` leads to each later key of that list. */
static bool leads_on(size_t from)
{
    uint8_t payload[SENDER_KEY_LEN];
    struct sender_key k;
    sender_key_encode(payload, &scene.key[from]);
    if (sender_key_decode(&k, payload, sizeof payload) != 0)
        return false;
    for (size_t i = from + 1; i < MESSAGES && i != FIRST; i++) {
        sender_key_advance(&k);
        if (memcmp(k.secret, scene.key[i].secret, sizeof k.secret) != 0)
            return false;
    }
    return true;
}

static void play(void)
{
    static const char founders[] = "the lists of the pictures", senders[] = "the sender keys of the pictures";
    struct rng rng;
    memset(&scene, 0, sizeof scene);
    rng_fixed_init(&rng, founders, sizeof founders - 1);
    sign_lists(scene.list, &rng);
    rng_fixed_init(&rng, senders, sizeof senders - 1);
    for (size_t i = 0; i < MESSAGES; i++) {
        const struct room_list *l = &scene.list[i >= FIRST];
        if (i == 0 || i == FIRST) {
            sender_key_draw(&scene.key[i], l->room, l->hash, &rng);
        } else {
            scene.key[i] = scene.key[i - 1];
            sender_key_advance(&scene.key[i]);
        }
    }
    assert(leads_on(0) && leads_on(2) && leads_on(FIRST));
}

/* --- The page ----------------------------------------------------------------------------------------------------- */

static int column(size_t i)
{
    return LEFT + 90 + COLUMN * (int)i + (i >= FIRST ? 16 : 0);
}

static void draw_list(FILE *to, size_t n, const char *words)
{
    char fold[DRAW_FOLD_LEN];
    const size_t first = n == 0 ? 0 : FIRST, last = n == 0 ? FIRST - 1 : MESSAGES - 1;
    const struct room_list *l = &scene.list[n];
    draw_box(to, column(first), 60, column(last) + WIDTH - column(first), 88, DRAW_GOOD, "~list %u: %s\n#%s", l->n,
             words, draw_fold(fold, l->hash, sizeof l->hash));
    draw_text(to, column(first), KEYS_Y - 14, "small", "drawn for list %u:", l->n);
}

static void draw_key(FILE *to, size_t i)
{
    const struct sender_key *k = &scene.key[i];
    const int x = column(i);
    draw_box(to, x, KEYS_Y, WIDTH, 54, DRAW_SECRET, "~secret %u\n#%02x%02x%02x%02x", k->i, k->secret[0], k->secret[1],
             k->secret[2], k->secret[3]);
    draw_arrow(to, x + WIDTH / 2, KEYS_Y + 54, x + WIDTH / 2, MESSAGE_Y - 2);
    draw_box(to, x, MESSAGE_Y, WIDTH, 50, DRAW_WIRE, "~message\n~%u", k->i);
    if (k->i > 0)
        draw_arrow(to, x - COLUMN + WIDTH, KEYS_Y + 27, x - 1, KEYS_Y + 27);
}

/* What somebody has of each message: the secret that was handed over, what follows from it, or nothing. */
static void draw_row(FILE *to, int row, const char *name, size_t of_first, size_t of_second)
{
    const int y = ROWS_Y + row * ROW;
    draw_text(to, LEFT, y + 21, "bold", "%s", name);
    for (size_t i = 0; i < MESSAGES; i++) {
        size_t given = i < FIRST ? of_first : of_second;
        if (i < given)
            draw_box(to, column(i), y, WIDTH, 30, DRAW_FAINT, "~nothing");
        else if (i == given)
            draw_box(to, column(i), y, WIDTH, 30, DRAW_SECRET, "~secret %u", scene.key[i].i);
        else
            draw_box(to, column(i), y, WIDTH, 30, DRAW_GOOD, "~reads");
    }
}

void figure_sealed(FILE *to)
{
    play();
    draw_text(to, LEFT, 84, "bold", "alice");
    draw_text(to, LEFT, 108, "small", "signs");
    draw_list(to, 0, "alice, bob, carol, dave");
    draw_list(to, 1, "alice, bob,\n~dave, erin");
    draw_arrow(to, column(FIRST), 104, column(FIRST - 1) + WIDTH + 2, 104);
    draw_text(to, LEFT, KEYS_Y + 24, "bold", "bob");
    draw_text(to, LEFT, KEYS_Y + 48, "small", "has");
    draw_text(to, LEFT, MESSAGE_Y + 30, "small", "and seals");
    for (size_t i = 0; i < MESSAGES; i++)
        draw_key(to, i);
    draw_row(to, 0, "alice", 0, FIRST);
    draw_row(to, 1, "carol", 0, NOBODY);
    draw_row(to, 2, "dave", 2, FIRST);
    draw_row(to, 3, "erin", NOBODY, FIRST);
    draw_row(to, 4, "server", NOBODY, NOBODY);
    const int y = ROWS_Y + 5 * ROW + 24;
    draw_text(to, LEFT, y, "small",
              "What each was handed in a call, and what follows from it. List 4 removes carol and");
    draw_text(to, LEFT, y + 24, "small",
              "adds erin; dave's call with bob opened after message 1. Once message i is sealed,");
    draw_text(to, LEFT, y + 48, "small", "or opened, secret i is wiped: from secret i + 1 there is no way back to it.");
}
