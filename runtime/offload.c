/* offload.c: see offload.h. */
#include "offload.h"

#include <string.h>

enum {
    FASTER = 20,     /* a device is worth it that is faster by more than this part: 5 % */
    LOSS_SHARE = 50, /* a try may lose this part of the time since the last one: 2 %, */
    LEAST_LOSS = 8   /* and is never thought to lose less than this part of what it takes */
};

void hunch_offload_init(struct hunch_offload *o, uint32_t threads,
                        const struct hunch_offload_memory *memory)
{
    memset(o, 0, sizeof *o);
    o->memory = *memory;
    o->threads = threads;
}

/* bytes * 2^20 / by, below 2^63. */
static uint64_t scaled(uint64_t bytes, uint64_t by)
{
    const uint64_t most = UINT64_MAX >> 21;
    return ((bytes < most ? bytes : most) << 20) / by;
}

/* Bytes in 2^20 ns of a thread; 0: not known. */
static uint64_t rate_of(const struct hunch_offload *o, enum hunch_side side)
{
    const struct hunch_offload_work *w = &o->memory.side[side];
    return w->ns == 0 ? 0 : scaled(w->bytes, w->ns);
}

static void begin_turn(struct hunch_offload *o, enum hunch_side side, bool trying)
{
    o->side = (uint8_t)side;
    o->trying = trying;
    o->turn++;
    o->warm = o->count = 0;
    o->counted = (struct hunch_offload_work){0};
}

void hunch_offload_found(struct hunch_offload *o)
{
    o->device = true;
}

void hunch_offload_lost(struct hunch_offload *o)
{
    o->device = false;
    if (o->side == HUNCH_SIDE_DEVICE)
        begin_turn(o, HUNCH_SIDE_HOST, false);
}

/* Which of two known sides it shall be. */
static enum hunch_side better(const struct hunch_offload *o)
{
    const uint64_t host = rate_of(o, HUNCH_SIDE_HOST);
    return rate_of(o, HUNCH_SIDE_DEVICE) > host + host / FASTER ? HUNCH_SIDE_DEVICE
                                                                : HUNCH_SIDE_HOST;
}

/* What a turn of the other side would lose, its warm jobs too, is little beside the time since it
 * had one. */
static bool is_due(const struct hunch_offload *o, enum hunch_side other)
{
    const struct hunch_offload_work *w = &o->memory.side[other];
    const uint64_t rate = rate_of(o, (enum hunch_side)o->side);
    if (rate == 0)
        return false;
    if (w->ns == 0)
        return true;
    const uint64_t here = scaled(w->bytes, rate);
    uint64_t loss = w->ns > here ? w->ns - here : 0;
    if (loss < w->ns / LEAST_LOSS)
        loss = w->ns / LEAST_LOSS;
    return o->memory.since_ns / LOSS_SHARE >= 2 * loss;
}

enum hunch_side hunch_offload_next(struct hunch_offload *o, uint32_t *turn)
{
    const enum hunch_side other = o->side == HUNCH_SIDE_HOST ? HUNCH_SIDE_DEVICE : HUNCH_SIDE_HOST;
    if (o->device && !o->trying) {
        const bool both = rate_of(o, HUNCH_SIDE_HOST) > 0 && rate_of(o, HUNCH_SIDE_DEVICE) > 0;
        if (both && better(o) == other) /* an earlier scan has found that */
            begin_turn(o, other, false);
        else if (is_due(o, other))
            begin_turn(o, other, true);
    }
    *turn = o->turn;
    return (enum hunch_side)o->side;
}

void hunch_offload_done(struct hunch_offload *o, uint32_t turn, uint64_t bytes, uint64_t ns)
{
    if (turn != o->turn || bytes == 0 || ns == 0)
        return; /* it was at work while the other side had its turn: that says nothing of either */
    o->memory.since_ns += ns;
    if (o->warm < o->threads) {
        o->warm++;
        return;
    }
    o->counted.bytes += bytes;
    o->counted.ns += ns;
    if (++o->count < o->threads)
        return;
    o->memory.side[o->side] = o->counted;
    o->counted = (struct hunch_offload_work){0};
    o->count = 0;
    if (!o->trying)
        return;
    o->trying = false;
    o->memory.since_ns = 0;
}
