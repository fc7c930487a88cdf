/* SPDX-License-Identifier: MIT */
/* The request is written as it is put together; each argument remembers where its bytes stand in the request, to
 * compare them with what comes back. */
#include "app/workbench/check/ask.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/workbench/check/asked.h"
#include "app/workbench/check/single_step.h"
#include "app/workbench/runner/runner.h"

#define HEAD_LEN 4       /* the length in front of a request */
#define STEPS_SECONDS 60 /* as many as there may be take 20 where the host is busy: each is two switches of process */

/* --- Putting it together ------------------------------------------------------------------------------------------ */

static uint8_t *append(struct checking *c, size_t len)
{
    assert(c->request_len + len <= HEAD_LEN + WIRE_LEN_MAX);
    c->request_len += len;
    return c->request + c->request_len - len;
}

void ask_begin(struct checking *c, const char *function)
{
    size_t len = strlen(function);
    assert(len <= WIRE_NAME_MAX);
    c->function = function;
    c->args = 0;
    c->request_len = HEAD_LEN;
    uint8_t nonce[8];
    rng_fill(&c->rng, nonce, sizeof nonce);
    c->nonce = bytes_load_be64(nonce);
    bytes_store_be64(append(c, 8), c->nonce);
    *append(c, 1) = (uint8_t)len;
    memcpy(append(c, len), function, len);
    *append(c, 1) = c->mode == CHECK_STEPS ? WIRE_COUNT : 0;
    *append(c, 1) = 0; /* the number of arguments: ask() writes it */
}

static struct ask_arg *next(struct checking *c, const char *name, enum wire_kind kind, uint8_t flags)
{
    assert(c->args < WIRE_ARGS_MAX);
    struct ask_arg *arg = &c->arg[c->args++];
    *arg = (struct ask_arg){.name = name, .kind = kind};
    *append(c, 1) = (uint8_t)kind;
    *append(c, 1) = flags;
    return arg;
}

size_t ask_number(struct checking *c, const char *name, uint64_t n)
{
    struct ask_arg *arg = next(c, name, WIRE_NUMBER, 0);
    arg->len = (size_t)n;
    bytes_store_be64(append(c, 8), n);
    return c->args - 1;
}

static size_t buffer(struct checking *c, const char *name, const void *data, size_t len, bool output, uint8_t flags)
{
    struct ask_arg *arg = next(c, name, WIRE_BUFFER, flags);
    bytes_store_be32(append(c, 4), (uint32_t)len);
    uint8_t *to = append(c, len);
    if (data != NULL && len > 0)
        memcpy(to, data, len);
    else
        rng_fill(&c->rng, to, len);
    arg->sent = to;
    arg->len = len;
    arg->output = output;
    arg->given = data != NULL;
    return c->args - 1;
}

size_t ask_in(struct checking *c, const char *name, const void *data, size_t len)
{
    return buffer(c, name, data, len, false, 0);
}

size_t ask_secret(struct checking *c, const char *name, const void *data, size_t len)
{
    return buffer(c, name, data, len, false, WIRE_SECRET);
}

size_t ask_out(struct checking *c, const char *name, size_t len)
{
    return buffer(c, name, NULL, len, true, 0);
}

size_t ask_inout(struct checking *c, const char *name, const void *data, size_t len)
{
    return buffer(c, name, data, len, true, 0);
}

size_t ask_secret_inout(struct checking *c, const char *name, const void *data, size_t len)
{
    return buffer(c, name, data, len, true, WIRE_SECRET);
}

size_t ask_within(struct checking *c, const char *name, size_t arg, size_t offset)
{
    struct ask_arg *new = next(c, name, WIRE_WITHIN, 0);
    uint8_t *p = append(c, 5);
    assert(arg < c->args - 1 && offset <= c->arg[arg].len);
    p[0] = (uint8_t)arg;
    bytes_store_be32(p + 1, (uint32_t)offset);
    new->len = arg;
    new->offset = offset;
    return c->args - 1;
}

