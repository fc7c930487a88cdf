/* SPDX-License-Identifier: MIT */
/* The whole file is read at once and cut into lines in place; a record's fields point into it. */
#include "tests/cavp/rsp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/bytes.h"

#define FIELDS_MAX 16

struct field {
    const char *name, *value;
    uint8_t *bytes; /* the decoded value, made by rsp_hex */
};

struct rsp {
    char path[1024];
    char *text, *next;
    unsigned long line, records;
    const char *section;
    struct field field[FIELDS_MAX];
    size_t fields;
};

static void stop(const struct rsp *r, const char *what, const char *field)
{
    fprintf(stderr, "%s, line %lu, [%s]: %s %s\n", r->path, r->line, r->section, what, field);
    exit(1);
}

static FILE *open_file(char path[static 1024], const char *directory, const char *name)
{
    snprintf(path, 1024, "%s/%s", directory, name);
    return fopen(path, "rb");
}

bool rsp_exists(const char *directory, const char *name)
{
    char path[1024];
    FILE *f = open_file(path, directory, name);
    return f != NULL && fclose(f) == 0;
}

struct rsp *rsp_open(const char *directory, const char *name)
{
    struct rsp *r = calloc(1, sizeof *r);
    if (r == NULL)
        abort();
    r->section = "";
    FILE *f = open_file(r->path, directory, name);
    if (f == NULL)
        stop(r, "the file is missing", "");
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    r->text = calloc(1, (size_t)size + 1);
    if (r->text == NULL || fread(r->text, 1, (size_t)size, f) != (size_t)size)
        stop(r, "the file can't be read", "");
    fclose(f);
    r->next = r->text;
    return r;
}

/* Takes the next line off the text, without blanks and CR at its ends; NULL after the last. */
static char *take_line(struct rsp *r)
{
    if (*r->next == '\0')
        return NULL;
    char *line = r->next;
    char *end = line + strcspn(line, "\n");
    r->next = *end == '\0' ? end : end + 1;
    r->line++;
    while (end > line && strchr(" \t\r", end[-1]) != NULL)
        end--;
    *end = '\0';
    return line + strspn(line, " \t");
}

static void add_field(struct rsp *r, char *line)
{
    char *equals = strstr(line, " =");
    if (equals == NULL || r->fields == FIELDS_MAX)
        stop(r, "not a line of the form `name = value`:", line);
    *equals = '\0';
    const char *value = equals + 2 + strspn(equals + 2, " ");
    r->field[r->fields++] = (struct field){.name = line, .value = value};
}

static void forget_fields(struct rsp *r)
{
    for (size_t i = 0; i < r->fields; i++)
        free(r->field[i].bytes);
    r->fields = 0;
}

bool rsp_next(struct rsp *r)
{
    forget_fields(r);
    char *line;
    while ((line = take_line(r)) != NULL) {
        if (*line == '#')
            continue;
        if (*line == '\0' && r->fields > 0)
            break;
        if (*line == '[') {
            line[strlen(line) - 1] = '\0'; /* the closing bracket */
            r->section = line + 1;
        } else if (*line != '\0') {
            add_field(r, line);
        }
    }
    r->records += r->fields > 0;
    return r->fields > 0;
}

const char *rsp_section(const struct rsp *r)
{
    return r->section;
}

static struct field *find(struct rsp *r, const char *name)
{
    for (size_t i = 0; i < r->fields; i++)
        if (strcmp(r->field[i].name, name) == 0)
            return &r->field[i];
    stop(r, "the record has no field", name);
    return NULL;
}

bool rsp_has(const struct rsp *r, const char *field)
{
    for (size_t i = 0; i < r->fields; i++)
        if (strcmp(r->field[i].name, field) == 0)
            return true;
    return false;
}

const uint8_t *rsp_hex(struct rsp *r, const char *field, size_t *len)
{
    struct field *f = find(r, field);
    size_t digits = strlen(f->value);
    free(f->bytes);
    f->bytes = malloc(digits / 2 + 1);
    if (f->bytes == NULL)
        abort();
    if (hex_decode(f->bytes, digits / 2, len, f->value, digits) != 0)
        stop(r, "not hex:", field);
    return f->bytes;
}

const uint8_t *rsp_hex_n(struct rsp *r, const char *field, size_t len)
{
    size_t got;
    const uint8_t *bytes = rsp_hex(r, field, &got);
    if (got != len)
        stop(r, "has another length than expected:", field);
    return bytes;
}

unsigned long rsp_number(struct rsp *r, const char *field)
{
    const char *value = find(r, field)->value;
    char *end;
    unsigned long n = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0')
        stop(r, "not a decimal number:", field);
    return n;
}

void rsp_check(struct rsp *r, const char *field, const uint8_t *got, size_t got_len)
{
    const uint8_t *expected = rsp_hex_n(r, field, got_len);
    if (memcmp(expected, got, got_len) != 0)
        stop(r, "wrong answer for", field);
}

unsigned long rsp_close(struct rsp *r)
{
    unsigned long records = r->records;
    if (records == 0)
        stop(r, "no case in the file", "");
    forget_fields(r);
    free(r->text);
    free(r);
    return records;
}
