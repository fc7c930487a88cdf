/* SPDX-License-Identifier: MIT */
/* The first Record's AES and SHA-256, step by step, as tables; page.js draws a step at a time from the tables, so that
 * what is drawn is what is written, and whoever has no script has the tables.
 *
 * AES: the first block, from plaintext xor iv through each round of FIPS 197 section 5.1. SHA-256: the blocks of HMAC
 * (RFC 2104): inner key, what is authenticated, outer key, inner hash; each with its 64 rounds of FIPS 180-4 section
 * 6.2.2. */
#include <string.h>

#include "app/workbench/explain/page_impl.h"
#include "crypto/aes_ref.h"
#include "crypto/bytes.h"
#include "crypto/sha256_ref.h"
#include "net/record.h"

#define BLOCK 16
#define SHA_BLOCK 64
#define SHA_ROUNDS 64
#define TAG 32
#define AUTHENTICATED_MAX (8 + FRAME_MAX_LEN + SHA_BLOCK + 16) /* with HMAC's key block, and padded */
#define SHA_BLOCKS_MAX 6                                       /* that are drawn; the first Record has 2 and 2 */

/* The first Record that opens, and whose keys are known. Of a real session it must be a Finished: in no other Record's
 * blocks can a password be read that is hidden elsewhere. */
static const struct story_frame *first_record(const struct page *p)
{
    for (size_t i = 0; i < p->frames; i++) {
        const struct story_frame *f = &p->s->frames[i];
        if (p->about->recording != NULL && f->plaintext != NULL && f->plaintext[0] != CONTENT_FINISHED)
            continue;
        if (f->data[0] == FRAME_RECORD && f->keys != NULL && f->plaintext_len >= BLOCK && f->len >= RECORD_FRAME_MIN &&
            (f->keys->enc_key.len == 16 || f->keys->enc_key.len == 32) && f->keys->mac_key.len == TAG)
            return f;
    }
    return NULL;
}

static void which_record(const struct page *p, const struct story_frame *f, enum page_part part, const char *with)
{
    char name[PAGE_NAME_LEN], id[PAGE_ID_LEN];
    size_t number = (size_t)(f - p->s->frames) + 1;
    page_frame_name(name, f);
    page_key_id(id, p->s, f->keys, part);
    fprintf(p->f, "<a href=\"#f%zu\">frame %zu, %s</a>, with the <a href=\"#%s\">%s %s</a>", number, number, name, id,
            page_side(f->keys->sender), with);
}

/* --- AES ---------------------------------------------------------------------------------------------------------- */

struct aes_steps {
    const struct page *p;
    uint8_t state[4][4];
    unsigned step;
};

static void cells(const struct page *p, const uint8_t *bytes)
{
    fputs("<td>", p->f);
    for (size_t i = 0; bytes != NULL && i < BLOCK; i++)
        fprintf(p->f, "%s%02x", i == 0 ? "" : " ", bytes[i]);
    fputs("</td>", p->f);
}

/* A step that led to the present state; with is the round key, or what else was added, or NULL. */
static void aes_step(struct aes_steps *a, const char *name, unsigned round, const uint8_t *with)
{
    uint8_t bytes[BLOCK];
    aes_ref_state_store(bytes, a->state);
    fprintf(a->p->f, "<tr><th scope=\"row\">%u</th><td>%u</td><td>%s</td>", a->step++, round, name);
    cells(a->p, with);
    cells(a->p, bytes);
    fputs("</tr>\n", a->p->f);
}

static void aes_round(struct aes_steps *a, unsigned round, bool last, const uint8_t *round_key)
{
    SubBytes(a->state);
    aes_step(a, "SubBytes", round, NULL);
    ShiftRows(a->state);
    aes_step(a, "ShiftRows", round, NULL);
    if (!last) {
        MixColumns(a->state);
        aes_step(a, "MixColumns", round, NULL);
    }
    AddRoundKey(a->state, round_key);
    aes_step(a, "AddRoundKey", round, round_key);
}

