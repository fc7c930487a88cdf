/* SPDX-License-Identifier: MIT */
/* The page of a session: each byte in one box, in order; no link that leads nowhere and none that leads away;
 * nothing of a stranger's that is taken for HTML. Whether its numbers are right,
 * tests/integration/test_session_page.py computes again; what it looks like is left to the eye. */
#include "app/workbench/explain/page.h"

#include <stdlib.h>
#include <string.h>

#include "app/message/message.h"
#include "app/workbench/explain/sample_session.h"
#include "crypto/pkcs7.h"
#include "net/record.h"
#include "tests/test.h"

#define PAGE_MAX 1000000 /* bytes */
#define IDS_MAX 4000

static void note(void *arg, enum handshake_role side, const char *name, const uint8_t *data, size_t len)
{
    story_event(arg, side, STORY_NO_TIME, name, data, len);
}

static void note_client(void *arg, enum handshake_role side, const char *name, const uint8_t *data, size_t len)
{
    if (side == HANDSHAKE_CLIENT)
        story_event(arg, side, 1.5, name, data, len);
}

static struct story *begin(bool both)
{
    struct story *s = calloc(1, sizeof *s);
    assert_non_null(s);
    story_begin(s, true, both);
    return s;
}

static struct story *sample(uint64_t seed, bool both)
{
    struct story *s = begin(both);
    struct sample_session_watch watch = {.event = both ? note : note_client, .arg = s};
    assert_int_equal(sample_session_play(seed, &watch), 0);
    return s;
}

static void drop(struct story *s)
{
    story_end(s);
    free(s);
}

static char *page_of(const struct story *s, const struct page_about *about)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    page_write(f, s, about);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(strlen(text), len);
    return text;
}

static char *sample_page(uint64_t seed)
{
    struct story *s = sample(seed, true);
    char *text = page_of(s, &(struct page_about){.seed = seed});
    drop(s);
    return text;
}

/* A recorded session, as a client has it, with a server whose name is HTML. */
static const struct recording_info recorded = {.name = "<b/onclick=x>&\"", .began = 1772582400, .ended = true};

static char *recorded_page(const struct story *s)
{
    return page_of(s, &(struct page_about){.recording = &recorded});
}

/* --- Bytes -------------------------------------------------------------------------------------------------------- */

/* The hex digits of a piece of HTML, without its tags. */
static size_t hex_of(uint8_t *out, size_t cap, const char *from, const char *to)
{
    char *digits = malloc((size_t)(to - from) + 1);
    size_t n = 0, len = 0;
    assert_non_null(digits);
    for (bool tag = false; from < to; from++) {
        tag = tag ? *from != '>' : *from == '<';
        if (!tag && *from != '>' && *from != ' ')
            digits[n++] = *from;
    }
    assert_int_equal(hex_decode(out, cap, &len, digits, n), 0);
    free(digits);
    return len;
}

/* All bytes in the boxes of a whole, one after the other. */
static void expect_boxes(const char *page, char letter, size_t number, const uint8_t *data, size_t len)
{
    static const char opens[] = "<code class=\"b\">";
    char whole[40];
    uint8_t got[FRAME_MAX_LEN];
    size_t got_len = 0;
    snprintf(whole, sizeof whole, "data-whole=\"%c%zu\"", letter, number);
    const char *at = strstr(page, whole);
    assert_non_null(at);
    assert_null(strstr(at + 1, whole));
    const char *end = strstr(at, "<aside"), *next = strstr(at + 1, "data-whole=");
    if (next != NULL && next < end)
        end = next;
    while ((at = strstr(at, opens)) != NULL && at < end) {
        const char *close = strstr(at, "</code>");
        got_len += hex_of(got + got_len, sizeof got - got_len, at + strlen(opens), close);
        at = close;
    }
    assert_int_equal(got_len, len);
    assert_memory_equal(got, data, len);
}

static void test_each_byte_in_one_box(void **state)
{
    (void)state;
    struct story *s = sample(1, true);
    char *page = page_of(s, &(struct page_about){.seed = 1});
    for (size_t i = 0; i < s->frames_len; i++) {
        const struct story_frame *f = &s->frames[i];
        expect_boxes(page, 'f', i + 1, f->data, f->len);
        if (f->plaintext != NULL)
            expect_boxes(page, 'p', i + 1, f->plaintext, f->plaintext_len);
    }
    free(page);
    drop(s);
}

/* --- HTML --------------------------------------------------------------------------------------------------------- */

/* Where the value of an attribute begins, from `at` on; and its length. NULL at the end. */
static const char *attribute(const char *at, const char *name, size_t *len)
{
    at = strstr(at, name);
    if (at == NULL)
        return NULL;
    at += strlen(name);
    *len = strcspn(at, "\"");
    return at;
}

