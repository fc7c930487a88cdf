/* SPDX-License-Identifier: MIT */
/* A process for each student, so many at a time. It writes its three files aside and renames them, the line of the
 * table last: a student with a line is done, and nothing that is half written counts. */
#define _GNU_SOURCE
#include "app/workbench/grade/class.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/terminal/display.h"
#include "app/terminal/progress_row.h"
#include "app/workbench/args.h"
#include "crypto/bytes.h"
#include "crypto/sha256.h"

struct class
{
    const struct grade_options *options;
    const char *submissions, *results;
    enum report_detail detail;
    struct dirent **names;
    int students, done, not_graded, before; /* before: of those done, how many had been earlier */
};

/* --- Its files ---------------------------------------------------------------------------------------------------- */

static void path_of(const struct class *k, char path[PATH_MAX], const char *student, const char *suffix)
{
    snprintf(path, PATH_MAX, "%s/students/%s%s", k->results, student, suffix);
}

static bool is_done(const struct class *k, const char *student)
{
    static const char *const suffixes[] = {".json", ".txt", ".csv"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        path_of(k, path, student, suffixes[i]);
        if (access(path, F_OK) != 0)
            return false;
    }
    return true;
}

static const struct exercise *const *list_of(const struct grade_options *o)
{
    return o->only[0] != NULL ? o->only : exercises;
}

/* Of the files that are asked for: one that came to lie there after the student was graded, whatever date it brought
 * with it. Whether it holds something else is not known. */
static void say_if_changed(const struct class *k, const char *student)
{
    char path[PATH_MAX];
    struct stat line, st;
    path_of(k, path, student, ".csv");
    if (stat(path, &line) != 0)
        return;
    for (const struct exercise *const *e = list_of(k->options); *e != NULL; e++)
        for (const char *const *file = (*e)->files; *file != NULL; file++) {
            snprintf(path, sizeof path, "%s/%s/%s", k->submissions, student, *file);
            if (lstat(path, &st) != 0 || st.st_ctime <= line.st_mtime)
                continue;
            display_line(stderr,
                         "glass: %s was written after %s was graded; the mark stays until that student's files in "
                         "%s/students are removed",
                         path, student, k->results);
            return;
        }
}

/* Opens a file aside. finish puts it in its place, and ends the program where it can't be written. */
static FILE *begin(const struct class *k, const char *student)
{
    char aside[PATH_MAX];
    path_of(k, aside, student, ".new");
    FILE *f = fopen(aside, "w");
    if (f == NULL)
        args_fail("%s can't be written: %s", aside, strerror(errno));
    return f;
}

static void finish(const struct class *k, FILE *f, const char *student, const char *suffix)
{
    char aside[PATH_MAX], path[PATH_MAX];
    path_of(k, aside, student, ".new");
    path_of(k, path, student, suffix);
    if ((ferror(f) | fclose(f)) != 0 || rename(aside, path) != 0)
        args_fail("%s can't be written: %s", path, strerror(errno));
}

/* All that results depend on, in a line. Of the secret a digest: it has 16 bytes or more, and is not given away. */
static void write_options(const struct class *k, char *text, size_t cap)
{
    const struct grade_options *o = k->options;
    uint8_t digest[SHA256_DIGEST_LEN];
    char hex[2 * SHA256_DIGEST_LEN + 1] = "none";
    if (o->secret != NULL) {
        sha256_digest(digest, o->secret, o->secret_len);
        hex_encode(hex, digest, sizeof digest);
    }
    static const char *const details[] = {
        [REPORT_FULL] = "", [REPORT_ACTUAL] = " detail actual", [REPORT_NONE] = " detail none"};
    size_t len = (size_t)snprintf(text, cap, "%s%s%s%s exercises", o->own ? "own" : "given", o->ct ? " ct" : "",
                                  o->sanitize ? " sanitize" : "", details[k->detail]);
    for (const struct exercise *const *e = list_of(o); *e != NULL && len < cap; e++)
        len += (size_t)snprintf(text + len, cap - len, " %s", (*e)->stem);
    if (len < cap)
        snprintf(text + len, cap - len, ", secret %s\n", hex);
}

