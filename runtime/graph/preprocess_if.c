/* preprocess_if.c: expressions of #if. A name that nothing is known of is 0; a result that depends
 * on one is not sure.
 */
#include "graph/macro.h"

struct number {
    int64_t value;
    bool is_unsigned;
    bool is_sure;
};

struct parser {
    const struct pp_token *at, *end;
    int depth;
};

enum { DEPTH_MOST = 200 };

static struct number expression(struct parser *p, int least);

static bool accept(struct parser *p, const char *text)
{
    if (p->at >= p->end || !pp_is(p->at, text))
        return false;
    p->at++;
    return true;
}

bool c_number(const char *text, uint32_t size, int64_t *value);
int64_t c_character(const char *text, uint32_t size);

static struct number primary(struct parser *p)
{
    struct number n = {.is_sure = true};
    if (p->at >= p->end || p->depth > DEPTH_MOST)
        return (struct number){0};
    if (accept(p, "(")) {
        p->depth++;
        n = expression(p, 0);
        p->depth--;
        accept(p, ")");
        return n;
    }
    static const char signs[] = "!-~+";
    for (const char *sign = signs; *sign != '\0'; sign++) {
        if (!accept(p, (const char[]){*sign, '\0'}))
            continue;
        p->depth++;
        n = primary(p);
        p->depth--;
        n.value = *sign == '!'   ? !n.value
                  : *sign == '-' ? (int64_t)(0 - (uint64_t)n.value)
                  : *sign == '~' ? ~n.value
                                 : n.value;
        return n;
    }
    const struct pp_token *t = p->at++;
    if (t->kind == P_NUMBER) {
        n.is_sure = c_number((const char *)t->text, t->size, &n.value);
        for (uint32_t i = 0; i < t->size; i++)
            n.is_unsigned = n.is_unsigned || (t->text[i] | 32) == 'u';
        return n;
    }
    if (t->kind == P_CHARACTER) {
        n.value = c_character((const char *)t->text, t->size);
        return n;
    }
    n.is_sure = pp_is(t, "true") || pp_is(t, "false");
    n.value = pp_is(t, "true");
    if (t->kind == P_NAME && p->at < p->end && pp_is(p->at, "(")) { /* __has_include(…) */
        int open = 0;
        for (; p->at < p->end; p->at++) {
            open += pp_is(p->at, "(") - pp_is(p->at, ")");
            if (open == 0) {
                p->at++;
                break;
            }
        }
    }
    return n;
}

static const struct {
    const char *text;
    int level;
} OPERATORS[] = {
    {"||", 1}, {"&&", 2}, {"|", 3},  {"^", 4},  {"&", 5},  {"==", 6},
    {"!=", 6}, {"<=", 7}, {">=", 7}, {"<", 7},  {">", 7},  {"<<", 8},
    {">>", 8}, {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10},
};

static struct number combined(const char *op, struct number a, struct number b)
{
    struct number n = {.is_unsigned = a.is_unsigned || b.is_unsigned,
                       .is_sure = a.is_sure && b.is_sure};
    uint64_t x = (uint64_t)a.value, y = (uint64_t)b.value;
    bool is_less = n.is_unsigned ? x < y : a.value < b.value;
    switch (op[0]) {
    case '|':
        n.value = op[1] ? a.value || b.value : a.value | b.value;
        if (op[1]) /* one that is sure to be true decides */
            n.is_sure = n.is_sure || (a.is_sure && a.value) || (b.is_sure && b.value);
        break;
    case '&':
        n.value = op[1] ? a.value && b.value : a.value & b.value;
        if (op[1])
            n.is_sure = n.is_sure || (a.is_sure && !a.value) || (b.is_sure && !b.value);
        break;
    case '^': n.value = a.value ^ b.value; break;
    case '=': n.value = a.value == b.value; break;
    case '!': n.value = a.value != b.value; break;
    case '<':
        if (op[1] == '<')
            n.value = y < 64 ? (int64_t)(x << y) : 0;
        else
            n.value = is_less || (op[1] == '=' && x == y);
        break;
    case '>':
        if (op[1] == '>')
            n.value = y < 64 ? (n.is_unsigned ? (int64_t)(x >> y) : a.value >> y) : 0;
        else
            n.value = op[1] == '=' ? !is_less : !is_less && x != y;
        break;
    case '+': n.value = (int64_t)(x + y); break;
    case '-': n.value = (int64_t)(x - y); break;
    case '*': n.value = (int64_t)(x * y); break;
    default:
        if (y == 0 || (b.value == -1 && !n.is_unsigned)) {
            n.is_sure = n.is_sure && y != 0;
            n.value = y == 0 || op[0] == '%' ? 0 : (int64_t)(0 - x);
        } else if (n.is_unsigned)
            n.value = (int64_t)(op[0] == '/' ? x / y : x % y);
        else
            n.value = op[0] == '/' ? a.value / b.value : a.value % b.value;
    }
    return n;
}

