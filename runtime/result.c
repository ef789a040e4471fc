/* result.c: the layout of a block is private to this file. All integers in host order; a block
 * never leaves the process.
 *
 * 'R' u32 name length, name: a record, what follows is about it ('S': about the scan)
 *
 * 'M' struct fixed_match, text, before, after, severity, title, meta, witness, groups
 * (u64 pairs)
 *
 * 'L' u32 rule, u32 reason, u32 detail length, detail */
#include "result.h"
#include "witness.h"

#include <string.h>

struct fixed_match {
    uint64_t start, end, line, column;
    uint32_t rule, group_count;
    uint32_t text, before, after, severity, title, meta, witness; /* lengths */
    uint32_t zero;
};

static bool put(const struct hunch_allocator *a, hunch_bytes *out, const void *bytes, size_t n)
{
    return hunch_vec_append(a, out, (const uint8_t *)bytes, n);
}

static bool put_byte(const struct hunch_allocator *a, hunch_bytes *out, uint8_t byte)
{
    return put(a, out, &byte, 1);
}

static bool put_record(const struct hunch_allocator *a, hunch_bytes *out, const char *name,
                       size_t length)
{
    uint32_t n = (uint32_t)length;
    if (name == NULL)
        return put_byte(a, out, 'S');
    return put_byte(a, out, 'R') && put(a, out, &n, sizeof n) && put(a, out, name, n);
}

static bool put_lost(const struct hunch_allocator *a, hunch_bytes *out, uint32_t rule,
                     enum hunch_reason reason, const char *detail)
{
    uint32_t fields[3] = {rule, (uint32_t)reason, (uint32_t)strlen(detail)};
    return put_byte(a, out, 'L') && put(a, out, fields, sizeof fields) &&
           put(a, out, detail, fields[2] + 1);
}

/* How far the line goes before `start`, or behind `end`: at most HUNCH_CONTEXT_MOST bytes. */
static hunch_status context_of(struct hunch_worker *w, const struct hunch_found *m, uint64_t *low,
                               uint64_t *high, struct hunch_error *err)
{
    uint64_t size = w->source->text.size;
    uint64_t first = m->start < HUNCH_CONTEXT_MOST ? 0 : m->start - HUNCH_CONTEXT_MOST;
    uint64_t last = size - m->end < HUNCH_CONTEXT_MOST ? size : m->end + HUNCH_CONTEXT_MOST;
    const uint8_t *bytes;
    *low = m->start;
    *high = m->end;
    hunch_status status = hunch_worker_bytes(w, first, m->start, &bytes, err);
    if (status != HUNCH_OK || bytes == NULL)
        return status;
    while (*low > first && bytes[*low - 1 - first] != '\n')
        --*low;
    /* A match that ends behind a newline has its whole line already. */
    if (m->end > m->start) {
        status = hunch_worker_bytes(w, m->end - 1, m->end, &bytes, err);
        if (status != HUNCH_OK || bytes == NULL || bytes[0] == '\n')
            return status;
    }
    status = hunch_worker_bytes(w, m->end, last, &bytes, err);
    if (status != HUNCH_OK || bytes == NULL)
        return status;
    while (*high < last && bytes[*high - m->end] != '\n')
        ++*high;
    return HUNCH_OK;
}

/* Appends bytes [start, end) of the record. */
static hunch_status put_span(struct hunch_worker *w, hunch_bytes *out, uint64_t start, uint64_t end,
                             struct hunch_error *err)
{
    const uint8_t *bytes;
    hunch_status status = hunch_worker_bytes(w, start, end, &bytes, err);
    if (status != HUNCH_OK)
        return status;
    size_t n = (size_t)(end - start);
    if (!hunch_vec_reserve(w->a, out, n))
        return hunch_fail_memory(err, n, "a result");
    if (bytes != NULL)
        hunch_copy(out->items + out->count, bytes, n);
    else
        memset(out->items + out->count, 0, n); /* the record became shorter while it was read */
    out->count += n;
    return HUNCH_OK;
}

