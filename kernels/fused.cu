/* fused.cu: a whole dispatch in one launch, whose blocks all run at once: confirmers start at each
 * hit as soon as it is found, whatever the gate of their rule will say. When all blocks are done
 * the gates are asked, and what was found is committed or rolled back. */
#define HUNCH_KERNELS_ARE_FUNCTIONS
#include "prefilter.cu"

#include "confirm.cu"
#include "fused.h"

/* Waits for all blocks; what they wrote before can be read behind. round: 1, 2, ... */
HUNCH_TILE void wait_for_all(uint32_t *arrived, uint32_t round)
{
    __syncthreads();
    if (threadIdx.x == 0) {
        __threadfence();
        atomicAdd(arrived, 1u);
        while (atomicAdd(arrived, 0u) < round * gridDim.x)
            __nanosleep(32);
        __threadfence();
    }
    __syncthreads();
}

/* Lanes have one machine at a time: it is as large as all else that they keep. */
HUNCH_TILE_CALLED struct hunch_hit_verdict judge_now(const struct hunch_confirm_hits_args &a,
                                                     const struct hunch_use_hit &hit)
{
    struct lane lane;
    return judge(a, hit, &lane);
}

HUNCH_TILE_CALLED void judge_late(const struct hunch_confirm_hits_args &a)
{
    hunch_judge_kernel(a);
}

/* The guess: every use of the literal is judged now. */
HUNCH_TILE void occurs(const struct hunch_prefilter_args &prefilter, uint32_t place,
                       struct hunch_literal_hit hit)
{
    const struct hunch_fused_args &a = reinterpret_cast<const struct hunch_fused_args &>(prefilter);
    (void)place;
    each_use(a.hits, hit, [&a](uint32_t use_place) {
        const struct hunch_use_hit use_hit = a.hits.hit[use_place];
        const uint32_t pattern = a.hits.use[use_hit.use].pattern;
        if (a.hits.use[use_hit.use].kind != HP_PATTERN_REGEX)
            return;
        const struct hunch_rule_lists &lists = a.confirm.gating.searching;
        uint32_t groups = 0, flags = 0;
        for (uint32_t i = lists.first[pattern]; i < lists.first[pattern + 1]; i++) {
            const struct hunch_gated_rule &rule = a.confirm.gating.rule[lists.rule[i]];
            groups |= static_cast<uint32_t>(rule.gate_count > 0) << rule.group;
            flags |= rule.flags;
        }
        struct hunch_hit_verdict verdict = {HUNCH_HIT_LATE, 0, 0, 0};
        if (!(flags & HUNCH_GATED_LATE))
            verdict = judge_now(a.confirm, use_hit);
        a.confirm.verdict[use_place] = verdict;
        atomicOr(&a.confirm.record[use_hit.record].speculated, groups);
    });
}

/* The counter tail. */
HUNCH_TILE void count_tiles(const struct hunch_fused_args &a)
{
    const uint32_t step = gridDim.x * blockDim.x;
    for (uint32_t r = blockIdx.x * blockDim.x + threadIdx.x; r < a.confirm.slab.record_count;
         r += step) {
        const uint32_t size = a.confirm.slab.start[r + 1] - a.confirm.slab.start[r];
        const uint32_t tiles = size == 0 ? 1 : (size - 1) / a.tile_size + 1;
        const uint32_t won = static_cast<uint32_t>(__popc(a.confirm.record[r].committed));
        if (won > 0)
            atomicAdd(&a.counters->committed, tiles * won);
        atomicAdd(&a.counters->rolled_back, tiles * (a.groups - won));
    }
}

HUNCH_KERNEL_OF_ALL(hunch_fused_kernel, HUNCH_PREFILTER_THREADS, struct hunch_fused_args, a)
{
    hunch_prefilter_kernel(a.prefilter);
    wait_for_all(a.arrived, 1);
    hunch_gates_kernel(a.confirm);
    wait_for_all(a.arrived, 2);
    hunch_runs_kernel(a.confirm);
    if (a.confirm.chain != nullptr)
        judge_late(a.confirm);
    wait_for_all(a.arrived, 3);
    hunch_collect_kernel(a.collect);
    count_tiles(a);
}
