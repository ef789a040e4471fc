/* meet.cc: where lanes wait for each other: warp operations, barriers. What CUDA leaves undefined
 * is an error here, with the lane and the line. Called on the lanes' stacks, but for settle_*,
 * which the scheduler calls too when a lane has ended. */
#include "machine.h"

namespace simt
{
static const char *const op_names[] = {
    "__syncwarp",        "__ballot_sync",     "__any_sync",          "__all_sync",
    "__shfl_sync",       "__match_any_sync",  "__match_all_sync",    "__reduce_add_sync",
    "__reduce_min_sync", "__reduce_max_sync", "__reduce_and_sync",   "__reduce_or_sync",
    "__reduce_xor_sync", "__syncthreads",     "__syncthreads_count", "__syncthreads_and",
    "__syncthreads_or",
};

const char *op_name(op what)
{
    return op_names[(int)what];
}

void give_up()
{
    simt_machine &m = *current;
    fiber_leave(m.hub, m.running->thread, true);
    __builtin_unreachable();
}

/* To the scheduler, until somebody wakes this lane; its result. */
static uint64_t wait()
{
    simt_machine &m = *current;
    lane &l = *m.running;
    fiber_leave(m.hub, l.thread, false);
    return l.out;
}

/* What each of the lanes gets. `lanes` are those of the mask that have not ended. */
static uint64_t result_of(const lane *warp, unsigned lanes, const lane &l)
{
    const unsigned self = l.seen.lane;
    uint64_t sum = 0, least = ~(uint64_t)0, most = 0, all_bits = ~(uint64_t)0, any_bits = 0,
             odd = 0;
    unsigned holding = 0, equal = 0;
    if (l.what == op::shuffle)
        return warp[l.source].in;
    for (unsigned i = 0; i < 32; i++) {
        if ((lanes >> i & 1u) == 0)
            continue;
        const uint64_t in = warp[i].in;
        holding |= (in != 0 ? 1u : 0u) << i;
        equal |= (in == warp[self].in ? 1u : 0u) << i;
        sum += in;
        least = in < least ? in : least;
        most = in > most ? in : most;
        all_bits &= in;
        any_bits |= in;
        odd ^= in;
    }
    switch (l.what) {
    case op::ballot: return holding;
    case op::any: return holding != 0;
    case op::all: return holding == lanes;
    case op::match_any: return equal;
    case op::match_all: return equal == lanes ? lanes : 0;
    case op::add: return sum;
    case op::smallest: return least;
    case op::largest: return most;
    case op::bit_and: return all_bits;
    case op::bit_or: return any_bits;
    case op::bit_xor: return odd;
    default: return 0;
    }
}

/* Lanes of one meeting: the same operation and mask, and but for __syncwarp the same line. */
static bool together(const lane &a, const lane &b)
{
    return a.what == b.what && a.mask == b.mask &&
           (a.what == op::sync ||
            (a.at.line == b.at.line && std::strcmp(a.at.file, b.at.file) == 0));
}

void settle_warp(block &b, unsigned first, unsigned mask)
{
    lane *const warp = &b.lanes[first];
    const unsigned count = (unsigned)b.lanes.size() - first;
    unsigned lanes = 0; /* of the mask, those that there are and that have not ended */
    const lane *any = nullptr;
    for (unsigned i = 0; i < 32 && i < count; i++) {
        if ((mask >> i & 1u) == 0 || warp[i].state == state::ended)
            continue;
        if (warp[i].state != state::at_warp || warp[i].mask != mask)
            return;
        if (any != nullptr && !together(*any, warp[i]))
            return;
        any = &warp[i];
        lanes |= 1u << i;
    }
    for (unsigned i = 0; i < 32; i++) {
        const unsigned source = lanes >> i & 1u ? warp[i].source : 0;
        if (lanes >> i & 1u && warp[i].what == op::shuffle && (lanes >> source & 1u) == 0)
            current->report(SIMT_UNDEFINED, &b,
                            "lane %u reads lane %u in a shuffle, which %s (%s:%d)", first + i,
                            first + source,
                            (mask >> source & 1u) == 0 ? "is not in the mask"
                            : source < count           ? "has ended"
                                                       : "is not there",
                            warp[i].at.file, warp[i].at.line);
    }
    if (current->failed())
        return;
    for (unsigned i = 0; i < 32; i++)
        if (lanes >> i & 1u)
            warp[i].out = result_of(warp, lanes, warp[i]);
    for (unsigned i = 0; i < 32; i++)
        if (lanes >> i & 1u)
            current->wake(warp[i]);
}

uint64_t meet_warp(op what, unsigned mask, uint64_t value, unsigned source, place at)
{
    simt_machine &m = *current;
    lane &l = *m.running;
    l.what = what;
    l.mask = mask;
    l.in = value;
    l.source = source;
    l.at = at;
    l.state = state::at_warp;
    if ((mask >> l.seen.lane & 1u) == 0)
        m.report(SIMT_DIVERGENCE, l.owner, "lane %u is not in its own mask %08x at %s (%s:%d)",
                 l.index, mask, op_name(what), at.file, at.line);
    else
        settle_warp(*l.owner, l.index - l.seen.lane, mask);
    if (m.failed())
        give_up();
    return wait();
}

void settle_block(block &b)
{
    uint64_t holding = 0;
    const lane *any = nullptr;
    if (b.waiting == 0 || b.waiting + b.ended != b.lanes.size())
        return;
    for (const lane &l : b.lanes) {
        if (l.state != state::at_block)
            continue;
        holding += l.in;
        if (any == nullptr)
            any = &l;
        if (l.what != any->what || l.at.line != any->at.line ||
            std::strcmp(l.at.file, any->at.file) != 0) {
            current->report(
                SIMT_DIVERGENCE, &b,
                "the block meets at two barriers: lane %u is at %s (%s:%d), lane %u at %s "
                "(%s:%d)",
                any->index, op_name(any->what), any->at.file, any->at.line, l.index,
                op_name(l.what), l.at.file, l.at.line);
            return;
        }
    }
    const unsigned waiting = b.waiting;
    b.waiting = 0;
    for (lane &l : b.lanes) {
        if (l.state != state::at_block)
            continue;
        l.out = l.what == op::barrier_count ? holding
                : l.what == op::barrier_and ? holding == waiting
                                            : holding != 0;
        current->wake(l);
    }
}

uint64_t meet_block(op what, uint64_t value, place at)
{
    simt_machine &m = *current;
    lane &l = *m.running;
    l.what = what;
    l.mask = 0;
    l.in = value;
    l.at = at;
    l.state = state::at_block;
    l.owner->waiting++;
    settle_block(*l.owner);
    if (m.failed())
        give_up();
    return wait();
}

void yield()
{
    simt_machine &m = *current;
    const uint64_t limit = m.launch.spin_limit != 0 ? m.launch.spin_limit : (uint64_t)1 << 24;
    if (++m.turns > limit) {
        m.report(SIMT_SPIN, m.running->owner,
                 "lane %u and others wait in loops: nobody got on in %llu turns", m.running->index,
                 (unsigned long long)limit);
        give_up();
    }
    m.ready.push_back(m.running);
    fiber_leave(m.hub, m.running->thread, false);
}

void at_atomic()
{
    simt_machine &m = *current;
    if (++m.atomics % 64 == 0 || (m.launch.seed > 1 && m.draw(8) == 0))
        yield();
}

void trap(place at)
{
    simt_machine &m = *current;
    m.report(SIMT_UNDEFINED, m.running->owner, "lane %u: __trap() (%s:%d)", m.running->index,
             at.file, at.line);
    give_up();
}
} // namespace simt