static hunch_status write_match(struct hunch_worker *w, const struct hunch_found *m,
                                hunch_bytes *out, struct hunch_error *err)
{
    static const struct hunch_change unchanged;
    const struct hunch_change *change = m->change ? &w->change.items[m->change - 1] : &unchanged;
    const struct hunch_graph_found *finding = m->witness ? &w->graph->found[m->witness - 1] : NULL;
    uint64_t low, high;
    uint64_t text_end = m->end - m->start > HUNCH_TEXT_MOST ? m->start + HUNCH_TEXT_MOST : m->end;
    hunch_status status = context_of(w, m, &low, &high, err);
    if (status != HUNCH_OK)
        return status;
    struct fixed_match f = {.start = m->start,
                            .end = m->end,
                            .line = m->line,
                            .column = m->column,
                            .rule = m->rule,
                            .group_count = m->group_count,
                            .text = (uint32_t)(text_end - m->start),
                            .before = (uint32_t)(m->start - low),
                            .after = (uint32_t)(high - m->end),
                            .severity = change->severity.length,
                            .title = change->title.length,
                            .meta = change->meta.length,
                            .witness = finding ? (uint32_t)finding->witness_size : 0};
    if (!put_byte(w->a, out, 'M') || !put(w->a, out, &f, sizeof f))
        return hunch_fail_memory(err, sizeof f, "a result");
    status = put_span(w, out, m->start, text_end, err);
    if (status == HUNCH_OK)
        status = put_span(w, out, low, m->start, err);
    if (status == HUNCH_OK)
        status = put_span(w, out, m->end, high, err);
    if (status != HUNCH_OK)
        return status;
    const char *text = w->change_text.items;
    if ((m->change && (!put(w->a, out, text + change->severity.offset, change->severity.length) ||
                       !put(w->a, out, text + change->title.offset, change->title.length) ||
                       !put(w->a, out, text + change->meta.offset, change->meta.length))) ||
        (finding && !put(w->a, out, finding->witness, finding->witness_size)) ||
        !put(w->a, out, w->slot.items + m->slot, 2 * sizeof(uint64_t) * m->group_count))
        return hunch_fail_memory(err, 16u * m->group_count, "a result");
    return HUNCH_OK;
}

hunch_status hunch_result_write(struct hunch_worker *w, size_t *next, size_t most, bool *more,
                                hunch_bytes *out, uint64_t *matches, uint64_t *lost,
                                struct hunch_error *err)
{
    size_t before = out->count, first = *next, i = first, found = w->match.count,
           total = found + w->lost.count;
    hunch_status status = HUNCH_OK;
    *more = false;
    if (first == total)
        return HUNCH_OK;
    if (!put_record(w->a, out, w->name, w->name_length))
        status = hunch_fail_memory(err, w->name_length, "a result");
    for (; status == HUNCH_OK && i < total && (i == first || out->count < most); i++) {
        if (i < found) {
            status = write_match(w, &w->match.items[i], out, err);
        } else {
            const struct hunch_lost *l = &w->lost.items[i - found];
            if (!put_lost(w->a, out, l->rule, l->reason, l->detail))
                status = hunch_fail_memory(err, sizeof *l, "a result");
        }
    }
    if (status != HUNCH_OK) {
        out->count = before; /* readers meet whole entries only */
        return status;
    }
    size_t matched = (i < found ? i : found) - (first < found ? first : found);
    *matches += matched;
    *lost += i - first - matched;
    *next = i;
    *more = i < total;
    return HUNCH_OK;
}

hunch_status hunch_result_write_lost(const struct hunch_allocator *a, hunch_bytes *out,
                                     const char *name, size_t name_length, uint32_t rule,
                                     enum hunch_reason reason, const char *detail,
                                     struct hunch_error *err)
{
    size_t before = out->count;
    if (put_record(a, out, name, name_length) && put_lost(a, out, rule, reason, detail))
        return HUNCH_OK;
    out->count = before;
    return hunch_fail_memory(err, name_length, "a result");
}

/* ---- reading ---- */

