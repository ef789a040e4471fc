/* unit_store.c: see unit_store.h. An entry is a head, then arrays as they lie in memory, each at a
 * multiple of 8 bytes: it is of one machine and one build. A unit that is read points into it. */
#include "graph/unit_store.h"

#include <string.h>

#include "cache.h"

#ifndef HUNCH_GRAPH_BUILD
#error "HUNCH_GRAPH_BUILD is the hash of the sources of graphs: see the Makefile"
#endif

static const char kind[] = "graph-unit"; /* among the graphs, which have the room together */

enum { ENTRY_MOST = 256 << 20 }; /* half of that room */

/* Vectors of the unit, then of its graph, then arrays of the graph whose lengths its head tells. */
#define VECTORS(X)                 \
    X(part, u->part)               \
    X(node_span, u->node_span)     \
    X(call_span, u->call_span)     \
    X(with, u->with)               \
    X(label, u->label.key)         \
    X(guard, u->guard.key)         \
    X(class, u->class.key)         \
    X(name_at, u->name_at)         \
    X(name, u->text)               \
    X(node_label, g->label)        \
    X(first, g->first)             \
    X(in, g->in)                   \
    X(out_first, g->out_first)     \
    X(out, g->out)                 \
    X(formal, g->formal)           \
    X(result, g->result)           \
    X(result_node, g->result_node) \
    X(transfer, g->transfer)       \
    X(bind, g->bind)               \
    X(cross, g->cross)             \
    X(source, g->source)           \
    X(order, g->order)             \
    X(caller, g->caller)

enum {
#define NUMBER(name, vector) VECTOR_##name,
    VECTORS(NUMBER)
#undef NUMBER
        VECTOR_COUNT
};

struct head {
    uint64_t count[VECTOR_COUNT];
    uint64_t gap, asked, text, asked_text; /* how many; bytes */
    uint32_t function_count, node_count;   /* of the graph */
    uint32_t class_count, transfer_mask, result_mask, mask_count;
};

struct gap {
    uint32_t file, function, line;
    uint32_t reason, name; /* places in the text; name may be HUNCH_NONE */
};

/* ---- keys ---- */

bool hunch_unit_key(const struct hunch_graph_work *w, struct hunch_key *unit_key)
{
    size_t flows, count = 0;
    const struct hunch_library_flow *library = hunch_graph_plan_library(w->plan, &flows);
    const size_t most = w->count + flows + 1;
    struct {
        struct hunch_key text, name;
        uint64_t size;
    } file;
    struct {
        struct hunch_key name;
        uint32_t from[2], to[2], flags, reserved;
    } flow;
    struct {
        char build[64];
        uint64_t language, files;
    } all = {HUNCH_GRAPH_BUILD, w->language, w->count};
    struct hunch_key *key = hunch_alloc_zero(w->a, most * sizeof *key);
    if (key == NULL)
        return false;
    key[count++] = hunch_key_of(&all, sizeof all);
    for (size_t i = 0; i < w->count; i++) {
        memset(&file, 0, sizeof file);
        file.text = hunch_key_of(w->file[i].bytes, w->file[i].size);
        file.name = hunch_key_of(w->file[i].name, strlen(w->file[i].name));
        file.size = w->file[i].size;
        key[count++] = hunch_key_of(&file, sizeof file);
    }
    for (size_t i = 0; i < flows; i++) {
        const struct hunch_library_flow *f = &library[i];
        if (f->language != (enum hunch_graph_language)w->language)
            continue;
        memset(&flow, 0, sizeof flow);
        flow.name = hunch_key_of(f->name, strlen(f->name));
        flow.from[0] = f->from.index;
        flow.to[0] = f->to.index;
        flow.flags = (uint32_t)f->from.returned | (uint32_t)f->from.pointed << 1 |
                     (uint32_t)f->from.outside << 2 | (uint32_t)f->to.returned << 3 |
                     (uint32_t)f->to.pointed << 4 | (uint32_t)f->to.outside << 5;
        key[count++] = hunch_key_of(&flow, sizeof flow);
    }
    *unit_key = hunch_key_of(key, count * sizeof *key);
    hunch_free(w->a, key, most * sizeof *key);
    return true;
}

