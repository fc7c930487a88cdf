/* SPDX-License-Identifier: MIT */
/* A session as one HTML page: every byte in a box that says what it is, the key schedule as a picture, who knows what
 * at each moment, and the rounds of AES and SHA-256 one by one.
 *
 * Standard:    HTML (WHATWG), inline SVG, CSS; written so that an XML parser reads it too. It asks the network for
 *              nothing: its policy (Content-Security-Policy) allows its own style and script, by their SHA-256, and
 *              nothing else. It can be read without the script, from a keyboard, aloud, and on paper.
 * Use it:      page_write(f, &story, &about);
 * Timing:      CAUTION: the page has every key and every word of the session.
 * Read next:   story.h, what is drawn; page_bytes.c, page_state.c, page_keys.c, page_rounds.c, each a part of it;
 *              page.css and page.js, which are built in.
 *
 * No number on the page is written by hand: all come from the story, from app/dissect, or from the steps of
 * crypto/aes_ref.h and crypto/sha256_ref.h.
 */
#ifndef APP_WORKBENCH_EXPLAIN_PAGE_H
#define APP_WORKBENCH_EXPLAIN_PAGE_H

#include <stdint.h>
#include <stdio.h>

#include "app/dissect/recording.h"
#include "app/workbench/explain/story.h"

/* Where the story comes from. */
struct page_about {
    const struct recording_info *recording; /* a real session, whose passwords are hidden; NULL: it was played */
    uint64_t seed;                          /* of what was played */
};

/* Writes the page. What fails to be written, f's error indicator says. */
void page_write(FILE *f, const struct story *s, const struct page_about *about);

#endif
