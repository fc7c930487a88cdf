/* SPDX-License-Identifier: MIT */
/* JUnit's XML, in the form that both of its published schemas take: the one of Ant's, which wants a package, a host and
 * times, and the one of Jenkins'. A test suite for each exercise, a test case for each check. One that was not run is
 * skipped; one that was not graded is an error, which is the schemas' word for a fault of the test's own.
 * No times are taken: all that is in a report comes out the same when it is graded again, but for the timestamp. */
#include <string.h>
#include <time.h>

#include "app/message/text.h"
#include "app/message/utf8.h"
#include "app/workbench/grade/report.h"

/* In an attribute or as text; what XML 1.0 has no character for becomes a question mark. */
static void write_escaped(FILE *f, const char *text)
{
    for (const char *p = text, *end = text + strlen(text); p < end;) {
        uint32_t c;
        size_t len = utf8_decode(&c, (const uint8_t *)p, (size_t)(end - p));
        if (len == 0 || (c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff)
            fputc('?', f);
        else if (strchr("<>&\"\n", (int)(c < 0x80 ? c : 1)) != NULL || !text_allows(c))
            fprintf(f, "&#%u;", (unsigned)c);
        else
            fwrite(p, 1, len, f);
        p += len > 0 ? len : 1;
    }
}

static void write_failure(FILE *f, const struct check_outcome *o, enum report_detail detail)
{
    fprintf(f, "      <failure type=\"%s\" message=\"", report_kind(detail == REPORT_NONE ? CHECK_NOTHING : o->kind));
    char told[REPORT_TOLD_MAX];
    report_told(told, o, detail);
    write_escaped(f, told);
    fputs("\">", f);
    if (detail != REPORT_NONE) {
        const char *hint = detail == REPORT_FULL ? o->hint : "";
        char input[REPORT_INPUT_MAX];
        write_escaped(f, o->call);
        for (size_t i = 0; i < o->inputs; i++) {
            report_input(input, &o->input[i]);
            fputs("&#10;", f);
            write_escaped(f, input);
        }
        fputs(o->call[0] != '\0' && hint[0] != '\0' ? "&#10;" : "", f);
        write_escaped(f, hint);
    }
    fputs("</failure>\n", f);
}

static void write_case(FILE *f, const struct grade_exercise *x, const char *name, const struct check_outcome *o,
                       enum report_detail detail)
{
    fprintf(f, "    <testcase classname=\"%s\" time=\"0\" name=\"", x->exercise->stem);
    write_escaped(f, name);
    if (o->verdict == CHECK_PASSED) {
        fputs("\"/>\n", f);
        return;
    }
    fputs("\">\n", f);
    if (o->verdict == CHECK_FAILED) {
        write_failure(f, o, detail);
    } else {
        fputs(o->verdict == CHECK_NOT_RUN ? "      <skipped message=\"" : "      <error type=\"not graded\" message=\"",
              f);
        write_escaped(f, o->what);
        fputs("\"/>\n", f);
    }
    fputs("    </testcase>\n", f);
}

struct counts {
    size_t tests, failures, errors, skipped;
};

static void count(struct counts *n, const struct check_outcome *o)
{
    n->tests++;
    n->failures += o->verdict == CHECK_FAILED;
    n->errors += o->verdict == CHECK_NOT_GRADED;
    n->skipped += o->verdict == CHECK_NOT_RUN;
}

static void write_suite(FILE *f, const struct grade_result *r, size_t i, const char *now, enum report_detail detail)
{
    const struct grade_exercise *x = &r->exercise[i];
    struct counts n = {0};
    struct report_check check;
    for (size_t k = 0; report_check(&check, r, x, k); k++)
        count(&n, &check.outcome);
    fprintf(f,
            "  <testsuite id=\"%zu\" package=\"glasschat\" name=\"%s %s\" tests=\"%zu\" failures=\"%zu\" "
            "errors=\"%zu\" skipped=\"%zu\" time=\"0\" timestamp=\"%s\" hostname=\"localhost\">\n",
            i, x->exercise->number, x->exercise->stem, n.tests, n.failures, n.errors, n.skipped, now);
    fprintf(f,
            "    <properties>\n      <property name=\"points\" value=\"%u\"/>\n"
            "      <property name=\"points_max\" value=\"%u\"/>\n    </properties>\n",
            x->points, x->points_max);
    for (size_t k = 0; report_check(&check, r, x, k); k++)
        write_case(f, x, check.name, &check.outcome, detail);
    fputs("    <system-out/>\n    <system-err/>\n  </testsuite>\n", f);
}

void report_junit(FILE *f, const struct grade_result *r, enum report_detail detail)
{
    char now[32];
    struct tm utc;
    time_t t = time(NULL);
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%S", gmtime_r(&t, &utc));
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", f);
    for (size_t i = 0; i < r->exercises; i++)
        write_suite(f, r, i, now, detail);
    fputs("</testsuites>\n", f);
}
