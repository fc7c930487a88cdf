/* SPDX-License-Identifier: MIT */
/* Text that people write: which characters it may have, and how it is put on a terminal.
 *
 * Standard:    RFC 3629 (UTF-8); Unicode 15, section 23.2 (layout controls) and UAX 9 (bidirectional formatting).
 * Use it:      before sending and after receiving   text_valid(text, len)
 *              before showing                       display.h, which shows what text_take lets through
 * Timing:      not secret from those who call this.
 * Read next:   text.c; utf8.h, one character at a time; line_wrap.h and display.h, lines of it on a terminal.
 *
 * A terminal obeys what it is sent: an escape sequence in a message could move the cursor, rewrite lines that were
 * there, or make the terminal type. So control characters (except tab and newline) never pass, and neither do the
 * characters that turn the direction of writing, with which `evil` can be made to look like something else, nor U+2028
 * and U+2029, which some terminals take for line ends.
 *
 * That is a judgement of characters. A terminal that is not in UTF-8 mode obeys bytes: U+00DB is C3 9B, and 9B alone is
 * CSI, with which escape sequences start. So such a terminal gets ASCII only, and for everything else the number,
 * `\u{db}`. Nobody can forge that: the backslash of a text's own `\u{` becomes a number too, `\u{5c}u{`. So on such a
 * terminal `\u{` always stands for the character of that number, and each line shown stands for one text alone.
 */
#ifndef APP_MESSAGE_TEXT_H
#define APP_MESSAGE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_MAX_LEN 4000

/* True for a character that may stand in a text. Public for tests: others judge whole texts. */
bool text_allows(uint32_t character);

/* True for 1 to TEXT_MAX_LEN bytes of UTF-8 made only of characters that may stand in a text. */
bool text_valid(const void *text, size_t len);

/* The same without the lower bound and with another upper one: notices and the words of an error. */
bool text_valid_up_to(const void *text, size_t len, size_t max);

/* The longest is `\u{10ffff}`. */
#define TEXT_GLYPH_LEN 10

/* One character as a terminal may have it. */
struct text_glyph {
    char bytes[TEXT_GLYPH_LEN + 1]; /* NUL-terminated, never empty */
    size_t len;
    uint32_t character; /* which of Unicode's that is; 0: a number is shown, and all its bytes are ASCII */
};

/* Takes a character off any bytes at all, len >= 1 of them, and says how it may be shown. Always: a newline becomes
 * U+23CE (a return sign), and each byte that is not UTF-8 and each character that may not stand in a text becomes
 * U+FFFD. With ascii: what is beyond ASCII, these included, becomes its number in hex, `\u{a}` for a newline,
 * `\u{fffd}` for a byte that is not UTF-8. Returns how many bytes it was, at least 1. Whatever a stranger sent goes
 * through this before it is printed, valid or not: the checks do not trust each other. */
size_t text_take(struct text_glyph *glyph, const void *text, size_t len, bool ascii);

#endif
