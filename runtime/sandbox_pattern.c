/* sandbox_pattern.c: the engine of Lua patterns with a price.
 *
 * A pattern is first translated into items; matching backtracks over them and charges for every
 * step, so that an exponential pattern ends with the instruction budget. Captures open and close at
 * fixed items, so backtracking never has to put one back: a later attempt writes it again before it
 * is read.
 */
#include "sandbox_pattern.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#define MAX_DEPTH 200 /* quantified items of one pattern */
#define WORK_STEP 256 /* steps between two charges */

/* ---- translation ---- */

static void set_add(struct sandbox_item *item, unsigned byte)
{
    item->set[byte >> 3] |= 1u << (byte & 7);
}

static bool set_has(const struct sandbox_item *item, unsigned char byte)
{
    return (item->set[byte >> 3] >> (byte & 7)) & 1;
}

static bool class_has(char class, int byte)
{
    bool has, ascii = byte < 128; /* whatever the locale of the process */
    switch (tolower((unsigned char)class)) {
    case 'a': has = ascii && isalpha(byte); break;
    case 'c': has = ascii && iscntrl(byte); break;
    case 'd': has = ascii && isdigit(byte); break;
    case 'g': has = ascii && isgraph(byte); break;
    case 'l': has = ascii && islower(byte); break;
    case 'p': has = ascii && ispunct(byte); break;
    case 's': has = ascii && isspace(byte); break;
    case 'u': has = ascii && isupper(byte); break;
    case 'w': has = ascii && isalnum(byte); break;
    case 'x': has = ascii && isxdigit(byte); break;
    case 'z': has = byte == 0; break;
    default: return (unsigned char)class == byte;
    }
    return isupper((unsigned char)class) ? !has : has;
}

static void set_add_class(struct sandbox_item *item, char class)
{
    for (int byte = 0; byte < 256; byte++)
        if (class_has(class, byte))
            set_add(item, (unsigned)byte);
}

/* p is after the '['; returns what follows the ']'. */
static const char *parse_set(lua_State *L, struct sandbox_item *item, const char *p,
                             const char *end)
{
    bool negated = p < end && *p == '^';
    const char *body = negated ? p + 1 : p;
    const char *stop = body;
    do { /* the first byte is a member even if it is ']' */
        if (stop >= end)
            luaL_error(L, "malformed pattern (missing ']')");
        stop += *stop == '%' ? 2 : 1;
    } while (stop >= end || *stop != ']');
    item->kind = ITEM_SET;
    for (p = body; p < stop; p++) {
        if (*p == '%') {
            set_add_class(item, *++p);
        } else if (stop - p > 2 && p[1] == '-') {
            for (unsigned byte = (unsigned char)p[0]; byte <= (unsigned char)p[2]; byte++)
                set_add(item, byte);
            p += 2;
        } else {
            set_add(item, (unsigned char)*p);
        }
    }
    for (size_t i = 0; negated && i < sizeof item->set; i++)
        item->set[i] = (uint8_t)~item->set[i];
    return stop + 1;
}

struct parser {
    lua_State *L;
    struct sandbox_pattern *pattern;
    int open[SANDBOX_MAX_CAPTURES];
    int open_count;
    bool closed[SANDBOX_MAX_CAPTURES];
};

static const char *parse_group(struct parser *ps, struct sandbox_item *item, const char *p,
                               const char *end)
{
    if (*p == ')') {
        if (ps->open_count == 0)
            luaL_error(ps->L, "invalid pattern capture");
        item->kind = ITEM_CLOSE;
        item->a = (uint8_t)ps->open[--ps->open_count];
        ps->closed[item->a] = true;
        return p + 1;
    }
    if (ps->pattern->captures >= SANDBOX_MAX_CAPTURES)
        luaL_error(ps->L, "too many captures");
    item->a = (uint8_t)ps->pattern->captures++;
    if (p + 1 < end && p[1] == ')') {
        item->kind = ITEM_POSITION;
        ps->closed[item->a] = true;
        return p + 2;
    }
    item->kind = ITEM_OPEN;
    ps->open[ps->open_count++] = item->a;
    return p + 1;
}

