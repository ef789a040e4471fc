/* expand.c: what calls of macros become. Tokens come from a stack of contexts, what macros became,
 * and below it from the file, so that a call may begin in one and end in the other. A macro is
 * disabled while what it became is read again; a name that is met then is painted: it is no call,
 * wherever it goes. Work is bounded for the file as a whole.
 */
#include <string.h>

#include "graph/macro.h"

enum {
    STEPS_MOST = 1 << 23, /* tokens that macros give, of a file */
    NESTING_MOST = 100,   /* of calls in arguments of calls */
    ARGUMENT_TOKENS_MOST = 1 << 16
};

/* Where tokens may come from: contexts above `base`, and then the file. */
struct origin {
    size_t base;
    bool is_file;
};

static void run(struct pp_expander *x, struct pp_token t, struct origin o, pp_tokens *out);

static void step(struct pp_expander *x)
{
    if (++x->steps > STEPS_MOST)
        x->is_over = true;
}

static void put(struct pp_expander *x, pp_tokens *out, struct pp_token t)
{
    if (!hunch_vec_push(x->macros->a, out, t))
        x->macros->failed = true;
    step(x);
}

static void pop(struct pp_expander *x)
{
    uint32_t macro = x->context.items[--x->context.count].macro;
    if (macro != HUNCH_NONE)
        x->macros->macro.items[macro].disabled--;
}

static struct pp_token next(struct pp_expander *x, struct origin o)
{
    while (x->context.count > o.base) {
        struct pp_context *top = &x->context.items[x->context.count - 1];
        if (top->at < top->end)
            return *top->at++;
        pop(x);
    }
    if (o.is_file)
        return x->more(x->ctx);
    return (struct pp_token){.kind = P_END};
}

/* Takes the tokens over. */
static void push(struct pp_expander *x, pp_tokens *tokens, uint32_t macro)
{
    struct pp_context context = {tokens->items, tokens->items + tokens->count, macro};
    if (tokens->count == 0) {
        hunch_vec_free(x->macros->a, tokens);
        return;
    }
    if (!hunch_vec_reserve(x->macros->a, &x->context, 1) ||
        !hunch_vec_push(x->macros->a, &x->kept, *tokens)) {
        x->macros->failed = true;
        hunch_vec_free(x->macros->a, tokens);
        return;
    }
    x->context.items[x->context.count++] = context;
    if (macro != HUNCH_NONE)
        x->macros->macro.items[macro].disabled++;
}

