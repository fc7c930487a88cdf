/* SPDX-License-Identifier: MIT */
/* The layout of the plaintext frames: what is written is read again, and anything of another shape is refused. */
#include "net/hello.h"

#include "crypto/bytes.h"
#include "tests/test.h"
#include "tests/vec.h"

static uint8_t bytes[4096], frame[FRAME_HEADER_LEN + FRAME_SERVER_HELLO_MAX + 8];

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 11 + i / 256);
    return 0;
}

static struct hello_client client_hello(size_t suites, size_t groups, size_t public_len)
{
    return (struct hello_client){
        .random = bytes,
        .suites = bytes + 100,
        .suites_len = suites,
        .groups = bytes + 200,
        .groups_len = groups,
        .group = 7,
        .public_value = bytes + 300,
        .public_value_len = public_len,
    };
}

static struct hello_server server_hello(size_t public_len, size_t certificate_len)
{
    return (struct hello_server){
        .random = bytes,
        .suite = 2,
        .public_value = bytes + 300,
        .public_value_len = public_len,
        .certificate = bytes + 1000,
        .certificate_len = certificate_len,
    };
}

static size_t write_server(const struct hello_server *hello, size_t *signed_len)
{
    size_t len = hello_encode_server(frame, signed_len, hello);
    memcpy(frame + len - RSA_SIGNATURE_LEN, bytes + 2200, RSA_SIGNATURE_LEN);
    return len;
}

static void test_client_hello_is_read_as_written(void **state)
{
    (void)state;
    for (size_t n = 1; n <= HELLO_LIST_MAX; n++) {
        struct hello_client hello = client_hello(n, HELLO_LIST_MAX + 1 - n, n == 1 ? DH_PUBLIC_MAX_LEN : 256), got;
        size_t len = hello_encode_client(frame, &hello);
        assert_true(len <= HELLO_CLIENT_MAX);
        assert_int_equal(hello_decode_client(&got, frame, len), NET_OK);
        assert_memory_equal(got.random, bytes, HELLO_RANDOM_LEN);
        assert_int_equal(got.suites_len, n);
        assert_memory_equal(got.suites, bytes + 100, n);
        assert_int_equal(got.groups_len, HELLO_LIST_MAX + 1 - n);
        assert_memory_equal(got.groups, bytes + 200, got.groups_len);
        assert_int_equal(got.group, 7);
        assert_int_equal(got.public_value_len, hello.public_value_len);
        assert_memory_equal(got.public_value, bytes + 300, got.public_value_len);
    }
}

static void test_server_hello_is_read_as_written(void **state)
{
    (void)state;
    struct hello_server hello = server_hello(DH_PUBLIC_MAX_LEN, CERTIFICATE_MAX_LEN), got;
    size_t signed_len, len = write_server(&hello, &signed_len);
    assert_int_equal(len, HELLO_SERVER_MAX);
    assert_int_equal(signed_len, len - RSA_SIGNATURE_LEN - 2);
    assert_int_equal(hello_decode_server(&got, frame, len), NET_OK);
    assert_memory_equal(got.random, bytes, HELLO_RANDOM_LEN);
    assert_int_equal(got.suite, 2);
    assert_int_equal(got.public_value_len, DH_PUBLIC_MAX_LEN);
    assert_memory_equal(got.public_value, bytes + 300, DH_PUBLIC_MAX_LEN);
    assert_int_equal(got.certificate_len, CERTIFICATE_MAX_LEN);
    assert_memory_equal(got.certificate, bytes + 1000, CERTIFICATE_MAX_LEN);
    assert_memory_equal(got.signature, bytes + 2200, RSA_SIGNATURE_LEN);
    assert_int_equal(got.signed_len, signed_len);
}

static void test_alerts(void **state)
{
    (void)state;
    struct vec *v = vec_open("hello");
    while (vec_next(v)) {
        size_t frame_len, data_len;
        struct hello_alert got, alert = {.code = (uint8_t)vec_number(v, "code")};
        const uint8_t *data = vec_hex(v, "data", &data_len);
        alert.data = data;
        alert.data_len = data_len;
        vec_check(v, "frame", frame, hello_encode_alert(frame, &alert));
        const uint8_t *known = vec_hex(v, "frame", &frame_len);
        assert_int_equal(hello_decode_alert(&got, known, frame_len), NET_OK);
        assert_int_equal(got.code, alert.code);
        assert_int_equal(got.data_len, data_len);
        assert_memory_equal(got.data, data, data_len);
    }
    vec_close(v);
}

