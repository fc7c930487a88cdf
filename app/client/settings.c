/* SPDX-License-Identifier: MIT */
/* Each command: ask for everything first, then send, wait, and say what came of it. */
#include "app/client/settings.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/client/credential.h"
#include "app/client/loop.h"
#include "app/client/qr.h"
#include "app/client/secret.h"
#include "crypto/base32.h"
#include "crypto/ct.h"
#include "net/fingerprint.h"

#define SECRET_TEXT_LEN (BASE32_LEN(MESSAGE_SECRET_LEN) + 1)
#define URI_LEN 1024 /* the longest name of a server, each byte as three, and the rest */

/* What to say of the last answer. Of the three that LOGIN_FAILED means, the name can't be wrong here, and a wrong code
 * has an error of its own. */
static const char *refusal(const struct conversation *c)
{
    return c->error == MESSAGE_E_LOGIN_FAILED ? "wrong password" : c->error_text;
}

/* Says why not, unless the end of the connection has been said already. Behind the end of an account nothing is to be
 * said: where it goes on, a script must not. */
static void complain(struct conversation *c, enum message_type request, const char *not_done, const char *why)
{
    if (c->ended || c->interrupted)
        return;
    if (request == MESSAGE_DELETE_ACCOUNT)
        screen_refused(&c->screen, "%s: %s", not_done, why);
    else
        screen_complain(&c->screen, "%s: %s", not_done, why);
}

/* True where it was done. */
static bool done(struct conversation *c, struct message *m, const char *not_done)
{
    bool ok = loop_request(c, m, "");
    if (!ok)
        complain(c, m->type, not_done, refusal(c));
    return ok;
}

static struct message_bytes password_of(const struct secret *s)
{
    return (struct message_bytes){s->password, s->password_len};
}

/* The requests that take a password and a code, and have what else they take already. */
static bool ask_and_do(struct conversation *c, struct message *m, const char *not_done)
{
    struct secret s = {0};
    char why[SECRET_WHY_LEN];
    bool ok = false;
    if (secret_ask(&c->screen.line, &s, false, why) != 0) {
        complain(c, m->type, not_done, why);
    } else {
        m->begin_second_factor.password = password_of(&s); /* the structs of the others begin with the same two */
        memcpy(m->begin_second_factor.code, s.code, sizeof s.code);
        ok = done(c, m, not_done);
    }
    ct_wipe(m, sizeof *m);
    secret_wipe(&s);
    return ok;
}

/* --- The password ------------------------------------------------------------------------------------------------- */

/* Both passwords. A script's lines are all taken even where the first of them will not do. */
static int ask_both(struct conversation *c, struct secret *now, struct secret *next, char why[static SECRET_WHY_LEN])
{
    char why_next[SECRET_WHY_LEN];
    int failed = secret_ask(&c->screen.line, now, false, why);
    if (failed == 0)
        return secret_ask(&c->screen.line, next, true, why);
    if (!c->screen.line.terminal)
        (void)!secret_ask(&c->screen.line, next, true, why_next);
    return -1;
}

bool settings_password(struct conversation *c, const char *argument, const char *more)
{
    struct secret now = {0}, next = {0};
    struct message m = {.type = MESSAGE_CHANGE_PASSWORD};
    char why[SECRET_WHY_LEN];
    (void)argument;
    (void)more;
    if (ask_both(c, &now, &next, why) != 0) {
        complain(c, m.type, "password not changed", why);
    } else {
        m.change_password.password = password_of(&now);
        memcpy(m.change_password.code, now.code, sizeof now.code);
        m.change_password.new_password = password_of(&next);
        if (done(c, &m, "password not changed"))
            line_show(&c->screen.line, stdout, "* password changed");
    }
    ct_wipe(&m, sizeof m);
    secret_wipe(&now);
    secret_wipe(&next);
    return true;
}

/* --- The second factor -------------------------------------------------------------------------------------------- */

