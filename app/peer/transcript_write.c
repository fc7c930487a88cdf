/* SPDX-License-Identifier: MIT */
/* Writing a transcript, from what is kept: the marks of each line are made of the lines above it, as the reader will
 * make them again. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/peer/transcript.h"
#include "app/peer/transcript_impl.h"
#include "crypto/base64.h"
#include "crypto/ct.h"
#include "net/file.h"

/* The longest of the lines that are not base64, and of the words before it. */
#define WORDS_MAX 128
#define RECORD_MAX(bytes) (WORDS_MAX + BASE64_LEN(bytes))

_Static_assert(4 * WORDS_MAX + TRANSCRIPT_CERTIFICATES * RECORD_MAX(CERTIFICATE_MAX_LEN) +
                       TRANSCRIPT_LISTS * RECORD_MAX(ROOM_LIST_MAX_LEN) +
                       TRANSCRIPT_LINES * RECORD_MAX(SEALED_STATEMENT_MAX) <=
                   TRANSCRIPT_TEXT_MAX,
               "each transcript can be read again");

static size_t bound(const struct transcript *t)
{
    size_t most = 4 * WORDS_MAX;
    for (size_t i = 0; i < t->certificate_count; i++)
        most += RECORD_MAX(t->certificates[i]->len);
    for (size_t i = 0; i < t->list_count; i++)
        most += RECORD_MAX(t->lists[i]->len);
    for (size_t i = 0; i < t->count; i++)
        most += RECORD_MAX(transcript_at(t, i)->len);
    return most;
}

static char *put_words(char *p, const char *words)
{
    size_t len = strlen(words);
    memcpy(p, words, len);
    return p + len;
}

static char *put_base64(char *p, const uint8_t *bytes, size_t len)
{
    base64_encode(p, bytes, len);
    p += base64_encoded_len(len);
    *p = '\n';
    return p + 1;
}

static char *put_head(char *p, const struct transcript *t)
{
    p = put_words(p, TRANSCRIPT_FIRST "\n" TRANSCRIPT_HINT "\n" TRANSCRIPT_ROOM);
    hex_encode(p, t->room, sizeof t->room);
    p = put_words(p + 2 * sizeof t->room, " ");
    p = put_words(p, t->name);
    return put_words(p, "\n");
}

static char *put_said(char *p, const struct transcript *t, size_t at)
{
    const struct transcript_line *line = transcript_at(t, at);
    struct transcript_links links;
    transcript_links(&links, t, at);
    p = put_words(p, TRANSCRIPT_SAID);
    if (links.gap)
        p = put_words(p, TRANSCRIPT_GAP);
    if (links.unseen)
        p = put_words(p, TRANSCRIPT_UNSEEN);
    return put_base64(p, line->bytes, line->len);
}

static char *put_end(char *p, const struct transcript *t)
{
    char end[WORDS_MAX];
    snprintf(end, sizeof end, TRANSCRIPT_END "%zu %zu %zu\n", t->certificate_count, t->list_count, t->count);
    return put_words(p, end);
}

char *transcript_write(const struct transcript *t, size_t *len)
{
    size_t most = bound(t);
    char *text = malloc(most), *p = text;
    assert(t->certificate_count > 0 && t->list_count > 0);
    if (text == NULL)
        return NULL;
    p = put_head(p, t);
    for (size_t i = 0; i < t->certificate_count; i++)
        p = put_base64(put_words(p, TRANSCRIPT_CERTIFICATE), t->certificates[i]->bytes, t->certificates[i]->len);
    for (size_t i = 0; i < t->list_count; i++)
        p = put_base64(put_words(p, TRANSCRIPT_LIST), t->lists[i]->bytes, t->lists[i]->len);
    for (size_t i = 0; i < t->count; i++)
        p = put_said(p, t, i);
    *len = (size_t)(put_end(p, t) - text);
    assert(*len <= most);
    return text;
}

/* All of it into a file that was just made; errno where it fails. */
static int fill(int fd, const char *text, size_t len)
{
    int error = 0;
    if (fchmod(fd, 0600) != 0 || /* a umask may have taken the owner's own bits */
        file_write(fd, text, len, 0) != 0 || file_sync(fd) != 0)
        error = errno;
    if (close(fd) != 0 && error == 0)
        error = errno;
    errno = error;
    return error == 0 ? 0 : -1;
}

int transcript_save(const struct transcript *t, const char *path, char why[static WHY_LEN])
{
    size_t len = 0;
    char *text = transcript_write(t, &len);
    if (text == NULL)
        return why_say(why, "%s: %s", path, strerror(ENOMEM));
    /* CAUTION: with O_EXCL nobody can have a file or a link ready that they read what is written through;
     * tests/test_transcript.c: test_what_is_there_stays */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), failed = -1;
    if (fd < 0)
        why_say(why, "%s: %s", path,
                errno == EEXIST ? "it is there already, and stays as it is: name a new file" : strerror(errno));
    else if ((failed = fill(fd, text, len)) != 0) {
        why_say(why, "%s: %s", path, strerror(errno));
        (void)unlink(path); /* a part of it would be refused, and in the way of the next try */
    }
    ct_wipe(text, len);
    free(text);
    return failed;
}
