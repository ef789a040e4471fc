/* unit.h: a link unit: files that are linked by name, as one program, and what rules find in it.
 * A unit is built once for all rules; solving changes nothing in it but what it remembers, so one
 * thread solves at a time.
 */
#ifndef HUNCH_GRAPH_UNIT_H
#define HUNCH_GRAPH_UNIT_H

#include "graph/rule.h"

enum hunch_step_kind {
    HUNCH_STEP_SOURCE,
    HUNCH_STEP_STEP,
    HUNCH_STEP_CALL,   /* a function is entered */
    HUNCH_STEP_RETURN, /* and left */
    HUNCH_STEP_SINK
};

struct hunch_step {
    enum hunch_step_kind kind;
    uint32_t file; /* index into the unit's files */
    struct hunch_extent span;
};

struct hunch_graph_finding {
    uint32_t rule;           /* index into the rules that were solved */
    uint32_t file, function; /* of the sink, or of the statement */
    struct hunch_extent span;
    const struct hunch_step *step; /* the shortest way, ties by place; from source to sink */
    size_t step_count;
};

/* What was not evaluated, and why. */
struct hunch_graph_gap {
    uint32_t file, function; /* function may be HUNCH_NONE */
    const char *reason;
    const char *name; /* of the function, or NULL */
    uint32_t line;    /* of the function, or 0 */
};

struct hunch_unit;

/* What a unit is made of. Files are borrowed until it is freed. `name`: of the record, by which
 * the nearest of two definitions of one name is chosen. The unit is the same by any number of
 * threads that make it. */
struct hunch_unit_file {
    const struct hunch_graph_file *graph;
    const char *name;
};

hunch_status hunch_unit_new(const struct hunch_allocator *a, const struct hunch_unit_file *file,
                            size_t count, const struct hunch_library_flow *library,
                            size_t library_count, unsigned threads, struct hunch_unit **unit,
                            struct hunch_error *err);
void hunch_unit_free(struct hunch_unit *unit);

/* From now on rules are solved plainly: the backend ref. */
void hunch_unit_be_plain(struct hunch_unit *unit);

/* From now on rules are solved on a device where rows have at least so many words. Where it fails
 * they are solved without, and the error says why; its code is OK else. What the device needs of
 * the host on the way is a's. */
struct hunch_device;
void hunch_unit_use_device(struct hunch_unit *unit, struct hunch_device *device, uint64_t least,
                           const struct hunch_allocator *a);
const struct hunch_error *hunch_unit_device_problem(const struct hunch_unit *unit);

/* Findings sorted by file, rule, span; valid until the next call or the unit's end. Equal for every
 * order of files, any backend. */
hunch_status hunch_unit_solve(struct hunch_unit *unit, const struct hunch_graph_rule *rule,
                              size_t rule_count, const struct hunch_graph_finding **finding,
                              size_t *finding_count, struct hunch_error *err);

/* Gaps so far: faults of the front end, budgets. */
size_t hunch_unit_gaps(const struct hunch_unit *unit, const struct hunch_graph_gap **gap);

#endif
