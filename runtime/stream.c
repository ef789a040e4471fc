/* stream.c: a record that arrives in pieces. Bytes wait in memory up to sizes.stream_most, then in
 * an unlinked temporary file; finish scans what came as one record, so that no split can show. */
#include <string.h>

#include "scan.h"
#include "spill.h"

struct hunch_stream {
    struct hunch_rules *rules;
    const struct hunch_allocator *a;
    struct hunch_scan_options options;
    char *name;
    hunch_bytes bytes;
    struct hunch_spill spill;
    uint64_t spilled;
};

hunch_status hunch_stream_new(struct hunch_rules *rules, const char *name,
                              const struct hunch_scan_options *options,
                              struct hunch_stream **stream, struct hunch_error *err)
{
    const struct hunch_allocator *a = rules->engine->a;
    *stream = NULL;
    struct hunch_stream *s = hunch_alloc_zero(a, sizeof *s);
    char *copy = hunch_strdup(a, name ? name : "");
    if (s == NULL || copy == NULL) {
        hunch_free(a, s, sizeof *s);
        hunch_strfree(a, copy);
        return hunch_fail_memory(err, sizeof *s, "a stream");
    }
    atomic_fetch_add(&rules->refs, 1);
    s->rules = rules;
    s->a = a;
    s->name = copy;
    if (options)
        s->options = *options;
    hunch_spill_init(&s->spill, NULL, 0);
    *stream = s;
    return HUNCH_OK;
}

static hunch_status flush(struct hunch_stream *s, struct hunch_error *err)
{
    uint64_t at;
    hunch_status status = hunch_spill_reserve(&s->spill, s->bytes.count, &at, err);
    if (status == HUNCH_OK)
        status = hunch_spill_write(&s->spill, at, s->bytes.items, s->bytes.count, err);
    if (status != HUNCH_OK)
        return status;
    s->spilled += s->bytes.count;
    s->bytes.count = 0;
    return HUNCH_OK;
}

hunch_status hunch_stream_feed(struct hunch_stream *s, const void *bytes, size_t size,
                               struct hunch_error *err)
{
    const uint8_t *from = bytes;
    size_t most = s->rules->engine->sizes.stream_most;
    while (size > 0) {
        size_t room = most - s->bytes.count, n = size < room ? size : room;
        if (!hunch_vec_append(s->a, &s->bytes, from, n))
            return hunch_fail_memory(err, n, "a stream");
        from += n;
        size -= n;
        if (s->bytes.count < most)
            continue;
        hunch_status status = flush(s, err);
        if (status != HUNCH_OK)
            return status;
    }
    return HUNCH_OK;
}

void hunch_stream_set_options(struct hunch_stream *s, const struct hunch_scan_options *options)
{
    s->options = *options;
}

hunch_status hunch_stream_finish(struct hunch_stream *s, struct hunch_report **report,
                                 struct hunch_error *err)
{
    if (s->options.resident)
        return hunch_fail(
            err, HUNCH_ERROR_ARGUMENT,
            "a stream's bytes are the host's, so it cannot be resident; leave it out");
    *report = NULL;
    if (s->spilled == 0) {
        struct hunch_record record = {s->name, strlen(s->name), s->bytes.items, s->bytes.count};
        return hunch_scan_records(s->rules, &record, 1, &s->options, report, err);
    }
    hunch_status status = s->bytes.count > 0 ? flush(s, err) : HUNCH_OK;
    if (status != HUNCH_OK)
        return status;
    return hunch_scan_fd(s->rules, s->name, strlen(s->name), s->spill.fd, s->spilled, &s->options,
                         report, err);
}

void hunch_stream_free(struct hunch_stream *s)
{
    if (s == NULL)
        return;
    hunch_spill_done(&s->spill);
    hunch_vec_free(s->a, &s->bytes);
    hunch_strfree(s->a, s->name);
    hunch_rules_free(s->rules);
    hunch_free(s->a, s, sizeof *s);
}
