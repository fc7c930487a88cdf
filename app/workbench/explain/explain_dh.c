/* SPDX-License-Identifier: MIT */
/* Square and multiply, as one does it on paper: from the first bit of the exponent to the last, square for each, and
 * multiply by the base where the bit is 1. Whoever watches the clock sees those bits; crypto/dh.c does the same work
 * for each of them, and comes to the same numbers.
 */
#include "app/workbench/explain/explain_dh.h"

#include <assert.h>
#include <string.h>

#include "app/dissect/dh_pem.h"
#include "app/workbench/explain/show.h"
#include "crypto/bignum.h"

#define FIRST_STEPS 5 /* shown of a power; then g has exponents that everybody can follow */
#define LAST_STEPS 2
#define BITS_PER_ROW 64

/* What is being explained, and where. */
struct explaining {
    FILE *to;
    const struct dh_group *g;
    bool all;
};

/* A big-endian number that is an exponent. */
struct exponent {
    const uint8_t *bytes;
    size_t len;
};

static void show_long(const struct explaining *e, const char *name, const uint8_t *data, size_t len)
{
    if (e->all)
        show_value(e->to, name, data, len);
    else
        show_folded(e->to, name, data, len);
}

static unsigned bit(const struct exponent *x, size_t i)
{
    return (unsigned)x->bytes[x->len - 1 - i / 8] >> i % 8 & 1;
}

/* How many bits there are from the topmost 1 on. */
static size_t bits_of(const struct exponent *x)
{
    size_t bits = 8 * x->len;
    while (bits > 0 && bit(x, bits - 1) == 0)
        bits--;
    return bits;
}

static void show_bits(FILE *to, const struct exponent *x)
{
    char row[BITS_PER_ROW + 1];
    for (size_t left = 8 * x->len; left > 0; left -= strlen(row)) {
        size_t n = left < BITS_PER_ROW ? left : BITS_PER_ROW;
        for (size_t i = 0; i < n; i++)
            row[i] = (char)('0' + bit(x, left - 1 - i));
        row[n] = '\0';
        show_text(to, left == 8 * x->len ? "bits of x" : "", "%s", row);
    }
}

/* What step number `step` of `steps` made of r. */
static void show_step(const struct explaining *e, size_t step, size_t steps, const struct exponent *x,
                      const mp_limb_t *r)
{
    char name[32], power[32];
    uint8_t bytes[DH_PUBLIC_MAX_LEN];
    unsigned so_far = 0, now = bit(x, steps - step);
    if (step > FIRST_STEPS && step <= steps - LAST_STEPS) {
        if (step == FIRST_STEPS + 1)
            show_text(e->to, "...", "so on, to step %zu", steps - LAST_STEPS);
        return;
    }
    for (size_t i = 1; i <= step && step <= FIRST_STEPS; i++)
        so_far = 2 * so_far + bit(x, steps - i);
    if (step == steps)
        snprintf(power, sizeof power, "g^x");
    else if (step <= FIRST_STEPS)
        snprintf(power, sizeof power, "g^%u", so_far);
    else
        snprintf(power, sizeof power, "g^(x >> %zu)", steps - step);
    snprintf(name, sizeof name, "step %zu", step);
    show_text(e->to, name, "bit %u: r = %s mod p, which is %s", now, now ? "r^2 g" : "r^2", power);
    bignum_to_bytes(bytes, e->g->p_len, r);
    show_long(e, "r", bytes, e->g->p_len);
}

/* out = base^x mod p, all of p_len bytes. The steps are shown where shown is true. */
static void power(const struct explaining *e, uint8_t *out, const uint8_t *base, const struct exponent *x, bool shown)
{
    mp_limb_t p[BIGNUM_MAX_LIMBS], b[BIGNUM_MAX_LIMBS], r[BIGNUM_MAX_LIMBS] = {1};
    const mp_size_t n = (mp_size_t)BIGNUM_LIMBS(e->g->p_len);
    size_t steps = bits_of(x);
    bignum_from_bytes(p, e->g->p, e->g->p_len);
    bignum_from_bytes(b, base, e->g->p_len);
    for (size_t step = 1; step <= steps; step++) {
        bignum_mulm(r, r, r, p, n);
        if (bit(x, steps - step))
            bignum_mulm(r, r, b, p, n);
        if (shown)
            show_step(e, step, steps, x, r);
    }
    bignum_to_bytes(out, e->g->p_len, r);
}

