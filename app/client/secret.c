/* SPDX-License-Identifier: MIT */
#include "app/client/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/terminal/display.h"
#include "app/terminal/tty.h"
#include "crypto/ct.h"
#include "net/input.h"

#define FILE_MAX_LEN (PASSWORD_MAX_LEN + MESSAGE_CODE_LEN + 4) /* two lines, each with CR and LF */
#define GIVEN_SECRET_MIN 4 /* bytes: what is shorter may be a word that somebody wants to say */

void secret_wipe(struct secret *s)
{
    ct_wipe(s, sizeof *s);
}

/* --- From a file -------------------------------------------------------------------------------------------------- */

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
    uint8_t text[FILE_MAX_LEN + 1];
    int failed = -1;
    *s = (struct secret){0};
    int fd = input_open(path);
    if (fd < 0) {
        snprintf(why, SECRET_WHY_LEN, "%s: %s", path, input_why(errno));
        return -1;
    }
    if (check_private(fd, path, why) == 0) {
        ssize_t len = input_read(fd, text, sizeof text, false);
        if (len < 0 || len > FILE_MAX_LEN)
            snprintf(why, SECRET_WHY_LEN, "%s: %s", path,
                     len < 0 ? input_why(errno) : "too long for a password and a code");
        else
            failed = split(s, text, (size_t)len, path, why);
    }
    ct_wipe(text, sizeof text);
    close(fd);
    return failed;
}

/* --- At the terminal ---------------------------------------------------------------------------------------------- */

/* A question as an editor of line.h: the terminal itself holds what is being typed, and what arrives is shown above. */

static void question_erase(struct line *line)
{
    (void)line;
    display_erase_row(stderr);
}

static void question_redraw(struct line *line)
{
    display_ask(stderr, line->prompt);
}

static void question_resized(struct line *line)
{
    (void)line;
}

static void question_pause(struct line *line, bool on)
{
    const struct termios *before = line->hidden;
    if (before != NULL && on)
        tty_give_back(before);
    if (before != NULL && !on)
        (void)tty_hide_again(before);
    if (!on)
        question_redraw(line);
}

static const struct line_editor question_editor = {
    .erase = question_erase,
    .redraw = question_redraw,
    .resized = question_resized,
    .pause = question_pause,
};

/* Puts the question, and waits until there is an answer to read. False: the user is to be asked no more. */
static bool wait_for_answer(struct line *line, const char *question)
{
    const struct line_editor *editor = line->editor;
    char prompt[LINE_PROMPT_LEN];
    memcpy(prompt, line->prompt, sizeof prompt);
    snprintf(line->prompt, sizeof line->prompt, "%s", question);
    line->editor = &question_editor;
    question_redraw(line);
    line->editing = true;
    bool readable = line->until_readable(line->arg);
    line->editing = false;
    line->editor = editor;
    memcpy(line->prompt, prompt, sizeof prompt);
    return readable;
}

/* One line, without its end, into out; how long it was, or -1 where the user gave up. A longer one is given as
 * out_cap + 1. Around a hidden answer, what was typed ahead is thrown away: before it, it was seen; behind it, it is
 * more of a password than was asked for, and must not become a text. */
