/* SPDX-License-Identifier: MIT */
/* The server's threads: one that never waits, and workers for what takes long. Names are those of the files. */
#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"

void figure_server(FILE *to)
{
    for (int i = 0; i < 3; i++) {
        draw_box(to, 20, 100 + i * 80, 120, 44, DRAW_WIRE, "client");
        draw_arrow(to, 140, 116 + i * 80, 198, 116 + i * 80);
        draw_arrow(to, 200, 132 + i * 80, 142, 132 + i * 80);
    }
    draw_text(to, 330, 84, "mid bold", "one thread, never waits");
    draw_box(to, 200, 96, 260, 240, DRAW_STEP,
             "poller: who has bytes?\nrecord: open them\nrequest, chat: do it\nrecord: seal answers\n"
             "~owns all connections,\n~rooms and accounts,\n~and so needs no locks");
    draw_text(to, 640, 84, "mid bold", "workers");
    draw_box(to, 550, 96, 190, 60, DRAW_STEP, "~DH, signatures,\n~PBKDF2");
    draw_box(to, 550, 166, 190, 60, DRAW_STEP, "~DH, signatures,\n~PBKDF2");
    draw_box(to, 550, 276, 190, 60, DRAW_STEP, "~journal: append,\n~fdatasync");
    draw_arrow(to, 460, 126, 548, 126);
    draw_arrow(to, 460, 196, 548, 196);
    draw_arrow(to, 460, 306, 548, 306);
    draw_text(to, 504, 116, "mid small", "job");
    draw_text(to, 504, 186, "mid small", "job");
    draw_text(to, 504, 296, "mid small", "job");
    draw_arrow(to, 645, 336, 645, 388);
    draw_box(to, 550, 390, 190, 50, DRAW_PLAIN, "accounts, on disk");
    draw_bent(to, 5, (const int[]){740, 126, 750, 126, 750, 362, 330, 362, 330, 338});
    draw_text(to, 350, 384, "small", "notify: done, an eventfd");
    draw_text(to, 20, 388, "small", "fair_queue: each address");
    draw_text(to, 20, 410, "small", "gets its turn for a worker;");
    draw_text(to, 20, 432, "small", "a flood waits behind the others");
}
