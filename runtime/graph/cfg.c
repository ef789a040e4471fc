/* cfg.c: the builder of build.h: blocks as they come, then threaded, ordered and numbered anew. */
#include <assert.h>

#include "graph/build.h"

void hunch_build_begin(struct hunch_builder *b, const struct hunch_allocator *a)
{
    b->a = a;
    b->block.count = b->op.count = b->stmt.count = b->var.count = 0;
    b->arg.count = b->link.count = b->label.count = 0;
    b->is_cut = b->failed = false;
    b->statement = HUNCH_NONE;
    b->at = HUNCH_NONE;
    b->at = hunch_build_block(b);
}

void hunch_build_free(struct hunch_builder *b)
{
    hunch_vec_free(b->a, &b->block);
    hunch_vec_free(b->a, &b->op);
    hunch_vec_free(b->a, &b->stmt);
    hunch_vec_free(b->a, &b->var);
    hunch_vec_free(b->a, &b->arg);
    hunch_vec_free(b->a, &b->link);
    hunch_vec_free(b->a, &b->label);
}

uint32_t hunch_build_var(struct hunch_builder *b, struct hunch_var var)
{
    if (!hunch_vec_push(b->a, &b->var, var))
        b->failed = true;
    return (uint32_t)b->var.count - !b->failed;
}

uint32_t hunch_build_stmt(struct hunch_builder *b, enum hunch_stmt_kind kind, uint32_t block,
                          struct hunch_extent span, uint32_t line, uint32_t loop)
{
    if (block == HUNCH_NONE)
        block = b->at;
    struct hunch_stmt stmt = {
        .kind = (uint8_t)kind, .span = span, .line = line, .block = block, .loop = loop};
    if (b->failed || b->is_cut || !hunch_vec_push(b->a, &b->stmt, stmt)) {
        b->failed = b->failed || !b->is_cut;
        return HUNCH_NONE;
    }
    b->block.items[block].stmt_count++;
    return b->statement = (uint32_t)b->stmt.count - 1;
}

uint32_t hunch_build_op(struct hunch_builder *b, struct hunch_op op)
{
    op.stmt = b->statement;
    if (b->op.count >= HUNCH_GRAPH_OPS_MOST)
        b->is_cut = true;
    if (b->is_cut || b->failed)
        return HUNCH_NONE;
    if (!hunch_vec_push(b->a, &b->op, op)) {
        b->failed = true;
        return HUNCH_NONE;
    }
    b->block.items[b->at].op_count++;
    return (uint32_t)b->op.count - 1;
}

uint32_t hunch_build_args(struct hunch_builder *b, const uint32_t *value, uint32_t count)
{
    uint32_t first = (uint32_t)b->arg.count;
    if (!b->is_cut && !hunch_vec_append(b->a, &b->arg, value, count))
        b->failed = true;
    return first;
}

/* ---- control flow ---- */

/* Blocks are bounded, too: a label costs no operation. */
enum { BLOCKS_MOST = HUNCH_GRAPH_OPS_MOST };

uint32_t hunch_build_block(struct hunch_builder *b)
{
    struct hunch_draft_block block = {.condition = HUNCH_NONE};
    if (b->block.count >= BLOCKS_MOST)
        b->is_cut = true;
    if (!b->is_cut && !hunch_vec_push(b->a, &b->block, block))
        b->failed = true;
    if (b->is_cut || b->failed) /* any that is there */
        return b->at == HUNCH_NONE ? 0 : b->at;
    return (uint32_t)b->block.count - 1;
}

static uint32_t succ_add(struct hunch_builder *b, const uint32_t *to, uint32_t count)
{
    uint32_t first = (uint32_t)b->link.count;
    if (!hunch_vec_append(b->a, &b->link, to, count))
        b->failed = true;
    return first;
}

static bool can_end(const struct hunch_builder *b)
{
    return !b->is_cut && !b->failed && !b->block.items[b->at].is_ended;
}

