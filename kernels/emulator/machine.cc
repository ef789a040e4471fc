/* machine.cc: launches. A few blocks are resident at a time, each lane a fiber; the scheduler takes
 * one ready lane after the other, in an order that the seed picks, and a lane runs until it waits.
 */
#include "machine.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <new>
#include <numeric>

namespace simt
{
__thread const view *here;
__thread simt_machine *current;

/* Constant once everything is linked: constructors of `kernel` are its only writers. */
static const kernel *&first_kernel()
{
    static const kernel *first = nullptr;
    return first;
}

kernel::kernel(const char *name_, size_t args_size_, unsigned max_threads_,
               void (*body_)(const void *))
    : name(name_), args_size(args_size_), max_threads(max_threads_), body(body_), next(nullptr)
{
    next = first_kernel();
    first_kernel() = this;
}

static const kernel *find_kernel(const char *name)
{
    const kernel *k = first_kernel();
    while (k != nullptr && std::strcmp(k->name, name) != 0)
        k = k->next;
    return k;
}

/* --- shared memory ---------------------------------------------------------------------------- */
/* What a block has at the most, from sm_90 on; 48 KiB of it for static variables. */
constexpr size_t shared_limit = 227u << 10;
constexpr size_t static_limit = 48u << 10;
constexpr unsigned char poison = 0xa5;
/* The sanitizer guards the ends of an allocation by itself, and to the byte. */
#if defined(SIMT_ASAN)
constexpr size_t guard = 0;
#else
constexpr size_t guard = 64;
#endif

static void *make_shared(block &b, const void *key, const char *name, size_t bytes)
{
    shared_variable v = {key, name, bytes, nullptr};
    v.memory.reset(new unsigned char[bytes + 2 * guard]);
    std::memset(v.memory.get(), poison, bytes + 2 * guard);
    b.variables.push_back(std::move(v));
    return b.variables.back().memory.get() + guard;
}

void *shared(const void *key, const char *name, size_t bytes)
{
    simt_machine &m = *current;
    block &b = *m.running->owner;
    const size_t dynamic = m.launch.shared_bytes;
    size_t used = bytes;
    for (const shared_variable &v : b.variables) {
        if (v.key == key)
            return v.memory.get() + guard;
        used += v.key != nullptr ? v.bytes : 0;
    }
    if (used > static_limit)
        m.report(SIMT_BAD_LAUNCH, &b, "%zu bytes of static shared memory with %s, a device has %zu",
                 used, name, static_limit);
    else if (used + dynamic > shared_limit)
        m.report(SIMT_BAD_LAUNCH, &b, "%zu bytes of shared memory with %s, a device has %zu",
                 used + dynamic, name, shared_limit);
    else
        try {
            return make_shared(b, key, name, bytes);
        } catch (const std::bad_alloc &) {
            m.report(SIMT_MEMORY, &b, "no memory for %s", name);
        }
    give_up();
}

void *shared_dynamic()
{
    for (const shared_variable &v : current->running->owner->variables)
        if (v.key == nullptr)
            return v.memory.get() + guard;
    return nullptr;
}

static void check_guards(const block &b)
{
    for (const shared_variable &v : b.variables)
        for (size_t i = 0; i < 2 * guard; i++) {
            const size_t at = i < guard ? i : v.bytes + i;
            if (v.memory[at] != poison) {
                current->report(SIMT_OVERRUN, &b,
                                "shared memory was written %s %s, which has %zu bytes",
                                i < guard ? "before" : "behind", v.name, v.bytes);
                return;
            }
        }
}

/* --- lanes ------------------------------------------------------------------------------------ */
long long clock()
{
    return (long long)current->clock;
}

/* Where every lane begins, on its own stack. */
static void run_lane()
{
    simt_machine &m = *current;
    fiber_arrived(m.hub);
    m.kernel->body(m.args);
    m.running->state = state::ended;
    give_up();
}

static void start_block(simt_machine &m, block &b, uint64_t number)
{
    const uint32_t *grid = m.launch.grid;
    b.index = {(unsigned)(number % grid[0]), (unsigned)(number / grid[0] % grid[1]),
               (unsigned)(number / grid[0] / grid[1])};
    b.ended = 0;
    b.waiting = 0;
    b.variables.clear();
    if (m.launch.shared_bytes > 0)
        make_shared(b, nullptr, "the dynamic array", m.launch.shared_bytes);
    for (lane &l : b.lanes) {
        l.seen.block = b.index;
        fiber_prepare(l.thread, run_lane);
    }
    for (lane &l : b.lanes)
        m.wake(l);
}

/* Who waits where, neighbours in the same place as one. */
static void report_deadlock(simt_machine &m, const block &b)
{
    char text[700];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0, end; i < b.lanes.size() && used < sizeof text - 160; i = end) {
        const lane &l = b.lanes[i];
        for (end = i + 1; end < b.lanes.size(); end++) {
            const lane &other = b.lanes[end];
            if (other.state != l.state || other.mask != l.mask || other.at.line != l.at.line ||
                other.what != l.what)
                break;
        }
        if (l.state == state::ended)
            continue;
        char mask[24] = "";
        if (l.state == state::at_warp)
            std::snprintf(mask, sizeof mask, " of mask %08x", l.mask);
        const int n =
            std::snprintf(text + used, sizeof text - used, "; lanes %zu to %zu at %s%s (%.80s:%d)",
                          i, end - 1, op_name(l.what), mask, l.at.file, l.at.line);
        used = std::min(sizeof text - 1, used + (size_t)n);
    }
    m.report(SIMT_DEADLOCK, &b, "lanes wait where they cannot meet%s", text);
}

