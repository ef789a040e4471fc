/* unit.c: a unit from its files: functions gone through callees first, until nothing is learnt any
 * more, then made into one graph; and rules solved on it. */
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "graph/flow.h"

enum {
    ROUNDS_MOST = 6,     /* through the unit: more functions were found behind pointers */
    CIRCLES_MOST = 200,  /* through functions that call each other */
    TRIM_LEAST = 1 << 17 /* nodes of a graph */
};

/* ---- analysis ---- */

static void run_group(struct hunch_unit *u, const uint32_t *order, uint32_t count)
{
    bool more = true;
    for (int circles = 0; more && circles < CIRCLES_MOST && !u->failed; circles++) {
        more = false;
        for (uint32_t i = 0; i < count && !u->failed; i++)
            more |= hunch_flow_run(&u->flow[order[i]], count > 1);
        if (count == 1 && !more)
            return;
    }
    for (uint32_t i = 0; more && i < count; i++)
        u->flow[order[i]].is_gap = true;
}

static bool run_all(struct hunch_unit *u, uint32_t *order, uint32_t *group)
{
    const uint32_t count = (uint32_t)u->function_file.count;
    for (uint32_t i = 0; i < u->file_count; i++)
        if (u->file[i].initial != HUNCH_NONE)
            (void)hunch_flow_run(&u->flow[u->file[i].initial], false);
    for (int round = 0; round < ROUNDS_MOST && !u->failed; round++) {
        u->more_pointers = false;
        if (!hunch_unit_order(u, order, group))
            return false;
        for (uint32_t i = 0; i < count; i++) {
            u->flow[order[i]].position = i;
            u->flow[order[i]].group = group[order[i]];
        }
        for (uint32_t i = 0, end; i < count && !u->failed; i = end) {
            for (end = i; end < count && group[order[end]] == group[order[i]];)
                end++;
            run_group(u, order + i, end - i);
        }
        if (!u->more_pointers)
            break;
    }
    return !u->failed;
}

/* Which places come in and go out, numbered. */
static bool number_ends(struct hunch_unit *u, uint32_t function)
{
    struct hunch_flow *f = &u->flow[function];
    struct hunch_draft_function *draft = &u->draft[function];
    for (uint32_t p = 1; p < f->place.count; p++) {
        struct hunch_place *place = &f->place.items[p];
        const struct hunch_place *root = &f->place.items[place->root];
        if (place->entry != HUNCH_NONE && hunch_place_is_formal(f, p)) {
            place->formal = (uint32_t)draft->formal.count;
            if (!hunch_vec_push(u->a, &draft->formal, place->entry))
                return false;
        }
        if (place->exit != HUNCH_NONE &&
            (root->kind != HUNCH_PLACE_HEAP || (root->flags & HUNCH_PLACE_IS_OUT))) {
            place->result = (uint32_t)draft->result.count;
            if (!hunch_vec_push(u->a, &draft->result, place->exit))
                return false;
        }
    }
    return true;
}

static bool collect(struct hunch_unit *u, uint32_t function)
{
    struct hunch_flow *f = &u->flow[function];
    struct hunch_draft_function *draft = &u->draft[function];
    f->collect = true;
    (void)hunch_flow_run(f, true);
    for (uint32_t p = 1; p < f->place.count; p++) {
        const struct hunch_place *place = &f->place.items[p];
        if (place->kind == HUNCH_PLACE_RESULT && place->exit != HUNCH_NONE &&
            place->result != HUNCH_NONE) {
            const uint32_t exit = place->exit, result = place->result;
            const uint32_t node = hunch_node_get(f, HUNCH_NODE_RETURN, 0, 0, 0);
            f->node.items[node].op = f->node.items[exit].op;
            hunch_node_label(f, node, HUNCH_LABEL_RETURN,
                             hunch_unit_name(u, f->file, f->source->name), 0);
            hunch_node_edge(f, node, exit, HUNCH_EDGE_ASSIGN, 0);
            draft->result.items[result] = node;
        }
    }
    if (f->is_gap && !(f->source->flags & HUNCH_FUNCTION_IS_CUT))
        hunch_unit_gap(u, function, "the function is too large for value flow; split it");
    else if (f->is_cut)
        hunch_unit_gap(u, function,
                       "the function and those it calls meet too many places; some were left out");
    else if (f->is_short)
        hunch_unit_gap(
            u, function,
            "a pointer of the function may point to too many places; some were left out");
    return !u->failed;
}