static void end(struct hunch_builder *b, enum hunch_block_end how, uint32_t value,
                const uint32_t *to, uint32_t count)
{
    if (!can_end(b))
        return;
    uint32_t succ = succ_add(b, to, count);
    struct hunch_draft_block *block = &b->block.items[b->at];
    block->end = (uint8_t)how;
    block->is_ended = true;
    block->condition = value;
    block->succ = succ;
    block->succ_count = count;
    hunch_build_start(b, hunch_build_block(b));
}

void hunch_build_start(struct hunch_builder *b, uint32_t block)
{
    if (b->is_cut || b->failed)
        return;
    struct hunch_draft_block *now = &b->block.items[b->at];
    if (!now->is_ended && block != b->at) {
        uint32_t succ = succ_add(b, &block, 1);
        now->end = HUNCH_END_JUMP;
        now->is_ended = true;
        now->succ = succ;
        now->succ_count = 1;
    }
    assert(b->block.items[block].op_count == 0 && !b->block.items[block].is_ended);
    b->block.items[block].op = (uint32_t)b->op.count;
    b->at = block;
}

void hunch_build_jump(struct hunch_builder *b, uint32_t to)
{
    end(b, HUNCH_END_JUMP, HUNCH_NONE, &to, 1);
}

void hunch_build_branch(struct hunch_builder *b, uint32_t value, uint32_t yes, uint32_t no)
{
    end(b, HUNCH_END_BRANCH, value, (const uint32_t[]){yes, no}, 2);
}

void hunch_build_exit(struct hunch_builder *b, bool returns)
{
    if (can_end(b))
        b->block.items[b->at].returns = returns;
    end(b, HUNCH_END_EXIT, HUNCH_NONE, NULL, 0);
}

uint32_t hunch_build_switch(struct hunch_builder *b, uint32_t value)
{
    uint32_t block = b->at;
    end(b, HUNCH_END_SWITCH, value, NULL, 0);
    return block;
}

void hunch_build_cases(struct hunch_builder *b, uint32_t block, const uint32_t *to,
                       const int64_t *label, uint32_t count)
{
    if (b->is_cut || b->failed)
        return;
    uint32_t first = (uint32_t)b->label.count;
    if (!hunch_vec_append(b->a, &b->label, label, count))
        b->failed = true;
    uint32_t succ = succ_add(b, to, count);
    b->block.items[block].succ = succ;
    b->block.items[block].succ_count = count;
    b->block.items[block].label = first;
}

/* ---- the finished function ---- */

/* By block: its number in the finished function, HUNCH_NONE where it cannot be reached; by
 * operation: its index in the file. */
struct order {
    uint32_t *number, *next, *stack, *post, *op;
    size_t blocks, ops;
    uint32_t reached;
};

static bool order_alloc(const struct hunch_allocator *a, struct order *o, size_t blocks, size_t ops)
{
    *o = (struct order){.blocks = blocks, .ops = ops};
    o->number = hunch_alloc_array(a, blocks, sizeof *o->number);
    o->next = hunch_alloc_array(a, blocks, sizeof *o->next);
    o->stack = hunch_alloc_array(a, blocks, sizeof *o->stack);
    o->post = hunch_alloc_array(a, blocks, sizeof *o->post);
    o->op = hunch_alloc_array(a, ops, sizeof *o->op);
    return o->number && o->next && o->stack && o->post && o->op;
}

static void order_free(const struct hunch_allocator *a, struct order *o)
{
    hunch_free_array(a, o->number, o->blocks, sizeof *o->number);
    hunch_free_array(a, o->next, o->blocks, sizeof *o->next);
    hunch_free_array(a, o->stack, o->blocks, sizeof *o->stack);
    hunch_free_array(a, o->post, o->blocks, sizeof *o->post);
    hunch_free_array(a, o->op, o->ops, sizeof *o->op);
}

