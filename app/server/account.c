/* Fields stand in a fixed order, so reading is: expect this label, take what follows to the next tab. */
#include "app/server/account.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crypto/base64.h"

#define FIELD_MAX 300

void account_encode(char text[ACCOUNT_LINE_MAX], const struct account *account)
{
    if (account->deleted) {
        snprintf(text, ACCOUNT_LINE_MAX, "%s\tdeleted=1", account->name);
        return;
    }
    char salt[BASE64_LEN(VERIFIER_SALT_LEN) + 1], hash[BASE64_LEN(VERIFIER_HASH_LEN) + 1];
    base64_encode(salt, account->password.salt, VERIFIER_SALT_LEN);
    base64_encode(hash, account->password.hash, VERIFIER_HASH_LEN);
    snprintf(text, ACCOUNT_LINE_MAX, "%s\temail=%s\tcreated=%" PRIu64 "\tpbkdf2=%" PRIu32 ":%s:%s", account->name,
             account->email, account->created, account->password.iterations, salt, hash);
}

/* Takes what stands before `end` (or all, where end is NUL and stands last) off *text, into field. */
static int take_field(char field[FIELD_MAX], const char **text, const char *label, char end)
{
    size_t label_len = strlen(label);
    if (strncmp(*text, label, label_len) != 0)
        return -1;
    const char *start = *text + label_len, *stop = strchr(start, end);
    if (stop == NULL || (size_t)(stop - start) >= FIELD_MAX)
        return -1;
    memcpy(field, start, (size_t)(stop - start));
    field[stop - start] = '\0';
    *text = end == '\0' ? stop : stop + 1;
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
    uint64_t iterations;
    if (take_number(&iterations, text, "pbkdf2=", ':') != 0 || iterations < 1 || iterations > VERIFIER_ITERATIONS_MAX)
        return -1;
    v->iterations = (uint32_t)iterations;
    if (take_bytes(v->salt, sizeof v->salt, text, ':') != 0)
        return -1;
    return take_bytes(v->hash, sizeof v->hash, text, '\0');
}

int account_decode(struct account *account, const char *text)
{
    char field[FIELD_MAX];
    memset(account, 0, sizeof *account);
    if (take_field(field, &text, "", '\t') != 0 || !name_valid(field, strlen(field)))
        return -1;
    memcpy(account->name, field, strlen(field) + 1);
    if (strcmp(text, "deleted=1") == 0) {
        account->deleted = 1;
        return 0;
    }
    if (take_field(field, &text, "email=", '\t') != 0 || !email_valid(field, strlen(field)))
        return -1;
    memcpy(account->email, field, strlen(field) + 1);
    if (take_number(&account->created, &text, "created=", '\t') != 0)
        return -1;
    return take_password(&account->password, &text);
}
