/* SPDX-License-Identifier: MIT */
/* What `glass bench attack` writes to files: its figures as JSON, and as a chart.
 *
 * Read next:   bench_attack.h, where the figures come from; app/workbench/svg.h, how a chart is drawn.
 */
#ifndef APP_WORKBENCH_BENCH_BENCH_ATTACK_FILES_H
#define APP_WORKBENCH_BENCH_BENCH_ATTACK_FILES_H

#include <stdio.h>

#include "app/workbench/bench/bench_attack.h"

/* Both write to a file that is open; whether it all got there is for the caller to see when it closes it. */
void attack_write_json(const struct attack *a, FILE *f);
void attack_write_svg(const struct attack *a, FILE *f);

#endif