static void aes_table(const struct page *p, const struct story_frame *f)
{
    struct aes_steps a = {.p = p};
    uint8_t w[AES_REF_W_LEN], block[BLOCK];
    const uint8_t *iv = f->data + FRAME_HEADER_LEN;
    unsigned Nk = (unsigned)f->keys->enc_key.len / 4, Nr = Nk + 6;
    KeyExpansion(w, f->keys->enc_key.data, Nk, Nr);
    fputs(
        "<details class=\"steps\"><summary>All steps as a table</summary><div class=\"wide\" tabindex=\"0\" "
        "role=\"region\" aria-label=\"Steps of AES\"><table id=\"aes-table\"><thead><tr><th scope=\"col\">step</th><th "
        "scope=\"col\">round</th><th scope=\"col\">function</th><th scope=\"col\">with</th><th scope=\"col\">state "
        "after</th></tr></thead><tbody>\n",
        p->f);
    aes_ref_state_load(a.state, f->plaintext);
    aes_step(&a, "plaintext", 0, NULL);
    bytes_xor(block, f->plaintext, iv, BLOCK);
    aes_ref_state_load(a.state, block);
    aes_step(&a, "xor iv", 0, iv);
    AddRoundKey(a.state, w);
    aes_step(&a, "AddRoundKey", 0, w);
    for (unsigned round = 1; round <= Nr; round++)
        aes_round(&a, round, round == Nr, w + 16 * round);
    fputs("</tbody></table></div></details>\n", p->f);
    aes_ref_state_store(block, a.state);
    fprintf(
        p->f, "<p>%s</p>\n",
        memcmp(block, iv + BLOCK, BLOCK) == 0
            ? "The last state is the first block of the ciphertext."
            : "<strong>The last state is not the first block of the ciphertext: this recording was changed.</strong>");
}

/* What each function does: the drawing shows the entry of its step. */
static const char aes_words[] =
    "<dl class=\"words\" id=\"aes-words\">"
    "<div><dt>plaintext</dt><dd>The block, byte by byte down each column.</dd></div>"
    "<div><dt>xor iv</dt><dd>CBC: the first block is xored with the iv, and each further one with the ciphertext "
    "block before it, so that equal blocks look different.</dd></div>"
    "<div><dt>AddRoundKey</dt><dd>Adds a round key, which was expanded from the key, bit by bit and without "
    "carry.</dd></div>"
    "<div><dt>SubBytes</dt><dd>Puts another byte in the place of each, by a fixed table: the only step that is not "
    "linear.</dd></div>"
    "<div><dt>ShiftRows</dt><dd>Turns each row to the left, the first not at all and each by one place more than the "
    "row "
    "above it: so the bytes of a column come apart.</dd></div>"
    "<div><dt>MixColumns</dt><dd>Multiplies each column by a fixed matrix: each byte depends on its whole "
    "column from then on.</dd></div>"
    "</dl>\n";

/* The controls of a drawing. The slider takes the keys by itself: arrows, Page Up and Down, Home, End. */
static void controls(const struct page *p, const char *what, const char *rounds)
{
    fprintf(p->f,
            "<div class=\"controls\" role=\"group\" aria-label=\"Steps of %s\">"
            "<button type=\"button\" data-go=\"first\" aria-label=\"first step\">&#124;&#9664;</button>"
            "<button type=\"button\" data-go=\"back\" aria-label=\"step back\">&#9664;</button>"
            "<button type=\"button\" data-go=\"on\" aria-label=\"step forward\">&#9654;</button>"
            "<button type=\"button\" data-go=\"last\" aria-label=\"last step\">&#9654;&#124;</button>"
            "<label class=\"slide\"><span>step</span> <input type=\"range\" min=\"0\" max=\"0\" value=\"0\"/></label>"
            "<label>%s <select></select></label></div>\n<p class=\"now\" aria-live=\"polite\"></p>\n",
            what, rounds);
}

static void aes(const struct page *p, const struct story_frame *f)
{
    fputs("<section id=\"aes\" aria-labelledby=\"aes-h\">\n<h2 id=\"aes-h\">AES, round by round</h2>\n<p>The first "
          "block of ",
          p->f);
    which_record(p, f, PAGE_ENC_KEY, "enc_key");
    fputs(".</p>\n<div class=\"stage\" id=\"aes-stage\" hidden=\"hidden\">\n", p->f);
    controls(p, "AES", "round");
    fputs(
        "<div class=\"drawing\"><figure><figcaption>before</figcaption><div class=\"grid\" data-grid=\"before\"></div>"
        "</figure><figure class=\"with\"><figcaption>&#8853; with</figcaption><div class=\"grid\" "
        "data-grid=\"with\"></div>"
        "</figure><figure><figcaption>after</figcaption><div class=\"grid\" data-grid=\"after\"></div></figure></div>\n"
        "<p class=\"hint\">Point at a byte of the state after, or go to one with Tab and the arrow keys, to see which "
        "bytes it is made of.</p>\n<p class=\"origin\" aria-live=\"polite\"></p>\n</div>\n",
        p->f);
    fputs(aes_words, p->f);
    aes_table(p, f);
    fputs("</section>\n", p->f);
}

