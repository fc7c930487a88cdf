/* SPDX-License-Identifier: MIT */
/* Gradescope's results.json. It has scores and no word for "not graded", and adds up what there is: so where something
 * was not graded no test has a score or a status, and the whole says why. */
#include <string.h>

#include "app/workbench/grade/json.h"
#include "app/workbench/grade/report.h"

static const char *news(enum check_verdict verdict)
{
    return verdict == CHECK_NOT_RUN ? "not run: " : verdict == CHECK_NOT_GRADED ? "not graded: " : "";
}

static void write_output(struct json *j, const struct check_outcome *o, enum report_detail detail)
{
    char told[REPORT_TOLD_MAX], inputs[CHECK_INPUTS_MAX * REPORT_INPUT_MAX] = "";
    char output[2 * REPORT_TOLD_MAX + sizeof inputs];
    bool shown = o->verdict == CHECK_FAILED && detail != REPORT_NONE;
    const char *call = shown ? o->call : "", *hint = shown && detail == REPORT_FULL ? o->hint : "";
    for (size_t i = 0, len = 0; shown && i < o->inputs; i++) {
        report_input(inputs + len, &o->input[i]);
        len += strlen(inputs + len);
        inputs[len++] = '\n';
        inputs[len] = '\0';
    }
    report_told(told, o, detail);
    snprintf(output, sizeof output, "%s%s%s%s%s%s%s", call, call[0] != '\0' ? "\n" : "", inputs, news(o->verdict), told,
             hint[0] != '\0' ? "\n" : "", hint);
    json_string(j, "output", output);
}

static void write_test(struct json *j, const struct grade_result *r, const struct grade_exercise *x, size_t k,
                       const struct report_check *check, enum report_detail detail)
{
    char number[16], title[160];
    snprintf(number, sizeof number, "%s.%zu", x->exercise->number, k + 1);
    snprintf(title, sizeof title, "%s: %s", x->exercise->stem, check->name);
    json_open(j, NULL, '{');
    json_string(j, "number", number);
    json_string(j, "name", title);
    if (!r->not_graded) {
        json_number(j, "score", check->points);
        json_number(j, "max_score", check->points_max);
        json_string(j, "status", check->outcome.verdict == CHECK_PASSED ? "passed" : "failed");
    }
    write_output(j, &check->outcome, detail);
    json_close(j, '}');
}

void report_gradescope(FILE *f, const struct grade_result *r, enum report_detail detail)
{
    struct json j = {.f = f};
    struct report_check check;
    json_open(&j, NULL, '{');
    json_string(&j, "output",
                r->not_graded ? "Not graded, through no fault of yours: run it again. This is no mark." : "");
    json_string(&j, "output_format", "text");
    json_string(&j, "test_output_format", "text");
    json_string(&j, "test_name_format", "text");
    json_open(&j, "extra_data", '{');
    json_word(&j, "graded", r->not_graded ? "false" : "true");
    json_string(&j, "sandbox", r->box);
    json_word(&j, "steps_counted", r->steps ? "true" : "false");
    json_close(&j, '}');
    json_open(&j, "tests", '[');
    for (size_t i = 0; i < r->exercises; i++)
        for (size_t k = 0; report_check(&check, r, &r->exercise[i], k); k++)
            write_test(&j, r, &r->exercise[i], k, &check, detail);
    json_close(&j, ']');
    json_close(&j, '}');
}