size_t ask_null(struct checking *c, const char *name)
{
    (void)next(c, name, WIRE_NULL, 0);
    return c->args - 1;
}

void ask_shows_block(struct checking *c)
{
    assert(c->arg[c->args - 1].len == 16);
    c->arg[c->args - 1].block = true;
}

/* --- What the call is, for people --------------------------------------------------------------------------------- */

/* "cbc_encrypt(k[16], iv[16], out = in, in[64], blocks = 4)" */
static void describe(struct checking *c)
{
    char *text = c->outcome.call;
    size_t cap = sizeof c->outcome.call, len = (size_t)snprintf(text, cap, "%s(", c->function);
    for (size_t i = 0; i < c->args && len < cap; i++) {
        const struct ask_arg *arg = &c->arg[i];
        const char *comma = i > 0 ? ", " : "";
        if (arg->kind == WIRE_NUMBER)
            len += (size_t)snprintf(text + len, cap - len, "%s%s = %zu", comma, arg->name, arg->len);
        else if (arg->kind == WIRE_BUFFER)
            len += (size_t)snprintf(text + len, cap - len, "%s%s[%zu]", comma, arg->name, arg->len);
        else if (arg->kind == WIRE_WITHIN)
            len += (size_t)snprintf(text + len, cap - len, arg->offset > 0 ? "%s%s = %s + %zu" : "%s%s = %s", comma,
                                    arg->name, c->arg[arg->len].name, arg->offset);
        else
            len += (size_t)snprintf(text + len, cap - len, "%s%s = NULL", comma, arg->name);
    }
    if (len < cap)
        snprintf(text + len, cap - len, ")");
}

static void keep_inputs(struct checking *c)
{
    struct check_outcome *o = &c->outcome;
    o->inputs = 0;
    for (size_t i = 0; i < c->args && o->inputs < CHECK_INPUTS_MAX; i++) {
        const struct ask_arg *arg = &c->arg[i];
        if (arg->kind != WIRE_BUFFER || !arg->given || arg->len == 0)
            continue;
        struct check_input *in = &o->input[o->inputs++];
        snprintf(in->name, sizeof in->name, "%s", arg->name);
        in->len = arg->len;
        for (size_t k = 0; k < arg->len && k < sizeof in->bytes; k++)
            in->bytes[k] = arg->sent[arg->block ? k % 4 * 4 + k / 4 : k];
    }
}

/* --- Asking ------------------------------------------------------------------------------------------------------- */

/* An empty runner was started before; so one that is there, and which the system takes for no program, is as the
 * student's code has made it. */
static bool not_started(struct checking *c, int error)
{
    bool no_program = error == ENOENT || error == EACCES || error == ENOEXEC || error == ELIBBAD || error == EINVAL;
    if (no_program && c->mode != CHECK_VALGRIND && access(c->argv[0], X_OK) == 0)
        return check_failed(c, CHECK_CRASHED, c->function, "was linked to a program that can't be started: %s",
                            strerror(error));
    return check_not_graded(c, "%s can't be started: %s", c->argv[0], strerror(error));
}

static bool start(struct checking *c)
{
    c->bounds.traced = c->mode == CHECK_STEPS;
    if (c->child.pid > 0)
        return true;
    if (child_start(&c->child, (char *const *)(uintptr_t)c->argv, &c->bounds, c->box) != 0)
        return not_started(c, errno);
    if (c->mode == CHECK_STEPS && single_step_begin(c->child.pid) != 0)
        return check_not_graded(c, "the instructions of a process can't be counted here");
    return true;
}

/* The line in which a sanitizer says what it found, or libc what was asserted; or the first of what was printed. */
static void quote_output(const struct child *child, char *to, size_t cap)
{
    const char *marks[] = {"ERROR: AddressSanitizer: ", "runtime error: ", "Assertion `", "*** ", NULL};
    const char *found = child->output;
    for (size_t i = 0; marks[i] != NULL; i++)
        if (strstr(child->output, marks[i]) != NULL) {
            found = strstr(child->output, marks[i]);
            break;
        }
    size_t len = strcspn(found, "\n");
    snprintf(to, cap, "%.*s", (int)(len < 200 ? len : 200), found);
}

