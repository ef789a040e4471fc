/* solve_device.c: see solve_device.h. The phases of solve.c as launches of kernels/solve.cu: all
 * functions of a level at once, levels one after another. */
#include "graph/solve_device.h"

#include <stdlib.h>
#include <string.h>

#include "../kernels/solve.h"

enum {
    BUFFERS = 64,     /* on the device, at most */
    TOGETHER = 4,     /* launches between two looks at what they left to do */
    BLOCKS_EACH = 16, /* of a multiprocessor */
    HITS_FIRST = 1024 /* room for so many, at first: where there are more they are found again */
};

/* Functions of order[begin .. end), none of which calls another but in circles. */
struct level {
    uint32_t begin, end;
    bool recursive;
};

struct hunch_flow_resident {
    const struct hunch_allocator *a;
    struct hunch_device *d;
    unsigned stream;
    const struct hunch_flow_graph *g;
    void *buffer[BUFFERS]; /* of the graph, then of what solving needs */
    unsigned buffers, graph_buffers;
    struct hunch_solve_args args;
    uint32_t words;       /* the rows of args.state have room for */
    const uint32_t *give; /* room for args.rules.give, which not all rules have */
    uint32_t label_count;
    HUNCH_VEC(struct level) level;
    HUNCH_VEC(uint32_t) scratch; /* rows on their way */
    uint32_t launches;           /* since the cells were cleared */
    uint32_t turns;
};

/* ---- memory of the device ---- */

static hunch_status take(struct hunch_flow_resident *r, size_t count, size_t size, void *to,
                         struct hunch_error *err)
{
    void *address = NULL;
    const hunch_status status =
        r->buffers < BUFFERS
            ? r->d->kind->alloc(r->d, count * size + (count == 0), &address, err)
            : hunch_fail(err, HUNCH_ERROR_MEMORY, "a graph on a device has too many parts");
    if (status == HUNCH_OK)
        r->buffer[r->buffers++] = address;
    memcpy(to, &address, sizeof address);
    return status;
}

static void give_back(struct hunch_flow_resident *r, unsigned from)
{
    while (r->buffers > from)
        r->d->kind->release(r->d, r->buffer[--r->buffers]);
}

static hunch_status put(struct hunch_flow_resident *r, void *to, const void *from, size_t size,
                        struct hunch_error *err)
{
    return size == 0 ? HUNCH_OK : r->d->kind->put(r->d, r->stream, to, from, size, err);
}

static hunch_status clear(struct hunch_flow_resident *r, void *to, size_t size,
                          struct hunch_error *err)
{
    return size == 0 ? HUNCH_OK : r->d->kind->clear(r->d, r->stream, to, size, err);
}

static hunch_status get(struct hunch_flow_resident *r, void *to, const void *from, size_t size,
                        struct hunch_error *err)
{
    hunch_status status =
        size == 0 ? HUNCH_OK : r->d->kind->get(r->d, r->stream, to, from, size, err);
    return status == HUNCH_OK ? r->d->kind->wait(r->d, r->stream, err) : status;
}

/* An array of the host: *to gets where it lies on the device. */
static hunch_status upload(struct hunch_flow_resident *r, const void *items, size_t count,
                           size_t size, void *to, struct hunch_error *err)
{
    void *address;
    hunch_status status = take(r, count, size, &address, err);
    if (status == HUNCH_OK)
        status = put(r, address, items, count * size, err);
    memcpy(to, &address, sizeof address);
    return status;
}

/* ---- the graph ---- */

struct placed {
    uint32_t level, nodes, function;
};

/* Large functions first, so that no warp begins one when the others are done. */
static int by_level(const void *left, const void *right)
{
    const struct placed *l = left, *r = right;
    if (l->level != r->level)
        return l->level < r->level ? -1 : 1;
    if (l->nodes != r->nodes)
        return l->nodes > r->nodes ? -1 : 1;
    return l->function < r->function ? -1 : l->function > r->function;
}

