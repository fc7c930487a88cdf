/* SPDX-License-Identifier: MIT */
/* Each command goes the same way: begin says what is asked for, prepare has done what comes before the request,
 * send_request makes it of what was answered, and answered says what came of it. They are called when it is time, so
 * that nothing here waits. */
#include "app/client/settings.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/client/conversation.h"
#include "app/client/qr.h"
#include "app/client/reconnect.h"
#include "app/client/user_certificate.h"
#include "crypto/base32.h"
#include "crypto/ct.h"
#include "net/fingerprint.h"

#define SECRET_TEXT_LEN (BASE32_LEN(MESSAGE_SECRET_LEN) + 1)
#define URI_LEN 1024 /* the longest name of a server, each byte as three, and the rest */

/* --- What came of it ---------------------------------------------------------------------------------------------- */

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

static void fingerprint_of(char out[static FINGERPRINT_TEXT_LEN], const struct certificate *certificate)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    certificate_fingerprint(fp, certificate->modulus);
    fingerprint_print(out, fp);
}

static void show_registered(struct conversation *c)
{
    struct certificate certificate;
    char key[FINGERPRINT_TEXT_LEN];
    if (c->change.certificate_len == 0) {
        line_show(&c->screen.line, stdout,
                  "* certificate deleted, you have none now; other sessions of this account end");
    } else if (certificate_decode(&certificate, c->change.certificate, c->change.certificate_len) == NET_OK) {
        fingerprint_of(key, &certificate);
        line_show(&c->screen.line, stdout, "* certificate registered, key %s; other sessions of this account end", key);
    }
}

