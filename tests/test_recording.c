/* SPDX-License-Identifier: MIT */
/* Recordings: what real sessions report comes back as it was; each rule of the format refuses what breaks it; a file is
 * its owner's alone, never takes another's place, and ends where it can't be written. */
#include "app/dissect/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/scratch.h"
#include "tests/talk.h"
#include "tests/test.h"

#define HEAD "glasschat recording 1\nrole client\nserver localhost:7447\nbegan 1764460000\n"
#define HEAD_LINES 4
#define T "0.000000 T 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"

static char why[WHY_LEN];

static const char *in_scratch(void **state, const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", scratch_path(state), name);
    return path;
}

/* --- What was recorded comes back --------------------------------------------------------------------------------- */

/* One side's session, recorded beside talk.h's own trace. */
struct taped {
    struct talk_side *side;
    struct recording recording;
    struct trace both;
    size_t read; /* events, when it is read again */
};

static void to_both(void *arg, const char *name, const uint8_t *data, size_t len)
{
    struct taped *t = arg;
    trace_event(&t->side->trace, name, data, len);
    trace_event(&t->recording.trace, name, data, len);
}

static void tape(struct taped *t, struct talk_side *side, const char *path, const char *role)
{
    *t = (struct taped){.side = side, .both = {.event = to_both, .arg = t}};
    assert_int_equal(recording_create(&t->recording, path, role, "localhost:7447", why), 0);
    side->config.trace = &t->both;
}

static void compare(void *arg, const struct recording_event *e)
{
    struct taped *t = arg;
    assert_true(t->read < t->side->values_len);
    const struct talk_value *v = &t->side->values[t->read++];
    assert_string_equal(e->name, v->name);
    assert_int_equal(e->len, v->len);
    assert_memory_equal(e->data, v->data, v->len);
}

static void expect_same(struct taped *t, const char *path, bool server, bool complete)
{
    struct recording_info info;
    assert_int_equal(recording_close(&t->recording, complete, why), 0);
    assert_in_range(t->side->values_len, 1, TALK_EVENTS_MAX - 1); /* else some may have been lost */
    assert_int_equal(recording_read(&info, path, compare, t, why), 0);
    assert_int_equal(t->read, t->side->values_len);
    assert_true(info.server == server && info.ended == complete);
    assert_string_equal(info.name, "localhost:7447");
    assert_in_range(info.began, time(NULL) - 100, time(NULL));
}

static void record_session(void **state, enum handshake_kind kind)
{
    struct talk t;
    struct taped client, server;
    char client_path[200], server_path[200];
    strcpy(client_path, in_scratch(state, "client"));
    strcpy(server_path, in_scratch(state, "server"));
    talk_init(&t, kind);
    tape(&client, &t.client, client_path, "client");
    tape(&server, &t.server, server_path, "server");
    talk_establish(&t);
    if (kind == HANDSHAKE_USER_SERVER)
        assert_int_equal(session_update(&t.client.session, &t.client.rng, 0, &t.client.out), NET_OK);
    talk_send(&t.client, "hello");
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MESSAGE);
    talk_send(&t.server, "hello to you"); /* kind 2: a step of each */
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_MESSAGE);
    assert_int_equal(talk_close(&t.server), NET_OK);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_CLOSED);
    expect_same(&client, client_path, false, true);
    expect_same(&server, server_path, true, false);
    talk_end(&t);
}

static void test_a_session_comes_back(void **state)
{
    record_session(state, HANDSHAKE_USER_SERVER);
}

static void test_a_session_of_two_users_comes_back(void **state)
{
    record_session(state, HANDSHAKE_USER_USER);
}

/* A frame from anybody: it is reported before it is looked at. */
static void record_answer(void **state, const uint8_t *frame, size_t frame_len)
{
    struct talk t;
    struct taped client;
    char path[200];
    strcpy(path, in_scratch(state, "answer"));
    talk_init(&t, HANDSHAKE_USER_SERVER);
    tape(&client, &t.client, path, "client");
    talk_start(&t);
    assert_int_equal(talk_take(&t.client, frame, frame_len), SESSION_FAILED);
    assert_int_equal(t.client.values[t.client.values_len - 1].len, frame_len);
    expect_same(&client, path, false, false);
    assert_int_equal(unlink(path), 0);
    talk_end(&t);
}

