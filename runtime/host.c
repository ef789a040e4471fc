/* host.c: see host.h. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "sandbox.h"

enum { DETAIL = 256, NAME_SHOWN = 80 }; /* bytes */

struct hunch_host_set {
    const struct hunch_allocator *a;
    uint32_t count;
    struct hunch_sandbox **sandbox; /* one a HOST entry of the program; NULL: not made yet */
    char (*failure)[DETAIL];        /* why it could not be made; "": it was not tried, or it was */
};

void hunch_host_set_free(struct hunch_host_set *set)
{
    if (set == NULL)
        return;
    for (uint32_t i = 0; i < set->count; i++)
        if (set->sandbox)
            hunch_sandbox_free(set->sandbox[i]);
    hunch_free_array(set->a, set->sandbox, set->count, sizeof *set->sandbox);
    hunch_free_array(set->a, set->failure, set->count, sizeof *set->failure);
    hunch_free(set->a, set, sizeof *set);
}

static const struct hunch_embedded *dsl_source(void)
{
    const struct hunch_embedded *e = hunch_embedded_lua;
    while (e->name != NULL && strcmp(e->name, "hunch.dsl") != 0)
        e++;
    return e;
}

static struct hunch_host_set *set_new(struct hunch_worker *w)
{
    struct hunch_host_set *set = hunch_alloc_zero(w->a, sizeof *set);
    if (set == NULL)
        return NULL;
    set->a = w->a;
    set->count = w->program->host_count;
    set->sandbox = hunch_alloc_array(w->a, set->count, sizeof *set->sandbox);
    set->failure = hunch_alloc_array(w->a, set->count, sizeof *set->failure);
    if (set->sandbox == NULL || set->failure == NULL) {
        hunch_free_array(w->a, set->sandbox, set->count, sizeof *set->sandbox);
        set->sandbox = NULL;
        hunch_host_set_free(set);
        return NULL;
    }
    memset(set->sandbox, 0, set->count * sizeof *set->sandbox);
    memset(set->failure, 0, set->count * sizeof *set->failure);
    return set;
}

/* "rules/x.lua:12: what is wrong"; of a name that is too long its end. */
static void describe(const struct hunch_worker *w, uint32_t index,
                     const struct hunch_sandbox_error *error, char *to, size_t size)
{
    const struct hp_text name = w->program->host[index].name;
    const char *text = (const char *)w->program->blob + name.offset;
    uint32_t skipped = name.length > NAME_SHOWN ? name.length - NAME_SHOWN : 0;
    while (skipped > 0 && skipped < name.length && ((unsigned char)text[skipped] & 0xC0) == 0x80)
        skipped++;
    char line[16] = "";
    if (error->line > 0)
        snprintf(line, sizeof line, ":%d", error->line);
    snprintf(to, size, "%s%.*s%s: %.150s", skipped ? "..." : "", (int)(name.length - skipped),
             text + skipped, line, error->message);
}

/* The sandbox of a rule file, or NULL and the reason in set->failure. */
static struct hunch_sandbox *sandbox_of(struct hunch_worker *w, uint32_t index)
{
    struct hunch_host_set *set = w->host;
    if (set->sandbox[index] != NULL || set->failure[index][0] != '\0')
        return set->sandbox[index];
    const struct hp_host *h = &w->program->host[index];
    const struct hunch_embedded *dsl = dsl_source();
    struct hunch_sandbox_options options = {.hosts_only = true, .allocator = w->a};
    struct hunch_sandbox_error error = {0};
    char name[512];
    snprintf(name, sizeof name, "%.*s", (int)(h->name.length < 500 ? h->name.length : 500),
             (const char *)w->program->blob + h->name.offset);
    struct hunch_sandbox *sandbox =
        hunch_sandbox_new(&options, (const char *)dsl->data, dsl->size, &error);
    if (sandbox != NULL &&
        hunch_sandbox_load(sandbox, (const char *)w->program->blob + h->source.offset,
                           h->source.length, name, &error) != HUNCH_SANDBOX_OK) {
        hunch_sandbox_free(sandbox);
        sandbox = NULL;
    }
    if (sandbox == NULL)
        describe(w, index, &error, set->failure[index], sizeof *set->failure);
    set->sandbox[index] = sandbox;
    return sandbox;
}