/* A folder that was begun with something else is not gone on with. */
static void check_options(const struct class *k)
{
    char path[PATH_MAX], text[1024], there[sizeof text] = "";
    snprintf(path, sizeof path, "%s/options", k->results);
    write_options(k, text, sizeof text);
    FILE *f = fopen(path, "r");
    if (f != NULL && fgets(there, sizeof there, f) == NULL)
        there[0] = '\0';
    if (f != NULL)
        fclose(f);
    size_t words = strcspn(text, ",") + 1; /* with the comma, or a choice of exercises equals a longer one */
    if (there[0] != '\0' && strncmp(there, text, words) != 0)
        args_fail("%s was begun with other options (%.*s); take another folder", k->results, (int)strcspn(there, ",\n"),
                  there);
    if (there[0] != '\0' && strcmp(there, text) != 0)
        args_fail("%s was begun with other options (another secret, or none); take another folder", k->results);
    f = fopen(path, "w");
    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
        args_fail("%s can't be written: %s", path, strerror(errno));
}

static void make_folders(const struct class *k)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/students", k->results);
    if ((mkdir(k->results, 0700) != 0 && errno != EEXIST) || (mkdir(path, 0700) != 0 && errno != EEXIST))
        args_fail("%s can't be made: %s", path, strerror(errno));
    check_options(k);
}

/* --- One student -------------------------------------------------------------------------------------------------- */

/* Files in the wrong place are no marks and may be many: the teacher sees it before the table does. */
static void say_if_nothing(const struct class *k, const struct grade_result *r, const char *folder)
{
    for (size_t i = 0; i < r->exercises; i++)
        if (r->exercise[i].state != GRADE_MISSING && r->exercise[i].state != GRADE_NOT_RUN)
            return;
    display_line(stderr, "glass: %s has no file that was asked for: see %s/students/%s.txt", folder, k->results,
                 r->student);
}

/* In a process of its own. Ends with STATUS_FAILED where something could not be graded. */
static _Noreturn void grade_one(const struct class *k, const char *student)
{
    static struct grade_result result;
    struct grade_options options = *k->options;
    char folder[PATH_MAX];
    (void)setvbuf(stderr, NULL, _IOLBF, BUFSIZ); /* a line in one piece: the others write theirs meanwhile */
    options.student = student;
    options.progress = NULL;
    snprintf(folder, sizeof folder, "%s/%s", k->submissions, student);
    if (grade_submission(&result, &options, folder) != 0)
        args_fail("%s can't be graded: %s", folder, strerror(errno));
    if (child_interrupted())
        exit(STATUS_FAILED);
    say_if_nothing(k, &result, folder);
    FILE *f = begin(k, student);
    report_json(f, &result, k->detail);
    finish(k, f, student, ".json");
    f = begin(k, student);
    report_text(f, &result, k->detail);
    finish(k, f, student, ".txt");
    if (result.not_graded)
        exit(STATUS_FAILED);
    f = begin(k, student);
    report_csv(f, &result);
    finish(k, f, student, ".csv");
    exit(STATUS_DONE);
}

/* --- All of them -------------------------------------------------------------------------------------------------- */