static void test_what_a_stranger_answers_comes_back(void **state)
{
    static uint8_t frame[FRAME_HEADER_LEN + FRAME_SERVER_HELLO_MAX];
    for (int type = FRAME_SERVER_HELLO; type <= FRAME_ALERT; type += FRAME_ALERT - FRAME_SERVER_HELLO) {
        frame_header(frame, (enum frame_type)type, 0);
        record_answer(state, frame, FRAME_HEADER_LEN);
        frame_header(frame, (enum frame_type)type, frame_body_max((enum frame_type)type));
        record_answer(state, frame, FRAME_HEADER_LEN + frame_body_max((enum frame_type)type));
    }
}

/* --- The rules of the format -------------------------------------------------------------------------------------- */

static void count(void *arg, const struct recording_event *e)
{
    size_t *events = arg;
    assert_non_null(e->data);
    ++*events;
}

/* How many events are read of a text, which is copied to memory of exactly its length; -1 where it is refused, and then
 * none is handed over and nothing is told of it. */
static ssize_t events_of(const char *text, size_t len, struct recording_info *info)
{
    char *exact = malloc(len > 0 ? len : 1);
    struct recording_info before;
    size_t events = 0;
    assert_non_null(exact);
    memcpy(exact, text, len);
    memset(info, 0x5a, sizeof *info);
    before = *info;
    int failed = recording_parse(info, exact, len, count, &events, why);
    free(exact);
    if (failed != 0) {
        assert_int_equal(events, 0);
        assert_memory_equal(info, &before, sizeof before);
    }
    return failed == 0 ? (ssize_t)events : -1;
}

static void expect_events(const char *text, size_t events)
{
    struct recording_info info;
    why[0] = '\0';
    if (events_of(text, strlen(text), &info) != (ssize_t)events)
        fail_msg("%s: %s", text, why);
}

static void expect_refused(const char *text, size_t line, const char *words)
{
    struct recording_info info;
    char begins[40];
    snprintf(begins, sizeof begins, "line %zu: ", line);
    if (events_of(text, strlen(text), &info) != -1)
        fail_msg("taken: %s", text);
    if (strncmp(why, begins, strlen(begins)) != 0 || strstr(why, words) == NULL)
        fail_msg("refused with '%s' instead of '%s...%s': %s", why, begins, words, text);
}

static void test_heads(void **state)
{
    (void)state;
    char text[400 + RECORDING_SERVER_MAX], name[RECORDING_SERVER_MAX + 2];
    expect_events(HEAD, 0);
    expect_events("glasschat recording 1\nrole server\nserver [::1]:1\nbegan 0\nend\n", 0);
    expect_events("glasschat recording 1\nrole client\nserver h\nbegan 253402300799\nend\n", 0);
    expect_refused("", 1, "no recording");
    expect_refused("glasschat recording 1", 1, "no recording");
    expect_refused("glasschat recording 2\n", 1, "another version");
    expect_refused("glasschat recording 10\n", 1, "another version");
    expect_refused(" glasschat recording 1\n", 1, "no recording");
    expect_refused("glasschat recording 1\r\n", 1, "another version");
    expect_refused("glasschat recording 1\nrole clientele\n", 2, "client or server");
    expect_refused("glasschat recording 1\nrole\n", 2, "begin with 'role '");
    expect_refused("glasschat recording 1\nserver h\n", 2, "begin with 'role '");
    expect_refused("glasschat recording 1\nrole client\nserver \n", 3, "printable");
    expect_refused("glasschat recording 1\nrole client\nserver a b\n", 3, "printable");
    expect_refused("glasschat recording 1\nrole client\nserver h\x7f\n", 3, "printable");
    expect_refused("glasschat recording 1\nrole client\nserver h\xc3\xb6st\n", 3, "printable");
    expect_refused("glasschat recording 1\nrole client\nserver h\nbegan \n", 4, "seconds since 1970");
    expect_refused("glasschat recording 1\nrole client\nserver h\nbegan 01\n", 4, "seconds since 1970");
    expect_refused("glasschat recording 1\nrole client\nserver h\nbegan 1.5\n", 4, "seconds since 1970");
    expect_refused("glasschat recording 1\nrole client\nserver h\nbegan -1\n", 4, "seconds since 1970");
    expect_refused("glasschat recording 1\nrole client\nserver h\nbegan 253402300800\n", 4, "seconds since 1970");
    expect_refused("glasschat recording 1\nrole client\nserver h\nbegan 1764460000000000000000\n", 4, "since 1970");
    expect_refused("glasschat recording 1\nrole client\nserver h\nbegan 5", 4, "no recording");
    memset(name, 'x', sizeof name);
    for (int len = RECORDING_SERVER_MAX; len <= RECORDING_SERVER_MAX + 1; len++) {
        snprintf(text, sizeof text, "glasschat recording 1\nrole client\nserver %.*s\nbegan 5\n", len, name);
        if (len == RECORDING_SERVER_MAX)
            expect_events(text, 0);
        else
            expect_refused(text, 3, "printable");
    }
}

