/* SPDX-License-Identifier: MIT */
/* A list of accounts to be made, read from a file that the operator wrote, and their passwords hashed.
 *
 *      # a line an account: its name, its e-mail address and its password, with a tab between two
 *      alice <tab> alice@example.org <tab> correct horse
 *
 * Empty lines, and lines that start with '#', are left out; a line may end in LF or in CR and LF, and the file begin
 * with a byte order mark.
 *
 * Use it:      struct account_import r;
 *              if (account_import_read(&r, "accounts.tsv", why) != 0) ...       which line, and what is wrong with it
 *              if (account_import_hash(&r, 600000, NULL, why) != 0) ...         on all processors; it takes its time
 *              for each of r.entries: name, email, line, password       in the file's order
 *              account_import_free(&r);
 * Timing:      the lengths of the passwords may show.
 * Read next:   account_cli.c; verifier.h.
 */
#ifndef APP_SERVER_OPERATOR_ACCOUNT_IMPORT_H
#define APP_SERVER_OPERATOR_ACCOUNT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/server/store/verifier.h"
#include "crypto/bytes.h"
#include "net/why.h"

#define ACCOUNT_IMPORT_FILE_MAX (64u << 20) /* bytes: some hundred thousand accounts */

struct account_import_entry {
    const char *name, *email, *password; /* NUL-terminated; in the account_import's text */
    size_t password_len;
    size_t line;
    struct verifier verifier; /* account_import_hash makes it */
};

struct account_import {
    char *text;
    size_t text_cap;
    struct account_import_entry *entries;
    size_t len, cap;
    bool open_to_others; /* the file can be read by other users */
};

/* What messages call the file at this path; "-" is standard input. */
const char *account_import_name(const char *path);

/* Reads that file. -1 with one line in why: the file can't be read, or the number of the first line that is not an
 * account or repeats an earlier name; there is then nothing to free. */
MUST_USE int account_import_read(struct account_import *r, const char *path, char why[static WHY_LEN]);

/* One account that comes from elsewhere: the same checks, and -1 as there. */
MUST_USE int account_import_one(struct account_import *r, const char *name, const char *email, const uint8_t *password,
                                size_t len, char why[static WHY_LEN]);

/* progress is called now and then with how many are done. -1 with the reason in why where the system gives no
 * threads; r is still to be freed. */
MUST_USE int account_import_hash(struct account_import *r, uint32_t iterations,
                                 void (*progress)(size_t done, size_t of), char why[static WHY_LEN]);

void account_import_free(struct account_import *r);

#endif
