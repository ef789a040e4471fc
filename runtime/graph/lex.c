/* lex.c: preprocessing tokens of C. */
#include <string.h>

#include "graph/macro.h"

#define N (P_BEGINS | P_GOES_ON)
#define D (P_GOES_ON | P_DIGIT)
#define B P_BLANK
/* clang-format off */
const uint8_t pp_class[256] = {
    [' '] = B, ['\t'] = B, ['\r'] = B, ['\v'] = B, ['\f'] = B,
    ['0'] = D, ['1'] = D, ['2'] = D, ['3'] = D, ['4'] = D, ['5'] = D, ['6'] = D, ['7'] = D, ['8'] = D, ['9'] = D,
    ['_'] = N, ['$'] = N,
    ['a'] = N, ['b'] = N, ['c'] = N, ['d'] = N, ['e'] = N, ['f'] = N, ['g'] = N, ['h'] = N, ['i'] = N, ['j'] = N,
    ['k'] = N, ['l'] = N, ['m'] = N, ['n'] = N, ['o'] = N, ['p'] = N, ['q'] = N, ['r'] = N, ['s'] = N, ['t'] = N,
    ['u'] = N, ['v'] = N, ['w'] = N, ['x'] = N, ['y'] = N, ['z'] = N,
    ['A'] = N, ['B'] = N, ['C'] = N, ['D'] = N, ['E'] = N, ['F'] = N, ['G'] = N, ['H'] = N, ['I'] = N, ['J'] = N,
    ['K'] = N, ['L'] = N, ['M'] = N, ['N'] = N, ['O'] = N, ['P'] = N, ['Q'] = N, ['R'] = N, ['S'] = N, ['T'] = N,
    ['U'] = N, ['V'] = N, ['W'] = N, ['X'] = N, ['Y'] = N, ['Z'] = N,
};
/* clang-format on */
#undef N
#undef D
#undef B

const uint8_t *pp_comment_end(const uint8_t *at, const uint8_t *end)
{
    if (at[1] == '*') {
        for (at += 2; at < end; at++) {
            at = memchr(at, '*', (size_t)(end - at));
            if (at == NULL)
                return end;
            if (at + 1 < end && at[1] == '/')
                return at + 2;
        }
        return end;
    }
    for (at += 2; at < end && *at != '\n'; at++)
        if (*at == '\\' && at + 1 < end)
            at++;
    return at < end ? at : end;
}

const uint8_t *pp_literal_end(const uint8_t *at, const uint8_t *end)
{
    uint8_t quote = *at++;
    for (; at < end && *at != '\n'; at++) {
        if (*at == quote)
            return at + 1;
        if (*at == '\\' && at + 1 < end)
            at += 1 + (at[1] == '\r' && at + 2 < end && at[2] == '\n');
    }
    return at < end ? at : end; /* not closed: it ends with its line */
}

static bool continues(const uint8_t *at, const uint8_t *end)
{
    return *at == '\\' && at + 1 < end &&
           (at[1] == '\n' || (at[1] == '\r' && at + 2 < end && at[2] == '\n'));
}

const uint8_t *pp_space_end(const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        if (pp_class[*at] & P_BLANK || *at == '\n')
            at++;
        else if (*at == '/' && at + 1 < end && (at[1] == '*' || at[1] == '/'))
            at = pp_comment_end(at, end);
        else if (continues(at, end))
            at += at[1] == '\n' ? 2 : 3;
        else
            break;
    }
    return at;
}

static uint32_t punctuation(const uint8_t *at, const uint8_t *end)
{
    static const char *const longer[] = {"<<=", ">>=", "...", "->", "++", "--", "<<", ">>",
                                         "<=",  ">=",  "==",  "!=", "&&", "||", "##", "+=",
                                         "-=",  "*=",  "/=",  "%=", "&=", "|=", "^="};
    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
        size_t size = strlen(longer[i]);
        if ((size_t)(end - at) >= size && memcmp(at, longer[i], size) == 0)
            return (uint32_t)size;
    }
    return 1;
}

struct pp_token pp_lex(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *first = pp_space_end(*at, end), *last = first;
    struct pp_token t = {.text = first, .flags = first > *at ? P_SPACE : 0};
    if (first >= end) {
        *at = end;
        return t;
    }
    uint8_t class = pp_class[*first];
    bool is_number =
        class & P_DIGIT || (*first == '.' && first + 1 < end && pp_class[first[1]] & P_DIGIT);
    if (is_number) {
        t.kind = P_NUMBER;
        for (last++; last < end; last++) {
            bool is_sign = (*last == '+' || *last == '-') && strchr("eEpP", last[-1]) != NULL &&
                           !(first[0] == '0' && first + 1 < last && (first[1] | 32) == 'x' &&
                             (last[-1] | 32) == 'e');
            if (!(pp_class[*last] & P_GOES_ON) && *last != '.' && !is_sign)
                break;
        }
    } else if (class & P_BEGINS) {
        t.kind = P_NAME;
        while (last < end && pp_class[*last] & P_GOES_ON)
            last++;
        if (last < end && (*last == '"' || *last == '\'') && last - first <= 2 &&
            (*first == 'L' || *first == 'u' || *first == 'U')) {
            t.kind = *last == '"' ? P_STRING : P_CHARACTER;
            last = pp_literal_end(last, end);
        }
    } else if (*first == '"' || *first == '\'') {
        t.kind = *first == '"' ? P_STRING : P_CHARACTER;
        last = pp_literal_end(first, end);
    } else {
        t.kind = P_PUNCTUATION;
        last += punctuation(first, end);
    }
    t.size = (uint32_t)(last - first);
    *at = last;
    return t;
}

bool pp_is(const struct pp_token *t, const char *text)
{
    size_t size = strlen(text);
    return t->size == size && memcmp(t->text, text, size) == 0;
}

/* Behind the line, comments and continued lines included. */
const uint8_t *pp_line_end(const uint8_t *at, const uint8_t *end, bool *is_plain)
{
    *is_plain = true;
    while (at < end && *at != '\n') {
        if (*at == '\\' && at + 1 < end && (at[1] == '\n' || at[1] == '\r')) {
            *is_plain = false;
            at += at[1] == '\r' && at + 2 < end && at[2] == '\n' ? 3 : 2;
        } else if (*at == '/' && at + 1 < end && at[1] == '*') {
            at = pp_comment_end(at, end); /* a lexer passes over it, lines or not */
        } else if (*at == '/' && at + 1 < end && at[1] == '/') {
            return pp_comment_end(at, end);
        } else if (*at == '"')
            at = pp_literal_end(at, end);
        else
            at++;
    }
    return at;
}

/* Behind the end of the line at `at`, or of what is left open on it. */
const uint8_t *pp_pass_line(const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        if (*at == '\n')
            return at + 1;
        if (*at == '/' && at + 1 < end && (at[1] == '*' || at[1] == '/'))
            at = pp_comment_end(at, end);
        else if (*at == '"' || *at == '\'')
            at = pp_literal_end(at, end);
        else if (*at == '\\' && at + 1 < end)
            at += 2;
        else
            at++;
    }
    return at;
}
