/* SPDX-License-Identifier: MIT */
/* Gradescope's results.json. A check that was not graded is out of no points; whoever calls this after such a run had
 * better let the run fail, so that Gradescope says so. */
#include "app/workbench/grade/json.h"
#include "app/workbench/grade/report.h"

static void write_test(struct json *j, const struct grade_exercise *x, size_t k, const struct report_check *check,
                       enum report_detail detail)
{
    char number[16], title[160], told[REPORT_TOLD_MAX], output[2 * REPORT_TOLD_MAX];
    const struct check_outcome *o = &check->outcome;
    bool shown = o->verdict == CHECK_FAILED && detail == REPORT_FULL;
    report_told(told, o, detail);
    snprintf(number, sizeof number, "%s.%zu", x->exercise->number, k + 1);
    snprintf(title, sizeof title, "%s: %s", x->exercise->stem, check->name);
    snprintf(output, sizeof output, "%s%s%s%s%s", shown && o->call[0] != '\0' ? o->call : "",
             shown && o->call[0] != '\0' ? "\n" : "", told, shown && o->hint[0] != '\0' ? "\n" : "",
             shown ? o->hint : "");
    json_open(j, NULL, '{');
    json_string(j, "number", number);
    json_string(j, "name", title);
    json_number(j, "score", check->points);
    json_number(j, "max_score", check->points_max);
    json_string(j, "status", o->verdict == CHECK_PASSED ? "passed" : "failed");
    json_string(j, "output", output);
    json_close(j, '}');
}

void report_gradescope(FILE *f, const struct grade_result *r, enum report_detail detail)
{
    struct json j = {.f = f};
    struct report_check check;
    json_open(&j, NULL, '{');
    json_string(&j, "output", r->not_graded ? "Something could not be graded: run it again." : "");
    json_open(&j, "tests", '[');
    for (size_t i = 0; i < r->exercises; i++)
        for (size_t k = 0; report_check(&check, r, &r->exercise[i], k); k++)
            write_test(&j, &r->exercise[i], k, &check, detail);
    json_close(&j, ']');
    json_close(&j, '}');
}