static const char *signal_says(int signal)
{
    switch (signal) {
    case SIGSEGV:
    case SIGBUS:
        return "it read or wrote memory that is not there";
    case SIGFPE:
        return "it divided by zero";
    case SIGABRT:
        return "it was aborted";
    case SIGXCPU:
    case SIGKILL:
        return "it took more time or memory than it may";
    case SIGSYS:
        return "it asked the system for what it may not have";
    case SIGILL:
        return "it ran into what is no instruction";
    default:
        return "it was ended by a signal";
    }
}

/* Where a tool saw the first fault, by the name of a file of the student's: the innermost place that is none of the
 * runner's. The function, where that can't be told. valgrind writes "(cbc.c:31)", the sanitizers "/cbc.c:31:9". */
static const char *student_place(const struct checking *c, char *place, size_t cap)
{
    for (const char *p = c->child.output; (p = strstr(p, ".c:")) != NULL; p++) {
        const char *name = p;
        while (name > c->child.output && strchr("(/ \n", name[-1]) == NULL)
            name--;
        size_t len = (size_t)(p - name) + 3 + strspn(p + 3, "0123456789");
        if (strncmp(name, "run", 3) == 0 || name == p || p[3] < '0' || p[3] > '9')
            continue;
        snprintf(place, cap, "%.*s", (int)len, name);
        return place;
    }
    return c->function;
}

/* What the address sanitizer says in forty lines, in one: which access, and in which line of the student's. */
static bool tell_access(struct checking *c, const char *what)
{
    char place[80];
    const char *size = strstr(c->child.output, " of size ");
    bool reads = size != NULL && size - c->child.output >= 4 && strncmp(size - 4, "READ", 4) == 0;
    char bytes[24] = "?";
    if (size != NULL)
        snprintf(bytes, sizeof bytes, "%.*s", (int)strspn(size + 9, "0123456789"), size + 9);
    const char *where = student_place(c, place, sizeof place);
    const char *outside = strncmp(what, "use-after-poison", 16) == 0 ? "outside of its buffers" : "of memory";
    return check_failed(c, CHECK_MEMORY, where, "%s %s byte%s %s (AddressSanitizer: %.*s)", reads ? "reads" : "writes",
                        bytes, strcmp(bytes, "1") == 0 ? "" : "s", outside, (int)strcspn(what, " "), what);
}

/* The runner is over: by the student's code, as far as anybody can tell, or by a fault of ours. */
static bool tell_end(struct checking *c)
{
    char said[240];
    child_end(&c->child);
    if (child_interrupted())
        return check_not_graded(c, "interrupted");
    int status = c->child.status;
    quote_output(&c->child, said, sizeof said);
    if (c->mode == CHECK_STEPS && c->now->len >= PATH_MAX_STEPS)
        return check_failed(c, CHECK_TOO_LONG, c->function, "took more than %d instructions, which nobody counts",
                            PATH_MAX_STEPS);
    if (c->mode == CHECK_SANITIZED && strstr(said, "ERROR: AddressSanitizer: ") == said)
        return tell_access(c, said + strlen("ERROR: AddressSanitizer: "));
    bool found = c->mode == CHECK_SANITIZED &&
                 (strstr(said, "Sanitizer") != NULL || strstr(said, "runtime error") != NULL);
    if (found)
        return check_failed(c, CHECK_MEMORY, c->function, "%s", said);
    const char *comma = said[0] != '\0' ? "; it printed: " : "";
    if (WIFSIGNALED(status))
        return check_failed(c, CHECK_CRASHED, c->function, "crashed (%s): %s%s%s", strsignal(WTERMSIG(status)),
                            signal_says(WTERMSIG(status)), comma, said);
    return check_failed(c, CHECK_CRASHED, c->function, "ended the program with status %d instead of returning%s%s",
                        WEXITSTATUS(status), comma, said);
}