static void test_events(void **state)
{
    (void)state;
    expect_events(HEAD T, 1);
    expect_events(HEAD T T "end\n", 2); /* at the same time */
    expect_events(HEAD "0.000001 seal_sequence 00000000000000ff\n999999999.999999 open_plaintext 00\n", 2);
    expect_refused(HEAD T "\n", 6, "begins with its time");
    expect_refused(HEAD "0.00000 open_plaintext 00\n", 5, "begins with its time");
    expect_refused(HEAD "0.0000000 open_plaintext 00\n", 5, "begins with its time");
    expect_refused(HEAD "00.000000 open_plaintext 00\n", 5, "begins with its time");
    expect_refused(HEAD ".000000 open_plaintext 00\n", 5, "begins with its time");
    expect_refused(HEAD "-0.000000 open_plaintext 00\n", 5, "begins with its time");
    expect_refused(HEAD "1000000000.000000 open_plaintext 00\n", 5, "begins with its time");
    expect_refused(HEAD "0,000000 open_plaintext 00\n", 5, "begins with its time");
    expect_refused(HEAD " 0.000000 open_plaintext 00\n", 5, "begins with its time");
    expect_refused(HEAD "0.000000\topen_plaintext 00\n", 5, "begins with its time");
    expect_refused(HEAD "1.000000 open_plaintext 00\n0.999999 open_plaintext 00\n", 6, "before that");
    expect_refused(HEAD "0.000000 open_plaintex 00\n", 5, "no event has that name");
    expect_refused(HEAD "0.000000 open_plaintext2 00\n", 5, "no event has that name");
    expect_refused(HEAD "0.000000 Open_plaintext 00\n", 5, "no event has that name");
    expect_refused(HEAD "0.000000 open_plaintext\n", 5, "no event has that name");
    expect_refused(HEAD "0.000000  open_plaintext 00\n", 5, "no event has that name");
    expect_refused(HEAD "0.000000 \n", 5, "no event has that name");
    expect_refused(HEAD "0.000000 open_plaintext \n", 5, "open_plaintext never has so many digits");
    expect_refused(HEAD "0.000000 open_plaintext -\n", 5, "open_plaintext never has so many digits");
    expect_refused(HEAD "0.000000 open_plaintext 000\n", 5, "open_plaintext never has so many digits");
    expect_refused(HEAD "0.000000 open_plaintext 0g\n", 5, "hex digits");
    expect_refused(HEAD "0.000000 open_plaintext 0A\n", 5, "hex digits");
    expect_refused(HEAD "0.000000 open_plaintext 00\r\n", 5, "open_plaintext never has so many digits");
    expect_refused(HEAD "0.000000 open_plaintext 00 \n", 5, "open_plaintext never has so many digits");
}

