/* rounds.c: goes through the functions of a unit: callees before callers until nothing is learnt
 * any more, once again where functions were found behind pointers; then callers before callees.
 *
 * Functions of one level of the call graph, which do not call each other but in circles, are shared
 * out among threads, a circle to one. What a function has for the whole unit others hear of when
 * the level is done, in the functions' order: the unit is the same by any number of threads.
 */
#include <stdlib.h>

#include "graph/flow.h"

enum {
    ROUNDS_MOST = 6,    /* more functions were found behind pointers */
    CIRCLES_MOST = 200, /* through functions that call each other */
    SHARED_OPS = 500    /* operations of a level that are worth waking others */
};

/* Functions that call each other: order[begin .. end). */
struct circle {
    uint32_t begin, end, ops;
};

struct crew;
struct helper {
    struct crew *crew;
    struct hunch_flow_thread *thread;
    pthread_t id;
};

struct crew {
    struct hunch_unit *u;
    const uint32_t *order;
    void (*work)(struct hunch_unit *u, struct hunch_flow_thread *t, const uint32_t *function,
                 uint32_t count);       /* on each circle */
    void (*tell)(struct hunch_flow *f); /* behind the level, of each function */
    HUNCH_VEC(struct circle) circle;    /* of the level, the largest first */
    atomic_size_t next;
    pthread_mutex_t lock;
    pthread_cond_t begins, ends; /* the level */
    struct helper *helper;       /* all threads but this one */
    unsigned helpers, busy;
    uint64_t turn; /* levels so far */
    bool is_over;
};

static void run_circle(struct hunch_unit *u, struct hunch_flow_thread *t, const uint32_t *order,
                       uint32_t count)
{
    bool more = true;
    for (uint32_t i = 0; i < count; i++)
        u->flow[order[i]].t = t;
    for (int circles = 0; more && circles < CIRCLES_MOST && !u->failed; circles++) {
        more = false;
        for (uint32_t i = 0; i < count && !u->failed; i++)
            more |= hunch_flow_run(&u->flow[order[i]], count > 1);
        if (count == 1 && !more)
            return;
    }
    for (uint32_t i = 0; more && i < count; i++)
        u->flow[order[i]].is_gap = true;
}

static void run_circles(struct crew *c, struct hunch_flow_thread *t)
{
    for (size_t i; (i = atomic_fetch_add(&c->next, 1)) < c->circle.count && !c->u->failed;) {
        const struct circle *one = &c->circle.items[i];
        c->work(c->u, t, c->order + one->begin, one->end - one->begin);
    }
}

/* ---- threads ---- */

static void *help(void *ctx)
{
    const struct helper *own = ctx;
    struct crew *c = own->crew;
    uint64_t seen = 0;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (c->turn == seen && !c->is_over)
            pthread_cond_wait(&c->begins, &c->lock);
        if (c->is_over)
            break;
        seen = c->turn;
        pthread_mutex_unlock(&c->lock);
        run_circles(c, own->thread);
        pthread_mutex_lock(&c->lock);
        if (--c->busy == 0)
            pthread_cond_signal(&c->ends);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* As many as there are; without them this thread does their work. */
static void begin_crew(struct crew *c)
{
    const unsigned most = c->u->threads - 1;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->begins, NULL);
    pthread_cond_init(&c->ends, NULL);
    c->helper = hunch_alloc_array(c->u->a, most, sizeof *c->helper);
    for (; c->helper != NULL && c->helpers < most; c->helpers++) {
        struct helper *h = &c->helper[c->helpers];
        h->crew = c;
        h->thread = &c->u->thread[c->helpers + 1];
        if (pthread_create(&h->id, NULL, help, h) != 0)
            break;
    }
}

static void end_crew(struct crew *c)
{
    pthread_mutex_lock(&c->lock);
    c->is_over = true;
    pthread_cond_broadcast(&c->begins);
    pthread_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < c->helpers; i++)
        pthread_join(c->helper[i].id, NULL);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->begins);
    pthread_cond_destroy(&c->ends);
    hunch_free_array(c->u->a, c->helper, c->u->threads - 1, sizeof *c->helper);
    hunch_vec_free(c->u->a, &c->circle);
}

/* ---- levels ---- */

static int by_size(const void *left, const void *right)
{
    const struct circle *l = left, *r = right;
    if (l->ops != r->ops)
        return l->ops > r->ops ? -1 : 1;
    return l->begin < r->begin ? -1 : l->begin > r->begin;
}

