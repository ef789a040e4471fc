/* confirm.cu: from hits to those that the host has to look at, and to what each group of rules
 * commits. */
#include "confirm.h"
#include "run_tile.h"
#include "tuning.h"

/* A lane's machine: in its own memory, of which the lanes of a warp have neighbouring words. */
struct lane {
    struct hunch_follow_machine machine;
    uint64_t slots[2 * (HUNCH_CONFIRM_GROUPS + 1)]; /* of a candidate */
    uint64_t block[2 * HUNCH_CONFIRM_ROOM + (2 * HUNCH_CONFIRM_ROOM + 1) * HUNCH_CONFIRM_GROUPS];
};

/* All hits of a record, once gates have been asked for each. */
HUNCH_TILE struct hunch_record_hits hits_of(const struct hunch_confirm_hits_args &a,
                                            uint32_t record)
{
    struct hunch_record_hits hits = {a.hit, a.next, a.use, a.literal, 0, 0, 0, 0};
    if (a.chain == nullptr)
        return hits;
    hits.last = a.chain[record].last;
    hits.count = a.chain[record].count;
    hits.most = a.chain_most;
    hits.left = HUNCH_RECORD_LOOKS;
    return hits;
}

/* The number of the candidate's groups, from 1; 0: there are none, or no room. */
HUNCH_TILE uint32_t keep_groups(const struct hunch_confirm_hits_args &a,
                                const struct hunch_candidate &c)
{
    if (c.group_count == 0 || c.group_count > HUNCH_CAPTURED_GROUPS)
        return 0;
    const uint32_t n = atomicAdd(a.captured_count, 1u);
    if (n >= a.captured_capacity)
        return 0;
    /* All places: they are read at once. */
    for (uint32_t i = 0; i < 2 * HUNCH_CAPTURED_GROUPS; i++)
        a.captured[n].place[i] =
            i < 2 * c.group_count ? static_cast<uint32_t>(c.slots[2 + i]) : 0xffffffffu;
    return n + 1;
}

/* What it took to judge something. */
struct effort {
    uint64_t spent; /* bytes that were read */
    struct hunch_group_tally tally;
};

HUNCH_TILE void add_up(const struct hunch_confirm_hits_args &a, const struct effort &effort)
{
    atomicAdd(a.spent, static_cast<uint32_t>(effort.spent / HUNCH_SPENT_BLOCK) + 1u);
    if (effort.tally.traced > 0)
        atomicAdd(&a.tally->traced, effort.tally.traced);
    if (effort.tally.followed > 0)
        atomicAdd(&a.tally->followed, effort.tally.followed);
}

/* What the rules that search for the pattern make of a hit; *effort grows. */
HUNCH_TILE struct hunch_hit_verdict judge_hit(const struct hunch_confirm_hits_args &a,
                                              const struct hunch_use_hit &hit, struct lane *lane,
                                              struct effort *effort, struct hunch_lesson *lesson)
{
    const struct hunch_literal_use *use = &a.use[hit.use];
    const struct hunch_rule_lists *lists = &a.gating.searching;
    const uint32_t begin = a.slab.start[hit.record], size = a.slab.start[hit.record + 1] - begin;
    const struct hunch_text text = {a.slab.bytes + begin, 0, size, size};
    const struct hunch_stage_env env = {
        &a.tables,      &text,  &lane->machine, HUNCH_CONFIRM_BUDGET,
        &effort->spent, lesson, &effort->tally};
    struct hunch_hit_verdict verdict = {HUNCH_HIT_KEPT, 0, 0, 0};
    struct hunch_candidate c;
    hunch_follow_place(&lane->machine, HUNCH_CONFIRM_ROOM, HUNCH_CONFIRM_GROUPS, lane->block);
    c.slots = lane->slots;
    const enum hunch_stage_verdict match = hunch_confirm_tile(&env, use->anchor, hit.at, 0, &c);
    const uint8_t shared = a.gating.shared[use->pattern];
    if (match == HUNCH_STAGE_NO && !(shared & HUNCH_SHARED_HITS))
        verdict.kind = HUNCH_HIT_DROPPED;
    if (match != HUNCH_STAGE_YES || c.start == c.end || (use->flags & HP_PATTERN_OVERLAP))
        return verdict;
    verdict.start = static_cast<uint32_t>(c.start);
    verdict.end = static_cast<uint32_t>(c.end);
    verdict.captured = keep_groups(a, c);
    if (shared != 0)
        return verdict;
    struct hunch_record_hits hits = hits_of(a, hit.record);
    const uint32_t first = lists->first[use->pattern];
    for (uint32_t i = first; i < lists->first[use->pattern + 1]; i++) {
        if (i > first) /* the stages before have changed it */
            hunch_confirm_tile(&env, use->anchor, hit.at, 0, &c);
        const struct hunch_gated_rule *rule = &a.gating.rule[lists->rule[i]];
        const struct hp_stage *stage =
            &a.tables.stage[a.tables.rule[lists->rule[i]].stage + rule->search];
        if (hunch_candidate_narrow(&c, stage->capture) &&
            hunch_stages_tile(&env, a.chain != nullptr ? &hits : nullptr, lists->rule[i],
                              rule->search + 1, a.tables.rule[lists->rule[i]].stage_count,
                              &c) != HUNCH_STAGE_NO)
            return verdict;
    }
    verdict.kind = HUNCH_HIT_REJECTED;
    return verdict;
}