/* level[f] of each function, and order: functions by it. */
static bool find_levels(struct hunch_flow_resident *r, uint32_t *level, uint32_t *order)
{
    const struct hunch_flow_graph *g = r->g;
    const uint32_t count = g->function_count;
    uint32_t *of_group = hunch_alloc_zero(r->a, ((size_t)count + 1) * sizeof *of_group);
    struct placed *placed = hunch_alloc_array(r->a, (size_t)count + 1, sizeof *placed);
    bool ok = of_group != NULL && placed != NULL;
    for (uint32_t i = 0; ok && i < count; i++) { /* callees first */
        const uint32_t f = g->order.items[i], group = g->function[f].group;
        level[f] = of_group[group];
        for (uint32_t c = g->caller_first[f]; c < g->caller_first[f + 1]; c++) {
            const uint32_t caller = g->function[g->caller.items[c]].group;
            if (caller != group && of_group[caller] <= of_group[group])
                of_group[caller] = of_group[group] + 1;
        }
    }
    for (uint32_t f = 0; ok && f < count; f++)
        placed[f] = (struct placed){level[f], g->function[f].node_count, f};
    if (ok && count > 1)
        qsort(placed, count, sizeof *placed, by_level);
    for (uint32_t i = 0; ok && i < count; i++) {
        const struct level next = {i, i, false};
        order[i] = placed[i].function;
        if (i == 0 || placed[i].level != placed[i - 1].level)
            ok = hunch_vec_push(r->a, &r->level, next);
        if (ok) {
            struct level *last = &r->level.items[r->level.count - 1];
            last->end = i + 1;
            last->recursive |= g->function[order[i]].recursive != 0;
        }
    }
    hunch_free(r->a, of_group, ((size_t)count + 1) * sizeof *of_group);
    hunch_free_array(r->a, placed, (size_t)count + 1, sizeof *placed);
    return ok;
}

#define UPLOAD(vec, to) upload(r, (vec).items, (vec).count, sizeof *(vec).items, &(to), err)

static hunch_status upload_graph(struct hunch_flow_resident *r, const uint32_t *level,
                                 const uint32_t *order, struct hunch_error *err)
{
    const struct hunch_flow_graph *g = r->g;
    const size_t functions = g->function_count;
    struct hunch_solve_graph *to = &r->args.graph;
    hunch_status status =
        upload(r, g->function, functions, sizeof *g->function, &to->function, err);
    if (status == HUNCH_OK)
        status = UPLOAD(g->label, to->label);
    if (status == HUNCH_OK)
        status = UPLOAD(g->out_first, to->out_first);
    if (status == HUNCH_OK)
        status = UPLOAD(g->out, to->out);
    if (status == HUNCH_OK)
        status = UPLOAD(g->formal, to->formal);
    if (status == HUNCH_OK)
        status = UPLOAD(g->result, to->result);
    if (status == HUNCH_OK)
        status = UPLOAD(g->transfer, to->transfer);
    if (status == HUNCH_OK)
        status = UPLOAD(g->bind, to->bind);
    if (status == HUNCH_OK)
        status = upload(r, g->cross_first, (size_t)g->node_count + 1, sizeof *g->cross_first,
                        &to->cross_first, err);
    if (status == HUNCH_OK)
        status = UPLOAD(g->cross, to->cross);
    if (status == HUNCH_OK)
        status = upload(r, g->caller_first, functions + 1, sizeof *g->caller_first,
                        &to->caller_first, err);
    if (status == HUNCH_OK)
        status = UPLOAD(g->caller, to->caller);
    if (status == HUNCH_OK)
        status = upload(r, g->source_first, functions + 1, sizeof *g->source_first,
                        &to->source_first, err);
    if (status == HUNCH_OK)
        status = UPLOAD(g->source, to->source);
    if (status == HUNCH_OK)
        status = upload(r, level, functions, sizeof *level, &to->level, err);
    if (status == HUNCH_OK)
        status = upload(r, order, functions, sizeof *order, &to->order, err);
    to->function_count = functions;
    to->transfer_mask = g->transfer_mask;
    to->result_mask = g->result_mask;
    return status;
}

