/* SPDX-License-Identifier: MIT */
/* The choice is a flag's number modulo how many mutants there are: nobody without the secret can work it out. */
#include "app/workbench/attacks/lab_mutants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/terminal/display.h"
#include "app/workbench/args.h"
#include "app/workbench/attacks/flag.h"
#include "app/workbench/attacks/mutant.h"
#include "app/workbench/io.h"
#include "crypto/bytes.h"

#define LIST "tests/mutants/list.txt"
#define FILE_MAX (1024 * 1024)
#define PATH_LEN 4096

/* A file of the tree; the caller frees it. */
static char *read_source(const char *source, const char *name, size_t *len)
{
    char path[PATH_LEN];
    if ((size_t)snprintf(path, sizeof path, "%s/%s", source, name) >= sizeof path)
        args_fail("the path of --source is too long");
    return (char *)io_read_file(path, FILE_MAX, len);
}

static size_t count_mutants(const char *list, size_t list_len)
{
    struct mutant m;
    size_t n = 0;
    for (size_t at = 0; mutant_next(&m, list, list_len, &at);)
        n += mutant_fits(&m);
    return n;
}

/* Number `wanted`, from 0, of those that fit. */
static void take_mutant(struct mutant *m, const char *list, size_t list_len, size_t wanted)
{
    size_t at = 0;
    while (mutant_next(m, list, list_len, &at) && (!mutant_fits(m) || wanted-- > 0))
        continue;
}

static uint64_t student_number(const uint8_t *secret, size_t secret_len, const char *student)
{
    char flag[FLAG_LEN + 1];
    uint8_t bytes[8] = {0};
    size_t len;
    flag_make(flag, secret, secret_len, "mutants", student);
    (void)!hex_decode(bytes, sizeof bytes, &len, strchr(flag, '{') + 1, 2 * sizeof bytes);
    return bytes_load_be64(bytes);
}

static int check_line(const struct lab_mutants_options *o, const struct mutant *m, size_t line)
{
    uint64_t answer = args_number(o->check, 1, FILE_MAX, "check", "glass lab mutants --check LINE");
    if (answer != line)
        args_fail("line %s is not the broken one of %s", o->check, o->student);
    display_line(stdout, "%s has found line %zu of %s: %s, and %s", o->student, line, m->file, m->name, m->what);
    return STATUS_DONE;
}

int lab_mutants(const struct lab_mutants_options *o, const uint8_t *secret, size_t secret_len)
{
    struct mutant m;
    size_t list_len, text_len, out_len, line, n;
    char *list = read_source(o->source, LIST, &list_len);
    if ((n = count_mutants(list, list_len)) == 0)
        args_fail("%s/%s has no mutants of crypto or net", o->source, LIST);
    take_mutant(&m, list, list_len, (size_t)(student_number(secret, secret_len, o->student) % n));
    free(list);
    char *text = read_source(o->source, m.file, &text_len), *out = malloc(text_len + MUTANT_FIELD_MAX);
    if (out == NULL)
        args_fail("out of memory");
    if (mutant_apply(&m, &line, out, &out_len, text, text_len) != 0)
        args_fail("%s/%s is not the file of the list: it has not exactly one line '%s'", o->source, m.file, m.from);
    free(text);
    if (o->check != NULL) {
        free(out); /* a wrong answer ends the program */
        return check_line(o, &m, line);
    }
    io_write((const uint8_t *)out, out_len);
    display_line(stderr, "%s, with one line broken; of these tests one notices: %s", m.file, m.tests);
    free(out);
    return STATUS_DONE;
}
