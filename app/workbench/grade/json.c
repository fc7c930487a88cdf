/* SPDX-License-Identifier: MIT */
/* Two blanks a level, so that people can read it too. */
#include "app/workbench/grade/json.h"

#include <string.h>

#include "app/message/text.h"
#include "app/message/utf8.h"

static void begin(struct json *j, const char *name)
{
    if (j->more)
        fputc(',', j->f);
    if (j->depth > 0)
        fprintf(j->f, "\n%*s", (int)(2 * j->depth), "");
    if (name != NULL)
        fprintf(j->f, "\"%s\": ", name);
    j->more = true;
}

void json_open(struct json *j, const char *name, char bracket)
{
    begin(j, name);
    fputc(bracket, j->f);
    j->depth++;
    j->more = false;
}

void json_close(struct json *j, char bracket)
{
    j->depth--;
    if (j->more)
        fprintf(j->f, "\n%*s", (int)(2 * j->depth), "");
    fputc(bracket, j->f);
    j->more = true;
    if (j->depth == 0)
        fputc('\n', j->f);
}

void json_string(struct json *j, const char *name, const char *text)
{
    begin(j, name);
    fputc('"', j->f);
    for (const char *p = text, *end = text + strlen(text); p < end;) {
        uint32_t c;
        size_t len = utf8_decode(&c, (const uint8_t *)p, (size_t)(end - p));
        if (len == 0)
            fputs("\\ufffd", j->f);
        else if (*p == '"' || *p == '\\')
            fprintf(j->f, "\\%c", *p);
        else if (c < 0x20 || !text_allows(c)) /* what a terminal might obey is never above U+FFFF */
            fprintf(j->f, "\\u%04x", (unsigned)c);
        else
            fwrite(p, 1, len, j->f);
        p += len > 0 ? len : 1;
    }
    fputc('"', j->f);
}

void json_hex(struct json *j, const char *name, const uint8_t *bytes, size_t len)
{
    begin(j, name);
    fputc('"', j->f);
    for (size_t i = 0; i < len; i++)
        fprintf(j->f, "%02x", bytes[i]);
    fputc('"', j->f);
}

void json_number(struct json *j, const char *name, long long n)
{
    begin(j, name);
    fprintf(j->f, "%lld", n);
}

void json_word(struct json *j, const char *name, const char *word)
{
    begin(j, name);
    fputs(word, j->f);
}