hunch_status hunch_flow_resident_new(const struct hunch_allocator *a, struct hunch_device *d,
                                     unsigned stream, const struct hunch_flow_graph *g,
                                     struct hunch_flow_resident **out, struct hunch_error *err)
{
    struct hunch_flow_resident *r = hunch_alloc_zero(a, sizeof *r);
    const size_t functions = (size_t)g->function_count + 1;
    /* Of 0: a graph from a cache folder may leave some out. */
    uint32_t *level = hunch_alloc_zero(a, functions * sizeof *level),
             *order = hunch_alloc_zero(a, functions * sizeof *order);
    hunch_status status = HUNCH_ERROR_MEMORY;
    *out = NULL;
    if (r != NULL) {
        r->a = a;
        r->d = d;
        r->stream = stream;
        r->g = g;
    }
    if (r == NULL || level == NULL || order == NULL || !find_levels(r, level, order)) {
        hunch_fail_memory(err, functions * sizeof *level, "a graph for a device");
    } else {
        for (uint32_t n = 0; n < g->node_count; n++)
            if (g->label.items[n] >= r->label_count)
                r->label_count = g->label.items[n] + 1;
        status = upload_graph(r, level, order, err);
        struct hunch_error other = {0};
        const hunch_status sent = /* what was sent is freed below, whatever has failed */
            d->kind->wait(d, stream, status == HUNCH_OK ? err : &other);
        if (status == HUNCH_OK)
            status = sent;
        r->graph_buffers = r->buffers;
    }
    hunch_free(a, level, functions * sizeof *level);
    hunch_free(a, order, functions * sizeof *order);
    if (status != HUNCH_OK) {
        hunch_flow_resident_free(r);
        r = NULL;
    }
    *out = r;
    return status;
}

void hunch_flow_resident_free(struct hunch_flow_resident *r)
{
    if (r == NULL)
        return;
    give_back(r, 0);
    hunch_vec_free(r->a, &r->level);
    hunch_vec_free(r->a, &r->scratch);
    hunch_free(r->a, r, sizeof *r);
}

/* ---- rows ---- */

/* The last buffer. Without it there is no state to go on with. */
static hunch_status take_hit_room(struct hunch_flow_resident *r, uint64_t hits,
                                  struct hunch_error *err)
{
    struct hunch_solve_state *s = &r->args.state;
    const hunch_status status = take(r, hits, sizeof *s->hit, &s->hit, err);
    s->hit_capacity = hits;
    if (status != HUNCH_OK)
        r->words = 0;
    return status;
}

/* Room for rows of so many words, and for hits. */
static hunch_status take_state(struct hunch_flow_resident *r, uint32_t words,
                               struct hunch_error *err)
{
    const struct hunch_flow_graph *g = r->g;
    struct hunch_solve_state *s = &r->args.state;
    const size_t nodes = g->node_count, functions = g->function_count,
                 row = words * sizeof(uint32_t);
    give_back(r, r->graph_buffers);
    r->words = 0;
    hunch_status status = take(r, nodes, row, &s->maybe, err);
    if (status == HUNCH_OK)
        status = take(r, nodes, row, &s->row, err);
    if (status == HUNCH_OK)
        status = take(r, g->mask_count, row, &s->mask, err);
    if (status == HUNCH_OK)
        status = take(r, g->formal.count, row, &s->down, err);
    if (status == HUNCH_OK)
        status = take(r, nodes, sizeof *s->node, &s->node, err);
    if (status == HUNCH_OK)
        status = take(r, nodes * 2, sizeof *s->work, &s->work, err);
    if (status == HUNCH_OK)
        status = take(r, functions, sizeof *s->round, &s->round, err);
    if (status == HUNCH_OK)
        status = take(r, functions, sizeof *s->used, &s->used, err);
    for (int i = 0; i < 2 && status == HUNCH_OK; i++)
        status = take(r, functions, sizeof *s->list[i], &s->list[i], err);
    if (status == HUNCH_OK)
        status = take(r, 1, sizeof *s->cells, &s->cells, err);
    struct hunch_solve_rules *to = &r->args.rules;
    const size_t labels = r->label_count;
    const struct {
        const uint32_t **to;
        size_t rows;
    } table[] = {{&to->pass, g->class_count}, {&to->enter, 1},    {&to->leave, 1},
                 {&r->give, labels},          {&to->gen, labels}, {&to->keep, labels},
                 {&to->sink, labels}};
    for (size_t i = 0; i < sizeof table / sizeof *table && status == HUNCH_OK; i++)
        status = take(r, table[i].rows, row, table[i].to, err);
    if (status == HUNCH_OK)
        status = take(r, labels, sizeof *to->gen_words, &to->gen_words, err);
    if (status == HUNCH_OK)
        status = take_hit_room(r, HITS_FIRST, err);
    if (status == HUNCH_OK)
        r->words = words;
    return status;
}

