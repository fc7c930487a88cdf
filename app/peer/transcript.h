/* SPDX-License-Identifier: MIT */
/* What was said in a sealed room, kept by one of its members: a receipt that anybody can check who knows the members'
 * keys. A file of it is text:
 *
 *      glasschat transcript 1
 *      read and check it with: glass transcript verify FILE
 *      room 3f0c...a1 +ring                32 digits in lower-case hex, then the name
 *      certificate MIIB...                 net/certificate.h: the founder's, then the others by name and fingerprint
 *      list Z2xh...                        room_list.h, by their n
 *      said Z2xh...                        sealed.h, sealed_statement_encode, in the order in which they were shown
 *      said gap unseen Z2xh...
 *      end 3 2 14                          how many certificates, lists, and lines that were said
 *
 * What stands behind `certificate`, `list`, and `said` with its marks, is base64. `gap` stands where the sender names
 * another line before this one than the last of its own above, or one and there is none above; `unseen` where the line
 * of another that it names is not above. So the file says where something is missing, and one that was cut without
 * saying so is refused. Nothing stands in it twice, in letters beside the bytes, as only the bytes are signed: what it
 * says is read with the command that checks it. For the same reason it has no times. There is one way to write it, and
 * what was written in another is refused.
 *
 * Lists are kept that a line names, the first and the newest; certificates of those who said a line, and the founder's.
 *
 * Standard:    none; what is signed is docs/protocol.md section 9.
 * Use it:      a client      transcript_init(&t, &list, founder, founder_len);           when one is in a room, first
 *                            transcript_add_list(&t, &newer);  transcript_add(&t, &s, &list, certificate, len);
 *                            if (transcript_save(&t, path, why) != 0) say why;  transcript_free(&t);
 *              a reader      if (transcript_verify(&t, text, len, why) != 0) say why
 *                            for (size_t i = 0; i < t.count; i++) transcript_at(&t, i), transcript_links(&k, &t, i)
 * Timing:      which keys and lists are equal may show, and how much was said. What was said is wiped when it goes.
 * Read next:   transcript.c, what is kept; transcript_verify.c, what is checked; sealed.h.
 */
#ifndef APP_PEER_TRANSCRIPT_H
#define APP_PEER_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/peer/room_list.h"
#include "app/peer/sealed.h"
#include "crypto/bytes.h"
#include "net/certificate.h"
#include "net/why.h"

#define TRANSCRIPT_LINES 1000                          /* the newest are kept */
#define TRANSCRIPT_LISTS (TRANSCRIPT_LINES + 2)        /* at most, of a file */
#define TRANSCRIPT_CERTIFICATES (TRANSCRIPT_LINES + 1) /* at most, of a file */
#define TRANSCRIPT_TEXT_MAX ((size_t)16 << 20)         /* more than any file has */

struct transcript_certificate {
    char name[NAME_MAX_LEN + 1];
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN]; /* of its key */
    uint8_t issuer[CERTIFICATE_FINGERPRINT_LEN];      /* the same where it is signed by its own key */
    size_t lines;                                     /* how many of its owner's are kept */
    size_t len;
    uint8_t bytes[];
};

struct transcript_list {
    uint32_t n;
    uint8_t hash[ROOM_LIST_HASH_LEN], before[ROOM_LIST_HASH_LEN];
    size_t lines; /* how many were said to it */
    size_t len;
    uint8_t bytes[];
};

/* One line that was said. */
struct transcript_line {
    struct transcript_certificate *certificate; /* whose key signed it */
    struct transcript_list *list;               /* to whom */
    uint8_t key_id[SENDER_KEY_ID_LEN];
    uint32_t i;
    uint8_t hash[SHA256_DIGEST_LEN], prev[SHA256_DIGEST_LEN], seen[SHA256_DIGEST_LEN];
    size_t len;
    uint8_t bytes[]; /* for sealed_statement_decode, which takes them */
};