struct cursor {
    const uint8_t *at;
    const char *name;
    size_t name_length;
    uint64_t *groups; /* aligned copy of the last match's groups */
};

static void take(struct cursor *c, void *to, size_t n)
{
    memcpy(to, c->at, n);
    c->at += n;
}

static const char *piece(struct cursor *c, size_t n)
{
    const char *p = (const char *)c->at;
    c->at += n;
    return p;
}

static void read_record(struct cursor *c, uint8_t tag)
{
    uint32_t n = 0;
    c->name = NULL;
    if (tag == 'R') {
        take(c, &n, sizeof n);
        c->name = piece(c, n);
    }
    c->name_length = n;
}

/* A match from its fixed part and the pieces at the cursor; its groups are the caller's. */
static void read_pieces(struct cursor *c, const struct fixed_match *f, struct hunch_match *m)
{
    memset(m, 0, sizeof *m);
    m->record = c->name;
    m->record_length = c->name_length;
    m->rule = f->rule;
    m->start = f->start;
    m->end = f->end;
    m->line = f->line;
    m->column = f->column;
#define PIECE(field)               \
    m->field = piece(c, f->field); \
    m->field##_length = f->field
    PIECE(text);
    PIECE(before);
    PIECE(after);
    PIECE(severity);
    PIECE(title);
    PIECE(meta);
    PIECE(witness);
#undef PIECE
    m->group_count = f->group_count;
}

static void read_match(struct cursor *c, struct hunch_match *m)
{
    struct fixed_match f;
    take(c, &f, sizeof f);
    read_pieces(c, &f, m);
    take(c, c->groups, 16u * f.group_count);
    m->groups = c->groups;
}

static void read_lost(struct cursor *c, struct hunch_incomplete *lost)
{
    uint32_t fields[3];
    take(c, fields, sizeof fields);
    lost->record = c->name;
    lost->record_length = c->name_length;
    lost->rule = fields[0];
    lost->reason = hunch_reason_name((enum hunch_reason)fields[1]);
    lost->detail = piece(c, fields[2] + 1);
}

void hunch_result_read(const uint8_t *bytes, size_t size, const struct hunch_result_sink *sink)
{
    uint64_t groups[2 * HP_MAX_GROUPS];
    struct cursor c = {.at = bytes, .groups = groups};
    while (c.at < bytes + size) {
        uint8_t tag = *c.at++;
        if (tag == 'R' || tag == 'S') {
            read_record(&c, tag);
        } else if (tag == 'M') {
            struct hunch_match m;
            read_match(&c, &m);
            if (sink->match)
                sink->match(sink->ctx, &m);
        } else {
            struct hunch_incomplete lost;
            read_lost(&c, &lost);
            if (sink->incomplete)
                sink->incomplete(sink->ctx, &lost);
        }
    }
}

bool hunch_match_witness(const struct hunch_match *match, struct hunch_witness_step *step)
{
    struct hunch_witness_head head;
    struct cursor c = {.at = (const uint8_t *)match->witness + step->next};
    if (step->next >= match->witness_length)
        return false;
    take(&c, &head, sizeof head);
    step->record = piece(&c, head.name);
    step->record_length = head.name;
    step->text = piece(&c, head.text);
    step->text_length = head.text;
    step->what = (enum hunch_witness_what)head.what;
    step->start = head.start;
    step->end = head.end;
    step->line = head.line;
    step->column = head.column;
    step->next = (size_t)(c.at - (const uint8_t *)match->witness);
    return true;
}

/* ---- report ---- */

struct hunch_report *hunch_report_new(const struct hunch_allocator *a)
{
    struct hunch_report *report = hunch_alloc_zero(a, sizeof *report);
    if (report != NULL)
        report->a = a;
    return report;
}

/* A kept match is its groups (u64 pairs, aligned), struct fixed_match, u64 name length, name,
 * pieces; report->match says where its fixed part begins. What was lost: u64 name length
 * (UINT64_MAX: none), u64 rule, the reason's pointer, detail, name. */
struct keeper {
    struct hunch_report *report;
    bool failed;
};

