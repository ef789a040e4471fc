/* graph_files.c: see graph_files.h. */
#include "graph_files.h"

#include <stdlib.h>
#include <string.h>

#include "graph/program_rules.h"

/* ---- collecting ---- */

static hunch_status add(struct hunch_graph_files *f, const char *name, size_t length,
                        const struct hunch_graph_member *like, struct hunch_error *err)
{
    struct hunch_graph_member m = *like;
    char *copy = hunch_alloc(f->a, length + 1);
    if (copy == NULL || !hunch_vec_push(f->a, &f->member, m)) {
        hunch_free(f->a, copy, length + 1);
        return hunch_fail_memory(err, length + sizeof m, "a link unit");
    }
    hunch_copy(copy, name, length);
    copy[length] = '\0';
    struct hunch_graph_member *last = &f->member.items[f->member.count - 1];
    last->name = copy;
    last->name_length = length;
    hunch_dir_ref(last->dir);
    return HUNCH_OK;
}

static hunch_status add_records(struct hunch_graph_files *f, const struct hunch_scan *scan,
                                uint32_t languages, struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    for (size_t i = 0; i < scan->record_count && status == HUNCH_OK; i++) {
        const struct hunch_record *r = &scan->records[i];
        uint32_t language = hunch_graph_language_of(r->name, r->name_length);
        struct hunch_graph_member m = {.record = r, .language = language, .argument = HP_NONE};
        if (languages & 1u << language)
            status = add(f, r->name, r->name_length, &m, err);
    }
    return status;
}

/* What cannot be read is told when the records are scanned; of shared files here. */
static hunch_status add_files(struct hunch_graph_files *f, const struct hunch_scan *scan,
                              bool shared, uint32_t languages, struct hunch_error *err)
{
    const struct hunch_scan_options *o = &scan->options;
    struct hunch_walk_options own = {.input = "-"};
    struct hunch_walk *walk;
    struct hunch_walk_item item;
    if (!shared)
        own = (struct hunch_walk_options){.include = o->include,
                                          .include_count = o->include_count,
                                          .exclude = o->exclude,
                                          .exclude_count = o->exclude_count,
                                          .input = "-",
                                          .gitignore = o->gitignore};
    hunch_status status =
        hunch_walk_new(f->a, shared ? o->link_with : scan->paths,
                       shared ? o->link_with_count : scan->path_count, &own, &walk, err);
    if (status != HUNCH_OK)
        return status;
    while (status == HUNCH_OK && !hunch_scan_stopped(scan)) {
        status = hunch_walk_next(walk, &item, err);
        if (status != HUNCH_OK || item.kind == HUNCH_WALK_END)
            break;
        if (item.kind == HUNCH_WALK_PROBLEM && shared)
            status = hunch_fail(err, HUNCH_ERROR_ARGUMENT, "cannot link with %s: %s", item.path,
                                item.detail);
        uint32_t language =
            item.kind == HUNCH_WALK_FILE ? hunch_graph_language_of(item.path, item.path_length) : 0;
        struct hunch_graph_member m = {.dir = item.dir,
                                       .base = item.base,
                                       .follow = item.follow,
                                       .shared = shared,
                                       .language = language,
                                       .argument = item.argument,
                                       .unit = HP_NONE};
        if (language != 0 && (languages & 1u << language))
            status = add(f, item.path, item.path_length, &m, err);
    }
    /* Members hold directories of the walk's: it goes with them. */
    if (!hunch_vec_push(f->a, &f->walk, walk)) {
        status = hunch_fail_memory(err, sizeof walk, "a link unit");
        for (size_t i = 0; i < f->member.count; i++) {
            hunch_dir_unref(f->member.items[i].dir);
            f->member.items[i].dir = NULL;
        }
        hunch_walk_free(walk);
    }
    return status;
}

/* ---- link units ---- */

static size_t folder_length(const struct hunch_graph_member *m)
{
    size_t n = m->name_length;
    while (n > 0 && m->name[n - 1] != '/')
        n--;
    return n;
}

static int compare_texts(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    if (order != 0)
        return order;
    return a_length < b_length ? -1 : a_length > b_length;
}

