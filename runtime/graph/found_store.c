/* found_store.c: see found_store.h. An entry is a head, what was asked for to be included, texts of
 * that, and what was told: struct item, then its name or witness, then its reason. */
#include "graph/found_store.h"

#include <string.h>

#include "cache.h"
#include "witness.h"

static const char kind[] = "graph-found"; /* among the graphs, which have the room together */

enum { ENTRY_MOST = 64 << 20 };

struct head {
    uint64_t asked, text, told; /* how many; bytes */
};

struct item {
    uint32_t is_gap, rule, file, line;
    struct hunch_extent span;
    uint32_t first, second; /* bytes of the witness; of a gap: of its name with its end or 0, of its
                               reason with its end */
};

/* ---- keys: all that a rule asks for ---- */

typedef HUNCH_VEC(uint8_t) bytes;

static bool put(const struct hunch_allocator *a, bytes *out, uint64_t number)
{
    return hunch_vec_append(a, out, (const uint8_t *)&number, sizeof number);
}

static bool put_name(const struct hunch_allocator *a, bytes *out, const char *name)
{
    const size_t size = name != NULL ? strlen(name) + 1 : 0;
    return put(a, out, size) && hunch_vec_append(a, out, (const uint8_t *)name, size);
}

static bool put_spots(const struct hunch_allocator *a, bytes *out, const struct hunch_spot *spot,
                      size_t count)
{
    bool ok = put(a, out, count);
    for (size_t i = 0; i < count && ok; i++)
        ok = put(a, out, spot[i].kind) && put(a, out, spot[i].index) &&
             put_name(a, out, spot[i].name);
    return ok;
}

static bool put_actions(const struct hunch_allocator *a, bytes *out,
                        const struct hunch_action *action, size_t count)
{
    bool ok = put(a, out, count);
    for (size_t i = 0; i < count && ok; i++)
        ok = put(a, out, action[i].kind) && put(a, out, action[i].place) &&
             put(a, out, action[i].value) && put_name(a, out, action[i].name);
    return ok;
}

static bool put_rule(const struct hunch_allocator *a, bytes *out, const struct hunch_graph_rule *r)
{
    bool ok = put(a, out, r->kind) && put(a, out, r->language) && put(a, out, r->edges) &&
              put(a, out, (uint64_t)r->missing << 1 | r->same_place) &&
              put_spots(a, out, r->from, r->from_count) && put_spots(a, out, r->to, r->to_count) &&
              put_spots(a, out, r->except, r->except_count) &&
              put_actions(a, out, r->by, r->by_count) && put_actions(a, out, r->of, r->of_count) &&
              put(a, out, r->guard_count);
    for (size_t i = 0; i < r->guard_count && ok; i++) {
        const struct hunch_guard *g = &r->guard[i];
        ok = put(a, out, g->kind) && put(a, out, g->index) && put(a, out, g->outcome) &&
             put(a, out, g->compare) && put(a, out, g->with) && put_name(a, out, g->name);
    }
    return ok;
}

bool hunch_found_key(const struct hunch_graph_work *w, const struct hunch_key *unit,
                     struct hunch_key *key)
{
    bytes out = {0};
    bool ok = hunch_vec_append(w->a, &out, unit->bytes, sizeof unit->bytes);
    for (size_t i = 0; i < w->rule_count && ok; i++)
        ok = put_rule(w->a, &out, hunch_graph_plan_rule(w->plan, w->rule[i]));
    if (ok)
        *key = hunch_key_of(out.items, out.count);
    hunch_vec_free(w->a, &out);
    return ok;
}

/* ---- telling ---- */

static void write_down(const struct hunch_graph_work *w, struct hunch_told *told, struct item item,
                       const void *first, const void *second)
{
    static const uint8_t nothing[8];
    const size_t size = (size_t)item.first + item.second;
    told->failed |= told->failed || item.first > ENTRY_MOST || told->bytes.count > ENTRY_MOST ||
                    !hunch_vec_append(w->a, &told->bytes, (const uint8_t *)&item, sizeof item) ||
                    !hunch_vec_append(w->a, &told->bytes, first, item.first) ||
                    !hunch_vec_append(w->a, &told->bytes, second, item.second) ||
                    !hunch_vec_append(w->a, &told->bytes, nothing, (8 - size % 8) % 8);
}

hunch_status hunch_tell_found(const struct hunch_graph_work *w, struct hunch_told *told,
                              size_t rule, size_t file, struct hunch_extent span,
                              const uint8_t *witness, size_t witness_size, struct hunch_error *err)
{
    const struct item item = {0, (uint32_t)rule, (uint32_t)file, 0, span, (uint32_t)witness_size,
                              0};
    write_down(w, told, item, witness, NULL);
    return w->found(w->ctx, rule, file, span.begin, span.end, witness, witness_size, err);
}

