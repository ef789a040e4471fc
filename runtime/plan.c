/* plan.c: see plan.h. */
#include "plan.h"

#include <string.h>

/* Depth first over needs; hunch_program_check has seen that there is no cycle. */
static hunch_status order_rules(struct hunch_plan *plan, struct hunch_error *err)
{
    const struct hunch_program *p = plan->program;
    uint32_t next = 0;
    uint32_t *stack = hunch_alloc_array(p->a, (size_t)p->rule_count + 1, 2 * sizeof *stack);
    if (stack == NULL)
        return hunch_fail_memory(err, p->rule_count * 8u, "the plan of a scan");
    memset(plan->rank, 0xff, p->rule_count * sizeof *plan->rank);
    for (uint32_t i = 0; i < p->rule_count; i++) {
        if (plan->rank[i] != HP_NONE)
            continue;
        size_t top = 1;
        stack[0] = i;
        stack[1] = 0;
        while (top > 0) {
            uint32_t rule = stack[2 * top - 2];
            const struct hp_rule *r = &p->rule[rule];
            if (stack[2 * top - 1] == r->need_count) {
                plan->rank[rule] = next++;
                top--;
                continue;
            }
            uint32_t need = p->word[r->need + stack[2 * top - 1]++];
            if (plan->rank[need] != HP_NONE)
                continue;
            stack[2 * top] = need;
            stack[2 * top + 1] = 0;
            top++;
        }
    }
    hunch_free_array(p->a, stack, (size_t)p->rule_count + 1, 2 * sizeof *stack);
    return HUNCH_OK;
}

/* Wanted rules, and what they need, from the last decided to the first. */
static hunch_status choose_rules(struct hunch_plan *plan, hunch_plan_filter *filter, void *ctx,
                                 struct hunch_error *err)
{
    const struct hunch_program *p = plan->program;
    uint32_t *by_rank = hunch_alloc_array(p->a, p->rule_count, sizeof *by_rank);
    if (by_rank == NULL)
        return hunch_fail_memory(err, p->rule_count * 4u, "the plan of a scan");
    for (uint32_t i = 0; i < p->rule_count; i++) {
        by_rank[plan->rank[i]] = i;
        bool report = filter ? filter(ctx, i) : !(p->rule[i].flags & HP_RULE_PRIVATE);
        if (report)
            plan->wanted[i] = HUNCH_WANTED_REPORT | HUNCH_WANTED_DECIDE;
        if (p->rule[i].flags & HP_RULE_GLOBAL) {
            plan->wanted[i] |= HUNCH_WANTED_DECIDE;
            plan->has_global = true;
        }
    }
    for (uint32_t k = p->rule_count; k-- > 0;) {
        uint32_t i = by_rank[k];
        if (!(plan->wanted[i] & HUNCH_WANTED_DECIDE))
            continue;
        const struct hp_rule *r = &p->rule[i];
        for (uint32_t n = 0; n < r->need_count; n++)
            plan->wanted[p->word[r->need + n]] |= HUNCH_WANTED_DECIDE;
    }
    hunch_free_array(p->a, by_rank, p->rule_count, sizeof *by_rank);
    return HUNCH_OK;
}

/* Its gate always holds, and what its first stage says of the name comes before all that could be
 * reported, or be lost: occurrences that it would list among others. */
static bool asks_name_first(const struct hunch_program *p, const struct hp_rule *r)
{
    if (r->gate_count > 0 || r->stage_count == 0 || p->stage[r->stage].kind != HP_STAGE_PATH)
        return false;
    for (uint32_t i = 1; i < r->stage_count; i++)
        if (p->stage[r->stage + i].kind == HP_STAGE_REGEX)
            return true;
    return r->span_count == 0;
}

