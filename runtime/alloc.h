/* alloc.h: the one way in which library code gets memory.
 *
 * Every function takes the engine's allocator; NULL stands for the C library's. Blocks are given
 * back with the size they were asked for, so that an allocator can count without headers.
 * Sizes are checked: a product that overflows is a failed allocation.
 */
#ifndef HUNCH_ALLOC_H
#define HUNCH_ALLOC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include "hunch.h"

/* Size 0 counts as 1 here and when the block is given back: a success is never NULL. */
void *hunch_alloc(const struct hunch_allocator *a, size_t size);
void *hunch_alloc_zero(const struct hunch_allocator *a, size_t size);
void *hunch_alloc_array(const struct hunch_allocator *a, size_t count, size_t size);
void *hunch_realloc(const struct hunch_allocator *a, void *ptr, size_t old_size, size_t new_size);
void *hunch_realloc_array(const struct hunch_allocator *a, void *ptr, size_t old_count,
                          size_t new_count, size_t size);
void *hunch_memdup(const struct hunch_allocator *a, const void *bytes, size_t size);
char *hunch_strdup(const struct hunch_allocator *a, const char *text);

/* What was given back to the C library goes back to the system, where the library can do that: for
 * who is about to ask for much in large blocks. It takes some milliseconds. */
void hunch_alloc_trim(void);

/* ptr may be NULL. size, count: as asked for. */
void hunch_free(const struct hunch_allocator *a, void *ptr, size_t size);
void hunch_free_array(const struct hunch_allocator *a, void *ptr, size_t count, size_t size);
void hunch_strfree(const struct hunch_allocator *a, char *text);

/* A growable array: HUNCH_VEC(int) v = {0}; if (!hunch_vec_push(a, &v, 7)) …; v.items[0]; v.count;
 * hunch_vec_free(a, &v). Growth doubles; what fails leaves the vector as it was. */
#define HUNCH_VEC(type)         \
    struct {                    \
        type *items;            \
        size_t count, capacity; \
    }

/* Room for `more` items after the last; false: no memory. */
#define hunch_vec_reserve(a, v, more)                \
    ((v)->capacity - (v)->count >= (size_t)(more) || \
     hunch_vec_grow((a), &(v)->items, &(v)->capacity, (v)->count, (more), sizeof *(v)->items))

#define hunch_vec_push(a, v, ...) \
    (hunch_vec_reserve(a, v, 1) && ((v)->items[(v)->count++] = (__VA_ARGS__), true))

#define hunch_vec_append(a, v, from, n)                                              \
    (hunch_vec_reserve(a, v, n) &&                                                   \
     (hunch_copy((v)->items + (v)->count, (from), (size_t)(n) * sizeof *(v)->items), \
      (v)->count += (n), true))

#define hunch_vec_free(a, v)                                                                  \
    (hunch_free_array((a), (v)->items, (v)->capacity, sizeof *(v)->items), (v)->items = NULL, \
     (v)->count = (v)->capacity = 0)

/* Gives back the room behind the last item, where the allocator takes it. */
#define hunch_vec_fit(a, v) \
    hunch_vec_shrink((a), &(v)->items, &(v)->capacity, (v)->count, sizeof *(v)->items)

/* The macros' other half; items points to the vector's pointer. */
void hunch_vec_shrink(const struct hunch_allocator *a, void *items, size_t *capacity, size_t count,
                      size_t size);
bool hunch_vec_grow(const struct hunch_allocator *a, void *items, size_t *capacity, size_t count,
                    size_t more, size_t size);

/* memcpy that accepts NULL for 0 bytes. */
void hunch_copy(void *to, const void *from, size_t size);

/* An allocator that counts, bounds and fails on purpose: budgets, leak checks, failure sweeps.
 * Init, then hand out &c->base. Fields may be read at any time; they are exact when no call runs.
 */
struct hunch_counting_allocator {
    struct hunch_allocator base;
    const struct hunch_allocator *under; /* who really allocates; NULL: the C library */
    size_t limit;                        /* most bytes alive; 0: no limit */
    unsigned long fail_at;               /* the n-th allocation or growth fails, from 1; 0: none */
    bool fail_after;                     /* and so do all that follow it */
    atomic_ulong calls;                  /* allocations and growths asked for */
    atomic_ulong failures;               /* of these, refused */
    atomic_ulong blocks;                 /* alive */
    atomic_size_t bytes;                 /* alive */
    atomic_size_t peak;                  /* most bytes ever alive */
};

void hunch_counting_allocator_init(struct hunch_counting_allocator *c,
                                   const struct hunch_allocator *under);

#endif