struct reader {
    struct hunch_worker *w;
    struct hunch_error *err;
};

static bool read_record(void *data, uint64_t begin, size_t size, char *to)
{
    struct reader *r = data;
    const uint8_t *bytes;
    if (hunch_worker_bytes(r->w, begin, begin + size, &bytes, r->err) != HUNCH_OK || bytes == NULL)
        return false;
    memcpy(to, bytes, size);
    return true;
}

static bool add_text(struct hunch_worker *w, struct hunch_host_bytes bytes, struct hp_text *text)
{
    text->offset = (uint32_t)w->change_text.count;
    text->length = (uint32_t)bytes.size;
    return bytes.size < HP_NONE - w->change_text.count &&
           hunch_vec_append(w->a, &w->change_text, bytes.data, bytes.size);
}

/* What earlier host stages changed of this candidate. */
static struct hunch_change change_of(const struct hunch_worker *w, const struct hunch_candidate *c)
{
    static const struct hunch_change unchanged;
    return c->change ? w->change.items[c->change - 1] : unchanged;
}

/* Copies a JSON string, from behind its quote on, to out (cut at `most`; NULL: it is passed over);
 * returns what is behind it. */
static const char *read_string(const char *at, const char *end, char *out, size_t most,
                               size_t *length)
{
    static const char plain[] = "btnfr\"\\/", meant[] = "\b\t\n\f\r\"\\/";
    size_t n = 0;
    for (; at < end && *at != '"'; at++) {
        char byte = *at;
        if (byte == '\\' && at + 1 < end) {
            const char *escape = strchr(plain, *++at);
            byte = escape && *at ? meant[escape - plain] : '?';
            if (*at == 'u' &&
                end - at > 4) { /* the compiler escapes control characters so, and nothing else */
                char digits[5] = {at[1], at[2], at[3], at[4], '\0'};
                byte = (char)strtoul(digits, NULL, 16);
                at += 4;
            }
        }
        if (out && n < most)
            out[n++] = byte;
    }
    if (length)
        *length = n;
    return at < end ? at + 1 : end;
}

/* A text of a rule's info, a JSON object: the value of `key` in its outermost level, if that is a
 * string; else length 0. */
static size_t info_text(const char *json, size_t size, const char *key, char *out, size_t most)
{
    const char *at = json, *end = json + size;
    char name[32];
    size_t length = 0, value = 0;
    int depth = 0;
    bool wanted = false;
    while (at < end) {
        char c = *at++;
        if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        else if (c == ',')
            wanted = false;
        if (c != '"')
            continue;
        if (wanted && depth == 1) {
            read_string(at, end, out, most, &value);
            return value;
        }
        at = read_string(at, end, depth == 1 ? name : NULL, sizeof name, &length);
        wanted = depth == 1 && at < end && *at == ':' && length == strlen(key) &&
                 memcmp(name, key, length) == 0;
    }
    return 0;
}

static struct hunch_host_bytes text_or_info(const struct hunch_worker *w, uint32_t rule,
                                            struct hp_text changed, const char *key, char *out,
                                            size_t most)
{
    const struct hunch_program *p = w->program;
    const struct hp_text info = p->rule[rule].info;
    if (changed.length)
        return (struct hunch_host_bytes){w->change_text.items + changed.offset, changed.length};
    return (struct hunch_host_bytes){
        out, info_text((const char *)p->blob + info.offset, info.length, key, out, most)};
}

