/* SPDX-License-Identifier: MIT */
/* Of an answer the counts of leaks and of published bytes are left out. */
#include "app/workbench/check/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/bytes.h"

enum { HEAD = 4, NONCE = 8, COUNTS_AT = 16, COUNTS_END = 24 };

static void forget(struct transcript_call *call)
{
    free(call->request);
    free(call->answer);
    *call = (struct transcript_call){0};
}

static void keep(struct transcript_call *call, const struct checking *c, size_t answer_len)
{
    forget(call);
    *call = (struct transcript_call){.request = malloc(c->request_len),
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

void transcript_note(struct transcript *t, const struct checking *c, size_t answer_len)
{
    if (c->request_len > TRANSCRIPT_LEN || answer_len > TRANSCRIPT_LEN)
        return;
    size_t of_this = t->calls - t->kept;
    t->seen++;
    if (of_this < TRANSCRIPT_OF_A_CHECK && t->calls < TRANSCRIPT_CALLS) {
        keep(&t->call[t->calls++], c, answer_len);
        return;
    }
    t->draw = t->draw * 1664525 + 1013904223; /* any generator will do */
    size_t at = (t->draw >> 8) % t->seen;
    if (at < of_this)
        keep(&t->call[t->kept + at], c, answer_len);
}

void transcript_end_check(struct transcript *t, bool keep)
{
    while (!keep && t->calls > t->kept)
        forget(&t->call[--t->calls]);
    for (size_t i = t->kept; i < t->calls; i++)
        t->call[i].check = t->check;
    t->kept = t->calls;
    t->check++;
    t->seen = 0;
}

bool transcript_same(const struct transcript_call *call, const uint8_t *answer, size_t len)
{
    return len == call->answer_len && len >= COUNTS_END && memcmp(answer, call->answer, COUNTS_AT) == 0 &&
           memcmp(answer + COUNTS_END, call->answer + COUNTS_END, len - COUNTS_END) == 0;
}

/* The same call, whether or not its instructions are counted. */
static bool is_call(const struct transcript_call *call, const struct checking *c)
{
    size_t flags = HEAD + NONCE + 1 + strlen(c->function), after = flags + 1;
    return call->request != NULL && call->request_len == c->request_len &&
           memcmp(call->request, c->request, flags) == 0 &&
           memcmp(call->request + after, c->request + after, c->request_len - after) == 0;
}

bool transcript_agrees(const struct transcript *t, const struct checking *c, size_t answer_len)
{
    for (size_t i = 0; i < t->calls; i++)
        if (is_call(&t->call[i], c))
            return transcript_same(&t->call[i], c->answer, answer_len);
    return true;
}

size_t transcript_order(const struct transcript *t, struct rng *rng, size_t order[static 2 * TRANSCRIPT_CALLS])
{
    size_t n = 2 * t->kept;
    for (size_t i = 0; i < n; i++)
        order[i] = i % t->kept;
    for (size_t i = n; i > 1; i--) {
        uint8_t drawn[4];
        rng_fill(rng, drawn, sizeof drawn);
        size_t k = bytes_load_be32(drawn) % i, other = order[k];
        order[k] = order[i - 1];
        order[i - 1] = other;
    }
    return n;
}

void transcript_free(struct transcript *t)
{
    t->kept = 0;
    transcript_end_check(t, false);
}
