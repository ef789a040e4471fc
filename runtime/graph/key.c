/* key.c: a hash map from keys of four words to numbers. */
#include <string.h>

#include "graph/flow.h"

/* Two products that do not wait for each other: keys are looked up far more often than made. */
static uint32_t hash(const struct hunch_map_key *key)
{
    uint64_t half[2];
    memcpy(half, key, sizeof half);
    const uint64_t h = half[0] * 0x9e3779b97f4a7c15u ^ (half[1] + 1) * 0xff51afd7ed558ccdu;
    return (uint32_t)(h ^ h >> 32);
}

static bool same(const struct hunch_map_key *l, const struct hunch_map_key *r)
{
    return memcmp(l, r, sizeof *l) == 0;
}

void hunch_key_map_rest(const struct hunch_allocator *a, struct hunch_key_map *map)
{
    hunch_free_array(a, map->slot, map->slot_count, sizeof *map->slot);
    map->slot = NULL;
    map->slot_count = 0;
}

/* Room for one more. */
static bool grow(const struct hunch_allocator *a, struct hunch_key_map *map)
{
    uint32_t count = map->slot_count > 0 ? map->slot_count : 16;
    while ((map->key.count + 1) * 4 > (size_t)count * 3)
        count *= 2;
    uint32_t *slot = hunch_alloc_zero(a, count * sizeof *slot);
    if (slot == NULL)
        return false;
    for (uint32_t i = 0; i < map->key.count; i++) {
        uint32_t at = hash(&map->key.items[i]) & (count - 1);
        while (slot[at] != 0)
            at = (at + 1) & (count - 1);
        slot[at] = i + 1;
    }
    hunch_key_map_rest(a, map);
    map->slot = slot;
    map->slot_count = count;
    return true;
}

uint32_t hunch_key_number(const struct hunch_allocator *a, struct hunch_key_map *map,
                          struct hunch_map_key key, bool add, bool *added)
{
    const uint32_t h = hash(&key);
    uint32_t at = 0;
    if (added != NULL)
        *added = false;
    if (map->slot_count == 0 && map->key.count > 0 && !grow(a, map))
        return UINT32_MAX;
    if (map->slot_count > 0) {
        const uint32_t mask = map->slot_count - 1;
        for (at = h & mask; map->slot[at] != 0; at = (at + 1) & mask)
            if (same(&map->key.items[map->slot[at] - 1], &key))
                return map->slot[at] - 1;
    }
    if (!add)
        return UINT32_MAX;
    if ((map->key.count + 1) * 4 > (size_t)map->slot_count * 3) {
        if (!grow(a, map))
            return UINT32_MAX;
        at = h & (map->slot_count - 1);
        while (map->slot[at] != 0)
            at = (at + 1) & (map->slot_count - 1);
    }
    if (!hunch_vec_push(a, &map->key, key))
        return UINT32_MAX;
    map->slot[at] = (uint32_t)map->key.count;
    if (added != NULL)
        *added = true;
    return (uint32_t)map->key.count - 1;
}

void hunch_key_map_free(const struct hunch_allocator *a, struct hunch_key_map *map)
{
    hunch_vec_free(a, &map->key);
    hunch_key_map_rest(a, map);
}
