/* SPDX-License-Identifier: MIT */
/* What is typed, or piped, to the server's own terminal (--console). Beside the console stands a model of which lines
 * it must refuse unread and which stop the server. Findings besides a crash: output with a byte that a terminal obeys,
 * or a line that is none of the console's; a server that stops, or does not, against the model; another number of lines
 * refused; a line that would go to a room with an impossible name; somebody or something left in the rooms. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/message/text.h"
#include "app/server/base/log.h"
#include "app/server/chat.h"
#include "app/server/console.h"
#include "app/server/server.h"
#include "app/server/store/accounts.h"
#include "tests/fuzz/fuzz.h"
#include "tests/text_shown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 16384
#define OUTPUT_MAX (1u << 23)
#define REFUSED "! that line is too long, or is no text"

static struct limits limits;
static struct accounts *accounts;

/* --- Once --------------------------------------------------------------------------------------------------------- */

static void close_accounts(void)
{
    accounts_close(accounts);
}

/* A file that is in no folder. */
static void put_file_at(int fd)
{
    char path[FUZZ_PATH_LEN];
    int file = fuzz_file(path);
    assert(dup2(file, fd) == fd);
    unlink(path);
    close(file);
}

static void open_accounts(void)
{
    char path[FUZZ_PATH_LEN], error[WHY_LEN];
    size_t torn;
    int fd = fuzz_folder(path);
    accounts = accounts_open(fd, NULL, 10, &torn, error);
    assert(accounts != NULL);
    unlinkat(fd, "accounts", 0);
    rmdir(path);
    atexit(close_accounts);
}

static void set_up(void)
{
    log_set_level(LOG_ERROR);
    limits = LIMITS_DEFAULT;
    put_file_at(STDIN_FILENO);
    put_file_at(STDOUT_FILENO);
    open_accounts();
}

/* --- The model ---------------------------------------------------------------------------------------------------- */

struct expected {
    size_t refused;
    bool stops;
};

static bool is(const char *line, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(line, word, len) == 0;
}

static void expect_of_line(struct expected *e, const char *line, size_t len)
{
    bool too_long = len > CONSOLE_LINE_MAX - 1;
    if (len > 0 && line[len - 1] == '\r')
        len--;
    if (too_long || memchr(line, '\0', len) != NULL) {
        e->refused++;
        return;
    }
    const char *space = memchr(line, ' ', len);
    size_t word_len = space != NULL ? (size_t)(space - line) : len;
    if (is(line, len, "quit") || is(line, len, "exit") || is(line, word_len, "/quit"))
        e->stops = true;
}

static struct expected expect(const char *text, size_t len)
{
    struct expected e = {0, false};
    const char *end;
    for (; (end = memchr(text, '\n', len)) != NULL; len -= (size_t)(end + 1 - text), text = end + 1)
        expect_of_line(&e, text, (size_t)(end - text));
    if (len > 0)
        expect_of_line(&e, text, len);
    return e;
}

/* --- The console -------------------------------------------------------------------------------------------------- */

static void give(const char *text, size_t len)
{
    ssize_t n = ftruncate(STDIN_FILENO, 0) == 0 ? pwrite(STDIN_FILENO, text, len, 0) : -1;
    assert(n == (ssize_t)len && lseek(STDIN_FILENO, 0, SEEK_SET) == 0);
    assert(ftruncate(STDOUT_FILENO, 0) == 0 && lseek(STDOUT_FILENO, 0, SEEK_SET) == 0);
}

/* As the reactor does; says whether the server was stopped. */
static bool run_console(void)
{
    static struct server server;
    struct server *s = &server;
    server = (struct server){.limits = &limits, .accounts = accounts};
    s->poller = poller_new();
    s->workers = worker_start(1);
    assert(s->poller != NULL && s->workers != NULL && rooms_init(&s->rooms, &limits) == 0);
    assert(console_open(s) == 0);
    while (!s->console->ended) {
        console_ready(s, &s->console->in);
        assert(name_valid(s->console->room, strlen(s->console->room)));
        s->now += 1000;
        chat_end_turn(s);
        console_end_turn(s);
    }
    console_close(s);
    assert(s->rooms.everybody.members_len == 0 && s->rooms.len == 1); /* the lobby */
    rooms_free(&s->rooms);
    worker_stop(s->workers);
    poller_free(s->poller);
    return s->stop_asked;
}

static void check_line(const char *line, size_t len)
{
    char shown[TEXT_SHOWN_LEN(TEXT_SHOWN_LEN(CONSOLE_LINE_MAX))];
    assert(len > 0 && len <= TEXT_SHOWN_LEN(CONSOLE_LINE_MAX) && strchr("*![/", line[0]) != NULL);
    assert(text_shown(shown, sizeof shown, line, len) == len && memcmp(shown, line, len) == 0);
}

/* Returns how many lines it says were refused, or -1 where it left lines out. */
static long check_output(const char *out, size_t len)
{
    long refused = 0;
    const char *end;
    for (; (end = memchr(out, '\n', len)) != NULL; len -= (size_t)(end + 1 - out), out = end + 1) {
        check_line(out, (size_t)(end - out));
        if (refused >= 0 && is(out, (size_t)(end - out), REFUSED))
            refused++;
        if (strncmp(out, "* ", 2) == 0 && strncmp(out + 2 + strspn(out + 2, "0123456789"), " lines were", 11) == 0)
            refused = -1;
    }
    assert(len == 0);
    return refused;
}

static void check(const char *text, size_t len)
{
    static char out[OUTPUT_MAX + 1];
    struct expected e = expect(text, len);
    give(text, len);
    bool stopped = run_console();
    assert(stopped == e.stops);
    ssize_t n = pread(STDOUT_FILENO, out, OUTPUT_MAX, 0);
    assert(n >= 0 && n < OUTPUT_MAX);
    out[n] = '\0';
    long refused = check_output(out, (size_t)n);
    assert(refused < 0 || (size_t)refused == e.refused);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t len;
    if (size > INPUT_MAX)
        return 0;
    if (accounts == NULL)
        set_up();
    char *text = fuzz_expand(data, size, &len);
    if (len <= INPUT_MAX)
        check(text, len);
    free(text);
    return 0;
}
