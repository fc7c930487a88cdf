/* SPDX-License-Identifier: MIT */
/* glasschatd, from its command line to its exit status: opens one thing after the other, runs the loop, and closes them
 * in the opposite order. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/server/auth.h"
#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/base/log_file.h"
#include "app/server/base/ratelimit.h"
#include "app/server/base/worker.h"
#include "app/server/explain.h"
#include "app/server/operator/account_cli.h"
#include "app/server/operator/admin_socket.h"
#include "app/server/operator/complain.h"
#include "app/server/operator/key_renew.h"
#include "app/server/operator/status_cli.h"
#include "app/server/options.h"
#include "app/server/reactor.h"
#include "app/server/server.h"
#include "app/server/status.h"
#include "app/server/store/accounts.h"
#include "app/server/store/datadir.h"
#include "app/server/store/login_failures.h"
#include "app/server/store/ratelimit_file.h"
#include "app/server/store/totp_seal.h"
#include "app/terminal/display.h"
#include "app/terminal/tty.h"
#include "app/version.h"
#include "crypto/base64.h"
#include "net/coredump.h"
#include "net/output.h"
#include "net/sock.h"

#define CERTIFICATE_SOON (30u * 86400) /* seconds */
#define OWN_DESCRIPTORS 32             /* files, sockets and notifiers that are no client's, generously */

/* Each connection is a descriptor; the default of 1,024 is there for programs that use select. */
static void allow_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* A client that comes when they have run out waits unanswered, which is harder to notice than a limit of ours. */
static void tell_few_descriptors(const struct server *s)
{
    struct rlimit limit;
    char allowed[LOG_NUMBER_MAX], wanted[LOG_NUMBER_MAX];
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= (rlim_t)s->limits->max_clients + OWN_DESCRIPTORS)
        return;
    log_event(LOG_WARN, "fewer descriptors than --max-clients needs: raise ulimit -n, or lower --max-clients",
              "descriptors", log_number(allowed, limit.rlim_cur), "max_clients",
              log_number(wanted, s->limits->max_clients), NULL);
}

/* The line that says that it is ready, and which key clients should see. */
static int announce(const struct server *s)
{
    struct rsa_public key;
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    char where[SOCK_NAME_LEN], key_text[64] = "SHA256:";
    rsa_public_of(&key, &s->identity.key);
    certificate_fingerprint(fingerprint, key.n);
    base64_encode(key_text + strlen(key_text), fingerprint, sizeof fingerprint);
    sock_print(where, &s->listens_on);
    log_event(LOG_INFO, "listening", "on", where, "key", key_text, "sandbox", s->sandbox.says, NULL);
    int failed = display_line(stdout, "listening on %s key %s", where, key_text);
    return failed || fflush(stdout) != 0 ? -1 : 0;
}

/* Clients that rely on an authority (--ca) accept a certificate only while it is valid; the others look at the key.
 * Told at the start; how many days are left is in the status too. */
static void tell_certificates_end(const struct server *s)
{
    struct certificate c;
    char from[CERTIFICATE_TIME_LEN], to[CERTIFICATE_TIME_LEN];
    uint64_t now = clock_now();
    if (certificate_decode(&c, s->identity.certificate, s->identity.certificate_len) != NET_OK)
        return; /* datadir_identity has decoded it before */
    bool soon = now <= c.not_after && c.not_after - now < CERTIFICATE_SOON;
    if (certificate_valid_at(&c, now) && !soon)
        return;
    certificate_print_time(from, c.not_before);
    certificate_print_time(to, c.not_after);
    log_event(LOG_WARN,
              soon && now >= c.not_before ? "server.certificate is valid for less than 30 days"
                                          : "server.certificate is not valid at this time: clients with --ca refuse it",
              "not_before", from, "not_after", to, NULL);
}