static int is_shown(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* What lies among the submissions and is nobody's; NULL for a student's folder. */
static const char *nobodys(const struct class *k, const char *name, const char *path)
{
    struct stat st, results;
    if (name[0] == '.')
        return "hidden";
    if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return "no folder"; /* a link leads to somewhere else */
    if (stat(k->results, &results) == 0 && st.st_dev == results.st_dev && st.st_ino == results.st_ino)
        return "where the results go";
    return NULL;
}

/* Keeps the students' folders, and says what else lies there. */
static void keep_folders(struct class *k)
{
    int n = 0;
    for (int i = 0; i < k->students; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", k->submissions, k->names[i]->d_name);
        const char *what = nobodys(k, k->names[i]->d_name, path);
        if (what == NULL) {
            k->names[n++] = k->names[i];
            continue;
        }
        display_line(stderr, "glass: %s is %s: passed over", path, what);
        free(k->names[i]);
    }
    k->students = n;
    if (n == 0)
        args_fail("%s has no student's folder in it", k->submissions);
}

static void wait_for_one(struct class *k)
{
    int status;
    while (wait(&status) < 0)
        if (errno != EINTR)
            return;
    k->done++;
    k->not_graded += status != 0;
    progress_row_at((uint64_t)(k->done - k->before), (uint64_t)(k->students - k->before));
}

static void grade_all(struct class *k, unsigned jobs)
{
    unsigned running = 0;
    fflush(NULL);
    progress_row_begin("grading", "students");
    for (int i = 0; i < k->students; i++) {
        const char *student = k->names[i]->d_name;
        if (child_interrupted())
            break;
        if (is_done(k, student)) {
            say_if_changed(k, student);
            k->done++;
            k->before++;
            continue;
        }
        while (running >= jobs) {
            wait_for_one(k);
            running--;
        }
        pid_t pid = fork();
        if (pid == 0)
            grade_one(k, student);
        if (pid < 0)
            args_fail("no process can be started: %s", strerror(errno));
        running++;
    }
    for (; running > 0; running--)
        wait_for_one(k);
    progress_row_end();
}

/* The lines in the order of the names. */
static void write_table(const struct class *k)
{
    char path[PATH_MAX], line[4096];
    snprintf(path, sizeof path, "%s/class.csv", k->results);
    FILE *table = fopen(path, "w");
    if (table == NULL)
        args_fail("%s can't be written: %s", path, strerror(errno));
    report_csv_head(table, list_of(k->options));
    for (int i = 0; i < k->students; i++) {
        path_of(k, line, k->names[i]->d_name, ".csv");
        FILE *f = fopen(line, "r");
        if (f != NULL && fgets(line, sizeof line, f) != NULL)
            fputs(line, table);
        if (f != NULL)
            fclose(f);
    }
    if ((ferror(table) | fclose(table)) != 0)
        args_fail("%s can't be written: %s", path, strerror(errno));
}

static int is_line(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 4 && strcmp(entry->d_name + len - 4, ".csv") == 0;
}

static bool has_folder(const struct class *k, const char *name, size_t len)
{
    for (int i = 0; i < k->students; i++)
        if (strlen(k->names[i]->d_name) == len && memcmp(k->names[i]->d_name, name, len) == 0)
            return true;
    return false;
}

/* Whoever was graded, and whose folder is there no more, has no line in the table. */
static void say_who_is_gone(const struct class *k)
{
    char path[PATH_MAX];
    struct dirent **lines;
    snprintf(path, sizeof path, "%s/students", k->results);
    int n = scandir(path, &lines, is_line, alphasort);
    for (int i = 0; i < n; i++) {
        int len = (int)strlen(lines[i]->d_name) - 4;
        if (!has_folder(k, lines[i]->d_name, (size_t)len))
            display_line(stderr, "glass: %.*s was graded, and has no folder in %s any more: not in the table", len,
                         lines[i]->d_name, k->submissions);
        free(lines[i]);
    }
    if (n >= 0)
        free(lines);
}

int class_grade(const struct grade_options *options, const char *submissions, const char *results,
                enum report_detail detail, unsigned jobs)
{
    struct class k = {.options = options, .submissions = submissions, .results = results, .detail = detail};
    k.students = scandir(submissions, &k.names, is_shown, alphasort);
    if (k.students < 0)
        args_fail("%s can't be read: %s", submissions, strerror(errno));
    keep_folders(&k);
    make_folders(&k);
    grade_all(&k, jobs);
    write_table(&k);
    say_who_is_gone(&k);
    for (int i = 0; i < k.students; i++)
        free(k.names[i]);
    free(k.names);
    if (child_interrupted())
        display_line(stderr, "glass: broken off; the same command goes on");
    int graded = k.done - k.not_graded;
    display_line(stdout, "%d of %d students are graded, in %s/class.csv", graded, k.students, results);
    return graded == k.students ? STATUS_DONE : STATUS_FAILED;
}