/* Where a node stands among others: about as values flow, so that few passes are enough. A place,
 * a kind and the node as one number, the node in its last bits. */
enum { RANK_NODE_BITS = 27, RANK_KIND_BITS = 5 };
_Static_assert(HUNCH_FLOW_NODES_MOST < 1 << RANK_NODE_BITS, "nodes of a function");
_Static_assert(HUNCH_NODE_POOL < 1 << RANK_KIND_BITS, "kinds of nodes");

static uint64_t rank_of(const struct hunch_flow *f, uint32_t node)
{
    const struct hunch_map_key *key = &f->node_key.key.items[node];
    struct {
        uint32_t at, kind;
    } r = {0, key->word[0]};
    if (key->word[0] == HUNCH_NODE_PHI) {
        const uint32_t block = key->word[1];
        r.at = block < f->source->block + f->source->block_count
                   ? f->graph->block.items[block].op + 1
                   : UINT32_MAX - 1;
        r.kind = 0;
    } else if (key->word[0] == HUNCH_NODE_RETURN) {
        r.at = UINT32_MAX;
    } else if (f->node.items[node].op != HUNCH_NONE) {
        r.at = f->node.items[node].op + 1;
        if (key->word[0] == HUNCH_NODE_OP &&
            f->graph->op.items[f->node.items[node].op].kind == HUNCH_OP_CALL)
            r.kind = HUNCH_NODE_SINK; /* behind what goes in */
        else if (key->word[0] == HUNCH_NODE_GUARD || key->word[0] == HUNCH_NODE_PART)
            r.kind = HUNCH_NODE_RETURN;
    }
    return (uint64_t)r.at << 32 | (uint64_t)r.kind << RANK_NODE_BITS | node;
}

static int by_rank(const void *left, const void *right)
{
    const uint64_t *l = left, *r = right;
    return (*l > *r) - (*l < *r);
}

/* Marks nodes from which or to which something may flow: others are left out. */
static void find_used(const struct hunch_unit *u, uint32_t function, size_t with, uint32_t *used)
{
    const struct hunch_flow *f = &u->flow[function];
    const struct hunch_draft_function *draft = &u->draft[function];
    memset(used, 0, f->node.count * sizeof *used);
    used[0] = 1;
    for (size_t e = 0; e < draft->edge.count; e++)
        used[draft->edge.items[e].from] = used[draft->edge.items[e].to] = 1;
    for (size_t b = 0; b < draft->bind.count; b++)
        used[draft->bind.items[b].node] = 1;
    for (size_t i = 0; i < draft->formal.count; i++)
        used[draft->formal.items[i]] = 1;
    for (size_t i = 0; i < draft->result.count; i++)
        used[draft->result.items[i]] = 1;
    for (size_t w = with; w < u->with.count; w++)
        used[u->with.items[w].node] = 1;
    for (uint32_t n = 1; n < f->node.count; n++)
        used[n] |= f->node.items[n].label != 0;
}

