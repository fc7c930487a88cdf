/* SPDX-License-Identifier: MIT */
/* The block goes through the steps of aes_ref first, and the state after each is kept; then they are printed, in one
 * layout and in the other. Encryption and decryption both have five values a round, so that two tables of words are all
 * that tells one from the other.
 *
 * A square is what one draws on paper, and shows what ShiftRows and MixColumns do; a line is what a debugger shows, and
 * what a program of one's own prints. So both are here. */
#include "app/workbench/explain/explain_aes.h"

#include <assert.h>
#include <string.h>

#include "app/workbench/explain/show.h"
#include "crypto/aes.h"
#include "crypto/aes_ref.h"

#define ROUNDS_MAX 14
#define VALUES 5 /* of a round */

/* The words of one direction. */
struct direction {
    const char *heading, *note, *words_of_round, *openssl;
    const char *square[VALUES][2]; /* in two rows: appendix B's words, and the like for decryption */
    const char *line[VALUES];      /* appendix C's */
    const char *input, *output;
    size_t round_key; /* which of the five is the round key */
    size_t not_last;  /* which of them the last round does not have */
};

static const struct direction encryption = {
    .heading = "Cipher (FIPS 197, 5.1; the squares of appendix B)",
    .note =
        "The 16 bytes of a block fill a square, the state, column by column. SubBytes replaces each byte, ShiftRows "
        "turns row r by r places to the left, MixColumns mixes each column; what that gives, XOR the round key "
        "(AddRoundKey), is the start of the next round. The last round has no MixColumns.",
    .words_of_round = "Round r takes the words w[4r] to w[4r+3].",
    .openssl = "",
    .square = {{"Start of", "Round"},
               {"After", "SubBytes"},
               {"After", "ShiftRows"},
               {"After", "MixColumns"},
               {"Round Key", "Value"}},
    .line = {"start", "s_box", "s_row", "m_col", "k_sch"},
    .input = "input",
    .output = "output",
    .round_key = 4,
    .not_last = 3,
};

static const struct direction decryption = {
    .heading = "InvCipher (FIPS 197, 5.3; squares like those of appendix B)",
    .note = "The 16 bytes of a block fill a square, the state, column by column. InvShiftRows turns row r by r places "
            "to the right, InvSubBytes replaces each byte, AddRoundKey is XOR with the round key; InvMixColumns of "
            "what that gives is the start of the next round. The last round has no InvMixColumns.",
    .words_of_round = "The last round key comes first: round r takes the words w[4(Nr-r)] to w[4(Nr-r)+3].",
    .openssl = " -d",
    .square = {{"Start of", "Round"},
               {"After", "InvShiftRows"},
               {"After", "InvSubBytes"},
               {"Round Key", "Value"},
               {"After", "AddRoundKey"}},
    .line = {"istart", "is_row", "is_box", "ik_sch", "ik_add"},
    .input = "iinput",
    .output = "ioutput",
    .round_key = 3,
    .not_last = 4,
};

/* A block's way. */
struct way {
    const struct direction *direction;
    unsigned Nk, Nr;
    uint8_t w[AES_REF_W_LEN];
    uint8_t value[ROUNDS_MAX + 1][VALUES][AES_BLOCK_LEN]; /* of round 0: the input in place of the start, the key */
    uint8_t out[AES_BLOCK_LEN];
};

unsigned explain_aes_rounds(size_t key_len)
{
    assert(key_len == AES128_KEY_LEN || key_len == AES256_KEY_LEN);
    return (unsigned)key_len / 4 + 6;
}

/* Which round key it is that a round takes. */
static unsigned round_key_of(const struct way *way, unsigned round)
{
    return way->direction == &decryption ? way->Nr - round : round;
}

/* As Cipher of crypto/aes_ref.c. */
static void go_forwards(struct way *way, uint8_t state[4][4])
{
    AddRoundKey(state, way->value[0][4]);
    for (unsigned round = 1; round <= way->Nr; round++) {
        aes_ref_state_store(way->value[round][0], state);
        SubBytes(state);
        aes_ref_state_store(way->value[round][1], state);
        ShiftRows(state);
        aes_ref_state_store(way->value[round][2], state);
        if (round < way->Nr)
            MixColumns(state);
        aes_ref_state_store(way->value[round][3], state);
        AddRoundKey(state, way->value[round][4]);
    }
}

/* As InvCipher. */
static void go_backwards(struct way *way, uint8_t state[4][4])
{
    AddRoundKey(state, way->value[0][3]);
    for (unsigned round = 1; round <= way->Nr; round++) {
        aes_ref_state_store(way->value[round][0], state);
        InvShiftRows(state);
        aes_ref_state_store(way->value[round][1], state);
        InvSubBytes(state);
        aes_ref_state_store(way->value[round][2], state);
        AddRoundKey(state, way->value[round][3]);
        aes_ref_state_store(way->value[round][4], state);
        if (round < way->Nr)
            InvMixColumns(state);
    }
}

