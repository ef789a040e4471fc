/* confirm.h: the arguments of the kernels of confirm.cu, for those who launch them. Pointers are
 * the device's. */
#ifndef HUNCH_CONFIRM_H
#define HUNCH_CONFIRM_H

#include "confirm_tile.h"
#include "hit_tile.h"
#include "slab.h"

/* What a device knows of a rule. */
struct hunch_device_rule {
    uint32_t gate; /* first word in WORD */
    uint32_t gate_count;
    uint32_t group; /* HP_GROUP_* */
    uint32_t flags; /* HUNCH_RULE_* */
};
enum {
    HUNCH_RULE_BY_HITS = 1,   /* reports nothing where no hit of its first regex can match */
    HUNCH_RULE_GATE_KNOWN = 2 /* its gate asks for literals only */
};

/* For each pattern some rules: rule[first[pattern]] .. rule[first[pattern + 1] - 1]. */
struct hunch_rule_lists {
    const uint32_t *first;
    const uint32_t *rule;
};

/* What came of one record. */
struct hunch_record_state {
    uint32_t committed; /* bit g: the gate of a rule of group g holds */
    uint32_t needed;    /* 1: the host has to decide it, 0: nothing is reported */
};

struct hunch_confirm_args {
    struct hunch_slab_view slab;
    const struct hunch_use_hit *hit;
    const uint32_t *hit_count;
    uint32_t hit_capacity;
    uint32_t gated;         /* 0: confirmers do not wait for gates */
    uint32_t pattern_count; /* of the program */
    const struct hunch_literal_use *use;
    const struct hunch_device_rule *rule;
    struct hunch_rule_lists asking;    /* rules that become candidates where the pattern occurs */
    struct hunch_rule_lists searching; /* rules BY_HITS whose first regex it is */
    const uint8_t *shared_pattern;     /* 1: something else looks at its hits, too */
    struct hunch_tables tables;
    struct hunch_vm_size machine;      /* of each lane... */
    uint64_t *memory;                  /* ...one after the other: hunch_vm_words(&machine) a lane */
    const uint32_t *seen;              /* as hunch_hits_args left it; NULL: no gate is known */
    uint8_t *keep;                     /* gets 1 a hit that may come to something, else 0 */
    struct hunch_record_state *record; /* all 0 at first */
};

struct hunch_collect_args {
    struct hunch_slab_view slab;
    const struct hunch_use_hit *hit;
    const uint32_t *hit_count;
    uint32_t hit_capacity;
    uint32_t every; /* 1: all records are needed */
    const uint8_t *keep;
    const struct hunch_record_state *record;
    struct hunch_use_hit *kept; /* those the host needs, of records it needs; room for all */
    uint32_t *kept_count;       /* begins at 0 */
};

#endif