/* RFC 3986, section 2.1: what is neither letter, digit nor one of these as % and two hex digits. */
static size_t escape(char *out, size_t out_cap, const char *text)
{
    static const char as_is[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    size_t len = 0;
    out[0] = '\0';
    for (; *text != '\0' && len + 4 <= out_cap; text++)
        len += (size_t)snprintf(out + len, out_cap - len, strchr(as_is, *text) != NULL ? "%c" : "%%%02X",
                                (unsigned char)*text);
    return len;
}

/* What authenticator apps read: whose account it is, and the secret. They take HMAC-SHA-1, six digits and 30 seconds
 * where nothing else is said. */
static void make_uri(char uri[static URI_LEN], const struct conversation *c, const char *secret)
{
    size_t len = (size_t)snprintf(uri, URI_LEN, "otpauth://totp/glasschat:%s%%40", c->user);
    len += escape(uri + len, URI_LEN - 100 - len, c->server);
    snprintf(uri + len, URI_LEN - len, "?secret=%s&issuer=glasschat", secret);
}

static void show_secret(struct conversation *c)
{
    char secret[SECRET_TEXT_LEN], uri[URI_LEN];
    base32_encode(secret, c->secret, sizeof c->secret);
    ct_wipe(c->secret, sizeof c->secret);
    make_uri(uri, c, secret);
    qr_draw(uri);
    line_show(&c->screen.line, stdout, "* %s", uri);
    line_show(&c->screen.line, stdout, "* secret: %s", secret);
    line_show(&c->screen.line, stdout,
              "* give this to an authenticator app, then type /2fa confirm and the code it shows");
    ct_wipe(secret, sizeof secret);
    ct_wipe(uri, sizeof uri);
}

static void confirm(struct conversation *c, const char *code)
{
    struct message m = {.type = MESSAGE_CONFIRM_SECOND_FACTOR};
    if (strlen(code) != MESSAGE_CODE_LEN || !password_code_valid(code, strlen(code))) {
        screen_not_understood(&c->screen, "which code? /2fa confirm and the six digits that the app shows");
        return;
    }
    memcpy(m.confirm_second_factor.code, code, MESSAGE_CODE_LEN);
    bool confirmed = loop_request(c, &m, "");
    ct_wipe(&m.confirm_second_factor, sizeof m.confirm_second_factor);
    if (confirmed)
        line_show(&c->screen.line, stdout,
                  "* second factor on: from now on logging in takes a code; this one is used up now, "
                  "the next one counts");
    else
        complain(c, m.type, "second factor not confirmed", c->error_text);
}

bool settings_second_factor(struct conversation *c, const char *argument, const char *more)
{
    bool alone = *more == '\0';
    if (strcmp(argument, "on") == 0 && alone) {
        if (ask_and_do(c, &(struct message){.type = MESSAGE_BEGIN_SECOND_FACTOR}, "no second factor begun"))
            show_secret(c);
    } else if (strcmp(argument, "confirm") == 0) {
        confirm(c, more);
    } else if (strcmp(argument, "off") == 0 && alone) {
        if (ask_and_do(c, &(struct message){.type = MESSAGE_END_SECOND_FACTOR}, "second factor not ended"))
            line_show(&c->screen.line, stdout, "* second factor off");
    } else {
        screen_not_understood(&c->screen, "/2fa on, then /2fa confirm CODE; or /2fa off");
    }
    return true;
}

/* --- The certificate ---------------------------------------------------------------------------------------------- */

static void fingerprint_of(char out[static FINGERPRINT_TEXT_LEN], const struct certificate *certificate)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    certificate_fingerprint(fp, certificate->modulus);
    fingerprint_print(out, fp);
}

/* By an empty one: from now on there is none. */
static bool replace_certificate(struct conversation *c, struct message_bytes certificate, const char *not_done)
{
    struct message m = {.type = MESSAGE_REPLACE_CERTIFICATE};
    m.replace_certificate.certificate = certificate;
    return ask_and_do(c, &m, not_done);
}

/* The password is asked for only where everything else is right: where not, a script ends, as it may answer all the
 * same. */
