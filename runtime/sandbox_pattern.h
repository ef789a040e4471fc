/* sandbox_pattern.h: Lua patterns as items, between their engine (sandbox_pattern.c) and the
 * functions that scripts call (sandbox_find.c). Backtracking is charged step by step.
 */
#ifndef HUNCH_SANDBOX_PATTERN_H
#define HUNCH_SANDBOX_PATTERN_H

#include "sandbox_state.h"

#define SANDBOX_MAX_CAPTURES 32

enum sandbox_item_kind {
    ITEM_BYTE,     /* one byte, `a` */
    ITEM_SET,      /* one byte of `set` */
    ITEM_OPEN,     /* capture `a` begins */
    ITEM_CLOSE,    /* capture `a` ends */
    ITEM_POSITION, /* capture `a` is this position */
    ITEM_AGAIN,    /* the text of capture `a` */
    ITEM_BALANCE,  /* from byte `a` to the byte `b` that balances it */
    ITEM_FRONTIER, /* the byte before is not in `set`, this one is; outside the text is 0 */
    ITEM_END,      /* the end of the text */
    ITEM_DONE      /* a match */
};

struct sandbox_item {
    uint8_t kind, a, b;
    char times;      /* of BYTE and SET: 0, or one of ? * + - */
    uint8_t set[32]; /* bit n & 7 of set[n >> 3] */
};

struct sandbox_pattern {
    bool anchored;
    int captures;
    struct sandbox_item items[]; /* ends with ITEM_DONE */
};

struct sandbox_matcher {
    lua_State *L;
    const struct sandbox_pattern *pattern;
    const char *begin, *end; /* the text */
    unsigned work;           /* steps not charged yet */
    int depth;
    struct {
        const char *at;
        size_t size;
        bool position;
    } captures[SANDBOX_MAX_CAPTURES];
};

/* Pushes the translated pattern; it lives as long as the value. may_anchor: a first ^ is one. */
const struct sandbox_pattern *sandbox_push_pattern(lua_State *L, const char *p, size_t size,
                                                   bool may_anchor);

void sandbox_matcher_init(struct sandbox_matcher *m, lua_State *L,
                          const struct sandbox_pattern *pattern, const char *text, size_t size);

/* The end of the first match at or after *s, which becomes its start; NULL: none. No match that
 * ends at `not_end` counts, where that is not NULL. */
const char *sandbox_search(struct sandbox_matcher *m, const char **s, const char *not_end);

#endif
