/* ir.c: a file's memory, and which front end reads a language. */
#include "graph/ir.h"

#include <string.h>

#include "graph/build.h"
#include "graph/front.h"
#include "graph/languages.h"

void hunch_graph_file_free(struct hunch_graph_file *f)
{
    if (f == NULL)
        return;
    const struct hunch_allocator *a = f->a;
    hunch_vec_free(a, &f->function);
    hunch_vec_free(a, &f->block);
    hunch_vec_free(a, &f->stmt);
    hunch_vec_free(a, &f->op);
    hunch_vec_free(a, &f->var);
    hunch_vec_free(a, &f->global);
    hunch_vec_free(a, &f->arg);
    hunch_vec_free(a, &f->link);
    hunch_vec_free(a, &f->label);
    hunch_vec_free(a, &f->include);
    hunch_vec_free(a, &f->alias);
    hunch_vec_free(a, &f->line);
    hunch_vec_free(a, &f->names);
    hunch_vec_free(a, &f->fault);
    hunch_free(a, f, sizeof *f);
}

/* It stays as long as its unit is built: no more room than it takes. */
static void fit(struct hunch_graph_file *f)
{
    hunch_vec_fit(f->a, &f->block);
    hunch_vec_fit(f->a, &f->stmt);
    hunch_vec_fit(f->a, &f->op);
    hunch_vec_fit(f->a, &f->var);
    hunch_vec_fit(f->a, &f->global);
    hunch_vec_fit(f->a, &f->arg);
    hunch_vec_fit(f->a, &f->link);
    hunch_vec_fit(f->a, &f->line);
    hunch_vec_fit(f->a, &f->names);
}

/* ---- names ---- */

void hunch_name_set_init(struct hunch_name_set *s, struct hunch_graph_file *file)
{
    *s = (struct hunch_name_set){.file = file};
    if (file->names.count == 0)
        s->failed = !hunch_vec_push(file->a, &file->names, '\0');
}

void hunch_name_set_free(struct hunch_name_set *s)
{
    if (s->slot != NULL)
        hunch_free_array(s->file->a, s->slot, s->capacity, sizeof *s->slot);
    s->slot = NULL;
}

static uint32_t hash_of(const uint8_t *text, size_t size)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < size; i++)
        h = (h ^ text[i]) * 16777619u;
    return h ^ h >> 15;
}

static bool grow(struct hunch_name_set *s)
{
    const struct hunch_allocator *a = s->file->a;
    uint32_t capacity = s->capacity == 0 ? 256 : s->capacity * 2;
    uint32_t *slot = hunch_alloc_zero(a, capacity * sizeof *slot);
    if (slot == NULL)
        return false;
    for (uint32_t i = 0; i < s->capacity; i++) {
        if (s->slot[i] == 0)
            continue;
        const char *text = s->file->names.items + s->slot[i];
        uint32_t at = hash_of((const uint8_t *)text, strlen(text)) & (capacity - 1);
        while (slot[at] != 0)
            at = (at + 1) & (capacity - 1);
        slot[at] = s->slot[i];
    }
    hunch_name_set_free(s);
    s->slot = slot;
    s->capacity = capacity;
    return true;
}

uint32_t hunch_name_add(struct hunch_name_set *s, const void *text, size_t size)
{
    const void *zero = size == 0 ? NULL : memchr(text, 0, size);
    if (zero != NULL)
        size = (size_t)((const char *)zero - (const char *)text);
    if (size == 0 || s->failed)
        return 0;
    if (s->count * 2 >= s->capacity && !grow(s)) {
        s->failed = true;
        return 0;
    }
    uint32_t at = hash_of(text, size) & (s->capacity - 1);
    for (; s->slot[at] != 0; at = (at + 1) & (s->capacity - 1)) {
        const char *there = s->file->names.items + s->slot[at];
        if (strncmp(there, text, size) == 0 && there[size] == '\0')
            return s->slot[at];
    }
    uint32_t name = (uint32_t)s->file->names.count;
    if (!hunch_vec_append(s->file->a, &s->file->names, (const char *)text, size) ||
        !hunch_vec_push(s->file->a, &s->file->names, '\0')) {
        s->failed = true;
        return 0;
    }
    s->count++;
    return s->slot[at] = name;
}

