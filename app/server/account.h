/* One account, and how it is written as a line of DATA/accounts.
 *
 *      alice <tab> email=a@example.org <tab> created=1795246990 <tab> pbkdf2=600000:<salt>:<hash>
 *      bob <tab> deleted=1
 *
 * Salt and hash are base64. The checksum at the end of a line is the journal's.
 *
 * Read next:   app/server/account.c; app/server/journal.h; app/server/accounts.h.
 */
#ifndef SERVER_ACCOUNT_H
#define SERVER_ACCOUNT_H

#include <stddef.h>
#include <stdint.h>

#include "app/message/email.h"
#include "app/message/name.h"
#include "app/server/verifier.h"
#include "crypto/bytes.h"

#define ACCOUNT_LINE_MAX 1024 /* the longest text of an account, with a NUL */

struct account {
    char name[NAME_MAX_LEN + 1];
    char email[EMAIL_MAX_LEN + 1];
    uint64_t created; /* Unix seconds */
    struct verifier password;
    int deleted; /* 1: the name is taken for ever, and nobody can log in; the other fields are empty */
};

/* Writes the account's text and a NUL. */
void account_encode(char text[ACCOUNT_LINE_MAX], const struct account *account);

/* -1 for anything that account_encode can't have written, or whose fields break their rules. */
MUST_USE int account_decode(struct account *account, const char *text);

#endif
