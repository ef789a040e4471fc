/* cost_model.h: what a dispatch will cost on each route, learned from what dispatches did cost.
 *
 *   time(route, class) = latency + bytes * per byte + hits * per hit
 *
 * Chained and serial: latency is that of the launches and round trips, a byte's share the
 * prefilter, a hit's share the confirmer and, for serial, reading back and compacting. Fused: a
 * byte's share is everything that runs on every tile. Routes share nothing: what one of them costs
 * says little of the others, and a shared number would be pulled to and fro.
 *
 * Each of the three is a part: a value, and how unsure it is. A measured time corrects the parts it
 * consists of, the large and unsure ones most (a Kalman filter that keeps the diagonal). State is
 * double: ratios of 10^9 bytes to nanoseconds need it, and the same calls in the same order give
 * the same bits in one build. Decisions compare whole nanoseconds. No locks: speculator.c holds
 * one. */
#ifndef HUNCH_COST_MODEL_H
#define HUNCH_COST_MODEL_H

#include "hunch.h"

enum { HUNCH_PART_LATENCY, HUNCH_PART_BYTE, HUNCH_PART_HIT, HUNCH_PART_COUNT };

struct hunch_cost_part {
    double value; /* ns; > 0 */
    double sd;    /* standard deviation of what is known of it; > 0 */
};

struct hunch_cost_route {
    struct hunch_cost_part part[HUNCH_PART_COUNT];
    uint64_t sizes;    /* bit n: was tried with 2^n to 2^(n+1) bytes */
    uint64_t since_ns; /* measured time since it was last taken */
    uint32_t passed;   /* dispatches since it was last taken */
    uint16_t gap;      /* so many must pass before a probe */
    uint16_t suspect;  /* its last time was far above what was predicted */
};

/* What is kept for one class of confirmers, where the machine is a dispatch's own, and again where
 * it is contended. */
struct hunch_cost_class {
    double hits_per_commit; /* moving average; 0: not known, 1 is used */
    uint32_t current;       /* the route that is taken; HUNCH_ROUTE_COUNT: none yet */
    uint32_t number;        /* of the class; plus HUNCH_COST_CLASSES: contended */
    struct hunch_cost_route route[HUNCH_ROUTE_COUNT];
};

enum { HUNCH_COST_MODELS = 2 * HUNCH_COST_CLASSES };

struct hunch_cost_model {
    struct hunch_cost_class class[HUNCH_COST_MODELS];
    struct hunch_cost_class before; /* the class of the latest decision, as it was before that */
    uint64_t decided;               /* the decision's place; 0: the class has changed since */
};

void hunch_cost_model_init(struct hunch_cost_model *m);

/* Was anything learned for the class? */
bool hunch_cost_class_used(const struct hunch_cost_class *c);

/* Are these bytes, read from somewhere, a class? */
bool hunch_cost_class_valid(const struct hunch_cost_class *c);

/* Fills predicted_ns, route and reason from bytes, tiles, hit_rate_ppm, cost_class and `offered`
 * (HUNCH_ROUTE_BITs, not 0). */
void hunch_cost_model_choose(struct hunch_cost_model *m, unsigned offered,
                             struct hunch_decision *d);

/* The same for a route that is given: only predicts, and notes that it is taken. */
void hunch_cost_model_take(struct hunch_cost_model *m, struct hunch_decision *d);

/* Learns from a decision that was measured. */
void hunch_cost_model_learn(struct hunch_cost_model *m, const struct hunch_decision *d);

/* Takes back what was noted of a decision whose dispatch gave nothing. All of it, where the class
 * was not used since; else the route that was untried is untried again. */
void hunch_cost_model_withdraw(struct hunch_cost_model *m, const struct hunch_decision *d);

#endif
