/* SPDX-License-Identifier: MIT */
/* The command lines of `glass`: long options that stand in a table, then plain arguments.
 *
 * Use it:      const char *key = NULL; bool decrypt = false;
 *              struct args_option options[] = {{"key", "HEX", &key, NULL}, {"decrypt", NULL, NULL, &decrypt}, {0}};
 *              args_parse(&args, options, 0, 1, "glass cbc --key HEX --iv HEX [--decrypt] <IN >OUT");
 * Errors:      whatever does not fit the table ends the program with status 2 and one line that shows the usage.
 * Read next:   cmd_hmac.c, a small command; main.c, the table of all.
 */
#ifndef APP_WORKBENCH_ARGS_H
#define APP_WORKBENCH_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

/* The arguments after the command's name. */
struct args {
    int count;
    char **value;
};

struct args_option {
    const char *name;   /* without the dashes; NULL ends a table */
    const char **value; /* set to the argument that follows, or NULL for an option without one */
    bool *given;        /* set to true; only where value is NULL */
};

/* Takes the options out of *args and leaves the plain arguments, of which there must be min to max. `--help` prints the
 * usage on stdout and ends the program with status 0. An option may be given once; `--` ends the options, and `-` is a
 * plain argument. */
void args_parse(struct args *args, const struct args_option *options, int min, int max, const char *usage);

/* Where --help is among the arguments: prints the text and ends the program with status 0. For a command whose usage
 * says too little; before args_parse. */
void args_help(const struct args *args, const char *text);

/* Ends the program with status 2: "glass: <what>; usage: <usage>". */
_Noreturn void args_wrong(const char *what, const char *usage);

/* Ends the program with status 1 and one line, printf's way: what is wrong and what to do. */
_Noreturn void args_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The value of an option that must be given. */
const char *args_need(const char *value, const char *option, const char *usage);

/* Decodes the hex value of an option into out; NULL counts as no bytes. More than cap bytes, or anything but hex digits
 * in pairs, ends the program with status 2. Returns the length. */
size_t args_hex(uint8_t *out, size_t cap, const char *value, const char *option, const char *usage);

/* The decimal value of an option, within min to max. */
uint64_t args_number(const char *value, uint64_t min, uint64_t max, const char *option, const char *usage);

#endif
