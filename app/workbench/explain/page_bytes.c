/* SPDX-License-Identifier: MIT */
/* A frame's bytes, twice: in a row as they crossed the wire, for the eye, where long fields are cut short; and in
 * boxes, one for each field that app/dissect finds. In the boxes each byte stands exactly once. */
#include <string.h>

#include "app/dissect/dissect.h"
#include "app/workbench/explain/page_impl.h"

#define ROW_MAX 24 /* bytes of a field that are shown in the row */
#define IN_SIGHT 8 /* bytes that are shown without opening the box */
#define DEPTH_MAX 16

/* What a field is for, in a word. Each has a colour, and the word stands beside it. */
enum kind { STRUCTURE, CHOICE, RANDOM, EXCHANGE, IDENTITY, PROOF, SEALED, CONTENT, PADDING, SECRET, MALFORMED, KINDS };

static const struct {
    const char *word, *meaning;
} kinds[KINDS] = {
    [STRUCTURE] = {"structure", "says where things begin and end"},
    [CHOICE] = {"choice", "what one side can do, or has chosen"},
    [RANDOM] = {"random", "drawn for this session, or this Record"},
    [EXCHANGE] = {"exchange", "half of the Diffie-Hellman exchange"},
    [IDENTITY] = {"identity", "whose key this is said to be"},
    [PROOF] = {"proof", "a signature, or a tag"},
    [SEALED] = {"sealed", "ciphertext: what only the keys open"},
    [CONTENT] = {"content", "what is said, and to whom"},
    [PADDING] = {"padding", "fills up the last block"},
    [SECRET] = {"secret", "a password, a code, a second factor's secret"},
    [MALFORMED] = {"malformed", "fits no layout"},
};

static const struct {
    const char *name;
    enum kind kind;
} by_name[] = {
    {"type", STRUCTURE},         {"version", STRUCTURE}, {"length", STRUCTURE},
    {"content type", STRUCTURE}, {"request", STRUCTURE}, {"n", STRUCTURE},
    {"more", STRUCTURE},         {"payload", STRUCTURE}, {"suite", CHOICE},
    {"group", CHOICE},           {"number", CHOICE},     {"client_random", RANDOM},
    {"server_random", RANDOM},   {"iv", RANDOM},         {"client_public", EXCHANGE},
    {"server_public", EXCHANGE}, {"signature", PROOF},   {"tag", PROOF},
    {"ciphertext", SEALED},      {"padding", PADDING},   {"malformed", MALFORMED},
    {"key id", RANDOM},          {"i", STRUCTURE},
};

/* in_certificate: what stands in there is about who somebody is, unless it says otherwise. */
static enum kind kind_of(const struct dissect_field *field, bool in_certificate)
{
    if (field->secret)
        return SECRET;
    if (strncmp(field->name, "length of", strlen("length of")) == 0)
        return STRUCTURE;
    for (size_t i = 0; i < sizeof by_name / sizeof by_name[0]; i++)
        if (strcmp(field->name, by_name[i].name) == 0 && !(in_certificate && by_name[i].kind == STRUCTURE))
            return by_name[i].kind;
    return in_certificate ? IDENTITY : CONTENT;
}

void page_legend(const struct page *p)
{
    fputs("<h3>What the colours mean</h3>\n<dl class=\"legend\">\n", p->f);
    for (size_t i = 0; i < KINDS; i++)
        fprintf(p->f, "<div><dt class=\"chip k-%s\">%s</dt><dd>%s</dd></div>\n", kinds[i].word, kinds[i].word,
                kinds[i].meaning);
    fputs("</dl>\n", p->f);
}

/* --- A list of fields --------------------------------------------------------------------------------------------- */

/* The bytes that are told of, and how their boxes are named: f3-... for frame 3, p3-... for what it hides. */
struct told {
    const uint8_t *data;
    char letter;
    size_t number;
    const struct dissection *d;
};