static enum child_news exchange(struct checking *c, size_t *len)
{
    return child_exchange(&c->child, c->request, c->request_len, c->answer, WIRE_LEN_MAX, len, c->milliseconds);
}

/* Where the request says whether the call is counted. */
static uint8_t *count_flag(struct checking *c)
{
    return c->request + HEAD_LEN + 8 + 1 + strlen(c->function);
}

/* Follows the call's steps, then takes the answer. What others are compared with is asked before that, uncounted: the
 * first time libc makes what it keeps, malloc's heap, say. */
static enum child_news exchange_and_count(struct checking *c, size_t *len)
{
    if (c->first->len == 0) {
        *count_flag(c) = 0;
        enum child_news news = exchange(c, len);
        *count_flag(c) = WIRE_COUNT;
        if (news != CHILD_ANSWERED)
            return news;
    }
    if (write(c->child.requests, c->request, c->request_len) != (ssize_t)c->request_len)
        return CHILD_ENDED;
    if (single_step_record(c->child.pid, c->now, &c->child.status, STEPS_SECONDS) != 0)
        return CHILD_ENDED;
    return child_exchange(&c->child, NULL, 0, c->answer, WIRE_LEN_MAX, len, c->milliseconds);
}

/* What lies beside a buffer must be as the runner put it there. */
static bool guards_whole(struct checking *c, const struct ask_arg *arg, const uint8_t *before, const uint8_t *after)
{
    size_t n = 0, first = 0;
    for (size_t i = WIRE_GUARD; i-- > 0;)
        if (before[i] != wire_guard_byte(c->nonce, (size_t)(arg - c->arg), i)) {
            first = WIRE_GUARD - i;
            n++;
        }
    if (n > 0)
        return check_failed(c, CHECK_TOUCHED, arg->name,
                            "wrote %zu byte%s before the beginning of %s, as far as %zu before it", n, n > 1 ? "s" : "",
                            arg->name, first);
    for (size_t i = WIRE_GUARD; i-- > 0;)
        if (after[i] != wire_guard_byte(c->nonce, (size_t)(arg - c->arg), WIRE_GUARD + i)) {
            first = i;
            n++;
        }
    if (n > 0)
        return check_failed(c, CHECK_TOUCHED, arg->name, "wrote %zu byte%s beyond the end of %s[%zu]: %02x at %s[%zu]",
                            n, n > 1 ? "s" : "", arg->name, arg->len, after[first], arg->name, arg->len + first);
    return true;
}

static bool input_kept(struct checking *c, const struct ask_arg *arg)
{
    for (size_t i = 0; !arg->output && i < arg->len; i++)
        if (arg->sent[i] != arg->got[i])
            return check_failed(c, CHECK_TOUCHED, arg->name,
                                "%s is an input and was changed: byte %zu was %02x and is %02x", arg->name, i,
                                arg->sent[i], arg->got[i]);
    return true;
}

/* Takes the answer apart; false where it is no answer, or says that memory was touched. */
static bool take_answer(struct checking *c, size_t len)
{
    const uint8_t *p = c->answer, *end = c->answer + len;
    char place[80];
    size_t want = 24;
    for (size_t i = 0; i < c->args; i++)
        if (c->arg[i].kind == WIRE_BUFFER)
            want += c->arg[i].len + 2 * WIRE_GUARD;
    if (len != want || bytes_load_be64(p) != c->nonce)
        return check_failed(c, CHECK_CRASHED, c->function, "broke the runner: what came back is no answer");
    c->result = bytes_load_be64(p + 8);
    uint32_t leaks = bytes_load_be32(p + 16);
    c->published = bytes_load_be32(p + 20);
    p += 24;
    for (size_t i = 0; i < c->args; i++) {
        struct ask_arg *arg = &c->arg[i];
        if (arg->kind != WIRE_BUFFER)
            continue;
        arg->got = p + WIRE_GUARD;
        if (!guards_whole(c, arg, p, p + WIRE_GUARD + arg->len) || !input_kept(c, arg))
            return false;
        p += arg->len + 2 * WIRE_GUARD;
    }
    assert(p == end);
    if (c->mode == CHECK_VALGRIND && leaks > 0) {
        check_failed(c, CHECK_LEAKED, student_place(c, place, sizeof place),
                     "branches on a secret, or uses one as an index, in %u place%s", leaks, leaks > 1 ? "s" : "");
        check_hint(c, "a verdict that you return may be branched on: say so first, ct_public(&it, sizeof it)");
        return false;
    }
    return true;
}

