/* SPDX-License-Identifier: MIT */
/* Frames: every header there is, each refused at the first byte that shows what is wrong with it. */
#include "net/frame.h"

#include "tests/test.h"

static const size_t max_of_type[256] = {[1] = 1024, [2] = 4096, [3] = 16448, [4] = 256};

static uint8_t buffer[FRAME_MAX_LEN + 16];

static enum net_err next(size_t in_len, size_t *frame_len)
{
    enum frame_type type = FRAME_ALERT;
    *frame_len = 12345;
    enum net_err err = frame_next(&type, frame_len, buffer, in_len, &frame_any);
    if (err == NET_OK && *frame_len > 0)
        assert_int_equal(type, buffer[0]);
    return err;
}

static void put(int type, int version, size_t body_len)
{
    buffer[0] = (uint8_t)type;
    buffer[1] = (uint8_t)version;
    buffer[2] = (uint8_t)(body_len >> 8);
    buffer[3] = (uint8_t)body_len;
}

static void test_type_is_refused_at_once(void **state)
{
    (void)state;
    size_t len;
    for (int type = 0; type < 256; type++) {
        put(type, 1, 0);
        assert_int_equal(next(1, &len), max_of_type[type] ? NET_OK : NET_ERR_FRAME_TYPE);
        assert_int_equal(len, 0);
        assert_int_equal(frame_body_max((enum frame_type)type), max_of_type[type]);
    }
    assert_int_equal(frame_body_max((enum frame_type) - 1), 0);
}

static void test_version_is_refused_at_once(void **state)
{
    (void)state;
    size_t len;
    for (int version = 0; version < 256; version++) {
        put(FRAME_RECORD, version, 0);
        assert_int_equal(next(2, &len), version == 1 ? NET_OK : NET_ERR_FRAME_VERSION);
        assert_int_equal(len, 0);
    }
}

/* All 65,536 lengths of all types: the header alone decides, before any of the body is there. */
static void test_length_is_refused_at_once(void **state)
{
    (void)state;
    size_t len;
    for (int type = 1; type <= 4; type++) {
        for (size_t body = 0; body <= UINT16_MAX; body++) {
            put(type, 1, body);
            assert_int_equal(next(3, &len), body / 256 * 256 <= max_of_type[type] ? NET_OK : NET_ERR_FRAME_LENGTH);
            assert_int_equal(next(4, &len), body <= max_of_type[type] ? NET_OK : NET_ERR_FRAME_LENGTH);
            assert_int_equal(len, body == 0 ? 4 : 0);
        }
    }
}

static void test_whole_only_when_complete(void **state)
{
    (void)state;
    size_t len;
    for (int type = 1; type <= 4; type++) {
        size_t whole = 4 + max_of_type[type];
        put(type, 1, max_of_type[type]);
        for (size_t have = 0; have < whole; have++) {
            assert_int_equal(next(have, &len), NET_OK);
            assert_int_equal(len, 0);
        }
        assert_int_equal(next(whole, &len), NET_OK);
        assert_int_equal(len, whole);
        assert_int_equal(next(whole + 9, &len), NET_OK);
        assert_int_equal(len, whole);
    }
}

static void test_header_written_is_read(void **state)
{
    (void)state;
    size_t len;
    for (int type = 1; type <= 4; type++) {
        frame_header(buffer, (enum frame_type)type, max_of_type[type]);
        assert_int_equal(next(sizeof buffer, &len), NET_OK);
        assert_int_equal(len, 4 + max_of_type[type]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_type_is_refused_at_once),   cmocka_unit_test(test_version_is_refused_at_once),
        cmocka_unit_test(test_length_is_refused_at_once), cmocka_unit_test(test_whole_only_when_complete),
        cmocka_unit_test(test_header_written_is_read),
    };
    return RUN(tests);
}
