/* SPDX-License-Identifier: MIT */
/* `glass key authority`: what cmd_key.c hands on.
 *
 * Read next:   cmd_key_authority.c.
 */
#ifndef APP_WORKBENCH_PRIMITIVES_CMD_KEY_AUTHORITY_H
#define APP_WORKBENCH_PRIMITIVES_CMD_KEY_AUTHORITY_H

#include "app/workbench/args.h"

#define CMD_KEY_AUTHORITY_NEW "glass key authority new [--password-file FILE] --out FILE"
#define CMD_KEY_AUTHORITY_CERTIFY                                                                                      \
    "glass key authority certify --authority KEYFILE [--password-file FILE] [--name USER] [--days N] --out DIR "       \
    "FILE..."

int cmd_key_authority(struct args *args);

#endif