/* ---- reading ---- */

static const struct {
    enum hunch_graph_language language;
    bool (*is_built)(void);
    hunch_status (*read)(const struct hunch_graph_source *, struct hunch_graph_file *,
                         struct hunch_error *);
} FRONTS[] = {
    {HUNCH_LANGUAGE_C, hunch_front_c_is_built, hunch_front_c},
    {HUNCH_LANGUAGE_JAVA, hunch_front_java_is_built, hunch_front_java},
    {HUNCH_LANGUAGE_JAVASCRIPT, hunch_front_javascript_is_built, hunch_front_javascript},
    {HUNCH_LANGUAGE_PYTHON, hunch_front_python_is_built, hunch_front_python},
};

const char *hunch_graph_languages(void)
{
    /* By what is built in: bit n is FRONTS[n]. */
    static const char *const words[] = {
        "none: built without grammars; run `make grammars`",
        "C",
        "Java",
        "C, Java",
        "JavaScript",
        "C, JavaScript",
        "Java, JavaScript",
        "C, Java, JavaScript",
        "Python",
        "C, Python",
        "Java, Python",
        "C, Java, Python",
        "JavaScript, Python",
        "C, JavaScript, Python",
        "Java, JavaScript, Python",
        "C, Java, JavaScript, Python",
    };
    unsigned built = 0;
    for (unsigned i = 0; i < sizeof FRONTS / sizeof *FRONTS; i++)
        built |= (unsigned)FRONTS[i].is_built() << i;
    return words[built];
}

static bool lines_of(struct hunch_graph_file *f, const uint8_t *bytes, size_t size)
{
    if (!hunch_vec_push(f->a, &f->line, 0))
        return false;
    const uint8_t *at = bytes, *end = bytes + size;
    while (size > 0 && (at = memchr(at, '\n', (size_t)(end - at))) != NULL)
        if (!hunch_vec_push(f->a, &f->line, (uint32_t)(++at - bytes)))
            return false;
    return true;
}

hunch_status hunch_graph_read(const struct hunch_allocator *a, enum hunch_graph_language language,
                              const struct hunch_graph_source *source,
                              struct hunch_graph_file **file, struct hunch_error *err)
{
    *file = NULL;
    size_t front = 0;
    while (front < sizeof FRONTS / sizeof *FRONTS && FRONTS[front].language != language)
        front++;
    if (front == sizeof FRONTS / sizeof *FRONTS)
        return hunch_fail(
            err, HUNCH_ERROR_UNSUPPORTED,
            "hunch reads no sources of this language; it reads C, Java, JavaScript and Python");
    if (source->size > HUNCH_GRAPH_SOURCE_MOST)
        return hunch_fail(err, HUNCH_ERROR_LIMIT,
                          "a source of %zu bytes is too large: at most %d are read", source->size,
                          HUNCH_GRAPH_SOURCE_MOST);
    struct hunch_graph_file *f = hunch_alloc_zero(a, sizeof *f);
    if (f == NULL)
        return hunch_fail_memory(err, sizeof *f, "a graph");
    f->a = a;
    f->language = language;
    hunch_status status = HUNCH_OK;
    if (!lines_of(f, source->bytes, source->size))
        status = hunch_fail_memory(err, source->size, "the lines of a source");
    if (status == HUNCH_OK)
        status = FRONTS[front].read(source, f, err);
    if (status != HUNCH_OK) {
        hunch_graph_file_free(f);
        return status;
    }
    fit(f);
    *file = f;
    return HUNCH_OK;
}