static hunch_status apply(struct hunch_worker *w, const struct hunch_host_changes *changes,
                          struct hunch_candidate *c, struct hunch_error *err)
{
    if (changes->has_span) {
        c->start = changes->span.begin;
        c->end = changes->span.end;
    }
    if (changes->severity.size + changes->title.size + changes->meta.size == 0)
        return HUNCH_OK;
    struct hunch_change change = change_of(w, c);
    if ((changes->severity.size && !add_text(w, changes->severity, &change.severity)) ||
        (changes->title.size && !add_text(w, changes->title, &change.title)) ||
        (changes->meta.size && !add_text(w, changes->meta, &change.meta)) ||
        !hunch_vec_push(w->a, &w->change, change))
        return hunch_fail_memory(err, changes->meta.size, "the changes of a host stage");
    c->change = (uint32_t)w->change.count;
    return HUNCH_OK;
}

hunch_status hunch_host_run(struct hunch_worker *w, uint32_t rule, const struct hp_stage *stage,
                            struct hunch_candidate *c, bool *keep, struct hunch_error *err)
{
    *keep = false;
    if (w->host == NULL && (w->host = set_new(w)) == NULL)
        return hunch_fail_memory(err, 0, "host stages");
    struct hunch_sandbox *sandbox = sandbox_of(w, stage->a);
    if (sandbox == NULL)
        return hunch_worker_lose(w, rule, HUNCH_REASON_HOST_ERROR, w->host->failure[stage->a], err);

    const struct hunch_program *p = w->program;
    const uint8_t *bytes;
    hunch_status status = hunch_worker_bytes(w, c->start, c->end, &bytes, err);
    if (status != HUNCH_OK)
        return status;
    if (bytes == NULL)
        return hunch_worker_lose(w, rule, HUNCH_REASON_TOO_LARGE,
                                 "a match is too long for a host stage", err);
    /* The match's bytes may lie in the buffer that reading the record uses: they get a place of
     * their own. */
    size_t size = (size_t)(c->end - c->start);
    uint64_t line, column;
    char severity[16], title[1024];
    char *text = hunch_memdup(w->a, bytes, size);
    struct hunch_host_span *groups = hunch_alloc_array(w->a, c->group_count, sizeof *groups);
    if (text == NULL || groups == NULL) {
        status = hunch_fail_memory(err, size, "a host stage");
        goto done;
    }
    for (uint32_t g = 0; g < c->group_count; g++) {
        uint64_t start = c->slots[2 * g + 2], end = c->slots[2 * g + 3];
        if (start == HUNCH_NOWHERE || end == HUNCH_NOWHERE)
            groups[g] = (struct hunch_host_span){1, 0};
        else
            groups[g] = (struct hunch_host_span){start, end};
    }
    status = hunch_worker_line(w, c->start, &line, &column, err);
    if (status != HUNCH_OK)
        goto done;
    struct reader reader = {w, err};
    struct hunch_change change = change_of(w, c);
    struct hunch_host_match match = {
        .rule = {(const char *)p->blob + p->rule[rule].name.offset, p->rule[rule].name.length},
        .text = {text, size},
        .span = {c->start, c->end},
        .captures = groups,
        .capture_count = c->group_count,
        .line = line,
        .column = column,
        .severity = text_or_info(w, rule, change.severity, "severity", severity, sizeof severity),
        .title = text_or_info(w, rule, change.title, "title", title, sizeof title),
    };
    struct hunch_host_record record = {
        {w->name, w->name_length}, w->source->text.size, read_record, &reader};
    struct hunch_host_changes changes = {0};
    struct hunch_sandbox_error error = {0};
    switch (hunch_sandbox_call(sandbox, (size_t)stage->b + 1, &match, &record, &changes, &error)) {
    case HUNCH_HOST_REJECT: break;
    case HUNCH_HOST_ACCEPT: *keep = true; break;
    case HUNCH_HOST_CHANGE:
        *keep = true;
        status = apply(w, &changes, c, err);
        break;
    case HUNCH_HOST_FAILED: {
        char detail[DETAIL];
        describe(w, stage->a, &error, detail, sizeof detail);
        status = hunch_worker_lose(w, rule, HUNCH_REASON_HOST_ERROR, detail, err);
        break;
    }
    }
done:
    hunch_free(w->a, text, size);
    hunch_free_array(w->a, groups, c->group_count, sizeof *groups);
    return status;
}
