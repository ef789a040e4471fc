/* machine.h: the inside of the emulator, shared by machine.cc (launches, schedule, errors) and
 * meet.cc (where lanes wait for each other). */
#ifndef HUNCH_SIMT_MACHINE_H
#define HUNCH_SIMT_MACHINE_H

#include <deque>
#include <memory>
#include <vector>

#include "device.h"
#include "fiber.h"
#include "simt.h"

namespace simt
{
enum class state : uint8_t {
    ready, /* runs, or is in the machine's queue exactly once */
    at_warp,
    at_block,
    ended
};

struct lane {
    view seen; /* first: `here` points to it */
    fiber thread;
    struct block *owner = nullptr;
    unsigned index = 0; /* in the block */
    simt::state state = state::ready;
    op what = op::sync;  /* what it waits in, from here on */
    unsigned mask = 0;   /* of warp */
    unsigned source = 0; /* of a shuffle */
    uint64_t in = 0, out = 0;
    place at = {nullptr, 0};
};

/* One variable of a block, in an allocation of its own. */
struct shared_variable {
    const void *key; /* nullptr: the dynamic one */
    const char *name;
    size_t bytes;
    std::unique_ptr<unsigned char[]> memory;
};

struct block {
    std::vector<lane> lanes;
    std::vector<shared_variable> variables;
    unsigned ended = 0;
    unsigned waiting = 0; /* at a barrier */
    uint3 index = {0, 0, 0};
};

/* Ends a launch; thrown by the scheduler alone, never through a lane's stack. */
struct failure {
};
} // namespace simt

struct simt_machine {
    simt::hub hub;
    simt::stacks stacks;
    std::vector<std::unique_ptr<simt::block>> blocks; /* the resident ones */
    std::deque<simt::lane *> ready;
    simt::lane *running = nullptr;
    /* of the launch that runs */
    const simt::kernel *kernel = nullptr;
    const void *args = nullptr;
    simt_launch launch = {};
    uint64_t random = 0; /* state of the generator */
    uint64_t turns = 0;  /* since a lane last got on */
    uint64_t atomics = 0;
    uint64_t clock = 0; /* turns of all lanes, of every launch */
    simt_error *error = nullptr;

    uint64_t draw(uint64_t below);
    void wake(simt::lane &l);
    /* Keeps the first error; printf's words behind "kernel, block (x,y,z): ". */
    __attribute__((format(printf, 4, 5))) void report(simt_status status, const simt::block *where,
                                                      const char *format, ...);
    bool failed() const { return error->status != SIMT_OK; }
};

namespace simt
{
extern __thread simt_machine *current;
/* A lane has ended or begun to wait: lets go whoever can go on now. */
void settle_warp(block &b, unsigned first, unsigned mask);
void settle_block(block &b);
const char *op_name(op what);
/* The running lane stops for good: the launch has failed. */
[[noreturn]] void give_up();
} // namespace simt
#endif
