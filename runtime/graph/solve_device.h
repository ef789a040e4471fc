/* solve_device.h: graphs that lie on a device, solved there: the answer is solve.h's, bit for bit.
 * One thread at a time uses a graph; several may lie on one device. */
#ifndef HUNCH_GRAPH_SOLVE_DEVICE_H
#define HUNCH_GRAPH_SOLVE_DEVICE_H

#include "device.h"
#include "graph/solve.h"

struct hunch_flow_resident;

/* `g` is borrowed until it is freed; what is needed of the host on the way is a's. MEMORY: no room,
 * here or on the device; IO: the device failed, here and below. */
hunch_status hunch_flow_resident_new(const struct hunch_allocator *a, struct hunch_device *d,
                                     unsigned stream, const struct hunch_flow_graph *g,
                                     struct hunch_flow_resident **out, struct hunch_error *err);
void hunch_flow_resident_free(struct hunch_flow_resident *r);

/* What comes back besides hits; witnesses need the masks. */
enum { HUNCH_SOLVE_HITS = 0, HUNCH_SOLVE_MASKS = 1, HUNCH_SOLVE_ROWS = 2 };

/* As many rules at a time as the device's memory allows. */
hunch_status hunch_flow_resident_solve(struct hunch_flow_resident *r,
                                       const struct hunch_flow_rules *rules, unsigned what,
                                       struct hunch_flow_answer *answer, struct hunch_error *err);

/* In how many turns the last rules were solved. */
uint32_t hunch_flow_resident_turns(const struct hunch_flow_resident *r);

/* Who solves the rules of a unit: the CPU, plainly or fast, or a device where there is one and
 * enough to do. All 0: the CPU, fast. */
struct hunch_solver {
    bool plain;
    const struct hunch_allocator *a; /* for what a device needs of the host */
    struct hunch_device *device;     /* by its last stream: who uses it waits for each other */
    uint64_t least; /* words of all rows together, from which on it is worth its while */
    struct hunch_flow_resident *resident; /* the graph, once it is there */
    struct hunch_error why;               /* the device failed: the CPU goes on */
};

/* As hunch_flow_solve. masks: what witnesses are found with is wanted, too. */
hunch_status hunch_solver_solve(struct hunch_solver *s, const struct hunch_flow_graph *g,
                                const struct hunch_flow_rules *rules, bool masks, bool rows,
                                struct hunch_flow_answer *answer);
void hunch_solver_done(struct hunch_solver *s);

#endif
