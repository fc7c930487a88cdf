/* SPDX-License-Identifier: MIT */
/* Fields stand in a fixed order, so reading means: expect this label, and take what follows up to the next tab. A field
 * that may be missing has its tab in its label, and ends before the next one or at the end. */
#include "app/server/store/account.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/base/clock.h"
#include "app/server/store/blocked_users.h"
#include "crypto/base64.h"
#include "crypto/ct.h"
#include "net/certificate.h"

#define FIELD_MAX (BLOCKED_USERS_MAX_LEN + 1) /* the longest, with a NUL */
#define LOCKED "\tlocked=1"
#define TO_TAB '\n' /* no line has this byte. It stands for: up to the next tab, which is left, or the end */

/* --- Memory ------------------------------------------------------------------------------------------------------- */

static void *copy_of(const void *from, size_t len)
{
    void *to = malloc(len);
    if (to != NULL)
        memcpy(to, from, len);
    return to;
}

int account_copy(struct account *to, const struct account *from)
{
    *to = *from;
    if (from->email != NULL)
        to->email = copy_of(from->email, strlen(from->email) + 1);
    if (from->totp != NULL)
        to->totp = copy_of(from->totp, sizeof *from->totp);
    if (from->certificate != NULL)
        to->certificate = copy_of(from->certificate, from->certificate_len);
    if (from->blocks != NULL)
        to->blocks = copy_of(from->blocks, strlen(from->blocks) + 1);
    bool whole = !to->totp == !from->totp && !to->certificate == !from->certificate && !to->blocks == !from->blocks &&
                 !to->email == !from->email;
    if (!whole)
        account_wipe(to);
    return whole ? 0 : -1;
}

void account_wipe(struct account *account)
{
    if (account->totp != NULL)
        ct_wipe(account->totp, sizeof *account->totp);
    free(account->totp);
    free(account->email);
    free(account->certificate);
    free(account->blocks);
    ct_wipe(account, sizeof *account);
}

bool account_certificate_good(const char *name, const uint8_t *certificate, size_t len)
{
    struct certificate c;
    if (certificate_decode(&c, certificate, len) != NET_OK || c.role != CERTIFICATE_USER || strcmp(c.name, name) != 0)
        return false;
    if (!certificate_valid_at(&c, clock_now()))
        return false;
    return !certificate_is_self_signed(&c) || certificate_verify_self(&c) == NET_OK;
}

int account_set_certificate(struct account *account, const uint8_t *certificate, size_t len)
{
    uint8_t *copy = len == 0 ? NULL : copy_of(certificate, len);
    if (len > 0 && copy == NULL)
        return -1;
    free(account->certificate);
    account->certificate = copy;
    account->certificate_len = len;
    return 0;
}

static int set_text(char **to, const char *text)
{
    char *copy = *text == '\0' ? NULL : copy_of(text, strlen(text) + 1);
    if (*text != '\0' && copy == NULL)
        return -1;
    free(*to);
    *to = copy;
    return 0;
}

int account_set_email(struct account *account, const char *email)
{
    return set_text(&account->email, email);
}

int account_set_blocks(struct account *account, const char *blocks)
{
    return set_text(&account->blocks, blocks);
}

/* --- Writing ------------------------------------------------------------------------------------------------------ */

/* Appends to text, which has room: ACCOUNT_LINE_MAX is more than all fields at their longest. */
static void append(char text[ACCOUNT_LINE_MAX], const char *label, const char *value)
{
    size_t len = strlen(text);
    snprintf(text + len, ACCOUNT_LINE_MAX - len, "%s%s", label, value);
}

static void append_bytes(char text[ACCOUNT_LINE_MAX], const char *label, const uint8_t *bytes, size_t len)
{
    append(text, label, "");
    base64_encode(text + strlen(text), bytes, len);
}

static void append_optional(char text[ACCOUNT_LINE_MAX], const struct account *account)
{
    char step[24];
    if (account->totp != NULL) {
        append_bytes(text, "\ttotp=", account->totp->sealed, sizeof account->totp->sealed);
        snprintf(step, sizeof step, "%" PRIu64, account->totp->step);
        append(text, "\tstep=", step);
    }
    if (account->certificate != NULL)
        append_bytes(text, "\tcertificate=", account->certificate, account->certificate_len);
    if (account->blocks != NULL)
        append(text, "\tblocks=", account->blocks);
    if (account->locked)
        append(text, LOCKED, "");
}