/* A jump to a block that holds nothing and jumps on goes where that goes. */
static uint32_t threaded(const struct hunch_builder *b, uint32_t block)
{
    for (size_t steps = 0; steps < b->block.count && block != 0; steps++) {
        const struct hunch_draft_block *at = &b->block.items[block];
        if (at->op_count != 0 || at->stmt_count != 0 || at->end != HUNCH_END_JUMP)
            break;
        block = b->link.items[at->succ];
    }
    return block;
}

/* Depth first; the last successor first, so that blocks come out in the order of the source. */
static void number_blocks(const struct hunch_builder *b, struct order *o)
{
    for (size_t i = 0; i < o->blocks; i++) {
        o->number[i] = HUNCH_NONE;
        o->next[i] = b->block.items[i].succ_count;
    }
    uint32_t depth = 0, done = 0;
    o->stack[depth++] = 0;
    o->number[0] = 0;
    while (depth > 0) {
        uint32_t at = o->stack[depth - 1];
        if (o->next[at] == 0) {
            o->post[done++] = at;
            depth--;
            continue;
        }
        uint32_t to = b->link.items[b->block.items[at].succ + --o->next[at]];
        if (o->number[to] == HUNCH_NONE) {
            o->number[to] = 0;
            o->stack[depth++] = to;
        }
    }
    for (uint32_t i = 0; i < done; i++)
        o->number[o->post[i]] = done - 1 - i;
    o->reached = done;
}

static void renumber(uint32_t *value, const uint32_t *map)
{
    if (*value != HUNCH_NONE)
        *value = map[*value];
}

static struct hunch_op moved(const struct hunch_builder *b, struct hunch_op op, const uint32_t *map,
                             uint32_t first_stmt, uint32_t first_arg)
{
    (void)b;
    switch ((enum hunch_op_kind)op.kind) {
    case HUNCH_OP_CONST:
    case HUNCH_OP_STRING:
    case HUNCH_OP_NULL:
    case HUNCH_OP_UNKNOWN:
    case HUNCH_OP_VAR:
    case HUNCH_OP_NAME: break;
    case HUNCH_OP_INDEX:
    case HUNCH_OP_STORE:
    case HUNCH_OP_BINARY:
        renumber(&op.b, map);
        renumber(&op.a, map);
        break;
    case HUNCH_OP_CALL:
        op.b += first_arg;
        renumber(&op.a, map);
        break;
    case HUNCH_OP_FIELD:
    case HUNCH_OP_LOAD:
    case HUNCH_OP_UNARY:
    case HUNCH_OP_CAST:
    case HUNCH_OP_RETURN:
    case HUNCH_OP_CONDITION: renumber(&op.a, map); break;
    }
    if (op.stmt != HUNCH_NONE)
        op.stmt += first_stmt;
    return op;
}

/* Predecessors of the function's blocks, counted and then filled. */
static bool link_back(const struct hunch_allocator *a, struct hunch_graph_file *f, uint32_t first,
                      uint32_t count)
{
    struct hunch_block *block = f->block.items + first;
    uint32_t edges = 0;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t s = 0; s < block[i].succ_count; s++, edges++)
            f->block.items[f->link.items[block[i].succ + s]].pred_count++;
    if (!hunch_vec_reserve(a, &f->link, edges))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        block[i].pred = (uint32_t)f->link.count;
        f->link.count += block[i].pred_count;
        block[i].pred_count = 0;
    }
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t s = 0; s < block[i].succ_count; s++) {
            struct hunch_block *to = &f->block.items[f->link.items[block[i].succ + s]];
            f->link.items[to->pred + to->pred_count++] = first + i;
        }
    return true;
}

