/* SPDX-License-Identifier: MIT */
/* What goes out to a terminal, a pipe, a file: in which form, and that a terminal gets whole rows. The terminal is a
 * pseudo-terminal, whose other end is read under each kind of locale. */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include "app/terminal/display.h"

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/test.h"

#define U_CIRCUMFLEX "\xc3\x9b" /* U+00DB: its second byte is CSI */

static void use_locale(const char *all, const char *ctype, const char *lang)
{
    setenv("LC_ALL", all, 1);
    setenv("LC_CTYPE", ctype, 1);
    setenv("LANG", lang, 1);
    display_init();
}

static char got[40000];

/* What is there to be read, when all of it was written. */
static const char *read_all(int fd)
{
    ssize_t n = read(fd, got, sizeof got - 1);
    got[n > 0 ? n : 0] = '\0';
    return got;
}

static const char *through_pipe(const char *text)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    FILE *f = fdopen(ends[1], "w");
    assert_int_equal(display_line(f, "%s", text), 0);
    fclose(f);
    read_all(ends[0]);
    close(ends[0]);
    return got;
}

/* A terminal of 20 columns that passes on what it gets as it is. NULL: this machine gives none. */
static FILE *open_terminal(int *master)
{
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    if (*master < 0 || grantpt(*master) != 0 || unlockpt(*master) != 0)
        return NULL;
    int slave = open(ptsname(*master), O_RDWR | O_NOCTTY);
    struct winsize size = {.ws_row = 24, .ws_col = 20};
    struct termios raw;
    assert_true(slave >= 0 && ioctl(slave, TIOCSWINSZ, &size) == 0 && tcgetattr(slave, &raw) == 0);
    raw.c_oflag &= ~(tcflag_t)OPOST;
    assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
    return fdopen(slave, "w");
}

static const char *through_terminal(const char *text)
{
    int master;
    FILE *f = open_terminal(&master);
    assert_non_null(f);
    assert_int_equal(display_line(f, "%s", text), 0);
    read_all(master);
    fclose(f);
    close(master);
    return got;
}

/* An emulated machine of the other byte order can't read this one's locales. */
static bool have_utf8(void)
{
    bool have = setlocale(LC_CTYPE, "C.UTF-8") != NULL;
    if (!have)
        puts("skipped: there is no UTF-8 locale");
    return have;
}

static void test_which_locales_are_utf8(void **state)
{
    (void)state;
    bool have = have_utf8();
#if defined __linux__ && !defined __GLIBC__ /* musl: whatever is not C is UTF-8 */
    enum { UNKNOWN = true };
#else
    enum { UNKNOWN = false };
#endif
    static const struct {
        const char *all, *ctype, *lang;
        bool utf8;
    } cases[] = {{"C", "C.UTF-8", "C.UTF-8", false},
                 {"", "C", "C.UTF-8", false},
                 {"", "", "POSIX", false},
                 {"", "", "", UNKNOWN},
                 {"no_such", "", "C.UTF-8", UNKNOWN},
                 {"C.UTF-8", "C", "C", true},
                 {"", "C.UTF-8", "C", true},
                 {"", "", "C.UTF-8", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        use_locale(cases[i].all, cases[i].ctype, cases[i].lang);
        assert_int_equal(display_utf8(), have && cases[i].utf8);
    }
}

static void test_a_terminal_without_utf8_gets_ascii(void **state)
{
    (void)state;
    setenv("TERM", "xterm", 1);
    use_locale("C", "", "C.UTF-8");
    assert_string_equal(through_terminal(U_CIRCUMFLEX "2J"), "\033[?7l\\u{db}2J\033[?7h\n");
    if (!have_utf8())
        return;
    use_locale("C.UTF-8", "", "");
    assert_string_equal(through_terminal(U_CIRCUMFLEX "2J"), "\033[?7l" U_CIRCUMFLEX "2J\033[?7h\n");
}

static void test_a_pipe_gets_utf8_whatever_the_locale(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        use_locale(i == 0 ? "C" : "C.UTF-8", "", "");
        assert_string_equal(through_pipe(U_CIRCUMFLEX "2J \\u{db} and more than twenty columns\033"),
                            U_CIRCUMFLEX "2J \\u{db} and more than twenty columns\xef\xbf\xbd\n");
    }
}

static void test_only_a_terminal_that_obeys_gets_sequences(void **state)
{
    (void)state;
    use_locale("C.UTF-8", "", "");
    static const char *const kinds[] = {"dumb", ""};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        setenv("TERM", kinds[i], 1);
        assert_string_equal(through_terminal("one two three four five"), "one two three four \n    five\n");
    }
    unsetenv("TERM");
    assert_string_equal(through_terminal("one"), "one\n");
}

/* However long a text is, what is written together ends in a whole row, with auto-wrap on. */
static void test_each_row_is_whole(void **state)
{
    (void)state;
    static char text[12000];
    setenv("TERM", "xterm", 1);
    use_locale("C.UTF-8", "", "");
    memset(text, 'x', sizeof text - 1);
    int master;
    FILE *f = open_terminal(&master);
    assert_non_null(f);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(display_line(f, "%s", text) == 0 ? 0 : 1);
    size_t rows = 0, len = 0, seen = 0;
    while (seen < sizeof text - 1) { /* some of a row, or several */
        ssize_t n = read(master, got + len, sizeof got - 1 - len);
        assert_true(n > 0);
        len += (size_t)n;
        seen = 0;
        for (size_t i = 0; i < len; i++)
            seen += got[i] == 'x';
    }
    got[len] = '\0';
    for (char *row = got, *end; (end = strchr(row, '\n')) != NULL; row = end + 1, rows++) {
        assert_memory_equal(row, "\033[?7l", 5);
        assert_memory_equal(end - 5, "\033[?7h", 5);
        assert_in_range(end - row, 10, 10 + 19);
    }
    assert_in_range(rows, 700, 900);
    int status;
    assert_true(waitpid(child, &status, 0) == child && status == 0);
    fclose(f);
    close(master);
}

/* On such a socket each write is a message of its own. */
static void test_a_line_is_one_write(void **state)
{
    (void)state;
    static char text[20000];
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
    FILE *unbuffered = fdopen(ends[1], "w");
    assert_non_null(unbuffered);
    assert_int_equal(setvbuf(unbuffered, NULL, _IONBF, 0), 0);
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(display_line(unbuffered, "%s", text), 0);
    assert_int_equal(strlen(read_all(ends[0])), sizeof text);
    fclose(unbuffered);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_locales_are_utf8),
        cmocka_unit_test(test_a_terminal_without_utf8_gets_ascii),
        cmocka_unit_test(test_a_pipe_gets_utf8_whatever_the_locale),
        cmocka_unit_test(test_only_a_terminal_that_obeys_gets_sequences),
        cmocka_unit_test(test_each_row_is_whole),
        cmocka_unit_test(test_a_line_is_one_write),
    };
    return RUN(tests);
}