bool pp_asm_word(const struct pp_token *t)
{
    static const char *const words[] = {"volatile", "__volatile__", "__volatile", "inline",
                                        "goto",     "__inline",     "__inline__"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (pp_is(t, words[i]))
            return true;
    return false;
}

static bool opens(struct pp_expander *x, struct origin o, bool is_asm)
{
    while (x->context.count > o.base) {
        struct pp_context *top = &x->context.items[x->context.count - 1];
        const struct pp_token *at = top->at;
        while (is_asm && at < top->end && pp_asm_word(at))
            at++;
        if (at < top->end)
            return pp_is(at, "(");
        if (top->at < top->end) /* words, and then the end */
            return false;
        pop(x);
    }
    return o.is_file && x->opens(x->ctx, is_asm);
}

/* ---- arguments ---- */

struct arguments {
    pp_tokens token;
    HUNCH_VEC(uint32_t) end; /* of each, in token */
};

static void arguments_free(struct pp_expander *x, struct arguments *s)
{
    hunch_vec_free(x->macros->a, &s->token);
    hunch_vec_free(x->macros->a, &s->end);
}

/* From the parenthesis on. At most `most` of them: the last one takes the commas, too. */
static bool collect(struct pp_expander *x, struct origin o, uint32_t most, struct arguments *s)
{
    const struct hunch_allocator *a = x->macros->a;
    struct pp_token t = next(x, o);
    while (t.kind != P_END && !pp_is(&t, "("))
        t = next(x, o);
    for (uint32_t depth = 1; !x->macros->failed;) {
        t = next(x, o);
        if (t.kind == P_END || s->token.count >= ARGUMENT_TOKENS_MOST)
            return false;
        if (t.kind == P_PUNCTUATION && t.size == 1) {
            char c = (char)t.text[0];
            depth += c == '(';
            depth -= c == ')';
            bool is_end = depth == 0 || (c == ',' && depth == 1 && s->end.count + 1 < most);
            if (is_end && !hunch_vec_push(a, &s->end, (uint32_t)s->token.count))
                x->macros->failed = true;
            if (depth == 0)
                return !x->macros->failed;
            if (is_end)
                continue;
        }
        if (!hunch_vec_push(a, &s->token, t))
            x->macros->failed = true;
        step(x);
    }
    return false;
}

static const struct pp_token *argument(const struct arguments *s, uint32_t i, uint32_t *count)
{
    *count = 0;
    if (i >= s->end.count)
        return NULL;
    uint32_t begin = i == 0 ? 0 : s->end.items[i - 1];
    *count = s->end.items[i] - begin;
    return s->token.items + begin;
}

/* An argument with its own calls expanded, as if nothing stood around it. */
static void expanded(struct pp_expander *x, const struct arguments *s, uint32_t i, pp_tokens *out)
{
    uint32_t count;
    const struct pp_token *from = argument(s, i, &count);
    if (count == 0)
        return;
    pp_tokens copy = {0};
    if (!hunch_vec_append(x->macros->a, &copy, from, count)) {
        x->macros->failed = true;
        return;
    }
    struct origin inner = {x->context.count, false};
    push(x, &copy, HUNCH_NONE);
    x->depth++;
    while (!x->macros->failed) {
        struct pp_token t = next(x, inner);
        if (t.kind == P_END)
            break;
        run(x, t, inner, out);
    }
    x->depth--;
}

/* ---- # and ## ---- */

static struct pp_token made(struct pp_expander *x, const char *text, size_t size)
{
    uint8_t *kept = pp_keep(x->macros, size + 1);
    if (kept == NULL)
        return (struct pp_token){.kind = P_EMPTY};
    memcpy(kept, text, size);
    kept[size] = '\0';
    const uint8_t *at = kept;
    struct pp_token t = pp_lex(&at, kept + size);
    if (t.kind == P_END || t.size != size) /* two tokens, which no compiler takes */
        t = (struct pp_token){.text = kept, .size = (uint32_t)size, .kind = P_PUNCTUATION};
    t.flags = P_SPACE;
    return t;
}

static struct pp_token stringified(struct pp_expander *x, const struct pp_token *from,
                                   uint32_t count)
{
    size_t room = 3;
    for (uint32_t i = 0; i < count; i++)
        room += 2 * (size_t)from[i].size + 1;
    uint8_t *text = pp_keep(x->macros, room), *to = text;
    if (text == NULL)
        return (struct pp_token){.kind = P_EMPTY};
    *to++ = '"';
    for (uint32_t i = 0; i < count; i++) {
        bool is_literal = from[i].kind == P_STRING || from[i].kind == P_CHARACTER;
        if (i > 0 && from[i].flags & P_SPACE)
            *to++ = ' ';
        for (uint32_t k = 0; k < from[i].size; k++) {
            uint8_t c = from[i].text[k];
            if (c == '"' || (is_literal && c == '\\'))
                *to++ = '\\';
            *to++ = c == '\n' ? ' ' : c;
        }
    }
    *to++ = '"';
    x->steps += (uint64_t)(to - text) / 8;
    return (struct pp_token){
        .text = text, .size = (uint32_t)(to - text), .kind = P_STRING, .flags = P_SPACE};
}

static struct pp_token pasted(struct pp_expander *x, struct pp_token a, struct pp_token b)
{
    char text[256];
    uint8_t flags = b.flags & P_PASTE;
    if (a.kind == P_EMPTY || b.kind == P_EMPTY) {
        struct pp_token t = a.kind == P_EMPTY ? b : a;
        t.flags = (uint8_t)((t.flags & ~P_PASTE) | flags);
        return t;
    }
    size_t size = (size_t)a.size + b.size;
    if (size > sizeof text) {
        x->is_over = true;
        return a;
    }
    memcpy(text, a.text, a.size);
    memcpy(text + a.size, b.text, b.size);
    struct pp_token t = made(x, text, size);
    t.flags |= flags;
    return t;
}

/* ---- calls ---- */

/* The body with its parameters replaced; what an operand of ## is stays as it was written. */
static void substitute(struct pp_expander *x, const struct pp_macro *macro,
                       const struct arguments *s, pp_tokens *out)
{
    bool is_pasted = false; /* ## stands before the token */
    for (uint32_t i = 0; i < macro->body_count && !x->macros->failed && !x->is_over; i++) {
        struct pp_token t = x->macros->tokens.items[macro->body + i];
        bool pastes = t.flags & P_PASTE;
        if (pastes && pp_is(&t, ",") && i + 1 < macro->body_count && macro->is_variadic) {
            const struct pp_token *rest = &x->macros->tokens.items[macro->body + i + 1];
            uint32_t count;
            if (rest->kind == P_PARAMETER && rest->parameter + 1u == macro->parameter_count) {
                argument(s, rest->parameter, &count); /* , ## args: no comma where there is none */
                if (count > 0) {
                    t.flags &= (uint8_t)~P_PASTE;
                    put(x, out, t);
                } else
                    i++;
                continue;
            }
        }
        if (t.kind != P_PARAMETER) {
            put(x, out, t);
        } else if (t.flags & P_STRINGIFY) {
            uint32_t count;
            const struct pp_token *from = argument(s, t.parameter, &count);
            struct pp_token text = stringified(x, from, count);
            text.flags |= t.flags & P_PASTE;
            put(x, out, text);
        } else {
            size_t first = out->count;
            if (pastes || is_pasted) {
                uint32_t count;
                const struct pp_token *from = argument(s, t.parameter, &count);
                for (uint32_t k = 0; k < count; k++)
                    put(x, out, from[k]);
            } else
                expanded(x, s, t.parameter, out);
            if (out->count == first && (pastes || is_pasted))
                put(x, out, (struct pp_token){.kind = P_EMPTY});
            if (out->count > first && pastes)
                out->items[out->count - 1].flags |= P_PASTE;
        }
        is_pasted = pastes;
    }
}

/* Joins what stands around each ##. */
static void paste_all(struct pp_expander *x, pp_tokens *tokens)
{
    size_t to = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        struct pp_token t = tokens->items[i];
        while (t.flags & P_PASTE && i + 1 < tokens->count)
            t = pasted(x, t, tokens->items[++i]);
        t.flags &= (uint8_t)~P_PASTE;
        if (t.kind != P_EMPTY)
            tokens->items[to++] = t;
    }
    tokens->count = to;
}