static int by_member(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

struct sorting {
    const struct hunch_graph_files *f;
    enum hunch_link link;
};

/* Are two members of one unit? <0, 0, >0 as an order of units. */
static int compare_units(const struct sorting *s, const struct hunch_graph_member *a,
                         const struct hunch_graph_member *b)
{
    if (a->language != b->language)
        return a->language < b->language ? -1 : 1;
    switch (s->link) {
    case HUNCH_LINK_DIR: return compare_texts(a->name, folder_length(a), b->name, folder_length(b));
    case HUNCH_LINK_FILE: return a < b ? -1 : a > b;
    default: return by_member(a->argument, b->argument);
    }
}

static int compare_by_unit(const void *x, const void *y, void *ctx)
{
    const struct sorting *s = ctx;
    size_t a = *(const size_t *)x, b = *(const size_t *)y;
    int order = compare_units(s, &s->f->member.items[a], &s->f->member.items[b]);
    return order != 0 ? order : by_member(a, b);
}

static const char *tail_of(const struct hunch_graph_member *m)
{
    return m->name + folder_length(m);
}

static int compare_by_tail(const void *x, const void *y, void *ctx)
{
    const struct hunch_graph_files *f = ctx;
    size_t a = *(const size_t *)x, b = *(const size_t *)y;
    const struct hunch_graph_member *m = &f->member.items[a], *n = &f->member.items[b];
    int order = strcmp(tail_of(m), tail_of(n));
    if (order == 0)
        order = strcmp(m->name, n->name);
    return order != 0 ? order : by_member(a, b);
}

static int compare_by_name(const void *x, const void *y, void *ctx)
{
    const struct hunch_graph_files *f = ctx;
    size_t a = *(const size_t *)x, b = *(const size_t *)y;
    const struct hunch_graph_member *m = &f->member.items[a], *n = &f->member.items[b];
    int order = compare_texts(m->name, m->name_length, n->name, n->name_length);
    return order != 0 ? order : by_member(a, b);
}

static hunch_status group(struct hunch_graph_files *f, enum hunch_link link,
                          struct hunch_error *err)
{
    struct sorting s = {f, link};
    bool ok = true;
    for (size_t i = 0; i < f->member.count; i++) {
        const struct hunch_graph_member *m = &f->member.items[i];
        ok = ok && hunch_vec_push(f->a, &f->by_tail, i);
        if (!m->shared)
            ok = ok && hunch_vec_push(f->a, &f->by_unit, i);
        if (!m->shared && m->record == NULL)
            ok = ok && hunch_vec_push(f->a, &f->by_name, i);
    }
    if (!ok)
        return hunch_fail_memory(err, f->member.count * sizeof(size_t), "link units");
    if (f->by_unit.count > 0)
        qsort_r(f->by_unit.items, f->by_unit.count, sizeof(size_t), compare_by_unit, &s);
    if (f->by_tail.count > 0)
        qsort_r(f->by_tail.items, f->by_tail.count, sizeof(size_t), compare_by_tail, f);
    if (f->by_name.count > 0)
        qsort_r(f->by_name.items, f->by_name.count, sizeof(size_t), compare_by_name, f);
    for (size_t i = 0; i < f->by_unit.count; i++) {
        struct hunch_graph_member *m = &f->member.items[f->by_unit.items[i]];
        if (i == 0 || compare_units(&s, &f->member.items[f->by_unit.items[i - 1]], m) != 0) {
            struct hunch_graph_unit unit = {.language = m->language, .first = i};
            if (!hunch_vec_push(f->a, &f->unit, unit))
                return hunch_fail_memory(err, sizeof unit, "link units");
        }
        m->unit = (uint32_t)(f->unit.count - 1);
        f->unit.items[m->unit].count++;
    }
    return HUNCH_OK;
}

hunch_status hunch_graph_files_collect(struct hunch_graph_files *f, struct hunch_scan *scan,
                                       uint32_t languages, struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    memset(f, 0, sizeof *f);
    f->a = scan->a;
    if (scan->records != NULL)
        status = add_records(f, scan, languages, err);
    else if (scan->path_count > 0)
        status = add_files(f, scan, false, languages, err);
    f->shared = f->member.count;
    if (status == HUNCH_OK && scan->options.link_with_count > 0 && f->member.count > 0)
        status = add_files(f, scan, true, languages, err);
    if (status == HUNCH_OK)
        status = group(f, scan->options.link, err);
    return status;
}

void hunch_graph_files_free(struct hunch_graph_files *f)
{
    for (size_t i = 0; i < f->member.count; i++) {
        struct hunch_graph_member *m = &f->member.items[i];
        hunch_dir_unref(m->dir);
        hunch_free(f->a, (void *)(uintptr_t)m->name, m->name_length + 1);
        hunch_vec_free(f->a, &m->lost);
    }
    for (size_t i = 0; i < f->walk.count; i++)
        hunch_walk_free(f->walk.items[i]);
    hunch_vec_free(f->a, &f->walk);
    hunch_vec_free(f->a, &f->member);
    hunch_vec_free(f->a, &f->unit);
    hunch_vec_free(f->a, &f->by_unit);
    hunch_vec_free(f->a, &f->by_tail);
    hunch_vec_free(f->a, &f->by_name);
}

/* ---- by name ---- */

const struct hunch_graph_member *hunch_graph_files_named(const struct hunch_graph_files *f,
                                                         const char *name, size_t length)
{
    size_t low = 0, high = f->by_name.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct hunch_graph_member *m = &f->member.items[f->by_name.items[middle]];
        int order = compare_texts(m->name, m->name_length, name, length);
        if (order == 0)
            return m;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* `name` as seen from the folder of `from`, without "." and ".." where they can be taken out;
 * false: it is too long. */
static bool join(const char *from, const char *name, char *out, size_t room)
{
    const char *slash = strrchr(from, '/');
    size_t folder = slash && name[0] != '/' ? (size_t)(slash - from) + 1 : 0, n = strlen(name);
    if (folder + n + 1 > room)
        return false;
    memcpy(out, from, folder);
    memcpy(out + folder, name, n + 1);
    char *to = out, *at = out;
    while (*at != '\0') {
        char *end = strchr(at, '/');
        size_t part = end ? (size_t)(end - at) + 1 : strlen(at), before = (size_t)(to - out);
        bool is_dot = end && part == 2 && at[0] == '.';
        bool is_up = end && part == 3 && at[0] == '.' && at[1] == '.';
        bool above = before >= 3 && memcmp(to - 3, "../", 3) == 0 && (before == 3 || to[-4] == '/');
        if (is_up && before > 1 && !above) {
            to--;
            while (to > out && to[-1] != '/')
                to--;
        } else if (!is_dot || before == 0) { /* "./a.c" is how the user called it */
            memmove(to, at, part);
            to += part;
        }
        at += part;
    }
    *to = '\0';
    return true;
}

/* How many folders two paths share from their beginning. */
static size_t shared_folders(const char *a, const char *b)
{
    size_t n = 0;
    for (; *a != '\0' && *a == *b; a++, b++)
        n += *a == '/';
    return n;
}

static bool ends_with(const struct hunch_graph_member *m, const char *name)
{
    size_t n = strlen(name);
    return n <= m->name_length && strcmp(m->name + m->name_length - n, name) == 0 &&
           (n == m->name_length || m->name[m->name_length - n - 1] == '/');
}

const struct hunch_graph_member *hunch_graph_files_included(const struct hunch_graph_files *f,
                                                            uint32_t language, const char *name,
                                                            const char *from)
{
    const struct hunch_graph_member *best = NULL;
    const char *slash = strrchr(name, '/'), *tail = slash ? slash + 1 : name, *rest = name;
    size_t low = 0, high = f->by_tail.count, most = 0;
    char path[4096];
    bool joined = join(from, name, path, sizeof path);
    while (strncmp(rest, "./", 2) == 0 || strncmp(rest, "../", 3) == 0)
        rest = strchr(rest, '/') + 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(tail_of(&f->member.items[f->by_tail.items[middle]]), tail) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < f->by_tail.count; low++) {
        const struct hunch_graph_member *m = &f->member.items[f->by_tail.items[low]];
        if (strcmp(tail_of(m), tail) != 0)
            break;
        if (m->language != language)
            continue;
        if (joined && strcmp(m->name, path) == 0)
            return m;
        size_t near = shared_folders(m->name, from) + 1;
        if (near > most && ends_with(m, rest)) {
            best = m;
            most = near;
        }
    }
    return best;
}
