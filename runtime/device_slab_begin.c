/* device_slab_begin.c: what the device knows of records before it looks at them. Those that the
 * host needs for their names, whatever is found in them: the device hears of them before it
 * collects hits, so that theirs come back; names are asked for while it is at work. And empty
 * chains, for rules that are judged by all hits of a record. */
#include "device_slab_state.h"

#include <string.h>

#include "../kernels/tuning.h"

hunch_status hunch_slab_ask_names(struct hunch_slab *b, struct hunch_error *err)
{
    if (b->names_asked || hunch_slab_every(b))
        return HUNCH_OK;
    b->named.count = 0;
    const uint32_t records = b->rules->plan->named_count > 0 ? hunch_slab_count(b) : 0;
    for (uint32_t i = 0; i < records; i++)
        if (b->order.named(b->order.ctx, i) && !hunch_vec_push(b->a, &b->named, i))
            return hunch_fail_memory(err, sizeof i, "a slab");
    b->names_asked = true;
    return HUNCH_OK;
}

void hunch_slab_chains(const struct hunch_slab *b, struct hunch_confirm_hits_args *args)
{
    struct hunch_counters *counters = b->on_device.counters.at;
    if (!b->rules->gating.asks_all)
        return;
    args->chain = b->on_device.chain.at;
    args->next = b->on_device.next.at;
    args->asked_count = &counters->asked;
    args->chain_most =
        b->order.hits_most < HUNCH_RECORD_HITS ? b->order.hits_most : HUNCH_RECORD_HITS;
}

hunch_status hunch_slab_begin_states(struct hunch_slab *b, size_t size, struct hunch_error *err)
{
    const struct hunch_device_kind *kind = b->device->kind;
    struct hunch_record_state *state = b->host.state.at;
    hunch_status status = hunch_slab_ask_names(b, err);
    if (status != HUNCH_OK)
        return status;
    if (b->rules->gating.asks_all) {
        const size_t chains = hunch_slab_count(b) * sizeof(struct hunch_chain);
        status = hunch_slab_grow(b, &b->on_device.chain, false, chains, err);
        if (status == HUNCH_OK)
            status = kind->clear(b->device, b->stream, b->on_device.chain.at, chains, err);
        if (status != HUNCH_OK)
            return status;
    }
    if (b->named.count == 0)
        return kind->clear(b->device, b->stream, b->on_device.state.at, size, err);
    memset(state, 0, size);
    for (size_t i = 0; i < b->named.count; i++)
        state[b->named.items[i]].needed = HUNCH_RECORD_NEEDED;
    return kind->put(b->device, b->stream, b->on_device.state.at, state, size, err);
}