/* A link in the page leads to a box that is there once. */
static void expect_links(const char *page)
{
    static struct {
        const char *text;
        size_t len;
    } ids[IDS_MAX];
    size_t n = 0, len;
    for (const char *at = page; (at = attribute(at, " id=\"", &len)) != NULL; at += len) {
        assert_true(n < IDS_MAX);
        for (size_t i = 0; i < n; i++)
            assert_false(ids[i].len == len && strncmp(ids[i].text, at, len) == 0);
        ids[n].text = at;
        ids[n++].len = len;
    }
    for (const char *at = page; (at = attribute(at, "href=\"#", &len)) != NULL; at += len) {
        size_t i = 0;
        while (i < n && (ids[i].len != len || strncmp(ids[i].text, at, len) != 0))
            i++;
        if (i == n)
            fail_msg("a link leads to %.*s, which is not there", (int)len, at);
    }
}

/* What is opened is closed, in order. */
static void expect_balance(const char *page)
{
    static struct {
        const char *name;
        size_t len;
    } open[64];
    size_t depth = 0;
    for (const char *at = page; (at = strchr(at, '<')) != NULL; at++) {
        if (strncmp(at, "<!DOCTYPE", 9) == 0)
            continue;
        bool closes = at[1] == '/';
        const char *name = at + 1 + closes, *end = strchr(at, '>');
        assert_non_null(end);
        size_t len = strcspn(name, " />\n");
        if (closes) {
            assert_true(depth-- > 0);
            if (open[depth].len != len || strncmp(open[depth].name, name, len) != 0)
                fail_msg("%.*s is closed by %.*s", (int)open[depth].len, open[depth].name, (int)len, name);
        } else if (end[-1] != '/') {
            assert_true(depth < sizeof open / sizeof open[0]);
            open[depth].name = name;
            open[depth++].len = len;
            if (strncmp(name, "script", len) == 0 || strncmp(name, "style", len) == 0)
                end = strstr(at, len == strlen("script") ? "</script" : "</style") - 1;
        }
        at = end;
    }
    assert_int_equal(depth, 0);
}

static void expect_good_page(const char *page)
{
    static const char *const away[] = {"http:",  "https:", "src=",  "@import", "url(h",
                                       "url(\"", "url('",  "url(/", "href=\"h"};
    assert_true(strlen(page) < PAGE_MAX);
    for (size_t i = 0; i < sizeof away / sizeof away[0]; i++)
        assert_null(strstr(page, away[i]));
    expect_links(page);
    expect_balance(page);
}

static void test_well_formed_and_all_by_itself(void **state)
{
    (void)state;
    char *page = sample_page(1);
    expect_good_page(page);
    free(page);
}

static void test_the_seed_decides(void **state)
{
    (void)state;
    char *page = sample_page(2), *again = sample_page(2), *other = sample_page(3);
    assert_string_equal(page, again);
    assert_string_not_equal(page, other);
    free(page);
    free(again);
    free(other);
}

/* --- Recordings --------------------------------------------------------------------------------------------------- */

/* The client's events up to its keys, and then a Record of the caller's making. */
static void seal(struct story *s, const uint8_t *payload, size_t len)
{
    static const uint8_t key[32] = {1};
    uint8_t plaintext[1024] = {CONTENT_APPLICATION}, frame[1024] = {FRAME_RECORD, FRAME_VERSION}, sequence[8] = {0};
    memcpy(plaintext + 1, payload, len);
    size_t padded = pkcs7_pad(plaintext, len + 1), frame_len = RECORD_FRAME_MIN - 16 + padded;
    bytes_store_be16(frame + 2, (uint16_t)(frame_len - FRAME_HEADER_LEN));
    story_event(s, HANDSHAKE_CLIENT, 0, "secret", key, 32);
    story_event(s, HANDSHAKE_CLIENT, 0, "enc_key", key, 16);
    story_event(s, HANDSHAKE_CLIENT, 0, "mac_key", key, 32);
    story_event(s, HANDSHAKE_CLIENT, 0, "seal_sequence", sequence, sizeof sequence);
    story_event(s, HANDSHAKE_CLIENT, 0, "seal_plaintext", plaintext, padded);
    story_event(s, HANDSHAKE_CLIENT, 0, "seal_frame", frame, frame_len);
}

/* What somebody said, and what a server calls itself, stay text. */
static void test_nothing_said_is_taken_for_html(void **state)
{
    (void)state;
    static const char said[] = "</code></details><script>alert(1)</script>\" onclick=\"x\" &lt;";
    struct story *s = begin(false);
    const struct message m = {
        .type = MESSAGE_SAY, .request = 1, .say = {.room = "lobby", .text = {(const uint8_t *)said, sizeof said - 1}}};
    uint8_t payload[256];
    size_t len;
    assert_int_equal(message_encode(payload, sizeof payload, &len, &m), 0);
    seal(s, payload, len);
    char *page = recorded_page(s);
    expect_good_page(page);
    assert_null(strstr(page, "<b/"));
    assert_null(strstr(page, "<script>alert"));
    assert_null(strstr(page, "\" onclick"));
    assert_non_null(strstr(page, "&lt;script&gt;alert(1)"));
    free(page);
    drop(s);
}

