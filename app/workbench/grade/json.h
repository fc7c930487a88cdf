/* SPDX-License-Identifier: MIT */
/* JSON, written: objects and arrays with their commas, strings escaped.
 *
 * Standard:    RFC 8259.
 * Use it:      struct json j = {.f = f};
 *              json_open(&j, NULL, '{');
 *              json_string(&j, "name", text);  json_number(&j, "points", 3);
 *              json_close(&j, '}');
 * Errors:      those of the FILE. What is no UTF-8 becomes U+FFFD, so that every reader takes it.
 * Timing:      nothing secret.
 * Read next:   report_json.c, a use of it.
 */
#ifndef APP_WORKBENCH_GRADE_JSON_H
#define APP_WORKBENCH_GRADE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json {
    FILE *f;
    unsigned depth;
    bool more; /* something stands before, on this level */
};

/* name is NULL in an array, and for the whole. bracket is one of { [ } ]. */
void json_open(struct json *j, const char *name, char bracket);
void json_close(struct json *j, char bracket);
void json_string(struct json *j, const char *name, const char *text);
void json_hex(struct json *j, const char *name, const uint8_t *bytes, size_t len);
void json_number(struct json *j, const char *name, long long n);
void json_word(struct json *j, const char *name, const char *word); /* true, false, null */

#endif
