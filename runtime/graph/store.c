/* store.c: see store.h. An entry is a head, the arrays of the graph one behind the other, what was
 * included, and texts. Arrays lie as they are in memory: an entry is of one machine and one build.
 */
#include "graph/store.h"

#include <string.h>

#include "cache.h"
#include "graph/tree.h"
#include "hunch.h"

#ifndef HUNCH_GRAPH_BUILD
#error "HUNCH_GRAPH_BUILD is the hash of the front ends' sources: see the Makefile"
#endif

static const char kind[] = "graph";

/* A file that asks for more is not kept: remembering would take longer than reading. */
enum { ASKED_MOST = 1024 };

#define ROOM ((uint64_t)512 << 20) /* bytes of all entries */

/* The arrays of a file but for `fault`, whose reasons are texts. */
#define ARRAYS(X) \
    X(function)   \
    X(block)      \
    X(stmt)       \
    X(op)         \
    X(var)        \
    X(global)     \
    X(arg)        \
    X(link)       \
    X(label)      \
    X(include)    \
    X(alias)      \
    X(line)       \
    X(names)

enum {
#define NUMBER(name) ARRAY_##name,
    ARRAYS(NUMBER)
#undef NUMBER
        ARRAY_COUNT
};

/* Something was asked for to be included. */
struct asked {
    uint32_t name; /* place in `text` */
    uint32_t from; /* the file that asked: 0 the source, n what was found n-th, from 1 */
    uint32_t is_found;
    uint32_t same;         /* n: it is the file that was found n-th, once more; 0: a new one */
    struct hunch_key hash; /* of what was found */
};

struct fault {
    uint32_t function, line, reason; /* place in `text` */
};

struct head {
    uint64_t count[ARRAY_COUNT];
    uint64_t asked, fault, text; /* how many; bytes */
};

/* ---- what is included, while a source is read ---- */

/* Hashes of what was found, each worked out once: a file may be asked for often. */
struct hashed {
    const uint8_t *bytes;
    size_t size;
    struct hunch_key hash;
};
typedef HUNCH_VEC(struct hashed) hash_list;

static struct hunch_key hash_of(hash_list *list, const struct hunch_allocator *a,
                                const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].bytes == bytes && list->items[i].size == size)
            return list->items[i].hash;
    const struct hashed one = {bytes, size, hunch_key_of(bytes, size)};
    (void)hunch_vec_push(a, list, one); /* no memory: worked out again */
    return one.hash;
}

struct listener {
    const struct hunch_graph_source *source;
    const struct hunch_allocator *a;
    HUNCH_VEC(struct asked) asked;
    HUNCH_VEC(const char *) found; /* names of records, as the caller gave them */
    hash_list hashes;
    HUNCH_VEC(char) text;
    bool failed; /* no memory, or a file that nobody has found asks: nothing is kept */
};

static uint32_t add_text(struct listener *l, const char *text)
{
    const uint32_t at = (uint32_t)l->text.count;
    if (!hunch_vec_append(l->a, &l->text, text, strlen(text) + 1))
        l->failed = true;
    return at;
}

static uint32_t number_of(struct listener *l, const char *from)
{
    if (strcmp(from, l->source->name) == 0)
        return 0;
    for (size_t i = l->found.count; i-- > 0;)
        if (strcmp(l->found.items[i], from) == 0)
            return (uint32_t)i + 1;
    l->failed = true;
    return 0;
}

/* Which of those found has that name: its number, from 1; 0: none. A preprocessor leaves out what
 * it has seen by its name, so that it matters whether equal bytes are one file or two. */
static uint32_t first_of(const char *const *found, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(found[i], name) == 0)
            return (uint32_t)i + 1;
    return 0;
}

static const uint8_t *listen(void *ctx, const char *name, const char *from, size_t *size,
                             const char **found)
{
    struct listener *l = ctx;
    const uint8_t *bytes = l->source->include(l->source->ctx, name, from, size, found);
    l->failed |= l->asked.count >= ASKED_MOST;
    if (l->failed)
        return bytes;
    struct asked asked = {add_text(l, name), number_of(l, from), bytes != NULL, 0, {{0}}};
    if (bytes != NULL) {
        asked.hash = hash_of(&l->hashes, l->a, bytes, *size);
        asked.same = first_of(l->found.items, l->found.count, *found);
        l->failed |= !hunch_vec_push(l->a, &l->found, *found);
    }
    l->failed |= !hunch_vec_push(l->a, &l->asked, asked);
    return bytes;
}

