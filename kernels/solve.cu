/* solve.cu: where values get to in the functions of a graph, a warp each: the phases of
 * runtime/graph/solve.c. Values are pushed from node to node along edges, so that work is by what
 * is reached; masks and rows only grow, so that no order of warps makes another answer. */
#include "solve.h"

#define EVERY 0xffffffffu

/* Bits of state.node. */
#define REACHED 1u
#define WAITS 2u
#define FRESH 4u /* more has come to it from another function */

/* What a warp knows; all lanes the same but for `team`, `word` and `row_lane`. */
struct warp {
    const struct hunch_flow_function *function;
    uint32_t number, lane;
    uint32_t span, teams, team, word; /* lanes of a team, teams; this lane's */
    uint32_t words;
    bool has_word;
    const uint32_t *label, *first;
    uint32_t *rows;          /* of the function */
    uint32_t *node;          /* its bits */
    uint32_t *circle, *list; /* nodes that wait; nodes that were reached */
    uint32_t head, waiting, reached;
};

HUNCH_TILE struct warp warp_of(const struct hunch_solve_args &a, uint32_t f, uint32_t *rows)
{
    struct warp w;
    w.function = &a.graph.function[f];
    w.number = f;
    w.lane = threadIdx.x & 31u;
    w.words = static_cast<uint32_t>(a.rules.words);
    for (w.span = 1; w.span < w.words;)
        w.span *= 2;
    w.teams = 32u / w.span;
    w.team = w.lane / w.span;
    w.word = w.lane % w.span;
    w.has_word = w.word < w.words;
    w.label = a.graph.label + w.function->node;
    w.first = a.graph.out_first + w.function->node + f;
    w.rows = rows + static_cast<uint64_t>(w.function->node) * w.words;
    w.node = a.state.node + w.function->node;
    w.circle = a.state.work + 2ull * w.function->node;
    w.list = w.circle + w.function->node_count;
    w.head = w.waiting = w.reached = 0;
    return w;
}

HUNCH_TILE uint32_t *word_of(const struct warp &w, uint32_t *rows, uint64_t row)
{
    return rows + row * w.words + w.word;
}

HUNCH_TILE const uint32_t *word_of(const struct warp &w, const uint32_t *rows, uint64_t row)
{
    return rows + row * w.words + w.word;
}

/* Lanes of this lane's team. */
HUNCH_TILE uint32_t team_of(const struct warp &w)
{
    return (w.span == 32 ? EVERY : (1u << w.span) - 1u) << (w.team * w.span);
}

/* *to |= bits; what was not there before. Others may do the same at the same time. */
HUNCH_TILE uint32_t grow(uint32_t *to, uint32_t bits)
{
    bits &= ~__ldcg(to);
    return bits == 0 ? 0 : bits & ~atomicOr(to, bits);
}

/* Nodes of the lanes that have one wait for their turn. All lanes call it. */
HUNCH_TILE void wait_for_turn(struct warp &w, bool has, uint32_t n)
{
    const uint32_t below = (1u << w.lane) - 1u,
                   before = has ? atomicOr(&w.node[n], REACHED | WAITS) : REACHED | WAITS;
    const uint32_t anew = __ballot_sync(EVERY, !(before & REACHED)),
                   added = __ballot_sync(EVERY, !(before & WAITS));
    if (!(before & REACHED))
        w.list[w.reached + static_cast<uint32_t>(__popc(anew & below))] = n;
    if (!(before & WAITS)) {
        uint32_t at = w.head + w.waiting + static_cast<uint32_t>(__popc(added & below));
        if (at >= w.function->node_count)
            at -= w.function->node_count;
        w.circle[at] = n;
    }
    w.reached += static_cast<uint32_t>(__popc(anew));
    w.waiting += static_cast<uint32_t>(__popc(added));
}

/* More may get to a node of another function, which is looked at in the next launch. */
HUNCH_TILE void spread(const struct hunch_solve_args &a, const struct warp &w,
                       const struct hunch_flow_cross &to, uint32_t from)
{
    const uint32_t keep = w.has_word ? *word_of(w, a.rules.keep, a.graph.label[to.node]) : 0;
    if (grow(word_of(w, a.state.maybe, to.node), from & keep) == 0)
        return;
    __threadfence(); /* who sees that it is fresh sees what has come */
    atomicOr(&a.state.node[to.node], FRESH);
    if (atomicExch(&a.state.round[to.function], a.round + 1) != a.round + 1) {
        const uint32_t next = (a.round + 1) & 1u;
        a.state.list[next][atomicAdd(&a.state.cells->listed[next], 1u)] = to.function;
    }
}