/* ---- writing ---- */

struct pieces {
    struct hunch_cache_piece item[2 * (VECTOR_COUNT + 9)];
    size_t count;
};

static void add(struct pieces *p, const void *bytes, size_t size)
{
    static const uint8_t nothing[8];
    p->item[p->count++] = (struct hunch_cache_piece){bytes, size};
    p->item[p->count++] = (struct hunch_cache_piece){nothing, (8 - size % 8) % 8};
}

typedef HUNCH_VEC(char) text_list;
typedef HUNCH_VEC(struct gap) gap_list;

static bool pack_gaps(const struct hunch_allocator *a, const struct hunch_unit *u, gap_list *gap,
                      text_list *text)
{
    bool ok = hunch_vec_push(a, text, '\0');
    for (size_t i = 0; i < u->gap.count && ok; i++) {
        const struct hunch_graph_gap *from = &u->gap.items[i];
        struct gap one = {from->file, from->function, from->line, (uint32_t)text->count,
                          HUNCH_NONE};
        ok = hunch_vec_append(a, text, from->reason, strlen(from->reason) + 1);
        if (ok && from->name != NULL) {
            one.name = (uint32_t)text->count;
            ok = hunch_vec_append(a, text, from->name, strlen(from->name) + 1);
        }
        ok = ok && text->count < UINT32_MAX / 2 && hunch_vec_push(a, gap, one);
    }
    return ok;
}

size_t hunch_unit_keep(const struct hunch_unit *u, const struct hunch_graph_work *w,
                       const struct hunch_key *key, const struct hunch_asked *asked)
{
    const struct hunch_flow_graph *g = u->graph;
    struct head head = {.gap = u->gap.count,
                        .asked = asked->one.count,
                        .asked_text = asked->text.count,
                        .function_count = g->function_count,
                        .node_count = g->node_count,
                        .class_count = g->class_count,
                        .transfer_mask = g->transfer_mask,
                        .result_mask = g->result_mask,
                        .mask_count = g->mask_count};
    struct pieces p = {.count = 0};
    gap_list gap = {0};
    text_list text = {0};
    const bool ok = !asked->failed && pack_gaps(w->a, u, &gap, &text);
    head.text = text.count;
#define COUNT(name, vector) head.count[VECTOR_##name] = (vector).count;
    VECTORS(COUNT)
#undef COUNT
    add(&p, &head, sizeof head);
    add(&p, asked->one.items, asked->one.count * sizeof *asked->one.items);
    add(&p, asked->text.items, asked->text.count);
    add(&p, gap.items, gap.count * sizeof *gap.items);
    add(&p, text.items, text.count);
    add(&p, g->function, g->function_count * sizeof *g->function);
    add(&p, g->cross_first, ((size_t)g->node_count + 2) * sizeof *g->cross_first);
    add(&p, g->caller_first, ((size_t)g->function_count + 2) * sizeof *g->caller_first);
    add(&p, g->source_first, ((size_t)g->function_count + 1) * sizeof *g->source_first);
#define ADD(name, vector) add(&p, (vector).items, (vector).count * sizeof *(vector).items);
    VECTORS(ADD)
#undef ADD
    size_t size = ok ? hunch_cache_size(p.item, p.count) : 0;
    if (size > ENTRY_MOST)
        size = 0;
    if (size > 0) /* the room is that of all kinds together: hunch_graph_store_trim() */
        hunch_cache_write_pieces(w->a, w->cache, kind, key->bytes, p.item, p.count, UINT64_MAX);
    hunch_vec_free(w->a, &gap);
    hunch_vec_free(w->a, &text);
    return size;
}

/* ---- reading ---- */

/* The entry's bytes, taken one array after another. */
struct taker {
    uint8_t *at;
    size_t left;
    bool failed;
};

static void *take(struct taker *t, uint64_t count, size_t size)
{
    void *at = t->at;
    t->failed |= count > t->left / size;
    if (t->failed)
        return NULL;
    size_t taken = (size_t)count * size;
    taken += (8 - taken % 8) % 8;
    t->failed |= taken > t->left;
    if (t->failed)
        return NULL;
    t->at += taken;
    t->left -= taken;
    return at;
}

