/* SPDX-License-Identifier: MIT */
/* The functions of crypto/pkcs7.h, for the runner. */
#include "app/workbench/runner/runner.h"
#include "crypto/pkcs7.h"

static uint64_t run_padded_len(struct runner_call *c)
{
    return pkcs7_padded_len((size_t)c->arg[0].n);
}

static uint64_t run_pad(struct runner_call *c)
{
    return pkcs7_pad(c->arg[0].p, (size_t)c->arg[1].n);
}

/* The last argument is the buffer, which may lie in another one. arg[0] gets the length, most significant byte first:
 * how this machine orders bytes is no matter of this exercise. */
static uint64_t run_unpad(struct runner_call *c)
{
    size_t len = (size_t)bytes_load_be64(c->arg[0].p);
    const struct runner_arg *buf = &c->arg[c->args - 1];
    int result = pkcs7_unpad(&len, buf->p, buf->len);
    bytes_store_be64(c->arg[0].p, len);
    return (uint64_t)(int64_t)result;
}

const struct runner_function runner_functions[] = {
    {"pkcs7_padded_len", run_padded_len},
    {"pkcs7_pad", run_pad},
    {"pkcs7_unpad", run_unpad},
    {NULL, NULL},
};