/* q = (p - 1) / 2: the bits of p moved by one, as p is odd. */
static void half_of_p(uint8_t *q, const struct dh_group *g)
{
    for (size_t i = 0; i < g->p_len; i++)
        q[i] = (uint8_t)(g->p[i] >> 1 | (i > 0 ? g->p[i - 1] << 7 : 0));
}

static void show_group(const struct explaining *e)
{
    uint8_t q[DH_PUBLIC_MAX_LEN];
    half_of_p(q, e->g);
    show_heading(e->to, "The group %s (RFC 7919, appendix A.%d)", e->g->name, (int)e->g->id);
    show_note(e->to, "Everybody knows it. p is a prime, q = (p-1)/2 is one too, and p mod 8 is 7: so the powers of g "
                     "= 2 are q numbers, the squares modulo p, and the only smaller subgroups are 1 alone, and 1 "
                     "with p-1.");
    show_long(e, "p", e->g->p, e->g->p_len);
    show_long(e, "q", q, e->g->p_len);
    show_text(e->to, "g", "2");
}

static void show_exponent(const struct explaining *e, const struct exponent *x)
{
    size_t ones = 0, bits = bits_of(x);
    for (size_t i = 0; i < bits; i++)
        ones += bit(x, i);
    show_heading(e->to, "The private exponent x");
    show_value(e->to, "x", x->bytes, x->len);
    show_bits(e->to, x);
    show_note(e->to,
              "From its first 1 on it has %zu bits, of which %zu are 1: so y takes %zu squarings and %zu "
              "multiplications, instead of x - 1 multiplications.",
              bits, ones, bits, ones);
}

/* Writes the y that is found. */
static void show_public(const struct explaining *e, uint8_t *y, const struct exponent *x)
{
    uint8_t g[DH_PUBLIC_MAX_LEN] = {0};
    g[e->g->p_len - 1] = 2;
    show_heading(e->to, "The public value: y = g^x mod p, by squaring and multiplying");
    show_note(e->to, "r begins with 1. Squaring doubles the exponent that r has so far, multiplying by g adds 1 to it: "
                     "bit by bit it becomes x.");
    power(e, y, g, x, true);
    show_value(e->to, "y", y, e->g->p_len);
}

static bool is_above_1(const uint8_t *y, size_t len)
{
    uint8_t above = y[len - 1] & 0xfe;
    for (size_t i = 0; i + 1 < len; i++)
        above |= y[i];
    return above != 0;
}

/* y < p - 1 */
static bool is_below(const uint8_t *y, const struct dh_group *g)
{
    uint8_t last[DH_PUBLIC_MAX_LEN];
    memcpy(last, g->p, g->p_len);
    last[g->p_len - 1] -= 1; /* p is odd */
    return memcmp(y, last, g->p_len) < 0;
}

/* By Euler's criterion, which is how the standard has it; crypto/dh.c finds the same symbol as one finds a greatest
 * common divisor, without a power. */
static bool check_square(const struct explaining *e, const uint8_t *peer)
{
    uint8_t q[DH_PUBLIC_MAX_LEN], symbol[DH_PUBLIC_MAX_LEN];
    half_of_p(q, e->g);
    power(e, symbol, peer, &(struct exponent){q, e->g->p_len}, false);
    show_long(e, "peer^q", symbol, e->g->p_len);
    return show_check(
        e->to, "is it 1?", !is_above_1(symbol, e->g->p_len),
        "It is p-1, so the Legendre symbol is -1: the value is no square modulo p. Whether Z is one would then "
        "tell whether x is even.");
}

