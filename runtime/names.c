/* names.c: see names.h.
 *
 * Worked example: (?:^|/)id_rsa$ is found in names that end in "_rsa" only: end[0] has its bit for
 * 'a', end[1] for 's', and so on. Of \.c(?:pp)?$ the last byte is 'c' or 'p' and the one before '.'
 * or 'p'; since ".c" can be all of it, anything may stand before those two. */
#include "names.h"

#include <string.h>

#include "regex.h"
#include "worker.h"

enum { ROUNDS_MOST = 64 }; /* a regex whose loops lie deeper in each other is not looked into */

/* ---- what a text may end with in which a regex is found ---- */

/* One byte an instruction: is what is looked for reached from here without taking a byte? */
struct reached {
    const struct hunch_regex_view *regex;
    uint8_t *from; /* the answer */
    uint8_t *take; /* what is looked for: instructions that take a byte, or with `match` MATCH */
    bool match;
    bool at_end; /* the end of the text is no obstacle */
};

static bool step(const struct reached *r, uint32_t pc)
{
    const struct hp_instr *in = &r->regex->code[pc];
    switch (in->op) {
    case HP_OP_MATCH: return r->match;
    case HP_OP_FAIL: return false;
    case HP_OP_SPLIT: return r->from[in->x] || r->from[in->y];
    case HP_OP_JMP: return r->from[in->x];
    case HP_OP_SAVE: return r->from[pc + 1];
    case HP_OP_ASSERT: return (r->at_end || in->arg != HP_ASSERT_TEXT_END) && r->from[pc + 1];
    case HP_OP_RUN: return (!r->match && r->take[pc]) || (in->min == 0 && r->from[pc + 1]);
    default: return !r->match && r->take[pc];
    }
}

/* false: too deep. */
static bool reach(const struct reached *r)
{
    const uint32_t n = r->regex->info.code_count;
    memset(r->from, 0, n);
    for (unsigned round = 0; round < ROUNDS_MOST; round++) {
        bool changed = false;
        for (uint32_t pc = n; pc-- > 0;)
            if (!r->from[pc] && step(r, pc))
                r->from[pc] = changed = true;
        if (!changed)
            return true;
    }
    return false;
}

static bool takes_byte(const struct hp_instr *in)
{
    return in->op == HP_OP_BYTE || in->op == HP_OP_SET || in->op == HP_OP_RUN;
}

/* Is it reached behind the byte that this instruction takes? */
static bool reached_behind(const struct reached *r, uint32_t pc)
{
    return r->from[pc + 1] || (r->regex->code[pc].op == HP_OP_RUN && r->from[pc]);
}

/* May the regex be found anywhere but at the end of a text? */
static bool ends_anywhere(struct reached *r)
{
    r->match = true;
    r->at_end = false;
    if (!reach(r) || r->from[0])
        return true;
    for (uint32_t pc = 0; pc < r->regex->info.code_count; pc++)
        if (takes_byte(&r->regex->code[pc]) && reached_behind(r, pc))
            return true;
    return false;
}

static void allow(struct hunch_names *names, unsigned k, uint32_t bit, const struct reached *r,
                  uint32_t pc)
{
    const struct hp_instr *in = &r->regex->code[pc];
    for (unsigned b = 0; b < 256; b++)
        if (in->op == HP_OP_BYTE ? in->arg == b
                                 : hunch_class_has(r->regex->classes[in->x].bits, (uint8_t)b))
            names->end[k][b] |= bit;
}

/* From the last byte to the first, until one may be the first of a match: any may stand before it.
 */
static unsigned allow_ends(struct hunch_names *names, uint32_t bit, struct reached *r)
{
    unsigned k = 0;
    if (ends_anywhere(r))
        return k;
    r->at_end = true;
    for (; k < HUNCH_NAME_ENDS; k++) {
        if (!reach(r) || r->from[0])
            return k;
        for (uint32_t pc = 0; pc < r->regex->info.code_count; pc++) {
            r->take[pc] = takes_byte(&r->regex->code[pc]) && reached_behind(r, pc);
            if (r->take[pc])
                allow(names, k, bit, r, pc);
        }
        r->match = false;
    }
    return k;
}

hunch_status hunch_names_make(const struct hunch_program *p, const uint32_t *rule, uint32_t count,
                              struct hunch_names *names, struct hunch_error *err)
{
    memset(names, 0, sizeof *names);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t bit = 1u << (i < HUNCH_NAME_BITS ? i : (uint32_t)HUNCH_NAME_BITS - 1);
        const uint32_t pattern = p->stage[p->rule[rule[i]].stage].a;
        const struct hunch_regex_view regex = hunch_program_regex(p, p->pattern[pattern].regex);
        const size_t n = regex.info.code_count;
        uint8_t *room = hunch_alloc_array(p->a, n, 2);
        if (room == NULL)
            return hunch_fail_memory(err, 2 * n, "the plan of a scan");
        struct reached r = {.regex = &regex, .from = room, .take = room + n};
        for (unsigned k = allow_ends(names, bit, &r); k < HUNCH_NAME_ENDS; k++)
            for (unsigned b = 0; b < 256; b++)
                names->end[k][b] |= bit;
        hunch_free_array(p->a, room, n, 2);
    }
    return HUNCH_OK;
}

/* ---- one record ---- */

hunch_status hunch_worker_found_in_name(struct hunch_worker *w, uint32_t pattern, const char *name,
                                        size_t length, bool *found, struct hunch_error *err)
{
    const uint32_t index = w->program->pattern[pattern].regex;
    const struct hunch_regex_view regex = hunch_program_regex(w->program, index);
    struct hunch_source text = hunch_source_of(name, length);
    struct hunch_dfa_run run;
    bool usable;
    hunch_status status =
        hunch_dfa_find(&w->dfa, index, &regex, &text, 0, HUNCH_NOWHERE, true, &usable, &run, err);
    if (status != HUNCH_OK)
        return status;
    if (!usable)
        return hunch_worker_found_in(w, pattern, name, length, found, err);
    *found = run.end != HUNCH_NOWHERE;
    return HUNCH_OK;
}

bool hunch_worker_named(struct hunch_worker *w, const char *name, size_t length)
{
    const struct hunch_plan *plan = w->plan;
    const struct hunch_program *p = w->program;
    const uint32_t *rule = plan->always + plan->always_count - plan->named_count;
    const uint32_t bits = hunch_names_by_end(&plan->names, name, length);
    if (bits == 0)
        return false;
    for (uint32_t i = 0; i < plan->named_count; i++) {
        if (!(bits >> (i < HUNCH_NAME_BITS ? i : (uint32_t)HUNCH_NAME_BITS - 1) & 1u))
            continue;
        struct hunch_error err = {0};
        bool found = true;
        const struct hp_stage *s = &p->stage[p->rule[rule[i]].stage],
                              *end = s + p->rule[rule[i]].stage_count;
        for (; s < end && s->kind == HP_STAGE_PATH && found; s++)
            if (hunch_worker_found_in_name(w, s->a, name, length, &found, &err) != HUNCH_OK)
                return true; /* it is met again where that can be said */
        if (found)
            return true;
    }
    return false;
}