/* From nodes that wait along edges, of the masks below `limit`, until none waits: a team takes one
 * node. everywhere: into callers and callees, too. */
HUNCH_TILE void push(const struct hunch_solve_args &a, struct warp &w, const uint32_t *mask,
                     uint64_t limit, bool everywhere)
{
    const uint32_t team = team_of(w);
    while (w.waiting > 0) {
        __syncwarp(); /* who waits is written */
        const uint32_t taken = w.waiting < w.teams ? w.waiting : w.teams;
        const bool has = w.team < taken;
        uint32_t n = 0, e = 0, end = 0, from = 0;
        if (has) {
            const uint32_t at = w.head + w.team;
            n = w.circle[at < w.function->node_count ? at : at - w.function->node_count];
            e = w.first[n];
            end = w.first[n + 1];
            if (w.word == 0)
                atomicAnd(&w.node[n], ~WAITS);
        }
        w.head += taken;
        if (w.head >= w.function->node_count)
            w.head -= w.function->node_count;
        w.waiting -= taken;
        __threadfence_block();
        __syncwarp(); /* what comes from here on makes it wait again */
        if (has && w.has_word)
            from = __ldcg(word_of(w, w.rows, n));
        for (; __any_sync(EVERY, e < end); e++) {
            uint32_t to = 0, more = 0;
            if (e < end) {
                const struct hunch_flow_in out = a.graph.out[e];
                to = out.from;
                if (w.has_word && out.mask < limit)
                    more = grow(word_of(w, w.rows, to), from & *word_of(w, mask, out.mask) &
                                                            *word_of(w, a.rules.keep, w.label[to]));
            }
            const bool any = (__ballot_sync(EVERY, more != 0) & team) != 0;
            __threadfence_block();
            wait_for_turn(w, any && w.word == 0, to);
        }
        if (everywhere && has) {
            const uint32_t node = w.function->node + n;
            for (uint32_t c = a.graph.cross_first[node]; c < a.graph.cross_first[node + 1]; c++)
                if (w.has_word)
                    spread(a, w, a.graph.cross[c], from);
        }
    }
}

/* Forgets which nodes were reached, and, where rows are to be 0 again, what got there. */
HUNCH_TILE void forget(struct warp &w, bool rows)
{
    __syncwarp();
    for (uint32_t i = w.lane; i < w.reached; i += 32)
        w.node[w.list[i]] = 0;
    for (uint32_t i = w.team; rows && i < w.reached; i += w.teams)
        if (w.has_word)
            *word_of(w, w.rows, w.list[i]) = 0;
    w.reached = 0;
    __threadfence_block();
    __syncwarp();
}

/* Sources of the function, each node by a lane, which takes one word after the other. */
HUNCH_TILE void begin_sources(const struct hunch_solve_args &a, struct warp &w)
{
    for (uint32_t base = 0; base < w.function->node_count; base += 32) {
        const uint32_t n = base + w.lane;
        uint32_t more = 0;
        if (n < w.function->node_count) {
            const uint64_t label = w.label[n];
            for (uint32_t some = a.rules.gen_words[label]; some != 0; some &= some - 1) {
                const uint64_t i = static_cast<uint32_t>(__ffs(static_cast<int>(some))) - 1;
                more |= grow(&w.rows[n * uint64_t{w.words} + i],
                             a.rules.gen[label * w.words + i] & a.rules.keep[label * w.words + i]);
            }
        }
        if (__any_sync(EVERY, more != 0)) {
            __threadfence_block();
            wait_for_turn(w, more != 0, n);
        }
    }
}

/* What calls bring back of sources below them. */
HUNCH_TILE void begin_calls(const struct hunch_solve_args &a, struct warp &w)
{
    const uint32_t begin = a.graph.source_first[w.number], end = a.graph.source_first[w.number + 1];
    for (uint32_t base = begin; base < end; base += w.teams) {
        uint32_t n = 0, more = 0;
        if (base + w.team < end && w.has_word) {
            const struct hunch_flow_source source = a.graph.source[base + w.team];
            n = source.node;
            more = grow(word_of(w, w.rows, n), *word_of(w, a.state.mask, source.mask) &
                                                   *word_of(w, a.rules.keep, w.label[n]));
        }
        const uint32_t some = __ballot_sync(EVERY, more != 0);
        if (some != 0) {
            __threadfence_block();
            wait_for_turn(w, w.word == 0 && (some & team_of(w)) != 0, n);
        }
    }
}