static int open_accounts(struct server *s, const struct datadir *dir)
{
    char why[WHY_LEN], line[sizeof dir->path + WHY_LEN], number[LOG_NUMBER_MAX];
    size_t torn = 0;
    s->accounts = accounts_open(dir->fd, s->workers, s->limits->max_accounts, &torn, why);
    if (s->accounts == NULL) {
        snprintf(line, sizeof line, "%s/%s", dir->path, why);
        return complain(line);
    }
    if (torn > 0)
        log_event(LOG_WARN, "accounts: the last line was cut and is removed", "bytes", log_number(number, torn), NULL);
    if (s->options->pbkdf2_iterations < VERIFIER_ITERATIONS)
        log_event(LOG_WARN, "passwords are hashed weakly: fewer --pbkdf2-iterations than the default", "iterations",
                  log_number(number, s->options->pbkdf2_iterations), NULL);
    if (s->options->pbkdf2_iterations < accounts_iterations(s->accounts))
        log_event(LOG_WARN, "logins take as long as the costliest hash in accounts: else their time would tell names",
                  "iterations", log_number(number, accounts_iterations(s->accounts)), NULL);
    return DONE;
}

static int open_login_failures(struct server *s, const struct datadir *dir)
{
    char why[WHY_LEN], line[sizeof dir->path + WHY_LEN], number[LOG_NUMBER_MAX];
    size_t torn = 0;
    s->login_failures = login_failures_open(dir->fd, s->workers, s->now, &torn, why);
    if (s->login_failures == NULL) {
        snprintf(line, sizeof line, "%s/%s", dir->path, why);
        return complain(line);
    }
    login_failures_remove_all(s->login_failures, accounts_deleted, s->accounts);
    if (torn > 0)
        log_event(LOG_WARN, "codes: the last line was cut and is removed", "bytes", log_number(number, torn), NULL);
    return DONE;
}

static void end_session(void *server, const char *name)
{
    auth_end_session(server, name);
}

static void tell_status(void *server, void (*tell)(void *to, const char *line), void *to)
{
    status_tell(server, tell, to);
}

static void open_admin_socket(struct server *s)
{
    static struct admin_socket socket;
    socket = (struct admin_socket){.dir = s->dir,
                                   .poller = s->poller,
                                   .accounts = s->accounts,
                                   .login_failures = s->login_failures,
                                   .now = &s->now,
                                   .pauses = &s->accept_time,
                                   .end_session = end_session,
                                   .status = tell_status,
                                   .arg = s};
    s->admin_socket = &socket;
    admin_socket_open(&socket);
}

static void load_ratelimits(struct server *s)
{
    static struct ratelimit_file file;
    file = (struct ratelimit_file){.dir = s->dir,
                                   .ratelimit = s->ratelimit,
                                   .accounts = s->accounts,
                                   .login_failures = s->login_failures,
                                   .workers = s->workers,
                                   .now = &s->now,
                                   .max_wrong_codes = s->limits->max_wrong_codes};
    s->ratelimit_file = &file;
    ratelimit_file_load(&file);
}

/* Everything is there: serves, and says good-bye. */
static int serve(struct server *s, const struct datadir *dir)
{
    char why[WHY_LEN];
    verifier_dummy(&s->nobody, s->options->pbkdf2_iterations, &s->rng);
    s->ratelimit = ratelimit_new(s->limits->max_failures, &s->rng);
    if (s->ratelimit == NULL)
        return complain("not enough memory: choose a smaller --max-failures");
    if (reactor_open(s, why) != 0)
        return complain(why);
    if (open_login_failures(s, dir) != DONE)
        return FAILED;
    tell_few_descriptors(s); /* before the sandbox forbids asking */
    open_admin_socket(s);
    load_ratelimits(s);
    if (!s->options->no_sandbox)
        sandbox_seal(&s->sandbox);
    tell_certificates_end(s);
    if (s->options->explain)
        explain_warn();
    if (announce(s) != 0)
        return FAILED; /* reported at exit */
    reactor_run(s);
    return DONE;
}

static int open_totp_seal(struct server *s, struct datadir *dir)
{
    char why[WHY_LEN];
    if (datadir_storage_key(dir, &s->totp_seal, accounts_sealed(s->accounts) > 0, &s->rng, why) != 0)
        return complain(why);
    return DONE;
}

/* Takes what only the user that starts the server can get, and gives up the rest. */
static int listen_and_drop(struct server *s)
{
    char why[WHY_LEN], line[WHY_LEN + 60];
    if (reactor_listen(s, why) != 0) {
        snprintf(line, sizeof line, "%s; choose another address or port with --listen", why);
        return complain(line);
    }
    if (s->options->console) {
        s->console_input = tty_open_input();
        style_init(&s->console_style, s->options->color, s->options->times, false, STDOUT_FILENO);
    }
    if (s->options->no_sandbox) {
        strcpy(s->sandbox.says, "off");
        log_event(LOG_WARN, "--sandbox off: whoever takes over the server has all that its user has", NULL);
    } else {
        sandbox_drop(&s->sandbox, s->options->data, s->options->log_file, s, sizeof *s); /* its keys are in s */
    }
    return DONE;
}

