/* alloc.c: see alloc.h. */
#include "alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static void *call(const struct hunch_allocator *a, void *ptr, size_t old_size, size_t new_size)
{
    if (a)
        return a->realloc(a->ctx, ptr, old_size, new_size);
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

static size_t at_least_one(size_t size)
{
    return size ? size : 1;
}

void *hunch_alloc(const struct hunch_allocator *a, size_t size)
{
    return call(a, NULL, 0, at_least_one(size));
}

void hunch_alloc_trim(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void *hunch_alloc_zero(const struct hunch_allocator *a, size_t size)
{
    void *ptr = hunch_alloc(a, size);
    if (ptr)
        memset(ptr, 0, at_least_one(size));
    return ptr;
}

void *hunch_alloc_array(const struct hunch_allocator *a, size_t count, size_t size)
{
    size_t total;
    return __builtin_mul_overflow(count, size, &total) ? NULL : hunch_alloc(a, total);
}

void *hunch_realloc(const struct hunch_allocator *a, void *ptr, size_t old_size, size_t new_size)
{
    return call(a, ptr, ptr ? at_least_one(old_size) : 0, at_least_one(new_size));
}

void *hunch_realloc_array(const struct hunch_allocator *a, void *ptr, size_t old_count,
                          size_t new_count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(new_count, size, &total))
        return NULL;
    return hunch_realloc(a, ptr, old_count * size, total);
}

void *hunch_memdup(const struct hunch_allocator *a, const void *bytes, size_t size)
{
    void *copy = hunch_alloc(a, size);
    if (copy)
        hunch_copy(copy, bytes, size);
    return copy;
}

char *hunch_strdup(const struct hunch_allocator *a, const char *text)
{
    return hunch_memdup(a, text, strlen(text) + 1);
}

void hunch_free(const struct hunch_allocator *a, void *ptr, size_t size)
{
    if (ptr)
        call(a, ptr, at_least_one(size), 0);
}

void hunch_free_array(const struct hunch_allocator *a, void *ptr, size_t count, size_t size)
{
    hunch_free(a, ptr, count * size);
}

void hunch_strfree(const struct hunch_allocator *a, char *text)
{
    if (text)
        hunch_free(a, text, strlen(text) + 1);
}

bool hunch_vec_grow(const struct hunch_allocator *a, void *items, size_t *capacity, size_t count,
                    size_t more, size_t size)
{
    size_t need;
    if (__builtin_add_overflow(count, more, &need))
        return false;
    size_t room = *capacity <= SIZE_MAX / 2 ? *capacity * 2 : need;
    if (room < need)
        room = need;
    if (room < 8)
        room = 8;
    void *old; /* copied in and out: the vector's pointer has another type than void * */
    memcpy(&old, items, sizeof old);
    void *grown = hunch_realloc_array(a, old, *capacity, room, size);
    if (!grown)
        return false;
    memcpy(items, &grown, sizeof grown);
    *capacity = room;
    return true;
}

void hunch_vec_shrink(const struct hunch_allocator *a, void *items, size_t *capacity, size_t count,
                      size_t size)
{
    void *old;
    if (count == *capacity || count == 0)
        return;
    memcpy(&old, items, sizeof old);
    void *less = hunch_realloc_array(a, old, *capacity, count, size);
    if (!less)
        return;
    memcpy(items, &less, sizeof less);
    *capacity = count;
}

void hunch_copy(void *to, const void *from, size_t size)
{
    if (size)
        memcpy(to, from, size);
}

static void *counting_realloc(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct hunch_counting_allocator *c = ctx;
    bool grows = new_size > old_size;

    if (grows) {
        unsigned long n = atomic_fetch_add(&c->calls, 1) + 1;
        bool fails = c->fail_at && (n == c->fail_at || (c->fail_after && n > c->fail_at));
        size_t more = new_size - old_size;
        size_t alive = atomic_fetch_add(&c->bytes, more) + more;
        if (fails || (c->limit && alive > c->limit)) {
            atomic_fetch_sub(&c->bytes, more);
            atomic_fetch_add(&c->failures, 1);
            return NULL;
        }
        size_t peak = atomic_load(&c->peak);
        while (peak < alive && !atomic_compare_exchange_weak(&c->peak, &peak, alive))
            ;
    }
    void *result = call(c->under, ptr, old_size, new_size);
    if (grows && !result) {
        atomic_fetch_sub(&c->bytes, new_size - old_size);
        atomic_fetch_add(&c->failures, 1);
        return NULL;
    }
    if (!grows && (result || new_size == 0))
        atomic_fetch_sub(&c->bytes, old_size - new_size);
    if (!ptr && result)
        atomic_fetch_add(&c->blocks, 1);
    if (ptr && new_size == 0)
        atomic_fetch_sub(&c->blocks, 1);
    return result;
}

void hunch_counting_allocator_init(struct hunch_counting_allocator *c,
                                   const struct hunch_allocator *under)
{
    memset(c, 0, sizeof *c);
    c->base.realloc = counting_realloc;
    c->base.ctx = c;
    c->under = under;
}
