/* device_learn.h: tables of DFAs for a device (kernels/dfa_tile.h), which grow with the texts that
 * are searched: where a search needed a state that was not there, the host runs the same search
 * with DFAs of its own, and what they have then goes to the device. An answer never depends on it.
 */
#ifndef HUNCH_DEVICE_LEARN_H
#define HUNCH_DEVICE_LEARN_H

#include <pthread.h>
#include <stdatomic.h>

#include "../kernels/confirm.h"
#include "device.h"
#include "dfa.h"
#include "program.h"

/* Tables as they once were, in the device's memory; kernels may read any of them. */
struct hunch_lessons_table {
    struct hunch_lessons_table *before;
    void *memory;
    const struct hunch_learned *learned;
    const uint32_t *word;
};

struct hunch_lessons {
    struct hunch_device *device;
    const struct hunch_program *program;
    pthread_mutex_t lock; /* of all but `newest` */
    struct hunch_dfa_set set;
    uint64_t told;  /* transitions that the newest tables have */
    uint64_t sent;  /* words of all tables */
    uint32_t since; /* lessons since the newest */
    struct hunch_learned *learned;
    hunch_dfa_words word;
    _Atomic(struct hunch_lessons_table *) newest;
};

/* Tables in which nothing is known. `device` and `program` must outlive them. */
hunch_status hunch_lessons_init(struct hunch_lessons *l, struct hunch_device *device,
                                const struct hunch_program *program, struct hunch_error *err);
/* One that is all 0 too. */
void hunch_lessons_done(struct hunch_lessons *l);

/* Puts the newest tables into *tables. */
void hunch_lessons_view(const struct hunch_lessons *l, struct hunch_tables *tables);

/* Text to learn from: what stands in `text` of the record from the byte before the lesson's start
 * on. */
struct hunch_lesson_text {
    uint32_t regex;
    uint64_t start;
    struct hunch_text text;
};

/* Learns from n texts, and sends what it then knows by the stream, unless another thread is at it.
 * Where something fails nothing is learned. */
void hunch_lessons_learn(struct hunch_lessons *l, unsigned stream,
                         const struct hunch_lesson_text *text, size_t n);

#endif
