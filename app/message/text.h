/* Text that people write: which characters it may have, and how it is put on a terminal.
 *
 * Standard:    RFC 3629 (UTF-8); Unicode 15, section 23.2 (layout controls) and UAX 9 (bidirectional formatting).
 * Use it:      before sending and after receiving   text_valid(text, len)
 *              before showing                       text_show(out, sizeof out, text, len)
 * Timing:      not secret to whoever holds it.
 * Read next:   text.c; utf8.h, one character at a time.
 *
 * A terminal obeys what it is sent: an escape sequence in a message could move the cursor, rewrite lines that were
 * there, or make the terminal type. So control characters (but tab and newline) never pass, and neither do the
 * characters that turn the direction of writing, with which `evil` can be made to look like something else, nor U+2028
 * and U+2029, which some terminals take for line ends.
 */
#ifndef APP_MESSAGE_TEXT_H
#define APP_MESSAGE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_MAX_LEN 4000

/* True for a character that may stand in a text. */
bool text_allows(uint32_t character);

/* True for 1 to TEXT_MAX_LEN bytes of UTF-8 made only of characters that may stand in a text. */
bool text_valid(const void *text, size_t len);

/* The same without the lower bound and with another upper one: notices and the words of an error. */
bool text_valid_up_to(const void *text, size_t len, size_t max);

/* Bytes that text_show needs for a text of len bytes, its NUL included. */
#define TEXT_SHOW_LEN(len) (3 * (len) + 1)

/* Writes a form of any bytes at all that is safe on a terminal and stays on one line, NUL-terminated: a newline becomes
 * U+23CE (a return sign), and each byte that is not UTF-8 and each character that may not stand in a text becomes
 * U+FFFD. Whatever a stranger sent goes through here before it is printed, valid or not: the two checks do not trust
 * each other. out_cap is at least TEXT_SHOW_LEN(len). Returns the length without the NUL. */
size_t text_show(char *out, size_t out_cap, const void *text, size_t len);

#endif
