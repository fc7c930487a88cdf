/* SPDX-License-Identifier: MIT */
/* Paths are tried, not configured: the kit of a tree lies in its build folder, and that of a handout in its bin. */
#define _GNU_SOURCE /* realpath */
#include "app/workbench/practice/guide.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/file.h"

#define PAGE_MAX 65536
#define DEPTH_MAX 5 /* folders between the kit and the top of the tree */
#define MARK "/docs/exercises/README.md"

/* --- The tree ----------------------------------------------------------------------------------------------------- */

static bool join(char path[PATH_MAX], const char *a, const char *b)
{
    int len = snprintf(path, PATH_MAX, "%s%s", a, b);
    return len > 0 && len < PATH_MAX;
}

static bool is_tree(const char *folder)
{
    char path[PATH_MAX];
    return join(path, folder, MARK) && access(path, R_OK) == 0;
}

void guide_find(struct guide *g, const char *kit)
{
    snprintf(g->tree, sizeof g->tree, "%s", kit);
    for (int i = 0; i < DEPTH_MAX; i++) {
        char *slash = strrchr(g->tree, '/');
        if (slash == NULL)
            break;
        *slash = '\0';
        if (is_tree(g->tree))
            return;
    }
    if (getcwd(g->tree, sizeof g->tree) == NULL || !is_tree(g->tree))
        g->tree[0] = '\0';
}

static char *read_text(const char *path, size_t *len)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    char *text = fd >= 0 && file_is_regular(fd) ? file_read_whole(fd, PAGE_MAX, len) : NULL;
    if (fd >= 0)
        close(fd);
    return text;
}

/* --- Pages -------------------------------------------------------------------------------------------------------- */

void guide_page_name(const struct exercise *e, char name[static 128])
{
    snprintf(name, 128, "docs/exercises/%s-%s/README.md", e->number, e->stem);
}

char *guide_page(const struct guide *g, const struct exercise *e)
{
    char name[128], path[PATH_MAX];
    size_t len;
    guide_page_name(e, name);
    int n = snprintf(path, sizeof path, "%s/%s", g->tree, name);
    return g->tree[0] != '\0' && n < PATH_MAX ? read_text(path, &len) : NULL;
}

/* The line after the heading; NULL where it is not there. */
static const char *below(const char *page, const char *heading)
{
    const char *line = page;
    size_t len = heading != NULL ? strlen(heading) : 0;
    if (heading != NULL)
        while (line != NULL && (strncmp(line, heading, len) != 0 || (line[len] != '\n' && line[len] != '\0')))
            line = (line = strchr(line, '\n')) != NULL ? line + 1 : NULL;
    const char *end = line != NULL ? strchr(line, '\n') : NULL;
    return end != NULL ? end + 1 : NULL;
}

/* Adds a line without the backquotes and the doubled asterisks. */
static void add_line(char *text, size_t cap, const char *line, size_t len)
{
    size_t n = strlen(text);
    if (n > 0 && n + 1 < cap)
        text[n++] = ' ';
    for (size_t i = 0; i < len && n + 1 < cap; i++)
        if (line[i] == '*' && i + 1 < len && line[i + 1] == '*')
            i++;
        else if (line[i] != '`')
            text[n++] = line[i];
    text[n] = '\0';
}

/* Parts are told apart by empty lines, and each item of a list is one. */
bool guide_part(const char *page, const char *heading, size_t i, char *text, size_t cap)
{
    const char *line = page != NULL ? below(page, heading) : NULL;
    size_t part = 0;
    bool inside = false;
    text[0] = '\0';
    while (line != NULL && *line != '\0' && *line != '#') {
        size_t len = strcspn(line, "\n");
        bool item = strncmp(line, "- ", 2) == 0;
        if (inside && (len == 0 || item))
            part++;
        inside = len > 0;
        if (inside && part == i) {
            size_t lead = item ? 2 : strspn(line, " ");
            add_line(text, cap, line + lead, len - lead);
        }
        line += len + (line[len] == '\n');
    }
    return text[0] != '\0';
}

/* --- Files -------------------------------------------------------------------------------------------------------- */

static bool skeleton_of(const struct guide *g, const struct exercise *e, const char *file, char path[PATH_MAX])
{
    int n = snprintf(path, PATH_MAX, "%s/docs/exercises/%s-%s/%s", g->tree, e->number, e->stem, file);
    return n < PATH_MAX && access(path, R_OK) == 0;
}

bool guide_skeleton(const struct guide *g, const struct exercise *e, const char *file, char path[PATH_MAX])
{
    if (g->tree[0] == '\0')
        return false;
    if (skeleton_of(g, e, file, path))
        return true;
    for (size_t i = 0; exercises[i] != NULL; i++)
        if (skeleton_of(g, exercises[i], file, path))
            return true;
    return false;
}

static bool same_text(const char *a, const char *b)
{
    size_t a_len = 0, b_len = 0;
    char *a_text = read_text(a, &a_len), *b_text = read_text(b, &b_len);
    bool same = a_text != NULL && b_text != NULL && a_len == b_len && memcmp(a_text, b_text, a_len) == 0;
    free(a_text);
    free(b_text);
    return same;
}

static bool is_students(const char *path, const char *file, int folder)
{
    struct stat ours, theirs;
    return stat(path, &ours) == 0 && fstatat(folder, file, &theirs, 0) == 0 && ours.st_dev == theirs.st_dev &&
           ours.st_ino == theirs.st_ino;
}

bool guide_reference(const struct guide *g, const struct exercise *e, const char *file, int folder, char path[PATH_MAX])
{
    static const char *const folders[] = {"crypto", "net", "app/peer"};
    char skeleton[PATH_MAX];
    for (size_t i = 0; g->tree[0] != '\0' && i < sizeof folders / sizeof *folders; i++) {
        int n = snprintf(path, PATH_MAX, "%s/%s/%s", g->tree, folders[i], file);
        if (n >= PATH_MAX || access(path, R_OK) != 0)
            continue;
        return !is_students(path, file, folder) && !(guide_skeleton(g, e, file, skeleton) && same_text(path, skeleton));
    }
    return false;
}
