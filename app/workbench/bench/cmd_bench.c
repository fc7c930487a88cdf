/* SPDX-License-Identifier: MIT */
/* glass bench [--json FILE] [--svg FILE] [--seconds S] [NAME] : how fast each primitive is, beside other libraries,
 * those that are found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/terminal/progress_row.h"
#include "app/workbench/bench/bench.h"
#include "app/workbench/commands.h"
#include "app/workbench/io.h"

#define USAGE "glass bench [--json FILE] [--svg FILE] [--seconds S] [NAME] | attack [OPTION]... | timing [OPTION]..."
#define RUN_SECONDS 0.01 /* of one timed run */

static double run_seconds(const char *text)
{
    char *end;
    if (text == NULL)
        return RUN_SECONDS;
    double seconds = strtod(text, &end);
    if (*end != '\0' || !(seconds >= 0.00001 && seconds <= 1))
        args_wrong("--seconds takes a number from 0.00001 to 1, the time of one timed run", USAGE);
    return seconds;
}

/* Says what there is, where something else was asked for. */
static void no_such(struct bench *b, const char *name)
{
    char problem[600] = "";
    bench_ours(b, NULL);
    snprintf(problem, sizeof problem, "%s names no primitive; there are:", name);
    for (size_t i = 0; i < b->subjects; i++) {
        const char *primitive = b->subject[i].primitive;
        size_t len = strlen(problem);
        bool seen = false;
        for (size_t j = 0; j < i; j++)
            seen |= strcmp(b->subject[j].primitive, primitive) == 0;
        if (!seen)
            snprintf(problem + len, sizeof problem - len, " %s,", primitive);
    }
    problem[strlen(problem) - 1] = '\0'; /* the last comma */
    bench_close(b);
    args_wrong(problem, USAGE);
}

int cmd_bench(struct args *args)
{
    if (args->count > 0 && strcmp(args->value[0], "attack") == 0)
        return cmd_bench_attack(&(struct args){args->count - 1, args->value + 1});
    if (args->count > 0 && strcmp(args->value[0], "timing") == 0)
        return cmd_bench_timing(&(struct args){args->count - 1, args->value + 1});
    const char *json_name = NULL, *svg_name = NULL, *seconds = NULL;
    const struct args_option options[] = {
        {"json", &json_name, NULL}, {"svg", &svg_name, NULL}, {"seconds", &seconds, NULL}, {0}};
    args_parse(args, options, 0, 1, USAGE);
    const char *name = args->count > 0 && *args->value[0] != '\0' ? args->value[0] : NULL;
    struct bench *b = bench_open(run_seconds(seconds));
    progress_row_begin("making keys", NULL);
    bench_ours(b, name);
    progress_row_end();
    if (b->subjects == 0)
        no_such(b, name);
    FILE *json = io_create(json_name), *svg = io_create(svg_name);
    bench_openssl(b, name);
    bench_nettle(b, name);
    bench_gcrypt(b, name);
    bench_measure(b, true);
    bench_print(b);
    if (json != NULL)
        bench_write_json(b, json);
    if (svg != NULL)
        bench_write_svg(b, svg);
    io_finish(json, json_name);
    io_finish(svg, svg_name);
    bench_close(b);
    return STATUS_DONE;
}