/* Whether there is time left for this check: one who answers each call late would hold up a class for hours. */
static bool in_time(struct checking *c)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (c->begun.tv_sec == 0)
        c->begun = now;
    return now.tv_sec - c->begun.tv_sec <= c->seconds ||
           check_failed(c, CHECK_TOO_LONG, c->function, "all calls of this exercise together take more than %d seconds",
                        c->seconds);
}

/* Sends the request; false where nothing was answered, which has been told then. */
static bool answered(struct checking *c, size_t *len)
{
    if (!in_time(c) || !start(c))
        return false;
    switch (c->mode == CHECK_STEPS ? exchange_and_count(c, len) : exchange(c, len)) {
    case CHILD_ANSWERED:
        return true;
    case CHILD_ENDED:
        return tell_end(c);
    case CHILD_LATE:
        child_end(&c->child);
        return check_failed(c, CHECK_TOO_LONG, c->function, "gave no answer within %d seconds: an endless loop?",
                            c->milliseconds / 1000);
    default:
        child_end(&c->child);
        return check_failed(c, CHECK_TOO_MUCH, c->function, "printed more than %u bytes", CHILD_OUTPUT_MAX);
    }
}

bool ask(struct checking *c)
{
    size_t len = 0;
    if (c->outcome.verdict != CHECK_PASSED)
        return false;
    bytes_store_be32(c->request, (uint32_t)(c->request_len - HEAD_LEN));
    c->request[HEAD_LEN + 8 + 1 + strlen(c->function) + 1] = (uint8_t)c->args;
    describe(c);
    keep_inputs(c);
    if (!answered(c, &len))
        return false;
    if (c->mode == CHECK_STEPS && !single_step_was_whole(c->child.pid))
        return check_failed(c, CHECK_LEAKED, c->function, "blocks SIGUSR1, by which its instructions are counted");
    if (!take_answer(c, len))
        return false;
    if (c->asked != NULL && c->mode == CHECK_PLAIN)
        asked_note(c->asked, c, len);
    if (c->asked != NULL && !check_compares(c) && !asked_agrees(c->asked, c, len))
        return check_failed(c, CHECK_WRONG_RESULT, c->function,
                            "answers otherwise where it is watched than where it is not");
    return true;
}

void ask_again(struct checking *c)
{
    size_t order[2 * ASKED_CALLS], n = asked_order(c->asked, &c->rng, order), len;
    c->function = "the same calls in another order";
    for (size_t i = 0; i < n; i++) {
        struct asked_call *call = &c->asked->call[order[i]];
        if (call->request == NULL)
            continue;
        c->request_len = call->request_len;
        memcpy(c->request, call->request, call->request_len);
        if (!answered(c, &len))
            return;
        call->differs = call->differs || !asked_same(call, c->answer, len);
    }
}

const uint8_t *ask_bytes(const struct checking *c, size_t arg)
{
    assert(arg < c->args && c->arg[arg].got != NULL);
    return c->arg[arg].got;
}

const uint8_t *ask_sent(const struct checking *c, size_t arg)
{
    assert(arg < c->args && c->arg[arg].sent != NULL);
    return c->arg[arg].sent;
}

void ask_end(struct checking *c)
{
    child_end(&c->child);
}
