/* SPDX-License-Identifier: MIT */
/* Both explanations take the signature apart (pss.h); the signer's then makes EM again from the salt, and the
 * verifier's judges it, step by step. At the end they must have come to the same as crypto/rsa.h. */
#include "app/workbench/explain/explain_rsa.h"

#include <assert.h>
#include <string.h>

#include "app/workbench/explain/pss.h"
#include "app/workbench/explain/show.h"

#define HASH_LEN SHA256_DIGEST_LEN
#define WORD_CAP 1024 /* bytes of a file's name as a word of the shell */

/* The commands. */

/* A file's name as one word of the shell; NULL where it is standard input, too long, or has what isn't printable. */
static const char *word(char out[static WORD_CAP], const char *name)
{
    size_t len = 0;
    if (name == NULL || strcmp(name, "-") == 0)
        return NULL;
    len += (size_t)snprintf(out, WORD_CAP, "'%s", name[0] == '-' ? "./" : "");
    for (; *name != '\0'; name++) {
        if (*name < ' ' || *name > '~' || len + 8 > WORD_CAP)
            return NULL;
        len += (size_t)snprintf(out + len, WORD_CAP - len, *name == '\'' ? "'\\''" : "%c", *name);
    }
    memcpy(out + len, "'", 2);
    return out;
}

static void show_commands(FILE *to, const uint8_t sig[static RSA_SIGNATURE_LEN], const struct explain_rsa_files *files)
{
    char key[WORD_CAP], password[WORD_CAP], message[WORD_CAP], feed[SHOW_FEED_LEN(RSA_SIGNATURE_LEN)];
    const char *with = files->password != NULL ? " -passin file:" : "", *secret = "";
    if (word(key, files->key) == NULL ||
        (files->password != NULL && (secret = word(password, files->password)) == NULL))
        return;
    show_heading(to, "The same by openssl");
    show_note(to, "The signature opened, which is EM:");
    show_feed(feed, sig, RSA_SIGNATURE_LEN);
    show_command(to,
                 "%sopenssl pkeyutl -verifyrecover%s -inkey %s%s%s -pkeyopt rsa_padding_mode:none | basenc --base16",
                 feed, files->private ? "" : " -pubin", key, with, secret);
    if (word(message, files->message) == NULL)
        return;
    show_note(to, "And verified:");
    show_command(to,
                 "%sopenssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -%s %s%s%s "
                 "-signature /dev/stdin %s",
                 feed, files->private ? "prverify" : "verify", key, with, secret, message);
}

/* Signing. */

static void show_key(FILE *to, const struct rsa_public *pub)
{
    show_folded(to, "n", pub->n, sizeof pub->n);
    show_text(to, "e", "%d", RSA_E);
}

static void show_encoding(FILE *to, const struct pss *p)
{
    show_heading(to, "EMSA-PSS-ENCODE (RFC 8017, 9.1.1)");
    show_note(to, "Step 2: mHash = SHA-256(M), the message's digest.");
    show_value(to, "mHash", p->m_hash, HASH_LEN);
    show_note(to,
              "Step 4: a salt, %d random bytes, so that no two signatures are alike. It is no secret: here it was "
              "found again by opening the signature, as everybody can.",
              PSS_SALT_LEN);
    show_value(to, "salt", p->salt, PSS_SALT_LEN);
    show_note(to, "Steps 5 and 6: M' is eight zero bytes, mHash and the salt; H = SHA-256(M').");
    show_value(to, "M'", p->m_prime, PSS_M_PRIME_LEN);
    show_value(to, "H", p->h_prime, HASH_LEN);
    show_note(to, "Steps 7 and 8: DB is %d zero bytes, 01 and the salt.", PSS_PS_LEN);
    show_value(to, "DB", p->db, PSS_DB_LEN);
    show_note(to,
              "Step 9: dbMask = MGF1(H), as long as DB: SHA-256(H || 00000000), SHA-256(H || 00000001) and so on, each "
              "a row here, and the last one cut.");
    show_value(to, "dbMask", p->db_mask, PSS_DB_LEN);
    show_note(to,
              "Steps 10 and 11: maskedDB = DB xor dbMask, its first bit cleared, so that EM is a number below n. What "
              "was zeros looks random now.");
    show_folded(to, "maskedDB", p->em, PSS_DB_LEN);
    show_note(to, "Step 12: EM is maskedDB, H and bc.");
    show_value(to, "EM", p->em, PSS_EM_LEN);
}

void explain_rsa_sign(FILE *to, const struct rsa_public *pub, const void *msg, size_t msg_len,
                      const uint8_t sig[static RSA_SIGNATURE_LEN], const struct explain_rsa_files *files)
{
    struct pss p;
    uint8_t again[PSS_EM_LEN];
    int good = rsa_pss_verify(pub, msg, msg_len, sig);
    assert(good == 0);
    pss_open(p.em, pub, sig);
    pss_take_apart(&p, msg, msg_len);
    pss_encode(again, &p);
    assert(memcmp(again, p.em, PSS_EM_LEN) == 0);
    show_heading(to, "RSASSA-PSS-SIGN with SHA-256 (RFC 8017, 8.1.1)");
    show_key(to, pub);
    show_encoding(to, &p);
    show_heading(to, "RSASP1 (RFC 8017, 5.2.1)");
    show_note(to,
              "EM as a number is m, and the signature is s = m^d mod n. The private exponent d isn't shown, nor p and "
              "q: the power is worked out modulo each of them apart and put together by the Chinese remainder theorem. "
              "Before it left it was verified: s^e mod n is m again.");
    show_value(to, "S", sig, RSA_SIGNATURE_LEN);
    show_commands(to, sig, files);
}

