/* SPDX-License-Identifier: MIT */
/* A QR code on the terminal, for whoever would rather not type 32 characters into a phone.
 *
 * Standard:    ISO/IEC 18004, which the program qrencode knows; without it nothing is drawn.
 * Use it:      qr_draw(uri);
 * Timing:      the text is secret: qrencode gets it on its standard input, where no other user of the machine can see
 *              it, as its arguments could be.
 * Read next:   settings.c
 *
 * What qrencode says is not copied to the terminal. It is read as rows of light and dark, and drawn here, two rows a
 * line, black on white whatever the terminal's own colors are: many phones read nothing else. A terminal that is not
 * UTF-8 has no half blocks: there a module is two blanks, and the drawing twice as large.
 */
#ifndef APP_CLIENT_QR_H
#define APP_CLIENT_QR_H

#include <stdbool.h>

/* Draws it on the standard output. False where it was not drawn: no terminal, or one that is too narrow; no
 * qrencode, or none that answers. */
bool qr_draw(const char *text);

#endif
