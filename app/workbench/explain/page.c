/* SPDX-License-Identifier: MIT */
/* The page from its head to its foot, and what its parts share. Style and script come in whole, from page.css and
 * page.js: the Makefile makes arrays of them. Their SHA-256 goes into the page's policy, so that a browser runs
 * these and no others, whatever text of a stranger the page shows. */
#include "app/workbench/explain/page.h"

#include <inttypes.h>
#include <string.h>

#include "app/dissect/dissect.h"
#include "app/version.h"
#include "app/workbench/explain/page_impl.h"
#include "crypto/base64.h"
#include "crypto/sha256.h"
#include "net/certificate.h"
#include "net/record.h"

#define FIELDS_MAX 1500 /* boxes on a page: about half a megabyte */
#define BYTES_MAX 32768 /* of all frames on a page */
#define KIB UINT32_C(1024)

extern const char page_css[], page_js[];
extern const size_t page_css_len, page_js_len;

/* --- What the parts share ----------------------------------------------------------------------------------------- */

void page_text(const struct page *p, const char *text)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", p->f);
            break;
        case '<':
            fputs("&lt;", p->f);
            break;
        case '>':
            fputs("&gt;", p->f);
            break;
        case '"':
            fputs("&quot;", p->f);
            break;
        default:
            fputc(*text, p->f);
        }
}

void page_hex(const struct page *p, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        fprintf(p->f, "%s%02x%s", i % 4 == 0 ? "<i>" : " ", data[i], i % 4 == 3 || i + 1 == len ? "</i> " : "");
}

const char *page_side(enum handshake_role side)
{
    return side == HANDSHAKE_CLIENT ? "client" : "server";
}

void page_frame_name(char out[static PAGE_NAME_LEN], const struct story_frame *f)
{
    const char *type = dissect_frame_type(f->data[0]);
    if (f->plaintext == NULL)
        snprintf(out, PAGE_NAME_LEN, "%s", type);
    else if (f->plaintext[0] == CONTENT_APPLICATION && f->plaintext_len > 1)
        snprintf(out, PAGE_NAME_LEN, "%s: %s", type, dissect_message_type(f->plaintext[1]));
    else
        snprintf(out, PAGE_NAME_LEN, "%s: %s", type, dissect_content_type(f->plaintext[0]));
}

bool page_is_public(const struct story_value *v)
{
    return v->known.since[STORY_EAVESDROPPER] != STORY_NEVER;
}

void page_value_id(char out[static PAGE_ID_LEN], enum story_id id)
{
    snprintf(out, PAGE_ID_LEN, "v-%s", story_name(id));
}

void page_key_id(char out[static PAGE_ID_LEN], const struct story *s, const struct story_keys *keys,
                 enum page_part part)
{
    static const char *const parts[PAGE_PARTS] = {"secret", "enc_key", "mac_key"};
    snprintf(out, PAGE_ID_LEN, "k%zu-%s", (size_t)(keys - s->keys) + 1, parts[part]);
}

/* c_secret, c_secret', c_secret'' ...: docs/protocol.md section 5.2. */
static void key_name(char out[static PAGE_NAME_LEN], const struct story_keys *keys, enum page_part part)
{
    static const char marks[STORY_KEYS_MAX] = "'''''''''''''''";
    int generation = keys->generation < sizeof marks ? (int)keys->generation : (int)sizeof marks - 1;
    if (part == PAGE_SECRET)
        snprintf(out, PAGE_NAME_LEN, "%c_secret%.*s", *page_side(keys->sender), generation, marks);
    else
        snprintf(out, PAGE_NAME_LEN, "%s %s%.*s", page_side(keys->sender), part == PAGE_ENC_KEY ? "enc_key" : "mac_key",
                 generation, marks);
}

static size_t add_keys(const struct story *s, const struct story_keys *keys, struct page_value *out)
{
    const struct story_value *values[PAGE_PARTS] = {&keys->secret, &keys->enc_key, &keys->mac_key};
    size_t n = 0;
    for (enum page_part part = 0; part < PAGE_PARTS; part++)
        if (values[part]->len > 0) {
            struct page_value *v = &out[n++];
            *v = (struct page_value){.value = values[part], .keys = keys, .part = part};
            page_key_id(v->id, s, keys, part);
            key_name(v->name, keys, part);
        }
    return n;
}

