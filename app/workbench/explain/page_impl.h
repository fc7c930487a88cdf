/* SPDX-License-Identifier: MIT */
/* What the parts of the page share: how text and bytes are written, what a value is called, and where it stands.
 *
 * Standard:    none.
 * Use it:      page_text(p, field->text);  page_hex(p, data, len);
 * Timing:      as page.h says.
 * Read next:   page.c, which puts the parts together.
 */
#ifndef APP_WORKBENCH_EXPLAIN_PAGE_IMPL_H
#define APP_WORKBENCH_EXPLAIN_PAGE_IMPL_H

#include "app/workbench/explain/page.h"

#define PAGE_ID_LEN 48 /* with its NUL */
#define PAGE_NAME_LEN 48
#define PAGE_VALUES_MAX (STORY_VALUES + 3 * STORY_KEYS_MAX)

struct page {
    FILE *f;
    const struct story *s;
    const struct page_about *about;
    size_t frames; /* of the story that are drawn: as many as a page has room for */
};

/* A part of a set of keys. */
enum page_part { PAGE_SECRET, PAGE_ENC_KEY, PAGE_MAC_KEY, PAGE_PARTS };

/* A value of the story, and what it is called on the page. */
struct page_value {
    char id[PAGE_ID_LEN]; /* of its box */
    char name[PAGE_NAME_LEN];
    const struct story_value *value;
    const struct story_keys *keys; /* NULL: a value of the handshake */
    enum story_id which;           /* where keys is NULL */
    enum page_part part;           /* where it isn't */
};

/* All values that somebody has reported, in the order in which they are made; returns how many. */
size_t page_values(const struct story *s, struct page_value out[static PAGE_VALUES_MAX]);

/* The id of the box of a value of the handshake, and of a part of keys. */
void page_value_id(char out[static PAGE_ID_LEN], enum story_id id);
void page_key_id(char out[static PAGE_ID_LEN], const struct story *s, const struct story_keys *keys,
                 enum page_part part);

/* True where everybody who listens gets to know it, sooner or later. */
bool page_is_public(const struct story_value *v);

/* Text, with what HTML and XML would take for their own escaped. */
void page_text(const struct page *p, const char *text);

/* Bytes in hex, in groups of four that are not broken. */
void page_hex(const struct page *p, const uint8_t *data, size_t len);

/* What a frame is called: "ClientHello", "Record: log in". */
void page_frame_name(char out[static PAGE_NAME_LEN], const struct story_frame *f);

/* "client" or "server". */
const char *page_side(enum handshake_role side);

/* The parts of the page. */
void page_legend(const struct page *p);
void page_frame_boxes(const struct page *p, size_t frame);
void page_state(const struct page *p, size_t moment);
void page_keys(const struct page *p);
void page_rounds(const struct page *p);

/* How many boxes a frame gets. */
size_t page_frame_fields(const struct story_frame *f);

#endif
