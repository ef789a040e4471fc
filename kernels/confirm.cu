/* confirm.cu: from hits to those that the host has to look at, and to what each group of rules
 * commits. */
#include "confirm.h"
#include "tuning.h"

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
        const struct hunch_presence seen = {nullptr, a.seen,
                                            static_cast<uint64_t>(hit.record) * a.pattern_count};
        struct hunch_fate fate =
            hunch_hit_fate(&a.gating, a.seen ? &seen : nullptr, use->pattern, use->kind, a.ungated);
        bool keep = fate.kept || fate.wanted != 0;
        if (use->kind == HP_PATTERN_REGEX && keep && (fate.wanted & ~a.now) == 0) {
            if (!ready) {
                hunch_vm_place(&vm, &a.machine, a.memory + lane * hunch_vm_words(&a.machine));
                ready = true;
            }
            keep = may_match(a, hit, &vm);
            fate.wanted = keep ? fate.wanted : 0;
        }
        a.keep[i] = keep;
        struct hunch_record_state *state = &a.record[hit.record];
        if ((state->committed & fate.committed) != fate.committed)
            atomicOr(&state->committed, fate.committed);
        if (fate.needed || fate.wanted)
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