/* ---- entries ---- */

static struct hunch_key key_of(enum hunch_graph_language language,
                               const struct hunch_graph_source *source)
{
    const struct {
        char build[64];
        struct hunch_key bytes, name; /* a module is called as its file is; of C no graph says so */
        uint64_t language, size;
    } all = {HUNCH_GRAPH_BUILD, hunch_key_of(source->bytes, source->size),
             hunch_key_of(source->name, language == HUNCH_LANGUAGE_C ? 0 : strlen(source->name)),
             language, source->size};
    return hunch_key_of(&all, sizeof all);
}

bool hunch_graph_is_timed(const struct hunch_graph_file *f)
{
    for (size_t i = 0; i < f->fault.count; i++)
        if (strcmp(f->fault.items[i].reason, HUNCH_TREE_TOO_SLOW) == 0)
            return true;
    return false;
}

static size_t keep(const char *folder, const struct hunch_key *key,
                   const struct hunch_graph_file *f, struct listener *l)
{
    struct hunch_cache_piece piece[ARRAY_COUNT + 4];
    HUNCH_VEC(struct fault) fault = {0};
    size_t count = 0, size = 0;
    for (size_t i = 0; i < f->fault.count; i++) {
        const struct hunch_graph_fault *g = &f->fault.items[i];
        const struct fault one = {g->function, g->line, add_text(l, g->reason)};
        l->failed |= !hunch_vec_push(l->a, &fault, one);
    }
    struct head head = {.asked = l->asked.count, .fault = fault.count, .text = l->text.count};
#define COUNT(name) head.count[ARRAY_##name] = f->name.count;
    ARRAYS(COUNT)
#undef COUNT
#define ADD(v) \
    piece[count++] = (struct hunch_cache_piece){(v).items, (v).count * sizeof *(v).items};
    piece[count++] = (struct hunch_cache_piece){&head, sizeof head};
    ADD(l->asked)
    ADD(fault)
    ADD(l->text)
#define ARRAY(name) ADD(f->name)
    ARRAYS(ARRAY)
#undef ARRAY
#undef ADD
    if (!l->failed) {
        size = hunch_cache_size(piece, count);
        hunch_cache_write_pieces(l->a, folder, kind, key->bytes, piece, count, UINT64_MAX);
    }
    hunch_vec_free(l->a, &fault);
    return size;
}

/* The entry's bytes, taken one after another. */
struct taker {
    const uint8_t *at;
    size_t left;
};

/* The next n items of `size` bytes; NULL: there are not so many. */
static const void *take(struct taker *t, uint64_t n, size_t size)
{
    const void *at = t->at;
    if (n > t->left / size)
        return NULL;
    t->at += n * size;
    t->left -= n * size;
    return at;
}

/* Of an entry what is no array of the graph. */
struct around {
    const struct head *head;
    const struct asked *asked;
    const struct fault *fault;
    const char *text;
};

/* Is all that was included when the entry was made what it was then? */
static bool still_holds(const struct hunch_graph_source *source, const struct around *e,
                        const struct hunch_allocator *a)
{
    HUNCH_VEC(const char *) found = {0};
    hash_list hashes = {0};
    bool holds = source->include != NULL || e->head->asked == 0;
    for (uint64_t i = 0; i < e->head->asked && holds; i++) {
        const struct asked *asked = &e->asked[i];
        const char *name = NULL, *from = source->name;
        size_t size = 0;
        holds = asked->name < e->head->text && asked->from <= found.count;
        if (!holds)
            break;
        if (asked->from > 0)
            from = found.items[asked->from - 1];
        const uint8_t *bytes =
            source->include(source->ctx, e->text + asked->name, from, &size, &name);
        holds = (bytes != NULL) == (asked->is_found != 0);
        if (bytes == NULL || !holds)
            continue;
        const struct hunch_key hash = hash_of(&hashes, a, bytes, size);
        holds = memcmp(&hash, &asked->hash, sizeof hash) == 0 &&
                asked->same == first_of(found.items, found.count, name) &&
                hunch_vec_push(a, &found, name);
    }
    hunch_vec_free(a, &found);
    hunch_vec_free(a, &hashes);
    return holds;
}

