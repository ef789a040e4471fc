/* asked.c: see asked.h. */
#include "graph/asked.h"

#include <string.h>

/* More are not worth being kept: to ask again would take too long. */
enum { ASKED_MOST = 1 << 20, TEXT_MOST = 64 << 20 };

void hunch_asked_init(struct hunch_asked *asked, const struct hunch_graph_work *work)
{
    *asked = (struct hunch_asked){.work = work};
    pthread_mutex_init(&asked->lock, NULL);
}

static void forget(struct hunch_asked *asked)
{
    const struct hunch_allocator *a = asked->work->a;
    hunch_vec_free(a, &asked->one);
    hunch_vec_free(a, &asked->text);
    hunch_vec_free(a, &asked->hash);
    hunch_key_map_free(a, &asked->known);
    hunch_key_map_free(a, &asked->piece);
}

void hunch_asked_free(struct hunch_asked *asked)
{
    forget(asked);
    pthread_mutex_destroy(&asked->lock);
}

static uint32_t add_text(struct hunch_asked *asked, const char *text)
{
    const uint32_t at = (uint32_t)asked->text.count;
    if (asked->text.count > TEXT_MOST ||
        !hunch_vec_append(asked->work->a, &asked->text, text, strlen(text) + 1))
        asked->failed = true;
    return at;
}

/* The number of a key; *added: it is new. */
static uint32_t number_of(struct hunch_asked *asked, struct hunch_key_map *map, const void *key,
                          bool *added)
{
    struct hunch_map_key words;
    memcpy(&words, key, sizeof words);
    const uint32_t number = hunch_key_number(asked->work->a, map, words, true, added);
    asked->failed |= number == UINT32_MAX;
    return number;
}

/* A file may be found often: it stays where it is as long as the unit does, and is hashed once. */
static struct hunch_key hash_of(struct hunch_asked *asked, const uint8_t *bytes, size_t size)
{
    const uint64_t where[2] = {(uint64_t)(uintptr_t)bytes, size};
    struct hunch_key hash = {{0}};
    bool added;
    const uint32_t number = number_of(asked, &asked->piece, where, &added);
    if (asked->failed)
        return hash;
    if (!added)
        return asked->hash.items[number];
    hash = hunch_key_of(bytes, size);
    asked->failed |= !hunch_vec_push(asked->work->a, &asked->hash, hash);
    return hash;
}

static void note(struct hunch_asked *asked, const char *name, const char *from,
                 const uint8_t *bytes, size_t size, const char *found)
{
    const struct hunch_key both[2] = {hunch_key_of(name, strlen(name)),
                                      hunch_key_of(from, strlen(from))};
    const struct hunch_key key = hunch_key_of(both, sizeof both);
    bool added;
    (void)number_of(asked, &asked->known, &key, &added);
    asked->failed |= asked->one.count >= ASKED_MOST;
    if (asked->failed || !added)
        return;
    struct hunch_asked_one one = {
        add_text(asked, name), add_text(asked, from), bytes != NULL, 0, {{0}}};
    if (bytes != NULL) { /* its name, too: what it includes in turn is looked for from there */
        const struct hunch_key what[2] = {hash_of(asked, bytes, size),
                                          hunch_key_of(found, strlen(found))};
        one.hash = hunch_key_of(what, sizeof what);
    }
    asked->failed |= !hunch_vec_push(asked->work->a, &asked->one, one);
}

const uint8_t *hunch_asked_include(void *ctx, const char *name, const char *from, size_t *size,
                                   const char **found)
{
    struct hunch_asked *asked = ctx;
    const struct hunch_graph_work *w = asked->work;
    const uint8_t *bytes = w->include(w->ctx, name, from, size, found);
    pthread_mutex_lock(&asked->lock);
    if (!asked->failed)
        note(asked, name, from, bytes, bytes != NULL ? *size : 0, bytes != NULL ? *found : "");
    pthread_mutex_unlock(&asked->lock);
    return bytes;
}

bool hunch_asked_again(struct hunch_asked *asked, const struct hunch_asked_one *one, size_t count,
                       const char *text, size_t size)
{
    bool holds = asked->work->include != NULL || count == 0;
    for (size_t i = 0; i < count && holds; i++) {
        const char *found;
        size_t bytes;
        holds = one[i].name < size && one[i].from < size;
        if (!holds)
            break;
        (void)hunch_asked_include(asked, text + one[i].name, text + one[i].from, &bytes, &found);
        holds = !asked->failed && asked->one.count == i + 1 &&
                memcmp(&asked->one.items[i], &one[i], sizeof one[i]) == 0;
    }
    if (!holds) {
        forget(asked);
        asked->failed = false;
    }
    return holds;
}