hunch_status hunch_tell_gap(const struct hunch_graph_work *w, struct hunch_told *told, size_t file,
                            const char *function, uint32_t line, const char *reason,
                            struct hunch_error *err)
{
    const uint32_t name = function != NULL ? (uint32_t)strlen(function) + 1 : 0;
    const struct item item = {
        1, 0, (uint32_t)file, line, {0, 0}, name, (uint32_t)strlen(reason) + 1};
    write_down(w, told, item, function, reason);
    return w->gap(w->ctx, file, function, line, reason, err);
}

/* ---- entries ---- */

size_t hunch_found_keep(const struct hunch_graph_work *w, const struct hunch_key *key,
                        const struct hunch_asked *asked, const struct hunch_told *told)
{
    static const uint8_t nothing[8];
    const struct head head = {asked->one.count, asked->text.count, told->bytes.count};
    const struct hunch_cache_piece piece[] = {
        {&head, sizeof head},
        {asked->one.items, asked->one.count * sizeof *asked->one.items},
        {asked->text.items, asked->text.count},
        {nothing, (8 - asked->text.count % 8) % 8},
        {told->bytes.items, told->bytes.count}};
    const size_t count = sizeof piece / sizeof *piece;
    if (told->failed || asked->failed || hunch_cache_size(piece, count) > ENTRY_MOST)
        return 0;
    /* The room is that of all kinds together: hunch_graph_store_trim(). */
    hunch_cache_write_pieces(w->a, w->cache, kind, key->bytes, piece, count, UINT64_MAX);
    return hunch_cache_size(piece, count);
}

/* Steps one behind the other, each with a name and a text. */
static bool is_witness(const uint8_t *at, size_t left)
{
    struct hunch_witness_head head;
    while (left > 0) {
        if (left < sizeof head)
            return false;
        memcpy(&head, at, sizeof head);
        const uint64_t size = sizeof head + (uint64_t)head.name + head.text;
        if (size > left || head.text > HUNCH_WITNESS_TEXT_MOST || head.what > HUNCH_WITNESS_SINK)
            return false;
        at += size;
        left -= (size_t)size;
    }
    return true;
}

static bool is_item(const struct hunch_graph_work *w, const struct item *item, const uint8_t *text)
{
    if (item->is_gap > 1 || item->file >= w->count)
        return false;
    if (item->is_gap == 0)
        return item->rule < w->rule_count && item->span.begin <= item->span.end &&
               item->span.end <= w->file[item->file].size && item->second == 0 &&
               is_witness(text, item->first);
    return item->second > 0 && text[(size_t)item->first + item->second - 1] == '\0' &&
           (item->first == 0 || text[item->first - 1] == '\0');
}

/* Goes through what was told; tell: tells it. false: it is damaged, or (tell) a failure. */
static bool go_through(const struct hunch_graph_work *w, const uint8_t *at, size_t left, bool tell,
                       hunch_status *status, struct hunch_error *err)
{
    struct item item;
    while (left > 0) {
        if (left < sizeof item)
            return false;
        memcpy(&item, at, sizeof item);
        const uint64_t size = (uint64_t)item.first + item.second, whole = size + (8 - size % 8) % 8;
        if (whole > left - sizeof item)
            return false;
        const uint8_t *first = at + sizeof item, *second = first + item.first;
        if (!tell && !is_item(w, &item, first))
            return false;
        if (tell && item.is_gap)
            *status = w->gap(w->ctx, item.file, item.first > 0 ? (const char *)first : NULL,
                             item.line, (const char *)second, err);
        else if (tell)
            *status = w->found(w->ctx, item.rule, item.file, item.span.begin, item.span.end, first,
                               item.first, err);
        if (*status != HUNCH_OK)
            return false;
        at = second + item.second + (whole - size);
        left -= sizeof item + (size_t)whole;
    }
    return true;
}

bool hunch_found_recall(const struct hunch_graph_work *w, const struct hunch_key *key,
                        struct hunch_asked *asked, hunch_status *status, struct hunch_error *err)
{
    void *entry;
    size_t size;
    struct head head;
    bool good = false;
    *status = HUNCH_OK;
    if (!hunch_cache_read(w->a, w->cache, kind, key->bytes, &entry, &size))
        return false;
    const uint8_t *at = entry;
    if (size >= sizeof head) {
        memcpy(&head, at, sizeof head);
        size_t left = size - sizeof head;
        const struct hunch_asked_one *one = (const void *)(at + sizeof head);
        good = head.asked <= left / sizeof *one;
        left -= good ? head.asked * sizeof *one : 0;
        const char *text = (const char *)(one + (good ? head.asked : 0));
        const uint64_t pad = (8 - head.text % 8) % 8;
        good = good && head.text <= left && pad <= left - head.text &&
               head.told == left - head.text - pad &&
               (head.text == 0 || text[head.text - 1] == '\0');
        const uint8_t *told = good ? (const uint8_t *)text + head.text + pad : NULL;
        good = good && go_through(w, told, head.told, false, status, err) &&
               hunch_asked_again(asked, one, head.asked, text, head.text);
        if (good)
            (void)go_through(w, told, head.told, true, status, err);
    }
    hunch_free(w->a, entry, size);
    return good;
}