/* The same while there is something left to spend. */
HUNCH_TILE struct hunch_hit_verdict judge(const struct hunch_confirm_hits_args &a,
                                          const struct hunch_use_hit &hit, struct lane *lane)
{
    const struct hunch_hit_verdict kept = {HUNCH_HIT_KEPT, 0, 0, 0};
    struct hunch_lesson lesson = {hit.record, 0, HP_NONE};
    struct effort effort = {0, {0, 0}};
    if (*static_cast<const volatile uint32_t *>(a.spent) >= a.spent_most)
        return kept;
    const struct hunch_hit_verdict verdict = judge_hit(a, hit, lane, &effort, &lesson);
    add_up(a, effort);
    if (lesson.regex != HP_NONE) {
        const uint32_t n = atomicAdd(a.lesson_count, 1u);
        if (n < HUNCH_LESSONS)
            a.lesson[n] = lesson;
    }
    return verdict;
}

/* Puts a hit into the chain of its record, and the record into the list of those whose rules are
 * asked. */
HUNCH_TILE void chain(const struct hunch_confirm_hits_args &a, uint32_t i, uint32_t record,
                      uint32_t asked)
{
    struct hunch_chain *c = &a.chain[record];
    /* Nobody goes along a chain that is too long: then no more is added, for many lanes would wait
     * for each other at one word. */
    if (*static_cast<const volatile uint32_t *>(&c->count) <= a.chain_most) {
        a.next[i] = atomicExch(&c->last, i + 1);
        atomicAdd(&c->count, 1u);
    }
    if (asked && c->asked == 0 && atomicExch(&c->asked, 1u) == 0)
        a.chain[atomicAdd(a.asked_count, 1u)].list = record;
}

/* The record is needed where a run stands that an open rule asks for: it is looked for, once. */
HUNCH_TILE void ask_for_runs(const struct hunch_confirm_hits_args &a,
                             const struct hunch_presence *seen, uint32_t record, uint32_t pattern)
{
    const struct hunch_rule_lists *lists = &a.gating.asking;
    const uint32_t size = a.slab.start[record + 1] - a.slab.start[record];
    const uint32_t parts = (size + HUNCH_RUN_PART - 1) / HUNCH_RUN_PART;
    for (uint32_t i = lists->first[pattern]; i < lists->first[pattern + 1]; i++) {
        const struct hunch_gated_rule *rule = &a.gating.rule[lists->rule[i]];
        if (!(rule->flags & HUNCH_GATED_BY_RUNS) ||
            hunch_rule_gate(&a.gating, rule, seen) != HUNCH_GATE_IS_OPEN)
            continue;
        const uint64_t bit = 2 * (static_cast<uint64_t>(record) * a.run_rules + rule->run);
        uint32_t *state = &a.run_state[bit >> 5];
        const uint32_t shift = bit & 31u, asked = static_cast<uint32_t>(HUNCH_RUN_ASKED) << shift;
        if (atomicOr(state, asked) & asked)
            continue;
        const uint32_t place = atomicAdd(a.run_count, parts);
        if (parts > a.run_capacity || place > a.run_capacity - parts) {
            atomicOr(state, static_cast<uint32_t>(HUNCH_RUN_FOUND) << shift);
            a.record[record].needed = HUNCH_RECORD_READ;
        }
        for (uint32_t n = 0; n < parts && place + n < a.run_capacity; n++)
            a.run[place + n] = {record, lists->rule[i], n};
    }
}