/* Verifying. */

static bool is_all_zeros(const uint8_t *data, size_t len)
{
    uint8_t any = 0;
    for (size_t i = 0; i < len; i++)
        any |= data[i];
    return any == 0;
}

/* Steps 2 to 6 of 9.1.2: what EM looks like. */
static bool check_form(FILE *to, const struct pss *p)
{
    show_heading(to, "EMSA-PSS-VERIFY (RFC 8017, 9.1.2)");
    show_note(to, "Step 2: mHash = SHA-256(M), the message's digest.");
    show_value(to, "mHash", p->m_hash, HASH_LEN);
    show_note(to, "Step 4: the last byte of EM must be bc.");
    show_value(to, "last byte", p->em + PSS_EM_LEN - 1, 1);
    if (!show_check(to, "is it bc?", p->em[PSS_EM_LEN - 1] == PSS_TRAILER,
                    "Nobody who has the private key signs such an EM: another key, or the signature was changed."))
        return false;
    show_note(to, "Step 5: before it are maskedDB and H.");
    show_folded(to, "maskedDB", p->em, PSS_DB_LEN);
    show_value(to, "H", p->em + PSS_DB_LEN, HASH_LEN);
    show_note(to, "Step 6: the first bit of maskedDB must be 0.");
    return show_check(to, "is it 0?", p->em[0] < 0x80, "The signer clears it, so that EM is a number below n.");
}

/* Steps 7 to 11: the mask comes off, and the salt is found. */
static bool check_salt(FILE *to, const struct pss *p)
{
    show_note(to,
              "Step 7: dbMask = MGF1(H), as long as maskedDB: SHA-256(H || 00000000), SHA-256(H || 00000001) and so "
              "on, each a row here, and the last one cut.");
    show_value(to, "dbMask", p->db_mask, PSS_DB_LEN);
    show_note(to, "Steps 8 and 9: DB = maskedDB xor dbMask, its first bit cleared.");
    show_value(to, "DB", p->db, PSS_DB_LEN);
    show_note(to, "Step 10: DB must begin with %d zero bytes, and then have 01.", PSS_PS_LEN);
    if (!show_check(to, "all zeros?", is_all_zeros(p->db, PSS_PS_LEN),
                    "Another key, a changed signature, or a salt that is longer than 32 bytes.") ||
        !show_check(to, "then 01?", p->db[PSS_PS_LEN] == 0x01,
                    "Another encoding, or a salt that is shorter than 32 bytes."))
        return false;
    show_note(to, "Step 11: the rest of DB is the salt.");
    show_value(to, "salt", p->salt, PSS_SALT_LEN);
    return true;
}

/* Steps 12 to 14: is it this message's? */
static bool check_hash(FILE *to, const struct pss *p)
{
    show_note(to, "Steps 12 and 13: M' is eight zero bytes, mHash and the salt; H' = SHA-256(M').");
    show_value(to, "M'", p->m_prime, PSS_M_PRIME_LEN);
    show_value(to, "H'", p->h_prime, HASH_LEN);
    show_note(to, "Step 14: H' must be the H that was signed.");
    return show_check(to, "H' = H?", memcmp(p->h_prime, p->em + PSS_DB_LEN, HASH_LEN) == 0,
                      "The signature is this key's, but for another message.");
}

/* 8.1.2, steps 1 and 2. Writes EM. */
static bool check_signature(FILE *to, uint8_t em[static PSS_EM_LEN], const struct rsa_public *pub, const uint8_t *sig,
                            size_t sig_len)
{
    show_heading(to, "RSASSA-PSS-VERIFY with SHA-256 (RFC 8017, 8.1.2)");
    show_key(to, pub);
    if (!show_check(to, "n sound?", rsa_public_check(pub) == 0, "It must have its top bit set, and be odd."))
        return false;
    show_note(to, "Step 1: the signature S must be as long as n, %d bytes.", RSA_SIGNATURE_LEN);
    show_value(to, "S", sig, sig_len);
    if (!show_check(to, "its length?", sig_len == RSA_SIGNATURE_LEN, "Some of it is missing, or it is no signature."))
        return false;
    show_note(to, "Step 2: S as a number is s, which must be below n; and EM = s^e mod n.");
    if (!show_check(to, "s < n?", memcmp(sig, pub->n, RSA_SIGNATURE_LEN) < 0,
                    "Else s + n would be a second signature for the same message."))
        return false;
    pss_open(em, pub, sig);
    show_value(to, "EM", em, PSS_EM_LEN);
    return true;
}

int explain_rsa_verify(FILE *to, const struct rsa_public *pub, const void *msg, size_t msg_len, const uint8_t *sig,
                       size_t sig_len, const struct explain_rsa_files *files)
{
    struct pss p;
    bool good = check_signature(to, p.em, pub, sig, sig_len);
    if (good) {
        pss_take_apart(&p, msg, msg_len);
        good = check_form(to, &p) && check_salt(to, &p) && check_hash(to, &p);
    }
    if (sig_len == RSA_SIGNATURE_LEN) {
        int refused = rsa_pss_verify(pub, msg, msg_len, sig);
        assert(good == (refused == 0));
    }
    if (good)
        show_commands(to, sig, files);
    return good ? 0 : -1;
}
