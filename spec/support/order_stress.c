/* order_stress: threads that deliver to one hunch_order as fast and as unevenly as they can.
 *
 *   order_stress KEY=NUMBER…      threads sequences parts size seed memory ahead spill_limit
 *                                 slow (every n-th sequence sleeps) fail_sink cancel fail_at
 * folder=PATH
 *
 * The sink checks what it gets: order, whole parts, contents, one call at a time. The last line is
 * "ok …" with the figures, or what was wrong. For data races:
 *   gcc -fsanitize=thread -g -O1 -Iruntime -o order_tsan spec/support/order_stress.c \
 *       runtime/{order,spill,alloc,error,read,dir}.c -pthread
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "alloc.h"
#include "order.h"

enum {
    THREADS,
    SEQUENCES,
    PARTS,
    SIZE,
    SEED,
    MEMORY,
    AHEAD,
    SPILL_LIMIT,
    SLOW,
    FAIL_SINK,
    CANCEL,
    FAIL_AT,
    KEYS
};
static const char *const keys[KEYS] = {"threads", "sequences", "parts",  "size",
                                       "seed",    "memory",    "ahead",  "spill_limit",
                                       "slow",    "fail_sink", "cancel", "fail_at"};

struct part_head {
    uint32_t sequence, part, parts, size; /* size: of the payload behind it */
};

struct stress {
    unsigned long long value[KEYS];
    const char *folder;
    struct hunch_order *order;
    atomic_ullong next; /* sequence to be taken */
    atomic_int in_sink;
    atomic_int statuses[16]; /* how often append or finish ended with which */
    uint32_t sequence, part; /* the sink's: what comes next */
    unsigned long long calls, bytes;
    char wrong[200];
};