void account_encode(char text[ACCOUNT_LINE_MAX], const struct account *account)
{
    if (account->deleted) {
        snprintf(text, ACCOUNT_LINE_MAX, "%s\tdeleted=1", account->name);
        return;
    }
    char password[VERIFIER_TEXT_MAX];
    verifier_encode(password, &account->password);
    snprintf(text, ACCOUNT_LINE_MAX, "%s\temail=%s\tcreated=%" PRIu64 "\tpbkdf2=%s", account->name, account->email,
             account->created, password);
    ct_wipe(password, sizeof password);
    append_optional(text, account);
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

/* Moves what stands before `end` from *text into field. */
static int take_field(char field[FIELD_MAX], const char **text, const char *label, char end)
{
    size_t label_len = strlen(label);
    if (strncmp(*text, label, label_len) != 0)
        return -1;
    const char *start = *text + label_len, *stop = end == TO_TAB ? start + strcspn(start, "\t") : strchr(start, end);
    if (stop == NULL || (size_t)(stop - start) >= FIELD_MAX)
        return -1;
    memcpy(field, start, (size_t)(stop - start));
    field[stop - start] = '\0';
    *text = end == TO_TAB ? stop : stop + 1;
    return 0;
}

/* A decimal number as printf writes it: digits alone, no zero in front. */
static int take_number(uint64_t *n, const char **text, const char *label, char end)
{
    char field[FIELD_MAX], again[FIELD_MAX];
    if (take_field(field, text, label, end) != 0 || sscanf(field, "%20" SCNu64, n) != 1)
        return -1;
    snprintf(again, sizeof again, "%" PRIu64, *n);
    return strcmp(again, field) == 0 ? 0 : -1;
}

static int take_bytes(uint8_t *out, size_t len, const char **text, char end)
{
    char field[FIELD_MAX];
    size_t got;
    if (take_field(field, text, "", end) != 0 || base64_decode(out, len, &got, field, strlen(field)) != 0)
        return -1;
    return got == len ? 0 : -1;
}

static int take_password(struct verifier *v, const char **text)
{
    char field[FIELD_MAX];
    return take_field(field, text, "pbkdf2=", TO_TAB) == 0 ? verifier_decode(v, field) : -1;
}

static bool is_next(const char *text, const char *label)
{
    return strncmp(text, label, strlen(label)) == 0;
}

static int take_totp(struct account *account, const char **text)
{
    struct account_totp totp;
    *text += strlen("\ttotp=");
    if (take_bytes(totp.sealed, sizeof totp.sealed, text, TO_TAB) != 0 ||
        take_number(&totp.step, text, "\tstep=", TO_TAB) != 0)
        return -1;
    account->totp = copy_of(&totp, sizeof totp);
    return account->totp != NULL ? 0 : -1;
}

static int take_certificate(struct account *account, const char **text)
{
    char field[FIELD_MAX];
    uint8_t bytes[CERTIFICATE_MAX_LEN];
    size_t len;
    struct certificate c;
    if (take_field(field, text, "\tcertificate=", TO_TAB) != 0 ||
        base64_decode(bytes, sizeof bytes, &len, field, strlen(field)) != 0)
        return -1;
    if (certificate_decode(&c, bytes, len) != NET_OK || c.role != CERTIFICATE_USER ||
        strcmp(c.name, account->name) != 0)
        return -1;
    return account_set_certificate(account, bytes, len);
}

static int take_blocks(struct account *account, const char **text)
{
    char field[FIELD_MAX];
    if (take_field(field, text, "\tblocks=", TO_TAB) != 0 || !blocked_users_valid(field))
        return -1;
    return account_set_blocks(account, field);
}

/* The fields that not every account has. */
static int take_optional(struct account *account, const char **text)
{
    if (is_next(*text, "\ttotp=") && take_totp(account, text) != 0)
        return -1;
    if (is_next(*text, "\tcertificate=") && take_certificate(account, text) != 0)
        return -1;
    if (is_next(*text, "\tblocks=") && take_blocks(account, text) != 0)
        return -1;
    account->locked = is_next(*text, LOCKED);
    if (account->locked)
        *text += strlen(LOCKED);
    return **text == '\0' ? 0 : -1;
}

int account_decode(struct account *account, const char *text)
{
    char field[FIELD_MAX];
    memset(account, 0, sizeof *account);
    if (take_field(field, &text, "", '\t') != 0 || !name_valid(field, strlen(field)))
        return -1;
    memcpy(account->name, field, strlen(field) + 1);
    if (strcmp(text, "deleted=1") == 0) {
        account->deleted = true;
        return 0;
    }
    if (take_field(field, &text, "email=", '\t') != 0 || !email_valid(field, strlen(field)))
        return -1;
    if (account_set_email(account, field) == 0 && take_number(&account->created, &text, "created=", '\t') == 0 &&
        take_password(&account->password, &text) == 0 && take_optional(account, &text) == 0)
        return 0;
    account_wipe(account);
    return -1;
}
