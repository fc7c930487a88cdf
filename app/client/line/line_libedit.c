/* SPDX-License-Identifier: MIT */
/* Typing with libedit, a line editor that most systems have. It asks for one character at a time through
 * get_character, and there the client waits for the network too: so a message can arrive in the middle of a line. A
 * loop of ours can't hand libedit the keys instead (EL_UNBUFFERED): in the middle of an escape sequence it asks for the
 * next key by itself, and would wait for it while messages come. */
#ifdef HAVE_LIBEDIT

#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "app/client/line/line.h"
#include "app/message/utf8.h"
#include "app/terminal/line_wrap.h"
#include "app/terminal/tty.h"
#include "crypto/ct.h"

#define HISTORY_LINES 200

static struct line *line_of(EditLine *el)
{
    void *line = NULL;
    el_get(el, EL_CLIENTDATA, &line);
    return line;
}

/* CAUTION: from here on this one is on the screen: erase counts its columns, and not those of the next one, which has
 * others when a line comes. tests/integration/test_client_line.py: test_a_prompt_that_grows. */
static char *prompt(EditLine *el)
{
    struct line *line = line_of(el);
    memcpy(line->drawn, line->prompt, sizeof line->drawn);
    return line->drawn;
}

/* --- What is on the screen ---------------------------------------------------------------------------------------- */

/* How libedit draws a character: what it can't print is ^[ or \U+009B, and in a locale that is not UTF-8, which
 * display_init has made "C", all but ASCII is. */
static size_t drawn_width(wchar_t c)
{
    if (c < 0x100 && iswcntrl((wint_t)c))
        return 2;
    if (!iswprint((wint_t)c))
        return c > 0xffff ? 8 : 7;
    return line_wrap_width((uint32_t)c);
}

/* How many rows below its prompt the cursor stands. */
static size_t rows_to_cursor(const struct line *line)
{
    const LineInfoW *typed = el_wline(line->state);
    size_t columns = line_wrap_columns(STDOUT_FILENO), at = strlen(line->drawn);
    if (columns == 0)
        return 0;
    for (const wchar_t *p = typed->buffer; p < typed->cursor; p++) {
        size_t width = drawn_width(*p);
        if (at % columns + width > columns)
            at += columns - at % columns; /* a wide character does not fit into the last column */
        at += width;
    }
    return at / columns;
}

static void erase(struct line *line)
{
    size_t rows = rows_to_cursor(line);
    if (rows > 0)
        fprintf(stdout, "\033[%zuA", rows);
    fputs("\r\033[J", stdout);
    fflush(stdout);
}

/* For the width that there is now: the signal that tells of another may come before it, or after what is shown. Drawn
 * for the old one, the line would take other rows than erase counts, and what stands above it would go with them. */
static void redraw(struct line *line)
{
    el_resize(line->state);
    el_set(line->state, EL_REFRESH);
    fflush(stdout);
}

static void resized(struct line *line)
{
    erase(line);
    redraw(line);
}

static void pause_typing(struct line *line, bool on)
{
    if (on)
        erase(line);
    el_set(line->state, EL_PREP_TERM, 0);
    if (on)
        return;
    el_set(line->state, EL_PREP_TERM, 1); /* which does nothing where libedit thinks that this was done before */
    el_resize(line->state);               /* nobody was told of it: SIGWINCH is for whoever has the terminal */
    fputs("\r\033[J", stdout);
    redraw(line);
}

/* --- What is typed ------------------------------------------------------------------------------------------------ */

/* Takes a character out of what was read. Returns false where there is none yet; bytes that are no UTF-8 vanish. */
static bool take_character(struct line *line, wchar_t *out)
{
    while (line->in_len > 0) {
        uint32_t character;
        size_t n = utf8_decode(&character, (const uint8_t *)line->in, line->in_len);
        if (n == 0 && line->in_len < utf8_len((uint8_t)line->in[0]))
            return false;
        if (n > 0)
            *out = (wchar_t)character;
        size_t used = n > 0 ? n : 1;
        line->in_len -= used;
        memmove(line->in, line->in + used, line->in_len);
        if (n > 0)
            return true;
    }
    return false;
}

/* 1: a character; 0: no more will come. */
static int get_character(EditLine *el, wchar_t *out)
{
    struct line *line = line_of(el);
    while (!take_character(line, out)) {
        line->editing = true;
        bool readable = line->until_readable(line->arg);
        line->editing = false;
        if (!readable) {
            line->stopped = true;
            return 0;
        }
        ssize_t n = read(line->input, line->in + line->in_len, sizeof line->in - line->in_len);
        if (n > 0)
            line->in_len += (size_t)n;
        else if (n == 0 || (errno != EINTR && errno != EAGAIN))
            return 0;
    }
    return 1;
}

static char out[LINE_MAX_LEN];