static bool is_text(const char *text, uint64_t size)
{
    return size == 0 || text[size - 1] == '\0';
}

static bool read_gaps(struct hunch_unit *u, const struct gap *gap, size_t count, const char *text,
                      uint64_t size, size_t files)
{
    bool ok = hunch_vec_reserve(u->a, &u->gap, count);
    for (size_t i = 0; i < count && ok; i++) {
        const struct gap *from = &gap[i];
        ok = from->file < files && from->reason < size &&
             (from->name == HUNCH_NONE || from->name < size);
        if (ok)
            u->gap.items[u->gap.count++] = (struct hunch_graph_gap){
                from->file, from->function, text + from->reason,
                from->name != HUNCH_NONE ? text + from->name : NULL, from->line};
    }
    return ok;
}

/* Points the unit into its entry; false: it does not fit. */
static bool take_all(struct hunch_unit *u, const struct hunch_graph_work *w,
                     struct hunch_asked *asked)
{
    struct hunch_flow_graph *g = u->graph;
    struct taker t = {u->entry, u->entry_size, false};
    const struct head *head = take(&t, 1, sizeof *head);
    if (t.failed)
        return false;
    const struct hunch_asked_one *one = take(&t, head->asked, sizeof *one);
    const char *asked_text = take(&t, head->asked_text, 1);
    const struct gap *gap = take(&t, head->gap, sizeof *gap);
    const char *text = take(&t, head->text, 1);
    g->function_count = u->flow_count = head->function_count;
    g->node_count = head->node_count;
    g->class_count = head->class_count;
    g->transfer_mask = head->transfer_mask;
    g->result_mask = head->result_mask;
    g->mask_count = head->mask_count;
    g->function = take(&t, head->function_count, sizeof *g->function);
    g->cross_first = take(&t, (uint64_t)head->node_count + 2, sizeof *g->cross_first);
    g->caller_first = take(&t, (uint64_t)head->function_count + 2, sizeof *g->caller_first);
    g->source_first = take(&t, (uint64_t)head->function_count + 1, sizeof *g->source_first);
#define TAKE(name, vector)                                                         \
    (vector).items = take(&t, head->count[VECTOR_##name], sizeof *(vector).items); \
    (vector).count = head->count[VECTOR_##name];
    VECTORS(TAKE)
#undef TAKE
    return !t.failed && t.left == 0 && is_text(asked_text, head->asked_text) &&
           is_text(text, head->text) &&
           hunch_asked_again(asked, one, head->asked, asked_text, head->asked_text) &&
           read_gaps(u, gap, head->gap, text, head->text, w->count) &&
           hunch_unit_is_sound(u, w->file, w->count);
}

void hunch_unit_let_go(struct hunch_unit *u)
{
    struct hunch_flow_graph *g = u->graph;
#define DROP(name, vector) memset(&(vector), 0, sizeof(vector));
    VECTORS(DROP)
#undef DROP
    hunch_free(u->a, g, sizeof *g);
    hunch_free(u->a, u->entry, u->entry_size);
    u->graph = NULL;
    u->entry = NULL;
}

struct hunch_unit *hunch_unit_recall(const struct hunch_allocator *a,
                                     const struct hunch_graph_work *w, const struct hunch_key *key,
                                     struct hunch_asked *asked)
{
    void *bytes;
    size_t size;
    if (!hunch_cache_read(a, w->cache, kind, key->bytes, &bytes, &size))
        return NULL;
    struct hunch_unit *u = hunch_alloc_zero(a, sizeof *u);
    struct hunch_flow_graph *g = hunch_alloc_zero(a, sizeof *g);
    if (u == NULL || g == NULL) {
        hunch_free(a, bytes, size);
        hunch_free(a, g, sizeof *g);
        hunch_free(a, u, sizeof *u);
        return NULL;
    }
    u->a = g->a = a;
    pthread_mutex_init(&u->lock, NULL);
    u->language = (enum hunch_graph_language)w->language;
    u->graph = g;
    u->entry = bytes;
    u->entry_size = size;
    if (take_all(u, w, asked))
        return u;
    hunch_unit_free(u);
    return NULL;
}