size_t page_values(const struct story *s, struct page_value out[static PAGE_VALUES_MAX])
{
    size_t n = 0;
    for (enum story_id id = 0; id < STORY_VALUES; id++)
        if (s->values[id].len > 0) {
            struct page_value *v = &out[n++];
            *v = (struct page_value){.value = &s->values[id], .which = id};
            page_value_id(v->id, id);
            snprintf(v->name, sizeof v->name, "%s", story_name(id));
        }
    for (unsigned generation = 0; generation < STORY_KEYS_MAX; generation++)
        for (int sender = HANDSHAKE_CLIENT; sender <= HANDSHAKE_SERVER; sender++)
            for (size_t i = 0; i < s->keys_len; i++)
                if (s->keys[i].generation == generation && (int)s->keys[i].sender == sender)
                    n += add_keys(s, &s->keys[i], out + n);
    return n;
}

/* --- The head ----------------------------------------------------------------------------------------------------- */

static void digest(const struct page *p, const char *data, size_t len)
{
    uint8_t hash[SHA256_DIGEST_LEN];
    char text[BASE64_LEN(SHA256_DIGEST_LEN) + 1];
    sha256_digest(hash, data, len);
    base64_encode(text, hash, sizeof hash);
    fprintf(p->f, "'sha256-%s'", text);
}

static void head(const struct page *p)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; "
          "form-action 'none'; style-src ",
          p->f);
    digest(p, page_css, page_css_len);
    fputs("; script-src ", p->f);
    digest(p, page_js, page_js_len);
    fputs("\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
          "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
          "<meta name=\"generator\" content=\"glass explain " GLASSCHAT_VERSION "\"/>\n"
          "<title>A glasschat session, byte by byte</title>\n<style>",
          p->f);
    fwrite(page_css, 1, page_css_len, p->f);
    fputs("</style>\n</head>\n", p->f);
}

static void tell_played(const struct page *p)
{
    fprintf(p->f,
            "<p class=\"lead\">Alice&#8217;s client meets a server, logs in, says something, hears an answer, changes "
            "its keys and leaves. Both ends run the code that the programs run, from the handshake to the messages; "
            "nobody checks the password here, and what bob says is made up. What would be random is derived from seed "
            "<b>%" PRIu64 "</b>, so that you get every byte again with</p>\n"
            "<p><code class=\"command\">glass explain --html session.html --seed %" PRIu64 "</code></p>\n"
            "<p>The keys and the password on this page are nobody&#8217;s.</p>\n",
            p->about->seed, p->about->seed);
}

static void tell_recorded(const struct page *p)
{
    const struct recording_info *r = p->about->recording;
    char began[CERTIFICATE_TIME_LEN];
    certificate_print_time(began, r->began);
    fprintf(p->f, "<p class=\"lead\">A real session, as the %s recorded it, that began at %s with <b>",
            r->server ? "server" : "client", began);
    page_text(p, r->name);
    fprintf(p->f, "</b>%s.</p>\n", r->ended ? "" : "; the recording stops before the session was closed in order");
    fputs("<div class=\"warning\" role=\"note\"><p><strong>This page holds every key of that session, every word, and "
          "the "
          "password.</strong> Whoever has the page has them. Passwords, codes and secrets stay hidden until you open "
          "their boxes, and are not printed; hidden does not mean that they are not in the file.</p></div>\n",
          p->f);
    fprintf(p->f,
            "<p>Only the %s reported what it computed: of the other side there is what it sent, and not its private "
            "exponent.%s</p>\n",
            r->server ? "server" : "client",
            p->s->begun > 0 ? " There were several connections in this recording; it is the last one that is drawn."
                            : "");
}

static void agreed(const struct page *p)
{
    size_t bytes = 0;
    for (size_t i = 0; i < p->s->frames_len; i++)
        bytes += p->s->frames[i].len;
    fprintf(p->f, "<p>%zu frames, %zu bytes", p->s->frames_len, bytes);
    if (p->s->group != 0 && p->s->suite != 0)
        fprintf(p->f, "; Diffie-Hellman in %s, then %s", dissect_group(p->s->group), dissect_suite(p->s->suite));
    fputs(".</p>\n", p->f);
}