/* Fields that other parts of the page lead to have ids with their names. */
static void field_id(char out[static PAGE_ID_LEN], const struct told *t, size_t i)
{
    static const char *const led_to[] = {
        "client_random", "client_public", "server_random", "server_public", "signature", "iv", "ciphertext", "tag"};
    const struct dissect_field *field = &t->d->field[i];
    snprintf(out, PAGE_ID_LEN, "%c%zu-%zu", t->letter, t->number, i);
    for (size_t n = 0; n < sizeof led_to / sizeof led_to[0]; n++)
        if (field->depth == 1 && strcmp(field->name, led_to[n]) == 0)
            snprintf(out, PAGE_ID_LEN, "%c%zu-%s", t->letter, t->number, led_to[n]);
}

static bool enters_certificate(const struct dissect_field *field)
{
    return !field->leaf && strcmp(field->name, "certificate") == 0;
}

static bool hidden(const struct page *p, const struct dissect_field *field)
{
    return field->secret && p->about->recording != NULL;
}

static void run(const struct page *p, const struct told *t, size_t i, enum kind kind)
{
    const struct dissect_field *field = &t->d->field[i];
    char id[PAGE_ID_LEN];
    size_t shown = field->len <= ROW_MAX ? field->len : ROW_MAX / 2;
    field_id(id, t, i);
    fprintf(p->f, "<a tabindex=\"-1\" href=\"#%s\" class=\"k-%s\" title=\"%s\">", id, kinds[kind].word, field->name);
    if (hidden(p, field))
        fputs("hidden", p->f);
    else
        for (size_t n = 0; n < shown; n++)
            fprintf(p->f, "%s%02x", n > 0 ? " " : "", t->data[field->at + n]);
    if (shown < field->len && !hidden(p, field))
        fprintf(p->f, " &#8230; %zu more", field->len - shown);
    fputs("</a> ", p->f);
}

/* Whether field i is a part of field `whole`, or of one of its parts. */
static bool inside(const struct dissection *d, size_t whole, size_t i)
{
    const struct dissect_field *w = &d->field[whole], *field = &d->field[i];
    return field->depth > w->depth && field->at >= w->at && field->at + field->len <= w->at + w->len;
}

/* The row is for the eye and the mouse; all that it leads to follows right below. */
static void row(const struct page *p, const struct told *t)
{
    size_t certificate = 0;
    fputs("<p class=\"row\" aria-hidden=\"true\">", p->f);
    for (size_t i = 0; i < t->d->count; i++) {
        const struct dissect_field *field = &t->d->field[i];
        if (enters_certificate(field))
            certificate = i;
        if (field->leaf && field->len > 0)
            run(p, t, i, kind_of(field, certificate > 0 && inside(t->d, certificate, i)));
    }
    fputs("</p>\n", p->f);
}

/* The value that the key schedule knows this field as. */
static void leads_to_value(const struct page *p, const struct dissect_field *field)
{
    char id[PAGE_ID_LEN];
    for (enum story_id v = 0; v < STORY_VALUES; v++)
        if (field->depth == 1 && strcmp(field->name, story_name(v)) == 0 && p->s->values[v].len > 0) {
            page_value_id(id, v);
            fprintf(p->f, "<p class=\"leads\">Where it goes: <a href=\"#%s\">%s</a> in the key schedule.</p>", id,
                    field->name);
        }
}

static void note(const struct page *p, const struct dissect_field *field)
{
    fputs("<p class=\"note\">", p->f);
    page_text(p, field->note);
    fprintf(p->f, "%s<span class=\"section\">protocol.md %s</span></p>", *field->note != '\0' ? " " : "",
            field->section);
}

static void leaf_bytes(const struct page *p, const struct told *t, const struct dissect_field *field)
{
    fputs(" <code class=\"b\">", p->f);
    page_hex(p, t->data + field->at, field->len);
    fputs("</code>", p->f);
}

/* A secret's text does not say what it is; whoever has opened the box may read it. */
static void as_text(const struct page *p, const struct told *t, const struct dissect_field *field)
{
    char text[DISSECT_TEXT_MAX];
    if (!field->secret || field->len == 0 || field->len >= sizeof text)
        return;
    for (size_t i = 0; i < field->len; i++)
        if (t->data[field->at + i] < ' ' || t->data[field->at + i] > '~')
            return;
    memcpy(text, t->data + field->at, field->len);
    text[field->len] = '\0';
    fputs("<p class=\"at\">as text: <code>", p->f);
    page_text(p, text);
    fputs("</code></p>", p->f);
}

