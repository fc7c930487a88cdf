/* SPDX-License-Identifier: MIT */
/* Of an answer the counts of leaks and of published bytes are left out. */
#include "app/workbench/check/asked.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/bytes.h"

enum { HEAD = 4, NONCE = 8, COUNTS_AT = 16, COUNTS_END = 24 };

static void forget(struct asked_call *call)
{
    free(call->request);
    free(call->answer);
    *call = (struct asked_call){0};
}

static void keep(struct asked_call *call, const struct checking *c, size_t answer_len)
{
    forget(call);
    *call = (struct asked_call){.request = malloc(c->request_len),
                                .answer = malloc(answer_len),
                                .request_len = c->request_len,
                                .answer_len = answer_len};
    if (call->request == NULL || call->answer == NULL) {
        forget(call);
        return;
    }
    memcpy(call->request, c->request, c->request_len);
    memcpy(call->answer, c->answer, answer_len);
    memcpy(call->text, c->outcome.call, sizeof call->text);
    memcpy(call->input, c->outcome.input, sizeof call->input);
    call->inputs = c->outcome.inputs;
}

void asked_note(struct asked *a, const struct checking *c, size_t answer_len)
{
    if (c->request_len > ASKED_LEN || answer_len > ASKED_LEN)
        return;
    size_t of_this = a->calls - a->kept;
    a->seen++;
    if (of_this < ASKED_OF_A_CHECK && a->calls < ASKED_CALLS) {
        keep(&a->call[a->calls++], c, answer_len);
        return;
    }
    a->draw = a->draw * 1664525 + 1013904223; /* any generator will do */
    size_t at = (a->draw >> 8) % a->seen;
    if (at < of_this)
        keep(&a->call[a->kept + at], c, answer_len);
}

void asked_end_check(struct asked *a, bool keep)
{
    while (!keep && a->calls > a->kept)
        forget(&a->call[--a->calls]);
    for (size_t i = a->kept; i < a->calls; i++)
        a->call[i].check = a->check;
    a->kept = a->calls;
    a->check++;
    a->seen = 0;
}

bool asked_same(const struct asked_call *call, const uint8_t *answer, size_t len)
{
    return len == call->answer_len && len >= COUNTS_END && memcmp(answer, call->answer, COUNTS_AT) == 0 &&
           memcmp(answer + COUNTS_END, call->answer + COUNTS_END, len - COUNTS_END) == 0;
}

/* The same call, whether or not its instructions are counted. */
static bool is_call(const struct asked_call *call, const struct checking *c)
{
    size_t flags = HEAD + NONCE + 1 + strlen(c->function), after = flags + 1;
    return call->request != NULL && call->request_len == c->request_len &&
           memcmp(call->request, c->request, flags) == 0 &&
           memcmp(call->request + after, c->request + after, c->request_len - after) == 0;
}

bool asked_agrees(const struct asked *a, const struct checking *c, size_t answer_len)
{
    for (size_t i = 0; i < a->calls; i++)
        if (is_call(&a->call[i], c))
            return asked_same(&a->call[i], c->answer, answer_len);
    return true;
}

size_t asked_order(const struct asked *a, struct rng *rng, size_t order[static 2 * ASKED_CALLS])
{
    size_t n = 2 * a->kept;
    for (size_t i = 0; i < n; i++)
        order[i] = i % a->kept;
    for (size_t i = n; i > 1; i--) {
        uint8_t drawn[4];
        rng_fill(rng, drawn, sizeof drawn);
        size_t k = bytes_load_be32(drawn) % i, other = order[k];
        order[k] = order[i - 1];
        order[i - 1] = other;
    }
    return n;
}

void asked_free(struct asked *a)
{
    a->kept = 0;
    asked_end_check(a, false);
}