/* The circles of order[begin .. end), by their sizes. *ops: of all. */
static bool find_circles(struct crew *c, const uint32_t *order, uint32_t begin, uint32_t end,
                         uint64_t *ops)
{
    const struct hunch_unit *u = c->u;
    *ops = 0;
    c->circle.count = 0;
    while (begin < end) {
        struct circle one = {begin, begin, 0};
        const uint32_t group = u->flow[order[begin]].group;
        for (; one.end < end && u->flow[order[one.end]].group == group; one.end++)
            one.ops += u->flow[order[one.end]].op_count;
        if (!hunch_vec_push(u->a, &c->circle, one))
            return false;
        *ops += one.ops;
        begin = one.end;
    }
    if (c->circle.count > 1)
        qsort(c->circle.items, c->circle.count, sizeof *c->circle.items, by_size);
    return true;
}

static void run_level(struct crew *c, const uint32_t *order, uint32_t begin, uint32_t end)
{
    struct hunch_unit *u = c->u;
    uint64_t ops;
    if (!find_circles(c, order, begin, end, &ops)) {
        u->failed = true;
        return;
    }
    const bool shared = c->helpers > 0 && c->circle.count > 1 && ops >= SHARED_OPS;
    c->order = order;
    atomic_store(&c->next, 0);
    u->is_shared = shared;
    if (shared) {
        pthread_mutex_lock(&c->lock);
        c->turn++;
        c->busy = c->helpers;
        pthread_cond_broadcast(&c->begins);
        pthread_mutex_unlock(&c->lock);
    }
    run_circles(c, u->thread);
    if (shared) {
        pthread_mutex_lock(&c->lock);
        while (c->busy > 0)
            pthread_cond_wait(&c->ends, &c->lock);
        pthread_mutex_unlock(&c->lock);
    }
    u->is_shared = false;
    for (uint32_t i = begin; i < end; i++)
        c->tell(&u->flow[order[i]]);
}

/* Functions by their levels; what stands together stays together. */
static bool sort_levels(const struct hunch_unit *u, const uint32_t *from, uint32_t *to)
{
    const uint32_t count = (uint32_t)u->function_file.count;
    uint32_t *first = hunch_alloc_zero(u->a, ((size_t)count + 1) * sizeof *first);
    if (first == NULL)
        return false;
    for (uint32_t f = 0; f < count; f++)
        first[u->flow[f].level + 1]++; /* the last level is below count */
    for (uint32_t l = 0; l < count; l++)
        first[l + 1] += first[l];
    for (uint32_t i = 0; i < count; i++)
        to[first[u->flow[from[i]].level]++] = from[i];
    hunch_free(u->a, first, ((size_t)count + 1) * sizeof *first);
    return true;
}

static bool find_order(struct hunch_unit *u, uint32_t *order)
{
    const uint32_t count = (uint32_t)u->function_file.count;
    uint32_t *room = hunch_alloc_array(u->a, (size_t)count * 3, sizeof *room);
    bool ok = room != NULL && hunch_unit_order(u, room, room + count, room + (size_t)count * 2);
    for (uint32_t f = 0; ok && f < count; f++) {
        u->flow[f].group = room[count + f];
        u->flow[f].level = room[(size_t)count * 2 + f];
    }
    ok = ok && sort_levels(u, room, order);
    hunch_free_array(u->a, room, (size_t)count * 3, sizeof *room);
    return ok;
}

bool hunch_unit_run(struct hunch_unit *u, uint32_t *order)
{
    const uint32_t count = (uint32_t)u->function_file.count;
    struct crew crew = {.u = u, .work = run_circle, .tell = hunch_flow_tell_pointers};
    bool ok = true;
    for (uint32_t i = 0; i < u->file_count; i++)
        if (u->file[i].initial != HUNCH_NONE) {
            (void)hunch_flow_run(&u->flow[u->file[i].initial], false);
            hunch_flow_tell_pointers(&u->flow[u->file[i].initial]);
        }
    begin_crew(&crew);
    u->more_pointers = true;
    for (int round = 0; ok && round < ROUNDS_MOST && u->more_pointers && !u->failed; round++) {
        u->more_pointers = false;
        ok = find_order(u, order);
        for (uint32_t i = 0, end; ok && i < count && !u->failed; i = end) {
            const uint32_t level = u->flow[order[i]].level;
            for (end = i; end < count && u->flow[order[end]].level == level;)
                end++;
            run_level(&crew, order, i, end);
        }
    }
    end_crew(&crew);
    return ok && !u->failed;
}

void hunch_unit_callers_first(struct hunch_unit *u, const uint32_t *order,
                              void (*work)(struct hunch_unit *u, struct hunch_flow_thread *t,
                                           const uint32_t *function, uint32_t count),
                              void (*tell)(struct hunch_flow *f))
{
    struct crew crew = {.u = u, .work = work, .tell = tell};
    begin_crew(&crew);
    for (uint32_t end = (uint32_t)u->function_file.count, begin; end > 0 && !u->failed;
         end = begin) {
        const uint32_t level = u->flow[order[end - 1]].level;
        for (begin = end; begin > 0 && u->flow[order[begin - 1]].level == level;)
            begin--;
        run_level(&crew, order, begin, end);
    }
    end_crew(&crew);
}
