/* glob.c: see glob.h. */
#include "glob.h"

#include <string.h>

enum part_kind { PART_LITERAL, PART_GENERAL, PART_FOLDERS };

void hunch_globs_init(struct hunch_globs *g, const struct hunch_allocator *a)
{
    memset(g, 0, sizeof *g);
    g->allocator = a;
}

static void free_glob(const struct hunch_allocator *a, struct hunch_glob *glob)
{
    hunch_free(a, glob->text, glob->length);
    hunch_free_array(a, glob->parts, glob->count, sizeof *glob->parts);
}

void hunch_globs_done(struct hunch_globs *g)
{
    for (size_t i = 0; i < g->list.count; i++)
        free_glob(g->allocator, &g->list.items[i]);
    hunch_vec_free(g->allocator, &g->list);
}

static const struct class_name {
    const char *name; /* as between [: and :] */
    const char *set;  /* pairs: first, last */
} class_names[] = {
    {"alnum", "09AZaz"},   {"alpha", "AZaz"},   {"blank", "  \t\t"}, {"cntrl", "\001\037\177\177"},
    {"digit", "09"},       {"graph", "!~"},     {"lower", "az"},     {"print", " ~"},
    {"punct", "!/:@[`{~"}, {"space", "  \t\r"}, {"upper", "AZ"},     {"xdigit", "09AFaf"},
};

/* The class at p (after "[:"); *next: what follows its ":]". NULL: there is no such class. */
static const char *find_class(const char *p, const char *end, const char **next)
{
    for (size_t i = 0; i < sizeof class_names / sizeof *class_names; i++) {
        size_t length = strlen(class_names[i].name);
        if ((size_t)(end - p) >= length + 2 && memcmp(p, class_names[i].name, length) == 0 &&
            p[length] == ':' && p[length + 1] == ']') {
            *next = p + length + 2;
            return class_names[i].set;
        }
    }
    return NULL;
}

static bool in_set(const char *set, unsigned char byte)
{
    for (; *set; set += 2)
        if (byte >= (unsigned char)set[0] && byte <= (unsigned char)set[1])
            return true;
    return false;
}

/* p: after '['. Whether byte is a member; *next: after the ']', NULL when there is none. */
static bool match_bracket(const char *p, const char *end, unsigned char byte, const char **next)
{
    bool negated = p < end && (*p == '!' || *p == '^'), found = false;
    if (negated)
        p++;
    *next = NULL;
    for (bool first = true; p < end; first = false) {
        if (*p == ']' && !first) {
            *next = p + 1;
            return found != negated;
        }
        if (*p == '[' && end - p > 1 && p[1] == ':') {
            const char *set = find_class(p + 2, end, &p);
            if (!set)
                return false;
            found |= in_set(set, byte);
            continue;
        }
        if (*p == '\\' && ++p == end)
            return false;
        unsigned char low = (unsigned char)*p++, high = low;
        if (end - p >= 2 && *p == '-' && p[1] != ']') {
            p++;
            if (*p == '\\' && ++p == end)
                return false;
            high = (unsigned char)*p++;
        }
        found |= byte >= low && byte <= high;
    }
    return false;
}

/* One part of a pattern against one name. The last * is the only one worth going back to. */
static bool match_name(const char *p, const char *end, const char *s, const char *s_end)
{
    const char *star = NULL, *star_s = NULL;
    for (;;) {
        if (p < end && *p == '*') {
            star = ++p;
            star_s = s;
            continue;
        }
        if (s == s_end)
            return p == end;
        if (p < end) {
            const char *next = p + 1;
            bool equal;
            if (*p == '?')
                equal = true;
            else if (*p == '[')
                equal = match_bracket(p + 1, end, (unsigned char)*s, &next);
            else if (*p == '\\' && next < end)
                equal = *next++ == *s;
            else
                equal = *p == *s;
            if (equal) {
                p = next;
                s++;
                continue;
            }
        }
        if (!star)
            return false;
        p = star;
        s = ++star_s;
    }
}

static bool match_part(const struct hunch_glob *glob, size_t i, const char *s, size_t length)
{
    const struct hunch_glob_part *part = &glob->parts[i];
    const char *p = glob->text + part->begin;
    if (part->kind == PART_LITERAL)
        return part->length == length && memcmp(p, s, length) == 0;
    return match_name(p, p + part->length, s, s + length);
}

/* Folders are to parts what bytes are to match_name; ** goes over folders as * goes over bytes. */
static bool match_path(const struct hunch_glob *glob, const char *s, const char *end)
{
    size_t i = 0, star = SIZE_MAX;
    const char *star_s = NULL;
    while (s < end) {
        if (i < glob->count && glob->parts[i].kind == PART_FOLDERS) {
            if (i + 1 == glob->count)
                return true;
            star = ++i;
            star_s = s;
            continue;
        }
        const char *slash = memchr(s, '/', (size_t)(end - s));
        if (i < glob->count && match_part(glob, i, s, (size_t)((slash ? slash : end) - s))) {
            i++;
            s = slash ? slash + 1 : end;
            continue;
        }
        if (star == SIZE_MAX)
            return false;
        slash = memchr(star_s, '/', (size_t)(end - star_s));
        if (!slash)
            return false;
        i = star;
        s = star_s = slash + 1;
    }
    return i == glob->count;
}