static void call(struct pp_expander *x, uint32_t index, struct pp_token name, struct origin o,
                 pp_tokens *out)
{
    struct pp_macros *m = x->macros;
    struct arguments s = {0};
    pp_tokens body = {0};
    pp_read(m, &m->macro.items[index]);
    if (m->macro.items[index].is_function) {
        uint32_t most = m->macro.items[index].parameter_count;
        if (!collect(x, o, most == 0 ? 1 : most, &s)) { /* it never ends: it is no call */
            put(x, out, name);
            for (size_t i = 0; i < s.token.count; i++)
                put(x, out, s.token.items[i]);
            arguments_free(x, &s);
            return;
        }
    }
    struct pp_macro macro = m->macro.items[index]; /* a directive may have moved it meanwhile */
    substitute(x, &macro, &s, &body);
    paste_all(x, &body);
    arguments_free(x, &s);
    push(x, &body, index);
}

static void put_text(struct pp_expander *x, pp_tokens *out, const char *text)
{
    struct pp_token t = made(x, text, strlen(text));
    t.flags |= P_PAINTED;
    put(x, out, t);
}

/* Words of ours. False: it is an ordinary name here. */
static bool special(struct pp_expander *x, enum pp_special what, struct origin o, pp_tokens *out)
{
    char text[1100];
    size_t size = sizeof text;
    if (what == P_NORETURN)
        x->found_noreturn = true;
    if (what == P_NORETURN || what == P_DROP)
        return true;
    if (what == P_LINE || what == P_COUNTER) {
        uint32_t n = what == P_LINE ? x->line : x->counter++;
        text[--size] = '\0';
        do
            text[--size] = (char)('0' + n % 10);
        while ((n /= 10) > 0);
        put_text(x, out, text + size);
        return true;
    }
    if (what == P_FILE) {
        struct pp_token name = {
            .text = (const uint8_t *)x->file, .kind = P_NAME, .size = (uint32_t)strlen(x->file)};
        put(x, out, stringified(x, &name, 1));
        return true;
    }
    if (!opens(x, o, what == P_ASM))
        return false;
    struct arguments s = {0};
    collect(x, o, 2, &s);
    for (size_t i = 0; i < s.token.count && what == P_ATTRIBUTE; i++)
        if (pp_is(&s.token.items[i], "noreturn") || pp_is(&s.token.items[i], "__noreturn__"))
            x->found_noreturn = true;
    if (what == P_TYPEOF)
        put_text(x, out, "__hunch_type");
    if (what == P_UNKNOWN) {
        put_text(x, out, "sizeof");
        put_text(x, out, "(");
        put_text(x, out, "__hunch_type");
        put_text(x, out, ")");
    }
    if (what == P_VA_ARG) {
        put_text(x, out, "va_arg");
        put_text(x, out, "(");
        expanded(x, &s, 0, out);
        put_text(x, out, ")");
    }
    arguments_free(x, &s);
    return true;
}