static ssize_t ask_person(struct line *line, uint8_t *out, size_t out_cap, const char *question, bool hide)
{
    uint8_t typed[4096]; /* a terminal's line is never longer */
    struct termios before;
    ssize_t n = -1;
    line_discard(line);
    if (hide && tty_hide(&before) != 0)
        return -1;
    line->hidden = hide ? &before : NULL;
    if (wait_for_answer(line, question))
        n = read(STDIN_FILENO, typed, sizeof typed);
    line->hidden = NULL;
    if (hide)
        tty_give_back(&before);
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

/* The same of a script's next line. */
static ssize_t ask_script(struct line *line, uint8_t *out, size_t out_cap)
{
    const char *text;
    size_t len;
    enum line_result result = line_next(line, &text, &len);
    if (result == LINE_TEXT && len <= out_cap)
        memcpy(out, text, len);
    if (result == LINE_TOO_LONG)
        len = out_cap + 1;
    line_wipe(line);
    if (result != LINE_TEXT && result != LINE_TOO_LONG)
        return -1;
    return len <= out_cap ? (ssize_t)len : (ssize_t)out_cap + 1;
}

/* What may be a password is from now on never said, whatever comes of it: a script may answer once more than it was
 * asked, and a person too early or too late. */
static ssize_t ask(struct line *line, uint8_t *out, size_t out_cap, const char *question, bool hide)
{
    ssize_t n = line->terminal ? ask_person(line, out, out_cap, question, hide) : ask_script(line, out, out_cap);
    if (n > 0 && (size_t)n <= out_cap && (hide ? n >= GIVEN_SECRET_MIN : password_code_valid(out, (size_t)n)))
        given_secrets_add(&line->given, out, (size_t)n);
    return n;
}

static int give_up(struct line *line, char why[static SECRET_WHY_LEN])
{
    if (line->terminal)
        line_skip(line); /* the answers that were to come */
    snprintf(why, SECRET_WHY_LEN, "%s",
             line->terminal ? "nothing was typed" : "the input ended where an answer was expected");
    return -1;
}

/* What will not do is said, and a person is asked again. */
static int wrong(const struct line *line, const char *text, char why[static SECRET_WHY_LEN])
{
    if (line->terminal)
        display_line(stderr, "%s", text);
    else
        snprintf(why, SECRET_WHY_LEN, "%s", text);
    return line->terminal ? 0 : -1;
}

int secret_ask_line(struct line *line, char *out, size_t out_cap, const char *question, char why[static SECRET_WHY_LEN])
{
    ssize_t n = ask(line, (uint8_t *)out, out_cap - 1, question, false);
    if (n < 0)
        return give_up(line, why);
    if ((size_t)n >= out_cap || memchr(out, '\0', (size_t)n) != NULL)
        n = 0; /* too long is as good as nothing, and so is what would end early */
    out[n] = '\0';
    return 0;
}

/* A password that may be one; asks until it is. */
static int ask_password(struct line *line, struct secret *s, const char *question, char why[static SECRET_WHY_LEN])
{
    bool in_chat = line->editor != NULL;
    for (;;) {
        ssize_t n = ask(line, s->password, sizeof s->password, question, true);
        if (n < 0 || (n == 0 && in_chat && line->terminal))
            return give_up(line, why);
        if (password_valid((size_t)n)) {
            s->password_len = (size_t)n;
            return 0;
        }
        if (wrong(line, message_error_text(MESSAGE_E_BAD_PASSWORD), why) != 0)
            return -1;
    }
}

static int ask_new(struct line *line, struct secret *s, char why[static SECRET_WHY_LEN])
{
    for (;;) {
        struct secret again = {0};
        int failed = ask_password(line, s, "new password: ", why);
        if (failed != 0 || !line->terminal)
            return failed;
        failed = ask_password(line, &again, "the same again: ", why);
        bool same = failed == 0 && s->password_len == again.password_len &&
                    ct_equal(s->password, again.password, s->password_len);
        secret_wipe(&again);
        if (failed != 0 || same)
            return failed;
        display_line(stderr, "these two differ");
    }
}

static int ask_code(struct line *line, struct secret *s, char why[static SECRET_WHY_LEN])
{
    for (;;) {
        ssize_t n = ask(line, (uint8_t *)s->code, MESSAGE_CODE_LEN, "unused code (Enter if none): ", false);
        if (n < 0)
            return give_up(line, why);
        s->code[n <= MESSAGE_CODE_LEN ? n : 0] = '\0';
        if (n <= MESSAGE_CODE_LEN && password_code_valid(s->code, (size_t)n))
            return 0;
        if (wrong(line, "a code has six digits", why) != 0)
            return -1;
    }
}

static int ask_own(struct line *line, struct secret *s, char why[static SECRET_WHY_LEN])
{
    char why_no_code[SECRET_WHY_LEN];
    int failed = ask_password(line, s, "password: ", why);
    if (failed == 0)
        return ask_code(line, s, why);
    if (!line->terminal)
        (void)!ask_code(line, s, why_no_code);
    return -1;
}

int secret_ask(struct line *line, struct secret *s, bool is_new, char why[static SECRET_WHY_LEN])
{
    *s = (struct secret){0};
    int failed = is_new ? ask_new(line, s, why) : ask_own(line, s, why);
    if (failed != 0)
        secret_wipe(s);
    return failed;
}