static hunch_status list_always(struct hunch_plan *plan, struct hunch_error *err)
{
    const struct hunch_program *p = plan->program;
    for (unsigned named = 0; named < 2; named++) {
        for (uint32_t i = 0; i < p->rule_count; i++) {
            const struct hp_rule *r = &p->rule[i];
            if (!(r->flags & HP_RULE_ALWAYS) || (r->flags & HP_RULE_GRAPH) ||
                !(plan->wanted[i] & HUNCH_WANTED_DECIDE) || asks_name_first(p, r) != named)
                continue;
            plan->always[plan->always_count++] = i;
            plan->named_count += named;
            plan->named_groups |= named << r->group;
        }
    }
    return hunch_names_make(p, plan->always + plan->always_count - plan->named_count,
                            plan->named_count, &plan->names, err);
}

static bool is_in_order(const struct hunch_plan *plan)
{
    const struct hunch_program *p = plan->program;
    uint32_t last = 0;
    for (uint32_t i = 0; i < p->rule_count; i++) {
        if (!(plan->wanted[i] & HUNCH_WANTED_DECIDE))
            continue;
        if (p->rule[i].need_count > 0 || plan->rank[i] < last)
            return false;
        last = plan->rank[i];
    }
    return !plan->has_global;
}

hunch_status hunch_plan_new(const struct hunch_program *p, hunch_plan_filter *filter, void *ctx,
                            struct hunch_plan **out, struct hunch_error *err)
{
    *out = NULL;
    struct hunch_plan *plan = hunch_alloc_zero(p->a, sizeof *plan);
    if (plan == NULL)
        return hunch_fail_memory(err, sizeof *plan, "the plan of a scan");
    plan->program = p;
    plan->rank = hunch_alloc_array(p->a, p->rule_count, sizeof *plan->rank);
    plan->wanted = hunch_alloc_array(p->a, p->rule_count, 1);
    plan->always = hunch_alloc_array(p->a, p->rule_count, sizeof *plan->always);
    plan->single = hunch_alloc_array(p->a, p->literal_count, 1);
    hunch_status status;
    plan->use = hunch_alloc_array(p->a, p->literal_user_count, sizeof *plan->use);
    if (!plan->use || !plan->rank || !plan->wanted || !plan->always || !plan->single) {
        status = hunch_fail_memory(err, p->rule_count * 9u, "the plan of a scan");
        goto done;
    }
    memset(plan->wanted, 0, p->rule_count);
    for (uint32_t i = 0; i < p->literal_count; i++) {
        const struct hp_literal *l = &p->literal[i];
        plan->single[i] = 1;
        for (uint32_t k = 0; k < l->user_count; k++) {
            uint32_t index = p->literal_user[l->user + k];
            const struct hp_anchor *anchor = &p->anchor[index];
            const struct hp_pattern *t = &p->pattern[anchor->pattern];
            plan->use[l->user + k] =
                (struct hunch_literal_use){anchor->pattern,
                                           index,
                                           anchor->min_before,
                                           anchor->guard,
                                           anchor->guard_behind ? l->bytes.length : 0,
                                           (uint16_t)t->kind,
                                           (uint16_t)t->flags};
            if (t->kind != HP_PATTERN_LITERAL || t->flags != HP_PATTERN_PRESENCE)
                plan->single[i] = 0;
        }
    }
    status = order_rules(plan, err);
    if (status == HUNCH_OK)
        status = choose_rules(plan, filter, ctx, err);
    if (status == HUNCH_OK)
        status = list_always(plan, err);
    if (status == HUNCH_OK)
        plan->in_order = is_in_order(plan);
done:
    if (status != HUNCH_OK)
        hunch_plan_free(plan);
    else
        *out = plan;
    return status;
}

void hunch_plan_free(struct hunch_plan *plan)
{
    if (plan == NULL)
        return;
    const struct hunch_program *p = plan->program;
    hunch_free_array(p->a, plan->rank, p->rule_count, sizeof *plan->rank);
    hunch_free_array(p->a, plan->wanted, p->rule_count, 1);
    hunch_free_array(p->a, plan->always, p->rule_count, sizeof *plan->always);
    hunch_free_array(p->a, plan->single, p->literal_count, 1);
    hunch_free_array(p->a, plan->use, p->literal_user_count, sizeof *plan->use);
    hunch_free(p->a, plan, sizeof *plan);
}
