#define _XOPEN_SOURCE 700 /* wcwidth belongs to the X/Open part of POSIX */
#include "app/client/wrap.h"

#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "app/message/utf8.h"

#define TAB_WIDTH 8

size_t wrap_width(uint32_t character)
{
    int width = wcwidth((wchar_t)character);
    return width < 0 ? 1 : (size_t)width;
}

size_t wrap_columns(int fd)
{
    struct winsize size;
    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

/* Takes one character off the front; its width, given the column where it would stand. */
static size_t take(const char **text, size_t column)
{
    uint32_t character = ' ';
    size_t n = utf8_decode(&character, (const uint8_t *)*text, strnlen(*text, 4));
    *text += n > 0 ? n : 1;
    return character == '\t' ? TAB_WIDTH - column % TAB_WIDTH : wrap_width(character);
}

/* How many columns there are up to the next blank. */
static size_t word_width(const char *text)
{
    size_t width = 0;
    while (*text != '\0' && *text != ' ' && *text != '\t')
        width += take(&text, 0);
    return width;
}

void wrap_print(FILE *to, const char *text, size_t columns)
{
    /* The last column stays free: terminals differ in when they go on to the next line after filling it. */
    size_t end = columns > 3 * WRAP_INDENT ? columns - 1 : SIZE_MAX, column = 0;
    bool at_word = true; /* a word begins here */
    while (*text != '\0') {
        const char *next = text;
        size_t width = take(&next, column), word = at_word ? word_width(text) : 0;
        bool word_waits = word > 0 && column > WRAP_INDENT && column + word > end && word <= end - WRAP_INDENT;
        if (word_waits || column + width > end) {
            fprintf(to, "\n%*s", WRAP_INDENT, "");
            column = WRAP_INDENT;
            next = text;
            width = take(&next, column);
        }
        fwrite(text, 1, (size_t)(next - text), to);
        column += width;
        at_word = *text == ' ' || *text == '\t';
        text = next;
    }
    fputc('\n', to);
}