/* p is after the '%'. True: a quantifier may follow. */
static bool parse_escape(struct parser *ps, struct sandbox_item *item, const char **at,
                         const char *end)
{
    const char *p = *at;
    lua_State *L = ps->L;
    if (p >= end)
        luaL_error(L, "malformed pattern (ends with '%%')");
    if (*p == 'b') {
        if (end - p < 3)
            luaL_error(L, "malformed pattern (missing arguments to '%%b')");
        item->kind = ITEM_BALANCE;
        item->a = (uint8_t)p[1];
        item->b = (uint8_t)p[2];
        *at = p + 3;
        return false;
    }
    if (*p == 'f') {
        if (p + 1 >= end || p[1] != '[')
            luaL_error(L, "missing '[' after '%%f' in pattern");
        *at = parse_set(L, item, p + 2, end);
        item->kind = ITEM_FRONTIER;
        return false;
    }
    if (isdigit((unsigned char)*p)) {
        int index = *p - '1';
        if (index < 0 || index >= ps->pattern->captures || !ps->closed[index])
            luaL_error(L, "invalid capture index %%%d", index + 1);
        item->kind = ITEM_AGAIN;
        item->a = (uint8_t)index;
        *at = p + 1;
        return false;
    }
    item->kind = ITEM_SET;
    set_add_class(item, *p);
    *at = p + 1;
    return true;
}

const struct sandbox_pattern *sandbox_push_pattern(lua_State *L, const char *p, size_t size,
                                                   bool may_anchor)
{
    const char *end = p + size;
    sandbox_spend(L, 1 + size);
    if (size > SIZE_MAX / sizeof(struct sandbox_item) / 2)
        luaL_error(L, "pattern too long");
    struct parser ps = {.L = L};
    ps.pattern =
        lua_newuserdatauv(L, sizeof *ps.pattern + (size + 1) * sizeof(struct sandbox_item), 0);
    ps.pattern->captures = 0;
    ps.pattern->anchored = may_anchor && p < end && *p == '^';
    p += ps.pattern->anchored;
    struct sandbox_item *item = ps.pattern->items;
    for (; p < end; item++) {
        bool single = true;
        memset(item, 0, sizeof *item);
        if (*p == '(' || *p == ')') {
            p = parse_group(&ps, item, p, end);
            single = false;
        } else if (*p == '%') {
            p++;
            single = parse_escape(&ps, item, &p, end);
        } else if (*p == '$' && p + 1 == end) {
            item->kind = ITEM_END;
            p++;
            single = false;
        } else if (*p == '[') {
            p = parse_set(L, item, p + 1, end);
        } else if (*p == '.') {
            item->kind = ITEM_SET;
            memset(item->set, 0xFF, sizeof item->set);
            p++;
        } else {
            item->kind = ITEM_BYTE;
            item->a = (uint8_t)*p++;
        }
        if (single && p < end && *p != '\0' && strchr("?*+-", *p) != NULL)
            item->times = *p++;
    }
    if (ps.open_count > 0)
        luaL_error(L, "unfinished capture");
    memset(item, 0, sizeof *item);
    item->kind = ITEM_DONE;
    return ps.pattern;
}

/* ---- matching ---- */

static void step(struct sandbox_matcher *m)
{
    if (++m->work >= WORK_STEP) {
        m->work = 0;
        sandbox_spend(m->L, WORK_STEP);
    }
}

static void matcher_settle(struct sandbox_matcher *m)
{
    unsigned work = m->work + 1;
    m->work = 0;
    sandbox_spend(m->L, work);
}

static bool takes(const struct sandbox_item *item, const char *s, const char *end)
{
    if (s >= end)
        return false;
    return item->kind == ITEM_BYTE ? item->a == (uint8_t)*s : set_has(item, (unsigned char)*s);
}

static const char *match_balance(struct sandbox_matcher *m, const struct sandbox_item *item,
                                 const char *s)
{
    size_t level = 1;
    if (s >= m->end || (uint8_t)*s != item->a)
        return NULL;
    while (++s < m->end) {
        step(m);
        if ((uint8_t)*s == item->b) {
            if (--level == 0)
                return s + 1;
        } else if ((uint8_t)*s == item->a) {
            level++;
        }
    }
    return NULL;
}

