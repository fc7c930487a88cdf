/* SPDX-License-Identifier: MIT */
/* The commands of `glass`, one file cmd_<name>.c each, in the folder of its trade: primitives, bench, load or
 * attacks. A command
 * gets the arguments after its name, prints its result on standard output, and returns the program's exit status.
 *
 * Read next:   main.c, the table; args.h, how a command reads its options.
 */
#ifndef APP_WORKBENCH_COMMANDS_H
#define APP_WORKBENCH_COMMANDS_H

#include "app/workbench/args.h"

int cmd_sha256(struct args *args);
int cmd_hmac(struct args *args);
int cmd_hkdf(struct args *args);
int cmd_pbkdf2(struct args *args);
int cmd_aes(struct args *args);
int cmd_cbc(struct args *args);
int cmd_pkcs7(struct args *args);
int cmd_etm(struct args *args);
int cmd_rng(struct args *args);
int cmd_base64(struct args *args);
int cmd_dh(struct args *args);
int cmd_ring(struct args *args);
int cmd_rsa(struct args *args);
int cmd_totp(struct args *args);
int cmd_key(struct args *args);
int cmd_transcript(struct args *args);
int cmd_bignum(struct args *args);
int cmd_backends(struct args *args);
int cmd_figure(struct args *args);
int cmd_explain(struct args *args);
int cmd_bench(struct args *args);
int cmd_bench_attack(struct args *args);
int cmd_bench_timing(struct args *args);
int cmd_load(struct args *args);
int cmd_lab(struct args *args);
int cmd_grade(struct args *args);
int cmd_practice(struct args *args);

#endif
