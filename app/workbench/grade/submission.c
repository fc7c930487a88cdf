/* SPDX-License-Identifier: MIT */
/* A name is opened in the folder that was given, without following links, and must be a plain file of a bearable size;
 * what is compiled is our copy, as the preprocessor left it. That sees the system's headers and the kit, and no tree
 * with solutions in it: where the kernel has Landlock it can't open one, and everywhere the list of what it opened is
 * looked through. The compiler proper opens nothing any more, as there is no assembly that could. */
#define _GNU_SOURCE /* mkdtemp, O_NOFOLLOW */
#include "app/workbench/grade/submission.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/workbench/grade/plain_c.h"
#include "net/file.h"

#define COMPILE_MS 60000
#define PREPROCESSED_MAX (16u << 20)
#define ARGS_MAX 64
#define LOOKED_AT_MAX 1000 /* entries of a folder, where a file is missing: somebody may hand in millions */

static const char *const suffixes[] = {"plain", "plain", "sanitized"};

int submission_open(struct submission *s, const char *folder, const char *kit, const char *cc)
{
    const char *tmp = getenv("TMPDIR");
    *s = (struct submission){.kit = kit, .cc = cc, .folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (s->folder < 0)
        return -1;
    snprintf(s->scratch, sizeof s->scratch, "%s/glass-grade-XXXXXX", tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
    bool made = mkdtemp(s->scratch) != NULL;
    snprintf(s->tool, sizeof s->tool, "%s/tool", s->scratch);
    if (made && mkdir(s->tool, 0700) == 0)
        return 0;
    int error = errno;
    if (made)
        (void)rmdir(s->scratch);
    close(s->folder);
    errno = error;
    return -1;
}

/* What lies in it lies flat. */
static void clear(const char *path)
{
    DIR *folder = opendir(path);
    for (struct dirent *entry = folder != NULL ? readdir(folder) : NULL; entry != NULL; entry = readdir(folder))
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder != NULL)
        closedir(folder);
}

void submission_clear_tool(struct submission *s)
{
    clear(s->tool);
}

void submission_close(struct submission *s)
{
    clear(s->tool);
    (void)rmdir(s->tool);
    clear(s->scratch);
    (void)rmdir(s->scratch);
    close(s->folder);
}

/* --- One file ----------------------------------------------------------------------------------------------------- */

static enum submission_news wrong(char *why, const char *format, const char *a, const char *b)
{
    snprintf(why, SUBMISSION_WHY_MAX, format, a, b);
    return SUBMISSION_WRONG;
}

static enum submission_news fault(char *why, const char *what)
{
    snprintf(why, SUBMISSION_WHY_MAX, "%.400s: %s", what, strerror(errno));
    return SUBMISSION_FAULT;
}

/* Whether a file lies in that folder of the submission. */
static bool lies_below(const struct submission *s, const char *folder, const char *file)
{
    char below[NAME_MAX + 64];
    struct stat st;
    return folder[0] != '.' && snprintf(below, sizeof below, "%s/%s", folder, file) < (int)sizeof below &&
           fstatat(s->folder, below, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

/* Where people put it: in the folder that a handout or an archive has, or under a name in other letters. */
static enum submission_news missing(const struct submission *s, char *why, const char *file)
{
    int len = snprintf(why, SUBMISSION_WHY_MAX, "not handed in: %s", file);
    int fd = openat(s->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;
    for (int i = 0; i < LOOKED_AT_MAX && folder != NULL && (entry = readdir(folder)) != NULL; i++) {
        const char *format = strcasecmp(entry->d_name, file) == 0 ? "; %s is another name: large letters count"
                             : lies_below(s, entry->d_name, file) ? "; it lies in %s/, a folder too deep"
                                                                  : NULL;
        if (format == NULL)
            continue;
        snprintf(why + len, (size_t)(SUBMISSION_WHY_MAX - len), format, entry->d_name);
        break;
    }
    if (folder != NULL)
        closedir(folder);
    else if (fd >= 0)
        close(fd);
    return SUBMISSION_MISSING;
}

static void path_of(const struct submission *s, char path[BOX_PATH_MAX], const char *name, const char *suffix)
{
    snprintf(path, BOX_PATH_MAX, "%s/%s%s", s->scratch, name, suffix);
}

static enum submission_news copy(struct submission *s, const char *file, char *why)
{
    char to[BOX_PATH_MAX];
    struct stat st;
    size_t len;
    if (fstatat(s->folder, file, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? missing(s, why, file) : fault(why, file);
    if (S_ISLNK(st.st_mode))
        return wrong(why, "%s is a symbolic link%s; hand in the file itself", file, "");
    if (!S_ISREG(st.st_mode))
        return wrong(why, "%s is no file%s", file, S_ISDIR(st.st_mode) ? " but a folder" : "");
    int fd = openat(s->folder, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == EACCES && (st.st_mode & S_IRUSR) == 0)
        return wrong(why, "%s may be read by nobody: chmod u+r%s", file, "");
    if (fd < 0)
        return fault(why, file);
    uint8_t *data = file_read_whole(fd, SUBMISSION_FILE_MAX, &len);
    int error = errno;
    close(fd);
    errno = error;
    if (data == NULL && errno == EFBIG)
        return wrong(why, "%s is larger than any source file here may be%s", file, "");
    if (data == NULL)
        return fault(why, file);
    path_of(s, to, file, "");
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int failed = out < 0 || file_write(out, data, len, 0) != 0;
    free(data);
    if (out >= 0)
        close(out);
    return failed ? fault(why, to) : SUBMISSION_OK;
}

/* --- The compiler ------------------------------------------------------------------------------------------------- */

struct arguments {
    size_t n;
    const char *value[ARGS_MAX + 1];
};

static void add(struct arguments *a, const char *value)
{
    assert(a->n < ARGS_MAX);
    a->value[a->n++] = value;
}

static void add_all(struct arguments *a, const char *const values[])
{
    for (size_t i = 0; values[i] != NULL; i++)
        add(a, values[i]);
}

/* The first line in which the compiler or the linker says what is wrong, without our paths. */
static void first_error(const struct submission *s, const char *output, char *why)
{
    static const char *const marks[] = {"multiple definition of ", "undefined reference to ",
                                        "error: ", "Error: ", NULL};
    const char *found = output;
    bool links = false; /* then what stands before and behind are files of ours */
    for (size_t i = 0; marks[i] != NULL; i++) {
        const char *mark = strstr(output, marks[i]);
        if (mark == NULL)
            continue;
        found = mark;
        links = i < 2;
        while (!links && found > output && found[-1] != '\n')
            found--;
        break;
    }
    size_t len = strcspn(found, links ? "\n;" : "\n"), scratch = strlen(s->scratch), n = 0;
    for (size_t i = 0; i < len && n + 1 < SUBMISSION_WHY_MAX; i++) {
        if (strncmp(found + i, s->scratch, scratch) == 0 && found[i + scratch] == '/')
            i += scratch + 1;
        why[n++] = found[i];
    }
    why[n] = '\0';
}

/* It may read the system's files and those in `kit`, which for a source is the headers alone: an object that is given
 * to one exercise is the solution of another. */
static enum submission_news compiler(struct submission *s, const struct arguments *a, const char *kit, char *why)
{
    struct child child;
    struct box box = {.kind = BOX_COMPILER, .scratch = s->scratch, .kit = kit};
    struct child_bounds bounds = {.cpu_seconds = 10, .memory = (size_t)768 << 20, .file = (size_t)64 << 20};
    if (child_start(&child, (char *const *)(uintptr_t)a->value, &bounds, &box) != 0)
        return fault(why, s->cc);
    enum child_news news = child_finish(&child, COMPILE_MS);
    int status = child.status;
    child_end(&child);
    if (child_interrupted()) {
        errno = EINTR;
        return fault(why, s->cc);
    }
    if (news == CHILD_LATE)
        return wrong(why, "%s: the compiler was still at it after a minute%s", s->cc, "");
    if (news == CHILD_FLOODED)
        return wrong(why, "%s: the compiler had more to complain of than anybody can read%s", s->cc, "");
    if (status == 0)
        return SUBMISSION_OK;
    first_error(s, child.output, why);
    return SUBMISSION_WRONG;
}

/* Takes the next name out of what -MD wrote, where a blank in a name stands behind a backslash and a dollar is doubled.
 * NULL at the end. */
static char *next_name(char **rest)
{
    char *from = *rest + strspn(*rest, " \n"), *to = from, *name = from;
    while (from[0] == '\\' && from[1] == '\n')
        name = to = from += 2 + strspn(from + 2, " \n");
    for (; *from != '\0' && *from != ' ' && *from != '\n'; from++) {
        if ((from[0] == '\\' && (from[1] == ' ' || from[1] == '#')) || (from[0] == '$' && from[1] == '$'))
            from++;
        *to++ = *from;
    }
    *rest = *from != '\0' ? from + 1 : from;
    *to = '\0';
    return to > name ? name : NULL;
}

/* Whether that name belongs to the exercise or to the system. */
static bool is_known(const struct submission *s, const char *name)
{
    char own[BOX_PATH_MAX + 1], headers[BOX_PATH_MAX + 16];
    const char *known[] = {
        own,
        headers,
        "/usr/include/",
        "/usr/lib/gcc/",
        "/usr/lib/llvm",
        "/usr/lib/clang/",
        "/usr/lib/gcc-cross/",
        "/usr/aarch64-linux-gnu/include/", /* Debian's compiler for arm64 on another machine */
    };
    if (name[0] != '/' || name[strlen(name) - 1] == ':')
        return true;
    snprintf(own, sizeof own, "%s/", s->scratch);
    snprintf(headers, sizeof headers, "%s/include/", s->kit);
    if (strstr(name, "..") != NULL || strstr(name, "/valgrind/") != NULL) /* whose requests hide what is secret */
        return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(name, known[i], strlen(known[i])) == 0)
            return true;
    return false;
}

static char *read_text(const char *path, size_t cap, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text = fd >= 0 ? (char *)file_read_whole(fd, cap, len) : NULL;
    if (fd >= 0)
        close(fd);
    return text;
}

/* Whether the preprocessor opened only what it may: `deps` is what -MD wrote. */
static enum submission_news only_known(const struct submission *s, const char *deps, char *why)
{
    size_t len;
    char *text = read_text(deps, SUBMISSION_FILE_MAX, &len), *rest = text;
    if (text == NULL && errno == EFBIG)
        return wrong(why, "it includes more files than anybody can look through%s%s", "", "");
    if (text == NULL)
        return fault(why, deps);
    bool ok = true;
    for (char *name; ok && (name = next_name(&rest)) != NULL;)
        if (!(ok = is_known(s, name)))
            snprintf(why, SUBMISSION_WHY_MAX, "it includes %.400s, which is no part of the exercise", name);
    free(text);
    return ok ? SUBMISSION_OK : SUBMISSION_WRONG;
}

static enum submission_news plain_c(const char *text_file, char *why)
{
    size_t len;
    char *text = read_text(text_file, PREPROCESSED_MAX, &len);
    if (text == NULL && errno == EFBIG)
        return wrong(why, "it is larger than any source file here may be, once it is preprocessed%s%s", "", "");
    if (text == NULL)
        return fault(why, text_file);
    char place[PLAIN_C_PLACE_MAX];
    const char *what = not_plain_c(text, len, place);
    free(text);
    return what != NULL ? wrong(why, "%s: %s is not taken here", place, what) : SUBMISSION_OK;
}

static const char *const preprocess_flags[] = {
    "-std=c11", "-D_DEFAULT_SOURCE", "-DCT_CHECK", "-DGLASSCHAT_PORTABLE", "-pthread", "-MD", "-E", "-x", "c", NULL,
};
static const char *const compile_flags[] = {
    "-std=c11", "-O2", "-g", "-gdwarf-4", "-fno-pie", "-pthread", "-x", "cpp-output", NULL,
};
static const char *const sanitize_flags[] = {
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-fno-omit-frame-pointer",
    NULL,
};

/* As without sanitizers, whose macros would tell a file that it is watched. */
static enum submission_news preprocess(struct submission *s, const char *file, char text[BOX_PATH_MAX], char *why)
{
    char source[BOX_PATH_MAX], deps[BOX_PATH_MAX], headers[BOX_PATH_MAX];
    struct arguments a = {0};
    path_of(s, source, file, "");
    path_of(s, text, file, ".i");
    path_of(s, deps, file, ".d");
    snprintf(headers, sizeof headers, "%s/include", s->kit);
    add_all(&a, (const char *[]){s->cc, "-I", headers, NULL});
    add_all(&a, preprocess_flags);
    add_all(&a, (const char *[]){"-MF", deps, "-o", text, source, NULL});
    enum submission_news news = compiler(s, &a, headers, why);
    if (news == SUBMISSION_OK)
        news = only_known(s, deps, why);
    return news == SUBMISSION_OK ? plain_c(text, why) : news;
}

static void object_of(const struct submission *s, char object[BOX_PATH_MAX], const char *file, bool sanitized)
{
    path_of(s, object, file, sanitized ? ".sanitized.o" : ".o");
}

static enum submission_news compile(struct submission *s, const char *file, bool sanitized, char *why)
{
    char text[BOX_PATH_MAX], object[BOX_PATH_MAX];
    struct arguments a = {0};
    enum submission_news news = preprocess(s, file, text, why);
    if (news != SUBMISSION_OK)
        return news;
    object_of(s, object, file, sanitized);
    add(&a, s->cc);
    add_all(&a, compile_flags);
    if (sanitized)
        add_all(&a, sanitize_flags);
    add_all(&a, (const char *[]){"-c", "-o", object, text, NULL});
    return compiler(s, &a, s->tool, why);
}

/* Copies and compiles one file, once. */
static enum submission_news take(struct submission *s, const char *file, bool sanitized, char *why)
{
    struct submission_object *o = s->object;
    for (; o < s->object + s->taken; o++)
        if (strcmp(o->file, file) == 0 && o->sanitized == sanitized)
            break;
    if (o == s->object + s->taken) {
        assert(s->taken < sizeof s->object / sizeof *s->object);
        s->taken++;
        *o = (struct submission_object){.file = file, .sanitized = sanitized};
        o->news = copy(s, file, o->why);
        if (o->news == SUBMISSION_OK)
            o->news = compile(s, file, sanitized, o->why);
    }
    if (o->news != SUBMISSION_OK)
        memcpy(why, o->why, sizeof o->why);
    return o->news;
}

static void add_linker(const struct submission *s, struct arguments *a, enum submission_build build,
                       const char *program)
{
    add(a, s->cc);
    add(a, "-fno-lto"); /* or an object's bytecode would be compiled here, where the kit can be read */
    if (build == SUBMISSION_SANITIZED)
        add_all(a, sanitize_flags);
    if (build == SUBMISSION_PLAIN)
        add(a, "-static");
    add_all(a, (const char *[]){"-no-pie", "-pthread", "-o", program, NULL});
}

/* --- The runner --------------------------------------------------------------------------------------------------- */

/* The paths of the objects that a runner is linked of. */
struct objects {
    size_t n;
    char path[ARGS_MAX / 2][BOX_PATH_MAX];
};

static char *next_path(struct objects *o)
{
    assert(o->n < ARGS_MAX / 2);
    return o->path[o->n++];
}

static enum submission_news add_files(struct submission *s, struct objects *o, const struct exercise *e,
                                      enum submission_build build, char *why)
{
    for (size_t i = 0; e->files[i] != NULL; i++) {
        bool twice = false;
        char *path = next_path(o);
        object_of(s, path, e->files[i], build == SUBMISSION_SANITIZED);
        for (size_t k = 0; k + 1 < o->n; k++)
            twice = twice || strcmp(o->path[k], path) == 0;
        if (twice)
            o->n--;
        enum submission_news news = take(s, e->files[i], build == SUBMISSION_SANITIZED, why);
        if (news != SUBMISSION_OK)
            return news;
    }
    return SUBMISSION_OK;
}

/* Whether an object of the kit is what one of the student's files replaces. */
static bool is_own(const struct exercise *e, const char *word, size_t len)
{
    for (size_t i = 0; e->needs[i] != NULL; i++) {
        const struct exercise *need = exercise_find(e->needs[i]);
        for (size_t k = 0; need != NULL && need->files[k] != NULL; k++)
            if (strncmp(need->files[k], word, len) == 0 && strcmp(need->files[k] + len, ".c") == 0)
                return true;
    }
    return false;
}

/* What is given is one object in a kit that was handed out, and one for each word in the kit that `make kit` makes. */
static bool add_given_in_one(struct submission *s, struct objects *o, const struct exercise *e, bool own,
                             enum submission_build build)
{
    char *path = next_path(o);
    snprintf(path, BOX_PATH_MAX, "%s/%s/%s_%s.o", s->kit, suffixes[build], own ? "own" : "given", e->stem);
    bool found = access(path, R_OK) == 0;
    o->n -= !found;
    return found;
}

static void add_given(struct submission *s, struct objects *o, const struct exercise *e, bool own,
                      enum submission_build build)
{
    bool in_one = add_given_in_one(s, o, e, own, build);
    for (const char *word = e->given; *word != '\0' && !in_one;) {
        size_t len = strcspn(word, " "), slash = strcspn(word, "/ ");
        const char *chosen = own && slash < len ? word + slash + 1 : word;
        size_t chosen_len = slash < len ? (own ? len - slash - 1 : slash) : len;
        if (!(own && is_own(e, chosen, chosen_len)))
            snprintf(next_path(o), BOX_PATH_MAX, "%s/%s/%.*s.o", s->kit, suffixes[build], (int)chosen_len, chosen);
        word += len + strspn(word + len, " ");
    }
    snprintf(next_path(o), BOX_PATH_MAX, "%s/%s/runner.o", s->kit, suffixes[build]);
    snprintf(next_path(o), BOX_PATH_MAX, "%s/%s/run_%s.o", s->kit, suffixes[build], e->stem);
}

/* An object that is missing here is the kit's: the student's have just been compiled. */
static enum submission_news all_there(const struct objects *o, char *why)
{
    for (size_t i = 0; i < o->n; i++)
        if (access(o->path[i], R_OK) != 0)
            return fault(why, o->path[i]);
    return SUBMISSION_OK;
}

enum submission_news submission_link(struct submission *s, const struct exercise *e, bool own,
                                     enum submission_build build, char path[BOX_PATH_MAX], char *why)
{
    struct objects *o = calloc(1, sizeof *o);
    struct arguments a = {0};
    if (o == NULL)
        return fault(why, "no memory");
    enum submission_news news = add_files(s, o, e, build, why);
    for (size_t i = 0; own && news == SUBMISSION_OK && e->needs[i] != NULL; i++)
        if (exercise_find(e->needs[i]) != NULL) /* what is no exercise is given */
            news = add_files(s, o, exercise_find(e->needs[i]), build, why);
    add_given(s, o, e, own, build);
    static const char *const kinds[] = {"plain", "watched", "sanitized"};
    snprintf(path, BOX_PATH_MAX, "%s/run-%s-%s%s", s->scratch, e->stem, kinds[build], own ? "" : "-given");
    add_linker(s, &a, build, path);
    for (size_t i = 0; i < o->n; i++)
        add(&a, o->path[i]);
    add_all(&a, (const char *[]){"-lgmp", "-lm", NULL});
    if (news == SUBMISSION_OK)
        news = all_there(o, why);
    if (news == SUBMISSION_OK)
        news = compiler(s, &a, s->kit, why);
    free(o);
    return news;
}

/* A runner that can do nothing, of a file of our own. */
enum submission_news submission_probe(struct submission *s, enum submission_build build, char path[BOX_PATH_MAX],
                                      char *why)
{
    static const char text[] = "extern const char *const __gmp_version;\nconst char *probe(void);\n"
                               "const struct { const char *name; void *run; } runner_functions[] = {{0, 0}};\n"
                               "const char *probe(void) { return __gmp_version; }\n";
    char source[BOX_PATH_MAX], runner[BOX_PATH_MAX], said[SUBMISSION_WHY_MAX] = "";
    struct arguments a = {0};
    path_of(s, source, "probe.c", "");
    path_of(s, path, "probe", "");
    snprintf(runner, sizeof runner, "%s/%s/runner.o", s->kit, suffixes[build]);
    int fd = open(source, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || file_write(fd, text, sizeof text - 1, 0) != 0 || close(fd) != 0)
        return fault(why, source);
    add_linker(s, &a, build, path);
    add_all(&a, (const char *[]){source, runner, "-lgmp", NULL});
    if (compiler(s, &a, s->kit, said) == SUBMISSION_OK)
        return SUBMISSION_OK;
    snprintf(why, SUBMISSION_WHY_MAX, "this machine can't build a runner: %.400s", said);
    return SUBMISSION_FAULT;
}