static void test_after_the_end(void **state)
{
    (void)state;
    expect_events(HEAD T "end\n", 1);
    expect_refused(HEAD T "end\n\n", 7, "after the end");
    expect_refused(HEAD T "end\nend\n", 7, "after the end");
    expect_refused(HEAD T "end\n" T, 7, "after the end");
    expect_refused(HEAD T "end\nx", 7, "after the end");
    expect_refused(HEAD T "end \n", 6, "begins with its time");
    expect_refused(HEAD T "end\r\n", 6, "begins with its time");
}

/* Of each event, which lengths it may have: from protocol.md sections 2 to 6. */
static const struct {
    const char *name;
    size_t least, greatest, step;
} lengths[] = {
    {"C", 32, 32, 1},
    {"T", 32, 32, 1},
    {"Z", 256, 512, 128},
    {"alert", 4, 260, 1},
    {"c_secret", 32, 32, 1},
    {"client_hello", 4, 1028, 1},
    {"client_private", 32, 48, 8},
    {"client_public", 256, 512, 128},
    {"client_random", 32, 32, 1},
    {"client_signature", 384, 384, 1},
    {"enc_key", 16, 32, 16},
    {"mac_key", 32, 32, 1},
    {"open_frame", 68, 16452, 16},
    {"open_plaintext", 1, 16385, 1},
    {"open_sequence", 8, 8, 1},
    {"prk", 32, 32, 1},
    {"s_secret", 32, 32, 1},
    {"seal_frame", 68, 16452, 16},
    {"seal_iv", 16, 16, 1},
    {"seal_plaintext", 16, 16400, 16},
    {"seal_sequence", 8, 8, 1},
    {"secret", 32, 32, 1},
    {"server_hello", 4, 4100, 1},
    {"server_private", 32, 48, 8},
    {"server_public", 256, 512, 128},
    {"server_random", 32, 32, 1},
    {"signature", 384, 384, 1},
    {"signed_hash", 32, 32, 1},
};

static void test_lengths(void **state)
{
    (void)state;
    static char text[sizeof HEAD + RECORDING_LINE_MAX + 100], zeros[2 * RECORDING_VALUE_MAX + 40];
    memset(zeros, '0', sizeof zeros);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t least = lengths[i].least, greatest = lengths[i].greatest, step = lengths[i].step;
        const size_t tried[] = {least - 1, least, least + 1, least + step, greatest - 1, greatest, greatest + 1};
        for (size_t j = 0; j < sizeof tried / sizeof *tried; j++) {
            size_t len = tried[j];
            snprintf(text, sizeof text, HEAD "0.000000 %s %.*s\n", lengths[i].name, (int)(2 * len), zeros);
            if (len >= least && len <= greatest && (len - least) % step == 0)
                expect_events(text, 1);
            else
                expect_refused(text, 5, "so many digits");
        }
    }
}

static void test_long_lines(void **state)
{
    (void)state;
    static char text[sizeof HEAD + 2 * RECORDING_LINE_MAX];
    for (size_t extra = 0; extra <= 1; extra++)
        for (size_t ended = 0; ended <= 1; ended++) {
            memcpy(text, HEAD, sizeof HEAD);
            memset(text + sizeof HEAD - 1, 'x', RECORDING_LINE_MAX + extra);
            strcpy(text + sizeof HEAD - 1 + RECORDING_LINE_MAX + extra, ended ? "\n" : "");
            if (extra == 0 && !ended)
                expect_events(text, 0);
            else
                expect_refused(text, 5, extra == 0 ? "begins with its time" : "longer than a line");
        }
}

