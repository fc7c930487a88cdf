/* Measuring: what a call costs, against others that are measured in the same rounds.
 *
 * A subject is one thing to be measured: a primitive, who computes it, and the size of a message. All subjects of a
 * group (one primitive, one size) are run in turn, round after round, so that a machine whose speed drifts drifts for
 * all of them; what is reported is the median over the rounds, and the spread.
 *
 * Use it:      struct bench *b = bench_open(seconds);
 *              struct bench_subject *s = bench_add(b, "cbc encrypt", "ni", 1024, run);   fill s->in, s->iv, s->context
 *              bench_measure(b, NULL);  read s->seconds, s->spread, b->hertz
 * Read next:   bench_ours.c, the subjects; bench_openssl.c, their peers; bench_report.c, what is printed.
 */
#ifndef WORKBENCH_BENCH_H
#define WORKBENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_SUBJECTS_MAX 400
#define BENCH_ROUNDS 15
#define BENCH_MESSAGE_MAX 16384
#define BENCH_OPENSSL "openssl"

struct bench_subject {
    const char *primitive, *by; /* by: our backend's name, or BENCH_OPENSSL */
    size_t size;                /* bytes of a message; 0 where a call is one operation */
    void (*run)(struct bench_subject *s, size_t calls);
    void *context;              /* keyed and fetched before any timing */
    uint8_t iv[64];             /* chained: what comes out of a call goes into the next, so that calls can't overlap */
    size_t calls;               /* in one timed run */
    double round[BENCH_ROUNDS]; /* seconds a call */
    double seconds, spread;     /* the median, and (third quartile - first) / median */
};

struct bench {
    double seconds; /* how long one timed run is to take */
    double hertz;   /* cycles of the core a second, median over all rounds */
    double limit_aesenc, limit_sha256; /* cycles: one AESENC's latency, 64 rounds of SHA256RNDS2; 0 where not there */
    size_t subjects;
    struct bench_subject subject[BENCH_SUBJECTS_MAX];
    uint8_t in[BENCH_MESSAGE_MAX + 64], out[BENCH_MESSAGE_MAX + 64];
};

struct bench *bench_open(double seconds);
void bench_close(struct bench *b);

/* Adds a subject; primitive and by must live as long as b. */
struct bench_subject *bench_add(struct bench *b, const char *primitive, const char *by, size_t size,
                                void (*run)(struct bench_subject *s, size_t calls));

/* Measures all; progress says so on stderr where that is a terminal. */
void bench_measure(struct bench *b, bool progress);

/* The median of n values, which are put in order; and the spread between the quartiles, relative to it. */
double bench_median(double *values, size_t n, double *spread);

/* The message that every subject works on. */
extern struct bench *bench_running;

/* The subjects. name chooses primitives whose name begins so; NULL is all. Without libcrypto the second adds none. */
void bench_ours(struct bench *b, const char *name);
void bench_openssl(struct bench *b, const char *name);

/* The subject of openssl that a subject of ours is to be compared with, or NULL. */
const struct bench_subject *bench_peer(const struct bench *b, const struct bench_subject *s);

/* Cycles of one AESENC in a dependent chain, of 64 dependent rounds of SHA-256 by SHA256RNDS2; 0 where the processor
 * has none. hertz is the clock that was calibrated just before. */
double bench_limit_aesenc(double hertz);
double bench_limit_sha256(double hertz);

void bench_print(const struct bench *b);
void bench_write_json(const struct bench *b, const char *file);

#endif