/* The arrays of *f; false: there are not so many bytes, or there is no memory. */
static bool read_arrays(struct hunch_graph_file *f, const struct head *head, struct taker *t)
{
    bool ok = true;
#define READ(name)                                                      \
    if (ok) {                                                           \
        const uint64_t n = head->count[ARRAY_##name];                   \
        const void *from = take(t, n, sizeof *f->name.items);           \
        ok = from != NULL && hunch_vec_reserve(f->a, &f->name, n);      \
        if (ok) {                                                       \
            hunch_copy(f->name.items, from, n * sizeof *f->name.items); \
            f->name.count = n;                                          \
        }                                                               \
    }
    ARRAYS(READ)
#undef READ
    return ok;
}

/* Reasons of faults lie behind the file's names. */
static bool read_faults(struct hunch_graph_file *f, const struct around *e)
{
    const size_t names = f->names.count;
    bool ok = hunch_vec_append(f->a, &f->names, e->text, e->head->text);
    for (uint64_t i = 0; i < e->head->fault && ok; i++) {
        const struct fault *from = &e->fault[i];
        const struct hunch_graph_fault one = {from->function, from->line,
                                              f->names.items + names + from->reason};
        ok = from->reason < e->head->text && hunch_vec_push(f->a, &f->fault, one);
    }
    return ok;
}

/* A graph from an entry; NULL: it is of no use. */
static struct hunch_graph_file *make(const struct hunch_allocator *a,
                                     enum hunch_graph_language language,
                                     const struct hunch_graph_source *source, const void *bytes,
                                     size_t size)
{
    struct taker t = {bytes, size};
    struct around e = {.head = take(&t, 1, sizeof *e.head)};
    if (e.head != NULL) {
        e.asked = take(&t, e.head->asked, sizeof *e.asked);
        e.fault = take(&t, e.head->fault, sizeof *e.fault);
        e.text = take(&t, e.head->text, 1);
    }
    if (e.head == NULL || e.asked == NULL || e.fault == NULL || e.text == NULL ||
        (e.head->text > 0 && e.text[e.head->text - 1] != '\0') || !still_holds(source, &e, a))
        return NULL;
    struct hunch_graph_file *f = hunch_alloc_zero(a, sizeof *f);
    if (f == NULL)
        return NULL;
    f->a = a;
    f->language = language;
    if (read_arrays(f, e.head, &t) && read_faults(f, &e) && t.left == 0)
        return f;
    hunch_graph_file_free(f);
    return NULL;
}

hunch_status hunch_graph_recall(const struct hunch_allocator *a, const char *folder,
                                enum hunch_graph_language language,
                                const struct hunch_graph_source *source,
                                struct hunch_graph_file **file, size_t *written,
                                struct hunch_error *err)
{
    void *bytes;
    size_t size;
    *written = 0;
    if (folder == NULL || source->size < HUNCH_GRAPH_STORE_LEAST)
        return hunch_graph_read(a, language, source, file, err);
    const struct hunch_key key = key_of(language, source);
    *file = NULL;
    if (hunch_cache_read(a, folder, kind, key.bytes, &bytes, &size)) {
        *file = make(a, language, source, bytes, size);
        hunch_free(a, bytes, size);
        if (*file != NULL)
            return HUNCH_OK;
    }
    struct listener l = {.source = source, .a = a};
    struct hunch_graph_source heard = *source;
    heard.ctx = &l;
    heard.include = source->include ? listen : NULL;
    hunch_status status = hunch_graph_read(a, language, &heard, file, err);
    if (status == HUNCH_OK) {
        *written = hunch_graph_is_timed(*file) ? 0 : keep(folder, &key, *file, &l);
    }
    hunch_vec_free(a, &l.asked);
    hunch_vec_free(a, &l.found);
    hunch_vec_free(a, &l.hashes);
    hunch_vec_free(a, &l.text);
    return status;
}

void hunch_graph_store_trim(const struct hunch_allocator *a, const char *folder)
{
    hunch_cache_trim(a, folder, kind, ROOM);
}