/* A program that is killed, after each byte: the whole lines are there. */
static void test_cut_anywhere(void **state)
{
    (void)state;
    static const char text[] = HEAD T T T "end\n";
    size_t lines = 0, head_len = sizeof HEAD - 1;
    struct recording_info info;
    for (size_t len = 0; len < sizeof text; len++) {
        lines += len > 0 && text[len - 1] == '\n';
        ssize_t events = events_of(text, len, &info);
        if (len < head_len) {
            assert_int_equal(events, -1);
            continue;
        }
        bool whole = len == sizeof text - 1;
        assert_int_equal(events, lines - HEAD_LINES - whole);
        assert_int_equal(info.ended, whole);
    }
}

struct times {
    double last;
    size_t events;
};

static void note_time(void *arg, const struct recording_event *e)
{
    struct times *t = arg;
    assert_true(e->seconds >= t->last);
    t->last = e->seconds;
    t->events++;
}

static void test_what_it_says(void **state)
{
    (void)state;
    static const char text[] = "glasschat recording 1\nrole server\nserver [::1]:7447\nbegan 1764460000\n" T
                               "12.345678 seal_sequence "
                               "0000000000000001\nend\n";
    struct recording_info info;
    struct times times = {.last = 0};
    double said = 12.345678; /* where an x87 computes, a constant in an expression is more exact than a double */
    assert_int_equal(recording_parse(&info, text, sizeof text - 1, note_time, &times, why), 0);
    assert_true(info.server && info.ended);
    assert_string_equal(info.name, "[::1]:7447");
    assert_int_equal(info.began, 1764460000);
    assert_int_equal(times.events, 2);
    assert_true(times.last == said);
    assert_int_equal(recording_parse(&info, text, sizeof text - 1, NULL, NULL, why), 0);
}

/* --- Bounds ------------------------------------------------------------------------------------------------------- */

/* HEAD and a line n times over. */
static char *repeated(const char *line, size_t line_len, size_t n, size_t *len)
{
    char *text = malloc(sizeof HEAD + n * line_len);
    assert_non_null(text);
    memcpy(text, HEAD, sizeof HEAD);
    *len = sizeof HEAD - 1;
    for (size_t i = 0; i < n; i++, *len += line_len)
        memcpy(text + *len, line, line_len);
    return text;
}

static void test_how_many_events(void **state)
{
    (void)state;
    static const char line[] = "0.000000 open_plaintext 00\n";
    struct recording_info info;
    char begins[40];
    size_t len;
    char *text = repeated(line, sizeof line - 1, RECORDING_EVENTS_MAX + 1, &len);
    assert_int_equal(recording_parse(&info, text, len - (sizeof line - 1), NULL, NULL, why), 0);
    assert_int_equal(recording_parse(&info, text, len, NULL, NULL, why), -1);
    snprintf(begins, sizeof begins, "line %d: ", HEAD_LINES + RECORDING_EVENTS_MAX + 1);
    assert_memory_equal(why, begins, strlen(begins));
    assert_non_null(strstr(why, "more events"));
    free(text);
}

static void test_how_many_bytes(void **state)
{
    (void)state;
    static char line[RECORDING_LINE_MAX + 1];
    struct recording_info info;
    size_t len, line_len = (size_t)sprintf(line, "0.000000 open_frame ");
    memset(line + line_len, '0', 2 * RECORDING_VALUE_MAX);
    line_len += 2 * RECORDING_VALUE_MAX;
    line[line_len++] = '\n';
    char *text = repeated(line, line_len, RECORDING_SIZE_MAX / line_len + 1, &len);
    assert_true(len > RECORDING_SIZE_MAX);
    assert_int_equal(recording_parse(&info, text, RECORDING_SIZE_MAX, NULL, NULL, why), 0); /* the last line is cut */
    assert_int_equal(recording_parse(&info, text, RECORDING_SIZE_MAX + 1, NULL, NULL, why), -1);
    assert_non_null(strstr(why, "64 MiB"));
    free(text);
}