static bool align(struct hunch_report *r)
{
    static const uint8_t zero[8];
    return put(r->a, &r->kept, zero, -r->kept.count & 7);
}

static void keep_match(void *ctx, const struct hunch_match *m)
{
    struct keeper *k = ctx;
    struct hunch_report *r = k->report;
    if (k->failed)
        return;
    struct fixed_match f = {.start = m->start,
                            .end = m->end,
                            .line = m->line,
                            .column = m->column,
                            .rule = m->rule,
                            .group_count = m->group_count,
                            .text = (uint32_t)m->text_length,
                            .before = (uint32_t)m->before_length,
                            .after = (uint32_t)m->after_length,
                            .severity = (uint32_t)m->severity_length,
                            .title = (uint32_t)m->title_length,
                            .meta = (uint32_t)m->meta_length,
                            .witness = (uint32_t)m->witness_length};
    bool ok = align(r);
    size_t at = r->kept.count;
    uint64_t name_length = m->record_length;
    ok = ok && put(r->a, &r->kept, m->groups, 16u * m->group_count) &&
         put(r->a, &r->kept, &f, sizeof f) && put(r->a, &r->kept, &name_length, 8) &&
         put(r->a, &r->kept, m->record, m->record_length) &&
         put(r->a, &r->kept, m->text, m->text_length) &&
         put(r->a, &r->kept, m->before, m->before_length) &&
         put(r->a, &r->kept, m->after, m->after_length) &&
         put(r->a, &r->kept, m->severity, m->severity_length) &&
         put(r->a, &r->kept, m->title, m->title_length) &&
         put(r->a, &r->kept, m->meta, m->meta_length) &&
         put(r->a, &r->kept, m->witness, m->witness_length) &&
         hunch_vec_push(r->a, &r->match, at + 16u * m->group_count);
    k->failed = !ok;
}

static void keep_lost(void *ctx, const struct hunch_incomplete *lost)
{
    struct keeper *k = ctx;
    struct hunch_report *r = k->report;
    if (k->failed)
        return;
    size_t at = r->kept.count, detail = strlen(lost->detail) + 1;
    uint64_t head[2] = {lost->record ? lost->record_length : UINT64_MAX, lost->rule};
    bool ok = put(r->a, &r->kept, head, sizeof head) &&
              put(r->a, &r->kept, &lost->reason, sizeof lost->reason) &&
              put(r->a, &r->kept, lost->detail, detail) &&
              put(r->a, &r->kept, lost->record, lost->record ? lost->record_length : 0) &&
              hunch_vec_push(r->a, &r->lost, at);
    k->failed = !ok;
}

hunch_status hunch_report_keep(struct hunch_report *report, const uint8_t *bytes, size_t size,
                               bool matches, bool lost, struct hunch_error *err)
{
    struct keeper k = {report, false};
    struct hunch_result_sink sink = {matches ? keep_match : NULL, lost ? keep_lost : NULL, &k};
    hunch_result_read(bytes, size, &sink);
    return k.failed ? hunch_fail_memory(err, size, "the report") : HUNCH_OK;
}

size_t hunch_report_match_count(const struct hunch_report *report)
{
    return report->match.count;
}

void hunch_report_match(const struct hunch_report *report, size_t index, struct hunch_match *m)
{
    size_t at = report->match.items[index];
    struct cursor c = {.at = report->kept.items + at};
    struct fixed_match f;
    uint64_t name_length;
    take(&c, &f, sizeof f);
    take(&c, &name_length, 8);
    c.name_length = (size_t)name_length;
    c.name = piece(&c, c.name_length);
    read_pieces(&c, &f, m);
    m->groups = (const uint64_t *)(const void *)(report->kept.items + at - 16u * f.group_count);
}

size_t hunch_report_incomplete_count(const struct hunch_report *report)
{
    return report->lost.count;
}

