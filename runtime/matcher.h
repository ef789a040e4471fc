/* matcher.h: who finds the literals. The one thing in which the backends `ref` and `cpu` differ:
 * ref walks the portable tile function, cpu hands the bytes to Vectorscan, and both emit the same
 * occurrences, in no fixed order. */
#ifndef HUNCH_MATCHER_H
#define HUNCH_MATCHER_H

#include "program.h"

/* `start`: of the occurrence, counted from the first byte given to find. */
typedef void hunch_matcher_emit(void *ctx, uint32_t literal, uint64_t start);

struct hunch_matcher; /* immutable; shared by all threads */

struct hunch_matcher_kind {
    const char *name;
    /* NULL and an error, or a matcher of the program's literals. `single`: one flag a literal, 1:
     * the first occurrence in a call of find is enough. `cache`: folder for compiled databases, or
     * NULL. */
    struct hunch_matcher *(*build)(const struct hunch_program *p, const uint8_t *single,
                                   const char *cache, struct hunch_error *err);
    void (*free)(struct hunch_matcher *m);
    /* What a thread needs beside the matcher; NULL may be a success where nothing is needed. */
    void *(*scratch_new)(struct hunch_matcher *m, struct hunch_error *err);
    void (*scratch_free)(struct hunch_matcher *m, void *scratch);
    /* n < 2^32. */
    hunch_status (*find)(struct hunch_matcher *m, void *scratch, const uint8_t *bytes, size_t n,
                         hunch_matcher_emit *emit, void *ctx, struct hunch_error *err);
};

extern const struct hunch_matcher_kind hunch_matcher_portable;
extern const struct hunch_matcher_kind hunch_matcher_vectorscan;

#endif