/* One hit a lane. All hits of the slab are known, so what is asked of `seen` is final. Few hits are
 * to be judged, which takes long: they are put together, so that lanes of a warp do it side by
 * side. Rules whose gate is closed are asked once more than they need be. */
HUNCH_KERNEL_TIMED(hunch_gates_kernel, HUNCH_CONFIRM_THREADS, struct hunch_confirm_hits_args, a)
{
    const uint32_t count = *a.hit_count < a.hit_capacity ? *a.hit_count : a.hit_capacity;
    const uint32_t step = gridDim.x * blockDim.x;
    for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        const struct hunch_use_hit hit = a.hit[i];
        const struct hunch_literal_use *use = &a.use[hit.use];
        const struct hunch_presence seen = {nullptr, a.seen,
                                            static_cast<uint64_t>(hit.record) * a.pattern_count};
        const struct hunch_fate fate =
            hunch_hit_fate(&a.gating, a.seen ? &seen : nullptr, use->pattern, use->kind, a.ungated);
        struct hunch_hit_verdict verdict = {HUNCH_HIT_KEPT, 0, 0, 0};
        bool wanted = fate.wanted != 0; /* and somebody has to look at it now */
        if (!fate.kept && !wanted) {
            verdict.kind = HUNCH_HIT_DROPPED;
        } else if (use->kind == HP_PATTERN_REGEX && a.judged &&
                   a.verdict[i].kind != HUNCH_HIT_LATE) {
            verdict = a.verdict[i];
        } else if (wanted && (fate.wanted & ~a.now) == 0) {
            a.queue[atomicAdd(a.queue_count, 1u)] = i;
            wanted = false;
        }
        a.verdict[i] = verdict;
        struct hunch_record_state *state = &a.record[hit.record];
        if ((state->committed & fate.committed) != fate.committed)
            atomicOr(&state->committed, fate.committed);
        if (fate.needed || (wanted && verdict.kind == HUNCH_HIT_KEPT) ||
            (fate.runs && a.run_state == nullptr))
            state->needed = HUNCH_RECORD_NEEDED;
        else if (fate.runs)
            ask_for_runs(a, a.seen ? &seen : nullptr, hit.record, use->pattern);
        if (a.chain != nullptr)
            chain(a, i, hit.record, fate.asked);
    }
}

/* A part a warp. */
HUNCH_KERNEL_TIMED(hunch_runs_kernel, HUNCH_CONFIRM_THREADS, struct hunch_confirm_hits_args, a)
{
    const uint32_t lane = threadIdx.x % 32, step = gridDim.x * (blockDim.x / 32);
    const uint32_t count = *a.run_count < a.run_capacity ? *a.run_count : a.run_capacity;
    for (uint32_t i = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32; i < count; i += step) {
        const struct hunch_run_part part = a.run[i];
        const struct hunch_gated_rule *rule = &a.gating.rule[part.rule];
        const uint8_t *bits = a.tables.classes[rule->run_class].bits;
        const uint32_t begin = a.slab.start[part.record], n = rule->run_length;
        const uint32_t size = a.slab.start[part.record + 1] - begin;
        const uint32_t low = part.part * HUNCH_RUN_PART;
        const uint32_t end = size - low < HUNCH_RUN_PART ? size : low + HUNCH_RUN_PART;
        const uint64_t bit = 2 * (static_cast<uint64_t>(part.record) * a.run_rules + rule->run);
        uint32_t *state = &a.run_state[bit >> 5];
        const uint32_t found = static_cast<uint32_t>(HUNCH_RUN_FOUND) << (bit & 31u);
        /* The first multiple of n from `low` on, and every lane one of the next 32. */
        for (uint64_t at = (low + static_cast<uint64_t>(n) - 1) / n; at * n < end; at += 32) {
            if (__any_sync(0xffffffffu, *static_cast<volatile uint32_t *>(state) & found))
                break;
            const uint64_t place = (at + lane) * n;
            if (place < end && hunch_run_tile(bits, n, a.slab.bytes + begin, size, place)) {
                a.record[part.record].needed = HUNCH_RECORD_READ;
                atomicOr(state, found);
            }
        }
    }
}