/* Columns `from` and on of a table of the host, as many as the rows on the device have. */
static hunch_status put_rows(struct hunch_flow_resident *r, const uint32_t *to,
                             const uint32_t *table, size_t rows, uint32_t width, uint32_t from,
                             struct hunch_error *err)
{
    const uint32_t words = (uint32_t)r->args.rules.words;
    r->scratch.count = 0;
    if (!hunch_vec_reserve(r->a, &r->scratch, rows * words + 1))
        return hunch_fail_memory(err, rows * words * sizeof(uint32_t), "rules for a device");
    for (size_t i = 0; i < rows; i++)
        memcpy(r->scratch.items + i * words, table + i * width + from, words * sizeof *table);
    hunch_status status = put(r, (void *)to, r->scratch.items, rows * words * sizeof *table, err);
    return status == HUNCH_OK ? r->d->kind->wait(r->d, r->stream, err) : status; /* scratch */
}

static hunch_status get_rows(struct hunch_flow_resident *r, uint32_t *table, const uint32_t *from,
                             size_t rows, uint32_t width, uint32_t to, struct hunch_error *err)
{
    const uint32_t words = (uint32_t)r->args.rules.words;
    if (words == width)
        return get(r, table, from, rows * words * sizeof *table, err);
    r->scratch.count = 0;
    if (!hunch_vec_reserve(r->a, &r->scratch, rows * words + 1))
        return hunch_fail_memory(err, rows * words * sizeof(uint32_t), "rows of a device");
    hunch_status status = get(r, r->scratch.items, from, rows * words * sizeof *table, err);
    for (size_t i = 0; i < rows && status == HUNCH_OK; i++)
        memcpy(table + i * width + to, r->scratch.items + i * words, words * sizeof *table);
    return status;
}

static hunch_status put_gen_words(struct hunch_flow_resident *r,
                                  const struct hunch_flow_rules *rules, uint32_t from,
                                  struct hunch_error *err)
{
    r->scratch.count = 0;
    if (!hunch_vec_reserve(r->a, &r->scratch, (size_t)r->label_count + 1))
        return hunch_fail_memory(err, r->label_count * sizeof(uint32_t), "rules for a device");
    for (uint32_t l = 0; l < r->label_count; l++) {
        r->scratch.items[l] = 0;
        for (uint32_t w = 0; w < r->args.rules.words; w++)
            if (rules->gen[(size_t)l * rules->words + from + w] != 0)
                r->scratch.items[l] |= 1u << w;
    }
    hunch_status status = put(r, (void *)r->args.rules.gen_words, r->scratch.items,
                              r->label_count * sizeof(uint32_t), err);
    return status == HUNCH_OK ? r->d->kind->wait(r->d, r->stream, err) : status;
}

static hunch_status put_rules(struct hunch_flow_resident *r, const struct hunch_flow_rules *rules,
                              uint32_t from, struct hunch_error *err)
{
    const struct hunch_flow_graph *g = r->g;
    struct hunch_solve_rules *to = &r->args.rules;
    to->give = rules->give != NULL ? r->give : NULL;
    const struct {
        const uint32_t *to, *from;
        size_t rows;
    } table[] = {{to->pass, rules->pass, g->class_count},
                 {r->args.state.mask, rules->pass, g->class_count},
                 {to->enter, rules->enter, 1},
                 {to->leave, rules->leave, 1},
                 {to->give, rules->give, rules->give != NULL ? r->label_count : 0},
                 {to->gen, rules->gen, r->label_count},
                 {to->keep, rules->keep, r->label_count},
                 {to->sink, rules->sink, r->label_count}};
    hunch_status status = HUNCH_OK;
    for (size_t i = 0; i < sizeof table / sizeof *table && status == HUNCH_OK; i++)
        status = put_rows(r, table[i].to, table[i].from, table[i].rows, rules->words, from, err);
    return status == HUNCH_OK ? put_gen_words(r, rules, from, err) : status;
}

static hunch_status clear_state(struct hunch_flow_resident *r, struct hunch_error *err)
{
    const struct hunch_flow_graph *g = r->g;
    const struct hunch_solve_state *s = &r->args.state;
    const size_t row = (size_t)r->args.rules.words * sizeof(uint32_t);
    const struct {
        void *at;
        size_t size;
    } part[] = {{s->maybe, g->node_count * row},
                {s->row, g->node_count * row},
                {s->mask, g->mask_count * row},
                {s->down, g->formal.count * row},
                {s->node, g->node_count * sizeof *s->node},
                {s->round, g->function_count * sizeof *s->round},
                {s->used, g->function_count * sizeof *s->used},
                {s->cells, sizeof *s->cells}};
    hunch_status status = HUNCH_OK;
    for (size_t i = 0; i < sizeof part / sizeof *part && status == HUNCH_OK; i++)
        status = clear(r, part[i].at, part[i].size, err);
    r->launches = 0;
    r->args.round = 0;
    return status;
}