bool hunch_glob_match(const struct hunch_glob *glob, const char *path, size_t length, size_t base,
                      bool folder)
{
    if (glob->folder_only && !folder)
        return false;
    if (!glob->whole_path)
        return match_part(glob, 0, path + base, length - base);
    return match_path(glob, path, path + length);
}

bool hunch_globs_match(const struct hunch_globs *g, const char *path, size_t length, size_t root,
                       bool folder)
{
    size_t base = length;
    while (base > 0 && path[base - 1] != '/')
        base--;
    size_t shown = length > 2 && path[0] == '.' && path[1] == '/' ? 2 : 0;
    bool absolute = path[0] == '/';
    for (size_t i = 0; i < g->list.count; i++) {
        const struct hunch_glob *glob = &g->list.items[i];
        if (hunch_glob_match(glob, path + root, length - root, base - root, folder))
            return true;
        if (!glob->whole_path || root == shown)
            continue;
        size_t skip = absolute ? 1 : shown;
        if (absolute <= glob->absolute &&
            hunch_glob_match(glob, path + skip, length - skip, base - skip, folder))
            return true;
    }
    return false;
}

bool hunch_globs_match_any_part(const struct hunch_globs *g, const char *path, size_t length)
{
    if (g->list.count == 0)
        return false;
    for (size_t end = 1; end < length; end++)
        if (path[end] == '/' && path[end - 1] != '/' && hunch_globs_match(g, path, end, 0, true))
            return true;
    return hunch_globs_match(g, path, length, 0, false);
}

/* Checks brackets and escapes of the part [begin, end); sets its kind, and takes the escapes out of
 * the decision by leaving any part with one to the general matcher. */
static hunch_status check_part(const char *text, size_t begin, size_t end, uint8_t *kind,
                               struct hunch_error *err)
{
    *kind = PART_LITERAL;
    if (end - begin == 2 && text[begin] == '*' && text[begin + 1] == '*') {
        *kind = PART_FOLDERS;
        return HUNCH_OK;
    }
    for (size_t i = begin; i < end; i++) {
        const char *next;
        if (text[i] == '[') {
            match_bracket(text + i + 1, text + end, 0, &next);
            if (!next)
                return hunch_fail_at(err, HUNCH_ERROR_ARGUMENT, i,
                                     "the '[' is not closed by a ']', or names an unknown class: "
                                     "write \\[ for a bracket");
            i = (size_t)(next - text) - 1;
            *kind = PART_GENERAL;
        } else if (text[i] == '\\') {
            if (++i == end)
                return hunch_fail_at(err, HUNCH_ERROR_ARGUMENT, i - 1,
                                     "the pattern ends in a backslash: write \\\\ for one");
            *kind = PART_GENERAL;
        } else if (text[i] == '*' || text[i] == '?') {
            *kind = PART_GENERAL;
        }
    }
    return HUNCH_OK;
}

/* The end of the part that begins at i: a slash inside brackets does not end it. */
static size_t part_end(const char *text, size_t i, size_t length)
{
    while (i < length && text[i] != '/')
        i++;
    return i;
}

static hunch_status add_one(struct hunch_globs *g, const char *pattern, size_t length,
                            unsigned flags, struct hunch_error *err)
{
    struct hunch_glob glob = {.negated = flags & HUNCH_GLOB_NEGATED};
    hunch_status status = HUNCH_OK;
    size_t begin = 0, end = length;

    while (begin < end && pattern[begin] == '/')
        begin++;
    glob.absolute = begin > 0;
    while (end > begin && pattern[end - 1] == '/') {
        end--;
        glob.folder_only = true;
    }
    if (begin == end)
        return hunch_fail_at(err, HUNCH_ERROR_ARGUMENT, 0, "the pattern has no name to match");
    const char *text = pattern + begin;
    glob.length = end - begin;
    size_t count = 0;
    for (size_t i = 0; i <= glob.length; i = part_end(text, i, glob.length) + 1)
        count++;
    glob.whole_path = glob.absolute || count > 1;
    glob.text = hunch_memdup(g->allocator, text, glob.length);
    glob.parts = hunch_alloc_array(g->allocator, count, sizeof *glob.parts);
    if (!glob.text || !glob.parts || !hunch_vec_reserve(g->allocator, &g->list, 1)) {
        status = hunch_fail_memory(err, glob.length, "a path pattern");
        goto done;
    }
    for (size_t i = 0, k = 0; k < count; k++) {
        size_t stop = part_end(text, i, glob.length);
        uint8_t kind;
        status = check_part(text, i, stop, &kind, err);
        if (status) {
            if (err)
                err->position += begin;
            goto done;
        }
        /* "a//b" is a/b, and of two ** in a row one says it all. */
        bool twice = kind == PART_FOLDERS && glob.count > 0 &&
                     glob.parts[glob.count - 1].kind == PART_FOLDERS;
        if (stop > i && !twice)
            glob.parts[glob.count++] =
                (struct hunch_glob_part){(uint16_t)i, (uint16_t)(stop - i), kind};
        i = stop + 1;
    }
    /* A lone ** is matched by name like *: its kind must not reach match_part. */
    if (!glob.whole_path && glob.parts[0].kind == PART_FOLDERS)
        glob.parts[0].kind = PART_GENERAL;
    if (glob.count < count) {
        void *shorter =
            hunch_realloc_array(g->allocator, glob.parts, count, glob.count, sizeof *glob.parts);
        if (!shorter) {
            status = hunch_fail_memory(err, glob.length, "a path pattern");
            goto done;
        }
        glob.parts = shorter;
        count = glob.count;
    }
    g->list.items[g->list.count++] = glob;
    return HUNCH_OK;
done:
    hunch_free(g->allocator, glob.text, glob.length);
    hunch_free_array(g->allocator, glob.parts, count, sizeof *glob.parts);
    return status;
}

