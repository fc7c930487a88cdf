/* SPDX-License-Identifier: MIT */
/* The whole file is read at once; a record is an array of fields that point into it. Lines end in '\n'; `#` starts a
 * comment line. Anything wrong fails the test that reads, with the file's and the record's name. */
#include "tests/vec.h"

#include "tests/cmocka.h"

#define FIELDS_MAX 64

struct field {
    const char *name;
    const char *value;
    uint8_t *bytes; /* the decoded value, made at the first vec_hex */
    size_t bytes_len;
    bool read;
};

struct vec {
    char stem[64];
    char *text;
    char *next; /* the first character not looked at */
    struct field field[FIELDS_MAX];
    size_t fields;
    uint64_t records;
    bool told; /* a failure said its record already */
    struct vec *next_open;
};

static struct vec *all_open;

static void complain(struct vec *v, const char *what, const char *field)
{
    v->told = true;
    fail_msg("vectors/%s.txt, record %llu (%s): %s %s", v->stem, (unsigned long long)v->records, vec_name(v), what,
             field);
}

struct vec *vec_open(const char *stem)
{
    struct vec *v = calloc(1, sizeof *v);
    assert_non_null(v);
    snprintf(v->stem, sizeof v->stem, "%s", stem);
    char path[96];
    snprintf(path, sizeof path, "vectors/%s.txt", v->stem);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        fail_msg("%s can't be opened: run the tests from the top of the tree", path);
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    v->text = calloc(1, (size_t)size + 1);
    assert_non_null(v->text);
    assert_int_equal(fread(v->text, 1, (size_t)size, f), size);
    fclose(f);
    v->next = v->text;
    v->next_open = all_open;
    all_open = v;
    return v;
}

static void forget_fields(struct vec *v)
{
    for (size_t i = 0; i < v->fields; i++)
        free(v->field[i].bytes);
    v->fields = 0;
}

static void check_all_read(struct vec *v)
{
    for (size_t i = 0; i < v->fields; i++)
        if (!v->field[i].read)
            complain(v, "no test read the field", v->field[i].name);
}

/* Takes the next line off the text; NULL at its end. */
static char *take_line(struct vec *v)
{
    if (*v->next == '\0')
        return NULL;
    char *line = v->next;
    char *end = strchr(line, '\n');
    if (end == NULL) {
        complain(v, "the last line does not end", "");
        return NULL;
    }
    *end = '\0';
    v->next = end + 1;
    return line;
}

static void add_field(struct vec *v, char *line)
{
    char *equals = strchr(line, '=');
    if (equals == NULL || equals == line || v->fields == FIELDS_MAX)
        complain(v, "not a line of the form `name = value`:", line);
    char *name_end = equals;
    while (name_end > line && name_end[-1] == ' ')
        name_end--;
    *name_end = '\0';
    const char *value = equals + 1;
    while (*value == ' ')
        value++;
    if (vec_has(v, line))
        complain(v, "this field stands twice:", line);
    v->field[v->fields++] = (struct field){.name = line, .value = value};
}

static struct field *find(struct vec *v, const char *name)
{
    for (size_t i = 0; i < v->fields; i++)
        if (strcmp(v->field[i].name, name) == 0)
            return &v->field[i];
    return NULL;
}

static struct field *need(struct vec *v, const char *name)
{
    struct field *f = find(v, name);
    if (f == NULL)
        complain(v, "has no field", name);
    f->read = true;
    return f;
}

bool vec_next(struct vec *v)
{
    check_all_read(v);
    forget_fields(v);
    char *line;
    while ((line = take_line(v)) != NULL) {
        if (*line == '#')
            continue;
        if (*line == '\0' && v->fields > 0)
            break;
        if (*line != '\0')
            add_field(v, line);
    }
    if (vec_has(v, "end")) {
        if (vec_number(v, "end") != v->records || v->fields != 1 || *v->next != '\0')
            complain(v, "the file is cut, or `end` is wrong:", v->field[0].value);
        return false;
    }
    v->records++;
    need(v, "name");
    need(v, "source");
    if (vec_has(v, "why"))
        need(v, "why");
    return true;
}

