/* SPDX-License-Identifier: MIT */
/* JUnit's XML: a test suite for each exercise, a test case for each check. A check that was not run, or not graded, is
 * skipped: neither passed nor failed. */
#include <string.h>

#include "app/message/utf8.h"
#include "app/workbench/grade/report.h"

/* In an attribute or as text; what XML 1.0 has no character for becomes a question mark. */
static void write_escaped(FILE *f, const char *text)
{
    for (const char *p = text, *end = text + strlen(text); p < end;) {
        uint32_t c;
        size_t len = utf8_decode(&c, (const uint8_t *)p, (size_t)(end - p));
        if (len == 0 || (c < 0x20 && c != '\n') || c == 0x7f || c == 0xfffe || c == 0xffff)
            fputc('?', f);
        else if (strchr("<>&\"\n", (int)(c < 0x80 ? c : 1)) != NULL)
            fprintf(f, "&#%u;", (unsigned)c);
        else
            fwrite(p, 1, len, f);
        p += len > 0 ? len : 1;
    }
}

static void write_case(FILE *f, const struct grade_exercise *x, const char *name, const struct check_outcome *o,
                       enum report_detail detail)
{
    fprintf(f, "    <testcase classname=\"%s\" name=\"", x->exercise->stem);
    write_escaped(f, name);
    if (o->verdict == CHECK_PASSED) {
        fputs("\"/>\n", f);
        return;
    }
    char told[REPORT_TOLD_MAX];
    report_told(told, o, detail);
    fputs(o->verdict == CHECK_FAILED ? "\">\n      <failure message=\"" : "\">\n      <skipped message=\"", f);
    write_escaped(f, told);
    fputs("\"/>\n    </testcase>\n", f);
}

struct counts {
    size_t tests, failures, skipped;
};

static void count(struct counts *n, const struct check_outcome *o)
{
    n->tests++;
    n->failures += o->verdict == CHECK_FAILED;
    n->skipped += o->verdict == CHECK_NOT_RUN || o->verdict == CHECK_NOT_GRADED;
}

void report_junit(FILE *f, const struct grade_result *r, enum report_detail detail)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", f);
    for (size_t i = 0; i < r->exercises; i++) {
        const struct grade_exercise *x = &r->exercise[i];
        struct counts n = {0};
        struct report_check check;
        for (size_t k = 0; report_check(&check, r, x, k); k++)
            count(&n, &check.outcome);
        fprintf(f, "  <testsuite name=\"%s %s\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n",
                x->exercise->number, x->exercise->stem, n.tests, n.failures, n.skipped);
        for (size_t k = 0; report_check(&check, r, x, k); k++)
            write_case(f, x, check.name, &check.outcome, detail);
        fputs("  </testsuite>\n", f);
    }
    fputs("</testsuites>\n", f);
}
