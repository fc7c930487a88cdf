/* SPDX-License-Identifier: MIT */
/* The padding is in the last block, so that block is all that is shown. The check is that of crypto/pkcs7.c again, with
 * its variables, but for one thing: it remembers which byte was wrong. */
#include "app/workbench/explain/explain_pkcs7.h"

#include <stdbool.h>

#include "app/workbench/explain/show.h"
#include "crypto/ct.h"

#define BLOCK_LEN 16
#define NONE BLOCK_LEN

/* The block, and below it what is padding; the byte that is `wrong` before the last one is marked as such. */
static void show_last_block(FILE *to, const uint8_t block[static BLOCK_LEN], size_t padding, size_t wrong)
{
    fprintf(to, "  %-*s", SHOW_NAME_WIDTH - 1, "last block");
    for (size_t i = 0; i < BLOCK_LEN; i++)
        fprintf(to, " %02x", block[i]);
    fputc('\n', to);
    if (padding == 0)
        return;
    fprintf(to, "%*s", 1 + SHOW_NAME_WIDTH + 3 * (BLOCK_LEN - (int)padding), "");
    for (size_t i = padding; i-- > 0;)
        fputs(i == wrong ? " !!" : " ^^", to);
    fputc('\n', to);
}

int explain_pkcs7_pad(FILE *to, const uint8_t *padded, size_t len)
{
    size_t n = BLOCK_LEN - len % BLOCK_LEN;
    for (size_t i = 0; i < n; i++)
        if (padded[len + i] != n)
            return -1;
    show_heading(to, "Padding (RFC 5652, 6.3, with k = 16)");
    show_note(to, "The message has %zu bytes. k - (%zu mod k) = %zu: it gets %zu byte%s of value %02zx.%s", len, len, n,
              n, n == 1 ? "" : "s", n,
              n < BLOCK_LEN ? ""
                            : " It is whole blocks already, and gets a block more: otherwise a message that ends in 01 "
                              "could not be told from a padded one.");
    show_last_block(to, padded + len + n - BLOCK_LEN, n, NONE);
    return 0;
}

/* What the check finds. */
struct check {
    uint32_t n;                     /* what the last byte says */
    uint32_t begun;                 /* good, when no other byte has been looked at */
    uint32_t is_padding[BLOCK_LEN]; /* of the byte that is i before the last */
    uint32_t equal[BLOCK_LEN];
    uint32_t good[BLOCK_LEN]; /* with that byte */
    size_t first_wrong;       /* i, or NONE */
};

static struct check check(const uint8_t *buf, size_t buf_len)
{
    struct check c = {.n = buf[buf_len - 1], .first_wrong = NONE};
    uint32_t good = c.begun = ~ct_is_zero(c.n) & ct_lt(c.n, BLOCK_LEN + 1);
    for (uint32_t i = 0; i < BLOCK_LEN; i++) {
        c.is_padding[i] = ct_lt(i, c.n);
        c.equal[i] = ct_eq(buf[buf_len - 1 - i], c.n);
        good &= ~c.is_padding[i] | c.equal[i];
        c.good[i] = good;
        if (c.begun != 0 && good == 0 && c.first_wrong == NONE)
            c.first_wrong = i;
    }
    return c;
}

static bool is_right(const struct check *c)
{
    return c->good[BLOCK_LEN - 1] != 0;
}

static void show_pass(FILE *to, const struct check *c, const uint8_t *buf, size_t buf_len)
{
    show_note(to,
              "The last byte, %02x in hex, says n = %u. good begins as all ones if n is 1 to 16, else as 0; then each "
              "of the 16 "
              "bytes may clear it, the last one (i = 0) first: where i < n it has to be n. The bytes of the message "
              "are looked at too, so that the time does not tell n.",
              c->n, c->n);
    fputs("\n  i   byte  is_padding  byte = n  good\n", to);
    fprintf(to, "  %30s  %08x\n", "", c->begun);
    for (uint32_t i = 0; i < BLOCK_LEN; i++)
        fprintf(to, "  %-2u  %02x    %08x    %08x  %08x\n", i, buf[buf_len - 1 - i], c->is_padding[i], c->equal[i],
                c->good[i]);
}

static void show_verdict(FILE *to, const struct check *c, const uint8_t *buf, size_t buf_len)
{
    fputc('\n', to);
    if (is_right(c)) {
        show_note(to, "good is all ones: the padding is right. The message is the first %zu of the %zu bytes.",
                  buf_len - c->n, buf_len);
        return;
    }
    if (c->first_wrong == NONE)
        show_note(to, "good is 0: the padding is wrong. There is none of value %02x.", c->n);
    else
        show_note(to, "good is 0: the padding is wrong. The byte at i = %zu is %02x, and has to be %02x.",
                  c->first_wrong, buf[buf_len - 1 - c->first_wrong], c->n);
    show_note(to,
              "A receiver must never tell that, by any sign: with \"wrong padding\" as an answer, or sooner than "
              "another one, whoever may ask often enough reads the plaintext (Vaudenay, 2002). So the chat checks "
              "a tag before it decrypts (crypto/etm.h), and this check takes the same time wherever it goes wrong.");
}

int explain_pkcs7_unpad(FILE *to, const uint8_t *buf, size_t buf_len, size_t len)
{
    static const char heading[] = "Taking the padding off (RFC 5652, 6.3, with k = 16; crypto/pkcs7.c)";
    if (buf_len == 0 || buf_len % BLOCK_LEN != 0) {
        if (len != EXPLAIN_PKCS7_WRONG)
            return -1;
        show_heading(to, "%s", heading);
        show_note(
            to,
            "A padded message has not %zu bytes, but a block of 16 at least, and whole blocks. This may be told, as "
            "everybody sees how long a message is.",
            buf_len);
        return 0;
    }
    struct check c = check(buf, buf_len);
    if (len != (is_right(&c) ? buf_len - c.n : EXPLAIN_PKCS7_WRONG))
        return -1;
    show_heading(to, "%s", heading);
    show_last_block(to, buf + buf_len - BLOCK_LEN, c.begun != 0 ? c.n : 0, c.first_wrong);
    show_pass(to, &c, buf, buf_len);
    show_verdict(to, &c, buf, buf_len);
    return 0;
}