static uint64_t scramble(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t choose(const struct stress *s, uint64_t sequence, uint64_t what)
{
    return scramble(s->value[SEED] * 1000003 + scramble(sequence * 64 + what));
}

static uint32_t parts_of(const struct stress *s, uint64_t sequence)
{
    return (uint32_t)(choose(s, sequence, 0) % (s->value[PARTS] + 1));
}

static uint32_t size_of(const struct stress *s, uint64_t sequence, uint32_t part)
{
    /* Few are large. */
    uint64_t r = choose(s, sequence, 2 + part);
    return (uint32_t)((r >> 8) % ((r & 7) == 0 ? s->value[SIZE] + 1 : s->value[SIZE] / 16 + 1));
}

static void make_part(const struct stress *s, uint32_t sequence, uint32_t part, unsigned char *at)
{
    struct part_head head = {sequence, part, parts_of(s, sequence), size_of(s, sequence, part)};
    memcpy(at, &head, sizeof head);
    memset(at + sizeof head, (int)(sequence * 31 + part), head.size);
}

static hunch_status wrong(struct stress *s, const char *what)
{
    snprintf(s->wrong, sizeof s->wrong, "%s at sequence %u, part %u", what, s->sequence, s->part);
    return HUNCH_ERROR_ARGUMENT;
}

static hunch_status sink(void *ctx, uint64_t sequence, const void *bytes, size_t size,
                         struct hunch_error *err)
{
    struct stress *s = ctx;
    const unsigned char *at = bytes, *end = at + size;
    hunch_status status = HUNCH_OK;
    if (atomic_fetch_add(&s->in_sink, 1) != 0)
        status = wrong(s, "two calls at once");
    if (++s->calls == s->value[FAIL_SINK])
        status = hunch_fail(err, HUNCH_ERROR_IO, "the sink is full");
    if (size == 0)
        status = wrong(s, "an empty call");
    s->bytes += size;
    while (at < end && !status) {
        struct part_head head;
        while (s->part == parts_of(s, s->sequence)) {
            s->sequence++;
            s->part = 0;
        }
        if ((size_t)(end - at) < sizeof head) {
            status = wrong(s, "a part was cut");
            break;
        }
        memcpy(&head, at, sizeof head);
        at += sizeof head;
        if (head.sequence != s->sequence || head.part != s->part || sequence != s->sequence)
            status = wrong(s, "wrong order");
        else if (head.size != size_of(s, s->sequence, s->part) || (size_t)(end - at) < head.size)
            status = wrong(s, "wrong size");
        for (uint32_t i = 0; i < head.size && !status; i++)
            if (at[i] != (unsigned char)(head.sequence * 31 + head.part))
                status = wrong(s, "wrong bytes");
        at += head.size;
        s->part++;
    }
    atomic_fetch_sub(&s->in_sink, 1);
    return status;
}

static void *work(void *ctx)
{
    struct stress *s = ctx;
    unsigned char *buffer = malloc(sizeof(struct part_head) + s->value[SIZE]);
    struct hunch_error err;
    hunch_status status = HUNCH_OK;
    while (!status) {
        uint64_t sequence = atomic_fetch_add(&s->next, 1);
        if (sequence >= s->value[SEQUENCES])
            break;
        if (s->value[CANCEL] && sequence == s->value[CANCEL])
            hunch_order_cancel(s->order);
        if (s->value[SLOW] && sequence % s->value[SLOW] == 0)
            nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
        uint32_t parts = parts_of(s, sequence);
        for (uint32_t part = 0; part < parts && !status; part++) {
            make_part(s, (uint32_t)sequence, part, buffer);
            size_t size = sizeof(struct part_head) + size_of(s, sequence, part);
            if (part + 1 == parts && choose(s, sequence, 1) % 2 == 0) {
                status = hunch_order_deliver(s->order, sequence, buffer, size, &err);
                goto done;
            }
            status = hunch_order_append(s->order, sequence, buffer, size, &err);
        }
        if (!status)
            status = hunch_order_finish(s->order, sequence, &err);
    done:
        atomic_fetch_add(&s->statuses[status], 1);
    }
    free(buffer);
    return NULL;
}

static int usage(void)
{
    fprintf(stderr, "order_stress: KEY=NUMBER… with the keys of the head of its source\n");
    return 2;
}

int main(int argc, char **argv)
{
    static struct stress s = {
        .value = {[THREADS] = 4, [SEQUENCES] = 1000, [PARTS] = 4, [SIZE] = 4096, [SEED] = 1}};
    signal(SIGXFSZ, SIG_IGN);
    for (int i = 1; i < argc; i++) {
        const char *equal = strchr(argv[i], '=');
        size_t length = equal ? (size_t)(equal - argv[i]) : 0;
        int k = 0;
        if (length == 6 && memcmp(argv[i], "folder", 6) == 0) {
            s.folder = equal + 1;
            continue;
        }
        while (k < KEYS && !(strlen(keys[k]) == length && memcmp(keys[k], argv[i], length) == 0))
            k++;
        if (!equal || k == KEYS)
            return usage();
        s.value[k] = strtoull(equal + 1, NULL, 10);
    }
    if (s.value[THREADS] < 1 || s.value[THREADS] > 64 || s.value[SIZE] > 64 << 20)
        return usage();

    struct hunch_counting_allocator memory;
    hunch_counting_allocator_init(&memory, NULL);
    memory.fail_at = s.value[FAIL_AT];
    memory.fail_after = true;
    struct hunch_order_options options = {.memory = s.value[MEMORY],
                                          .ahead = s.value[AHEAD],
                                          .folder = s.folder,
                                          .spill_limit = s.value[SPILL_LIMIT]};
    struct hunch_error err;
    hunch_status status = hunch_order_new(&memory.base, &options, sink, &s, &s.order, &err);
    if (status) {
        printf("new: %s; blocks=%lu\n", err.message, atomic_load(&memory.blocks));
        return 1;
    }
    pthread_t threads[64];
    for (unsigned i = 0; i < s.value[THREADS]; i++)
        pthread_create(&threads[i], NULL, work, &s);
    for (unsigned i = 0; i < s.value[THREADS]; i++)
        pthread_join(threads[i], NULL);
    struct hunch_order_stats stats;
    hunch_order_get_stats(s.order, &stats);
    hunch_order_free(s.order);
    if (!s.wrong[0] && stats.bytes != s.bytes && !s.value[FAIL_SINK])
        snprintf(s.wrong, sizeof s.wrong, "counted %llu bytes, passed on %llu",
                 (unsigned long long)stats.bytes, s.bytes);
    printf("%s head=%llu bytes=%llu spilled=%llu waits=%llu peak=%zu blocks=%lu spill_error=%d "
           "ok=%d io=%d cancelled=%d other=%d\n",
           s.wrong[0] ? s.wrong : "ok", (unsigned long long)stats.head, s.bytes,
           (unsigned long long)stats.spilled, (unsigned long long)stats.waits, stats.memory_peak,
           atomic_load(&memory.blocks), (int)stats.spill_error.code,
           atomic_load(&s.statuses[HUNCH_OK]), atomic_load(&s.statuses[HUNCH_ERROR_IO]),
           atomic_load(&s.statuses[HUNCH_ERROR_CANCELLED]),
           atomic_load(&s.statuses[HUNCH_ERROR_MEMORY]) +
               atomic_load(&s.statuses[HUNCH_ERROR_ARGUMENT]) +
               atomic_load(&s.statuses[HUNCH_ERROR_LIMIT]));
    return s.wrong[0] ? 1 : 0;
}