/* Gives the nodes of a draft other numbers. with: the function's first of unit.with. */
static bool arrange(struct hunch_unit *u, uint32_t function, size_t with)
{
    struct hunch_flow *f = &u->flow[function];
    struct hunch_draft_function *draft = &u->draft[function];
    const uint32_t nodes = (uint32_t)f->node.count;
    uint32_t count = 0, *new_of = hunch_alloc_array(u->a, nodes, sizeof *new_of);
    uint64_t *rank = hunch_alloc_array(u->a, nodes, sizeof *rank);
    if (rank == NULL || new_of == NULL) {
        u->failed = true;
        goto done;
    }
    find_used(u, function, with, new_of);
    for (uint32_t n = 0; n < nodes; n++)
        if (new_of[n])
            rank[count++] = rank_of(f, n);
    if (!hunch_vec_reserve(u->a, &draft->label, count) ||
        !hunch_vec_reserve(u->a, &f->kept_op, count))
        u->failed = true;
    if (count > 2)
        qsort(rank + 1, count - 1, sizeof *rank, by_rank);
    for (uint32_t n = 0; n < count; n++) {
        const uint32_t from = (uint32_t)rank[n] & ((1u << RANK_NODE_BITS) - 1);
        const struct hunch_flow_node *node = &f->node.items[from];
        new_of[from] = n;
        if (!hunch_vec_push(u->a, &draft->label, node->label) ||
            !hunch_vec_push(u->a, &f->kept_op, node->op))
            u->failed = true;
    }
    for (size_t e = 0; e < draft->edge.count; e++) {
        draft->edge.items[e].from = new_of[draft->edge.items[e].from];
        draft->edge.items[e].to = new_of[draft->edge.items[e].to];
    }
    for (size_t b = 0; b < draft->bind.count; b++)
        draft->bind.items[b].node = new_of[draft->bind.items[b].node];
    for (size_t i = 0; i < draft->formal.count; i++)
        draft->formal.items[i] = new_of[draft->formal.items[i]];
    for (size_t i = 0; i < draft->result.count; i++)
        draft->result.items[i] = new_of[draft->result.items[i]];
    for (size_t w = with; w < u->with.count; w++)
        u->with.items[w].node = new_of[u->with.items[w].node];
    hunch_vec_fit(u->a, &f->place);
    hunch_vec_fit(u->a, &draft->edge);
    hunch_vec_fit(u->a, &draft->bind);
done:
    hunch_free_array(u->a, rank, nodes, sizeof *rank);
    hunch_free_array(u->a, new_of, nodes, sizeof *new_of);
    return !u->failed;
}

/* Callers first: once they are done, nobody asks for what a function knows. */
static bool collect_all(struct hunch_unit *u, const uint32_t *order, uint32_t count)
{
    for (uint32_t i = 0; i < u->file_count; i++) /* all others may ask for these */
        if (u->file[i].initial != HUNCH_NONE) {
            const size_t with = u->with.count;
            if (!collect(u, u->file[i].initial) || !arrange(u, u->file[i].initial, with))
                return false;
        }
    for (uint32_t end = count, begin; end > 0; end = begin) {
        for (begin = end;
             begin > 0 && u->flow[order[begin - 1]].group == u->flow[order[end - 1]].group;)
            begin--;
        for (uint32_t i = begin; i < end; i++) {
            const size_t with = u->with.count;
            if (!(u->flow[order[i]].source->flags & HUNCH_FUNCTION_IS_INITIAL) &&
                (!collect(u, order[i]) || !arrange(u, order[i], with)))
                return false;
        }
        for (uint32_t i = begin; i < end; i++)
            if (!(u->flow[order[i]].source->flags & HUNCH_FUNCTION_IS_INITIAL) &&
                u->flow[order[i]].graph->language != HUNCH_LANGUAGE_PYTHON) /* pool.c asks it */
                hunch_flow_forget(&u->flow[order[i]]);
    }
    for (uint32_t i = 0; i < u->file_count; i++)
        if (u->file[i].initial != HUNCH_NONE && u->file[i].graph->language != HUNCH_LANGUAGE_PYTHON)
            hunch_flow_forget(&u->flow[u->file[i].initial]);
    return true;
}

/* Where nodes and calls of a function stand: what solving asks for, without the files' graphs.
 * There is room for them. */
static bool keep_spans(struct hunch_unit *u, uint32_t function)
{
    struct hunch_flow *f = &u->flow[function];
    const struct hunch_op *op = f->graph->op.items;
    const struct hunch_linked_file *file = &u->file[f->file];
    const struct hunch_unit_part part = {file->number, function - file->function, f->source->span};
    const bool ok = hunch_vec_push(u->a, &u->part, part);
    for (size_t i = 0; ok && i < f->kept_op.count; i++)
        u->node_span.items[u->node_span.count++] =
            f->kept_op.items[i] != HUNCH_NONE ? op[f->kept_op.items[i]].span : hunch_no_span();
    for (size_t i = 0; ok && i < f->call_op.count; i++)
        u->call_span.items[u->call_span.count++] = op[f->call_op.items[i]].span;
    hunch_vec_free(u->a, &f->kept_op);
    hunch_vec_free(u->a, &f->call_op);
    return ok;
}