/* What may leave the function by a result goes into mask row `to`: true in lanes where it grew. */
HUNCH_TILE bool go_back(const struct hunch_solve_args &a, const struct warp &w, uint64_t to,
                        uint32_t result)
{
    const uint64_t label = w.label[result];
    uint32_t gate = a.rules.leave[w.word];
    if (a.rules.give != nullptr)
        gate |= *word_of(w, a.rules.give, label);
    return grow(word_of(w, a.state.mask, to), __ldcg(word_of(w, w.rows, result)) & gate) != 0;
}

/* Functions of this level that are to be looked at again. */
HUNCH_TILE void again(const struct hunch_solve_args &a, uint32_t of, uint32_t f)
{
    if (a.graph.level[f] != a.graph.level[of])
        return;
    a.state.round[f] = a.round + 1;
    a.state.cells->more = 1;
}

/* ---- the kernels ---- */

HUNCH_TILE uint32_t warp_number()
{
    return blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
}

HUNCH_TILE uint32_t warp_count()
{
    return gridDim.x * (blockDim.x / 32);
}

HUNCH_TILE void ended(const struct hunch_solve_args &a)
{
    if (blockIdx.x == 0 && threadIdx.x == 0)
        atomicAdd(&a.state.cells->launches, 1u);
}

/* The phase mingle; its first launch looks at all functions, for sources. */
HUNCH_KERNEL(hunch_solve_mingle_kernel, HUNCH_SOLVE_THREADS, struct hunch_solve_args, a)
{
    const uint64_t count = a.all ? a.graph.function_count : a.state.cells->listed[a.round & 1u];
    for (uint64_t i = warp_number(); i < count; i += warp_count()) {
        const uint32_t f = a.all ? static_cast<uint32_t>(i) : a.state.list[a.round & 1u][i];
        struct warp w = warp_of(a, f, a.state.maybe);
        if (a.all)
            begin_sources(a, w);
        for (uint32_t base = 0; !a.all && base < w.function->node_count; base += 32) {
            const uint32_t n = base + w.lane;
            bool fresh = n < w.function->node_count && (__ldcg(&w.node[n]) & FRESH) != 0;
            if (fresh) /* by what the atomic saw: what came before it is there then */
                fresh = (atomicAnd(&w.node[n], ~FRESH) & FRESH) != 0;
            if (__any_sync(EVERY, fresh)) {
                __threadfence();
                wait_for_turn(w, fresh, n);
            }
        }
        if (w.lane == 0 && w.waiting > 0)
            a.state.used[f] = 1;
        push(a, w, a.rules.pass, a.graph.transfer_mask, true);
        /* Others may have made nodes fresh meanwhile. */
        for (uint32_t k = w.lane; k < w.reached; k += 32)
            atomicAnd(&w.node[w.list[k]], ~REACHED);
        __syncwarp();
    }
    ended(a);
}

/* One lane asks: others may change the answer meanwhile. */
HUNCH_TILE bool looked_at(const struct hunch_solve_args &a, uint32_t f)
{
    const bool is = a.state.used[f] != 0 && (a.all || __ldcg(&a.state.round[f]) == a.round);
    return __shfl_sync(EVERY, static_cast<int>(is), 0) != 0;
}

