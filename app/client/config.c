/* SPDX-License-Identifier: MIT */
/* A line is trimmed, and cut at its first blank. */
#include "app/client/config.h"

#include <stdbool.h>
#include <string.h>

#include "net/home.h"

char *config_read(const char *home, size_t *len, char why[static WHY_LEN])
{
    struct home h;
    why[0] = '\0';
    *len = 0;
    if (home_open(&h, home, false, why) != 0)
        return NULL;
    char *text = home_read(&h, CONFIG_FILE, CONFIG_FILE_MAX, len, why);
    home_close(&h);
    return text;
}

void config_begin(struct config *c, const char *text, size_t len)
{
    *c = (struct config){.text = text, .len = len};
    lines_skip_mark(&c->text, &c->len);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* UTF-8 may stand in the name of a file; what else is no character came from no editor of texts. */
static bool is_text(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)bytes[i] < ' ' && bytes[i] != '\t') || bytes[i] == '\x7f')
            return false;
    return true;
}

static void trim(const char **text, size_t *len)
{
    for (; *len > 0 && is_blank(**text); (*len)--)
        (*text)++;
    while (*len > 0 && is_blank((*text)[*len - 1]))
        (*len)--;
}

static int cut(struct config *c, const char *text, size_t len, char why[static WHY_LEN])
{
    size_t word_len = 0;
    while (word_len < len && !is_blank(text[word_len]))
        word_len++;
    const char *value = text + word_len;
    size_t value_len = len - word_len;
    trim(&value, &value_len);
    if (!is_text(text, len))
        return why_say(why, "it has a character that is no text: save it as UTF-8");
    if (word_len >= sizeof c->word || value_len >= sizeof c->value)
        return why_say(why, "it is too long");
    memcpy(c->word, text, word_len);
    c->word[word_len] = '\0';
    memcpy(c->value, value, value_len);
    c->value[value_len] = '\0';
    return 1;
}

int config_next(struct config *c, char why[static WHY_LEN])
{
    while (lines_next(&c->text, &c->len, &c->line)) {
        const char *text = c->line.text;
        size_t len = lines_len(&c->line);
        c->number = c->line.number;
        trim(&text, &len);
        if (len > 0 && text[0] != '#')
            return cut(c, text, len, why);
    }
    return 0;
}