/* A server can send anything: what is shown has been checked as far as it can be without knowing the key. */
static void show_certificate(struct conversation *c)
{
    const char *name = c->change.name;
    struct certificate certificate;
    char why[WHY_LEN], key[FINGERPRINT_TEXT_LEN], from[CERTIFICATE_TIME_LEN], to[CERTIFICATE_TIME_LEN];
    char shown[SEEN_NAMES_PRINT_LEN];
    const struct rsa_public *authority = c->direct.has_user_ca ? &c->direct.user_ca : NULL;
    (void)seen_names_quote(shown, name);
    if (c->certificate_len == 0) {
        line_show(&c->screen.line, stdout, "* %s has no certificate", shown);
        return;
    }
    if (certificate_decode(&certificate, c->certificate, c->certificate_len) != NET_OK)
        why_say(why, "it is damaged");
    else if (user_certificate_check(&certificate, name, (uint64_t)time(NULL), NULL, authority, why) == 0) {
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

/* The server has taken it: so it is shown in calls from now on, if it is of the key that answers them. */
static void took_certificate(struct conversation *c)
{
    struct direct *d = &c->direct;
    struct certificate certificate;
    char why[WHY_LEN];
    show_registered(c);
    if (c->change.new_identity)
        direct_replace_identity(&c->direct, &c->change.own);
    else if (own_identity_is_open(&d->own) && c->change.certificate_len > 0 &&
             certificate_decode(&certificate, c->change.certificate, c->change.certificate_len) == NET_OK &&
             direct_set_certificate(d, &certificate, why) != 0)
        screen_complain(&c->screen, "%s", why);
}

static void show_done(struct conversation *c)
{
    struct line *line = &c->screen.line;
    switch (c->change.request) {
    case MESSAGE_CHANGE_PASSWORD:
        line_show(line, stdout, "* password changed");
        break;
    case MESSAGE_BEGIN_SECOND_FACTOR:
        show_secret(c);
        break;
    case MESSAGE_CONFIRM_SECOND_FACTOR:
        line_show(line, stdout,
                  "* second factor on: from now on logging in takes a code; this one is used up now, "
                  "the next one counts");
        break;
    case MESSAGE_END_SECOND_FACTOR:
        line_show(line, stdout, "* second factor off");
        break;
    case MESSAGE_REPLACE_CERTIFICATE:
        took_certificate(c);
        break;
    case MESSAGE_FETCH_CERTIFICATE:
        show_certificate(c);
        break;
    default: /* MESSAGE_DELETE_ACCOUNT */
        line_show(line, stdout, "* account %s deleted", c->user);
        c->quits = true;
        break;
    }
}

/* What to say of the last answer. Of the three that LOGIN_FAILED means, the name can't be wrong here, and a wrong code
 * has an error of its own. */
static const char *refusal(const struct conversation *c)
{
    return c->error == MESSAGE_E_LOGIN_FAILED ? "wrong password" : c->error_text;
}

/* Says why not, unless the end of the connection has been said already. After the end of an account nothing is to be
 * said: where it goes on, a script must not. */
static void complain(struct conversation *c, const char *why)
{
    if (c->ended || c->interrupted)
        return;
    if (c->change.request == MESSAGE_DELETE_ACCOUNT)
        screen_refused(&c->screen, "%s: %s", c->change.not_done, why);
    else
        screen_complain(&c->screen, "%s: %s", c->change.not_done, why);
}

/* What came of it is told: what it was made of is not needed any more. */
static void forget(struct conversation *c)
{
    secret_wipe(&c->change.own);
    own_identity_drop_next(&c->direct.own);
}

static void answered(struct conversation *c)
{
    if (c->change.request == MESSAGE_CHANGE_PASSWORD)
        direct_after_password(&c->direct, c->error == 0);
    if (c->change.request == MESSAGE_CHANGE_PASSWORD && c->error == 0)
        reconnect_keep(c, &c->change.own);
    if (c->change.request == MESSAGE_CONFIRM_SECOND_FACTOR && c->error == 0)
        reconnect_forget(c);
    if (c->error == 0)
        show_done(c);
    else if (c->change.request != MESSAGE_FETCH_CERTIFICATE) /* whose refusal has been shown */
        complain(c, c->change.request == MESSAGE_CONFIRM_SECOND_FACTOR ? c->error_text : refusal(c));
    forget(c);
}

/* --- From the command to its request ------------------------------------------------------------------------------ */

/* The fields that a request takes, from the form that was filled in. */
static void make_request(struct message *m, const struct conversation *c)
{
    const struct form *f = &c->form;
    *m = (struct message){.type = c->change.request};
    if (m->type == MESSAGE_CONFIRM_SECOND_FACTOR) {
        memcpy(m->confirm_second_factor.code, f->own.code, sizeof m->confirm_second_factor.code);
        return;
    }
    if (m->type == MESSAGE_FETCH_CERTIFICATE) {
        memcpy(m->fetch_certificate.name, c->change.name, sizeof m->fetch_certificate.name);
        return;
    }
    if (m->type == MESSAGE_CHANGE_PASSWORD)
        m->change_password.new_password = (struct message_bytes){f->next.password, f->next.password_len};
    if (m->type == MESSAGE_REPLACE_CERTIFICATE)
        m->replace_certificate.certificate = (struct message_bytes){c->change.certificate, c->change.certificate_len};
    /* The structs of the others begin with the same two. */
    m->begin_second_factor.password = (struct message_bytes){f->own.password, f->own.password_len};
    memcpy(m->begin_second_factor.code, f->own.code, sizeof f->own.code);
}

/* The connection was cut before anything was asked. What is on another one since then is none of this: its form and
 * its answers. */
static void cut_off(struct conversation *c)
{
    if (c->change.request == MESSAGE_CHANGE_PASSWORD)
        direct_after_password(&c->direct, false);
    complain(c, "the connection was cut");
    forget(c);
}

/* What was asked for is there, and what has to be on the disk before the server is asked. */
static void send_request(void *arg, bool ready)
{
    struct conversation *c = arg;
    struct message m;
    if (c->change.cut) {
        if (ready)
            cut_off(c);
        return;
    }
    if (!ready) {
        form_wipe(&c->form);
        return;
    }
    if (c->change.request == MESSAGE_CHANGE_PASSWORD) { /* it is what one logs in with, once it is taken */
        memcpy(c->change.own.password, c->form.next.password, c->form.next.password_len);
        c->change.own.password_len = c->form.next.password_len;
        memcpy(c->change.own.code, c->form.own.code, sizeof c->change.own.code);
    }
    if (c->change.new_identity) {
        c->change.own = c->form.own;
        const uint8_t *next = own_identity_next_certificate(&c->direct.own, &c->change.certificate_len);
        memcpy(c->change.certificate, next, c->change.certificate_len);
    }
    make_request(&m, c);
    conversation_await(c, &m, c->change.name, answered);
    ct_wipe(&m, sizeof m);
    form_wipe(&c->form);
}

/* The form is kept until the request is made. */
static void prepare(struct conversation *c)
{
    const struct form *f = &c->form;
    if (f->why[0] != '\0') {
        complain(c, f->why);
        form_wipe(&c->form);
    } else if (c->change.new_identity) {
        direct_make_another(&c->direct, send_request);
    } else if (c->change.request == MESSAGE_CHANGE_PASSWORD) {
        direct_before_password(&c->direct, f->next.password, f->next.password_len, send_request);
    } else {
        send_request(c, true);
    }
}

/* fields: what has to be asked for, as form.h has them. */
static void begin(struct conversation *c, enum message_type request, unsigned fields, const char *not_done)
{
    c->change = (struct change){.request = request, .not_done = not_done};
    form_begin(&c->form, fields, prepare);
}

/* --- The commands ------------------------------------------------------------------------------------------------- */

void settings_password(struct conversation *c)
{
    begin(c, MESSAGE_CHANGE_PASSWORD, FORM_OWN | FORM_NEW, "password not changed");
}

static void confirm(struct conversation *c, const char *code)
{
    if (strlen(code) != MESSAGE_CODE_LEN || !password_code_valid(code, strlen(code))) {
        screen_not_understood(&c->screen, "which code? /2fa confirm and the six digits that the app shows");
        return;
    }
    begin(c, MESSAGE_CONFIRM_SECOND_FACTOR, 0, "second factor not confirmed");
    memcpy(c->form.own.code, code, MESSAGE_CODE_LEN);
}

void settings_second_factor(struct conversation *c, const char *what, const char *code)
{
    bool alone = *code == '\0';
    if (strcmp(what, "on") == 0 && alone)
        begin(c, MESSAGE_BEGIN_SECOND_FACTOR, FORM_OWN, "no second factor begun");
    else if (strcmp(what, "confirm") == 0)
        confirm(c, code);
    else if (strcmp(what, "off") == 0 && alone)
        begin(c, MESSAGE_END_SECOND_FACTOR, FORM_OWN, "second factor not ended");
    else
        screen_not_understood(&c->screen, "/2fa on, then /2fa confirm CODE; or /2fa off");
}

/* The password is asked for only where everything else is right: where not, a script ends, as it may answer all the
 * same. */
static void register_certificate(struct conversation *c, const char *path)
{
    static const char not_done[] = "certificate not registered";
    struct certificate certificate;
    char why[WHY_LEN];
    const char *shown = c->screen.line.terminal ? path : "the file"; /* as in screen_bad_name */
    struct rsa_public own;
    bool has_own = own_identity_public(&c->direct.own, &own);
    if (user_certificate_read(&certificate, path, shown, why) != 0 ||
        user_certificate_check(&certificate, c->user, (uint64_t)time(NULL), has_own ? &own : NULL, NULL, why) != 0) {
        screen_not_understood(&c->screen, "%s: %s", not_done, why);
        return;
    }
    if (has_own && !ct_equal(certificate.modulus, own.n, sizeof certificate.modulus)) {
        screen_not_understood(&c->screen, "%s: it is of another key than your identity's, which /identity shows",
                              not_done);
        return;
    }
    begin(c, MESSAGE_REPLACE_CERTIFICATE, FORM_OWN, not_done);
    c->change.certificate_len = certificate_encode(c->change.certificate, &certificate);
}

/* A command of its own, as any word after /certificate can be a file's name or, with an @, a user's. An empty
 * certificate says that there is none. */
void settings_delete_certificate(struct conversation *c)
{
    begin(c, MESSAGE_REPLACE_CERTIFICATE, FORM_OWN, "certificate not deleted");
}

static void fetch_certificate(struct conversation *c, const char *name)
{
    if (!name_valid(name, strlen(name))) {
        screen_bad_name(&c->screen, name, "user");
        return;
    }
    begin(c, MESSAGE_FETCH_CERTIFICATE, 0, "");
    strcpy(c->change.name, name);
}

void settings_certificate(struct conversation *c, const char *word)
{
    if (*word == '@')
        fetch_certificate(c, word + 1);
    else
        register_certificate(c, word);
}

void settings_new_identity(struct conversation *c)
{
    begin(c, MESSAGE_REPLACE_CERTIFICATE, FORM_OWN, "no new identity");
    c->change.new_identity = true;
}

static const char not_deleted[] = "account not deleted";

/* The name was typed: the password is asked for only where it is the right one. */
static void delete_if_meant(struct conversation *c)
{
    if (c->form.why[0] != '\0')
        complain(c, c->form.why);
    else if (strcmp(c->form.name, c->user) != 0)
        screen_not_understood(&c->screen, "%s: that is not your name", not_deleted);
    else {
        begin(c, MESSAGE_DELETE_ACCOUNT, FORM_OWN, not_deleted);
        return;
    }
    form_wipe(&c->form);
}

void settings_delete_account(struct conversation *c)
{
    begin(c, MESSAGE_DELETE_ACCOUNT, FORM_NAME, not_deleted);
    c->form.filled_in = delete_if_meant;
    snprintf(c->form.name_question, sizeof c->form.name_question, "type %s to delete it for ever: ", c->user);
}
