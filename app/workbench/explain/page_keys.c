/* SPDX-License-Identifier: MIT */
/* The key schedule, twice: as a picture, in which each value leads to its box; and as boxes, each of which leads to
 * what the value is made of, and to every place where it is used.
 *
 * The picture has three columns: the client's on the left, what both share in the middle, the server's on the right.
 * Time goes down. It is narrow enough for a phone. */
#include <string.h>

#include "app/workbench/explain/page_impl.h"
#include "net/record.h"

#define NODE_W 132 /* of the picture, in its own units */
#define NODE_H 46
#define COLUMN 168
#define ROW 74
#define MARGIN 18
#define ASIDE 12 /* how far outside a line runs that goes past a value */
#define TIP 5    /* between a line's end and what its arrow points at */
#define FIRST_KEYS_ROW 6
#define ENDS 4 /* bytes of a value that are shown */
#define SOURCES_MAX 4

/* --- What a value is made of, and for ----------------------------------------------------------------------------- */

/* The sources of a value of the handshake; STORY_VALUES ends the list. */
static const struct {
    const char *formula, *purpose;
    enum story_id from[SOURCES_MAX];
} made[STORY_VALUES] = {
    [STORY_C] =
        {"SHA-256(\"glasschat/1 context\" || 0x00 || u8 kind || <u8> client_name || <u8> server_name)",
         "Which kind of handshake this is, and between whom. Between a client and a server both names are empty, "
         "so it is the same each time, and no secret.",
         {STORY_VALUES}},
    [STORY_CLIENT_RANDOM] = {"drawn by the client",
                             "Half of the salt: new keys for each connection, whatever else repeats.",
                             {STORY_VALUES}},
    [STORY_CLIENT_PRIVATE] = {"drawn by the client",
                              "The exponent that only the client knows, and only until it has Z.",
                              {STORY_VALUES}},
    [STORY_CLIENT_PUBLIC] = {"2 ^ client_private mod p",
                             "What everybody may see of client_private.",
                             {STORY_CLIENT_PRIVATE, STORY_VALUES}},
    [STORY_SERVER_RANDOM] = {"drawn by the server",
                             "The other half of the salt: a ClientHello that is sent again leads to other keys.",
                             {STORY_VALUES}},
    [STORY_SERVER_PRIVATE] = {"drawn by the server",
                              "The exponent that only the server knows, and only until it has Z.",
                              {STORY_VALUES}},
    [STORY_SERVER_PUBLIC] = {"2 ^ server_private mod p",
                             "What everybody may see of server_private.",
                             {STORY_SERVER_PRIVATE, STORY_VALUES}},
    [STORY_SIGNED_HASH] = {"SHA-256(C || ClientHello || ServerHello without signature and its length)",
                           "What the server signs, after a label: both sides' values, so nobody in between can change "
                           "one unnoticed.",
                           {STORY_C, STORY_VALUES}},
    [STORY_SIGNATURE] = {"RSASSA-PSS(the server's key, \"glasschat/1 server hello\" || 0x00 || signed_hash)",
                         "Only who has the private key of the certificate can make it.",
                         {STORY_SIGNED_HASH, STORY_VALUES}},
    [STORY_T] = {"SHA-256(C || ClientHello || ServerHello)",
                 "A hash of all that was said so far. It goes into both secrets: who saw other bytes has other keys.",
                 {STORY_C, STORY_VALUES}},
    [STORY_Z] = {"server_public ^ client_private mod p = client_public ^ server_private mod p",
                 "The shared secret, at the prime's whole length: both can compute it, and no feasible way for others "
                 "is known.",
                 {STORY_CLIENT_PRIVATE, STORY_SERVER_PUBLIC, STORY_SERVER_PRIVATE, STORY_CLIENT_PUBLIC}},
    [STORY_PRK] = {"HKDF-Extract(salt = client_random || server_random, ikm = Z)",
                   "Z has structure, as it is a number below p; HKDF makes a pseudorandom key of it, in which that "
                   "does not show.",
                   {STORY_CLIENT_RANDOM, STORY_SERVER_RANDOM, STORY_Z, STORY_VALUES}},
};