/* What can't be read is not written. */
static void test_the_writer_keeps_the_bounds(void **state)
{
    static const uint8_t bytes[RECORDING_VALUE_MAX];
    struct recording r;
    struct recording_info info;
    char path[200];
    strcpy(path, in_scratch(state, "file"));
    for (int which = 0; which <= 1; which++) {
        assert_int_equal(recording_create(&r, path, "client", "h:1", why), 0);
        size_t head_len = r.size, events = 0, len;
        trace_event(&r.trace, "open_frame", bytes, sizeof bytes);
        size_t line_len = r.size - head_len;
        if (which == 0)
            r.events = RECORDING_EVENTS_MAX - 1; /* as after so many */
        else
            r.size = RECORDING_SIZE_MAX - line_len;
        trace_event(&r.trace, "open_frame", bytes, sizeof bytes);
        assert_int_equal(r.failed, 0);
        trace_event(&r.trace, "open_frame", bytes, sizeof bytes);
        assert_int_equal(r.failed, EFBIG);
        assert_int_equal(recording_close(&r, true, why), -1);
        assert_non_null(strstr(why, "File too large"));
        char *text = scratch_read(state, "file", &len);
        assert_int_equal(len, which == 0 ? head_len + 2 * line_len : RECORDING_SIZE_MAX);
        if (which == 0)
            assert_int_equal(recording_parse(&info, text, len, count, &events, why), 0);
        free(text);
        assert_int_equal(unlink(path), 0);
    }
}

/* --- The file ----------------------------------------------------------------------------------------------------- */

static void expect_mode(const char *path, mode_t mask)
{
    struct recording r;
    struct stat st;
    mode_t before = umask(mask);
    int failed = recording_create(&r, path, "client", "h:1", why);
    umask(before);
    assert_int_equal(failed, 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0600);
    assert_int_equal(recording_close(&r, true, why), 0);
    assert_int_equal(access(path, F_OK), -1); /* it has no event */
}

static void test_it_is_its_owners_alone(void **state)
{
    const char *path = in_scratch(state, "file");
    expect_mode(path, 0);
    expect_mode(path, 022);
    expect_mode(path, 0777);
}

static void expect_not_created(const char *path, const char *words)
{
    struct recording r;
    assert_int_equal(recording_create(&r, path, "client", "h:1", why), -1);
    if (strncmp(why, path, strlen(path)) != 0 || strstr(why, words) == NULL)
        fail_msg("'%s' is not in '%s'", words, why);
}

static void test_what_is_there_stays(void **state)
{
    size_t len;
    scratch_write(state, "file", "mine", 4);
    assert_int_equal(symlinkat("file", scratch_fd(state), "link"), 0);
    assert_int_equal(symlinkat("nothing", scratch_fd(state), "dangling"), 0);
    assert_int_equal(mkfifo(in_scratch(state, "pipe"), 0600), 0);
    static const char *const there[] = {"file", "link", "dangling", "pipe", "."};
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        expect_not_created(in_scratch(state, there[i]), "there already, and stays as it is");
    char *text = scratch_read(state, "file", &len);
    assert_int_equal(len, 4);
    assert_string_equal(text, "mine");
    free(text);
    assert_int_equal(access(in_scratch(state, "nothing"), F_OK), -1);
    assert_int_equal(access(in_scratch(state, "pipe"), F_OK), 0);
    expect_not_created(in_scratch(state, "no/file"), "No such file or directory");
    expect_not_created("/dev/full", "there already");
}

/* A disk with room for so many bytes, by a limit on the size of files. */
static void limit_files(struct rlimit *before, size_t size)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, before), 0);
    limit = *before;
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_no_room_for_the_head(void **state)
{
    struct rlimit before;
    struct recording r;
    const char *path = in_scratch(state, "file");
    limit_files(&before, 30);
    int failed = recording_create(&r, path, "client", "h:1", why);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(failed, -1);
    assert_non_null(strstr(why, "File too large"));
    assert_int_equal(access(path, F_OK), -1);
}

