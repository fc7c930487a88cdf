/* SPDX-License-Identifier: MIT */
/* The table, and the page around each picture. */
#include "app/workbench/figures/figure.h"

#include <string.h>

#include "app/workbench/figures/draw.h"

const struct figure figures[] = {
    {"aes", "aes", 500, "AES: one round",
     "The state of FIPS 197, appendix B through round 1: SubBytes replaces each byte, ShiftRows turns a marked "
     "diagonal "
     "into a column, MixColumns mixes that column, AddRoundKey xors the round's key.",
     figure_aes},
    {"cbc", "cbc", 660, "CBC: a chain, and one flipped bit",
     "Above, three blocks are encrypted, each xored with the ciphertext before it. Below, one bit of the first "
     "ciphertext block was flipped: that block decrypts to garbage, the next one differs in this one bit, and the "
     "third "
     "is whole.",
     figure_cbc},
    {"sha256", "sha256", 640, "SHA-256: a word, and a round",
     "Above, word 16 of the message schedule is made of words 0, 1, 9 and 14. Below, a round computes two new values, "
     "a and e, and moves the other six working variables one place on.",
     figure_sha256},
    {"hmac", "hmac", 430, "HMAC: two hashes",
     "The key xor ipad and the message are hashed; the key xor opad and that digest are hashed again, which is the "
     "tag.",
     figure_hmac},
    {"hkdf", "hkdf", 710, "HKDF: extract, then expand",
     "Above, RFC 5869's first test case: a salt and the input make PRK, PRK makes T(1), and T(1) makes T(2). Below, "
     "the "
     "handshake's Z becomes PRK, a secret for each direction, and of each secret a key to encrypt and one to "
     "authenticate.",
     figure_hkdf},
    {"dh", "dh", 570, "Diffie-Hellman: two ways to one Z",
     "Alice has x and Bob x'; y = 2^x and y' = 2^x' cross the wire; Alice raises y' to x, Bob raises y to x', and both "
     "have the same Z, which nobody who saw y and y' has.",
     figure_dh},
    {"record", "record", 490, "A Record: \"hello\" on the wire",
     "A content type, the payload and its padding are encrypted with AES-CBC; header, iv, ciphertext and tag cross the "
     "wire; the tag covers all of them and a sequence number that is not sent.",
     figure_record},
    {"handshake", "handshake", 650, "The handshake",
     "Client and server as two lines: ClientHello, ServerHello, the server's Finished, the client's Finished and the "
     "first message, with their lengths, and what each side checks in between.",
     figure_handshake},
    {NULL, NULL, 0, NULL, NULL, NULL},
};

int figures_write(FILE *to, const char *name)
{
    for (const struct figure *f = figures; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0) {
            draw_begin(to, f->height, f->title, f->what);
            f->draw(to);
            draw_end(to);
            return 0;
        }
    return -1;
}