static const char *match_again(struct sandbox_matcher *m, const struct sandbox_item *item,
                               const char *s)
{
    size_t size = m->captures[item->a].size;
    if (m->captures[item->a].position)
        luaL_error(m->L, "a position capture cannot be matched again");
    m->work += (unsigned)(size / SANDBOX_BYTES_A_UNIT < WORK_STEP ? size / SANDBOX_BYTES_A_UNIT
                                                                  : WORK_STEP);
    if (size / SANDBOX_BYTES_A_UNIT > WORK_STEP)
        sandbox_spend(m->L, size / SANDBOX_BYTES_A_UNIT);
    if ((size_t)(m->end - s) < size || memcmp(m->captures[item->a].at, s, size) != 0)
        return NULL;
    return s + size;
}

static const char *match_items(struct sandbox_matcher *m, const struct sandbox_item *item,
                               const char *s);

static const char *match_rest(struct sandbox_matcher *m, const struct sandbox_item *item,
                              const char *s)
{
    if (++m->depth > MAX_DEPTH)
        luaL_error(m->L, "pattern too complex");
    const char *end = match_items(m, item, s);
    m->depth--;
    return end;
}

static const char *match_times(struct sandbox_matcher *m, const struct sandbox_item *item,
                               const char *s)
{
    const char *end;
    if (item->times == '-') {
        for (;; s++) {
            step(m);
            if ((end = match_rest(m, item + 1, s)) != NULL)
                return end;
            if (!takes(item, s, m->end))
                return NULL;
        }
    }
    const char *least = item->times == '+' ? s + 1 : s, *most = s;
    const char *limit = item->times == '?' && s < m->end ? s + 1 : m->end;
    while (takes(item, most, limit)) {
        step(m);
        most++;
    }
    for (; most >= least; most--) {
        step(m);
        if ((end = match_rest(m, item + 1, most)) != NULL)
            return end;
    }
    return NULL;
}

static bool at_frontier(const struct sandbox_matcher *m, const struct sandbox_item *item,
                        const char *s)
{
    unsigned char before = s == m->begin ? 0 : (unsigned char)s[-1];
    unsigned char after = s == m->end ? 0 : (unsigned char)*s;
    return !set_has(item, before) && set_has(item, after);
}

/* The end of the match of the items at s, or NULL. */
static const char *match_items(struct sandbox_matcher *m, const struct sandbox_item *item,
                               const char *s)
{
    for (;; item++) {
        step(m);
        switch ((enum sandbox_item_kind)item->kind) {
        case ITEM_BYTE:
        case ITEM_SET:
            if (item->times != 0)
                return match_times(m, item, s);
            if (!takes(item, s, m->end))
                return NULL;
            s++;
            break;
        case ITEM_OPEN:
            m->captures[item->a].at = s;
            m->captures[item->a].position = false;
            break;
        case ITEM_CLOSE: m->captures[item->a].size = (size_t)(s - m->captures[item->a].at); break;
        case ITEM_POSITION:
            m->captures[item->a].at = s;
            m->captures[item->a].position = true;
            break;
        case ITEM_AGAIN:
            if ((s = match_again(m, item, s)) == NULL)
                return NULL;
            break;
        case ITEM_BALANCE:
            if ((s = match_balance(m, item, s)) == NULL)
                return NULL;
            break;
        case ITEM_FRONTIER:
            if (!at_frontier(m, item, s))
                return NULL;
            break;
        case ITEM_END:
            if (s != m->end)
                return NULL;
            break;
        case ITEM_DONE: return s;
        }
    }
}

void sandbox_matcher_init(struct sandbox_matcher *m, lua_State *L,
                          const struct sandbox_pattern *pattern, const char *text, size_t size)
{
    m->L = L;
    m->pattern = pattern;
    m->begin = text;
    m->end = text + size;
    m->work = 0;
    m->depth = 0;
}

const char *sandbox_search(struct sandbox_matcher *m, const char **s, const char *not_end)
{
    for (;; (*s)++) {
        m->depth = 0;
        const char *end = match_items(m, m->pattern->items, *s);
        if (end != NULL && end != not_end) {
            matcher_settle(m);
            return end;
        }
        if (m->pattern->anchored || *s >= m->end)
            break;
    }
    matcher_settle(m);
    return NULL;
}
