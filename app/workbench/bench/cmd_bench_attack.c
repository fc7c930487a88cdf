/* SPDX-License-Identifier: MIT */
/* glass bench attack: the cost dial. On one side what a login or a key exchange costs the defender, on the other what
 * it costs to break; iterations and bits put the distance between. */
#include "app/workbench/bench/bench_attack.h"
#include "app/workbench/bench/bench_attack_files.h"
#include "app/workbench/bench/bench_attack_report.h"
#include "app/workbench/commands.h"
#include "app/workbench/io.h"

#define USAGE "glass bench attack [--seconds N] [--json FILE] [--svg FILE]"
#define SECONDS 30
#define SECONDS_MAX 3600

int cmd_bench_attack(struct args *args)
{
    const char *json_name = NULL, *svg_name = NULL, *seconds = NULL;
    const struct args_option options[] = {
        {"json", &json_name, NULL}, {"svg", &svg_name, NULL}, {"seconds", &seconds, NULL}, {0}};
    struct attack a;
    args_parse(args, options, 0, 0, USAGE);
    double budget = seconds == NULL ? SECONDS : (double)args_number(seconds, 1, SECONDS_MAX, "seconds", USAGE);
    FILE *json = io_create(json_name), *svg = io_create(svg_name);
    attack_measure(&a, budget);
    attack_print(&a);
    if (json != NULL)
        attack_write_json(&a, json);
    if (svg != NULL)
        attack_write_svg(&a, svg);
    io_finish(json, json_name);
    io_finish(svg, svg_name);
    return STATUS_DONE;
}