/* One token: onto `out`, or, where it is a call, what it becomes onto the contexts. */
static void run(struct pp_expander *x, struct pp_token t, struct origin o, pp_tokens *out)
{
    step(x);
    if (t.kind != P_NAME || t.flags & P_PAINTED || x->is_over || x->depth > NESTING_MOST) {
        put(x, out, t);
        return;
    }
    struct pp_macro *macro = pp_find(x->macros, t.text, t.size);
    if (macro == NULL || !macro->is_defined) {
        put(x, out, t);
    } else if (macro->special != P_NONE) {
        if (!special(x, (enum pp_special)macro->special, o, out))
            put(x, out, t);
    } else if (macro->disabled > 0) {
        t.flags |= P_PAINTED;
        put(x, out, t);
    } else {
        uint32_t index = (uint32_t)(macro - x->macros->macro.items);
        if (macro->is_function && !opens(x, o, false))
            put(x, out, t);
        else
            call(x, index, t, o, out);
    }
}

void pp_expand(struct pp_expander *x, struct pp_token name, pp_tokens *out)
{
    struct origin o = {0, x->more != NULL};
    run(x, name, o, out);
    while (x->context.count > 0 && !x->macros->failed) {
        struct pp_context *top = &x->context.items[x->context.count - 1];
        if (top->at < top->end)
            run(x, *top->at++, o, out);
        else
            pop(x);
    }
    while (x->context.count > 0)
        pop(x);
    for (size_t i = 0; i < x->kept.count; i++)
        hunch_vec_free(x->macros->a, &x->kept.items[i]);
    x->kept.count = 0;
}

void pp_expander_free(struct pp_expander *x)
{
    hunch_vec_free(x->macros->a, &x->context);
    hunch_vec_free(x->macros->a, &x->kept);
}
