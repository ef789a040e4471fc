/* device_slab_names.c: records that the host needs for their names, whatever the device finds in
 * them. It hears of them before it collects hits, so that theirs come back, and asks for names
 * while the device is at work. */
#include "device_slab_state.h"

#include <string.h>

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

hunch_status hunch_slab_begin_states(struct hunch_slab *b, size_t size, struct hunch_error *err)
{
    const struct hunch_device_kind *kind = b->device->kind;
    struct hunch_record_state *state = b->host.state.at;
    hunch_status status = hunch_slab_ask_names(b, err);
    if (status != HUNCH_OK)
        return status;
    if (b->named.count == 0)
        return kind->clear(b->device, b->stream, b->on_device.state.at, size, err);
    memset(state, 0, size);
    for (size_t i = 0; i < b->named.count; i++)
        state[b->named.items[i]].needed = HUNCH_RECORD_NEEDED;
    return kind->put(b->device, b->stream, b->on_device.state.at, state, size, err);
}