static lane &take(simt_machine &m)
{
    if (m.launch.seed > 1)
        std::swap(m.ready[(size_t)m.draw(m.ready.size())], m.ready.front());
    lane &l = *m.ready.front();
    m.ready.pop_front();
    return l;
}

/* Runs one lane until it waits or ends. Returns whether its block is through. */
static bool step(simt_machine &m)
{
    lane &l = take(m);
    block &b = *l.owner;
    m.clock++;
    m.running = &l;
    here = &l.seen;
    fiber_enter(m.hub, l.thread);
    if (m.failed())
        throw failure();
    if (l.state != state::ended)
        return false;
    m.turns = 0;
    b.ended++;
    const unsigned first = l.index - l.seen.lane;
    for (unsigned i = first; i < first + 32 && i < b.lanes.size(); i++)
        if (b.lanes[i].state == state::at_warp)
            settle_warp(b, first, b.lanes[i].mask);
    settle_block(b);
    if (b.ended == b.lanes.size())
        check_guards(b);
    if (m.failed())
        throw failure();
    return b.ended == b.lanes.size();
}

static uint64_t grid_blocks(const simt_launch &l)
{
    return (uint64_t)l.grid[0] * l.grid[1] * l.grid[2];
}

static uint64_t blocks_to_run(const simt_launch &l)
{
    return l.blocks != 0 ? l.blocks : grid_blocks(l);
}

/* Which block comes `i`-th. */
struct block_order {
    uint64_t first, count, start, stride; /* the stride shares no divisor with the count */
    explicit block_order(simt_machine &m)
        : first(m.launch.first_block), count(blocks_to_run(m.launch)), start(0), stride(1)
    {
        if (m.launch.seed == 1) {
            start = count - 1;
            stride = count - 1;
        } else if (m.launch.seed > 1) {
            start = m.draw(count);
            do
                stride = 1 + m.draw(count);
            while (std::gcd(stride, count) != 1);
        }
    }
    uint64_t at(uint64_t i) const
    {
        return first + (uint64_t)((start + (unsigned __int128)i * stride) % count);
    }
};

static void prepare(simt_machine &m)
{
    const uint32_t *size = m.launch.block, *grid = m.launch.grid;
    const unsigned threads = size[0] * size[1] * size[2];
    const unsigned most = m.launch.seed > 1 ? 3u : 1u;
    const uint64_t count = blocks_to_run(m.launch);
    uint64_t resident = m.launch.resident != 0 ? m.launch.resident : most;
    resident = std::min(resident, count);
    m.stacks.reserve((size_t)resident * threads);
    m.blocks.clear();
    m.ready.clear();
    for (size_t r = 0; r < resident; r++) {
        m.blocks.emplace_back(new block());
        block &b = *m.blocks.back();
        b.lanes.resize(threads);
        for (unsigned i = 0; i < threads; i++) {
            lane &l = b.lanes[i];
            l.owner = &b;
            l.index = i;
            l.thread.stack = m.stacks.at(r * threads + i);
            l.seen.thread = {i % size[0], i / size[0] % size[1], i / (size[0] * size[1])};
            l.seen.block_size = {size[0], size[1], size[2]};
            l.seen.grid_size = {grid[0], grid[1], grid[2]};
            l.seen.lane = i % 32;
        }
    }
}

static void run_grid(simt_machine &m)
{
    prepare(m);
    const block_order order(m);
    uint64_t next = 0, alive = m.blocks.size();
    for (std::unique_ptr<block> &b : m.blocks)
        start_block(m, *b, order.at(next++));
    while (alive > 0) {
        if (m.ready.empty()) {
            for (const std::unique_ptr<block> &b : m.blocks)
                if (b->ended < b->lanes.size())
                    report_deadlock(m, *b);
            throw failure();
        }
        if (!step(m))
            continue;
        if (next < order.count)
            start_block(m, *m.running->owner, order.at(next++));
        else
            alive--;
    }
}

