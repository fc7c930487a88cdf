/* SPDX-License-Identifier: MIT */
/* Above, Montgomery's product on paper; below, one row of it in eight lanes, on the lowest digits of a real public
 * value. */
#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/example.h"
#include "app/workbench/figures/figure.h"

#define M 233
#define A 46
#define R 1000
#define LANES 8
#define DIGIT_BITS 52
#define LEFT 60
#define LANE_W 85

/* -1/M mod 10 */
static unsigned minus_inverse(void)
{
    unsigned x = 1;
    while (x * M % 10 != 9)
        x++;
    return x;
}

static void rows(FILE *to)
{
    unsigned acc = 0, b = R % M * (R % M) % M;
    draw_text(to, 20, 72, "", "m = %d, a = %d, b = %u, R = %d: a b / R mod m, a digit of b at a time", M, A, b, R);
    for (int i = 0; i < 3; i++, b /= 10) {
        int y = 90 + 74 * i;
        unsigned sum = acc + A * (b % 10), times = sum % 10 * minus_inverse() % 10, whole = sum + times * M;
        draw_box(to, 20, y, 90, 44, i == 0 ? DRAW_FAINT : DRAW_PLAIN, "#%u", acc);
        draw_text(to, 168, y + 18, "mid small", "+ %d x %u", A, b % 10);
        draw_arrow(to, 110, y + 28, 226, y + 28);
        draw_box(to, 228, y, 90, 44, DRAW_PLAIN, "#%u", sum);
        draw_text(to, 376, y + 18, "mid small", "+ %u x %d", times, M);
        draw_arrow(to, 318, y + 28, 434, y + 28);
        draw_box(to, 436, y, 90, 44, DRAW_STEP, "#%u", whole);
        draw_text(to, 584, y + 18, "mid small", "the 0 goes");
        draw_arrow(to, 526, y + 28, 642, y + 28);
        acc = whole / 10;
        draw_box(to, 644, y, 90, 44, i == 2 ? DRAW_GOOD : DRAW_PLAIN, "#%u", acc);
    }
}

/* Digit i of a big-endian number, counted from its end. */
static uint64_t digit(const struct example_value *v, size_t i)
{
    uint64_t d = 0;
    for (size_t bit = DIGIT_BITS; bit-- > 0;) {
        size_t at = DIGIT_BITS * i + bit;
        d = d << 1 | (v->data[v->len - 1 - at / 8] >> at % 8 & 1);
    }
    return d;
}

static void lanes(FILE *to, const struct example_value *value)
{
    for (int i = 0; i < LANES; i++) {
        int x = LEFT + LANE_W * i, middle = x + LANE_W / 2 - 2, from = middle - LANE_W + 14;
        unsigned long long d = digit(value, (size_t)i);
        draw_text(to, middle, 356, "mid small", "lane %d", i);
        draw_box(to, x, 366, LANE_W - 4, 78, DRAW_WIRE, "#%05llx\n#%04llx\n#%04llx", d >> 32, d >> 16 & 0xffff,
                 d & 0xffff);
        draw_sign(to, middle, 472, "x");
        draw_box(to, x, 500, LANE_W - 4, 36, DRAW_SECRET, "b_i");
        draw_arrow(to, middle, 536, middle, 556);
        draw_box(to, x, 558, LANE_W - 4, 36, DRAW_PLAIN, "acc");
        if (i > 0)
            draw_bent(to, 4, (const int[]){middle, 594, middle, 616, from, 616, from, 598});
    }
}

void figure_bignum(FILE *to)
{
    struct example *e = example_new();
    rows(to);
    draw_text(to, 20, 330, "", "A row of 3,072 bits: eight digits of 52 bits at once");
    draw_text(to, 20, 412, "bold", "a");
    lanes(to, example_value(e, HANDSHAKE_CLIENT, "client_public", 0));
    draw_text(to, 20, 646, "small", "Once y times m is added, lane 0 has 52 zeros, and every lane moves down by one.");
    example_free(e);
}