/* SP 800-56A rev. 3, 5.6.2.3.1, after the length. Stops at the first check that refuses. */
static bool check_peer(const struct explaining *e, const uint8_t *peer, size_t peer_len)
{
    show_heading(e->to, "The peer's value, checked (SP 800-56A rev. 3, 5.6.2.3.1)");
    show_long(e, "peer", peer, peer_len);
    show_text(e->to, "its length", "%zu bytes; p has %zu", peer_len, e->g->p_len);
    return show_check(e->to, "the same?", peer_len == e->g->p_len,
                      "A public value has as many bytes as p, with zeros in front where it is small.") &&
           show_check(e->to, "1 < peer", is_above_1(peer, peer_len),
                      "From 0 only 0 can be made and from 1 only 1, whatever x is: everybody would know Z.") &&
           show_check(
               e->to, "peer < p-1", is_below(peer, e->g),
               "p-1 is -1: Z would be 1 or -1, and tell whether x is even. From p on there are only other ways to "
               "write the smaller numbers.") &&
           check_square(e, peer);
}

/* Writes the Z that is found. */
static void show_secret(const struct explaining *e, uint8_t *z, const uint8_t *peer, const struct exponent *x)
{
    size_t zeros = 0;
    show_heading(e->to, "The shared secret: Z = peer^x mod p (SP 800-56A rev. 3, 5.7.1.1)");
    power(e, z, peer, x, false);
    while (z[zeros] == 0)
        zeros++;
    show_value(e->to, "Z", z, e->g->p_len);
    show_note(
        e->to,
        "By the same steps, from the peer's value. It has as many bytes as p: %zu of them are zeros in front, and "
        "they stay. A Z that is cut is hashed faster, and who measures that learns of it (the Raccoon attack).",
        zeros);
}

static void show_file(FILE *to, const char *name, const char *pem)
{
    show_command(to, "cat >$d/%s <<END", name);
    fprintf(to, "%sEND\n", pem);
}

/* openssl wants keys in files. With g in the place of a peer's value what is derived is y. */
static void show_commands(const struct explaining *e, const struct exponent *x, const uint8_t *peer)
{
    static const uint8_t g = 2;
    static const char derive[] = "openssl pkeyutl -derive -inkey $d/key -peerkey $d/%s -pkeyopt dh_pad:1 | "
                                 "basenc --base16";
    char pem[DH_PEM_CAP];
    show_heading(e->to, "The same by openssl: %s", peer != NULL ? "y, then Z" : "y");
    show_note(e->to, "A derivation with g itself gives y. dh_pad:1 keeps the zeros in front.");
    show_command(e->to, "d=$(mktemp -d)");
    dh_pem_private(pem, sizeof pem, e->g, x->bytes, x->len);
    show_file(e->to, "key", pem);
    dh_pem_public(pem, sizeof pem, e->g, &g, 1);
    show_file(e->to, "g", pem);
    show_command(e->to, derive, "g");
    if (peer != NULL) {
        dh_pem_public(pem, sizeof pem, e->g, peer, e->g->p_len);
        show_file(e->to, "peer", pem);
        show_command(e->to, derive, "peer");
    }
    show_command(e->to, "rm -r $d");
}

/* What is shown must be what crypto/dh.h does. */
static void compare(const struct dh_key_pair *pair, const uint8_t *y, const uint8_t *peer, const uint8_t *z)
{
    uint8_t theirs[DH_PUBLIC_MAX_LEN];
    assert(memcmp(y, pair->y, pair->group->p_len) == 0);
    if (peer != NULL) {
        int refused = dh_derive(theirs, pair, peer, pair->group->p_len);
        assert(!refused && memcmp(z, theirs, pair->group->p_len) == 0);
    }
}

int explain_dh(FILE *to, const struct dh_key_pair *pair, const uint8_t *peer, size_t peer_len, bool all)
{
    const struct explaining e = {.to = to, .g = pair->group, .all = all};
    const struct exponent x = {pair->x, pair->group->x_len};
    uint8_t y[DH_PUBLIC_MAX_LEN], z[DH_PUBLIC_MAX_LEN];
    show_group(&e);
    show_exponent(&e, &x);
    show_public(&e, y, &x);
    if (peer != NULL) {
        if (!check_peer(&e, peer, peer_len)) {
            assert(dh_check_public(pair->group, peer, peer_len) != 0);
            return -1;
        }
        show_secret(&e, z, peer, &x);
    }
    compare(pair, y, peer, z);
    show_heading(to, "Compared");
    show_note(to, "crypto/dh.h comes to the same%s, in other steps: as many, and as long ones, whatever x is.",
              peer != NULL ? " y and Z" : " y");
    if (all)
        show_commands(&e, &x, peer);
    return 0;
}
