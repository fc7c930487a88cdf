/* SPDX-License-Identifier: MIT */
/* The table, and the page around each picture. */
#include "app/workbench/figures/figure.h"

#include <string.h>

#include "app/workbench/figures/draw.h"

const struct figure figures[] = {
    {"bytes", "bytes-and-ct", 510, "Byte order: one number, four bytes",
     "The number 305419896 is made of the bytes 12, 34, 56 and 78; big-endian they lie in this order, as on the "
     "wire; little-endian the other way round.",
     figure_bytes},
    {"timing", "bytes-and-ct", 456, "Comparing: what a clock sees",
     "Three guesses of an 8-byte tag: a comparison that stops at the first difference looks at 1, 4 and 8 bytes of "
     "them, ct_equal at all 8 of each.",
     figure_timing},
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
    {"pkcs7", "pkcs7", 670, "PKCS#7: n bytes of value n",
     "Sixteen blocks one below the other: a message of 15 bytes gets one byte of value 1, one of 14 bytes two of "
     "value 2, down to a block that is sixteen bytes of value 16.",
     figure_pkcs7},
    {"sha256", "sha256", 640, "SHA-256: a word, and a round",
     "Above, word 16 of the message schedule is made of words 0, 1, 9 and 14. Below, a round computes two new values, "
     "a and e, and moves the other six working variables one place on.",
     figure_sha256},
    {"hmac", "hmac", 430, "HMAC: two hashes",
     "The key xor ipad and the message are hashed; the key xor opad and that digest are hashed again, which is the "
     "tag.",
     figure_hmac},
    {"etm", "etm", 508, "Encrypt, then authenticate",
     "The tag is made over associated data, iv and ciphertext; with one bit flipped in any of these or in the tag "
     "itself, the receiver refuses before it decrypts.",
     figure_etm},
    {"hkdf", "hkdf", 710, "HKDF: extract, then expand",
     "Above, RFC 5869's first test case: a salt and the input make PRK, PRK makes T(1), and T(1) makes T(2). Below, "
     "the "
     "handshake's Z becomes PRK, a secret for each direction, and of each secret a key to encrypt and one to "
     "authenticate.",
     figure_hkdf},
    {"pbkdf2", "pbkdf2", 510, "PBKDF2: a chain, link after link",
     "Each U is the HMAC of the U before it, under the password; T is the exclusive or of all of them, and with "
     "each link it becomes another value.",
     figure_pbkdf2},
    {"rng", "rng", 410, "Fast key erasure",
     "Key 0 makes 1024 bytes with AES-256: the first 32 are key 1, which is written over key 0, and the other 992 "
     "are served; then key 1 does the same.",
     figure_rng},
    {"dh", "dh", 570, "Diffie-Hellman: two ways to one Z",
     "Alice has x and Bob x'; y = 2^x and y' = 2^x' cross the wire; Alice raises y' to x, Bob raises y to x', and both "
     "have the same Z. No feasible way from y and y' to it is known.",
     figure_dh},
    {"rsa", "rsa", 584, "RSA-PSS: what is signed",
     "The hash of eight zeros, the message's hash and a salt is H; zeros, a 01 and the salt are masked with MGF1 of "
     "H; both and a last byte bc are EM, which is raised to d: the signature.",
     figure_rsa},
    {"pem", "pem", 610, "PEM: values inside values",
     "A public key in PEM: base64 in lines; its first sixteen characters are twelve bytes of DER; and DER is values "
     "inside values, each with a tag and a length, down to the numbers n and e.",
     figure_pem},
    {"totp", "totp", 470, "TOTP: six digits out of twenty bytes",
     "The HMAC of the time step has 20 bytes; the last one says at which place four of them are taken; without "
     "their topmost bit and modulo a million they are the code.",
     figure_totp},
    {"base64", "base64-and-base32", 430, "Base64: three bytes, four characters",
     "The 24 bits of the three bytes of foo, cut again into four groups of six, each of which is a number below 64 "
     "and so a character: Zm9v.",
     figure_base64},
    {"record", "frame-and-record", 490, "A Record: \"hello\" on the wire",
     "A content type, the payload and its padding are encrypted with AES-CBC; header, iv, ciphertext and tag cross the "
     "wire; the tag covers the first three, and before them a sequence number that is not sent.",
     figure_record},
    {"handshake", "handshake", 650, "The handshake",
     "Client and server as two lines: ClientHello, ServerHello, the server's Finished, the client's Finished and the "
     "first message, with their lengths, and what each side checks in between.",
     figure_handshake},
    {"session", "session", 510, "KeyUpdate: each direction by itself",
     "The client's secret seals the Records 0 to 2, the last of which is a KeyUpdate; Expand makes the next secret "
     "of it, which seals Record 3. The server's secret goes its own way.",
     figure_session},
    {"trust", "trust", 530, "Whom to believe",
     "The server's key against three rules: a pinned fingerprint, an authority's signature with host and time, or "
     "the file of known servers; and what each of them believes and refuses.",
     figure_trust},
    {"store", "passwords-and-store", 530, "An account on disk",
     "A line of the accounts file taken apart: name, e-mail address, time, iterations, salt, hash and a checksum of "
     "the "
     "line; the password is not in it.",
     figure_store},
    {"server", "server-loop", 460, "The server: one thread, and workers",
     "Clients are served by one thread that owns all state and never waits; what takes long goes to workers as a "
     "job, and a notice comes back when it is done.",
     figure_server},
    {"line", "a-lines-journey", 580, "The way of a line",
     "A line that bob types becomes a SAY and a Record; the server opens it, makes it a SAID with sender and time, "
     "and seals that for each member; alice's client opens and shows it.",
     figure_line},
    {"ratchet", "between-users", 706, "The ratchet: a fresh value at each change of speaker",
     "Alice's step 0, bob's step 1 and alice's step 2 cross the wire. From step 1 on the values of two steps make Z, "
     "the root and Z make t, and t makes the next root and the secret for what that step's sender says.",
     figure_ratchet},
    {"ring", "many-parties", 712, "The ring: a walk from one secret to the next",
     "Alice, bob, carol and dave in a ring; each two neighbours have a secret A, each X leads from one A to the next, "
     "and "
     "the product of all A is K. Below, bob sends X times 3 and dave X divided by 3: alice and carol walk to "
     "different keys.",
     figure_ring},
    {"sealed", "sealed-rooms", 642, "A sealed room: the keys of one sender, and who has which",
     "Alice signs two lists. For each bob draws a key, whose secrets follow from one another and seal a message each. "
     "Carol, whom the second list removes, has all secrets of the first; dave, who came late, those from secret 2 on; "
     "erin, who was added, those of the second list alone; the server none.",
     figure_sealed},
    {"bignum", "big-numbers-fast", 664, "Montgomery's product: from the last digit on",
     "Above, with small numbers: a row adds a times a digit of b, then that many times m that the last digit is 0, and "
     "drops it. Below, the lowest digits of a real number in eight lanes, each multiplied by the same digit of b.",
     figure_bignum},
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