/* Solving asks for nothing of what building has known of the files. */
static void forget_building(struct hunch_unit *u)
{
    const struct hunch_allocator *a = u->a;
    for (uint32_t f = 0; u->flow != NULL && f < u->flow_count; f++)
        hunch_flow_free(&u->flow[f]);
    hunch_free(a, u->flow, u->flow_count * sizeof *u->flow);
    u->flow = NULL;
    hunch_free(a, (void *)u->library, u->library_room * sizeof *u->library);
    u->library = NULL;
    hunch_key_map_free(a, &u->heap);
    hunch_key_map_free(a, &u->pointer);
    hunch_key_map_free(a, &u->kept);
    hunch_vec_free(a, &u->kept_function);
    hunch_lists_free(a, &u->lists);
    hunch_vec_free(a, &u->mapped.first);
    hunch_vec_free(a, &u->mapped.place);
    hunch_vec_free(a, &u->mapped.written);
    hunch_vec_free(a, &u->ways.way);
    hunch_vec_free(a, &u->ways.copy);
    hunch_vec_free(a, &u->ways.differ);
    hunch_vec_free(a, &u->held);
    hunch_unit_unlink(u);
}

/* Functions and drafts leave many pieces, too small for the arrays that come next. */
static void give_back(const struct hunch_unit *u)
{
    if (u->node_span.count >= TRIM_LEAST)
        hunch_alloc_trim();
}

static bool make_graph(struct hunch_unit *u, const uint32_t *order)
{
    const uint32_t count = (uint32_t)u->function_file.count;
    bool ok = true;
    for (uint32_t f = 0; ok && f < count; f++)
        ok = number_ends(u, f);
    ok = ok && collect_all(u, order, count);
    size_t nodes = 0, calls = 0;
    for (uint32_t f = 0; f < count; f++) {
        nodes += u->flow[f].kept_op.count;
        calls += u->flow[f].call_op.count;
    }
    ok = ok && hunch_vec_reserve(u->a, &u->node_span, nodes) &&
         hunch_vec_reserve(u->a, &u->call_span, calls);
    for (uint32_t f = 0; ok && f < count; f++)
        ok = keep_spans(u, f);
    ok = ok && hunch_unit_pool(u);
    for (uint32_t n = 0; ok && n < u->draft[count].label.count; n++)
        ok = hunch_vec_push(u->a, &u->node_span, hunch_no_span());
    forget_building(u);
    give_back(u);
    if (ok)
        u->graph =
            hunch_flow_graph_new(u->a, u->draft, u->flow_count, (uint32_t)u->class.key.count);
    for (uint32_t f = 0; f < u->flow_count; f++)
        hunch_draft_function_free(u->a, &u->draft[f]);
    give_back(u);
    return ok && u->graph != NULL;
}

static void add_faults(struct hunch_unit *u)
{
    for (uint32_t i = 0; i < u->file_count; i++) {
        const struct hunch_graph_file *graph = u->file[i].graph;
        for (size_t n = 0; n < graph->fault.count; n++) {
            const struct hunch_graph_fault *fault = &graph->fault.items[n];
            const struct hunch_function *function = fault->function < graph->function.count
                                                        ? &graph->function.items[fault->function]
                                                        : NULL;
            const struct hunch_graph_gap gap = {
                u->file[i].number, fault->function, fault->reason,
                function != NULL ? hunch_graph_name(graph, function->name) : NULL,
                function != NULL ? function->line : 0};
            if (!hunch_vec_push(u->a, &u->gap, gap))
                u->failed = true;
        }
    }
}

static int by_flow_name(const void *left, const void *right)
{
    const struct hunch_library_flow *l = left, *r = right;
    return strcmp(l->name, r->name);
}

