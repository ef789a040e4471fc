/* unit.c: a unit from its files: what its functions do, made into one graph; and rules solved on
 * it. */
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "graph/flow.h"

enum {
    SHARED_LEAST = 64, /* functions that are worth threads */
    THREADS_MOST = 64
};

/* Solving asks for nothing of what building has known of the files. */
void hunch_unit_forget_building(struct hunch_unit *u)
{
    const struct hunch_allocator *a = u->a;
    for (uint32_t f = 0; u->flow != NULL && f < u->flow_count; f++)
        hunch_flow_free(&u->flow[f]);
    hunch_free(a, u->flow, u->flow_count * sizeof *u->flow);
    u->flow = NULL;
    hunch_free(a, (void *)u->library, u->library_room * sizeof *u->library);
    u->library = NULL;
    hunch_key_map_free(a, &u->working);
    hunch_key_map_free(a, &u->pointer);
    hunch_key_map_free(a, &u->kept);
    hunch_vec_free(a, &u->kept_function);
    for (unsigned i = 0; u->thread != NULL && i < u->threads; i++) {
        struct hunch_flow_thread *t = &u->thread[i];
        hunch_lists_free(a, &t->lists);
        hunch_vec_free(a, &t->mapped.first);
        hunch_vec_free(a, &t->mapped.place);
        hunch_vec_free(a, &t->mapped.written);
        hunch_vec_free(a, &t->ways.way);
        hunch_vec_free(a, &t->ways.copy);
        hunch_vec_free(a, &t->ways.differ);
        hunch_vec_free(a, &t->held);
    }
    hunch_free(a, u->thread, u->threads * sizeof *u->thread);
    u->thread = NULL;
    hunch_unit_unlink(u);
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

static int by_function(const void *left, const void *right)
{
    const struct hunch_graph_gap *l = left, *r = right;
    if (l->file != r->file)
        return l->file < r->file ? -1 : 1;
    if (l->function != r->function) /* HUNCH_NONE, the file, first */
        return l->function + 1 < r->function + 1 ? -1 : 1;
    return strcmp(l->reason, r->reason);
}

static int by_flow_name(const void *left, const void *right)
{
    const struct hunch_library_flow *l = left, *r = right;
    return strcmp(l->name, r->name);
}

/* Functions of C alone are gone through by several: others make names on the way, and their files'
 * initialisers call functions. */
static unsigned threads_of(const struct hunch_unit *u, unsigned threads)
{
    const bool shares = u->language == HUNCH_LANGUAGE_C && u->function_file.count >= SHARED_LEAST;
    return !shares || threads < 1 ? 1 : threads < THREADS_MOST ? threads : THREADS_MOST;
}

hunch_status hunch_unit_new(const struct hunch_allocator *a, const struct hunch_unit_file *file,
                            size_t count, const struct hunch_library_flow *library,
                            size_t library_count, unsigned threads, struct hunch_unit **unit,
                            struct hunch_error *err)
{
    struct hunch_unit *u = hunch_alloc_zero(a, sizeof *u);
    hunch_status status;
    uint32_t functions = 0, *order = NULL;
    *unit = NULL;
    if (u == NULL)
        return hunch_fail_memory(err, sizeof *u, "a link unit");
    u->a = a;
    pthread_mutex_init(&u->lock, NULL);
    if (count > 0)
        u->language = file[0].graph->language;
    status = hunch_unit_link(u, file, count, err);
    if (status != HUNCH_OK)
        goto done;
    functions = (uint32_t)u->function_file.count;
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
    u->threads = threads_of(u, threads);
    u->thread = hunch_alloc_zero(a, u->threads * sizeof *u->thread);
    order = hunch_alloc_array(a, functions, sizeof *order);
    status = HUNCH_ERROR_MEMORY;
    if (flows == NULL || u->flow == NULL || u->draft == NULL || order == NULL ||
        u->thread == NULL || !hunch_unit_begin_guards(u) ||
        hunch_key_number(a, &u->label, (struct hunch_map_key){{HUNCH_LABEL_NONE, 0, 0, 0}}, true,
                         NULL) == UINT32_MAX)
        goto done;
    if (kept > 1)
        qsort(flows, kept, sizeof *flows, by_flow_name);
    add_faults(u);
    for (uint32_t f = 0; f < functions && !u->failed; f++)
        hunch_flow_init(u, f);
    hunch_flow_keep_methods(u);
    if (!u->failed && hunch_unit_run(u, order) && hunch_unit_make_graph(u, order))
        status = HUNCH_OK;
    if (u->gap.count > 1)
        qsort(u->gap.items, u->gap.count, sizeof *u->gap.items, by_function);
done:
    hunch_free_array(a, order, functions, sizeof *order);
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
    hunch_unit_forget_building(u);
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
    pthread_mutex_destroy(&u->lock);
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
