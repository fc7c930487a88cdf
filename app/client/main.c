/* SPDX-License-Identifier: MIT */
/* glasschat, the client, from its beginning to its end: who to trust, connect, log in, talk. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/client/arguments.h"
#include "app/client/explain.h"
#include "app/client/interrupt.h"
#include "app/client/introduce.h"
#include "app/client/loop.h"
#include "app/client/reconnect.h"
#include "app/client/recorder.h"
#include "app/client/signin.h"
#include "app/terminal/display.h"
#include "app/version.h"
#include "crypto/pem.h"
#include "net/coredump.h"
#include "net/input.h"
#include "net/output.h"
#include "net/sock.h"

enum { DONE = 0, FAILED = 1, WRONG_USAGE = 2 };

static int complain(int status, const char *why)
{
    display_line(stderr, "glasschat: %s", why);
    return status;
}

static int read_authority(struct rsa_public *authority, const char *path)
{
    uint8_t file[PEM_FILE_MAX_LEN + 1];
    int fd = input_open(path);
    ssize_t len = fd >= 0 ? input_read(fd, file, sizeof file, false) : -1;
    if (len < 0)
        display_line(stderr, "glasschat: %s: %s", path, input_why(errno));
    if (fd >= 0)
        close(fd);
    if (len < 0)
        return -1;
    if (trust_authority(authority, file, (size_t)len) == 0)
        return 0;
    enum pem_result is = pem_decode_public(authority, (const char *)file, (size_t)len);
    display_line(stderr, "glasschat: %s %s", path,
                 is == PEM_MALFORMED ? "is neither a certificate nor a PEM public key of RSA-3072"
                                     : pem_result_words(is));
    return -1;
}

/* Whose keys are vouched for, and what one's own is sealed under. */
static int read_for_direct(struct direct *d, const struct arguments *a)
{
    char why[WHY_LEN];
    d->has_user_ca = a->user_ca != NULL;
    if (d->has_user_ca && read_authority(&d->user_ca, a->user_ca) != 0)
        return -1;
    if (a->identity_password_file == NULL || secret_from_file(&d->own.password, a->identity_password_file, why) == 0)
        return 0;
    complain(FAILED, why);
    return -1;
}

/* From the connection's beginning to its end. closed: both sides said good-bye. */
static int talk(struct conversation *c, const struct arguments *a, struct trust *trust, struct secret *given,
                const struct trace *trace, bool *closed)
{
    char why[WHY_LEN];
    *closed = false;
    if (server_link_open(&c->link, a, trust, trace, why) != 0)
        return complain(FAILED, why);
    /* Up to here a signal simply ends the program, even where the network keeps it waiting: nothing needs to be
     * undone. */
    if (interrupt_init() != 0)
        return complain(FAILED, strerror(errno));
    introduce(&c->screen.line, trust);
    if (a->record == NULL && !a->explain) /* which are about one connection */
        reconnect_init(c, a, trust);
    signin_begin(c, a, given);
    loop_run(c);
    *closed = c->link.conn.session.state == SESSION_STATE_CLOSED;
    server_link_close(&c->link);
    /* A person saw the complaints; whoever runs a script sees only how it ended. */
    bool complained = (c->screen.complained || c->interrupted) && !c->screen.line.terminal;
    return !c->signin.done || c->broken || complained ? FAILED : DONE;
}

/* Talks, with whatever was asked for that watches. */
static int watch(struct conversation *c, const struct arguments *a, struct trust *trust, struct secret *given)
{
    struct recorder recorder;
    char why[WHY_LEN];
    bool closed;
    sock_print(c->server, &a->server);
    const struct trace *trace = a->explain ? explain_trace() : NULL;
    if (a->record != NULL) {
        if (recorder_open(&recorder, a->record, c->server, &c->screen.line, trace, why) != 0)
            return complain(FAILED, why);
        trace = &recorder.trace;
    }
    if (a->explain)
        explain_begin(&c->screen.line, a->explain_full);
    int status = talk(c, a, trust, given, trace, &closed);
    if (a->record != NULL && !recorder_close(&recorder, closed))
        status = FAILED;
    if (a->explain)
        explain_end();
    return status;
}

static int chat(const struct arguments *a, struct trust *trust, struct secret *given)
{
    struct conversation c;
    loop_init(&c);
    style_init(&c.screen.line.style, a->color, a->times, a->bell, STDOUT_FILENO);
    int status = read_for_direct(&c.direct, a) == 0 ? watch(&c, a, trust, given) : FAILED;
    conversation_end(&c);
    return status;
}

/* Reads what has to be read, then connects. */
static int start(const struct arguments *a)
{
    char why[WHY_LEN];
    struct secret given = {0};
    struct trust trust = {.rule = a->rule, .server = a->server, .home = a->home, .remember = a->remember};
    memcpy(trust.pin, a->pin, sizeof trust.pin);
    if (a->ca != NULL && read_authority(&trust.authority, a->ca) != 0)
        return FAILED;
    if (a->password_file != NULL && secret_from_file(&given, a->password_file, why) != 0)
        return complain(FAILED, why);
    int status;
    if (a->new_account && password_has_mark(given.password, given.password_len)) {
        display_line(stderr, "glasschat: %s: it " PASSWORD_MARK_TEXT, a->password_file);
        status = FAILED;
    } else {
        status = chat(a, &trust, &given);
    }
    secret_wipe(&given);
    return status;
}

int main(int argc, char **argv)
{
    struct arguments a;
    char why[WHY_LEN];
    if (sock_keep_off_standard() != 0)
        return FAILED;
    output_check_at_exit("glasschat");
    coredump_forbid();
    display_init();
    if (arguments_parse(&a, argc, argv, why) != 0)
        return complain(WRONG_USAGE, why);
    if (a.help) {
        arguments_help(stdout);
        return DONE;
    }
    if (a.version) {
        puts("glasschat " GLASSCHAT_VERSION);
        return DONE;
    }
    if (signin_check(&a, isatty(STDIN_FILENO) != 0, why) != 0)
        return complain(WRONG_USAGE, why);
    return start(&a);
}