/* --- SHA-256 ------------------------------------------------------------------------------------------------------ */

/* One block of a hash, and the state that it changes. */
struct sha {
    const struct page *p;
    uint32_t H[8];
    size_t blocks; /* drawn so far */
};

static void words(const struct page *p, const uint32_t *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        fprintf(p->f, "<td>%08x</td>", v[i]);
}

static void sha_head(const struct page *p, size_t number, const char *what)
{
    fprintf(
        p->f,
        "<details class=\"steps\"><summary>Block %zu: %s</summary><div class=\"wide\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"Rounds of block %zu\"><table class=\"sha-table\"><caption>Block %zu: %s</caption><thead><tr><th "
        "scope=\"col\">t</th>",
        number, what, number, number, what);
    static const char *const names[] = {"W", "K", "T1", "T2", "a", "b", "c", "d", "e", "f", "g", "h"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        fprintf(p->f, "<th scope=\"col\">%s</th>", names[i]);
    fputs("</tr></thead><tbody>\n", p->f);
}

static void sha_round(const struct page *p, unsigned t, uint32_t W_t, uint32_t v[8])
{
    uint32_t T1 = v[7] + sha256_Sigma1(v[4]) + sha256_Ch(v[4], v[5], v[6]) + sha256_K[t] + W_t;
    uint32_t T2 = sha256_Sigma0(v[0]) + sha256_Maj(v[0], v[1], v[2]);
    const uint32_t of[] = {W_t, sha256_K[t], T1, T2};
    sha256_round(v, sha256_K[t], W_t);
    fprintf(p->f, "<tr><th scope=\"row\">%u</th>", t);
    words(p, of, sizeof of / sizeof of[0]);
    words(p, v, 8);
    fputs("</tr>\n", p->f);
}

static void sha_block(struct sha *h, const uint8_t *block, const char *what)
{
    uint32_t W[SHA_ROUNDS], v[8];
    if (h->blocks == SHA_BLOCKS_MAX)
        return;
    sha_head(h->p, ++h->blocks, what);
    sha256_message_schedule(W, block);
    memcpy(v, h->H, sizeof v);
    fputs("<tr><th scope=\"row\">H</th><td></td><td></td><td></td><td></td>", h->p->f);
    words(h->p, v, 8);
    fputs("</tr>\n", h->p->f);
    for (unsigned t = 0; t < SHA_ROUNDS; t++)
        sha_round(h->p, t, W[t], v);
    for (size_t i = 0; i < 8; i++)
        h->H[i] += v[i];
    fputs("<tr><th scope=\"row\">H + v</th><td></td><td></td><td></td><td></td>", h->p->f);
    words(h->p, h->H, 8);
    fputs("</tr>\n</tbody></table></div></details>\n", h->p->f);
}

/* One of HMAC's two hashes: the key block, and what follows, padded as FIPS 180-4 section 5.1.1 says. */
static void sha_hash(struct sha *h, const uint8_t *key, uint8_t pad, const uint8_t *data, size_t len,
                     const char *const what[static 2])
{
    uint8_t message[AUTHENTICATED_MAX] = {0};
    size_t whole = (SHA_BLOCK + len + 1 + 8 + SHA_BLOCK - 1) / SHA_BLOCK * SHA_BLOCK;
    for (size_t i = 0; i < SHA_BLOCK; i++)
        message[i] = pad ^ (i < TAG ? key[i] : 0);
    memcpy(message + SHA_BLOCK, data, len);
    message[SHA_BLOCK + len] = 0x80;
    bytes_store_be64(message + whole - 8, 8 * (uint64_t)(SHA_BLOCK + len));
    memcpy(h->H, sha256_H0, sizeof h->H);
    for (size_t at = 0; at < whole; at += SHA_BLOCK)
        sha_block(h, message + at, what[at > 0]);
}

static void hash_of(uint8_t out[static TAG], const struct sha *h)
{
    for (size_t i = 0; i < 8; i++)
        bytes_store_be32(out + 4 * i, h->H[i]);
}

static void sha_tables(const struct page *p, const struct story_frame *f)
{
    static const char *const inner[] = {"the inner hash, mac_key xor ipad",
                                        "the inner hash, sequence, header, iv and ciphertext"};
    static const char *const outer[] = {"the outer hash, mac_key xor opad", "the outer hash, the inner one"};
    uint8_t data[8 + FRAME_MAX_LEN], hash[TAG];
    struct sha h = {.p = p};
    size_t len = f->len - TAG;
    bytes_store_be64(data, f->sequence);
    memcpy(data + 8, f->data, len);
    sha_hash(&h, f->keys->mac_key.data, 0x36, data, 8 + len, inner);
    hash_of(hash, &h);
    sha_hash(&h, f->keys->mac_key.data, 0x5c, hash, sizeof hash, outer);
    hash_of(hash, &h);
    if (memcmp(hash, f->data + len, TAG) == 0)
        fputs("<p>The last state is the tag.</p>\n", p->f);
}

static void sha_drawing(const struct page *p)
{
    fputs("<svg class=\"registers\" viewBox=\"0 0 380 404\" aria-hidden=\"true\">\n<g class=\"edges\">", p->f);
    for (unsigned i = 0; i < 7; i++)
        fprintf(p->f, "<path d=\"M136 %uC190 %u 190 %u 240 %u\"%s/>", 41 + 46 * i, 41 + 46 * i, 87 + 46 * i,
                87 + 46 * i, i == 3 ? " class=\"summed\"" : "");
    fputs("</g>\n", p->f);
    for (unsigned i = 0; i < 8; i++)
        fprintf(
            p->f,
            "<g><rect x=\"28\" y=\"%u\" width=\"106\" height=\"30\" rx=\"5\"/><text x=\"10\" y=\"%u\" "
            "class=\"n\">%c</text>"
            "<text x=\"38\" y=\"%u\" data-word=\"before%u\"></text></g>\n<g class=\"after\"><rect x=\"246\" y=\"%u\" "
            "width=\"106\" height=\"30\" rx=\"5\"/><text x=\"362\" y=\"%u\" class=\"n\">%c</text><text x=\"256\" "
            "y=\"%u\" "
            "data-word=\"after%u\"></text></g>\n",
            26 + 46 * i, 46 + 46 * i, 'a' + i, 46 + 46 * i, i, 26 + 46 * i, 46 + 46 * i, 'a' + i, 46 + 46 * i, i);
    fputs("<text x=\"28\" y=\"14\" class=\"h\">before</text><text x=\"246\" y=\"14\" class=\"h\">after</text></svg>\n",
          p->f);
}

static void sha(const struct page *p, const struct story_frame *f)
{
    fputs(
        "<section id=\"sha\" aria-labelledby=\"sha-h\">\n<h2 id=\"sha-h\">SHA-256, round by round</h2>\n<p>The tag of ",
        p->f);
    which_record(p, f, PAGE_MAC_KEY, "mac_key");
    fputs(": HMAC hashes twice, and each hash begins with a block of the key.</p>\n"
          "<div class=\"stage\" id=\"sha-stage\" hidden=\"hidden\">\n<p><label>block <select "
          "id=\"sha-block\"></select></label></p>\n",
          p->f);
    controls(p, "SHA-256", "round");
    fputs("<div class=\"drawing\">\n", p->f);
    sha_drawing(p);
    fputs("<dl class=\"sums\"><div><dt>W<sub>t</sub></dt><dd data-word=\"W\"></dd></div><div><dt>K<sub>t</sub></dt><dd "
          "data-word=\"K\"></dd></div><div><dt>T<sub>1</sub> = h + &#931;<sub>1</sub>(e) + Ch(e,f,g) + K<sub>t</sub> + "
          "W<sub>t</sub></dt><dd data-word=\"T1\"></dd></div><div><dt>T<sub>2</sub> = &#931;<sub>0</sub>(a) + "
          "Maj(a,b,c)</dt><dd data-word=\"T2\"></dd></div><div><dt>the new e</dt><dd>d + "
          "T<sub>1</sub></dd></div><div><dt>the "
          "new a</dt><dd>T<sub>1</sub> + T<sub>2</sub></dd></div></dl>\n</div>\n</div>\n",
          p->f);
    sha_tables(p, f);
    fputs("</section>\n", p->f);
}

void page_rounds(const struct page *p)
{
    const struct story_frame *f = first_record(p);
    if (f == NULL) {
        fputs(
            "<section id=\"aes\"><h2>AES</h2><p>This session has no Record whose rounds could be drawn.</p></section>\n"
            "<section id=\"sha\"><h2>SHA-256</h2><p>And so there is no tag to compute.</p></section>\n",
            p->f);
        return;
    }
    aes(p, f);
    sha(p, f);
}
