/* sandbox_pattern.c: Lua patterns with a price: string.find, match, gmatch, gsub.
 *
 * A pattern is first translated into items; matching backtracks over them and charges for every
 * step, so that an exponential pattern ends with the instruction budget. Captures open and close at
 * fixed items, so backtracking never has to put one back: a later attempt writes it again before it
 * is read.
 */
#include "sandbox_state.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#define MAX_CAPTURES 32
#define MAX_DEPTH 200 /* quantified items of one pattern */
#define WORK_STEP 256 /* steps between two charges */

enum item_kind {
    ITEM_BYTE,     /* one byte, `a` */
    ITEM_SET,      /* one byte of `set` */
    ITEM_OPEN,     /* capture `a` begins */
    ITEM_CLOSE,    /* capture `a` ends */
    ITEM_POSITION, /* capture `a` is this position */
    ITEM_AGAIN,    /* the text of capture `a` */
    ITEM_BALANCE,  /* from byte `a` to the byte `b` that balances it */
    ITEM_FRONTIER, /* the byte before is not in `set`, this one is; the ends of the text count as 0
                    */
    ITEM_END,      /* the end of the text */
    ITEM_DONE      /* a match */
};

struct item {
    uint8_t kind, a, b;
    char times;      /* of BYTE and SET: 0, or one of ? * + - */
    uint8_t set[32]; /* bit n & 7 of set[n >> 3] */
};

struct pattern {
    bool anchored;
    int captures;
    struct item items[]; /* ends with ITEM_DONE */
};

/* ---- translation ---- */

static void set_add(struct item *item, unsigned byte)
{
    item->set[byte >> 3] |= 1u << (byte & 7);
}

static bool set_has(const struct item *item, unsigned char byte)
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

static void set_add_class(struct item *item, char class)
{
    for (int byte = 0; byte < 256; byte++)
        if (class_has(class, byte))
            set_add(item, (unsigned)byte);
}

/* p is after the '['; returns what follows the ']'. */
static const char *parse_set(lua_State *L, struct item *item, const char *p, const char *end)
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
    struct pattern *pattern;
    int open[MAX_CAPTURES];
    int open_count;
    bool closed[MAX_CAPTURES];
};