/* Has the host to decide a rule BY_RECORD that the record's hits make a candidate? */
HUNCH_TILE_CALLED bool ask_rules(const struct hunch_confirm_hits_args &a, uint32_t record,
                                 struct lane *lane, struct effort *effort)
{
    const uint32_t begin = a.slab.start[record], size = a.slab.start[record + 1] - begin;
    const struct hunch_text text = {a.slab.bytes + begin, 0, size, size};
    const struct hunch_stage_env env = {
        &a.tables,      &text,   &lane->machine, HUNCH_CONFIRM_BUDGET,
        &effort->spent, nullptr, &effort->tally};
    const struct hunch_presence seen = {nullptr, a.seen,
                                        static_cast<uint64_t>(record) * a.pattern_count};
    const struct hunch_rule_lists *lists = &a.gating.asking;
    struct hunch_record_hits hits = hits_of(a, record);
    uint32_t asked[HUNCH_RECORD_RULES], count = 0;
    struct hunch_candidate c;
    c.slots = lane->slots;
    hunch_follow_place(&lane->machine, HUNCH_CONFIRM_ROOM, HUNCH_CONFIRM_GROUPS, lane->block);
    if (hits.count > hits.most)
        return true;
    for (uint32_t h = hits.last; h != 0; h = a.next[h - 1]) {
        const uint32_t pattern = a.use[a.hit[h - 1].use].pattern;
        for (uint32_t i = lists->first[pattern]; i < lists->first[pattern + 1]; i++) {
            const uint32_t rule = lists->rule[i];
            const struct hunch_gated_rule *gated = &a.gating.rule[rule];
            uint32_t k = 0;
            while (k < count && asked[k] != rule)
                k++;
            if (!(gated->flags & HUNCH_GATED_BY_RECORD) || k < count ||
                hunch_rule_gate(&a.gating, gated, a.seen ? &seen : nullptr) != HUNCH_GATE_IS_OPEN)
                continue;
            if (count == HUNCH_RECORD_RULES)
                return true;
            asked[count++] = rule;
            hits.left = HUNCH_RECORD_LOOKS;
            if (hunch_rule_tile(&env, &hits, rule, &c) != HUNCH_STAGE_NO)
                return true;
        }
    }
    return false;
}

/* One of those hits a lane, then one of the records whose rules are asked: neither waits for the
 * other. */
HUNCH_KERNEL_BESIDE(hunch_judge_kernel, HUNCH_JUDGE_THREADS, struct hunch_confirm_hits_args, a,
                    HUNCH_JUDGE_BLOCKS)
{
    const uint32_t step = gridDim.x * blockDim.x, count = *a.queue_count;
    const uint32_t asked = a.chain != nullptr ? *a.asked_count : 0;
    struct lane lane;
    for (uint32_t n = blockIdx.x * blockDim.x + threadIdx.x; n < count; n += step) {
        const uint32_t i = a.queue[n];
        const struct hunch_use_hit hit = a.hit[i];
        a.verdict[i] = judge(a, hit, &lane);
        if (a.verdict[i].kind == HUNCH_HIT_KEPT)
            a.record[hit.record].needed = HUNCH_RECORD_NEEDED;
    }
    for (uint32_t n = blockIdx.x * blockDim.x + threadIdx.x; n < asked; n += step) {
        const uint32_t record = a.chain[n].list;
        struct effort effort = {0, {0, 0}};
        if (a.record[record].needed != HUNCH_RECORD_SILENT)
            continue;
        if (*static_cast<const volatile uint32_t *>(a.spent) >= a.spent_most ||
            ask_rules(a, record, &lane, &effort))
            a.record[record].needed = HUNCH_RECORD_NEEDED;
        add_up(a, effort);
    }
}

/* Kept hits of records that are needed, and rejected ones. */
HUNCH_KERNEL_TIMED(hunch_collect_kernel, HUNCH_CONFIRM_THREADS, struct hunch_collect_args, a)
{
    const uint32_t count = *a.hit_count < a.hit_capacity ? *a.hit_count : a.hit_capacity;
    const uint32_t step = gridDim.x * blockDim.x;
    for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        struct hunch_kept_hit kept = {a.hit[i], a.verdict[i], {}};
        const bool needed = a.every || a.record[kept.hit.record].needed;
        if (kept.verdict.kind != HUNCH_HIT_REJECTED &&
            (kept.verdict.kind != HUNCH_HIT_KEPT || !needed))
            continue;
        if (kept.verdict.captured > 0)
            kept.captured = a.captured[kept.verdict.captured - 1];
        a.kept[atomicAdd(a.kept_count, 1u)] = kept;
    }
}
