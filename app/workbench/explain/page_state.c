/* SPDX-License-Identifier: MIT */
/* Who knows what at a moment: three lists, of the client, the server, and whoever listens on the wire. What came at
 * this moment is marked, and so is what was wiped; what was wiped earlier is gone. */
#include "app/workbench/explain/page_impl.h"

static void item(const struct page *p, const struct page_value *v, enum story_who who, size_t moment)
{
    const struct story_known *k = &v->value->known;
    bool fresh = k->since[who] == moment, gone = k->until[who] == moment;
    fprintf(p->f, "<li class=\"%s%s%s\"><a href=\"#%s\">%s</a>%s%s</li>\n", page_is_public(v->value) ? "open" : "own",
            fresh ? " fresh" : "", gone ? " gone" : "", v->id, v->name, fresh ? " <small>new</small>" : "",
            gone ? " <small>wiped</small>" : "");
}

static size_t items(const struct page *p, enum story_who who, size_t moment)
{
    struct page_value values[PAGE_VALUES_MAX];
    size_t n = page_values(p->s, values), shown = 0;
    for (size_t i = 0; i < n; i++) {
        const struct story_known *k = &values[i].value->known;
        if (k->since[who] > moment || k->until[who] < moment)
            continue;
        if (shown++ == 0)
            fputs("<ul>\n", p->f);
        item(p, &values[i], who, moment);
    }
    fputs(shown > 0 ? "</ul>\n" : "<p>nothing yet</p>\n", p->f);
    return shown;
}

static void side(const struct page *p, enum story_who who, size_t moment)
{
    fprintf(p->f, "<div class=\"knows\"><h5>The %s knows</h5>\n", page_side((enum handshake_role)who));
    if (p->s->told[who])
        items(p, who, moment);
    else
        fputs("<p>This side was not recorded.</p>\n", p->f);
    fputs("</div>\n", p->f);
}

/* How many bytes they have that they can't read. */
static void eavesdropper(const struct page *p, size_t moment)
{
    size_t records = 0, bytes = 0;
    for (size_t i = 0; i < moment; i++)
        if (p->s->frames[i].data[0] == FRAME_RECORD) {
            records++;
            bytes += p->s->frames[i].len;
        }
    fputs("<div class=\"knows\"><h5>Whoever listens knows</h5>\n", p->f);
    items(p, STORY_EAVESDROPPER, moment);
    if (records > 0)
        fprintf(
            p->f,
            "<p>and has %zu Record%s, %zu bytes, of which they know the directions, the lengths and the times.</p>\n",
            records, records == 1 ? "" : "s", bytes);
    fputs("</div>\n", p->f);
}

void page_state(const struct page *p, size_t moment)
{
    fputs("<aside class=\"state\">\n<h4>Who knows what by now</h4>\n", p->f);
    side(p, STORY_CLIENT, moment);
    side(p, STORY_SERVER, moment);
    eavesdropper(p, moment);
    fputs("</aside>\n", p->f);
}
