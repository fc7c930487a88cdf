/* SPDX-License-Identifier: MIT */
/* Every command about another user first asks whether the name is one. Whatever is shown of a key is shown whole: who
 * compares a part of it has compared nothing. */
#include "app/client/direct_commands.h"

#include <stdio.h>
#include <string.h>

#include "app/client/conversation.h"
#include "app/client/room_commands.h"
#include "app/client/settings.h"
#include "app/peer/safety.h"
#include "crypto/ct.h"
#include "net/fingerprint.h"

#define TRUST_YES "yes"

/* A command fails by this where a script's next lines were meant for what it was to do. */
typedef void refuse_fn(struct screen *s, const char *format, ...);

static bool want_another(struct conversation *c, const char *name, refuse_fn *refuse)
{
    if (!name_valid(name, strlen(name))) {
        screen_bad_name(&c->screen, name, "user");
        if (name_is_sealed(name))
            room_commands_stay_out(c); /* what is typed next may be for that room */
    } else if (strcmp(name, c->user) == 0) {
        refuse(&c->screen, "that is you");
    } else {
        return true;
    }
    return false;
}

static bool want_peer(struct conversation *c, const char *name, refuse_fn *refuse)
{
    if (!want_another(c, name, refuse))
        return false;
    if (c->direct.state != DIRECT_ON)
        refuse(&c->screen, "no direct messages: %s", c->direct.why);
    return c->direct.state == DIRECT_ON;
}

void direct_commands_say(struct conversation *c, const char *name, const char *text, size_t len)
{
    if (given_secrets_has(&c->screen.line.given, text, len))
        screen_not_understood(&c->screen, "not said: it was given as a password");
    else if (!text_valid(text, len))
        screen_complain(&c->screen, "not said: %s", message_error_text(MESSAGE_E_BAD_TEXT));
    else
        direct_say(&c->direct, name, text, len);
}

void direct_commands_msg(struct conversation *c, const char *name, const char *text)
{
    char place[NAME_MAX_LEN + 2];
    if (!want_peer(c, name, screen_complain))
        return;
    snprintf(place, sizeof place, "@%s", name);
    screen_answered(&c->screen, place);
    direct_commands_say(c, name, text, strlen(text));
}

/* CAUTION: the next lines may be typed already, and are for that user alone, whether there are calls or not: a server
 * that refuses ready would be told them as said in the room. tests/integration/test_calls_liar.py:
 * test_what_is_typed_after_a_call. */
void direct_commands_call(struct conversation *c, const char *name)
{
    struct direct *d = &c->direct;
    char shown[SEEN_NAMES_PRINT_LEN];
    if (!want_another(c, name, screen_not_understood))
        return;
    if (d->state != DIRECT_ON)
        screen_refused(&c->screen, "no direct messages: %s", d->why);
    if (c->screen.script_ends)
        return;
    snprintf(d->with, sizeof d->with, "%s", name);
    conversation_prompt(c);
    if (d->state != DIRECT_ON) {
        line_show(&c->screen.line, stdout, "* what you type is said to nobody now, until /leave");
        return;
    }
    line_show(&c->screen.line, stdout, "* what you type goes to %s alone now, until /leave",
              seen_names_quote(shown, name));
    calls_call(&d->calls, d->now(), name);
}

/* --- Keys --------------------------------------------------------------------------------------------------------- */

/* The key that this peer is known by. NULL, and said: they were never met. */
static const struct peer *find_peer(struct conversation *c, const char *name, refuse_fn *refuse)
{
    char shown[SEEN_NAMES_PRINT_LEN];
    if (!want_peer(c, name, refuse))
        return NULL;
    const struct peer *p = peers_find(&c->direct.peers, name);
    if (p == NULL)
        refuse(&c->screen, "no key of %s is known yet: /call %s", seen_names_quote(shown, name), name);
    return p;
}

static void show_number(struct conversation *c, const char *name, const char number[static SAFETY_LEN])
{
    char half[SAFETY_SHOWN_LEN], shown[SEEN_NAMES_PRINT_LEN];
    line_show(&c->screen.line, stdout,
              "* the safety number of %s and you, the same on both screens if nobody is in between:",
              seen_names_quote(shown, name));
    for (size_t first = 0; first < SAFETY_GROUPS; first += SAFETY_GROUPS / 2) {
        safety_print(half, number, first, SAFETY_GROUPS / 2);
        line_show(&c->screen.line, stdout, "*     %s", half);
    }
    line_show(&c->screen.line, stdout,
              "* compare all of it, by telephone or face to face; then /verify %s and the digits that the other sees",
              name);
}

static void compare(struct conversation *c, const struct peer *p, const char number[static SAFETY_LEN],
                    const char *digits)
{
    struct direct *d = &c->direct;
    char shown[SEEN_NAMES_PRINT_LEN], why[WHY_LEN];
    (void)seen_names_quote(shown, p->name);
    if (!safety_equal(number, digits)) {
        screen_refused(&c->screen,
                       "MISMATCH: that is not the safety number of %s and you. Was it typed right? If so, somebody is "
                       "in between",
                       shown);
        return;
    }
    char name[NAME_MAX_LEN + 1];
    memcpy(name, p->name, sizeof name); /* p may go with the change */
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    memcpy(fingerprint, p->fingerprint, sizeof fingerprint);
    if (peers_compared(&d->peers, name, fingerprint, why) != 0) {
        screen_refused(&c->screen, "%s", why);
        return;
    }
    calls_compared(&d->calls, name, fingerprint);
    line_show(&c->screen.line, stdout, "* the key of %s is compared from now on", shown);
}