hunch_status hunch_unit_new(const struct hunch_allocator *a, const struct hunch_unit_file *file,
                            size_t count, const struct hunch_library_flow *library,
                            size_t library_count, struct hunch_unit **unit, struct hunch_error *err)
{
    struct hunch_unit *u = hunch_alloc_zero(a, sizeof *u);
    hunch_status status;
    uint32_t functions = 0, *order = NULL;
    *unit = NULL;
    if (u == NULL)
        return hunch_fail_memory(err, sizeof *u, "a link unit");
    u->a = a;
    if (count > 0)
        u->language = file[0].graph->language;
    status = hunch_unit_link(u, file, count, err);
    if (status != HUNCH_OK)
        goto done;
    functions = (uint32_t)u->function_file.count;
    const struct hunch_map_key none = {{HUNCH_LABEL_NONE, 0, 0, 0}};
    struct hunch_library_flow *flows = hunch_memdup(a, library, library_count * sizeof *flows);
    size_t kept = 0; /* of the language of the unit */
    for (size_t i = 0; flows != NULL && count > 0 && i < library_count; i++)
        if (library[i].language == u->language)
            flows[kept++] = library[i];
    u->library = flows;
    u->library_count = kept;
    u->library_room = library_count;
    u->flow_count = functions + 1;
    u->flow = hunch_alloc_zero(a, u->flow_count * sizeof *u->flow);
    u->draft = hunch_alloc_zero(a, u->flow_count * sizeof *u->draft);
    order = hunch_alloc_array(a, (size_t)functions * 2, sizeof *order);
    status = HUNCH_ERROR_MEMORY;
    if (flows == NULL || u->flow == NULL || u->draft == NULL || order == NULL ||
        hunch_key_number(a, &u->label, none, true, NULL) == UINT32_MAX)
        goto done;
    if (kept > 1)
        qsort(flows, kept, sizeof *flows, by_flow_name);
    add_faults(u);
    for (uint32_t f = 0; f < functions && !u->failed; f++)
        hunch_flow_init(u, f);
    hunch_flow_keep_methods(u);
    if (!u->failed && run_all(u, order, order + functions) && make_graph(u, order))
        status = HUNCH_OK;
done:
    hunch_free_array(a, order, (size_t)functions * 2, sizeof *order);
    if (status == HUNCH_ERROR_MEMORY)
        status = hunch_fail_memory(err, sizeof *u, "a link unit");
    if (status != HUNCH_OK) {
        hunch_unit_free(u);
        u = NULL;
    }
    *unit = u;
    return status;
}

void hunch_unit_free(struct hunch_unit *u)
{
    if (u == NULL)
        return;
    const struct hunch_allocator *a = u->a;
    if (u->entry != NULL)
        hunch_unit_let_go(u);
    for (uint32_t f = 0; u->draft != NULL && f < u->flow_count; f++)
        hunch_draft_function_free(a, &u->draft[f]);
    hunch_free(a, u->draft, u->flow_count * sizeof *u->draft);
    hunch_solver_done(&u->solver);
    forget_building(u);
    hunch_flow_graph_free(u->graph);
    hunch_key_map_free(a, &u->label);
    hunch_key_map_free(a, &u->guard);
    hunch_key_map_free(a, &u->class);
    hunch_vec_free(a, &u->text);
    hunch_vec_free(a, &u->name_at);
    hunch_vec_free(a, &u->with);
    hunch_vec_free(a, &u->part);
    hunch_vec_free(a, &u->node_span);
    hunch_vec_free(a, &u->call_span);
    hunch_vec_free(a, &u->gap);
    hunch_vec_free(a, &u->finding);
    hunch_vec_free(a, &u->step);
    hunch_free(a, u, sizeof *u);
}

void hunch_unit_be_plain(struct hunch_unit *u)
{
    u->solver.plain = true;
}

void hunch_unit_use_device(struct hunch_unit *u, struct hunch_device *device, uint64_t least,
                           const struct hunch_allocator *a)
{
    u->solver.a = a;
    u->solver.device = device;
    u->solver.least = least;
}

const struct hunch_error *hunch_unit_device_problem(const struct hunch_unit *u)
{
    return &u->solver.why;
}

size_t hunch_unit_gaps(const struct hunch_unit *u, const struct hunch_graph_gap **gap)
{
    *gap = u->gap.items;
    return u->gap.count;
}

/* ---- rules ---- */

struct found {
    struct hunch_graph_finding finding;
    uint32_t at, length, node;
};

