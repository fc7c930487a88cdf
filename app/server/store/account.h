/* SPDX-License-Identifier: MIT */
/* One account, and how it is written as a line of DATA/accounts.
 *
 *      alice <tab> email=a@example.org <tab> created=1795246990 <tab> pbkdf2=600000:<salt>:<hash>
 *      bob <tab> deleted=1
 *
 * and, after the first of these, what not every account has, in this order, each after a tab:
 *
 *      totp=<the second factor's secret, sealed>    step=<the last one of which a code was accepted>
 *      certificate=<it>                             blocks=bob,carl                 locked=1
 *
 * Bytes are base64. The checksum at the end of a line is the journal's.
 *
 * Use it:      an account owns what its pointers point to: account_copy makes another owner, and each needs an
 *              account_wipe at the end.
 * Read next:   app/server/store/account.c; app/server/store/journal.h; app/server/store/accounts.h; totp_seal.h and
 *              blocked_users.h, two fields.
 */
#ifndef APP_SERVER_STORE_ACCOUNT_H
#define APP_SERVER_STORE_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/email.h"
#include "app/message/name.h"
#include "app/server/store/totp_seal.h"
#include "app/server/store/verifier.h"
#include "crypto/bytes.h"

#define ACCOUNT_LINE_MAX 4096 /* the longest text of an account, with a NUL */

struct account_totp {
    uint64_t step; /* no code of this step or an earlier one is accepted any more */
    uint8_t sealed[TOTP_SEAL_SEALED_LEN];
};

struct account {
    char name[NAME_MAX_LEN + 1];
    char *email;      /* most are far shorter than the longest; NULL where it is deleted */
    uint64_t created; /* Unix seconds */
    struct verifier password;
    bool locked;               /* nobody can log in until the operator says so */
    bool deleted;              /* the name is taken for ever, and nobody can log in; the other fields are empty */
    struct account_totp *totp; /* NULL: no second factor */
    uint8_t *certificate;      /* of role 2 and this name; NULL: none */
    size_t certificate_len;
    char *blocks; /* NULL: nobody */
};

/* -1 where there is no memory, and then to has none. What to was before is not freed. */
MUST_USE int account_copy(struct account *to, const struct account *from);

/* Frees and wipes. Calling it again is fine. */
void account_wipe(struct account *account);

/* Whether a certificate of role 2 can be this account's: its name, its time, and where it is self-signed its signature.
 * One public RSA operation. */
bool account_certificate_good(const char *name, const uint8_t *certificate, size_t len);

/* One of the three, replacing what was there: takes a copy. -1 where there is no memory; nothing has changed then. len
 * 0, and an empty text, take it away. */
MUST_USE int account_set_email(struct account *account, const char *email);
MUST_USE int account_set_certificate(struct account *account, const uint8_t *certificate, size_t len);
MUST_USE int account_set_blocks(struct account *account, const char *blocks);

/* Writes the account's text and a NUL. */
void account_encode(char text[ACCOUNT_LINE_MAX], const struct account *account);

/* -1 for anything that account_encode can't have written, or whose fields break their rules, and where there is no
 * memory: nothing is then to be freed. */
MUST_USE int account_decode(struct account *account, const char *text);

#endif
