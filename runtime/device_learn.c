/* device_learn.c: see device_learn.h. */
#include "device_learn.h"

#include <string.h>

enum {
    WORDS_MOST = 4 << 20, /* of tables, 16 MiB; then nothing more is learned */
    SMALL = 512 << 10,    /* tables of so many words are sent when they have grown by a 16th, larger
                           * ones by a fourth: all that were ever sent stay... */
    LATE = 8,             /* ...or so many lessons later, however little they have grown, ... */
    SENT_MOST = 16 << 20, /* ...up to so many words in all */
    ALL_MOST = 48 << 20   /* and then nothing is sent any more */
};

static hunch_status fail_memory(const struct hunch_lessons *l, struct hunch_error *err)
{
    return hunch_fail_memory(err, (l->word.count + 1) * sizeof(uint32_t), "the DFAs of a device");
}

/* The tables as they are now become the newest. */
static hunch_status tell(struct hunch_lessons *l, unsigned stream, struct hunch_error *err)
{
    const struct hunch_allocator *a = l->program->a;
    struct hunch_device *d = l->device;
    const size_t views = l->program->regex_count * sizeof *l->learned,
                 words = l->word.count * sizeof(uint32_t);
    struct hunch_lessons_table *t = hunch_alloc_zero(a, sizeof *t);
    if (t == NULL)
        return fail_memory(l, err);
    hunch_status status = d->kind->alloc(d, views + words, &t->memory, err);
    if (status == HUNCH_OK && views > 0)
        status = d->kind->put(d, stream, t->memory, l->learned, views, err);
    if (status == HUNCH_OK)
        status = d->kind->put(d, stream, (uint8_t *)t->memory + views, l->word.items, words, err);
    if (status == HUNCH_OK)
        status = d->kind->wait(d, stream, err);
    if (status != HUNCH_OK) {
        if (t->memory)
            d->kind->release(d, t->memory);
        hunch_free(a, t, sizeof *t);
        return status;
    }
    t->learned = t->memory;
    t->word = (const uint32_t *)(const void *)((uint8_t *)t->memory + views);
    t->before = atomic_load(&l->newest);
    atomic_store(&l->newest, t);
    l->told = l->set.transitions;
    l->sent += l->word.count;
    l->since = 0;
    return HUNCH_OK;
}

hunch_status hunch_lessons_init(struct hunch_lessons *l, struct hunch_device *device,
                                const struct hunch_program *program, struct hunch_error *err)
{
    l->device = device;
    l->program = program;
    pthread_mutex_init(&l->lock, NULL);
    l->learned = hunch_alloc_array(program->a, program->regex_count, sizeof *l->learned);
    if (l->learned == NULL || !hunch_vec_push(program->a, &l->word, 0) ||
        !hunch_dfa_set_init(&l->set, program->a, program->regex_count))
        return fail_memory(l, err);
    l->set.origins = true;
    memset(l->learned, 0, program->regex_count * sizeof *l->learned);
    return tell(l, 0, err);
}

void hunch_lessons_done(struct hunch_lessons *l)
{
    if (l->program == NULL)
        return;
    const struct hunch_allocator *a = l->program->a;
    struct hunch_lessons_table *t = atomic_load(&l->newest), *before;
    for (; t != NULL; t = before) {
        before = t->before;
        l->device->kind->release(l->device, t->memory);
        hunch_free(a, t, sizeof *t);
    }
    hunch_dfa_set_done(&l->set);
    hunch_vec_free(a, &l->word);
    if (l->learned)
        hunch_free_array(a, l->learned, l->program->regex_count, sizeof *l->learned);
    pthread_mutex_destroy(&l->lock);
}

void hunch_lessons_view(const struct hunch_lessons *l, struct hunch_tables *tables)
{
    const struct hunch_lessons_table *newest = atomic_load(&l->newest);
    tables->learned = newest->learned;
    tables->learned_word = newest->word;
}

/* All that the DFAs have, as tables, and where threads come from as far as there is room left.
 * False: no memory, or too many words. */
static bool write_tables(struct hunch_lessons *l)
{
    const struct hunch_allocator *a = l->program->a;
    l->word.count = 1; /* row 0: no match can come */
    for (uint32_t i = 0; i < l->program->regex_count; i++)
        if (!hunch_dfa_write(&l->set, i, &l->learned[i], a, &l->word) || l->word.count > WORDS_MOST)
            return false;
    for (uint32_t i = 0; i < l->program->regex_count; i++)
        if (!hunch_dfa_write_origins(&l->set, i, &l->learned[i], a, &l->word, WORDS_MOST))
            return false;
    return true;
}

/* Is what is new worth new tables? Searches that meet what only the host knows take long, few as
 * they are: a dispatch lasts as long as its longest search. */
static bool worth_telling(const struct hunch_lessons *l)
{
    const uint64_t part = l->word.count < SMALL ? 16 : 4, news = l->set.transitions - l->told;
    const uint64_t sent = l->sent + l->word.count;
    return (news > l->told / part && sent <= ALL_MOST) ||
           (news > 0 && l->since >= LATE && sent <= SENT_MOST);
}

void hunch_lessons_learn(struct hunch_lessons *l, unsigned stream,
                         const struct hunch_lesson_text *text, size_t n)
{
    struct hunch_error ignored;
    if (pthread_mutex_trylock(&l->lock) != 0)
        return;
    for (size_t i = 0; i < n && l->word.count <= WORDS_MOST; i++) {
        struct hunch_source source = {.text = text[i].text};
        const struct hunch_regex_view regex = hunch_program_regex(l->program, text[i].regex);
        const uint64_t until = source.text.end < source.text.size ? source.text.end : HUNCH_NOWHERE;
        bool usable;
        struct hunch_dfa_run run;
        if (hunch_dfa_find(&l->set, text[i].regex, &regex, &source, text[i].start, until, false,
                           &usable, &run, &ignored) != HUNCH_OK)
            break;
    }
    l->since++;
    if (worth_telling(l) && l->word.count <= WORDS_MOST && write_tables(l))
        (void)tell(l, stream, &ignored);
    pthread_mutex_unlock(&l->lock);
}