static const struct page_value *find(const struct page_value *values, size_t n, enum story_id which)
{
    for (size_t i = 0; i < n; i++)
        if (values[i].keys == NULL && values[i].which == which)
            return &values[i];
    return NULL;
}

/* The secret before this one; NULL where it is the first, or none is there. */
static const struct page_value *secret_of(const struct page_value *values, size_t n, const struct page_value *of,
                                          unsigned generations_before)
{
    for (size_t i = 0; i < n; i++)
        if (values[i].keys != NULL && values[i].part == PAGE_SECRET && values[i].keys->sender == of->keys->sender &&
            values[i].keys->generation + generations_before == of->keys->generation)
            return &values[i];
    return NULL;
}

/* Those of the values that one is made of; returns how many. */
static size_t sources(const struct page_value *values, size_t n, const struct page_value *of,
                      const struct page_value *out[static SOURCES_MAX])
{
    enum story_id first[] = {STORY_PRK, STORY_T, STORY_VALUES}, none[] = {STORY_VALUES};
    const enum story_id *from = of->keys == NULL ? made[of->which].from : none;
    size_t found = 0;
    if (of->keys != NULL && of->part == PAGE_SECRET && of->keys->generation == 0)
        from = first;
    for (size_t i = 0; i < SOURCES_MAX && from[i] != STORY_VALUES; i++)
        if ((out[found] = find(values, n, from[i])) != NULL)
            found++;
    if (of->keys != NULL && (of->part != PAGE_SECRET || of->keys->generation > 0))
        if ((out[found] = secret_of(values, n, of, of->part == PAGE_SECRET ? 1 : 0)) != NULL)
            found++;
    return found;
}

/* --- The boxes ---------------------------------------------------------------------------------------------------- */

static void formula(const struct page *p, const struct page_value *v)
{
    const char *const labels[PAGE_PARTS] = {"update", "encrypt", "authenticate"};
    fputs("<p class=\"formula\"><code>", p->f);
    if (v->keys == NULL)
        page_text(p, made[v->which].formula);
    else if (v->part == PAGE_SECRET && v->keys->generation == 0)
        fprintf(p->f, "HKDF-Expand(prk, &quot;glasschat/1 %s&quot; || T, %zu)", page_side(v->keys->sender),
                v->value->len);
    else
        fprintf(p->f, "HKDF-Expand(%s, &quot;glasschat/1 %s&quot;, %zu)",
                v->part == PAGE_SECRET ? "the secret before" : "secret", labels[v->part], v->value->len);
    fputs("</code></p>\n", p->f);
}

static const char *purpose(const struct page_value *v)
{
    if (v->keys == NULL)
        return made[v->which].purpose;
    if (v->part == PAGE_ENC_KEY)
        return "The key of AES for this direction.";
    if (v->part == PAGE_MAC_KEY)
        return "The key of HMAC for this direction: another than for AES, so that no use of one tells of the other.";
    return "What both keys of this direction follow from, and with a KeyUpdate the next secret.";
}

static void link_to(const struct page *p, const struct page_value *v)
{
    fprintf(p->f, "<li><a href=\"#%s\">%s</a></li>", v->id, v->name);
}

/* The first frame of a type. */
static const struct story_frame *hello(const struct page *p, enum frame_type type)
{
    for (size_t i = 0; i < p->frames; i++)
        if (p->s->frames[i].data[0] == type)
            return &p->s->frames[i];
    return NULL;
}

static void link_to_hello(const struct page *p, enum frame_type type)
{
    const struct story_frame *f = hello(p, type);
    char name[PAGE_NAME_LEN];
    if (f == NULL)
        return;
    page_frame_name(name, f);
    fprintf(p->f, "<li><a href=\"#f%zu\">%s</a></li>", (size_t)(f - p->s->frames) + 1, name);
}