/* The phase up, of one level: transfers and results of functions from those of what they call. */
HUNCH_KERNEL(hunch_solve_up_kernel, HUNCH_SOLVE_THREADS, struct hunch_solve_args, a)
{
    for (uint64_t i = a.begin + warp_number(); i < a.end; i += warp_count()) {
        const uint32_t f = a.graph.order[i];
        if (!looked_at(a, f))
            continue;
        struct warp w = warp_of(a, f, a.state.row);
        const struct hunch_transfer *transfer = a.graph.transfer + w.function->transfer;
        bool changed = false;
        for (uint32_t t = 0; t < w.function->transfer_count;) {
            const uint32_t formal = transfer[t].formal,
                           node = a.graph.formal[w.function->formal + formal];
            uint32_t more = 0;
            if (w.team == 0 && w.has_word)
                more = grow(word_of(w, w.rows, node),
                            a.rules.enter[w.word] & *word_of(w, a.rules.keep, w.label[node]) &
                                *word_of(w, a.state.maybe, w.function->node + uint64_t{node}));
            const bool any = __any_sync(EVERY, more != 0) != 0;
            if (any) {
                __threadfence_block();
                wait_for_turn(w, w.lane == 0, node);
                push(a, w, a.state.mask, EVERY, false);
            }
            uint32_t last = t;
            while (last < w.function->transfer_count && transfer[last].formal == formal)
                last++;
            for (uint32_t k = t + w.team; any && k < last; k += w.teams)
                if (w.has_word)
                    changed |= go_back(a, w, a.graph.transfer_mask + w.function->transfer + k,
                                       a.graph.result[w.function->result + transfer[k].result]);
            if (any)
                forget(w, true);
            t = last;
        }
        begin_sources(a, w);
        begin_calls(a, w);
        push(a, w, a.state.mask, EVERY, false);
        for (uint32_t r = w.team; r < w.function->result_count; r += w.teams)
            if (w.has_word)
                changed |= go_back(a, w, a.graph.result_mask + w.function->result + r,
                                   a.graph.result[w.function->result + r]);
        forget(w, true);
        if (__any_sync(EVERY, changed))
            for (uint32_t c = a.graph.caller_first[f] + w.lane; c < a.graph.caller_first[f + 1];
                 c += 32)
                again(a, f, a.graph.caller[c]);
    }
    ended(a);
}

/* The phase down, of one level: what gets to nodes, and what goes into calls. */
HUNCH_KERNEL(hunch_solve_down_kernel, HUNCH_SOLVE_THREADS, struct hunch_solve_args, a)
{
    for (uint64_t i = a.begin + warp_number(); i < a.end; i += warp_count()) {
        const uint32_t f = a.graph.order[i];
        if (!looked_at(a, f))
            continue;
        struct warp w = warp_of(a, f, a.state.row);
        for (uint32_t base = 0; base < w.function->formal_count; base += w.teams) {
            const uint32_t formal = w.function->formal + base + w.team;
            uint32_t n = 0, more = 0;
            if (base + w.team < w.function->formal_count && w.has_word) {
                n = a.graph.formal[formal];
                more = grow(word_of(w, w.rows, n), __ldcg(word_of(w, a.state.down, formal)) &
                                                       *word_of(w, a.rules.keep, w.label[n]));
            }
            const uint32_t some = __ballot_sync(EVERY, more != 0);
            if (some != 0) {
                __threadfence_block();
                wait_for_turn(w, w.word == 0 && (some & team_of(w)) != 0, n);
            }
        }
        begin_sources(a, w);
        begin_calls(a, w);
        push(a, w, a.state.mask, EVERY, false);
        for (uint32_t b = w.team; b < w.function->bind_count; b += w.teams) {
            const struct hunch_flow_bind bind = a.graph.bind[w.function->bind + b];
            if (w.has_word &&
                grow(word_of(w, a.state.down,
                             a.graph.function[bind.callee].formal + uint64_t{bind.formal}),
                     __ldcg(word_of(w, w.rows, bind.node)) & a.rules.enter[w.word]) != 0) {
                __threadfence();
                again(a, f, bind.callee);
            }
        }
        forget(w, false);
    }
    ended(a);
}

/* What is found: rules for which a node that a value gets to is a sink. */
HUNCH_KERNEL(hunch_solve_hits_kernel, HUNCH_SOLVE_THREADS, struct hunch_solve_args, a)
{
    for (uint64_t f = warp_number(); f < a.graph.function_count; f += warp_count()) {
        if (a.state.used[f] == 0)
            continue;
        const struct warp w = warp_of(a, static_cast<uint32_t>(f), a.state.row);
        for (uint32_t n = w.team; n < w.function->node_count; n += w.teams) {
            if (!w.has_word)
                continue;
            uint32_t bits = *word_of(w, w.rows, n) & *word_of(w, a.rules.sink, w.label[n]);
            for (; bits != 0; bits &= bits - 1) {
                const unsigned long long at = atomicAdd(&a.state.cells->hits, 1ull);
                const uint32_t bit = static_cast<uint32_t>(__ffs(static_cast<int>(bits))) - 1;
                if (at < a.state.hit_capacity)
                    a.state.hit[at] = {static_cast<uint32_t>(f), n, w.word * 32 + bit};
            }
        }
    }
    ended(a);
}
