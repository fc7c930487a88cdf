/* SPDX-License-Identifier: MIT */
/* What keeping, writing and checking a transcript share: how a file's lines begin, and what fits into one.
 *
 * Read next:   transcript.h.
 */
#ifndef APP_PEER_TRANSCRIPT_IMPL_H
#define APP_PEER_TRANSCRIPT_IMPL_H

#include "app/peer/transcript.h"

#define TRANSCRIPT_FIRST "glasschat transcript 1"
#define TRANSCRIPT_HINT "read and check it with: glass transcript verify FILE"
#define TRANSCRIPT_ROOM "room "
#define TRANSCRIPT_CERTIFICATE "certificate "
#define TRANSCRIPT_LIST "list "
#define TRANSCRIPT_SAID "said "
#define TRANSCRIPT_GAP "gap "
#define TRANSCRIPT_UNSEEN "unseen "
#define TRANSCRIPT_END "end "

/* Why it can't stand in t beside what is there, as words that follow "line 7: "; NULL: it can. The first certificate of
 * t is the founder's; c of a line is its sender's, l its list. */
const char *transcript_unfit_certificate(const struct certificate *c);
const char *transcript_unfit_list(const struct transcript *t, const struct room_list *l);
const char *transcript_unfit_line(const struct transcript *t, const struct sealed_statement *s,
                                  const struct room_list *l, const struct transcript_certificate *c);

/* Puts it where it belongs, or finds it there; NULL: there is no memory. There must be room for one more. */
struct transcript_certificate *transcript_put_certificate(struct transcript *t, const struct certificate *c,
                                                          const uint8_t *bytes, size_t len);
struct transcript_list *transcript_put_list(struct transcript *t, const struct room_list *l);

/* Behind all others. -1: there is no memory, and nothing is changed. */
MUST_USE int transcript_put_line(struct transcript *t, const struct sealed_statement *s, struct transcript_list *l,
                                 struct transcript_certificate *c);

#endif