static void made_of(const struct page *p, const struct page_value *values, size_t n, const struct page_value *v)
{
    const struct page_value *from[SOURCES_MAX];
    size_t found = sources(values, n, v, from);
    if (found == 0)
        return;
    fputs("<p class=\"links\">Made of</p><ul class=\"links\">", p->f);
    for (size_t i = 0; i < found; i++)
        link_to(p, from[i]);
    if (v->keys == NULL && (v->which == STORY_T || v->which == STORY_SIGNED_HASH)) {
        link_to_hello(p, FRAME_CLIENT_HELLO);
        link_to_hello(p, FRAME_SERVER_HELLO);
    }
    fputs("</ul>\n", p->f);
}

/* A field of a frame that is made with this value, or is it; returns whether there is one. */
static bool use_in_frame(const struct page *p, const struct page_value *v, size_t i, const char *before)
{
    const struct story_frame *f = &p->s->frames[i];
    char name[PAGE_NAME_LEN];
    const char *field = NULL;
    if (v->keys != NULL && f->keys == v->keys && f->plaintext != NULL && v->part != PAGE_SECRET)
        field = v->part == PAGE_ENC_KEY ? "ciphertext" : "tag";
    else if (v->keys == NULL && page_is_public(v->value) && v->value->known.since[STORY_EAVESDROPPER] == i + 1 &&
             v->which != STORY_T && v->which != STORY_SIGNED_HASH)
        field = v->name;
    if (field == NULL)
        return false;
    page_frame_name(name, f);
    fprintf(p->f, "%s<li><a href=\"#f%zu-%s\">%s of frame %zu, %s</a></li>", before, i + 1, field, field, i + 1, name);
    return true;
}

static void used_in(const struct page *p, const struct page_value *values, size_t n, const struct page_value *v)
{
    const char *before = "<p class=\"links\">Used for</p><ul class=\"links\">";
    for (size_t i = 0; i < n; i++) {
        const struct page_value *from[SOURCES_MAX];
        size_t found = sources(values, n, &values[i], from);
        for (size_t j = 0; j < found; j++)
            if (from[j] == v) {
                fputs(before, p->f);
                before = "";
                link_to(p, &values[i]);
            }
    }
    for (size_t i = 0; i < p->frames; i++)
        if (use_in_frame(p, v, i, before))
            before = "";
    if (*before == '\0')
        fputs("</ul>\n", p->f);
}

/* "the client: from frame 2 on, until frame 10" */
static void known_to(const struct page *p, const struct page_value *v)
{
    static const char *const who[STORY_WHO] = {"client", "server", "whoever listens"};
    fputs("<dl class=\"known\">", p->f);
    for (size_t i = 0; i < STORY_WHO; i++) {
        size_t since = v->value->known.since[i], until = v->value->known.until[i];
        fprintf(p->f, "<div><dt>%s</dt><dd>", who[i]);
        if (i < STORY_EAVESDROPPER && !p->s->told[i])
            fputs("was not recorded", p->f);
        else if (since == STORY_NEVER)
            fputs("never knows it", p->f);
        else if (since == 0)
            fputs("knows it from the beginning", p->f);
        else
            fprintf(p->f, "knows it from frame %zu on", since);
        if (until != STORY_NEVER)
            fprintf(p->f, until == since ? ", and wipes it at once" : ", and wipes it with frame %zu", until);
        fputs("</dd></div>", p->f);
    }
    fputs("</dl>\n", p->f);
}

static void value_box(const struct page *p, const struct page_value *values, size_t n, const struct page_value *v)
{
    bool public = page_is_public(v->value);
    fprintf(
        p->f,
        "<details class=\"value %s\" id=\"%s\"><summary><span class=\"name\">%s</span> <span class=\"chip\">%s</span> "
        "<span class=\"says\">%zu bytes</span></summary><div class=\"inside\">\n",
        public ? "open" : "own", v->id, v->name, public ? "public" : "secret", v->value->len);
    formula(p, v);
    fprintf(p->f, "<p class=\"note\">%s</p>\n<code class=\"v\">", purpose(v));
    page_hex(p, v->value->data, v->value->len);
    fputs("</code>\n", p->f);
    made_of(p, values, n, v);
    used_in(p, values, n, v);
    known_to(p, v);
    fputs("</div></details>\n", p->f);
}

/* --- The picture -------------------------------------------------------------------------------------------------- */

