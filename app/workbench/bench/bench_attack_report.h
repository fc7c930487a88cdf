/* SPDX-License-Identifier: MIT */
/* What `glass bench attack` prints.
 *
 * Read next:   bench_attack.h, where the figures come from.
 */
#ifndef APP_WORKBENCH_BENCH_BENCH_ATTACK_REPORT_H
#define APP_WORKBENCH_BENCH_BENCH_ATTACK_REPORT_H

#include "app/workbench/bench/bench_attack.h"

/* Prints the tables on standard output, within 100 columns. */
void attack_print(const struct attack *a);

#endif
