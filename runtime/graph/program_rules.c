/* program_rules.c: see program_rules.h. */
#include "graph/program_rules.h"

#include "error.h"
#include "graph/rule.h"

#include <string.h>

/* The program's numbers are those of rule.h. */
_Static_assert((int)HP_GRAPH_TAINT == (int)HUNCH_GRAPH_TAINT, "kinds of graph rules");
_Static_assert((int)HP_LANGUAGE_C == (int)HUNCH_LANGUAGE_C, "languages");
_Static_assert((int)HP_LANGUAGE_JAVA == (int)HUNCH_LANGUAGE_JAVA, "languages");
_Static_assert((int)HP_SPOT_CALL == (int)HUNCH_SPOT_CALL, "spots");
_Static_assert((int)HP_SPOT_RETURNED == (int)HUNCH_SPOT_RETURN, "spots");
_Static_assert((int)HP_SPOT_LOOP_BOUND == (int)HUNCH_SPOT_LOOP_BOUND, "spots");
_Static_assert((int)HP_SPOT_NARROWED == (int)HUNCH_SPOT_NARROWED, "spots");
_Static_assert((int)HP_TEST_COMPARE == (int)HUNCH_GUARD_COMPARE, "guards");
_Static_assert((int)HP_WITH_ZERO == (int)HUNCH_WITH_ZERO, "guards");
_Static_assert((int)HP_RELATION_GE == (int)HUNCH_GE - (int)HUNCH_EQ, "guards");
_Static_assert((int)HP_EDGE_RETURNED == (int)HUNCH_EDGE_RETURNED, "edges");
_Static_assert((int)HP_EDGE_LIBRARY == (int)HUNCH_EDGE_LIBRARY, "edges");
_Static_assert((int)HP_ACTION_RETURNED == (int)HUNCH_ACTION_RETURN, "actions");
_Static_assert((int)HP_VALUE_CALL == (int)HUNCH_VALUE_CALL, "actions");
_Static_assert(HP_PLACE_AND_ON == (uint32_t)HUNCH_INDEX_AND_ON, "places");

struct hunch_graph_plan {
    const struct hunch_allocator *a;
    struct hunch_graph_tables tables;
    struct hunch_graph_rule *rule; /* one a graph stage, as GRAPH counts them */
    struct hunch_library_flow *library;
    struct hunch_spot *spot;
    struct hunch_guard *guard;
    struct hunch_action *action;
};

static const char *name_of(const struct hunch_graph_tables *t, struct hp_text text)
{
    return (const char *)t->blob + text.offset;
}

static struct hunch_flow_end end_of(uint32_t end)
{
    return (struct hunch_flow_end){
        .returned = (end & HP_PLACE_RETURNED) != 0,
        .pointed = (end & HP_PLACE_POINTED) != 0,
        .outside = (end & HP_PLACE_OUTSIDE) != 0,
        .index = end & ~(HP_PLACE_RETURNED | HP_PLACE_POINTED | HP_PLACE_OUTSIDE)};
}

static void fill_parts(struct hunch_graph_plan *plan)
{
    const struct hunch_graph_tables *t = &plan->tables;
    for (uint32_t i = 0; i < t->spot_count; i++)
        plan->spot[i] = (struct hunch_spot){.kind = (enum hunch_spot_kind)t->spot[i].kind,
                                            .name = name_of(t, t->spot[i].name),
                                            .index = t->spot[i].index};
    for (uint32_t i = 0; i < t->test_count; i++)
        plan->guard[i] =
            (struct hunch_guard){.kind = (enum hunch_guard_kind)t->test[i].kind,
                                 .name = name_of(t, t->test[i].name),
                                 .index = t->test[i].index,
                                 .outcome = t->test[i].outcome != 0,
                                 .compare = (enum hunch_operator)(HUNCH_EQ + t->test[i].compare),
                                 .with = (enum hunch_guard_with)t->test[i].with};
    for (uint32_t i = 0; i < t->action_count; i++)
        plan->action[i] =
            (struct hunch_action){.kind = (enum hunch_action_kind)t->action[i].kind,
                                  .name = name_of(t, t->action[i].name),
                                  .place = t->action[i].place,
                                  .value = (enum hunch_action_value)t->action[i].value};
    for (uint32_t i = 0; i < t->flow_count; i++)
        plan->library[i] =
            (struct hunch_library_flow){.name = name_of(t, t->flow[i].name),
                                        .language = (enum hunch_graph_language)t->flow[i].language,
                                        .from = end_of(t->flow[i].from),
                                        .to = end_of(t->flow[i].to)};
}