/* Whatever is cut off or added, with a header that fits. */
static void test_every_other_length_is_malformed(void **state)
{
    (void)state;
    struct hello_client hc = client_hello(2, 3, 256), got_client;
    struct hello_server hs = server_hello(256, 827), got_server;
    struct hello_alert ha = {.code = 1, .data = bytes, .data_len = 5}, got_alert;
    size_t signed_len, len = hello_encode_client(frame, &hc);
    for (size_t cut = FRAME_HEADER_LEN; cut <= len + 1; cut++)
        assert_int_equal(hello_decode_client(&got_client, frame, cut), cut == len ? NET_OK : NET_ERR_MALFORMED);
    len = write_server(&hs, &signed_len);
    for (size_t cut = FRAME_HEADER_LEN; cut <= len + 1; cut++)
        assert_int_equal(hello_decode_server(&got_server, frame, cut), cut == len ? NET_OK : NET_ERR_MALFORMED);
    len = hello_encode_alert(frame, &ha);
    for (size_t cut = FRAME_HEADER_LEN; cut <= len + 1; cut++)
        assert_int_equal(hello_decode_alert(&got_alert, frame, cut), cut == len ? NET_OK : NET_ERR_MALFORMED);
}

/* A ClientHello whose lists have these lengths, written by hand since the encoder asserts on wrong ones. */
static enum net_err decode_lists(size_t suites, size_t groups)
{
    struct hello_client got;
    uint8_t *p = frame + FRAME_HEADER_LEN + HELLO_RANDOM_LEN;
    *p = (uint8_t)suites;
    p += 1 + suites;
    *p = (uint8_t)groups;
    p += 1 + groups + 1;
    bytes_store_be16(p, 256);
    return hello_decode_client(&got, frame, (size_t)(p + 2 + 256 - frame));
}

static void test_lists_have_1_to_16_entries(void **state)
{
    (void)state;
    for (size_t n = 0; n < 256; n++) {
        assert_int_equal(decode_lists(n, 1), n >= 1 && n <= 16 ? NET_OK : NET_ERR_MALFORMED);
        assert_int_equal(decode_lists(1, n), n >= 1 && n <= 16 ? NET_OK : NET_ERR_MALFORMED);
        struct hello_alert got;
        frame[FRAME_HEADER_LEN + 1] = (uint8_t)n;
        enum net_err err = hello_decode_alert(&got, frame, FRAME_HEADER_LEN + 2 + n);
        assert_int_equal(err, n <= 16 ? NET_OK : NET_ERR_MALFORMED);
    }
}

static void test_lengths_inside_are_bounded(void **state)
{
    (void)state;
    struct hello_server hello = server_hello(256, 827), got;
    size_t signed_len, len = write_server(&hello, &signed_len);
    for (size_t claim = 0; claim <= UINT16_MAX; claim++) {
        bytes_store_be16(frame + signed_len, (uint16_t)claim);
        enum net_err err = hello_decode_server(&got, frame, len);
        assert_int_equal(err, claim == RSA_SIGNATURE_LEN ? NET_OK : NET_ERR_MALFORMED);
    }
    /* A certificate one byte longer than there can be one, in a frame that fits. */
    memset(frame, 0, sizeof frame);
    bytes_store_be16(frame + FRAME_HEADER_LEN + 33, 256);
    bytes_store_be16(frame + FRAME_HEADER_LEN + 35 + 256, CERTIFICATE_MAX_LEN + 1);
    bytes_store_be16(frame + FRAME_HEADER_LEN + 37 + 256 + CERTIFICATE_MAX_LEN + 1, RSA_SIGNATURE_LEN);
    len = FRAME_HEADER_LEN + 39 + 256 + CERTIFICATE_MAX_LEN + 1 + RSA_SIGNATURE_LEN;
    assert_int_equal(hello_decode_server(&got, frame, len), NET_ERR_MALFORMED);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_client_hello_is_read_as_written),
        TEST(test_server_hello_is_read_as_written),
        TEST(test_alerts),
        TEST(test_every_other_length_is_malformed),
        TEST(test_lists_have_1_to_16_entries),
        TEST(test_lengths_inside_are_bounded),
    };
    return RUN(tests);
}