static void register_certificate(struct conversation *c, const char *path)
{
    static const char not_done[] = "certificate not registered";
    struct certificate certificate;
    uint8_t bytes[CERTIFICATE_MAX_LEN];
    char why[CREDENTIAL_WHY_LEN], key[FINGERPRINT_TEXT_LEN];
    const char *shown = c->screen.line.terminal ? path : "the file"; /* as in conversation_bad_name */
    if (credential_read(&certificate, path, shown, why) != 0 ||
        credential_check(&certificate, c->user, (uint64_t)time(NULL), why) != 0) {
        screen_not_understood(&c->screen, "%s: %s", not_done, why);
        return;
    }
    fingerprint_of(key, &certificate);
    if (replace_certificate(c, (struct message_bytes){bytes, certificate_encode(bytes, &certificate)}, not_done))
        line_show(&c->screen.line, stdout, "* certificate registered, key %s; other sessions of this account end", key);
}

/* A command of its own, as any word behind /certificate can be a file's name or, behind an @, a user's. */
bool settings_delete_certificate(struct conversation *c, const char *argument, const char *more)
{
    (void)argument;
    (void)more;
    if (replace_certificate(c, (struct message_bytes){NULL, 0}, "certificate not deleted"))
        line_show(&c->screen.line, stdout,
                  "* certificate deleted, you have none now; other sessions of this account end");
    return true;
}

/* A server can send anything: what is shown has been checked as far as it can be without knowing the key. */
static void show_certificate(struct conversation *c, const char *name)
{
    struct certificate certificate;
    char why[CREDENTIAL_WHY_LEN], key[FINGERPRINT_TEXT_LEN], from[CERTIFICATE_TIME_LEN], to[CERTIFICATE_TIME_LEN];
    char shown[SEEN_NAMES_PRINT_LEN];
    (void)seen_names_quote(shown, name);
    if (c->certificate_len == 0) {
        line_show(&c->screen.line, stdout, "* %s has no certificate", shown);
        return;
    }
    if (certificate_decode(&certificate, c->certificate, c->certificate_len) != NET_OK)
        snprintf(why, sizeof why, "it is damaged");
    else if (credential_check(&certificate, name, (uint64_t)time(NULL), why) == 0) {
        fingerprint_of(key, &certificate);
        certificate_print_time(from, certificate.not_before);
        certificate_print_time(to, certificate.not_after);
        line_show(&c->screen.line, stdout, "* certificate of %s: key %s, valid from %s to %s", shown, key, from, to);
        line_show(&c->screen.line, stdout, "* compare that key with %s outside this chat: nothing of it is remembered",
                  shown);
        return;
    }
    screen_complain(&c->screen, "the certificate that the server sent for %s does not verify: %s", shown, why);
}

static void fetch_certificate(struct conversation *c, const char *name)
{
    struct message m = {.type = MESSAGE_FETCH_CERTIFICATE};
    if (!name_valid(name, strlen(name))) {
        screen_bad_name(&c->screen, name, "user");
        return;
    }
    strcpy(m.fetch_certificate.name, name);
    if (loop_request(c, &m, name))
        show_certificate(c, name);
}

bool settings_certificate(struct conversation *c, const char *argument, const char *more)
{
    (void)more;
    if (*argument == '@')
        fetch_certificate(c, argument + 1);
    else
        register_certificate(c, argument);
    return true;
}

/* --- The account -------------------------------------------------------------------------------------------------- */

bool settings_delete_account(struct conversation *c, const char *argument, const char *more)
{
    static const char not_done[] = "account not deleted";
    char typed[NAME_MAX_LEN + 2], question[LINE_PROMPT_LEN], why[SECRET_WHY_LEN];
    (void)argument;
    (void)more;
    snprintf(question, sizeof question, "type %s to delete it for ever: ", c->user);
    if (secret_ask_line(&c->screen.line, typed, sizeof typed, question, why) != 0) {
        complain(c, MESSAGE_DELETE_ACCOUNT, not_done, why);
        return true;
    }
    if (strcmp(typed, c->user) != 0) {
        screen_not_understood(&c->screen, "%s: that is not your name", not_done);
        return true;
    }
    (void)ask_and_do(c, &(struct message){.type = MESSAGE_DELETE_ACCOUNT}, not_done);
    if (!c->deleted) /* what counts: the connection may have ended with the answer */
        return true;
    line_show(&c->screen.line, stdout, "* account %s deleted", c->user);
    return false;
}
