/* SPDX-License-Identifier: MIT */
/* The exchange of many with numbers that fit on a page, modulo 23: above, all are honest; below, two of them lie, and
 * the walks of the other two end at different keys. */
#include <stdbool.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"

#define P 23
#define Q 11 /* what 2 generates has so many numbers */
#define N 4
#define D 3 /* what bob multiplies by, and dave divides by */

static const char *const name[N] = {"alice", "bob", "carol", "dave"};
static const unsigned r[N] = {3, 7, 6, 8};

static unsigned power(unsigned base, unsigned e)
{
    unsigned result = 1;
    while (e-- > 0)
        result = result * base % P;
    return result;
}

static unsigned over(unsigned a, unsigned b)
{
    return a * power(b, Q - 1) % P;
}

static unsigned z(unsigned i)
{
    return power(2, r[i % N]);
}

static unsigned x(unsigned i)
{
    return power(over(z(i + 1), z(i + N - 1)), r[i]);
}

/* What bob and dave send in the place of theirs. */
static unsigned lie(unsigned i)
{
    return i == 1 ? x(i) * D % P : i == 3 ? over(x(i), D) : x(i);
}

/* The secret of party i and its left neighbour. */
static unsigned a(unsigned i)
{
    return power(z(i + N - 1), r[i % N]);
}

/* --- Above: the ring ---------------------------------------------------------------------------------------------- */

static const int corner[N][2] = {{20, 84}, {590, 84}, {590, 326}, {20, 326}};
static const int edge[N][2] = {{20, 218}, {310, 84}, {590, 218}, {310, 326}}; /* to the left of each corner */

#define CORNER_W 150
#define CORNER_H 84
#define EDGE_W 140
#define EDGE_H 60

static void party(FILE *to, unsigned i)
{
    draw_box(to, corner[i][0], corner[i][1], CORNER_W, CORNER_H, DRAW_PLAIN, "%s\n~r = %u\n~z = 2^%u = %u", name[i],
             r[i], r[i], z(i));
    draw_box(to, edge[i][0], edge[i][1], i % 2 == 0 ? CORNER_W : EDGE_W, EDGE_H, DRAW_SECRET, "A = %u\n~%s, %s", a(i),
             name[(i + N - 1) % N], name[i]);
}

/* The step of party i: an arrow from the secret at its left to the one at its right, with X on it. */
static void step(FILE *to, unsigned i)
{
    static const int ways[N][6] = {{
                                       172,
                                       236,
                                       236,
                                       236,
                                       236,
                                       130,
                                   },
                                   {452, 130, 524, 130, 524, 236},
                                   {588, 260, 524, 260, 524, 366},
                                   {308, 366, 236, 366, 236, 260}};
    static const int ends[N][2] = {{306, 130}, {586, 236}, {454, 366}, {174, 260}};
    static const int boxes[N][2] = {{188, 166}, {476, 166}, {476, 290}, {188, 290}};
    const int *w = ways[i];
    draw_bent(to, 4, (const int[]){w[0], w[1], w[2], w[3], w[4], w[5], ends[i][0], ends[i][1]});
    draw_box(to, boxes[i][0], boxes[i][1], 96, 34, DRAW_WIRE, "X = %u", x(i));
}

static void ring(FILE *to)
{
    unsigned k = 1, product = 1;
    for (unsigned i = 0; i < N; i++) {
        party(to, i);
        step(to, i);
        k = k * a(i) % P;
        product = product * x(i) % P;
    }
    draw_box(to, 296, 216, 168, 64, DRAW_GOOD, "K = %u\n~%u x %u x %u x %u", k, a(0), a(1), a(2), a(3));
    draw_text(to, 20, 446, "small",
              "z and X everybody sees. A party knows r, and the A at either side of it; X is what");
    draw_text(to, 20, 470, "small",
              "leads from one A to the next. All A make K, and all X make %u x %u x %u x %u = %u.", x(0), x(1), x(2),
              x(3), product);
}

/* --- Below: two who lie ------------------------------------------------------------------------------------------- */

#define CELL_W 76
#define FIRST 132
#define STRIDE 130

/* From the seat of party i: what it comes by, and the key in the end. */
static void walk(FILE *to, int y, unsigned i)
{
    unsigned here = a(i), k = here;
    draw_text(to, 20, y + 33, "bold", "%s", name[i]);
    for (unsigned n = 0; n < N; n++) {
        const int left = FIRST + (int)n * STRIDE;
        const unsigned sent = lie((i + n) % N);
        const bool is_false = here != a((i + n) % N);
        draw_box(to, left, y, CELL_W, 54, is_false ? DRAW_BAD : DRAW_SECRET, "%u", here);
        draw_arrow(to, left + CELL_W, y + 27, left + STRIDE - 2, y + 27);
        if (n + 1 == N)
            break;
        draw_text(to, left + CELL_W + 27, y + 19, "mid small", "x %u", sent);
        here = here * sent % P;
        k = k * here % P;
    }
    draw_box(to, FIRST + N * STRIDE, y, CELL_W, 54, DRAW_BAD, "key\n%u", k);
}

void figure_ring(FILE *to)
{
    draw_text(to, 20, 66, "small", "Modulo %d. Four parties, and between each two neighbours a secret A.", P);
    ring(to);
    draw_line(to, 20, 492, DRAW_WIDTH - 20, 492);
    draw_text(to, 20, 524, "small",
              "bob sends X x %d = %u, dave X / %d = %u: all X still make %u. How the others walk:", D, lie(1), D,
              lie(3), x(0) * lie(1) % P * x(2) % P * lie(3) % P);
    walk(to, 540, 0);
    walk(to, 612, 2);
    draw_text(to, 20, 694, "small", "Dashed: off by %d. alice has K x %d^2 and carol K / %d^2, and neither can see it.",
              D, D, D);
}