/* Where something stands: its column, 0 to 2, and its row. */
struct place {
    unsigned column, row;
};

static const struct place client_hello_at = {0, 4}, server_hello_at = {2, 4};

/* True, and where, for what has a place in the picture: what keys follow from. */
static bool place_of(struct place *at, const struct page_value *v)
{
    static const struct {
        enum story_id id;
        struct place at;
    } places[] = {
        {STORY_CLIENT_PRIVATE, {0, 0}},
        {STORY_SERVER_PRIVATE, {2, 0}},
        {STORY_CLIENT_PUBLIC, {0, 1}},
        {STORY_SERVER_PUBLIC, {2, 1}},
        {STORY_CLIENT_RANDOM, {0, 3}},
        {STORY_Z, {1, 2}},
        {STORY_SERVER_RANDOM, {2, 3}},
        {STORY_PRK, {1, 3}},
        {STORY_C, {0, 5}},
        {STORY_T, {1, 5}},
    };
    if (v->keys != NULL) {
        *at = (struct place){v->keys->sender == HANDSHAKE_CLIENT ? 0 : 2,
                             FIRST_KEYS_ROW + PAGE_PARTS * v->keys->generation + (unsigned)v->part};
        return true;
    }
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (places[i].id == v->which) {
            *at = places[i].at;
            return true;
        }
    return false;
}

static unsigned left(struct place at)
{
    return MARGIN + at.column * COLUMN;
}

static unsigned right(struct place at)
{
    return left(at) + NODE_W;
}

static unsigned middle(struct place at)
{
    return MARGIN + at.row * ROW + NODE_H / 2;
}

static unsigned upper(struct place at)
{
    return MARGIN + at.row * ROW;
}

/* In one column: straight down to a neighbour, or along the outer side. */
static void edge_down(const struct page *p, struct place from, struct place to)
{
    unsigned centre = left(to) + NODE_W / 2;
    if (to.row == from.row + 1)
        fprintf(p->f, "<path d=\"M%u %uV%u\"/>\n", centre, upper(from) + NODE_H, upper(to) - TIP);
    else if (from.column == 0)
        fprintf(p->f, "<path d=\"M%u %uH%uV%uH%u\"/>\n", left(from), middle(from), left(from) - ASIDE, middle(to),
                left(to) - TIP);
    else
        fprintf(p->f, "<path d=\"M%u %uH%uV%uH%u\"/>\n", right(from), middle(from), right(from) + ASIDE, middle(to),
                right(to) + TIP);
}

/* Between columns: what leads to the middle runs down on the outer half of the space between the two, and what leads
 * away from it on the inner half, leaving a little lower than the other arrives. */
static void edge_across(const struct page *p, struct place from, struct place to)
{
    bool to_right = to.column > from.column, inward = to.column == 1;
    unsigned begin = to_right ? right(from) : left(from), end = to_right ? left(to) - TIP : right(to) + TIP;
    unsigned bend = to_right ? begin + (COLUMN - NODE_W) / 3 : begin - (COLUMN - NODE_W) / 3;
    fprintf(p->f, "<path d=\"M%u %uH%uV%uH%u\"/>\n", begin, middle(from) + (inward ? 0 : NODE_H / 3), bend, middle(to),
            end);
}

static void edge(const struct page *p, struct place from, struct place to)
{
    if (from.column == to.column)
        edge_down(p, from, to);
    else
        edge_across(p, from, to);
}

static size_t uses(const struct page *p, const struct page_value *v)
{
    size_t n = 0;
    for (size_t i = 0; v->keys != NULL && v->part != PAGE_SECRET && i < p->s->frames_len; i++)
        n += p->s->frames[i].keys == v->keys && p->s->frames[i].plaintext != NULL;
    return n;
}

static void node(const struct page *p, struct place at, const char *id, const char *class, const char *name)
{
    fprintf(p->f,
            "<a href=\"#%s\" class=\"%s\"><rect x=\"%u\" y=\"%u\" width=\"%d\" height=\"%d\" rx=\"6\"/><text x=\"%u\" "
            "y=\"%u\" class=\"n\">%s</text><text x=\"%u\" y=\"%u\" class=\"h\">",
            id, class, left(at), upper(at), NODE_W, NODE_H, left(at) + 9, upper(at) + 19, name, left(at) + 9,
            upper(at) + 36);
}