static struct number expression(struct parser *p, int least)
{
    struct number a = primary(p);
    while (p->at < p->end && p->depth <= DEPTH_MOST) {
        if (least == 0 && accept(p, "?")) {
            p->depth++;
            struct number yes = expression(p, 0);
            accept(p, ":");
            struct number no = expression(p, 0);
            p->depth--;
            bool is_sure = a.is_sure;
            a = a.value ? yes : no;
            a.is_sure = a.is_sure && is_sure;
            continue;
        }
        const char *op = NULL;
        int level = 0;
        for (size_t i = 0; i < sizeof OPERATORS / sizeof *OPERATORS && op == NULL; i++)
            if (pp_is(p->at, OPERATORS[i].text)) {
                op = OPERATORS[i].text;
                level = OPERATORS[i].level;
            }
        if (op == NULL || level < least || level == 0)
            break;
        p->at++;
        p->depth++;
        a = combined(op, a, expression(p, level + 1));
        p->depth--;
    }
    return a;
}

/* defined x, defined(x): 1 or 0, in place of it; known says whether anything is known of x. */
static struct pp_token is_defined(struct pp_expander *x, const uint8_t **at, const uint8_t *end)
{
    static const uint8_t yes[] = "1", no[] = "0", unknown[] = "__hunch_unknown";
    struct pp_token t = pp_lex(at, end);
    bool is_open = pp_is(&t, "(");
    if (is_open)
        t = pp_lex(at, end);
    const struct pp_macro *macro = t.kind == P_NAME ? pp_find(x->macros, t.text, t.size) : NULL;
    if (is_open)
        pp_lex(at, end);
    if (macro == NULL || macro->special != P_NONE)
        return (struct pp_token){
            .text = unknown, .size = sizeof unknown - 1, .kind = P_NAME, .flags = P_PAINTED};
    return (struct pp_token){.text = macro->is_defined ? yes : no, .size = 1, .kind = P_NUMBER};
}

struct line {
    const uint8_t *at, *end;
};

static struct pp_token more_of_line(void *ctx)
{
    struct line *line = ctx;
    return pp_lex(&line->at, line->end);
}

static bool line_opens(void *ctx, bool is_asm)
{
    struct line line = *(struct line *)ctx;
    struct pp_token t = pp_lex(&line.at, line.end);
    return !is_asm && pp_is(&t, "(");
}

bool pp_condition(struct pp_expander *x, const uint8_t *text, const uint8_t *end, bool *is_sure)
{
    struct line line = {text, end};
    pp_tokens tokens = {0};
    pp_more more = x->more;
    pp_opens opens = x->opens;
    void *ctx = x->ctx;
    x->more = more_of_line;
    x->opens = line_opens;
    x->ctx = &line;
    while (!x->macros->failed) {
        struct pp_token t = pp_lex(&line.at, line.end);
        if (t.kind == P_END)
            break;
        if (pp_is(&t, "defined")) {
            t = is_defined(x, &line.at, line.end);
            if (!hunch_vec_push(x->macros->a, &tokens, t))
                x->macros->failed = true;
        } else
            pp_expand(x, t, &tokens);
    }
    x->more = more;
    x->opens = opens;
    x->ctx = ctx;
    struct parser p = {.at = tokens.items, .end = tokens.items + tokens.count};
    struct number n = expression(&p, 0);
    *is_sure = n.is_sure && p.at == p.end;
    hunch_vec_free(x->macros->a, &tokens);
    return n.value != 0;
}
