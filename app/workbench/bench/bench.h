/* SPDX-License-Identifier: MIT */
/* Measuring: what a call costs, against others that are measured in the same rounds.
 *
 * A subject is one thing to be measured: a primitive, the code that computes it, and the size of a message. All
 * subjects of a group (one primitive, one size) are run in turn, round after round, so that a machine whose speed
 * drifts drifts for all of them; what is reported is the median over the rounds, and the spread.
 *
 * Use it:      struct bench *b = bench_open(seconds);
 *              struct bench_subject *s = bench_add(b, "cbc encrypt", "ni", 1024, run);   fill s->in, s->iv, s->context
 *              bench_measure(b, NULL);  read s->seconds, s->spread, b->hertz
 * Read next:   bench_ours.c, the subjects; bench_openssl.c and its like, their peers; bench_report.c, what is printed;
 *              bench_chart.c, what is drawn.
 */
#ifndef APP_WORKBENCH_BENCH_BENCH_H
#define APP_WORKBENCH_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define BENCH_SUBJECTS_MAX 400
#define BENCH_ROUNDS 15
#define BENCH_MESSAGE_MAX 16384
#define BENCH_LIBRARIES 3 /* what ours is compared with, those that this build has: */
#define BENCH_OPENSSL "openssl"
#define BENCH_NETTLE "nettle"
#define BENCH_GCRYPT "gcrypt"
#define BENCH_SKIPPED_MAX 20
#define BENCH_TOLD 0.10 /* the widest spread with which a ratio is told */
#define BENCH_CONTEXTS_MAX 100
#define BENCH_AD_LEN 12       /* authenticated beside a sealed message: a Record's sequence number and header */
#define BENCH_ITERATIONS 1000 /* of PBKDF2 */
#define BENCH_RECIPIENTS 16   /* each with a key and an IV of its own, */
#define BENCH_SHARED 256      /* who get the same message of so many bytes */
#define BENCH_SIZES 5         /* of messages; sealed are all but the first */

struct bench_ratio {
    double times, spread; /* the peer's time by ours in each round: their median, and its spread; 0: no such peer */
};

struct bench_subject {
    const char *primitive, *by; /* by: our backend's name, or begins with a library's */
    size_t size;                /* bytes of a message; 0 where a call is one operation */
    void (*run)(struct bench_subject *s, size_t calls);
    void *context;              /* keyed and fetched before any timing */
    uint8_t iv[64];             /* chained: what comes out of a call goes into the next, so that calls can't overlap */
    size_t together;            /* calls come in multiples of this; 0 is 1 */
    size_t calls;               /* in one timed run */
    double round[BENCH_ROUNDS]; /* seconds a call */
    double seconds, spread;     /* the median, and (third quartile - first) / median */
    struct bench_ratio ratio[BENCH_LIBRARIES]; /* of ours, to each library */
};

/* A backend that this processor or this build can't run. */
struct bench_skipped {
    const char *primitive, *by;
};

/* What is freed at the end. */
struct bench_context {
    void *context;
    void (*free)(void *context);
};

struct bench {
    double seconds;                                  /* how long one timed run is to take */
    double hertz;                                    /* cycles of the core a second, median over all rounds */
    double limit_aesenc, limit_aesdec, limit_sha256; /* cycles: see below; 0 where there are none */
    const char *version[BENCH_LIBRARIES];            /* NULL: this build is without that library */
    size_t subjects;
    struct bench_subject subject[BENCH_SUBJECTS_MAX];
    size_t skipped_count, contexts;
    struct bench_skipped skipped[BENCH_SKIPPED_MAX];
    struct bench_context context[BENCH_CONTEXTS_MAX];
    uint8_t in[BENCH_MESSAGE_MAX + 64], out[BENCH_MESSAGE_MAX + 64];
};

struct bench *bench_open(double seconds);
void bench_close(struct bench *b);

/* Adds a subject; primitive and by must live as long as b. */
struct bench_subject *bench_add(struct bench *b, const char *primitive, const char *by, size_t size,
                                void (*run)(struct bench_subject *s, size_t calls));

/* The same with a context, where name (see below) chooses primitive. */
void bench_add_wanted(struct bench *b, const char *name, const char *primitive, const char *by, size_t size,
                      void (*run)(struct bench_subject *s, size_t calls), void *context);

/* Hands over a context, which bench_close frees; returns it. */
void *bench_keep(struct bench *b, void *context, void (*free)(void *context));

/* Measures all; progress says so on stderr where that is a terminal. */
void bench_measure(struct bench *b, bool progress);

/* Two steps of bench_measure, for its tests. The median of n values, which are put in order; and the spread between the
 * quartiles, relative to it. */
double bench_median(double *values, size_t n, double *spread);

/* How many times as fast as peer ours is, from the rounds of both. */
struct bench_ratio bench_compare(const struct bench_subject *ours, const struct bench_subject *peer);

/* Whether the machine was too busy for a ratio of that spread to mean anything: then words stand in its place.
 *
 * Of 15 rounds, the quartiles are the 4th and the 12th. Whatever the ratios are spread like, as long as the rounds do
 * not depend on each other, the true median lies between these two with a probability of 1 - 2 (C(15,0) + C(15,1) +
 * C(15,2) + C(15,3)) / 2^15 = 96.5 %. So the spread is how uncertain the ratio is, and more than a tenth is too much
 * for a comparison. */
bool bench_too_busy(double ratio_spread);

/* The message that every subject works on; the sizes of it; and the bytes that all keys are of. */
extern struct bench *bench_running;
extern const size_t bench_sizes[BENCH_SIZES];
extern const uint8_t bench_key[64];

/* Whether primitive begins with name; NULL is all. */
bool bench_wanted(const char *name, const char *primitive);

/* The subjects. name chooses primitives whose name begins so; NULL is all. Those of a library that this build is
 * without add none. */
void bench_ours(struct bench *b, const char *name);
void bench_ring(struct bench *b, const char *name); /* the exchange of many; bench_ours has it too */
void bench_openssl(struct bench *b, const char *name);
void bench_nettle(struct bench *b, const char *name);
void bench_gcrypt(struct bench *b, const char *name);

/* The names of the libraries, which is how `by` of their rows begins; what follows the name is another way of calling
 * it. And whose row s is: an index of these, or BENCH_LIBRARIES where it is ours. */
extern const char *const bench_libraries[BENCH_LIBRARIES];
size_t bench_library_of(const struct bench_subject *s);

/* Says that this build has the library of that name, in the version. */
void bench_has(struct bench *b, const char *library, const char *version);

/* Cycles of one AESENC in a dependent chain; of 64 dependent rounds of SHA-256 by SHA256RNDS2; and of one AESDEC of one
 * block where many blocks do not wait for each other, in the widest registers there are. 0 where the processor has
 * none. hertz is the core's clock, the median over all rounds before. */
double bench_limit_aesenc(double hertz);
double bench_limit_sha256(double hertz);
double bench_limit_aesdec(double hertz);

/* The cycles that the processor takes for one call of s at least; 0 where no such limit is known. */
double bench_bound(const struct bench *b, const struct bench_subject *s);

/* The machine, the compiler and the clock, in a line. */
void bench_machine(const struct bench *b, char line[static 400]);

void bench_print(const struct bench *b);
void bench_write_json(const struct bench *b, FILE *f);

/* A panel for each primitive that has sizes, all backends side by side, and one for each kind of operation. */
void bench_write_svg(const struct bench *b, FILE *f);

#endif