static int by_order(const void *left, const void *right)
{
    const struct found *l = left, *r = right;
    const uint32_t a[] = {l->finding.file,
                          l->finding.rule,
                          l->finding.span.begin,
                          l->finding.span.end,
                          l->finding.function,
                          l->length,
                          l->node},
                   b[] = {r->finding.file,
                          r->finding.rule,
                          r->finding.span.begin,
                          r->finding.span.end,
                          r->finding.function,
                          r->length,
                          r->node};
    for (size_t i = 0; i < sizeof a / sizeof *a; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

static bool same_finding(const struct hunch_graph_finding *l, const struct hunch_graph_finding *r)
{
    return l->file == r->file && l->rule == r->rule && l->span.begin == r->span.begin &&
           l->span.end == r->span.end && l->function == r->function;
}

static bool add_findings(struct hunch_unit *u, const struct hunch_flow_rules *rows,
                         const struct hunch_flow_answer *answer)
{
    const size_t count = answer->hit.count;
    struct found *found = hunch_alloc_array(u->a, count, sizeof *found);
    uint32_t *at = hunch_alloc_array(u->a, count * 2 + 1, sizeof *at);
    bool ok = found != NULL && at != NULL && hunch_unit_witness(u, rows, answer, at, at + count);
    size_t kept = 0;
    for (size_t h = 0; ok && h < count; h++) {
        const struct hunch_flow_hit *hit = &answer->hit.items[h];
        const uint32_t node = u->graph->function[hit->function].node + hit->node;
        if (hit->function + 1 == u->flow_count)
            continue;
        const struct hunch_unit_part *part = &u->part.items[hit->function];
        const struct hunch_extent own = u->node_span.items[node],
                                  span = own.begin != HUNCH_NONE ? own : part->span;
        found[kept++] = (struct found){
            {hit->rule, part->file, part->function, span, NULL, 0}, at[h], at[count + h], node};
    }
    if (kept > 1)
        qsort(found, kept, sizeof *found, by_order);
    for (size_t i = 0; ok && i < kept; i++) {
        struct hunch_graph_finding finding = found[i].finding;
        if (u->finding.count > 0 && same_finding(&u->finding.items[u->finding.count - 1], &finding))
            continue;
        finding.step = u->step.items + found[i].at;
        finding.step_count = found[i].length;
        ok = hunch_vec_push(u->a, &u->finding, finding);
    }
    hunch_free_array(u->a, found, count, sizeof *found);
    hunch_free_array(u->a, at, count * 2 + 1, sizeof *at);
    return ok;
}

hunch_status hunch_unit_solve(struct hunch_unit *u, const struct hunch_graph_rule *rule,
                              size_t rule_count, const struct hunch_graph_finding **finding,
                              size_t *finding_count, struct hunch_error *err)
{
    struct hunch_flow_rules rows = {0};
    struct hunch_flow_answer first = {0}, answer = {0};
    bool needs_first = false;
    hunch_status status = hunch_unit_rules(u, rule, rule_count, &rows, &needs_first);
    u->finding.count = u->step.count = 0;
    *finding = NULL;
    *finding_count = 0;
    if (status != HUNCH_OK)
        goto done;
    if (needs_first) { /* who is tainted where no guard asks for what is clean */
        status = hunch_solver_solve(&u->solver, u->graph, &rows, false, true, &first);
        if (status == HUNCH_OK)
            (void)hunch_unit_passes(u, rule, rule_count, &first, &rows);
    }
    if (status == HUNCH_OK)
        status = hunch_solver_solve(&u->solver, u->graph, &rows, true, false, &answer);
    if (status == HUNCH_OK && !add_findings(u, &rows, &answer))
        status = HUNCH_ERROR_MEMORY;
    if (status == HUNCH_OK) {
        *finding = u->finding.items;
        *finding_count = u->finding.count;
    }
done:
    hunch_flow_answer_free(u->graph, &first);
    hunch_flow_answer_free(u->graph, &answer);
    hunch_unit_rules_free(u, &rows);
    return status == HUNCH_OK ? HUNCH_OK
                              : hunch_fail_memory(err, rule_count, "solving graph rules");
}
