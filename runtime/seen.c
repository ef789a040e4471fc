/* seen.c: see seen.h. */
#include "seen.h"

#include <stdint.h>
#include <string.h>

void hunch_seen_init(struct hunch_seen *s, const struct hunch_allocator *a)
{
    memset(s, 0, sizeof *s);
    s->allocator = a;
}

void hunch_seen_done(struct hunch_seen *s)
{
    for (size_t i = 0; i < s->size; i++)
        hunch_strfree(s->allocator, s->table[i].name);
    hunch_free_array(s->allocator, s->table, s->size, sizeof *s->table);
    s->table = NULL;
    s->size = s->count = 0;
}

static uint64_t mix(uint64_t h, uint64_t value)
{
    h = (h ^ value) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

/* The entry, or the free one where it belongs. */
static struct hunch_seen_entry *place(struct hunch_seen_entry *table, size_t size, dev_t dev,
                                      ino_t ino, const char *name)
{
    uint64_t h = mix(mix(1, dev), ino);
    for (const char *p = name; p && *p; p++)
        h = mix(h, (unsigned char)*p);
    for (size_t i = h & (size - 1);; i = (i + 1) & (size - 1)) {
        struct hunch_seen_entry *e = &table[i];
        if (!e->used || (e->dev == dev && e->ino == ino && !e->name == !name &&
                         (!name || strcmp(e->name, name) == 0)))
            return e;
    }
}

struct hunch_seen_entry *hunch_seen_find(const struct hunch_seen *s, dev_t dev, ino_t ino,
                                         const char *name)
{
    if (s->count == 0)
        return NULL;
    struct hunch_seen_entry *e = place(s->table, s->size, dev, ino, name);
    return e->used ? e : NULL;
}

static bool grow(struct hunch_seen *s)
{
    size_t size = s->size ? s->size * 2 : 64;
    struct hunch_seen_entry *table = hunch_alloc_array(s->allocator, size, sizeof *table);
    if (!table)
        return false;
    memset(table, 0, size * sizeof *table);
    for (size_t i = 0; i < s->size; i++) {
        const struct hunch_seen_entry *e = &s->table[i];
        if (e->used)
            *place(table, size, e->dev, e->ino, e->name) = *e;
    }
    hunch_free_array(s->allocator, s->table, s->size, sizeof *s->table);
    s->table = table;
    s->size = size;
    return true;
}

struct hunch_seen_entry *hunch_seen_put(struct hunch_seen *s, dev_t dev, ino_t ino,
                                        const char *name)
{
    struct hunch_seen_entry *e = hunch_seen_find(s, dev, ino, name);
    if (e)
        return e;
    if (s->count >= s->size / 4 * 3 && !grow(s))
        return NULL;
    char *copy = name ? hunch_strdup(s->allocator, name) : NULL;
    if (name && !copy)
        return NULL;
    e = place(s->table, s->size, dev, ino, name);
    *e = (struct hunch_seen_entry){dev, ino, copy, 0, true};
    s->count++;
    return e;
}