static void go(struct way *way, const struct explain_aes *e)
{
    uint8_t state[4][4];
    way->direction = e->decrypt ? &decryption : &encryption;
    way->Nr = explain_aes_rounds(e->key_len);
    way->Nk = way->Nr - 6;
    KeyExpansion(way->w, e->key, way->Nk, way->Nr);
    for (unsigned round = 0; round <= way->Nr; round++)
        memcpy(way->value[round][way->direction->round_key], way->w + 16 * round_key_of(way, round), AES_BLOCK_LEN);
    memcpy(way->value[0][0], e->in, AES_BLOCK_LEN);
    aes_ref_state_load(state, e->in);
    if (e->decrypt)
        go_backwards(way, state);
    else
        go_forwards(way, state);
    aes_ref_state_store(way->out, state);
}

static bool has_value(const struct way *way, unsigned round, size_t value)
{
    if (round == 0)
        return value == 0 || value == way->direction->round_key;
    return round < way->Nr || value != way->direction->not_last;
}

/* A row of a table, made cell by cell; what stays blank at its end is not printed. */
struct row {
    char text[SHOW_WIDTH + 1];
    size_t len;
};

static void put(struct row *row, size_t column, const char *text)
{
    size_t len = strlen(text);
    assert(column >= row->len && column + len <= SHOW_WIDTH);
    memset(row->text + row->len, ' ', column - row->len);
    memcpy(row->text + column, text, len);
    row->len = len > 0 ? column + len : row->len;
}

static void end_row(struct row *row, FILE *to)
{
    fprintf(to, "%.*s\n", (int)row->len, row->text);
    row->len = 0;
}

#define WORD_COLUMN(n) (6 + 10 * (size_t)(n))

static void put_word(struct row *row, size_t n, const uint8_t word[static 4])
{
    char hex[9];
    hex_encode(hex, word, 4);
    put(row, WORD_COLUMN(n), hex);
}

static void show_word_headings(FILE *to)
{
    static const char *const heading[3][7] = {
        {"temp", "After", "After", "Rcon", "After XOR", "w[i-Nk]", "w[i]="},
        {"", "RotWord()", "SubWord()", "[i/Nk]", "with Rcon", "", "temp XOR"},
        {"", "", "", "", "", "", "w[i-Nk]"},
    };
    struct row row = {.len = 0};
    for (size_t line = 0; line < 3; line++) {
        put(&row, 2, line == 0 ? "i" : "");
        for (size_t n = 0; n < 7; n++)
            put(&row, WORD_COLUMN(n), heading[line][n]);
        end_row(&row, to);
    }
}

/* The steps of KeyExpansion for one word that is not the key's. */
static void show_word(FILE *to, const struct way *way, unsigned i)
{
    uint8_t temp[4];
    char number[8];
    struct row row = {.len = 0};
    snprintf(number, sizeof number, "%u", i);
    put(&row, 2, number);
    memcpy(temp, way->w + 4 * (i - 1), sizeof temp);
    put_word(&row, 0, temp);
    if (i % way->Nk == 0) {
        const uint8_t rcon[4] = {Rcon(i / way->Nk)};
        RotWord(temp);
        put_word(&row, 1, temp);
        SubWord(temp);
        put_word(&row, 2, temp);
        bytes_xor(temp, temp, rcon, sizeof temp);
        put_word(&row, 3, rcon);
        put_word(&row, 4, temp);
    } else if (way->Nk > 6 && i % way->Nk == 4) {
        SubWord(temp);
        put_word(&row, 2, temp);
    }
    put_word(&row, 5, way->w + 4 * (i - way->Nk));
    bytes_xor(temp, temp, way->w + 4 * (i - way->Nk), sizeof temp);
    put_word(&row, 6, temp);
    end_row(&row, to);
}

/* Four words of the key, those of a round key. */
static void show_key_words(FILE *to, const struct way *way, unsigned first)
{
    struct row row = {.len = 0};
    for (unsigned i = first; i < first + 4; i++) {
        char hex[9], text[32];
        hex_encode(hex, way->w + 4 * i, 4);
        snprintf(text, sizeof text, "w%u = %s", i, hex);
        put(&row, 2 + 18 * (size_t)(i - first), text);
    }
    end_row(&row, to);
}

/* The words first to last - 1; both are multiples of 4. */
static void show_key_schedule(FILE *to, const struct way *way, unsigned first, unsigned last)
{
    show_heading(to, "KeyExpansion (FIPS 197, 5.2; the table of appendix A)");
    show_note(to,
              "The first Nk = %u words are the key. Each further word is temp XOR w[i-Nk], temp being the word before "
              "it; where i is a multiple of Nk, RotWord, SubWord and XOR with Rcon[i/Nk] change temp first%s. %s",
              way->Nk, way->Nk > 6 ? ", and where i is 4 more than a multiple, SubWord alone does" : "",
              way->direction->words_of_round);
    for (unsigned i = first; i < last && i < way->Nk; i += 4)
        show_key_words(to, way, i);
    if (last <= way->Nk)
        return;
    fputc('\n', to);
    show_word_headings(to);
    for (unsigned i = first > way->Nk ? first : way->Nk; i < last; i++)
        show_word(to, way, i);
}