void direct_commands_verify(struct conversation *c, const char *name, const char *digits)
{
    char number[SAFETY_LEN];
    uint8_t own[CERTIFICATE_FINGERPRINT_LEN];
    const struct peer *p = find_peer(c, name, *digits != '\0' ? screen_refused : screen_complain);
    if (p == NULL || !own_identity_fingerprint(&c->direct.own, own))
        return;
    safety_number(number, c->user, own, p->name, p->fingerprint);
    if (*digits == '\0')
        show_number(c, name, number);
    else
        compare(c, p, number, digits);
}

static void believed(struct conversation *c, const char *shown)
{
    struct direct *d = &c->direct;
    line_show(&c->screen.line, stdout, "* the new key of %s is believed from now on: new, not compared", shown);
    if (d->has_calls)
        calls_trusted(&d->calls, d->now(), d->trust_name, d->trust_shown);
}

static void trust_answered(struct conversation *c)
{
    struct direct *d = &c->direct;
    char why[WHY_LEN], shown[SEEN_NAMES_PRINT_LEN];
    (void)seen_names_quote(shown, d->trust_name);
    if (c->form.why[0] != '\0')
        screen_complain(&c->screen, "not believed: %s", c->form.why);
    else if (strcmp(c->form.name, TRUST_YES) != 0)
        screen_refused(&c->screen, "not believed: that was not " TRUST_YES);
    else if (peers_trust(&d->peers, d->trust_name, d->trust_shown, why) != 0)
        screen_refused(&c->screen, "%s", why);
    else
        believed(c, shown);
    form_wipe(&c->form);
}

void direct_commands_trust(struct conversation *c, const char *name)
{
    struct direct *d = &c->direct;
    uint8_t kept[CERTIFICATE_FINGERPRINT_LEN];
    char before[FINGERPRINT_TEXT_LEN], now[FINGERPRINT_TEXT_LEN], shown[SEEN_NAMES_PRINT_LEN];
    if (find_peer(c, name, screen_refused) == NULL)
        return;
    if (!peers_changed(&d->peers, name, kept, d->trust_shown)) {
        screen_refused(&c->screen, "the key of %s has not changed since you met", seen_names_quote(shown, name));
        return;
    }
    fingerprint_print(before, kept);
    fingerprint_print(now, d->trust_shown);
    snprintf(d->trust_name, sizeof d->trust_name, "%s", name);
    line_show(&c->screen.line, stdout, "* the key of %s was  %s", seen_names_quote(shown, name), before);
    line_show(&c->screen.line, stdout, "* and is shown as now  %s", now);
    line_show(&c->screen.line, stdout, "* ask them, in another way than this chat, whether they have a new key");
    form_begin(&c->form, FORM_NAME, trust_answered);
    snprintf(c->form.name_question, sizeof c->form.name_question, "type " TRUST_YES " to believe the new key: ");
}

void direct_commands_peers(struct conversation *c)
{
    const struct peers *p = &c->direct.peers;
    char shown[SEEN_NAMES_PRINT_LEN], key[FINGERPRINT_TEXT_LEN];
    if (!direct_is_on(&c->direct))
        return;
    for (size_t i = 0; i < p->count; i++) {
        fingerprint_print(key, p->list[i].fingerprint);
        line_show(&c->screen.line, stdout, "* peer %s: %s, key %s", seen_names_quote(shown, p->list[i].name),
                  peer_state_words(peers_state(&p->list[i])), key);
    }
    if (p->count == 0)
        line_show(&c->screen.line, stdout, "* you have met nobody yet: /call NAME");
}

/* --- One's own ---------------------------------------------------------------------------------------------------- */

static void show_identity(struct conversation *c)
{
    struct direct *d = &c->direct;
    uint8_t own[CERTIFICATE_FINGERPRINT_LEN];
    char key[FINGERPRINT_TEXT_LEN];
    if (!own_identity_fingerprint(&d->own, own)) {
        screen_complain(&c->screen, "no direct messages: %s", d->why);
        return;
    }
    fingerprint_print(key, own);
    line_show(&c->screen.line, stdout, "* your key is %s, kept in %s", key, c->signin.arguments->home);
    if (d->state != DIRECT_ON)
        line_show(&c->screen.line, stdout, "* no direct messages: %s", d->why);
}

static void unlock_answered(struct conversation *c)
{
    if (c->form.why[0] != '\0')
        screen_complain(&c->screen, "not unlocked: %s", c->form.why);
    else
        direct_unlock(&c->direct, &c->form.own);
    form_wipe(&c->form);
}

/* After a reset by the operator, say. A script's next line is a password. */
static void unlock(struct conversation *c)
{
    if (!own_identity_is_locked(&c->direct.own)) {
        screen_not_understood(&c->screen, "%s",
                              own_identity_is_open(&c->direct.own) ? "your key is open already"
                                                                   : "there is no key here that a password would open");
        return;
    }
    line_show(&c->screen.line, stdout, "* which password is your key kept under?");
    form_begin(&c->form, FORM_KEY, unlock_answered);
}

void direct_commands_identity(struct conversation *c, const char *what)
{
    if (*what == '\0')
        show_identity(c);
    else if (strcmp(what, "new") == 0)
        settings_new_identity(c);
    else if (strcmp(what, "unlock") == 0)
        unlock(c);
    else
        screen_not_understood(&c->screen, "/identity, /identity new or /identity unlock");
}

void direct_commands_receipts(struct conversation *c, const char *what)
{
    if (strcmp(what, "on") != 0 && strcmp(what, "off") != 0) {
        screen_not_understood(&c->screen, "/receipts on, or /receipts off");
        return;
    }
    c->direct.receipts = strcmp(what, "on") == 0;
    line_show(&c->screen.line, stdout,
              c->direct.receipts ? "* you are told what has arrived" : "* you are told only what may not have arrived");
}