static void top(const struct page *p)
{
    fputs("<body>\n<a class=\"skip\" href=\"#frames\">Skip to the frames</a>\n<header>\n"
          "<h1>A glasschat session, byte by byte</h1>\n",
          p->f);
    if (p->about->recording == NULL)
        tell_played(p);
    else
        tell_recorded(p);
    agreed(p);
    fputs("</header>\n<nav aria-label=\"Parts of this page\"><ul>\n<li><a href=\"#overview\">Overview</a></li>\n"
          "<li><a href=\"#frames\">Frames</a></li>\n<li><a href=\"#keys\">Keys</a></li>\n"
          "<li><a href=\"#aes\">AES</a></li>\n<li><a href=\"#sha\">SHA-256</a></li>\n"
          "<li class=\"tools\" hidden=\"hidden\"><button type=\"button\" id=\"open-all\">Open all</button> "
          "<button type=\"button\" id=\"close-all\">Close all</button></li>\n</ul></nav>\n<main>\n",
          p->f);
}

/* --- The frames --------------------------------------------------------------------------------------------------- */

/* As many frames as a page has room for: a chat may go on for days. */
static size_t frames_with_room(const struct story *s)
{
    size_t fields = 0, bytes = 0;
    for (size_t i = 0; i < s->frames_len; i++) {
        fields += page_frame_fields(&s->frames[i]);
        bytes += s->frames[i].len;
        if (i > 0 && (fields > FIELDS_MAX || bytes > BYTES_MAX))
            return i;
    }
    return s->frames_len;
}

static void overview(const struct page *p)
{
    char name[PAGE_NAME_LEN];
    fputs("<section id=\"overview\" aria-labelledby=\"overview-h\">\n<h2 id=\"overview-h\">Overview</h2>\n"
          "<div class=\"columns\">\n<div>\n<div class=\"ends\" "
          "aria-hidden=\"true\"><b>client</b><b>server</b></div>\n<ol class=\"flow\">\n",
          p->f);
    for (size_t i = 0; i < p->frames; i++) {
        const struct story_frame *f = &p->s->frames[i];
        page_frame_name(name, f);
        fprintf(
            p->f,
            "<li class=\"from-%s%s\"><a href=\"#f%zu\"><span class=\"no\">%zu</span> <span class=\"name\">%s</span> "
            "<span class=\"len\">%zu bytes</span><span class=\"away\"> from the %s</span></a></li>\n",
            page_side(f->from), f->data[0] == FRAME_RECORD ? " sealed" : "", i + 1, i + 1, name, f->len,
            page_side(f->from));
    }
    fputs("</ol>\n", p->f);
    if (p->frames < p->s->frames_len || p->s->left_out > 0)
        fprintf(p->f, "<p>%zu more frames are not drawn: a page has room for no more.</p>\n",
                p->s->frames_len - p->frames + p->s->left_out);
    fputs("</div>\n<div>\n", p->f);
    page_legend(p);
    fputs("</div>\n</div>\n</section>\n", p->f);
}

/* What a reader should know before the bytes; the rest is said by app/dissect, at each box. */
static const char *what_happens(const struct story_frame *f)
{
    if (f->data[0] == FRAME_CLIENT_HELLO)
        return "The client draws a random value and a private exponent, and sends its half of a Diffie-Hellman "
               "exchange. "
               "All of it can be read on the way, and nothing is proved yet.";
    if (f->data[0] == FRAME_SERVER_HELLO)
        return "The server has both halves now, and computes every key before it answers. Its signature covers both "
               "hellos. Whoever listens has both public values as well, and still not Z: the only way to it that is "
               "known is to find one of the private exponents, a discrete logarithm, and in such a group that is not "
               "feasible.";
    if (f->data[0] != FRAME_RECORD)
        return "A refusal, in the clear.";
    if (f->plaintext == NULL)
        return "A Record that was not opened.";
    if (f->plaintext[0] == CONTENT_FINISHED)
        return "The first Record of a direction. It says nothing, and proves much: only who has the same keys, and so "
               "saw the same two hellos, can make its tag.";
    if (f->plaintext[0] == CONTENT_KEY_UPDATE)
        return "Sealed under the old keys, and the last Record under them. The next secret follows from this one by "
               "HKDF, and there is no feasible way back.";
    if (f->plaintext[0] == CONTENT_CLOSE)
        return "The end of this direction, with a tag like every Record: so nobody in between can cut a conversation "
               "short and have it taken for the end.";
    return "A message of the chat. On the wire it looks like any other Record of its length.";
}

