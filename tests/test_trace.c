/* SPDX-License-Identifier: MIT */
/* A trace passes on what it is given, and NULL is off. */
#include "net/trace.h"

#include "tests/test.h"

struct seen {
    char name[32];
    uint8_t data[8];
    size_t len;
    int events;
};

static void remember(void *arg, const char *name, const uint8_t *data, size_t len)
{
    struct seen *seen = arg;
    snprintf(seen->name, sizeof seen->name, "%s", name);
    memcpy(seen->data, data, len);
    seen->len = len;
    seen->events++;
}

static void test_passes_on(void **state)
{
    (void)state;
    struct seen seen = {.events = 0};
    struct trace trace = {.event = remember, .arg = &seen};
    trace_event(&trace, "iv", (const uint8_t *)"abc", 3);
    assert_int_equal(seen.events, 1);
    assert_string_equal(seen.name, "iv");
    assert_int_equal(seen.len, 3);
    assert_memory_equal(seen.data, "abc", 3);
}

static void test_passes_on_each_to_its_own(void **state)
{
    (void)state;
    struct seen one = {.events = 0}, other = {.events = 0};
    struct trace to_one = {.event = remember, .arg = &one}, to_other = {.event = remember, .arg = &other};
    trace_event(&to_one, "T", (const uint8_t *)"abcdefgh", 8);
    trace_event(&to_other, "Z", (const uint8_t *)"z", 1);
    trace_event(&to_one, "prk", (const uint8_t *)"", 0);
    assert_int_equal(one.events, 2);
    assert_string_equal(one.name, "prk");
    assert_int_equal(one.len, 0);
    assert_int_equal(other.events, 1);
    assert_string_equal(other.name, "Z");
}

/* The watcher is passed in each time, so none goes on hearing what is not meant for it. */
static void test_null_is_off(void **state)
{
    (void)state;
    struct seen seen = {.events = 0};
    struct trace trace = {.event = remember, .arg = &seen};
    trace_event(&trace, "iv", (const uint8_t *)"abc", 3);
    trace_event(NULL, "key", (const uint8_t *)"secret", 6);
    trace_event(NULL, "key", NULL, 0);
    assert_int_equal(seen.events, 1);
    assert_string_equal(seen.name, "iv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes_on),
        cmocka_unit_test(test_passes_on_each_to_its_own),
        cmocka_unit_test(test_null_is_off),
    };
    return RUN(tests);
}