static void fill_rules(struct hunch_graph_plan *plan)
{
    for (uint32_t i = 0; i < plan->tables.graph_count; i++) {
        const struct hp_graph *g = &plan->tables.graph[i];
        plan->rule[i] =
            (struct hunch_graph_rule){.kind = (enum hunch_graph_rule_kind)g->kind,
                                      .language = (enum hunch_graph_language)g->language,
                                      .from = plan->spot + g->from,
                                      .from_count = g->from_count,
                                      .to = plan->spot + g->to,
                                      .to_count = g->to_count,
                                      .except = plan->spot + g->except,
                                      .except_count = g->except_count,
                                      .guard = plan->guard + g->test,
                                      .guard_count = g->test_count,
                                      .edges = g->edges,
                                      .by = plan->action + g->by,
                                      .by_count = g->by_count,
                                      .of = plan->action + g->of,
                                      .of_count = g->of_count,
                                      .missing = (g->flags & HP_GRAPH_MISSING) != 0,
                                      .same_place = (g->flags & HP_GRAPH_SAME) != 0};
    }
}

hunch_status hunch_graph_plan_new(const struct hunch_allocator *a,
                                  const struct hunch_graph_tables *tables,
                                  struct hunch_graph_plan **out, struct hunch_error *err)
{
    const struct hunch_graph_tables *t = tables;
    struct hunch_graph_plan *plan = *out = hunch_alloc_zero(a, sizeof *plan);
    if (plan == NULL)
        return hunch_fail_memory(err, sizeof *plan, "graph rules");
    plan->a = a;
    plan->tables = *t;
    plan->rule = hunch_alloc_array(a, t->graph_count, sizeof *plan->rule);
    plan->library = hunch_alloc_array(a, t->flow_count, sizeof *plan->library);
    plan->spot = hunch_alloc_array(a, t->spot_count, sizeof *plan->spot);
    plan->guard = hunch_alloc_array(a, t->test_count, sizeof *plan->guard);
    plan->action = hunch_alloc_array(a, t->action_count, sizeof *plan->action);
    if (!plan->rule || !plan->library || !plan->spot || !plan->guard || !plan->action) {
        hunch_graph_plan_free(plan);
        *out = NULL;
        return hunch_fail_memory(err, t->graph_count * sizeof *plan->rule, "graph rules");
    }
    fill_parts(plan);
    fill_rules(plan);
    return HUNCH_OK;
}

void hunch_graph_plan_free(struct hunch_graph_plan *plan)
{
    if (plan == NULL)
        return;
    const struct hunch_graph_tables *t = &plan->tables;
    hunch_free_array(plan->a, plan->rule, t->graph_count, sizeof *plan->rule);
    hunch_free_array(plan->a, plan->library, t->flow_count, sizeof *plan->library);
    hunch_free_array(plan->a, plan->spot, t->spot_count, sizeof *plan->spot);
    hunch_free_array(plan->a, plan->guard, t->test_count, sizeof *plan->guard);
    hunch_free_array(plan->a, plan->action, t->action_count, sizeof *plan->action);
    hunch_free(plan->a, plan, sizeof *plan);
}

const struct hunch_graph_rule *hunch_graph_plan_rule(const struct hunch_graph_plan *plan,
                                                     uint32_t index)
{
    return &plan->rule[index];
}

const struct hunch_library_flow *hunch_graph_plan_library(const struct hunch_graph_plan *plan,
                                                          size_t *count)
{
    *count = plan->tables.flow_count;
    return plan->library;
}

/* ---- which files are of which language ---- */

static const struct {
    const char *ending;
    uint32_t language;
} endings[] = {{".c", HP_LANGUAGE_C},
               {".h", HP_LANGUAGE_C},
               {".py", HP_LANGUAGE_PYTHON},
               {".js", HP_LANGUAGE_JAVASCRIPT},
               {".mjs", HP_LANGUAGE_JAVASCRIPT},
               {".cjs", HP_LANGUAGE_JAVASCRIPT},
               {".java", HP_LANGUAGE_JAVA}};

uint32_t hunch_graph_language_of(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(endings[i].ending);
        if (length > n && memcmp(name + length - n, endings[i].ending, n) == 0)
            return endings[i].language;
    }
    return 0;
}