static int with_accounts(struct server *s, struct datadir *dir)
{
    char why[WHY_LEN];
    const char *host = s->options->listen.host;
    if (datadir_identity(dir, &s->identity, host, clock_now(), &s->rng, why) != 0)
        return complain(why);
    size_t threads = worker_default_count(); /* which reads /sys */
    if (listen_and_drop(s) != DONE)
        return FAILED;
    s->workers = worker_start(threads);
    if (s->workers == NULL) {
        worker_why(why, errno);
        return complain(why);
    }
    int result = open_accounts(s, dir);
    if (result == DONE)
        result = open_totp_seal(s, dir);
    if (result == DONE)
        result = serve(s, dir);
    worker_stop(s->workers);
    if (s->ratelimit_file != NULL)
        ratelimit_file_save(s->ratelimit_file, &s->rng);
    if (s->admin_socket != NULL)
        admin_socket_close(s->admin_socket);
    if (s->poller != NULL)
        reactor_close(s);
    ratelimit_free(s->ratelimit);
    login_failures_close(s->login_failures);
    if (s->accounts != NULL)
        accounts_close(s->accounts);
    return result;
}

static int open_log(const struct options *options, const struct datadir *dir)
{
    char why[WHY_LEN];
    log_set_level(options->log_level);
    log_set_format(options->log_format);
    if (options->log_file == NULL || log_file_open(options->log_file, dir->fd, why) == 0)
        return DONE;
    return complain(why);
}

static int run(const struct options *options)
{
    static struct server s;
    struct datadir dir;
    char why[WHY_LEN];
    if (datadir_open(&dir, options->data, why) != 0)
        return complain(why);
    if (open_log(options, &dir) != DONE) {
        datadir_close(&dir);
        return FAILED;
    }
    s.options = options;
    s.dir = &dir;
    s.limits = &options->limits;
    rng_init(&s.rng);
    handshake_config_default(&s.handshake, HANDSHAKE_SERVER);
    s.handshake.groups = options->groups;
    s.handshake.groups_len = options->groups_len;
    s.handshake.identity = &s.identity;
    s.handshake.bignum = options->bignum;
    s.explain = options->explain;
    s.explain_full = options->explain_full;
    int result = with_accounts(&s, &dir);
    rsa_wipe(&s.identity.key);
    totp_seal_key_wipe(&s.totp_seal);
    rng_wipe(&s.rng);
    datadir_close(&dir);
    log_close();
    return result;
}

static int account_main(const struct options *o)
{
    return account_cli_main(&(struct account_cli){.data = o->data,
                                                  .words = o->words,
                                                  .words_len = o->words_len,
                                                  .from = o->from,
                                                  .password_file = o->password_file,
                                                  .iterations = o->pbkdf2_iterations,
                                                  .max_accounts = o->limits.max_accounts});
}

static int key_main(const struct options *o)
{
    if (o->words_len == 1 && strcmp(o->words[0], "renew") == 0)
        return key_renew_main(o->data, o->listen.host);
    complain("usage: glasschatd key renew: see glasschatd --help");
    return WRONG_USAGE;
}

int main(int argc, char **argv)
{
    struct options options;
    char why[WHY_LEN];
    if (sock_keep_off_standard() != 0)
        return FAILED;
    output_check_at_exit("glasschatd");
    display_init();
    if (options_parse(&options, argc, argv, why) != 0) {
        complain(why);
        return WRONG_USAGE;
    }
    if (options.help) {
        options_help();
        return DONE;
    }
    if (options.version) {
        puts("glasschatd " GLASSCHAT_VERSION);
        return DONE;
    }
    coredump_forbid();
    if (!clock_is_set()) {
        complain(CLOCK_UNSET_TEXT);
        return FAILED;
    }
    if (options.account)
        return account_main(&options);
    if (options.key)
        return key_main(&options);
    if (options.status)
        return status_cli_main(options.data, options.json);
    allow_descriptors();
    return run(&options);
}