/* ---- launches ---- */

static hunch_status launch(struct hunch_flow_resident *r, enum hunch_kernel_id kernel,
                           uint64_t functions, bool all, struct hunch_error *err)
{
    const uint64_t blocks = (functions + HUNCH_SOLVE_THREADS / 32 - 1) / (HUNCH_SOLVE_THREADS / 32),
                   most = (uint64_t)r->d->multiprocessors * BLOCKS_EACH;
    r->args.round++;
    r->args.all = all;
    const struct hunch_launch l = {
        .kernel = kernel,
        .blocks = (uint32_t)(blocks < 1      ? 1
                             : blocks < most ? blocks
                                             : most),
        .threads = HUNCH_SOLVE_THREADS,
        .args = &r->args,
        .args_size = sizeof r->args,
    };
    r->launches++;
    return r->d->kind->launch(r->d, r->stream, &l, err);
}

static hunch_status look(struct hunch_flow_resident *r, struct hunch_solve_cells *cells,
                         struct hunch_error *err)
{
    hunch_status status = get(r, cells, r->args.state.cells, sizeof *cells, err);
    if (status == HUNCH_OK && cells->launches != r->launches)
        return hunch_fail(err, HUNCH_ERROR_IO,
                          "the GPU failed: not every kernel that solves graphs says that it ran");
    return status;
}

static hunch_status mingle(struct hunch_flow_resident *r, struct hunch_error *err)
{
    const enum hunch_kernel_id kernel = HUNCH_ID_hunch_solve_mingle_kernel;
    const uint64_t functions = r->g->function_count;
    struct hunch_solve_cells cells;
    uint32_t *listed = r->args.state.cells->listed;
    hunch_status status = launch(r, kernel, functions, true, err);
    do {
        for (int i = 0; i < TOGETHER && status == HUNCH_OK; i++) {
            status = launch(r, kernel, functions, false, err);
            if (status == HUNCH_OK) /* what it has read: the next one writes there */
                status = clear(r, &listed[r->args.round & 1], sizeof *listed, err);
        }
        if (status == HUNCH_OK)
            status = look(r, &cells, err);
    } while (status == HUNCH_OK && cells.listed[(r->args.round + 1) & 1] > 0);
    return status;
}

/* Functions of one level, until those of its circles do not change any more. */
static hunch_status solve_level(struct hunch_flow_resident *r, enum hunch_kernel_id kernel,
                                const struct level *level, struct hunch_error *err)
{
    const uint64_t functions = level->end - level->begin;
    struct hunch_solve_cells cells = {.more = level->recursive};
    r->args.begin = level->begin;
    r->args.end = level->end;
    hunch_status status = launch(r, kernel, functions, true, err);
    while (status == HUNCH_OK && cells.more) {
        for (int i = 1; i < TOGETHER && status == HUNCH_OK; i++)
            status = launch(r, kernel, functions, false, err);
        if (status == HUNCH_OK)
            status = clear(r, &r->args.state.cells->more, sizeof cells.more, err);
        if (status == HUNCH_OK)
            status = launch(r, kernel, functions, false, err);
        if (status == HUNCH_OK)
            status = look(r, &cells, err);
    }
    return status;
}

static hunch_status find_hits(struct hunch_flow_resident *r, struct hunch_solve_cells *cells,
                              struct hunch_error *err)
{
    hunch_status status =
        launch(r, HUNCH_ID_hunch_solve_hits_kernel, r->g->function_count, true, err);
    return status == HUNCH_OK ? look(r, cells, err) : status;
}

