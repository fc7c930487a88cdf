#include "app/client/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "app/client/interrupt.h"
#include "crypto/ct.h"

#define FILE_MAX_LEN (PASSWORD_MAX_LEN + MESSAGE_CODE_LEN + 4) /* two lines, each with CR and LF */

void secret_wipe(struct secret *s)
{
    ct_wipe(s, sizeof *s);
}

/* --- From a file -------------------------------------------------------------------------------------------------- */

/* Reads fd to its end, at most cap bytes; -1 with errno, EFBIG where there was more. */
static int read_whole(int fd, uint8_t *out, size_t cap, size_t *len)
{
    *len = 0;
    for (;;) {
        uint8_t beyond;
        ssize_t n = *len < cap ? read(fd, out + *len, cap - *len) : read(fd, &beyond, 1);
        if (n == 0)
            return 0;
        if (n > 0 && *len == cap) {
            errno = EFBIG;
            return -1;
        }
        if (n > 0)
            *len += (size_t)n;
        else if (errno != EINTR)
            return -1;
    }
}

/* Takes a line off the front and says how long it is without its end. */
static size_t take_line(const uint8_t **text, size_t *text_len, const uint8_t **line)
{
    const uint8_t *end = *text_len > 0 ? memchr(*text, '\n', *text_len) : NULL;
    size_t len = end != NULL ? (size_t)(end - *text) : *text_len;
    *line = *text;
    *text += end != NULL ? len + 1 : len;
    *text_len -= end != NULL ? len + 1 : len;
    return len > 0 && (*line)[len - 1] == '\r' ? len - 1 : len;
}

static int split(struct secret *s, const uint8_t *text, size_t text_len, const char *path,
                 char why[static SECRET_WHY_LEN])
{
    const uint8_t *password, *code, *more;
    size_t password_len = take_line(&text, &text_len, &password);
    size_t code_len = take_line(&text, &text_len, &code);
    if (!password_valid(password_len))
        snprintf(why, SECRET_WHY_LEN, "%s: its first line must be the password, %d to %d bytes", path, PASSWORD_MIN_LEN,
                 PASSWORD_MAX_LEN);
    else if (!password_code_valid(code, code_len))
        snprintf(why, SECRET_WHY_LEN, "%s: its second line may only be a code of six digits", path);
    else if (take_line(&text, &text_len, &more) != 0 || text_len != 0)
        snprintf(why, SECRET_WHY_LEN, "%s: it may have two lines only, the password and the code", path);
    else {
        memcpy(s->password, password, password_len);
        s->password_len = password_len;
        memcpy(s->code, code, code_len);
        s->code[code_len] = '\0';
        return 0;
    }
    return -1;
}

static int check_private(int fd, const char *path, char why[static SECRET_WHY_LEN])
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        snprintf(why, SECRET_WHY_LEN, "%s: %s", path, strerror(errno));
        return -1;
    }
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        return 0;
    snprintf(why, SECRET_WHY_LEN, "%s can be read by other users: chmod 600 it first", path);
    return -1;
}

int secret_from_file(struct secret *s, const char *path, char why[static SECRET_WHY_LEN])
{
    uint8_t text[FILE_MAX_LEN];
    size_t len = 0;
    int failed = -1;
    *s = (struct secret){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        snprintf(why, SECRET_WHY_LEN, "%s: %s", path, strerror(errno));
        return -1;
    }
    if (check_private(fd, path, why) == 0) {
        if (read_whole(fd, text, sizeof text, &len) == 0)
            failed = split(s, text, len, path, why);
        else
            snprintf(why, SECRET_WHY_LEN, "%s: %s", path,
                     errno == EFBIG ? "too long for a password and a code" : strerror(errno));
    }
    ct_wipe(text, sizeof text);
    close(fd);
    return failed;
}

/* --- At the terminal ---------------------------------------------------------------------------------------------- */