bool vec_has(const struct vec *v, const char *field)
{
    for (size_t i = 0; i < v->fields; i++)
        if (strcmp(v->field[i].name, field) == 0)
            return true;
    return false;
}

const char *vec_name(const struct vec *v)
{
    for (size_t i = 0; i < v->fields; i++)
        if (strcmp(v->field[i].name, "name") == 0)
            return v->field[i].value;
    return "unnamed";
}

const char *vec_text(struct vec *v, const char *field)
{
    return need(v, field)->value;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const uint8_t *vec_hex(struct vec *v, const char *field, size_t *len)
{
    struct field *f = need(v, field);
    if (f->bytes == NULL) {
        size_t digits = strlen(f->value);
        f->bytes = malloc(digits / 2 + 1);
        assert_non_null(f->bytes);
        f->bytes_len = digits / 2;
        for (size_t i = 0; i < digits / 2; i++) {
            int high = hex_digit(f->value[2 * i]), low = hex_digit(f->value[2 * i + 1]);
            if (digits % 2 != 0 || high < 0 || low < 0)
                complain(v, "is not lowercase hex:", field);
            f->bytes[i] = (uint8_t)(high << 4 | low);
        }
        if (digits % 2 != 0)
            complain(v, "is not lowercase hex:", field);
    }
    *len = f->bytes_len;
    return f->bytes;
}

const uint8_t *vec_hex_n(struct vec *v, const char *field, size_t len)
{
    size_t got;
    const uint8_t *bytes = vec_hex(v, field, &got);
    if (got != len)
        complain(v, "has another length than its test expects:", field);
    return bytes;
}

uint64_t vec_number(struct vec *v, const char *field)
{
    const char *value = need(v, field)->value;
    char *end;
    uint64_t n = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '\0')
        complain(v, "is not a decimal number:", field);
    return n;
}

bool vec_rejects(struct vec *v)
{
    if (!vec_has(v, "expect"))
        return false;
    if (strcmp(vec_text(v, "expect"), "reject") != 0)
        complain(v, "expects something else than reject:", vec_text(v, "expect"));
    return true;
}

void vec_check(struct vec *v, const char *field, const uint8_t *got, size_t got_len)
{
    size_t len;
    const uint8_t *expected = vec_hex(v, field, &len);
    size_t same = 0;
    while (same < len && same < got_len && expected[same] == got[same])
        same++;
    if (same == len && len == got_len)
        return;
    print_error("vectors/%s.txt, '%s', %s: byte %zu differs\n", v->stem, vec_name(v), field, same);
    print_error("  expected %zu bytes ..", len);
    for (size_t i = same; i < len && i < same + 32; i++)
        print_error("%02x", expected[i]);
    print_error("\n  got      %zu bytes ..", got_len);
    for (size_t i = same; i < got_len && i < same + 32; i++)
        print_error("%02x", got[i]);
    print_error("\n");
    v->told = true;
    fail();
}

void vec_close(struct vec *v)
{
    struct vec **link = &all_open;
    while (*link != v)
        link = &(*link)->next_open;
    *link = v->next_open;
    forget_fields(v);
    free(v->text);
    free(v);
}

/* After a test: a file that is still open was left by a failure. */
static int tell_where(void **state)
{
    (void)state;
    while (all_open != NULL) {
        struct vec *v = all_open;
        if (!v->told && v->records > 0)
            print_error("at vectors/%s.txt, '%s'%s%s\n", v->stem, vec_name(v), vec_has(v, "why") ? ": " : "",
                        vec_has(v, "why") ? vec_text(v, "why") : "");
        vec_close(v);
    }
    return 0;
}

int vec_run(const struct CMUnitTest *tests, size_t n)
{
    struct CMUnitTest *told = calloc(n, sizeof *told);
    assert_non_null(told);
    for (size_t i = 0; i < n; i++) {
        told[i] = tests[i];
        if (told[i].teardown_func == NULL)
            told[i].teardown_func = tell_where;
    }
    int failed = _cmocka_run_group_tests("tests", told, n, NULL, NULL);
    free(told);
    return failed;
}