static void how_sealed(const struct page *p, size_t i)
{
    const struct story_frame *f = &p->s->frames[i];
    char enc[PAGE_ID_LEN], mac[PAGE_ID_LEN];
    uint8_t number[8];
    if (f->keys == NULL || f->plaintext == NULL)
        return;
    page_key_id(enc, p->s, f->keys, PAGE_ENC_KEY);
    page_key_id(mac, p->s, f->keys, PAGE_MAC_KEY);
    bytes_store_be64(number, f->sequence);
    fprintf(p->f,
            "<dl class=\"how\"><div><dt>ciphertext</dt><dd>AES-CBC-Encrypt(<a href=\"#%s\">%s enc_key</a>, <a "
            "href=\"#f%zu-iv\">iv</a>, plaintext)</dd></div>\n<div><dt>tag</dt><dd>HMAC-SHA-256(<a href=\"#%s\">%s "
            "mac_key</a>, sequence || header || iv || ciphertext)</dd></div>\n<div><dt>sequence, counted and not "
            "sent</dt><dd><code class=\"number\">",
            enc, page_side(f->keys->sender), i + 1, mac, page_side(f->keys->sender));
    page_hex(p, number, sizeof number);
    fputs("</code></dd></div></dl>\n", p->f);
}

static void frame(const struct page *p, size_t i)
{
    const struct story_frame *f = &p->s->frames[i];
    char name[PAGE_NAME_LEN];
    page_frame_name(name, f);
    fprintf(
        p->f,
        "<section class=\"frame from-%s\" id=\"f%zu\" aria-labelledby=\"f%zu-h\">\n<h3 id=\"f%zu-h\"><span "
        "class=\"no\">%zu</span> %s</h3>\n<p class=\"way\"><b>%s</b> <span aria-hidden=\"true\">&#8594;</span><span "
        "class=\"away\"> to </span> <b>%s</b>, %zu bytes",
        page_side(f->from), i + 1, i + 1, i + 1, i + 1, name, page_side(f->from),
        f->from == HANDSHAKE_CLIENT ? "server" : "client", f->len);
    if (f->seconds >= 0)
        fprintf(p->f, ", after %.3f s", f->seconds);
    fprintf(p->f, "</p>\n<p class=\"what\">%s</p>\n<div class=\"columns\">\n<div class=\"bytes\">\n", what_happens(f));
    page_frame_boxes(p, i);
    how_sealed(p, i);
    fputs("</div>\n", p->f);
    page_state(p, i + 1);
    fputs("</div>\n</section>\n", p->f);
}

static void frames(const struct page *p)
{
    fputs("<section id=\"frames\" aria-labelledby=\"frames-h\">\n<h2 id=\"frames-h\">Every frame, every byte</h2>\n"
          "<p>Each box is a field, and opens to say what it is for. Beside each frame is who knows what once it has "
          "arrived and its receiver has done what follows from it.</p>\n"
          "<section class=\"frame before\" aria-labelledby=\"f0-h\">\n<h3 id=\"f0-h\">Before the first byte</h3>\n",
          p->f);
    page_state(p, 0);
    fputs("</section>\n", p->f);
    for (size_t i = 0; i < p->frames; i++)
        frame(p, i);
    fputs("</section>\n", p->f);
}

/* --- All together ------------------------------------------------------------------------------------------------- */

void page_write(FILE *f, const struct story *s, const struct page_about *about)
{
    struct page p = {.f = f, .s = s, .about = about, .frames = frames_with_room(s)};
    head(&p);
    top(&p);
    overview(&p);
    frames(&p);
    page_keys(&p);
    page_rounds(&p);
    fputs(
        "</main>\n<footer><p>The layout of all this is in docs/protocol.md; the sections that the boxes name are its. "
        "The code that made these bytes is in net/, crypto/ and app/message/.</p></footer>\n<script>",
        f);
    fwrite(page_js, 1, page_js_len, f);
    fputs("</script>\n</body>\n</html>\n", f);
}