/* Waits for a whole line, which is what a terminal hands over. False: a signal came that means stop. */
static bool wait_for_line(void)
{
    for (;;) {
        struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = interrupt_fd(), .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return false;
        for (int signal; (fds[1].revents & POLLIN) != 0 && (signal = interrupt_next()) != 0;)
            if (interrupt_is_end(signal))
                return false;
        if (fds[0].revents != 0)
            return true;
    }
}

/* Hides what is typed, but for the line's end; what was typed ahead, and so was seen, is thrown away. False where that
 * can't be done. */
static bool hide_typing(struct termios *before)
{
    if (tcgetattr(STDIN_FILENO, before) != 0)
        return false;
    struct termios hidden = *before;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ECHONL;
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
}

/* One line, without its end, into out; how long it was, or -1 where the user gave up. A longer one is given as
 * out_cap + 1. */
static ssize_t ask(uint8_t *out, size_t out_cap, const char *question, bool hide)
{
    uint8_t typed[4096]; /* a terminal's line is never longer */
    struct termios before;
    ssize_t n = -1;
    if (hide && !hide_typing(&before))
        return -1;
    fprintf(stderr, "%s", question);
    fflush(stderr);
    if (wait_for_line())
        n = read(STDIN_FILENO, typed, sizeof typed);
    if (hide)
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    if (n <= 0) {
        fputc('\n', stderr);
        return -1;
    }
    if (typed[n - 1] == '\n')
        n--;
    size_t len = (size_t)n <= out_cap ? (size_t)n : out_cap;
    memcpy(out, typed, len);
    ct_wipe(typed, sizeof typed);
    return (size_t)n <= out_cap ? n : (ssize_t)out_cap + 1;
}

static int give_up(char why[static SECRET_WHY_LEN])
{
    snprintf(why, SECRET_WHY_LEN, "nothing was typed: not logged in");
    return -1;
}

int secret_ask_line(char *out, size_t out_cap, const char *question, char why[static SECRET_WHY_LEN])
{
    ssize_t n = ask((uint8_t *)out, out_cap - 1, question, false);
    if (n < 0)
        return give_up(why);
    out[(size_t)n < out_cap ? (size_t)n : 0] = '\0'; /* too long is as good as nothing */
    return 0;
}

/* A password that may be one; asks until it is. */
static int ask_password(struct secret *s, const char *question, char why[static SECRET_WHY_LEN])
{
    for (;;) {
        ssize_t n = ask(s->password, sizeof s->password, question, true);
        if (n < 0)
            return give_up(why);
        if (password_valid((size_t)n)) {
            s->password_len = (size_t)n;
            return 0;
        }
        fprintf(stderr, "a password has %d to %d bytes\n", PASSWORD_MIN_LEN, PASSWORD_MAX_LEN);
    }
}

static int ask_twice(struct secret *s, char why[static SECRET_WHY_LEN])
{
    for (;;) {
        struct secret again = {0};
        int failed = ask_password(s, "new password: ", why);
        if (failed == 0)
            failed = ask_password(&again, "the same again: ", why);
        bool same = failed == 0 && s->password_len == again.password_len &&
                    ct_equal(s->password, again.password, s->password_len);
        secret_wipe(&again);
        if (failed != 0 || same)
            return failed;
        fprintf(stderr, "these two differ\n");
    }
}

static int ask_code(struct secret *s, char why[static SECRET_WHY_LEN])
{
    for (;;) {
        if (secret_ask_line(s->code, sizeof s->code, "code (Enter if none): ", why) != 0)
            return -1;
        if (password_code_valid(s->code, strlen(s->code)))
            return 0;
        fprintf(stderr, "a code has six digits\n");
    }
}

int secret_ask(struct secret *s, bool confirm, bool with_code, char why[static SECRET_WHY_LEN])
{
    *s = (struct secret){0};
    int failed = confirm ? ask_twice(s, why) : ask_password(s, "password: ", why);
    if (failed == 0 && with_code)
        failed = ask_code(s, why);
    if (failed != 0)
        secret_wipe(s);
    return failed;
}
