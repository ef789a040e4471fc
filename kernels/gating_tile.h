/* gating_tile.h: what the gates of rules say of one hit: who may want it, and what it commits.
 * Asked when all hits of its record are known: on the device (chained), or on the host (serial).
 *
 * Worked example: a rule with the gate all { "gate", "key" } and the regex key=[0-9]+. In "key=1"
 * the hit of the regex is wanted by nobody, for "gate" does not occur. In "gate key=1" the rule's
 * gate holds: both literals commit its group, and the hit of the regex is wanted: a confirmer runs
 * from it. */
#ifndef HUNCH_GATING_TILE_H
#define HUNCH_GATING_TILE_H

#include "gate_tile.h"

/* What is to be known of a rule. */
struct hunch_gated_rule {
    uint32_t gate; /* first word in WORD */
    uint32_t gate_count;
    uint32_t group;  /* HP_GROUP_* */
    uint32_t flags;  /* HUNCH_GATED_* */
    uint32_t search; /* BY_HITS: number of the stage that searches */
    uint32_t run;    /* BY_RUNS: which of them it is; */
    uint32_t run_class, run_length;
};
enum {
    HUNCH_GATED_BY_HITS = 1, /* reports nothing where no hit of its first regex can match */
    HUNCH_GATED_KNOWN = 2,   /* its gate asks for literals only */
    HUNCH_GATED_BY_RUNS =
        4, /* reports nothing where no run_length bytes of run_class stand together */
    HUNCH_GATED_BY_RECORD = 8, /* neither, but its stages can tell from all hits of the record */
    HUNCH_GATED_LATE = 16      /* BY_HITS, and a stage behind its regex looks at all of them */
};

/* For each pattern some rules: rule[first[pattern]] .. rule[first[pattern + 1] - 1]. */
struct hunch_rule_lists {
    const uint32_t *first;
    const uint32_t *rule;
};

struct hunch_gating {
    const struct hunch_gated_rule *rule;
    struct hunch_rule_lists asking;    /* rules that become candidates where the pattern occurs */
    struct hunch_rule_lists searching; /* rules BY_HITS whose first regex it is */
    const uint8_t *shared;             /* a pattern: bits HUNCH_SHARED_*; 0: only confirmers */
    const uint32_t *word;
};
enum {
    HUNCH_SHARED_MATCHES = 1, /* something else looks at its hits, too; */
    HUNCH_SHARED_HITS = 2,    /* at those that lead to no match as well */
    HUNCH_SHARED_SPANS = 4    /* a rule reports where it occurs */
};

struct hunch_fate {
    uint32_t committed; /* bit g: the gate of a rule of group g is known to hold */
    uint32_t needed;    /* 1: the host has to decide the record, whatever confirmers say */
    uint32_t asked;     /* 1: so it has unless rules BY_RECORD say no */
    uint32_t wanted;    /* bit g: a rule of group g wants to confirm from this hit */
    uint32_t kept;      /* 1: something else looks at it, wanted or not */
    uint32_t runs;      /* 1: needed if the runs are there that some rules ask for */
};

enum hunch_gate_verdict { HUNCH_GATE_IS_CLOSED, HUNCH_GATE_IS_OPEN, HUNCH_GATE_IS_UNKNOWN };

HUNCH_TILE enum hunch_gate_verdict hunch_rule_gate(const struct hunch_gating *g,
                                                   const struct hunch_gated_rule *rule,
                                                   const struct hunch_presence *seen)
{
    if (rule->gate_count == 0)
        return HUNCH_GATE_IS_OPEN;
    if (!(rule->flags & HUNCH_GATED_KNOWN) || seen == 0)
        return HUNCH_GATE_IS_UNKNOWN;
    return hunch_gate_tile(g->word + rule->gate, rule->gate_count, *seen) ? HUNCH_GATE_IS_OPEN
                                                                          : HUNCH_GATE_IS_CLOSED;
}

/* `seen`: which literals occur in the record; null: nobody knows, so every gate may be open.
 * `ungated`: bits of groups that do not ask their gates. */
HUNCH_TILE struct hunch_fate hunch_hit_fate(const struct hunch_gating *g,
                                            const struct hunch_presence *seen, uint32_t pattern,
                                            uint32_t kind, uint32_t ungated)
{
    struct hunch_fate fate = {0, 0, 0, 0, kind == HP_PATTERN_LITERAL || g->shared[pattern] != 0, 0};
    for (uint32_t i = g->asking.first[pattern]; i < g->asking.first[pattern + 1]; i++) {
        const struct hunch_gated_rule *rule = &g->rule[g->asking.rule[i]];
        const enum hunch_gate_verdict gate = hunch_rule_gate(g, rule, seen);
        if (gate == HUNCH_GATE_IS_OPEN)
            fate.committed |= 1u << rule->group;
        if (gate == HUNCH_GATE_IS_UNKNOWN) /* the host counts what it commits */
            fate.needed = 1;
        if (gate != HUNCH_GATE_IS_OPEN || (rule->flags & HUNCH_GATED_BY_HITS))
            continue;
        if (rule->flags & HUNCH_GATED_BY_RUNS)
            fate.runs = 1;
        else if (rule->flags & HUNCH_GATED_BY_RECORD)
            fate.asked = 1;
        else
            fate.needed = 1;
    }
    if (kind != HP_PATTERN_REGEX)
        return fate;
    for (uint32_t i = g->searching.first[pattern]; i < g->searching.first[pattern + 1]; i++) {
        const struct hunch_gated_rule *rule = &g->rule[g->searching.rule[i]];
        if ((ungated >> rule->group & 1u) || hunch_rule_gate(g, rule, seen) != HUNCH_GATE_IS_CLOSED)
            fate.wanted |= 1u << rule->group;
    }
    return fate;
}

#endif