/* The typed line as UTF-8. */
static enum line_result to_utf8(const wchar_t *typed, int count, const char **text, size_t *len)
{
    *len = 0;
    for (int i = 0; i < count && typed[i] != L'\n'; i++) {
        char bytes[4];
        size_t n = utf8_encode(bytes, (uint32_t)typed[i]);
        if (*len + n > sizeof out)
            return LINE_TOO_LONG;
        memcpy(out + *len, bytes, n);
        *len += n;
    }
    *text = out;
    return LINE_TEXT;
}

static enum line_result libedit_next(struct line *line, const char **text, size_t *len)
{
    int count = 0;
    line->stopped = false;
    ct_wipe(&line->words, sizeof line->words);
    line->earlier = 0;
    const wchar_t *typed = el_wgets(line->state, &count);
    if (typed != NULL && count > 0)
        return to_utf8(typed, count, text, len);
    fputc('\n', stdout);
    return line->stopped ? LINE_STOPPED : LINE_END;
}

static void remember(struct line *line)
{
    HistEventW event;
    const wchar_t *typed = el_wline(line->state)->buffer;
    if (*typed != L'\n')
        history_w(line->history, &event, H_ENTER, typed);
}

static void wipe(struct line *line)
{
    (void)line;
    ct_wipe(out, sizeof out);
}

/* --- Completing --------------------------------------------------------------------------------------------------- */

/* A tab that is pasted in the middle of a text completes nothing. */
static bool more_is_there(const struct line *line)
{
    struct pollfd fd = {.fd = line->input, .events = POLLIN};
    return line->in_len > 0 || poll(&fd, 1, 0) > 0;
}

/* Whether nothing was typed since one of several words was put there. */
static bool goes_on(const struct line *line)
{
    const LineInfoW *typed = el_wline(line->state);
    const char *word = line->words.words[line->words_at];
    size_t n = strlen(word);
    if (line->words.len < 2 || (size_t)(typed->cursor - typed->buffer) != line->words_end)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((typed->cursor - n)[i] != (wchar_t)word[i])
            return false;
    return true;
}

static void drop_last_blank(char *word)
{
    size_t n = strlen(word);
    if (n > 0 && word[n - 1] == ' ')
        word[n - 1] = '\0';
}

/* Asks for the words; what was typed becomes the one after the last. */
static void begin_words(struct line *line)
{
    const LineInfoW *typed = el_wline(line->state);
    struct line_words *w = &line->words;
    const char *text;
    size_t len;
    w->len = 0;
    if (to_utf8(typed->buffer, (int)(typed->cursor - typed->buffer), &text, &len) == LINE_TEXT)
        line->complete(line->arg, w, text, len);
    if (w->len > 0) {
        memcpy(w->words[w->len], text + len - w->begun, w->begun);
        w->words[w->len][w->begun] = '\0';
        line->words_at = w->len;
    }
    if (typed->cursor < typed->lastchar && *typed->cursor == L' ')
        for (size_t i = 0; i < w->len; i++)
            drop_last_blank(w->words[i]);
    ct_wipe(out, sizeof out);
}

/* Puts the next of them in the place of the one before, and what was typed after the last. */
static bool put_next_word(struct line *line)
{
    struct line_words *w = &line->words;
    wchar_t wide[LINE_WORD_LEN] = {0};
    el_wdeletestr(line->state, (int)strlen(w->words[line->words_at]));
    line->words_at = (line->words_at + 1) % (w->len + 1);
    for (size_t i = 0; w->words[line->words_at][i] != '\0'; i++)
        wide[i] = (wchar_t)w->words[line->words_at][i];
    bool put = wide[0] == L'\0' || el_winsertstr(line->state, wide) == 0;
    const LineInfoW *typed = el_wline(line->state);
    line->words_end = (size_t)(typed->cursor - typed->buffer);
    return put;
}

static unsigned char on_tab(EditLine *el, wint_t key)
{
    struct line *line = line_of(el);
    (void)key;
    if (line->complete == NULL || more_is_there(line))
        return CC_ERROR;
    if (!goes_on(line))
        begin_words(line);
    if (line->words.len == 0)
        return CC_ERROR;
    return put_next_word(line) ? CC_REFRESH : CC_ERROR;
}

/* --- Earlier lines ------------------------------------------------------------------------------------------------ */

#define EARLIER L"\033\020" /* keys of libedit's own, behind ours */
#define LATER L"\033\016"

static unsigned char on_up(EditLine *el, wint_t key)
{
    struct line *line = line_of(el);
    HistEventW event = {0, NULL};
    (void)key;
    if (history_w(line->history, &event, H_GETSIZE) != 0 || line->earlier >= event.num)
        return CC_ERROR;
    line->earlier++;
    el_wpush(el, EARLIER);
    return CC_NORM;
}

/* Where there is no later line libedit would put the one there that was being typed when it last went back. */
static unsigned char on_down(EditLine *el, wint_t key)
{
    struct line *line = line_of(el);
    (void)key;
    if (line->earlier == 0)
        return CC_ERROR;
    line->earlier--;
    el_wpush(el, LATER);
    return CC_NORM;
}

