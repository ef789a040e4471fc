/* confirm.cu: from hits to those that the host has to look at, and to what each group of rules
 * commits. */
#include "confirm.h"
#include "confirm_tile.h"
#include "gate_tile.h"
#include "tuning.h"

/* May the rule's gate hold? What the device cannot know may. */
HUNCH_TILE bool may_hold(const struct hunch_confirm_args &a, const struct hunch_device_rule &rule,
                         uint32_t record)
{
    if (!(rule.flags & HUNCH_RULE_GATE_KNOWN) || (a.seen == nullptr && rule.gate_count > 0))
        return true;
    const struct hunch_presence seen = {nullptr, a.seen,
                                        static_cast<uint64_t>(record) * a.pattern_count};
    return hunch_gate_tile(a.tables.word + rule.gate, rule.gate_count, seen);
}

/* Can a match of the pattern hold this hit? What a lane's machine is too small for can. */
HUNCH_TILE bool may_match(const struct hunch_confirm_args &a, const struct hunch_use_hit &hit,
                          struct hunch_vm *vm)
{
    const uint32_t begin = a.slab.start[hit.record], size = a.slab.start[hit.record + 1] - begin;
    const struct hunch_text text = {a.slab.bytes + begin, 0, size, size};
    const struct hunch_stage_env env = {&a.tables, &text, vm, HUNCH_CONFIRM_BUDGET};
    struct hunch_candidate candidate = {};
    return hunch_confirm_tile(&env, a.use[hit.use].anchor, hit.at, 0, &candidate) != HUNCH_STAGE_NO;
}

/* One hit a lane. Gates: all hits of the slab are known, so what is asked of `seen` is final.
 * Confirmers: each lane has a machine; its memory is made ready when it has its first hit, for most
 * dispatches have fewer hits than lanes. */
HUNCH_KERNEL(hunch_confirm_hits_kernel, HUNCH_CONFIRM_THREADS, struct hunch_confirm_args, a)
{
    const uint32_t count = *a.hit_count < a.hit_capacity ? *a.hit_count : a.hit_capacity;
    const uint32_t step = gridDim.x * blockDim.x, lane = blockIdx.x * blockDim.x + threadIdx.x;
    struct hunch_vm vm;
    bool ready = false;
    for (uint32_t i = lane; i < count; i += step) {
        const struct hunch_use_hit hit = a.hit[i];
        const struct hunch_literal_use *use = &a.use[hit.use];
        const uint32_t pattern = use->pattern;
        struct hunch_record_state *state = &a.record[hit.record];
        uint32_t committed = 0, needed = 0, wanted = 0, keep = 1;
        for (uint32_t k = a.asking.first[pattern]; k < a.asking.first[pattern + 1]; k++) {
            const struct hunch_device_rule rule = a.rule[a.asking.rule[k]];
            if (!may_hold(a, rule, hit.record))
                continue;
            if (rule.flags & HUNCH_RULE_GATE_KNOWN)
                committed |= 1u << rule.group;
            needed |= !(rule.flags & HUNCH_RULE_BY_HITS);
        }
        if (use->kind == HP_PATTERN_REGEX) {
            for (uint32_t k = a.searching.first[pattern];
                 k < a.searching.first[pattern + 1] && !wanted; k++)
                wanted = !a.gated || may_hold(a, a.rule[a.searching.rule[k]], hit.record);
            keep = wanted | a.shared_pattern[pattern];
            if (keep && !ready) {
                hunch_vm_place(&vm, &a.machine, a.memory + lane * hunch_vm_words(&a.machine));
                ready = true;
            }
            if (keep && !may_match(a, hit, &vm))
                keep = wanted = 0;
            needed |= wanted;
        }
        a.keep[i] = static_cast<uint8_t>(keep);
        if ((state->committed & committed) != committed)
            atomicOr(&state->committed, committed);
        if (needed)
            state->needed = 1;
    }
}

/* Hits that are kept, of records that are needed. */
HUNCH_KERNEL(hunch_collect_kernel, HUNCH_CONFIRM_THREADS, struct hunch_collect_args, a)
{
    const uint32_t count = *a.hit_count < a.hit_capacity ? *a.hit_count : a.hit_capacity;
    const uint32_t step = gridDim.x * blockDim.x;
    for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        const struct hunch_use_hit hit = a.hit[i];
        if (a.keep[i] && (a.every || a.record[hit.record].needed))
            a.kept[atomicAdd(a.kept_count, 1u)] = hit;
    }
}
