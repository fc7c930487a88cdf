/* SPDX-License-Identifier: MIT */
/* A client whose user, alice, has a key in its folder, for tests with fake_server.h. */
#ifndef TESTS_DIRECT_CLIENT_H
#define TESTS_DIRECT_CLIENT_H

#include <string.h>

#include "app/client/command.h"
#include "tests/fake_server.h"
#include "tests/keys.h"
#include "tests/scratch.h"
#include "tests/test.h"

static const struct secret password = {.password = "the old one", .password_len = 11};
static const char *home;
static struct arguments arguments;

static inline int set_up(void **state)
{
    struct identity_files f;
    struct rng rng;
    char why[WHY_LEN];
    if (scratch_make(state) != 0)
        return -1;
    home = scratch_path(state);
    rng_init(&rng);
    identity_files_init(&f, home, "localhost:7447", "alice");
    f.iterations = 1;
    int failed = identity_save(&f, keys_identity("alice"), password.password, password.password_len, &rng, why);
    identity_files_close(&f);
    arguments = (struct arguments){.suites = {1}, .suites_len = 1, .groups = {DH_FFDHE2048}, .groups_len = 1};
    snprintf(arguments.home, sizeof arguments.home, "%s", home);
    return failed;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, scratch_remove)

/* A turn, as the loop takes it. */
static inline void turn(struct conversation *c)
{
    conversation_receive(c);
    if (c->ended)
        return;
    direct_go_on(&c->direct);
    c->link.also_fd = background_fd(&c->direct.background);
    (void)server_link_wait(&c->link, -1, 100);
    conversation_receive(c);
}

/* Until lines are read again. */
static inline void settle(struct conversation *c)
{
    do {
        turn(c);
        (void)loop_until_answered(c);
    } while (!c->ended && !direct_takes_line(&c->direct));
}

static inline void log_in(struct conversation *c)
{
    c->direct.arguments = &arguments;
    c->signin.arguments = &arguments;
    direct_begin(&c->direct, &password);
    settle(c);
}

static inline void do_line(struct conversation *c, const char *line)
{
    command_do(c, line, strlen(line));
    settle(c);
}

static inline void wait_for_the_end(struct conversation *c)
{
    while (!c->ended)
        turn(c);
}

static inline void take_ready(struct fake_server *s)
{
    fake_server_answer_who(s);
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_READY, NULL));
}

#endif