/* --- The beginning and the end ------------------------------------------------------------------------------------ */

static void libedit_close(struct line *line)
{
    if (line->state != NULL)
        el_end(line->state); /* puts the terminal back */
    if (line->history != NULL)
        history_wend(line->history);
    line->state = line->history = NULL;
}

/* Where the locale is "C", U+00A0 to U+00FF would be keys with Meta. */
static void insert_latin_1(EditLine *el)
{
    for (wchar_t c = 0xa0; c <= 0xff; c++)
        el_wset(el, EL_BIND, (wchar_t[]){c, L'\0'}, L"ed-insert", NULL);
}

/* M-x asks for libedit's own commands; by `bind -v` it leads to the key that starts vi with what was typed, in a file.
 * What is pasted with an ESC in it would do the same. */
static void forbid_commands(EditLine *el)
{
    el_wset(el, EL_BIND, L"\033x", L"ed-unassigned", NULL);
    el_wset(el, EL_BIND, L"\033X", L"ed-unassigned", NULL);
}

static void bind_key(EditLine *el, const wchar_t *keys, const wchar_t *command)
{
    el_wset(el, EL_BIND, keys, command, NULL);
}

/* What people know from other programs; and keys of which libedit would take the last bytes for something typed. */
static void bind_keys(EditLine *el)
{
    static const struct {
        const wchar_t *keys, *command;
    } all[] = {
        {L"\t", L"glasschat-complete"},  {L"\033[A", L"glasschat-earlier"}, {L"\033OA", L"glasschat-earlier"},
        {L"\020", L"glasschat-earlier"}, {L"\033[B", L"glasschat-later"},   {L"\033OB", L"glasschat-later"},
        {L"\016", L"glasschat-later"},   {EARLIER, L"ed-prev-history"},     {LATER, L"ed-next-history"},
        {L"\033[1;5D", L"ed-prev-word"}, {L"\033[1;3D", L"ed-prev-word"},   {L"\033[1;5C", L"em-next-word"},
        {L"\033[1;3C", L"em-next-word"}, {L"\033[1~", L"ed-move-to-beg"},   {L"\033[7~", L"ed-move-to-beg"},
        {L"\033[4~", L"ed-move-to-end"}, {L"\033[8~", L"ed-move-to-end"},   {L"\033[3~", L"ed-delete-next-char"},
        {L"\033[2~", L"ed-unassigned"},  {L"\033[5~", L"ed-unassigned"},    {L"\033[6~", L"ed-unassigned"},
        {L"\033[15~", L"ed-unassigned"}, {L"\033[17~", L"ed-unassigned"},   {L"\033[18~", L"ed-unassigned"},
        {L"\033[19~", L"ed-unassigned"}, {L"\033[20~", L"ed-unassigned"},   {L"\033[21~", L"ed-unassigned"},
        {L"\033[23~", L"ed-unassigned"}, {L"\033[24~", L"ed-unassigned"},
    };
    el_wset(el, EL_ADDFN, L"glasschat-complete", L"completes the word before the cursor", on_tab);
    el_wset(el, EL_ADDFN, L"glasschat-earlier", L"the line before", on_up);
    el_wset(el, EL_ADDFN, L"glasschat-later", L"the line after", on_down);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bind_key(el, all[i].keys, all[i].command);
    for (wchar_t digit = L'0'; digit <= L'9'; digit++) /* elsewhere they lead to a window, and never repeat a letter */
        bind_key(el, (wchar_t[]){L'\033', digit, L'\0'}, L"ed-unassigned");
}

static int libedit_open(struct line *line)
{
    HistEventW event;
    if (tty_wait() != 0) /* el_init keeps the modes to which it puts the terminal back */
        return -1;
    line->state = el_init("glasschat", stdin, stdout, stderr);
    line->history = history_winit();
    if (line->state == NULL || line->history == NULL) {
        libedit_close(line);
        return -1;
    }
    history_w(line->history, &event, H_SETSIZE, HISTORY_LINES);
    el_set(line->state, EL_CLIENTDATA, line);
    el_set(line->state, EL_PROMPT, prompt);
    el_set(line->state, EL_EDITOR, "emacs");
    insert_latin_1(line->state);
    bind_keys(line->state);
    forbid_commands(line->state);
    el_set(line->state, EL_SIGNAL, 0); /* interrupt.c catches them, and loop.c says what they do */
    el_wset(line->state, EL_HIST, history_w, line->history);
    el_wset(line->state, EL_GETCFN, get_character);
    return 0;
}

const struct line_editor line_libedit = {
    libedit_open, libedit_next, erase, redraw, resized, pause_typing, remember, wipe, libedit_close,
};

#else
typedef int line_libedit_is_not_here; /* an empty file is not allowed in C */
#endif