void hunch_report_incomplete(const struct hunch_report *report, size_t index,
                             struct hunch_incomplete *lost)
{
    struct cursor c = {.at = report->kept.items + report->lost.items[index]};
    uint64_t head[2];
    take(&c, head, sizeof head);
    take(&c, &lost->reason, sizeof lost->reason);
    lost->detail = piece(&c, strlen((const char *)c.at) + 1);
    lost->record = head[0] == UINT64_MAX ? NULL : (const char *)c.at;
    lost->record_length = head[0] == UINT64_MAX ? 0 : (size_t)head[0];
    lost->rule = (uint32_t)head[1];
}

hunch_status hunch_report_add_diagnostic(struct hunch_report *report,
                                         const struct hunch_diagnostic *d, struct hunch_error *err)
{
    const char *text[6] = {d->code, d->severity, d->file, d->message, d->hint, d->rule};
    char *copy[6] = {0};
    bool ok = true;
    for (int i = 0; i < 6 && ok; i++)
        ok = (copy[i] = hunch_strdup(report->a, text[i] ? text[i] : "")) != NULL;
    struct hunch_diagnostic kept = {copy[0],   copy[1], copy[2], d->line,
                                    d->column, copy[3], copy[4], copy[5]};
    if (ok && hunch_vec_push(report->a, &report->diagnostic, kept))
        return HUNCH_OK;
    for (int i = 0; i < 6; i++)
        hunch_strfree(report->a, copy[i]);
    return hunch_fail_memory(err, 256, "a diagnostic");
}

size_t hunch_report_diagnostic_count(const struct hunch_report *report)
{
    return report->diagnostic.count;
}

void hunch_report_diagnostic(const struct hunch_report *report, size_t index,
                             struct hunch_diagnostic *diagnostic)
{
    *diagnostic = report->diagnostic.items[index];
}

const struct hunch_stats *hunch_report_stats(const struct hunch_report *report)
{
    return &report->stats;
}

size_t hunch_report_profile_count(const struct hunch_report *report)
{
    return report->profile.count;
}

void hunch_report_profile(const struct hunch_report *report, size_t index,
                          struct hunch_rule_profile *profile)
{
    *profile = report->profile.items[index];
}

size_t hunch_report_decision_count(const struct hunch_report *report)
{
    return report->decision.count;
}

void hunch_report_decision(const struct hunch_report *report, size_t index,
                           struct hunch_decision *decision)
{
    *decision = report->decision.items[index];
}

const void *hunch_report_known(const struct hunch_report *report, uint32_t group, size_t *size)
{
    *size = group < HP_GROUP_COUNT ? report->known[group].count : 0;
    return *size ? report->known[group].items : NULL;
}

const char *hunch_report_decision_backend(const struct hunch_report *report, size_t index)
{
    return index < report->host_decisions ? report->host : "cuda";
}

const void *hunch_report_known_on_device(const struct hunch_report *report, uint32_t group,
                                         size_t *size)
{
    *size = group < HP_GROUP_COUNT ? report->known_on_device[group].count : 0;
    return *size ? report->known_on_device[group].items : NULL;
}

static void free_text(const struct hunch_allocator *a, const char *text)
{
    hunch_strfree(a, (char *)(uintptr_t)text);
}

void hunch_report_free(struct hunch_report *report)
{
    if (report == NULL)
        return;
    const struct hunch_allocator *a = report->a;
    for (size_t i = 0; i < report->diagnostic.count; i++) {
        const struct hunch_diagnostic *d = &report->diagnostic.items[i];
        const char *text[6] = {d->code, d->severity, d->file, d->message, d->hint, d->rule};
        for (int k = 0; k < 6; k++)
            free_text(a, text[k]);
    }
    hunch_vec_free(a, &report->diagnostic);
    hunch_vec_free(a, &report->kept);
    hunch_vec_free(a, &report->match);
    hunch_vec_free(a, &report->lost);
    hunch_vec_free(a, &report->profile);
    hunch_vec_free(a, &report->decision);
    for (int g = 0; g < HP_GROUP_COUNT; g++) {
        hunch_vec_free(a, &report->known[g]);
        hunch_vec_free(a, &report->known_on_device[g]);
    }
    hunch_free(a, report, sizeof *report);
}
