#define _XOPEN_SOURCE 700 /* wcwidth belongs to the X/Open part of POSIX */
#include "app/client/wrap.h"

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

void wrap_print(FILE *to, const char *text, size_t columns)
{
    size_t len = strlen(text), column = 0;
    if (columns <= 2 * WRAP_INDENT)
        columns = 0;
    for (size_t i = 0; i < len;) {
        uint32_t character = 0;
        size_t n = utf8_decode(&character, (const uint8_t *)text + i, len - i);
        if (n == 0)
            break;
        size_t width = character == '\t' ? TAB_WIDTH - column % TAB_WIDTH : wrap_width(character);
        /* The last column stays free: terminals differ in when they go on to the next line after filling it. */
        if (columns > 0 && column + width >= columns) {
            fprintf(to, "\n%*s", WRAP_INDENT, "");
            column = WRAP_INDENT;
            if (character == '\t')
                width = TAB_WIDTH - column % TAB_WIDTH;
        }
        fwrite(text + i, 1, n, to);
        column += width;
        i += n;
    }
    fputc('\n', to);
}
