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
#include "net/lines.h"

#define FILE_MAX_LEN (3 + PASSWORD_MAX_LEN + MESSAGE_CODE_LEN + 4) /* a mark, and two lines, each with CR and LF */

void secret_wipe(struct secret *s)
{
    ct_wipe(s, sizeof *s);
}

/* Takes a line off the front and says how long it is without its end; 0 where there is none. */
static size_t take_line(const char **text, size_t *text_len, const char **line)
{
    struct lines_line l = {0};
    if (!lines_next(text, text_len, &l))
        return 0;
    *line = l.text;
    return lines_len(&l);
}

static int split(struct secret *s, const char *text, size_t text_len, const char *path, char why[static WHY_LEN])
{
    const char *password = text, *code = text, *more = text;
    lines_skip_mark(&text, &text_len);
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
    char text[FILE_MAX_LEN + 1];
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
