/* bound.c: what tree-sitter gets is bounded first. Its stack must not hold more than 65,535 tokens
 * that are still open, and its time grows with the square of what cannot be parsed: so text is
 * parsed in pieces of whole declarations, a declaration that is too large for one loses what stands
 * in its braces, and brackets that are nested too deeply become white space. Offsets stay as they
 * are; what was lost is in `cut`.
 */
#include <string.h>

#include "graph/macro.h"

enum {
    PIECE_TOKENS = 30000, /* then a piece ends with the declaration */
    TOKENS_MOST = 60000   /* of a declaration */
};

struct bounds {
    struct hunch_preprocessed *p;
    const struct hunch_allocator *a;
    uint8_t *text;
    uint32_t size;
    uint32_t chunk, piece; /* where the declaration and the piece begin */
    uint32_t chunk_tokens, piece_tokens;
    uint32_t depth;
    bool is_cut; /* the declaration has an entry in `cut` */
    bool failed;
};

static void cut(struct bounds *b, uint32_t at, bool is_deep)
{
    struct hunch_cut entry = {.at = at, .is_deep = is_deep};
    if (!b->is_cut && !hunch_vec_push(b->a, &b->p->cut, entry))
        b->failed = true;
    b->is_cut = true;
}

/* Behind the token at i. */
static uint32_t token_end(const struct bounds *b, uint32_t i)
{
    const uint8_t *at = b->text + i, *end = b->text + b->size;
    if (*at == '"' || *at == '\'')
        return (uint32_t)(pp_literal_end(at, end) - b->text);
    if (pp_class[*at] & P_GOES_ON) {
        while (at < end && pp_class[*at] & P_GOES_ON)
            at++;
        return (uint32_t)(at - b->text);
    }
    return i + 1;
}

static void blank(uint8_t *text, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (text[i] != '\n')
            text[i] = ' ';
}

/* The declaration that ends at `end` is too large: only what stands outside of its braces is left,
 * or nothing. */
static void shrink(struct bounds *b, uint32_t end)
{
    uint32_t depth = 0, tokens = 0, group = 0, first = b->chunk;
    while (first < end && b->text[first] <= ' ')
        first++;
    cut(b, first, false);
    for (uint32_t i = b->chunk, next; i < end; i = next) {
        uint8_t c = b->text[i];
        next = token_end(b, i);
        if (c == '{' && depth++ == 0)
            group = next;
        if (c == '}' && depth > 0 && --depth == 0)
            blank(b->text, group, i);
        tokens += depth == 0 && c > ' ';
    }
    if (depth > 0)
        blank(b->text, group, end);
    if (tokens > TOKENS_MOST)
        blank(b->text, b->chunk, end);
}

static void end_chunk(struct bounds *b, uint32_t end, bool may_end_piece)
{
    if (b->chunk_tokens > TOKENS_MOST) {
        shrink(b, end);
        b->chunk_tokens = 0;
    }
    b->piece_tokens += b->chunk_tokens;
    if (b->piece_tokens > PIECE_TOKENS && (may_end_piece || b->piece_tokens > TOKENS_MOST)) {
        if (!hunch_vec_push(b->a, &b->p->piece, end))
            b->failed = true;
        b->piece_tokens = 0;
        b->piece = end;
    }
    b->chunk = end;
    b->chunk_tokens = 0;
    b->is_cut = false;
}

static void end_piece(struct bounds *b, uint32_t end)
{
    end_chunk(b, end, true);
    if (b->piece < end && !hunch_vec_push(b->a, &b->p->piece, end))
        b->failed = true;
    b->piece_tokens = 0;
    b->piece = end;
    b->depth = 0;
}

/* (struct x){ … } is no function's body: more comes. */
static bool goes_on(const struct bounds *b, uint32_t i)
{
    while (i < b->size && b->text[i] <= ' ')
        i++;
    return i < b->size && strchr(";,)", b->text[i]) != NULL;
}

bool hunch_preprocessed_bound(const struct hunch_allocator *a, struct hunch_preprocessed *p)
{
    struct bounds b = {.p = p, .a = a, .text = p->text.items, .size = (uint32_t)p->text.count};
    uint8_t last = 0; /* of the last token */
    size_t border = 0;
    bool is_body = false; /* the outermost braces that are open are a function's */
    for (uint32_t i = 0, next; i < b.size && !b.failed; i = next) {
        uint8_t c = b.text[i];
        while (border < p->border.count && i >= p->border.items[border]) {
            /* what is wrong in a header, or in front of it, ends there */
            end_piece(&b, p->border.items[border++]);
            last = 0;
            is_body = false;
        }
        if (c <= ' ') {
            next = i + 1;
            continue;
        }
        next = token_end(&b, i);
        b.chunk_tokens++;
        if (c == '{' || c == '(' || c == '[') {
            if (b.depth == 0)
                is_body = c == '{' && (last == ')' || last == ';');
            if (b.depth++ >= HUNCH_GRAPH_DEPTH_MOST) {
                cut(&b, i, true);
                b.text[i] = ' ';
            }
        } else if (c == '}' || c == ')' || c == ']') {
            if (b.depth > HUNCH_GRAPH_DEPTH_MOST)
                b.text[i] = ' ';
            bool is_first = i == 0 || b.text[i - 1] == '\n';
            if (b.depth > 0)
                b.depth--;
            if (c == '}' && is_first) /* as functions end: what is open was forgotten */
                b.depth = 0;
            if (c == '}' && b.depth == 0 && is_body && !goes_on(&b, next))
                end_chunk(&b, next, true);
        } else if (c == ';' && b.depth == 0)
            end_chunk(&b, next, false);
        last = c;
    }
    end_chunk(&b, b.size, true);
    return !b.failed && hunch_vec_push(a, &p->piece, b.size);
}