static void leaf(const struct page *p, const struct told *t, size_t i, enum kind kind)
{
    const struct dissect_field *field = &t->d->field[i];
    bool in_sight = field->len > 0 && field->len <= IN_SIGHT && !hidden(p, field);
    char id[PAGE_ID_LEN];
    field_id(id, t, i);
    fprintf(p->f,
            "<details class=\"field k-%s%s\" id=\"%s\"><summary><span class=\"name\">%s</span> <span "
            "class=\"chip\">%s</span> <span class=\"says\">",
            kinds[kind].word, hidden(p, field) ? " hidden-secret" : "", id, field->name, kinds[kind].word);
    page_text(p, field->text);
    fputs("</span>", p->f);
    if (in_sight)
        leaf_bytes(p, t, field);
    fputs("</summary><div class=\"inside\">", p->f);
    note(p, field);
    leads_to_value(p, field);
    if (field->len > 0)
        fprintf(p->f, "<p class=\"at\">%zu byte%s, from offset %zu</p>", field->len, field->len == 1 ? "" : "s",
                field->at);
    if (!in_sight && field->len > 0)
        leaf_bytes(p, t, field);
    as_text(p, t, field);
    fputs("</div></details>\n", p->f);
}

static void group(const struct page *p, const struct told *t, size_t i)
{
    const struct dissect_field *field = &t->d->field[i];
    char id[PAGE_ID_LEN];
    field_id(id, t, i);
    fprintf(p->f,
            "<details class=\"group\" open=\"open\" id=\"%s\"><summary><span class=\"name\">%s</span> <span "
            "class=\"says\">",
            id, field->name);
    page_text(p, field->text);
    fputs("</span></summary><div class=\"inside\">", p->f);
    note(p, field);
    fputs("\n", p->f);
}

/* The whole has its own heading; its parts are boxes, in the boxes of what holds them. */
static void boxes(const struct page *p, const struct told *t)
{
    const struct dissection *d = t->d;
    unsigned open[DEPTH_MAX];
    size_t opened = 0, certificate = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct dissect_field *field = &d->field[i];
        while (opened > 0 && open[opened - 1] >= field->depth) {
            fputs("</div></details>\n", p->f);
            opened--;
        }
        if (enters_certificate(field))
            certificate = i;
        if (field->leaf)
            leaf(p, t, i, kind_of(field, certificate > 0 && inside(d, certificate, i)));
        else if (field->depth > 0 && opened < DEPTH_MAX) {
            group(p, t, i);
            open[opened++] = field->depth;
        }
    }
    for (; opened > 0; opened--)
        fputs("</div></details>\n", p->f);
}

static void tell(const struct page *p, const struct told *t, const char *class, const char *heading)
{
    fprintf(p->f, "<div class=\"%s\" data-whole=\"%c%zu\">\n<h4>%s</h4>\n", class, t->letter, t->number, heading);
    note(p, &t->d->field[0]);
    fputs("\n", p->f);
    row(p, t);
    boxes(p, t);
    fputs("</div>\n", p->f);
}

void page_frame_boxes(const struct page *p, size_t i)
{
    static struct dissection d;
    const struct story_frame *f = &p->s->frames[i];
    struct told t = {.data = f->data, .letter = 'f', .number = i + 1, .d = &d};
    dissect_frame(&d, f->data, f->len);
    tell(p, &t, "wire", "On the wire");
    if (f->plaintext == NULL)
        return;
    t.data = f->plaintext;
    t.letter = 'p';
    dissect_plaintext(&d, f->plaintext, f->plaintext_len, true);
    tell(p, &t, "plaintext", "What the ciphertext hides");
}

size_t page_frame_fields(const struct story_frame *f)
{
    static struct dissection d;
    dissect_frame(&d, f->data, f->len);
    size_t count = d.count;
    if (f->plaintext == NULL)
        return count;
    dissect_plaintext(&d, f->plaintext, f->plaintext_len, true);
    return count + d.count;
}
