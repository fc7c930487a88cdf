/* SPDX-License-Identifier: MIT */
/* The functions of crypto/aes_ref.h that exercise 04 is about, for the runner; the steps of 02 too, to find the round
 * in which something goes wrong. A state is 16 bytes, row by row. */
#include "app/workbench/runner/runner.h"
#include "crypto/aes_ref.h"

typedef uint8_t row[4];
typedef void step(uint8_t state[4][4]);

static uint64_t on_state(step *f, struct runner_call *c)
{
    f((row *)c->arg[0].p);
    return 0;
}

static uint64_t run_SubBytes(struct runner_call *c)
{
    return on_state(SubBytes, c);
}

static uint64_t run_ShiftRows(struct runner_call *c)
{
    return on_state(ShiftRows, c);
}

static uint64_t run_MixColumns(struct runner_call *c)
{
    return on_state(MixColumns, c);
}

static uint64_t run_InvSubBytes(struct runner_call *c)
{
    return on_state(InvSubBytes, c);
}

static uint64_t run_InvShiftRows(struct runner_call *c)
{
    return on_state(InvShiftRows, c);
}

static uint64_t run_InvMixColumns(struct runner_call *c)
{
    return on_state(InvMixColumns, c);
}

static uint64_t run_AddRoundKey(struct runner_call *c)
{
    AddRoundKey((row *)c->arg[0].p, c->arg[1].p);
    return 0;
}

static uint64_t run_Cipher(struct runner_call *c)
{
    Cipher(c->arg[0].p, c->arg[1].p, c->arg[2].p, (unsigned)c->arg[3].n);
    return 0;
}

static uint64_t run_InvCipher(struct runner_call *c)
{
    InvCipher(c->arg[0].p, c->arg[1].p, c->arg[2].p, (unsigned)c->arg[3].n);
    return 0;
}

const struct runner_function runner_functions[] = {
    {"SubBytes", run_SubBytes},           {"ShiftRows", run_ShiftRows},
    {"MixColumns", run_MixColumns},       {"AddRoundKey", run_AddRoundKey},
    {"InvSubBytes", run_InvSubBytes},     {"InvShiftRows", run_InvShiftRows},
    {"InvMixColumns", run_InvMixColumns}, {"Cipher", run_Cipher},
    {"InvCipher", run_InvCipher},         {NULL, NULL},
};