/* What follows the byte, escape or bracket at i; an open bracket is an ordinary byte here. */
static size_t skip_one(const char *p, size_t i, size_t end)
{
    if (p[i] == '\\')
        return i + 2 < end ? i + 2 : end;
    if (p[i] == '[') {
        const char *next;
        match_bracket(p + i + 1, p + end, 0, &next);
        if (next)
            return (size_t)(next - p);
    }
    return i + 1;
}

/* The first brace group of the pattern: false when there is none. *close is `length` when it is not
 * closed. */
static bool find_braces(const char *p, size_t length, size_t *open, size_t *close)
{
    size_t depth = 0;
    for (size_t i = 0; i < length; i = skip_one(p, i, length)) {
        if (p[i] == '{') {
            if (depth++ == 0)
                *open = i;
        } else if (p[i] == '}' && depth > 0 && --depth == 0) {
            *close = i;
            return true;
        }
    }
    *close = length;
    return depth > 0;
}

/* The end of the alternative that begins at i, inside braces that close at `close`. */
static size_t alternative_end(const char *p, size_t i, size_t close)
{
    for (size_t depth = 0; i < close; i = skip_one(p, i, close)) {
        if (p[i] == '{')
            depth++;
        else if (p[i] == '}')
            depth--;
        else if (p[i] == ',' && depth == 0)
            return i;
    }
    return close;
}

static hunch_status expand(struct hunch_globs *g, const char *p, size_t length, unsigned flags,
                           size_t *left, struct hunch_error *err)
{
    size_t open = 0, close = 0;
    if (!find_braces(p, length, &open, &close)) {
        if (*left == 0)
            return hunch_fail_at(err, HUNCH_ERROR_ARGUMENT, 0,
                                 "the braces stand for more than %d patterns: use fewer",
                                 HUNCH_GLOB_BRACES_MOST);
        --*left;
        const char *begin = p;
        while (length > 2 && p[0] == '.' && p[1] == '/') {
            p += 2;
            length -= 2;
        }
        if (p > begin && memchr(p, '/', length - 1) == NULL) { /* not a name at any depth */
            p--;
            length++;
        }
        return add_one(g, p, length, flags, err);
    }
    if (close == length)
        return hunch_fail_at(err, HUNCH_ERROR_ARGUMENT, open,
                             "the '{' is not closed by a '}': write \\{ for a brace");
    char *chosen = hunch_alloc(g->allocator, length);
    if (!chosen)
        return hunch_fail_memory(err, length, "a path pattern");
    hunch_status status = HUNCH_OK;
    for (size_t i = open + 1; i <= close && !status;) {
        size_t end = alternative_end(p, i, close), size = open;
        hunch_copy(chosen, p, open);
        hunch_copy(chosen + size, p + i, end - i);
        size += end - i;
        hunch_copy(chosen + size, p + close + 1, length - close - 1);
        size += length - close - 1;
        status = expand(g, chosen, size, flags, left, err);
        i = end + 1;
    }
    hunch_free(g->allocator, chosen, length);
    return status;
}

hunch_status hunch_globs_add(struct hunch_globs *g, const char *pattern, size_t length,
                             unsigned flags, struct hunch_error *err)
{
    if (length > HUNCH_GLOB_LENGTH_MOST)
        return hunch_fail_at(err, HUNCH_ERROR_ARGUMENT, HUNCH_GLOB_LENGTH_MOST,
                             "the pattern is longer than %d bytes", HUNCH_GLOB_LENGTH_MOST);
    if (!(flags & HUNCH_GLOB_BRACES))
        return add_one(g, pattern, length, flags, err);
    size_t before = g->list.count, left = HUNCH_GLOB_BRACES_MOST;
    hunch_status status = expand(g, pattern, length, flags, &left, err);
    while (status && g->list.count > before)
        free_glob(g->allocator, &g->list.items[--g->list.count]);
    return status;
}