#define SQUARE_COLUMN(n) (10 + 14 * (size_t)(n))

static void put_square_row(struct row *row, size_t n, const uint8_t block[static 16], size_t r)
{
    char hex[12];
    snprintf(hex, sizeof hex, "%02x %02x %02x %02x", block[r], block[r + 4], block[r + 8], block[r + 12]);
    put(row, SQUARE_COLUMN(n), hex);
}

static void show_square_headings(FILE *to, const struct direction *d)
{
    struct row row = {.len = 0};
    for (size_t line = 0; line < 2; line++) {
        put(&row, 2, line == 1 ? "Number" : "Round");
        for (size_t n = 0; n < VALUES; n++)
            put(&row, SQUARE_COLUMN(n), d->square[n][line]);
        end_row(&row, to);
    }
}

static void show_round(FILE *to, const struct way *way, unsigned round)
{
    char number[8];
    struct row row = {.len = 0};
    snprintf(number, sizeof number, "%u", round);
    fputc('\n', to);
    for (size_t r = 0; r < 4; r++) {
        put(&row, 2, r > 0 ? "" : round == 0 ? "input" : number);
        for (size_t n = 0; n < VALUES; n++)
            if (has_value(way, round, n))
                put_square_row(&row, n, way->value[round][n], r);
        end_row(&row, to);
    }
}

static void show_output(FILE *to, const struct way *way)
{
    struct row row = {.len = 0};
    fputc('\n', to);
    for (size_t r = 0; r < 4; r++) {
        put(&row, 2, r > 0 ? "" : "output");
        put_square_row(&row, 0, way->out, r);
        end_row(&row, to);
    }
}

static void show_line(FILE *to, unsigned round, const char *name, const uint8_t block[static 16])
{
    char hex[2 * AES_BLOCK_LEN + 1];
    hex_encode(hex, block, AES_BLOCK_LEN);
    fprintf(to, "  round[%2u].%-8s %s\n", round, name, hex);
}

static void show_lines(FILE *to, const struct way *way, unsigned round)
{
    const struct direction *d = way->direction;
    for (size_t n = 0; n < VALUES; n++)
        if (has_value(way, round, n))
            show_line(to, round, round == 0 && n == 0 ? d->input : d->line[n], way->value[round][n]);
    if (round == way->Nr)
        show_line(to, round, d->output, way->out);
}

static void show_rounds(FILE *to, const struct way *way, unsigned first, unsigned last)
{
    show_heading(to, "%s", way->direction->heading);
    show_note(to, "%s", way->direction->note);
    fputc('\n', to);
    show_square_headings(to, way->direction);
    for (unsigned round = first; round <= last; round++)
        show_round(to, way, round);
    if (last == way->Nr)
        show_output(to, way);
    show_heading(to, "The same in lines, the state column by column (appendix C)");
    for (unsigned round = first; round <= last; round++)
        show_lines(to, way, round);
}

static void show_result(FILE *to, const struct way *way, const struct explain_aes *e)
{
    char key[2 * AES256_KEY_LEN + 1], feed[SHOW_FEED_LEN(AES_BLOCK_LEN)];
    hex_encode(key, e->key, e->key_len);
    show_heading(to, "Result");
    show_value(to, "output", way->out, sizeof way->out);
    show_note(to, "The same by OpenSSL:");
    show_command(to, "%sopenssl enc -aes-%zu-ecb%s -nopad -K %s | basenc --base16",
                 show_feed(feed, e->in, AES_BLOCK_LEN), 8 * e->key_len, way->direction->openssl, key);
}

int explain_aes(FILE *to, const struct explain_aes *e)
{
    struct way way;
    go(&way, e);
    if (memcmp(way.out, e->out, sizeof way.out) != 0)
        return -1;
    assert(e->round == EXPLAIN_AES_ALL || (e->round >= 0 && (unsigned)e->round <= way.Nr));
    unsigned first = 0, last = way.Nr, key_first = 0, key_last = way.Nr;
    if (e->round != EXPLAIN_AES_ALL) {
        first = last = (unsigned)e->round;
        key_first = key_last = round_key_of(&way, first);
    }
    show_heading(to, "AES-%zu: a key of Nk = %u words, Nr = %u rounds", 8 * e->key_len, way.Nk, way.Nr);
    show_value(to, "key", e->key, e->key_len);
    show_value(to, "input", e->in, AES_BLOCK_LEN);
    show_key_schedule(to, &way, 4 * key_first, 4 * (key_last + 1));
    show_rounds(to, &way, first, last);
    show_result(to, &way, e);
    return 0;
}