/* All zero: of no room; only transcript_free takes it then. */
struct transcript {
    uint8_t room[ROOM_LIST_ID_LEN];
    char name[NAME_MAX_LEN + 1];
    struct transcript_certificate *certificates[TRANSCRIPT_CERTIFICATES + 1]; /* the founder's first */
    struct transcript_list *lists[TRANSCRIPT_LISTS + 1];                      /* by n */
    struct transcript_line *lines[TRANSCRIPT_LINES];                          /* a ring: transcript_at */
    size_t certificate_count, list_count, first, count;
};

/* Begins with the first list that this member has, and the founder's certificate. -1: there is no memory, or they don't
 * belong together; *t is all zero then. Signatures are the caller's to verify, here and in the next two. */
MUST_USE int transcript_init(struct transcript *t, const struct room_list *l, const uint8_t *founder,
                             size_t founder_len);

/* Keeps a newer list. -1, with nothing changed: there is no memory, or it is no list of this room and founder that can
 * stand beside the others. */
MUST_USE int transcript_add_list(struct transcript *t, const struct room_list *l);

/* Keeps a line that was shown or said, with its list and its sender's certificate; of more than TRANSCRIPT_LINES the
 * oldest goes. -1, with nothing changed: there is no memory, or it doesn't fit: to another list than l, by somebody who
 * is not on l with that certificate's name and key, i above 99 or not above the last under the same key id, or the key
 * id was used for another list. A file with such a line would be refused. */
MUST_USE int transcript_add(struct transcript *t, const struct sealed_statement *s, const struct room_list *l,
                            const uint8_t *certificate, size_t certificate_len);

/* Whether a key of that sender, with that id, for the list with that hash, from message i on, would have its lines
 * refused by transcript_add: for what is kept has one under that id that is another list's, or not before i. */
bool transcript_refuses_key(const struct transcript *t, const char *sender,
                            const uint8_t key_id[static SENDER_KEY_ID_LEN],
                            const uint8_t list[static ROOM_LIST_HASH_LEN], uint32_t i);

/* Wipes and frees all. */
void transcript_free(struct transcript *t);

/* The text of a file, for the caller to wipe and free; NULL where there is no memory. */
MUST_USE char *transcript_write(const struct transcript *t, size_t *len);

/* Writes that to a new file (mode 0600), and has it on disk. -1 with why: it is there already, and stays as it is; or
 * it can't be made or written, and nothing is left behind. */
MUST_USE int transcript_save(const struct transcript *t, const char *path, char why[static WHY_LEN]);

/* Checks a file, whosever, and sets *t to what it has. -1, with *t all zero: the first line that is wrong stands in
 * why, by its number, and what is wrong with it; or there is no memory. (That no line needs a certificate or a list
 * shows only when all lines are read.) A certificate that was signed by another key than its own can't be checked here,
 * and its issuer says so; it is the founder who vouches for names and keys, in lists. One public RSA operation for each
 * line, list and certificate. */
MUST_USE int transcript_verify(struct transcript *t, const char *text, size_t len, char why[static WHY_LEN]);

/* The i-th line that is kept, the oldest first; i is below t->count (asserted). */
const struct transcript_line *transcript_at(const struct transcript *t, size_t i);

/* The number, from 1, of the line with that hash; 0: there is none. */
size_t transcript_find(const struct transcript *t, const uint8_t hash[static SHA256_DIGEST_LEN]);

/* What the line after the first `at` says of those above it. */
struct transcript_links {
    size_t last; /* the last of its sender's above, by number from 1; 0: there is none */
    size_t seen; /* the one of another above that it names; 0: none */
    bool gap;    /* it names another one before it than last, or one where there is none above */
    bool anew;   /* it names none, though there is one above: its sender began anew */
    bool unseen; /* it names one of another that is not above */
};

void transcript_links(struct transcript_links *k, const struct transcript *t, size_t at);

#endif