/* Hits of the columns that were solved, `from` and on. */
static hunch_status take_hits(struct hunch_flow_resident *r, uint32_t from,
                              struct hunch_flow_answer *answer, struct hunch_error *err)
{
    struct hunch_solve_state *s = &r->args.state;
    struct hunch_solve_cells cells;
    hunch_status status = find_hits(r, &cells, err);
    if (status == HUNCH_OK && cells.hits > s->hit_capacity) {
        uint64_t room = s->hit_capacity;
        while (room < cells.hits)
            room *= 2;
        give_back(r, r->buffers - 1);
        status = take_hit_room(r, room, err);
        if (status == HUNCH_OK)
            status = clear(r, &s->cells->hits, sizeof cells.hits, err);
        if (status == HUNCH_OK)
            status = find_hits(r, &cells, err);
    }
    if (status != HUNCH_OK)
        return status;
    if (!hunch_vec_reserve(r->g->a, &answer->hit, cells.hits))
        return hunch_fail_memory(err, cells.hits * sizeof *s->hit, "findings");
    struct hunch_flow_hit *hit = answer->hit.items + answer->hit.count;
    status = get(r, hit, s->hit, cells.hits * sizeof *hit, err);
    for (uint64_t i = 0; i < cells.hits && status == HUNCH_OK; i++)
        hit[i].rule += from * 32;
    answer->hit.count += cells.hits;
    return status;
}

/* Columns `from` and on, as many as args.rules.words says. */
static hunch_status solve_columns(struct hunch_flow_resident *r,
                                  const struct hunch_flow_rules *rules, uint32_t from,
                                  unsigned what, struct hunch_flow_answer *answer,
                                  struct hunch_error *err)
{
    const struct hunch_flow_graph *g = r->g;
    const struct hunch_solve_state *s = &r->args.state;
    const uint32_t width = rules->words;
    hunch_status status = clear_state(r, err);
    if (status == HUNCH_OK)
        status = put_rules(r, rules, from, err);
    if (status == HUNCH_OK)
        status = mingle(r, err);
    for (size_t i = 0; i < r->level.count && status == HUNCH_OK; i++)
        status = solve_level(r, HUNCH_ID_hunch_solve_up_kernel, &r->level.items[i], err);
    for (size_t i = r->level.count; i > 0 && status == HUNCH_OK; i--)
        status = solve_level(r, HUNCH_ID_hunch_solve_down_kernel, &r->level.items[i - 1], err);
    if (status == HUNCH_OK)
        status = take_hits(r, from, answer, err);
    if (status == HUNCH_OK && what & HUNCH_SOLVE_MASKS)
        status = get_rows(r, answer->mask, s->mask, g->mask_count, width, from, err);
    if (status == HUNCH_OK && what & HUNCH_SOLVE_MASKS)
        status = get_rows(r, answer->down, s->down, g->formal.count, width, from, err);
    if (status == HUNCH_OK && what & HUNCH_SOLVE_ROWS)
        status = get_rows(r, answer->row, s->row, g->node_count, width, from, err);
    return status;
}

hunch_status hunch_flow_resident_solve(struct hunch_flow_resident *r,
                                       const struct hunch_flow_rules *rules, unsigned what,
                                       struct hunch_flow_answer *answer, struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    uint32_t words = rules->words < HUNCH_SOLVE_WORDS ? rules->words : HUNCH_SOLVE_WORDS;
    memset(answer, 0, sizeof *answer);
    answer->words = rules->words;
    r->turns = 0;
    if (!hunch_flow_answer_room(r->g, what & HUNCH_SOLVE_MASKS, what & HUNCH_SOLVE_ROWS, answer))
        status = hunch_fail_memory(err, 0, "what rules find in a graph");
    for (uint32_t from = 0; from < rules->words && status == HUNCH_OK;) {
        const uint32_t left = rules->words - from;
        const size_t hits = answer->hit.count;
        r->args.rules.words = left < words ? left : words;
        if (r->words < r->args.rules.words)
            status = take_state(r, words, err);
        if (status == HUNCH_OK)
            status = solve_columns(r, rules, from, what, answer, err);
        if (status == HUNCH_OK) {
            from += words;
            r->turns++;
        } else if (status == HUNCH_ERROR_MEMORY && words > 1) { /* fewer at a time, from there */
            words = (words + 1) / 2;
            answer->hit.count = hits;
            r->words = 0;
            status = HUNCH_OK;
        }
    }
    if (status == HUNCH_OK)
        atomic_fetch_add(&r->d->graphs_solved, 1);
    if (status == HUNCH_OK)
        hunch_flow_answer_sort(answer);
    else
        hunch_flow_answer_free(r->g, answer);
    return status;
}

uint32_t hunch_flow_resident_turns(const struct hunch_flow_resident *r)
{
    return r->turns;
}
