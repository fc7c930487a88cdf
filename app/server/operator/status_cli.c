/* SPDX-License-Identifier: MIT */
/* All rows are read before the first is printed, so that an answer that breaks off is no short one. */
#include "app/server/operator/status_cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/operator/admin.h"
#include "app/server/operator/admin_client.h"
#include "app/server/operator/complain.h"
#include "app/server/operator/status_row.h"
#include "app/terminal/display.h"

#define ROWS_MAX 128
#define JSON_CAP (ROWS_MAX * 2 * STATUS_ROW_LINE_CAP)

struct answer {
    struct status_row rows[ROWS_MAX];
    size_t len;
    char json[JSON_CAP];
    size_t json_len;
};

/* --- Asking ------------------------------------------------------------------------------------------------------- */

static int hear(struct answer *a, struct admin_client *c, char why[static WHY_LEN])
{
    char line[ADMIN_LINE_MAX];
    if (admin_client_ask(c, "status", why) != 0)
        return -1;
    for (;;) {
        if (admin_client_hear(c, line, sizeof line, why) != 0)
            return -1;
        if (strcmp(line, "ok") == 0)
            return 0;
        if (strncmp(line, "error ", 6) == 0)
            return why_say(why, "the server that runs is of another version, and tells no status: start it again");
        if (a->len == ROWS_MAX || status_row_decode(&a->rows[a->len], line) != 0)
            return why_say(why, "the server answers what it should not");
        a->len++;
    }
}

static int ask(struct answer *a, const char *data, char why[static WHY_LEN])
{
    struct admin_client *c;
    if (admin_client_connect(&c, data, why) != 0)
        return -1;
    int failed = hear(a, c, why);
    admin_client_close(c);
    return failed;
}

/* --- Telling ------------------------------------------------------------------------------------------------------ */

static void print_line(void *arg, const char *line)
{
    (void)arg;
    display_line(stdout, "%s", line);
}

static void add(struct answer *a, const char *text)
{
    int n = snprintf(a->json + a->json_len, sizeof a->json - a->json_len, "%s", text);
    a->json_len += n > 0 && (size_t)n < sizeof a->json - a->json_len ? (size_t)n : 0;
}

/* The words are printable ASCII. */
static void add_string(struct answer *a, const char *text)
{
    add(a, "\"");
    for (; *text != '\0'; text++) {
        char c[] = {*text, '\0'};
        if (*text == '"' || *text == '\\')
            add(a, "\\");
        add(a, c);
    }
    add(a, "\"");
}

static bool is_cause(const struct status_row *r)
{
    return strcmp(r->key, STATUS_ROW_CAUSE) == 0;
}

/* Members of an object: the causes, or all others by their keys. */
static void add_numbers(struct answer *a, bool causes)
{
    char n[24];
    const char *comma = "";
    for (size_t i = 0; i < a->len; i++) {
        if (is_cause(&a->rows[i]) != causes)
            continue;
        add(a, comma);
        add_string(a, causes ? a->rows[i].words : a->rows[i].key);
        snprintf(n, sizeof n, ":%" PRIu64, a->rows[i].n);
        add(a, n);
        comma = ",";
    }
}

static void tell_json(struct answer *a)
{
    const char *comma = "";
    add(a, "{");
    add_numbers(a, false);
    add(a, a->len > 0 ? ",\"" STATUS_ROW_CAUSE "\":{" : "\"" STATUS_ROW_CAUSE "\":{");
    add_numbers(a, true);
    add(a, "},\"unusual\":[");
    for (size_t i = 0; i < a->len; i++) {
        if (!a->rows[i].unusual)
            continue;
        add(a, comma);
        add_string(a, is_cause(&a->rows[i]) ? a->rows[i].words : a->rows[i].key);
        comma = ",";
    }
    add(a, "]}");
    display_line(stdout, "%s", a->json);
}

int status_cli_main(const char *data, bool json)
{
    char why[WHY_LEN];
    struct answer *a = calloc(1, sizeof *a);
    if (a == NULL)
        return complain("there is not enough memory");
    int status = ask(a, data, why) == 0 ? DONE : complain(why);
    if (status == DONE && json)
        tell_json(a);
    else if (status == DONE)
        for (size_t i = 0; i < a->len; i++)
            status_row_show(&a->rows[i], print_line, NULL);
    free(a);
    return status;
}
