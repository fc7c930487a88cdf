/* SPDX-License-Identifier: MIT */
/* Two processes and the wires to them: bytes go both ways, what they say in the end arrives, and nothing stays. */
#include "app/workbench/attacks/middle.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/frame.h"
#include "tests/test.h"

struct world {
    uint8_t byte;
    bool hangs_up;
};

/* Sends its byte 100,000 times, in pieces as the socket takes them, and says what it heard. */
static void talk(int fd, enum middle_end end, const void *world, char why[static WHY_LEN])
{
    const struct world *w = world;
    static uint8_t many[100000], heard;
    if (w->hangs_up)
        return;
    memset(many, w->byte + (int)end, sizeof many);
    if (middle_send(fd, many, sizeof many) == 0 && middle_receive(fd, &heard, 1) == 0)
        (void)why_say(why, "end %d heard %02x", (int)end, heard);
}

static void assert_no_child(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void test_both_ends(void **state)
{
    (void)state;
    static uint8_t many[100000];
    struct world w = {.byte = 0x40};
    struct middle m;
    char why[WHY_LEN];
    assert_int_equal(middle_begin(&m, talk, &w, why), 0);
    for (enum middle_end end = MIDDLE_CLIENT; end <= MIDDLE_SERVER; end++) {
        assert_int_equal(middle_receive(m.fd[end], many, sizeof many), 0);
        for (size_t i = 0; i < sizeof many; i++)
            assert_int_equal(many[i], 0x40 + (int)end);
    }
    assert_int_equal(middle_send(m.fd[MIDDLE_CLIENT], (const uint8_t *)"\xab", 1), 0);
    assert_int_equal(middle_send(m.fd[MIDDLE_SERVER], (const uint8_t *)"\xcd", 1), 0);
    middle_finish(&m);
    assert_string_equal(m.said[MIDDLE_CLIENT], "end 0 heard ab");
    assert_string_equal(m.said[MIDDLE_SERVER], "end 1 heard cd");
    assert_no_child();
}

/* Who hangs up first, or both, is noticed at once. */
static void test_hanging_up(void **state)
{
    (void)state;
    struct world w = {.hangs_up = true};
    struct middle m;
    uint8_t byte;
    char why[WHY_LEN];
    assert_int_equal(middle_begin(&m, talk, &w, why), 0);
    assert_int_equal(middle_receive(m.fd[MIDDLE_CLIENT], &byte, 1), -1);
    assert_int_equal(middle_receive(m.fd[MIDDLE_SERVER], &byte, 1), -1);
    middle_finish(&m);
    assert_string_equal(m.said[MIDDLE_CLIENT], "");
    w.hangs_up = false;
    assert_int_equal(middle_begin(&m, talk, &w, why), 0);
    middle_finish(&m);
    assert_string_equal(m.said[MIDDLE_SERVER], "");
    assert_no_child();
}

static void talk_in_frames(int fd, enum middle_end end, const void *world, char why[static WHY_LEN])
{
    (void)world;
    (void)why;
    static const uint8_t good[] = {FRAME_RECORD, FRAME_VERSION, 0, 2, 7, 8};
    static const uint8_t torn[] = {FRAME_RECORD, FRAME_VERSION, 0, 3, 7, 8};
    const uint8_t *frame = end == MIDDLE_CLIENT ? good : torn;
    (void)!middle_send(fd, frame, 3);
    (void)!middle_send(fd, frame + 3, 3);
}

static void test_frames(void **state)
{
    (void)state;
    struct middle m;
    uint8_t frame[16];
    size_t len = 0;
    char why[WHY_LEN];
    for (size_t cap = 0; cap < sizeof frame; cap++) {
        assert_int_equal(middle_begin(&m, talk_in_frames, "", why), 0);
        assert_int_equal(middle_receive_frame(m.fd[MIDDLE_CLIENT], frame, cap, &len), cap < 6 ? -1 : 0);
        if (cap >= 6) {
            assert_int_equal(len, 6);
            assert_memory_equal(frame + 4, "\7\10", 2);
        }
        assert_int_equal(middle_receive_frame(m.fd[MIDDLE_SERVER], frame, cap, &len), -1);
        middle_finish(&m);
    }
    assert_no_child();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ends),
        cmocka_unit_test(test_hanging_up),
        cmocka_unit_test(test_frames),
    };
    return RUN(tests);
}