/* Wherever the disk is full, all lines before that are read, and nothing is written later, when there is room again. */
static void test_no_room_for_more(void **state)
{
    uint8_t key[32];
    char path[200];
    strcpy(path, in_scratch(state, "file"));
    fill(key, sizeof key, 1);
    for (size_t room = 100; room < 260; room += 13) {
        struct recording r;
        struct recording_info info;
        struct rlimit before;
        size_t events = 0, len, whole = 0;
        assert_int_equal(recording_create(&r, path, "client", "h:1", why), 0);
        limit_files(&before, room);
        for (int i = 0; i < 3; i++) {
            trace_event(&r.trace, "enc_key", key, sizeof key);
            whole += r.failed == 0;
        }
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(r.failed, EFBIG);
        trace_event(&r.trace, "mac_key", key, sizeof key);
        assert_int_equal(recording_close(&r, true, why), -1);
        assert_non_null(strstr(why, "File too large: the recording has not all of it"));
        free(scratch_read(state, "file", &len));
        assert_int_equal(len, room);
        assert_int_equal(recording_read(&info, path, count, &events, why), 0);
        assert_int_equal(events, whole);
        assert_false(info.ended);
        assert_int_equal(unlink(path), 0);
    }
}

static void expect_not_read(const char *path, const char *words)
{
    struct recording_info info;
    assert_int_equal(recording_read(&info, path, NULL, NULL, why), -1);
    if (strncmp(why, path, strlen(path)) != 0 || strstr(why, words) == NULL)
        fail_msg("'%s' is not in '%s'", words, why);
}

static void test_what_can_not_be_read(void **state)
{
    expect_not_read(in_scratch(state, "none"), "No such file");
    expect_not_read(scratch_path(state), "it is a folder");
    scratch_write(state, "file", HEAD "end\nend\n", sizeof HEAD - 1 + 8);
    expect_not_read(in_scratch(state, "file"), ": line 6: there is something after the end");
    assert_int_equal(truncate(in_scratch(state, "file"), RECORDING_SIZE_MAX), 0);
    expect_not_read(in_scratch(state, "file"), ": line 6: ");
    assert_int_equal(truncate(in_scratch(state, "file"), RECORDING_SIZE_MAX + 1), 0);
    expect_not_read(in_scratch(state, "file"), "64 MiB");
    expect_not_read("/dev/zero", "64 MiB");
    expect_not_read("/dev/null", ": line 1: ");
}

/* --- Wrong use ---------------------------------------------------------------------------------------------------- */

static struct recording wrong = {.fd = -1};

static void wrong_role(void)
{
    (void)!recording_create(&wrong, "/nowhere/file", "nobody", "h:1", why);
}

static void wrong_server(void)
{
    (void)!recording_create(&wrong, "/nowhere/file", "client", "h\n1", why);
}

static void right_use(void)
{
    (void)!recording_create(&wrong, "/nowhere/file", "client", "h:1", why);
}

static void long_value(void)
{
    static uint8_t bytes[RECORDING_VALUE_MAX + 1];
    right_use();
    trace_event(&wrong.trace, "T", bytes, sizeof bytes);
}

static void long_name(void)
{
    right_use();
    trace_event(&wrong.trace, "a_name_that_has_one_byte_too_many", (const uint8_t *)"", 1);
}

static void test_wrong_use(void **state)
{
    (void)state;
    assert_false(aborts(right_use));
    assert_true(aborts(wrong_role));
    assert_true(aborts(wrong_server));
    assert_true(aborts(long_value));
    assert_true(aborts(long_name));
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_a_session_comes_back),
        IN_SCRATCH(test_a_session_of_two_users_comes_back),
        IN_SCRATCH(test_what_a_stranger_answers_comes_back),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_after_the_end),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_what_it_says),
        cmocka_unit_test(test_how_many_events),
        cmocka_unit_test(test_how_many_bytes),
        IN_SCRATCH(test_the_writer_keeps_the_bounds),
        IN_SCRATCH(test_it_is_its_owners_alone),
        IN_SCRATCH(test_what_is_there_stays),
        IN_SCRATCH(test_no_room_for_the_head),
        IN_SCRATCH(test_no_room_for_more),
        IN_SCRATCH(test_what_can_not_be_read),
        cmocka_unit_test(test_wrong_use),
    };
    return RUN(tests);
}
