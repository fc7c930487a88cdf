/* SPDX-License-Identifier: MIT */
/* Names that were seen in a conversation, and how a name is shown: where it looks like another one that was seen before
 * it, that is said; and a name can't be mistaken for the program's own words.
 *
 * Standard:    confusable.h defines "looks like".
 * Use it:      seen_names_print(out, name, seen_names_joined(&seen_names, name));
 * Timing:      not secret.
 * Read next:   seen_names.c; app/client/screen.c and app/server/console.c, which show names.
 *
 *      * b0b (looks like bob) joined lobby
 *      [lobby] b0b (looks like bob): hello           the first line of b0b's
 *      [lobby] 'you': I resign                       an account of that name
 *      * bob joined 'you'                            a room
 *
 * No name has a blank, a parenthesis or a quote, so nobody can be called that. Programs call their user `you`, without
 * quotes.
 *
 * A server decides how many names there are: the last SEEN_NAMES_MAX are kept, and the user's own for ever. So does the
 * founder of a sealed room, of those on its list: of such that were not seen otherwise the last SEEN_NAMES_TOLD_MAX are
 * kept. The names that no account can have (name.h) are known from the start, and look like nobody.
 */
#ifndef APP_MESSAGE_SEEN_NAMES_H
#define APP_MESSAGE_SEEN_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/name.h"

#define SEEN_NAMES_MAX 4096
#define SEEN_NAMES_TOLD_MAX 256 /* names that were not seen, but told of */

struct seen_names_name {
    uint32_t hash; /* confusable_hash */
    bool spoke;    /* since it joined */
    char name[NAME_MAX_LEN + 1];
};

/* All zero: nobody was seen. */
struct seen_names {
    struct seen_names_name names[SEEN_NAMES_MAX]; /* the first is the user's own */
    size_t len, next;                             /* next: which gives way when it is full */
    struct seen_names_name told[SEEN_NAMES_TOLD_MAX];
    size_t told_len, told_next;
};

/* Sets the name of the user who reads. Forgets all others. */
void seen_names_own(struct seen_names *s, const char *name);

/* That name; "" where none was set, and nobody was seen. */
const char *seen_names_you(const struct seen_names *s);

/* Each says that a valid name was seen, and returns another one that was seen and looks like it, or NULL; valid until
 * the next call. seen_names_spoke returns it only the first time that a user speaks, and again after that user has
 * joined once more. */
const char *seen_names_joined(struct seen_names *s, const char *name);
const char *seen_names_spoke(struct seen_names *s, const char *name);
const char *seen_names_listed(struct seen_names *s, const char *name);

/* Somebody has told of that name, and may have made it up: it is compared like the others, and pushes none of them
 * out. */
const char *seen_names_told(struct seen_names *s, const char *name);

/* Bytes that seen_names_print needs for one name, its NUL included. */
#define SEEN_NAMES_PRINT_LEN (2 * (NAME_MAX_LEN + 2) + sizeof " (looks like )")

/* A name as it is shown; other: what one of these returned, or NULL. Returns the length. */
size_t seen_names_print(char out[static SEEN_NAMES_PRINT_LEN], const char *name, const char *other);

/* The same for a name that is not compared with others, such as a room's; returns out. */
const char *seen_names_quote(char out[static SEEN_NAMES_PRINT_LEN], const char *name);

#endif
