/* SPDX-License-Identifier: MIT */
/* A job is told all that it needs when it begins, the right password among it, and says all that came of it in one
 * place. Only once it is taken back is the identity open, or is not. */
#include "app/client/own_identity.h"

#include <assert.h>
#include <string.h>
#include <time.h>

void own_identity_init(struct own_identity *o)
{
    *o = (struct own_identity){.files.lock = -1, .result = IDENTITY_NONE};
}

void own_identity_locate(struct own_identity *o, const char *home, const char *server, const char *user)
{
    if (o->files.home == NULL)
        identity_files_init(&o->files, home, server, user);
}

/* --- What begins a job -------------------------------------------------------------------------------------------- */

/* CAUTION: what a job before it was told, or said, would be taken for this one's: tests/test_own_identity.c:
 *          test_nothing_outlives_its_job */
static void begin(struct own_identity *o, enum own_identity_task task)
{
    assert(!o->busy);
    secret_wipe(&o->job.secret);
    o->job = (struct own_identity_job){.task = task};
    o->busy = true;
}

/* Under the password that the identity is sealed under where none is typed. */
static void begin_sealed(struct own_identity *o, enum own_identity_task task, const struct secret *account)
{
    const struct secret *s = o->password.password_len > 0 ? &o->password : account;
    begin(o, task);
    o->job.secret = *s;
}

void own_identity_make(struct own_identity *o, const struct secret *account)
{
    begin_sealed(o, OWN_IDENTITY_MAKE, account);
    o->job.may_be_kept = true;
}

void own_identity_make_another(struct own_identity *o)
{
    begin(o, OWN_IDENTITY_MAKE);
}

static void take_next(struct own_identity *o)
{
    o->identity = o->next;
    identity_wipe(&o->next);
}

bool own_identity_register(struct own_identity *o, const struct secret *account)
{
    take_next(o);
    if (o->job.kept)
        o->result = IDENTITY_OK;
    else
        begin_sealed(o, OWN_IDENTITY_WRITE, account);
    return o->busy;
}

void own_identity_replace(struct own_identity *o, const struct secret *account)
{
    take_next(o);
    begin_sealed(o, OWN_IDENTITY_REPLACE, account);
}

bool own_identity_open(struct own_identity *o, const struct secret *account)
{
    begin_sealed(o, OWN_IDENTITY_OPEN, account);
    if (identity_is_kept(&o->files))
        return true;
    o->job.result = IDENTITY_NONE;
    why_say(o->job.why, "no key of %s is kept here", o->files.user);
    (void)own_identity_worked(o);
    return false;
}

void own_identity_unlock(struct own_identity *o, const struct secret *typed)
{
    begin(o, OWN_IDENTITY_OPEN);
    o->job.secret = *typed;
    o->job.typed = true;
}

void own_identity_seal(struct own_identity *o, const uint8_t *password, size_t password_len)
{
    begin(o, OWN_IDENTITY_SEAL);
    memcpy(o->job.secret.password, password, password_len);
    o->job.secret.password_len = password_len;
}

/* --- The job ------------------------------------------------------------------------------------------------------ */

/* Takes what is kept here already, of an account that is not there; or makes a new one. */
static enum identity_result make(struct own_identity *o, struct own_identity_job *job, struct rng *rng)
{
    const struct secret *s = &job->secret;
    job->kept = job->may_be_kept && identity_is_kept(&o->files);
    if (!job->kept) {
        if (identity_create(&o->next, o->files.user, (uint64_t)time(NULL), rng) == 0)
            return IDENTITY_OK;
        why_say(job->why, "this machine computes wrongly");
        return IDENTITY_DAMAGED;
    }
    enum identity_result result = identity_load(&o->files, &o->next, s->password, s->password_len, job->why);
    identity_files_close(&o->files);
    return result;
}

static enum identity_result open_kept(struct own_identity *o, struct own_identity_job *job)
{
    const struct secret *s = &job->secret;
    enum identity_result result = identity_load(&o->files, &o->identity, s->password, s->password_len, job->why);
    job->unsettled = result == IDENTITY_OK && identity_settle(&o->files, o->files.opened, job->why) != 0;
    return result;
}

typedef int write_fn(struct identity_files *f, const struct identity *id, const uint8_t *password, size_t password_len,
                     struct rng *rng, char why[static WHY_LEN]);

static enum identity_result write_sealed(struct own_identity *o, struct own_identity_job *job, struct rng *rng)
{
    static write_fn *const writes[] = {[OWN_IDENTITY_WRITE] = identity_save,
                                       [OWN_IDENTITY_REPLACE] = identity_replace,
                                       [OWN_IDENTITY_SEAL] = identity_save_next};
    const struct secret *s = &job->secret;
    int failed = writes[job->task](&o->files, &o->identity, s->password, s->password_len, rng, job->why);
    return failed != 0 ? IDENTITY_DAMAGED : IDENTITY_OK;
}

void own_identity_work(struct own_identity *o, struct rng *rng)
{
    struct own_identity_job *job = &o->job;
    if (job->task == OWN_IDENTITY_MAKE)
        job->result = make(o, job, rng);
    else if (job->task == OWN_IDENTITY_OPEN)
        job->result = open_kept(o, job);
    else
        job->result = write_sealed(o, job, rng);
}

bool own_identity_worked(struct own_identity *o)
{
    secret_wipe(&o->job.secret);
    o->busy = false;
    if (o->job.task == OWN_IDENTITY_MAKE || o->job.task == OWN_IDENTITY_SEAL)
        return false;
    o->result = o->job.result;
    if (o->result != IDENTITY_OK)
        identity_wipe(&o->identity);
    return true;
}

/* --- At any other time -------------------------------------------------------------------------------------------- */

bool own_identity_is_open(const struct own_identity *o)
{
    return o->result == IDENTITY_OK;
}

bool own_identity_is_locked(const struct own_identity *o)
{
    return o->result == IDENTITY_WRONG_PASSWORD;
}

bool own_identity_public(const struct own_identity *o, struct rsa_public *key)
{
    if (own_identity_is_open(o))
        rsa_public_of(key, &o->identity.key);
    return own_identity_is_open(o);
}

bool own_identity_fingerprint(const struct own_identity *o, uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN])
{
    if (own_identity_is_open(o))
        certificate_fingerprint(fingerprint, o->identity.key.n);
    return own_identity_is_open(o);
}

const uint8_t *own_identity_next_certificate(const struct own_identity *o, size_t *len)
{
    *len = o->next.certificate_len;
    return o->next.certificate;
}

void own_identity_drop_next(struct own_identity *o)
{
    identity_wipe(&o->next);
}

bool own_identity_follows_account(const struct own_identity *o)
{
    return own_identity_is_open(o) && o->password.password_len == 0;
}

int own_identity_settle(struct own_identity *o, bool changed, char why[static WHY_LEN])
{
    if (!own_identity_follows_account(o))
        return 0;
    return identity_settle(&o->files, changed ? IDENTITY_NEXT : IDENTITY_FIRST, why);
}

void own_identity_close(struct own_identity *o)
{
    o->result = IDENTITY_NONE;
    identity_wipe(&o->identity);
}

void own_identity_end(struct own_identity *o)
{
    own_identity_close(o);
    identity_wipe(&o->next);
    identity_files_close(&o->files);
    secret_wipe(&o->job.secret);
    secret_wipe(&o->password);
}