/* A sentence where a device would refuse the launch. */
static bool refused(simt_machine &m, size_t args_size)
{
    const uint32_t *grid = m.launch.grid, *size = m.launch.block;
    const uint64_t threads = (uint64_t)size[0] * size[1] * size[2];
    if (grid[0] == 0 || grid[1] == 0 || grid[2] == 0)
        m.report(SIMT_BAD_LAUNCH, nullptr,
                 "a grid of %u x %u x %u has no block: leave the launch out", grid[0], grid[1],
                 grid[2]);
    else if (grid[0] > 0x7fffffffu || grid[1] > 65535u || grid[2] > 65535u)
        m.report(SIMT_BAD_LAUNCH, nullptr,
                 "a grid of %u x %u x %u is more than 2^31-1 x 65535 x 65535", grid[0], grid[1],
                 grid[2]);
    else if (m.launch.first_block >= grid_blocks(m.launch) ||
             m.launch.blocks > grid_blocks(m.launch) - m.launch.first_block ||
             (m.launch.blocks == 0 && m.launch.first_block > 0))
        m.report(SIMT_BAD_LAUNCH, nullptr, "%llu blocks from number %llu on are not in the grid",
                 (unsigned long long)m.launch.blocks, (unsigned long long)m.launch.first_block);
    else if (threads == 0 || size[0] > 1024 || size[1] > 1024 || size[2] > 64 ||
             threads > m.kernel->max_threads)
        m.report(SIMT_BAD_LAUNCH, nullptr,
                 "a block of %u x %u x %u: the kernel takes 1 to %u threads", size[0], size[1],
                 size[2], m.kernel->max_threads);
    else if (m.launch.shared_bytes > shared_limit)
        m.report(SIMT_BAD_LAUNCH, nullptr, "%u bytes of dynamic shared memory, a device has %zu",
                 m.launch.shared_bytes, shared_limit);
    else if (args_size != m.kernel->args_size)
        m.report(SIMT_BAD_LAUNCH, nullptr, "%zu bytes of arguments, the kernel takes %zu",
                 args_size, m.kernel->args_size);
    return m.failed();
}
} // namespace simt

uint64_t simt_machine::draw(uint64_t below)
{
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    return (random >> 11) % below;
}

void simt_machine::wake(simt::lane &l)
{
    l.state = simt::state::ready;
    turns = 0;
    if (launch.seed == 1) /* woken upwards, they run downwards */
        ready.push_front(&l);
    else
        ready.push_back(&l);
}

void simt_machine::report(simt_status status, const simt::block *where, const char *format, ...)
{
    if (error->status != SIMT_OK)
        return;
    error->status = status;
    int used = where == nullptr
                   ? std::snprintf(error->message, sizeof error->message, "%s: ", kernel->name)
                   : std::snprintf(error->message, sizeof error->message,
                                   "%s, block (%u,%u,%u): ", kernel->name, where->index.x,
                                   where->index.y, where->index.z);
    used = std::min(used, (int)sizeof error->message - 1);
    va_list words;
    va_start(words, format);
    std::vsnprintf(error->message + used, sizeof error->message - (size_t)used, format, words);
    va_end(words);
}

struct simt_machine *simt_open(void)
{
    return new (std::nothrow) simt_machine();
}

void simt_close(struct simt_machine *machine)
{
    delete machine;
}

enum simt_status simt_run(struct simt_machine *machine, const char *kernel,
                          const struct simt_launch *launch, const void *args, size_t args_size,
                          struct simt_error *error)
{
    simt_machine &m = *machine;
    error->status = SIMT_OK;
    error->message[0] = '\0';
    m.kernel = simt::find_kernel(kernel);
    if (m.kernel == nullptr) {
        error->status = SIMT_NO_KERNEL;
        std::snprintf(error->message, sizeof error->message, "no kernel is called %.200s", kernel);
        return error->status;
    }
    m.error = error;
    m.launch = *launch;
    m.args = args;
    m.turns = 0;
    m.atomics = 0;
    m.random = (launch->seed + 1) * 0x9e3779b97f4a7c15ull | 1u;
    if (simt::refused(m, args_size))
        return error->status;
    simt::current = &m;
    try {
        simt::run_grid(m);
    } catch (const simt::failure &) {
    } catch (const std::bad_alloc &) {
        m.report(SIMT_MEMORY, nullptr, "no memory for %u x %u x %u lanes a block", launch->block[0],
                 launch->block[1], launch->block[2]);
    }
    simt::current = nullptr;
    simt::here = nullptr;
    if (m.failed())
        m.stacks.wipe();
    for (std::unique_ptr<simt::block> &b : m.blocks)
        b->variables.clear();
    return error->status;
}

size_t simt_kernel_args(const char *kernel)
{
    const simt::kernel *k = simt::find_kernel(kernel);
    return k != nullptr ? k->args_size : 0;
}

const char *simt_kernel_name(size_t index)
{
    const simt::kernel *found = nullptr;
    for (size_t n = 0; n <= index; n++) { /* the next name in order, each time */
        const simt::kernel *least = nullptr;
        for (const simt::kernel *k = simt::first_kernel(); k != nullptr; k = k->next)
            if ((found == nullptr || std::strcmp(k->name, found->name) > 0) &&
                (least == nullptr || std::strcmp(k->name, least->name) < 0))
                least = k;
        found = least;
        if (found == nullptr)
            return nullptr;
    }
    return found->name;
}

const char *simt_status_name(enum simt_status status)
{
    static const char *const names[] = {"ok",         "memory",   "no-kernel",
                                        "bad-launch", "deadlock", "divergence",
                                        "undefined",  "overrun",  "spin"};
    return names[(int)status];
}
