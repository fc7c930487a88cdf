/* SPDX-License-Identifier: MIT */
/* What the file holds is taken line by line, and each must be what it is there for: a file of another kind is refused
 * before anything in it is sent. */
#include "app/client/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/ct.h"
#include "net/input.h"

#define FILE_MAX_LEN (PASSWORD_MAX_LEN + MESSAGE_CODE_LEN + 4) /* two lines, each with CR and LF */

void secret_wipe(struct secret *s)
{
    ct_wipe(s, sizeof *s);
}

/* Takes a line off the front and says how long it is without its end. */
static size_t take_line(const uint8_t **text, size_t *text_len, const uint8_t **line)
{
    const uint8_t *end = *text_len > 0 ? memchr(*text, '\n', *text_len) : NULL;
    size_t len = end != NULL ? (size_t)(end - *text) : *text_len;
    *line = *text;
    *text += end != NULL ? len + 1 : len;
    *text_len -= end != NULL ? len + 1 : len;
    return len > 0 && (*line)[len - 1] == '\r' ? len - 1 : len;
}

static int split(struct secret *s, const uint8_t *text, size_t text_len, const char *path, char why[static WHY_LEN])
{
    const uint8_t *password, *code, *more;
    size_t password_len = take_line(&text, &text_len, &password);
    size_t code_len = take_line(&text, &text_len, &code);
    if (!password_valid(password_len))
        why_say(why, "%s: its first line must be the password, %d to %d bytes", path, PASSWORD_MIN_LEN,
                PASSWORD_MAX_LEN);
    else if (!password_code_valid(code, code_len))
        why_say(why, "%s: its second line may only be a code of six digits", path);
    else if (take_line(&text, &text_len, &more) != 0 || text_len != 0)
        why_say(why, "%s: it may have two lines only, the password and the code", path);
    else {
        memcpy(s->password, password, password_len);
        s->password_len = password_len;
        memcpy(s->code, code, code_len);
        s->code[code_len] = '\0';
        return 0;
    }
    return -1;
}

static int check_private(int fd, const char *path, char why[static WHY_LEN])
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return why_say(why, "%s: %s", path, strerror(errno));
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        return 0;
    return why_say(why, "%s can be read by other users: chmod 600 it first", path);
}

int secret_from_file(struct secret *s, const char *path, char why[static WHY_LEN])
{
    uint8_t text[FILE_MAX_LEN + 1];
    int failed = -1;
    *s = (struct secret){0};
    int fd = input_open(path);
    if (fd < 0)
        return why_say(why, "%s: %s", path, input_why(errno));
    if (check_private(fd, path, why) == 0) {
        ssize_t len = input_read(fd, text, sizeof text, false);
        if (len < 0 || len > FILE_MAX_LEN)
            why_say(why, "%s: %s", path, len < 0 ? input_why(errno) : "too long for a password and a code");
        else
            failed = split(s, text, (size_t)len, path, why);
    }
    ct_wipe(text, sizeof text);
    close(fd);
    return failed;
}
