/* dominance.c: a function's blocks as the tile function takes them. */
#include "graph/dominance.h"

#include <string.h>

#include "../../kernels/dominance_tile.h"

/* Edges of the function by block, in its own numbers; those behind a block for POST_DOMINATES. */
struct edges {
    uint32_t *order, *begin, *edge, *is_root;
    size_t blocks, edges;
};

static void edges_free(const struct hunch_allocator *a, struct edges *e)
{
    hunch_free_array(a, e->order, e->blocks, sizeof *e->order);
    hunch_free_array(a, e->begin, e->blocks + 1, sizeof *e->begin);
    hunch_free_array(a, e->edge, e->edges, sizeof *e->edge);
    hunch_free_array(a, e->is_root, e->blocks, sizeof *e->is_root);
}

static bool edges_of(const struct hunch_allocator *a, const struct hunch_graph_file *file,
                     const struct hunch_function *f, bool is_back, struct edges *e)
{
    const struct hunch_block *block = file->block.items + f->block;
    *e = (struct edges){.blocks = f->block_count};
    for (uint32_t b = 0; b < f->block_count; b++)
        e->edges += is_back ? block[b].succ_count : block[b].pred_count;
    e->order = hunch_alloc_array(a, e->blocks, sizeof *e->order);
    e->begin = hunch_alloc_array(a, e->blocks + 1, sizeof *e->begin);
    e->edge = hunch_alloc_array(a, e->edges, sizeof *e->edge);
    e->is_root = hunch_alloc_array(a, e->blocks, sizeof *e->is_root);
    if (e->order == NULL || e->begin == NULL || e->edge == NULL || e->is_root == NULL)
        return false;
    uint32_t at = 0;
    for (uint32_t b = 0; b < f->block_count; b++) {
        uint32_t first = is_back ? block[b].succ : block[b].pred,
                 count = is_back ? block[b].succ_count : block[b].pred_count;
        e->order[b] = is_back ? f->block_count - 1 - b : b;
        e->is_root[b] = is_back ? block[b].end == HUNCH_END_EXIT && block[b].returns : b == 0;
        e->begin[b] = at;
        for (uint32_t i = 0; i < count; i++)
            e->edge[at++] = file->link.items[first + i] - f->block;
    }
    e->begin[f->block_count] = at;
    return true;
}

hunch_status hunch_dominance_rows(const struct hunch_allocator *a,
                                  const struct hunch_graph_file *file, uint32_t function,
                                  enum hunch_relation relation, const uint32_t *gen, uint32_t words,
                                  uint32_t *in, struct hunch_error *err)
{
    const struct hunch_function *f = &file->function.items[function];
    struct edges e;
    bool is_there = edges_of(a, file, f, relation == HUNCH_POST_DOMINATES, &e);
    if (is_there) {
        struct hunch_ways ways = {.blocks = f->block_count,
                                  .is_every = relation != HUNCH_REACHES,
                                  .order = e.order,
                                  .begin = e.begin,
                                  .edge = e.edge,
                                  .is_root = e.is_root};
        hunch_dominance_tile(&ways, gen, words, 0, 1, in);
    }
    edges_free(a, &e);
    return is_there
               ? HUNCH_OK
               : hunch_fail_memory(err, f->block_count * sizeof(uint32_t), "a function's blocks");
}

/* Within a block statements run in their order. */
static bool holds_in_block(enum hunch_relation relation, uint32_t a, uint32_t b)
{
    return relation == HUNCH_POST_DOMINATES ? a > b : a < b;
}

/* Does it hold between some of `a` and b, whose block has the row? Bit i is a[i]'s. */
static bool holds_for(const struct hunch_graph_file *file, enum hunch_relation relation,
                      const uint32_t *a, uint32_t count, uint32_t b, uint32_t first_block,
                      const uint32_t *row, uint32_t words)
{
    uint32_t block = file->stmt.items[b].block;
    for (uint32_t i = 0; i < count; i++) {
        if (block == HUNCH_NONE) { /* no way leads there */
            if (relation == HUNCH_DOMINATES)
                return true;
            continue;
        }
        if (file->stmt.items[a[i]].block == block && holds_in_block(relation, a[i], b))
            return true;
        if (row[(size_t)(block - first_block) * words + i / 32] >> (i % 32) & 1)
            return true;
    }
    return false;
}

hunch_status hunch_dominance_holds(const struct hunch_allocator *a,
                                   const struct hunch_graph_file *file, uint32_t function,
                                   enum hunch_relation relation, const uint32_t *a_stmt,
                                   uint32_t a_count, const uint32_t *b_stmt, uint32_t b_count,
                                   bool *holds, struct hunch_error *err)
{
    const struct hunch_function *f = &file->function.items[function];
    uint32_t words = (a_count + 31) / 32;
    size_t room = (size_t)f->block_count * words;
    uint32_t *gen = hunch_alloc_array(a, room, sizeof *gen),
             *in = hunch_alloc_array(a, room, sizeof *in);
    hunch_status status = HUNCH_OK;
    *holds = true;
    if (gen == NULL || in == NULL) {
        status = hunch_fail_memory(err, room * sizeof *gen, "the blocks of a function");
        goto done;
    }
    memset(gen, 0, room * sizeof *gen);
    for (uint32_t i = 0; i < a_count; i++) {
        uint32_t block = file->stmt.items[a_stmt[i]].block;
        if (block != HUNCH_NONE)
            gen[(size_t)(block - f->block) * words + i / 32] |= (uint32_t)1 << (i % 32);
    }
    status = hunch_dominance_rows(a, file, function, relation, gen, words, in, err);
    for (uint32_t i = 0; status == HUNCH_OK && i < b_count && *holds; i++)
        *holds = holds_for(file, relation, a_stmt, a_count, b_stmt[i], f->block, in, words);
done:
    hunch_free_array(a, gen, room, sizeof *gen);
    hunch_free_array(a, in, room, sizeof *in);
    return status;
}
