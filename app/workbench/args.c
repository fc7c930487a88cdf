/* SPDX-License-Identifier: MIT */
/* One pass over the arguments: what starts with two dashes is looked up in the table, all else moves to the front. */
#include "app/workbench/args.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/terminal/display.h"
#include "crypto/bytes.h"

#define TEXT_MAX 8192 /* with two paths, perhaps */

void args_wrong(const char *what, const char *usage)
{
    display_line(stderr, "glass: %s; usage: %s", what, usage);
    exit(STATUS_USAGE);
}

void args_fail(const char *format, ...)
{
    va_list values;
    char what[TEXT_MAX];
    va_start(values, format);
    vsnprintf(what, sizeof what, format, values);
    va_end(values);
    display_line(stderr, "glass: %s", what);
    exit(STATUS_FAILED);
}

static _Noreturn void wrong_option(const char *option, const char *problem, const char *usage)
{
    char what[160];
    snprintf(what, sizeof what, "--%.60s %s", option, problem);
    args_wrong(what, usage);
}

static const struct args_option *look_up(const struct args_option *options, const char *name, const char *usage)
{
    for (; options->name != NULL; options++)
        if (strcmp(options->name, name) == 0)
            return options;
    wrong_option(name, "is no option here", usage);
}

/* Handles the option args->value[i]; returns how many arguments it took. */
static int take_option(const struct args *args, int i, const struct args_option *options, const char *usage)
{
    const char *name = args->value[i] + 2;
    if (strcmp(name, "help") == 0) {
        display_line(stdout, "usage: %s", usage);
        exit(STATUS_DONE);
    }
    const struct args_option *option = look_up(options, name, usage);
    if (option->value == NULL) {
        *option->given = true;
        return 1;
    }
    if (*option->value != NULL)
        wrong_option(name, "is given twice", usage);
    if (i + 1 >= args->count)
        wrong_option(name, "needs a value", usage);
    *option->value = args->value[i + 1];
    return 2;
}

void args_help(const struct args *args, const char *text)
{
    for (int i = 0; i < args->count && strcmp(args->value[i], "--") != 0; i++)
        if (strcmp(args->value[i], "--help") == 0) {
            display_text(stdout, text);
            exit(STATUS_DONE);
        }
}

void args_parse(struct args *args, const struct args_option *options, int min, int max, const char *usage)
{
    int plain = 0, i = 0;
    while (i < args->count && strcmp(args->value[i], "--") != 0) {
        if (strncmp(args->value[i], "--", 2) == 0)
            i += take_option(args, i, options, usage);
        else
            args->value[plain++] = args->value[i++];
    }
    for (i++; i < args->count; i++)
        args->value[plain++] = args->value[i];
    args->count = plain;
    if (plain < min)
        args_wrong("an argument is missing", usage);
    if (plain > max)
        args_wrong("there are too many arguments", usage);
}

const char *args_need(const char *value, const char *option, const char *usage)
{
    if (value == NULL)
        wrong_option(option, "is missing", usage);
    return value;
}

size_t args_hex(uint8_t *out, size_t cap, const char *value, const char *option, const char *usage)
{
    size_t len = 0;
    if (value != NULL && hex_decode(out, cap, &len, value, strlen(value)) != 0)
        wrong_option(option, "takes hex digits in pairs, and not more than fit", usage);
    return len;
}

uint64_t args_number(const char *value, uint64_t min, uint64_t max, const char *option, const char *usage)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0' || errno != 0 || n < min || n > max) {
        char problem[80];
        snprintf(problem, sizeof problem, "takes a number from %llu to %llu", (unsigned long long)min,
                 (unsigned long long)max);
        wrong_option(option, problem, usage);
    }
    return n;
}