static const char *parse_group(struct parser *ps, struct item *item, const char *p, const char *end)
{
    if (*p == ')') {
        if (ps->open_count == 0)
            luaL_error(ps->L, "invalid pattern capture");
        item->kind = ITEM_CLOSE;
        item->a = (uint8_t)ps->open[--ps->open_count];
        ps->closed[item->a] = true;
        return p + 1;
    }
    if (ps->pattern->captures >= MAX_CAPTURES)
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
static bool parse_escape(struct parser *ps, struct item *item, const char **at, const char *end)
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

/* Pushes the translated pattern. */
static const struct pattern *pattern_push(lua_State *L, const char *p, size_t size, bool may_anchor)
{
    const char *end = p + size;
    sandbox_spend(L, 1 + size);
    if (size > SIZE_MAX / sizeof(struct item) / 2)
        luaL_error(L, "pattern too long");
    struct parser ps = {.L = L};
    ps.pattern = lua_newuserdatauv(L, sizeof *ps.pattern + (size + 1) * sizeof(struct item), 0);
    ps.pattern->captures = 0;
    ps.pattern->anchored = may_anchor && p < end && *p == '^';
    p += ps.pattern->anchored;
    struct item *item = ps.pattern->items;
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

struct matcher {
    lua_State *L;
    const struct pattern *pattern;
    const char *begin, *end; /* the text */
    unsigned work;           /* steps not charged yet */
    int depth;
    struct {
        const char *at;
        size_t size;
        bool position;
    } captures[MAX_CAPTURES];
};

static void step(struct matcher *m)
{
    if (++m->work >= WORK_STEP) {
        m->work = 0;
        sandbox_spend(m->L, WORK_STEP);
    }
}

static void matcher_settle(struct matcher *m)
{
    unsigned work = m->work + 1;
    m->work = 0;
    sandbox_spend(m->L, work);
}

static bool takes(const struct item *item, const char *s, const char *end)
{
    if (s >= end)
        return false;
    return item->kind == ITEM_BYTE ? item->a == (uint8_t)*s : set_has(item, (unsigned char)*s);
}

static const char *match_balance(struct matcher *m, const struct item *item, const char *s)
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

static const char *match_again(struct matcher *m, const struct item *item, const char *s)
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

static const char *match_items(struct matcher *m, const struct item *item, const char *s);

static const char *match_rest(struct matcher *m, const struct item *item, const char *s)
{
    if (++m->depth > MAX_DEPTH)
        luaL_error(m->L, "pattern too complex");
    const char *end = match_items(m, item, s);
    m->depth--;
    return end;
}

static const char *match_times(struct matcher *m, const struct item *item, const char *s)
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

static bool at_frontier(const struct matcher *m, const struct item *item, const char *s)
{
    unsigned char before = s == m->begin ? 0 : (unsigned char)s[-1];
    unsigned char after = s == m->end ? 0 : (unsigned char)*s;
    return !set_has(item, before) && set_has(item, after);
}

/* The end of the match of the items at s, or NULL. */
static const char *match_items(struct matcher *m, const struct item *item, const char *s)
{
    for (;; item++) {
        step(m);
        switch ((enum item_kind)item->kind) {
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

static void matcher_init(struct matcher *m, lua_State *L, const struct pattern *pattern,
                         const char *text, size_t size)
{
    m->L = L;
    m->pattern = pattern;
    m->begin = text;
    m->end = text + size;
    m->work = 0;
    m->depth = 0;
}

/* The first match at or after *s, which becomes its start; `not_end`: no match may end there. */
static const char *search(struct matcher *m, const char **s, const char *not_end)
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

/* Capture i, or the whole match where the pattern has none. */
static void push_capture(struct matcher *m, int i, const char *s, const char *end)
{
    if (i >= m->pattern->captures) {
        if (i != 0)
            luaL_error(m->L, "invalid capture index %%%d", i + 1);
        lua_pushlstring(m->L, s, (size_t)(end - s));
    } else if (m->captures[i].position) {
        lua_pushinteger(m->L, (lua_Integer)(m->captures[i].at - m->begin) + 1);
    } else {
        lua_pushlstring(m->L, m->captures[i].at, m->captures[i].size);
    }
}

static int push_captures(struct matcher *m, const char *s, const char *end, bool whole)
{
    int n = m->pattern->captures == 0 && whole ? 1 : m->pattern->captures;
    luaL_checkstack(m->L, n + 4, "too many captures");
    for (int i = 0; i < n; i++)
        push_capture(m, i, s, end);
    return n;
}

/* ---- the functions ---- */

/* 0-based start from the usual argument; size + 1: after the end. */
static size_t start_argument(lua_State *L, int index, size_t size)
{
    lua_Integer at = luaL_optinteger(L, index, 1);
    if (at > 0)
        return (lua_Unsigned)at - 1 > size ? size + 1 : (size_t)at - 1;
    if (at == 0 || at < -(lua_Integer)size)
        return 0;
    return size - (size_t)-at;
}

static const char *find_plain(lua_State *L, const char *s, const char *end, const char *what,
                              size_t size)
{
    if (size == 0)
        return s;
    while ((size_t)(end - s) >= size) {
        const char *hit = memchr(s, what[0], (size_t)(end - s) - size + 1);
        if (hit == NULL) {
            sandbox_spend(L, 1 + (uint64_t)(end - s) / SANDBOX_BYTES_A_UNIT);
            return NULL;
        }
        sandbox_spend(L, 2 + ((uint64_t)(hit - s) + size) / SANDBOX_BYTES_A_UNIT);
        if (memcmp(hit, what, size) == 0)
            return hit;
        s = hit + 1;
    }
    return NULL;
}

static int find_or_match(lua_State *L, bool find)
{
    size_t size, pattern_size;
    const char *text = luaL_checklstring(L, 1, &size);
    const char *source = luaL_checklstring(L, 2, &pattern_size);
    size_t at = start_argument(L, 3, size);
    if (at > size) {
        lua_pushnil(L);
        return 1;
    }
    const char *s = text + at;
    if (find && lua_toboolean(L, 4)) {
        s = find_plain(L, s, text + size, source, pattern_size);
        if (s == NULL) {
            lua_pushnil(L);
            return 1;
        }
        lua_pushinteger(L, (lua_Integer)(s - text) + 1);
        lua_pushinteger(L, (lua_Integer)(s - text) + (lua_Integer)pattern_size);
        return 2;
    }
    struct matcher m;
    matcher_init(&m, L, pattern_push(L, source, pattern_size, true), text, size);
    const char *end = search(&m, &s, NULL);
    if (end == NULL) {
        lua_pushnil(L);
        return 1;
    }
    if (!find)
        return push_captures(&m, s, end, true);
    lua_pushinteger(L, (lua_Integer)(s - text) + 1);
    lua_pushinteger(L, (lua_Integer)(end - text));
    return 2 + push_captures(&m, s, end, false);
}

static int string_find(lua_State *L)
{
    return find_or_match(L, true);
}

static int string_match(lua_State *L)
{
    return find_or_match(L, false);
}

/* upvalues: text, pattern, where to go on, end of the last match (both 0-based, -1: none) */
static int gmatch_step(lua_State *L)
{
    size_t size;
    const char *text = lua_tolstring(L, lua_upvalueindex(1), &size);
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    if (at < 0 || (size_t)at > size)
        return 0;
    struct matcher m;
    matcher_init(&m, L, lua_touserdata(L, lua_upvalueindex(2)), text, size);
    const char *s = text + at;
    const char *end = search(&m, &s, last < 0 ? NULL : text + last);
    lua_pushinteger(L, end == NULL ? -1 : (lua_Integer)(end - text));
    lua_pushvalue(L, -1);
    lua_replace(L, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return end == NULL ? 0 : push_captures(&m, s, end, true);
}

static int string_gmatch(lua_State *L)
{
    size_t size, pattern_size;
    luaL_checklstring(L, 1, &size);
    const char *source = luaL_checklstring(L, 2, &pattern_size);
    size_t at = start_argument(L, 3, size);
    lua_pushvalue(L, 1);
    pattern_push(L, source, pattern_size, false);
    lua_pushinteger(L, (lua_Integer)at);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, gmatch_step, 4);
    return 1;
}

/* Pushes the text that a replacement string gives. */
static void expand(struct matcher *m, const char *s, const char *end)
{
    lua_State *L = m->L;
    size_t size;
    const char *p = lua_tolstring(L, 3, &size), *stop = p + size;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    sandbox_spend(L, 1 + size / SANDBOX_BYTES_A_UNIT);
    while (p < stop) {
        const char *percent = memchr(p, '%', (size_t)(stop - p));
        if (percent == NULL)
            percent = stop;
        luaL_addlstring(&b, p, (size_t)(percent - p));
        if (percent == stop)
            break;
        p = percent + 1;
        if (p < stop && *p == '%') {
            luaL_addchar(&b, '%');
        } else if (p < stop && *p == '0') {
            luaL_addlstring(&b, s, (size_t)(end - s));
        } else if (p < stop && isdigit((unsigned char)*p)) {
            push_capture(m, *p - '1', s, end);
            luaL_tolstring(L, -1, NULL);
            lua_remove(L, -2);
            luaL_addvalue(&b);
        } else {
            luaL_error(L, "invalid use of '%%' in replacement string");
        }
        p++;
        sandbox_spend(L, 4);
    }
    luaL_pushresult(&b);
}

/* Pushes what stands for the match. */
static void push_replacement(struct matcher *m, int type, const char *s, const char *end)
{
    lua_State *L = m->L;
    if (type == LUA_TTABLE) {
        push_capture(m, 0, s, end);
        lua_gettable(L, 3);
    } else if (type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(m, s, end, true), 1);
    } else {
        expand(m, s, end);
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        lua_pushlstring(L, s, (size_t)(end - s));
    } else if (!lua_isstring(L, -1)) {
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    }
}

static int string_gsub(lua_State *L)
{
    size_t size, pattern_size;
    const char *text = luaL_checklstring(L, 1, &size);
    const char *source = luaL_checklstring(L, 2, &pattern_size);
    int type = lua_type(L, 3);
    luaL_argcheck(L,
                  type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
                      type == LUA_TTABLE,
                  3, "string, function or table expected");
    lua_Integer most = luaL_optinteger(L, 4, LUA_MAXINTEGER), count = 0;
    lua_settop(L, 3);
    struct matcher m;
    matcher_init(&m, L, pattern_push(L, source, pattern_size, true), text, size);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    const char *copied = text, *s = text, *last = NULL;
    while (count < most) {
        const char *end = search(&m, &s, last);
        if (end == NULL)
            break;
        count++;
        luaL_addlstring(&b, copied, (size_t)(s - copied));
        push_replacement(&m, type, s, end);
        luaL_addvalue(&b);
        copied = s = last = end;
        if (m.pattern->anchored)
            break;
    }
    luaL_addlstring(&b, copied, (size_t)(m.end - copied));
    luaL_pushresult(&b);
    lua_pushinteger(L, count);
    return 2;
}

void sandbox_add_patterns(lua_State *L)
{
    static const luaL_Reg functions[] = {{"find", string_find},
                                         {"match", string_match},
                                         {"gmatch", string_gmatch},
                                         {"gsub", string_gsub},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
