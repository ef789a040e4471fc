/* lower_python_bound.c: text of Python in pieces of whole statements of the file, each of few
 * enough tokens for tree-sitter, which counts the children of a node in 16 bits when it recovers
 * from errors. A statement that has more is taken out and named.
 */
#include <string.h>

#include "graph/lower_python.h"

enum { PIECE_TOKENS = 15000, STATEMENT_TOKENS = 60000 };

struct bound {
    struct py_lower *l;
    uint8_t *text; /* a copy, where something is taken out */
    const uint8_t *at, *begin, *end;
    uint32_t brackets;
    uint32_t tokens; /* of the statement */
};

static bool is_word(uint8_t c)
{
    return c == '_' || c >= 128 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* A string from its first quote; in one with values in it all is counted. */
static void string(struct bound *b, bool is_raw, bool has_values)
{
    const uint8_t quote = *b->at;
    const bool is_long = b->end - b->at > 2 && b->at[1] == quote && b->at[2] == quote;
    b->tokens += 3;
    for (b->at += is_long ? 3 : 1; b->at < b->end; b->at++) {
        const uint8_t c = *b->at;
        b->tokens += has_values ? !is_word(c) || !is_word(b->at[-1]) : c == '\\';
        if (c == '\\' && !(is_raw && b->end - b->at < 2)) {
            b->at++;
        } else if (c == '\n' && !is_long) {
            return; /* it is not closed */
        } else if (c == quote &&
                   (!is_long || (b->end - b->at > 2 && b->at[1] == quote && b->at[2] == quote))) {
            b->at += is_long ? 3 : 1;
            return;
        }
    }
    b->at = b->end;
}

static void word(struct bound *b)
{
    const uint8_t *first = b->at;
    bool is_raw = false, has_values = false;
    while (b->at < b->end && is_word(*b->at))
        b->at++;
    b->tokens++;
    if (b->at < b->end && (*b->at == '"' || *b->at == '\'') && b->at - first <= 2) {
        for (; first < b->at; first++) {
            is_raw |= (*first | 32) == 'r';
            has_values |= (*first | 32) == 'f';
        }
        string(b, is_raw, has_values);
    }
}

static bool starts(const struct bound *b, const uint8_t *at, const char *text)
{
    const size_t size = strlen(text);
    return (size_t)(b->end - at) > size && memcmp(at, text, size) == 0 && !is_word(at[size]);
}

/* Does a statement of the file begin on the line at `at`? What goes on with one before does not. */
static bool begins(const struct bound *b, const uint8_t *at)
{
    static const char *const MORE[] = {"else", "elif", "except", "finally"};
    if (is_word(*at)) {
        if (starts(b, at, "def") || starts(b, at, "class"))
            return true; /* a bracket before it was not closed */
        for (size_t i = 0; i < sizeof MORE / sizeof *MORE; i++)
            if (starts(b, at, MORE[i]))
                return false;
        return b->brackets == 0;
    }
    return b->brackets == 0 && *at != ' ' && *at != '\t' && *at != '\n' && *at != '\r' &&
           *at != '#' && *at != '\f' && *at != ')' && *at != ']' && *at != '}';
}

static void skip(struct bound *b)
{
    const uint8_t c = *b->at;
    if (is_word(c)) {
        word(b);
    } else if (c == '"' || c == '\'') {
        string(b, false, false);
    } else if (c == '#') {
        b->tokens++;
        while (b->at < b->end && *b->at != '\n')
            b->at++;
    } else {
        if (c == '(' || c == '[' || c == '{')
            b->brackets++;
        else if ((c == ')' || c == ']' || c == '}') && b->brackets > 0)
            b->brackets--;
        if (c == '\\' && b->end - b->at > 1)
            b->at++; /* and the line that it joins */
        b->tokens += c != ' ' && c != '\t';
        b->at++;
    }
}

static void take_out(struct bound *b, const uint8_t *from)
{
    struct py_lower *l = b->l;
    if (b->text == NULL && (b->text = hunch_memdup(l->a, b->begin, l->source->size)) == NULL) {
        py_fail(l);
        return;
    }
    py_fault(l, HUNCH_NONE, py_line(l, (uint32_t)(from - b->begin)), "declaration too large");
    for (const uint8_t *at = from; at < b->at; at++)
        if (*at != '\n')
            b->text[at - b->begin] = ' ';
}

uint8_t *py_pieces(struct py_lower *l)
{
    const uint8_t *text = l->source->bytes;
    struct bound b = {.l = l, .at = text, .begin = text, .end = text + l->source->size};
    const uint8_t *statement = text;
    uint32_t piece = 0;        /* tokens */
    bool is_decorated = false; /* the statement before belongs to what comes */
    while (!l->failed) {
        const bool is_end = b.at == b.end;
        const bool at_line = !is_end && (b.at == b.begin || b.at[-1] == '\n');
        if (is_end || (at_line && begins(&b, b.at))) {
            const bool is_large = b.tokens > STATEMENT_TOKENS;
            if (is_large)
                take_out(&b, statement);
            piece += is_large ? 0 : b.tokens;
            const uint32_t end = (uint32_t)(b.at - b.begin);
            if ((piece >= PIECE_TOKENS && !is_decorated) || is_end) {
                if (!hunch_vec_push(l->a, &l->value, end))
                    py_fail(l);
                piece = 0;
            }
            if (is_end)
                break;
            is_decorated = *b.at == '@';
            statement = b.at;
            b.tokens = b.brackets = 0;
        }
        skip(&b);
    }
    return b.text;
}
