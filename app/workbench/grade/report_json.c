/* SPDX-License-Identifier: MIT */
/* The shape of check50: a list of checks, each of which passed, failed, or was not run (null), with its cause: its
 * readers look into that of whatever did not pass. What only this grader knows stands in `data`. */
#include "app/version.h"
#include "app/workbench/grade/json.h"
#include "app/workbench/grade/report.h"

static const char *passed_says(enum check_verdict verdict)
{
    return verdict == CHECK_PASSED ? "true" : verdict == CHECK_FAILED ? "false" : "null";
}

static void write_cause(struct json *j, const struct check_outcome *o, enum report_detail detail)
{
    char told[REPORT_TOLD_MAX];
    if (o->verdict == CHECK_PASSED) {
        json_word(j, "cause", "null");
        return;
    }
    report_told(told, o, detail);
    json_open(j, "cause", '{');
    json_string(j, "rationale", told[0] != '\0' ? told : "failed");
    if (o->verdict == CHECK_FAILED && detail == REPORT_FULL) {
        if (o->hint[0] != '\0')
            json_string(j, "help", o->hint);
        if (o->bytes_len > 0) {
            json_hex(j, "expected", o->expected, o->bytes_len);
            json_hex(j, "actual", o->yours, o->bytes_len);
        }
    }
    json_close(j, '}');
}

static void write_inputs(struct json *j, const struct check_outcome *o)
{
    json_open(j, "inputs", '[');
    for (size_t i = 0; i < o->inputs; i++) {
        const struct check_input *in = &o->input[i];
        json_open(j, NULL, '{');
        json_string(j, "name", in->name);
        json_number(j, "len", (long long)in->len);
        json_hex(j, "first", in->bytes, in->len < CHECK_INPUT_MAX ? in->len : CHECK_INPUT_MAX);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void write_data(struct json *j, const struct grade_exercise *x, const struct report_check *check,
                       enum report_detail detail)
{
    const struct check_outcome *o = &check->outcome;
    json_open(j, "data", '{');
    json_string(j, "exercise", x->exercise->number);
    json_string(j, "stem", x->exercise->stem);
    json_number(j, "points", check->points);
    json_number(j, "points_max", check->points_max);
    if (o->verdict == CHECK_FAILED && detail != REPORT_NONE) {
        json_string(j, "kind", report_kind(o->kind));
        json_string(j, "call", o->call);
        write_inputs(j, o);
        json_string(j, "where", o->where);
        if (o->bytes_len > 0) {
            json_number(j, "byte", (long long)(o->at + o->difference));
            json_number(j, "bytes_from", (long long)o->at);
            json_hex(j, "yours", o->yours, o->bytes_len);
            if (detail == REPORT_FULL)
                json_hex(j, "expected", o->expected, o->bytes_len);
        }
    }
    json_close(j, '}');
}

static void write_check(struct json *j, const struct grade_exercise *x, const struct report_check *check,
                        enum report_detail detail)
{
    char title[120];
    snprintf(title, sizeof title, "%s: %s", x->exercise->stem, check->name);
    json_open(j, NULL, '{');
    json_string(j, "name", title);
    json_string(j, "description", check->name);
    json_word(j, "passed", passed_says(check->outcome.verdict));
    json_open(j, "log", '[');
    json_close(j, ']');
    write_cause(j, &check->outcome, detail);
    write_data(j, x, check, detail);
    json_word(j, "dependency", "null");
    json_close(j, '}');
}

void report_json(FILE *f, const struct grade_result *r, enum report_detail detail)
{
    struct json j = {.f = f};
    struct report_check check;
    json_open(&j, NULL, '{');
    json_string(&j, "slug", "glasschat");
    json_string(&j, "student", r->student);
    json_string(&j, "sandbox", r->box);
    json_word(&j, "steps_counted", r->steps ? "true" : "false");
    json_number(&j, "points", r->points);
    json_number(&j, "points_max", r->points_max);
    json_number(&j, "exercises", (long long)r->exercises);
    json_number(&j, "exercises_passed", (long long)r->passed);
    json_open(&j, "results", '[');
    for (size_t i = 0; i < r->exercises; i++)
        for (size_t k = 0; report_check(&check, r, &r->exercise[i], k); k++)
            write_check(&j, &r->exercise[i], &check, detail);
    json_close(&j, ']');
    json_string(&j, "version", GLASSCHAT_VERSION);
    json_close(&j, '}');
}

static void write_words(struct json *j, const char *name, const char *const words[])
{
    json_open(j, name, '[');
    for (size_t i = 0; words[i] != NULL; i++)
        json_string(j, NULL, words[i]);
    json_close(j, ']');
}

void report_exercises(FILE *f)
{
    struct json j = {.f = f};
    json_open(&j, NULL, '{');
    json_open(&j, "exercises", '[');
    for (size_t i = 0; exercises[i] != NULL; i++) {
        const struct exercise *e = exercises[i];
        json_open(&j, NULL, '{');
        json_string(&j, "number", e->number);
        json_string(&j, "stem", e->stem);
        json_string(&j, "title", e->title);
        write_words(&j, "files", e->files);
        write_words(&j, "needs", e->needs);
        json_string(&j, "given", e->given);
        json_number(&j, "points", exercise_points(e, true, true));
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
}
