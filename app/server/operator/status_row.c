/* SPDX-License-Identifier: MIT */
/* The number stands before the words, so that both are found where the words have blanks. */
#include "app/server/operator/status_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 79
#define INDENT 13 /* a mark, a number and a blank */
#define NUMBER_DIGITS 19

void status_row_encode(char line[static STATUS_ROW_LINE_CAP], const struct status_row *r)
{
    snprintf(line, STATUS_ROW_LINE_CAP, "%s %" PRIu64 " %c %s", r->key, r->n, r->unusual ? '!' : '-', r->words);
}

int status_row_decode(struct status_row *r, const char *line)
{
    size_t key = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
    const char *number = line + key + 1;
    if (key == 0 || key >= sizeof r->key || line[key] != ' ')
        return -1;
    size_t digits = strspn(number, "0123456789");
    const char *mark = number + digits + 1;
    if (digits == 0 || digits > NUMBER_DIGITS || number[digits] != ' ' || (*mark != '!' && *mark != '-') ||
        mark[1] != ' ' || mark[2] == '\0' || strlen(mark + 2) >= sizeof r->words)
        return -1;
    *r = (struct status_row){.n = strtoull(number, NULL, 10), .unusual = *mark == '!'};
    memcpy(r->key, line, key);
    strcpy(r->words, mark + 2);
    return 0;
}

/* How much of the words stands in a line: whole ones, where there is a blank to break at. */
static size_t fitting(const char *words, size_t columns)
{
    size_t len = strlen(words);
    if (len <= columns)
        return len;
    for (len = columns; len > 0 && words[len] != ' ';)
        len--;
    return len > 0 ? len : columns;
}

void status_row_show(const struct status_row *r, void (*print)(void *arg, const char *line), void *arg)
{
    char all[STATUS_ROW_WORDS_CAP + 20], line[COLUMNS + 1];
    bool cause = strcmp(r->key, STATUS_ROW_CAUSE) == 0;
    snprintf(all, sizeof all, "%s%s", cause ? "ended because " : "", r->words);
    const char *words = all;
    size_t len = fitting(words, COLUMNS - INDENT);
    snprintf(line, sizeof line, "%c%11" PRIu64 " %.*s", r->unusual ? '!' : ' ', r->n, (int)len, words);
    print(arg, line);
    for (words += len; *words != '\0'; words += len) {
        words += *words == ' ';
        len = fitting(words, COLUMNS - INDENT - 2);
        snprintf(line, sizeof line, "%*s%.*s", INDENT + 2, "", (int)len, words);
        print(arg, line);
    }
}
