/* SPDX-License-Identifier: MIT */
/* What the pictures of the walkthrough are drawn with: boxes, bytes, arrows and words, as plain SVG text.
 *
 * Standard:    W3C SVG 1.1; SVG-AAM for role, title and desc; prefers-color-scheme is CSS Media Queries 5, 12.5.
 * Use it:      draw_begin(to, 300, "A title", "What can be seen, in words.");
 *              draw_box(to, 20, 60, 200, 40, DRAW_SECRET, "key");
 *              draw_arrow(to, 220, 80, 300, 80);
 *              draw_bytes(to, 300, 60, DRAW_WIRE, ciphertext, 4);
 *              draw_end(to);
 * Timing:      nothing secret: the values in pictures are made up or published.
 * Read next:   figure.h, the table of pictures; app/workbench/svg.h, which draws charts.
 *
 * All coordinates are whole numbers in a page DRAW_WIDTH wide, so that the same values always give the same bytes. The
 * letters are large, as a picture that fills a phone is half as wide. The stylesheet has a second set of colours for
 * readers who like their pages dark; a role shows in the shape of its border too, for those who see no colours.
 */
#ifndef APP_WORKBENCH_FIGURES_DRAW_H
#define APP_WORKBENCH_FIGURES_DRAW_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define DRAW_WIDTH 760
#define DRAW_CELL_W 36 /* of a byte */
#define DRAW_CELL_H 32

/* What a box stands for. */
enum draw_role {
    DRAW_PLAIN,  /* data of no particular kind: a thin border */
    DRAW_STEP,   /* something that is done: round corners */
    DRAW_SECRET, /* a key, or what nobody else may know: a thick border */
    DRAW_WIRE,   /* what everybody can see: blue, a thin border */
    DRAW_GOOD,   /* a result, or what is accepted: green, a thick border */
    DRAW_BAD,    /* damaged or refused: long dashes */
    DRAW_FAINT   /* what is not there, or not sent: dots */
};

/* The head of the picture. The title is its heading as well; what tells in words what the picture shows. */
void draw_begin(FILE *to, int height, const char *title, const char *what);
void draw_end(FILE *to);

/* One line of words, printf's way. style is a list of these words: "mid" or "end" (x is the middle, or the right end;
 * else the left one), "small", "big", "bold", "hex" (letters that are all equally wide). y is the line on which letters
 * stand. */
void draw_text(FILE *to, int x, int y, const char *style, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* A box; in its middle the words, each '\n' a new line. One that begins with '#' has letters that are all equally wide,
 * one with '~' small ones. At most 200 bytes (cut). "" is an empty box. */
void draw_box(FILE *to, int x, int y, int w, int h, enum draw_role role, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/* n bytes in hex in a row, a cell of DRAW_CELL_W by DRAW_CELL_H for each. */
void draw_bytes(FILE *to, int x, int y, enum draw_role role, const uint8_t *bytes, size_t n);

/* A circle of radius 15 with a sign in it: an operation on two values. */
void draw_sign(FILE *to, int x, int y, const char *sign);

/* An arrow; and one that goes round corners, through n points x, y, x, y ... (n at most 8). */
void draw_arrow(FILE *to, int x1, int y1, int x2, int y2);
void draw_bent(FILE *to, size_t n, const int points[]);

/* A line without a head; and a bracket around what lies from x to x + w, its tips at y: over it with a depth of -8,
 * say, under it with 8. */
void draw_line(FILE *to, int x1, int y1, int x2, int y2);
void draw_bracket(FILE *to, int x, int y, int w, int depth);

/* Long values as their ends: "b0344c61..2cff", or whole where they have at most 8 bytes. Returns out. */
#define DRAW_FOLD_LEN 20
const char *draw_fold(char out[static DRAW_FOLD_LEN], const uint8_t *data, size_t len);

#endif