/* The password of a real session is in its own box, which is marked, and nowhere else. */
static void test_a_recorded_password_is_in_its_box_alone(void **state)
{
    (void)state;
    struct story *s = sample(1, false);
    char *page = recorded_page(s);
    expect_good_page(page);
    const char *box = strstr(page, "hidden-secret\" id"), *password = strstr(page, "a made-up password");
    assert_non_null(box);
    assert_non_null(password);
    assert_true(password > box && password < strstr(box, "</details>"));
    assert_null(strstr(password + 1, "a made-up password"));
    const char *hex = strstr(page, "61 20 6d 61");
    assert_true(hex > box);
    assert_null(strstr(hex + 1, "61 20 6d 61"));
    assert_non_null(strstr(page, "This page holds every key"));
    free(page);
    drop(s);
}

/* Alerts, hellos that are none, Records that nobody opened, more frames than a page has room for. */
static void test_any_recording_gives_a_page(void **state)
{
    (void)state;
    static const uint8_t alert[] = {FRAME_ALERT, FRAME_VERSION, 0, 2, 4, 0};
    static uint8_t bytes[FRAME_MAX_LEN];
    struct story *s = begin(false);
    for (size_t i = 0; i < STORY_FRAMES_MAX + 10; i++) {
        size_t len = i % 3 == 0 ? 1 + i * 61 % sizeof bytes : i % 90;
        memset(bytes, (int)i, sizeof bytes);
        bytes[0] = (uint8_t)(i % 6);
        story_event(s, HANDSHAKE_CLIENT, 1, "open_frame", bytes, len);
        story_event(s, HANDSHAKE_CLIENT, 1, "open_plaintext", bytes, len % 200);
        if (i % 9 == 0)
            story_event(s, HANDSHAKE_CLIENT, 1, "server_hello", bytes, len);
    }
    story_event(s, HANDSHAKE_CLIENT, 1, "alert", alert, sizeof alert);
    char *page = recorded_page(s);
    expect_good_page(page);
    assert_non_null(strstr(page, "more frames are not drawn"));
    free(page);
    drop(s);
}

/* What the sample has none of: a list with names, a number that means nothing, no frame at all. */
static char *page_of_rare_fields(void)
{
    static const uint8_t members[] = "\x43\0\0\0\1\1a\1\0\1\1b", none[] = {9, 9, 9, 9};
    static const uint8_t alert[] = {FRAME_ALERT, FRAME_VERSION, 0, 3, 3, 1, 9};
    static const uint8_t sealed_line[12 + MESSAGE_SEALED_MIN] = {20, 0, 0, 0, 2, 4, '+', 'd', 'e', 'n', 2, 0x44};
    struct story *s = begin(false);
    seal(s, members, sizeof members - 1);
    seal(s, sealed_line, sizeof sealed_line);
    story_event(s, HANDSHAKE_CLIENT, 1, "alert", alert, sizeof alert);
    story_event(s, HANDSHAKE_CLIENT, 1, "alert", none, sizeof none);
    char *page = recorded_page(s);
    drop(s);
    return page;
}

/* The page knows by their names what the fields of app/dissect are for, and takes the others for content. */
static void test_what_each_field_is_for(void **state)
{
    (void)state;
    static const char *const fields[][2] = {
        {"type", "structure"},
        {"version", "structure"},
        {"length", "structure"},
        {"content type", "structure"},
        {"request", "structure"},
        {"n", "structure"},
        {"more", "structure"},
        {"payload", "structure"},
        {"length of text", "structure"},
        {"suite", "choice"},
        {"group", "choice"},
        {"number", "choice"},
        {"client_random", "random"},
        {"server_random", "random"},
        {"iv", "random"},
        {"client_public", "exchange"},
        {"server_public", "exchange"},
        {"modulus", "identity"},
        {"signature", "proof"},
        {"tag", "proof"},
        {"ciphertext", "sealed"},
        {"key id", "random"},
        {"i", "structure"},
        {"text", "content"},
        {"padding", "padding"},
        {"password", "secret"},
        {"malformed", "malformed"},
    };
    char *pages[] = {sample_page(1), page_of_rare_fields()}, wanted[200];
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        snprintf(wanted, sizeof wanted, "<span class=\"name\">%s</span> <span class=\"chip\">%s</span>", fields[i][0],
                 fields[i][1]);
        if (strstr(pages[0], wanted) == NULL && strstr(pages[1], wanted) == NULL)
            fail_msg("no box for %s says %s", fields[i][0], fields[i][1]);
    }
    free(pages[0]);
    free(pages[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_byte_in_one_box),
        cmocka_unit_test(test_well_formed_and_all_by_itself),
        cmocka_unit_test(test_the_seed_decides),
        cmocka_unit_test(test_nothing_said_is_taken_for_html),
        cmocka_unit_test(test_a_recorded_password_is_in_its_box_alone),
        cmocka_unit_test(test_any_recording_gives_a_page),
        cmocka_unit_test(test_what_each_field_is_for),
    };
    return RUN(tests);
}