static void value_node(const struct page *p, const struct page_value *v)
{
    struct place at;
    size_t used = uses(p, v);
    if (!place_of(&at, v))
        return;
    node(p, at, v->id, page_is_public(v->value) ? "open" : "own", v->name);
    for (size_t i = 0; i < ENDS && i < v->value->len; i++)
        fprintf(p->f, "%02x ", v->value->data[i]);
    fputs("&#8230;", p->f);
    if (used > 0)
        fprintf(p->f, " &#215;%zu", used);
    fprintf(p->f, "</text><title>%s, %s%s</title></a>\n", v->name, page_is_public(v->value) ? "public" : "secret",
            used > 0 ? "; with how many Records it is used" : "");
}

/* Both hellos, whole, go into T. */
static void hello_node(const struct page *p, enum frame_type type, struct place at)
{
    const struct story_frame *f = hello(p, type);
    char id[PAGE_ID_LEN], name[PAGE_NAME_LEN];
    if (f == NULL)
        return;
    snprintf(id, sizeof id, "f%zu", (size_t)(f - p->s->frames) + 1);
    page_frame_name(name, f);
    node(p, at, id, "open whole", name);
    fprintf(p->f, "%zu bytes</text><title>%s, whole</title></a>\n", f->len, name);
}

static void edges(const struct page *p, const struct page_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct place from_at, at;
        const struct page_value *from[SOURCES_MAX];
        if (!place_of(&at, &values[i]))
            continue;
        size_t found = sources(values, n, &values[i], from);
        for (size_t j = 0; j < found; j++)
            if (place_of(&from_at, from[j]))
                edge(p, from_at, at);
        if (values[i].keys == NULL && values[i].which == STORY_T) {
            edge(p, client_hello_at, at);
            edge(p, server_hello_at, at);
        }
    }
}

static void picture(const struct page *p, const struct page_value *values, size_t n)
{
    unsigned rows = 0, width = 2 * MARGIN + 2 * COLUMN + NODE_W;
    struct place at;
    for (size_t i = 0; i < n; i++)
        if (place_of(&at, &values[i]) && at.row >= rows)
            rows = at.row + 1;
    fprintf(p->f,
            "<figure class=\"schedule\">\n<svg viewBox=\"0 0 %u %u\" role=\"group\" aria-labelledby=\"keys-h\">\n"
            "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"4\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
            "orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n<g class=\"edges\" aria-hidden=\"true\">\n",
            width, 2 * MARGIN + rows * ROW - (ROW - NODE_H));
    edges(p, values, n);
    fputs("</g>\n", p->f);
    for (size_t i = 0; i < n; i++)
        value_node(p, &values[i]);
    hello_node(p, FRAME_CLIENT_HELLO, client_hello_at);
    hello_node(p, FRAME_SERVER_HELLO, server_hello_at);
    fputs("</svg>\n<figcaption>Left the client&#8217;s values, right the server&#8217;s, in the middle what both "
          "compute. "
          "Solid frame: public, on the wire or made of that alone. Dashed frame: secret. &#215; says for how many "
          "Records a key "
          "is used.</figcaption>\n</figure>\n",
          p->f);
}

void page_keys(const struct page *p)
{
    struct page_value values[PAGE_VALUES_MAX];
    size_t n = page_values(p->s, values);
    fputs("<section id=\"keys\" aria-labelledby=\"keys-h\">\n<h2 id=\"keys-h\">The key schedule</h2>\n"
          "<p>From two random exponents to the keys of each direction. Follow a value to see what it is made of, and "
          "every place where it is used.</p>\n<div class=\"columns\">\n",
          p->f);
    picture(p, values, n);
    fputs("<div class=\"values\">\n", p->f);
    for (size_t i = 0; i < n; i++)
        value_box(p, values, n, &values[i]);
    fputs("</div>\n</div>\n</section>\n", p->f);
}