static bool append(struct hunch_builder *b, struct hunch_graph_file *f, struct order *o,
                   struct hunch_function *function)
{
    const struct hunch_allocator *a = b->a;
    uint32_t first_block = (uint32_t)f->block.count, first_stmt = (uint32_t)f->stmt.count,
             first_arg = (uint32_t)f->arg.count, first_op = (uint32_t)f->op.count;
    if (!hunch_vec_reserve(a, &f->block, o->reached) ||
        !hunch_vec_reserve(a, &f->op, b->op.count) ||
        !hunch_vec_append(a, &f->arg, b->arg.items, b->arg.count) ||
        !hunch_vec_append(a, &f->stmt, b->stmt.items, b->stmt.count) ||
        !hunch_vec_reserve(a, &f->link, b->link.count) ||
        !hunch_vec_append(a, &f->label, b->label.items, b->label.count))
        return false;
    uint32_t first_label = (uint32_t)(f->label.count - b->label.count);
    /* Where operations go; those of blocks that cannot be reached go nowhere. */
    for (size_t i = 0; i < o->ops; i++)
        o->op[i] = HUNCH_NONE;
    uint32_t next = first_op;
    for (uint32_t i = o->reached; i-- > 0;) {
        const struct hunch_draft_block *from = &b->block.items[o->post[i]];
        for (uint32_t k = 0; k < from->op_count; k++)
            o->op[from->op + k] = next++;
    }
    for (uint32_t i = o->reached; i-- > 0;) {
        const struct hunch_draft_block *from = &b->block.items[o->post[i]];
        struct hunch_block to = {
            .end = from->end,
            .returns = from->returns,
            .condition = from->condition,
            .op = (uint32_t)f->op.count,
            .op_count = from->op_count,
            .succ = (uint32_t)f->link.count,
            .succ_count = from->succ_count,
            .label = from->end == HUNCH_END_SWITCH ? first_label + from->label : 0,
        };
        renumber(&to.condition, o->op);
        for (uint32_t k = 0; k < from->op_count; k++)
            f->op.items[f->op.count++] =
                moved(b, b->op.items[from->op + k], o->op, first_stmt, first_arg);
        for (uint32_t k = 0; k < from->succ_count; k++)
            f->link.items[f->link.count++] = first_block + o->number[b->link.items[from->succ + k]];
        f->block.items[f->block.count++] = to;
    }
    for (size_t i = first_arg; i < f->arg.count; i++)
        renumber(&f->arg.items[i], o->op);
    for (size_t i = first_stmt; i < f->stmt.count; i++) {
        struct hunch_stmt *stmt = &f->stmt.items[i];
        stmt->block = o->number[stmt->block];
        if (stmt->block != HUNCH_NONE)
            stmt->block += first_block;
        if (stmt->loop != HUNCH_NONE)
            stmt->loop += first_stmt;
    }
    function->block = first_block;
    function->block_count = o->reached;
    function->stmt = first_stmt;
    function->stmt_count = (uint32_t)b->stmt.count;
    return link_back(a, f, first_block, o->reached);
}

hunch_status hunch_build_finish(struct hunch_builder *b, struct hunch_graph_file *file,
                                struct hunch_function function, struct hunch_error *err)
{
    struct order o = {0};
    bool is_done = !b->failed;
    function.block = (uint32_t)file->block.count;
    function.stmt = (uint32_t)file->stmt.count;
    function.var = (uint32_t)file->var.count;
    function.block_count = function.stmt_count = 0;
    if (b->is_cut) {
        function.flags |= HUNCH_FUNCTION_IS_CUT;
    } else if (is_done) {
        hunch_build_exit(b, true);
        for (size_t i = 0; i < b->link.count; i++)
            b->link.items[i] = threaded(b, b->link.items[i]);
        is_done = order_alloc(b->a, &o, b->block.count, b->op.count);
        if (is_done) {
            number_blocks(b, &o);
            is_done = append(b, file, &o, &function);
        }
    }
    if (b->is_cut) /* the variables beyond the parameters go with what used them */
        b->var.count =
            b->var.count < function.parameter_count ? b->var.count : function.parameter_count;
    function.var_count = (uint32_t)b->var.count;
    is_done = is_done && hunch_vec_append(b->a, &file->var, b->var.items, b->var.count) &&
              hunch_vec_push(b->a, &file->function, function);
    order_free(b->a, &o);
    return is_done ? HUNCH_OK
                   : hunch_fail_memory(err, b->op.count * sizeof(struct hunch_op), "a function");
}
