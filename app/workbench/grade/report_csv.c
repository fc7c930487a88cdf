/* SPDX-License-Identifier: MIT */
/* RFC 4180: commas, every text in quotes. What begins as a formula does in a spreadsheet gets a quote before it. A
 * folder's name may be anything: a line stays a line, in UTF-8; what would not becomes a question mark. */
#include <string.h>

#include "app/message/text.h"
#include "app/message/utf8.h"
#include "app/workbench/grade/report.h"

static void write_text(FILE *f, const char *text)
{
    fputc('"', f);
    if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL)
        fputc('\'', f);
    for (const char *p = text, *end = text + strlen(text); p < end;) {
        uint32_t c;
        size_t len = utf8_decode(&c, (const uint8_t *)p, (size_t)(end - p));
        if (len == 0 || c < 0x20 || !text_allows(c))
            fputc('?', f);
        else
            fwrite(p, 1, len, f);
        if (*p == '"')
            fputc('"', f);
        p += len > 0 ? len : 1;
    }
    fputc('"', f);
}

void report_csv_head(FILE *f, const struct exercise *const *list)
{
    fputs("student", f);
    for (size_t i = 0; list[i] != NULL; i++)
        fprintf(f, ",%s", list[i]->stem);
    fputs(",passed,points,points_max\r\n", f);
}

void report_csv(FILE *f, const struct grade_result *r)
{
    write_text(f, r->student);
    for (size_t i = 0; i < r->exercises; i++)
        fprintf(f, ",%u", r->exercise[i].points);
    fprintf(f, ",%zu,%u,%u\r\n", r->passed, r->points, r->points_max);
}
