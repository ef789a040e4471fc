/* lower_java_text.c: what tree-sitter gets of a Java file is bounded first: its stack must not hold
 * more than 65,535 tokens that are still open. Brackets that are nested too deeply, and what more
 * of a statement would be open than OPEN_MOST tokens, becomes white space; offsets stay as they
 * are.
 *
 * Tokens are counted in the bracket that they stand in, until the element or statement ends. Behind
 * a quote that nothing closes the parser may take texts for code: what they hide counts then, too.
 */
#include <string.h>

#include "graph/lower_java.h"

enum { OPEN_MOST = 40000 };

struct frame {
    uint32_t tokens; /* since the element or statement began */
    uint32_t kept;   /* do, which no end of a statement closes */
};

struct bound {
    uint8_t *text;
    uint32_t size, depth, over, total;
    bool ends;   /* a statement did, unless the next word says that it goes on */
    bool unsure; /* a text was not closed */
    struct jv_cut deep, large;
    struct frame frame[HUNCH_GRAPH_DEPTH_MOST + 1];
};

static bool is_word_byte(uint8_t c)
{
    return c == '_' || c == '$' || c >= 128 || (c >= '0' && c <= '9') ||
           ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static void blank(struct bound *b, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (b->text[i] != '\n')
            b->text[i] = ' ';
}

static void cut(struct jv_cut *cut, uint32_t at)
{
    if (!cut->is_there)
        *cut = (struct jv_cut){true, at};
}

static void reset(struct bound *b)
{
    struct frame *f = &b->frame[b->depth];
    b->total -= f->tokens;
    f->tokens = 0;
}

/* The token at [from, to) is one more that is open. */
static void count(struct bound *b, uint32_t from, uint32_t to)
{
    if (b->total >= OPEN_MOST) {
        cut(&b->large, from);
        blank(b, from, to);
        return;
    }
    b->frame[b->depth].tokens++;
    b->total++;
}

/* Text or a comment at [from, to), and what it hides. */
static void hidden(struct bound *b, uint32_t from, uint32_t to, bool is_token)
{
    uint32_t openers = 0;
    for (uint32_t i = from; i < to; i++)
        openers += b->text[i] != 0 && strchr("({[<!~-+@\\", b->text[i]) != NULL;
    if (b->total + openers >= OPEN_MOST) {
        cut(&b->large, from);
        blank(b, from, to);
        return;
    }
    if (b->unsure) { /* for good: nothing here tells where they would be closed */
        b->frame[0].kept += openers;
        b->total += openers;
    } else if (is_token) {
        b->frame[b->depth].tokens += openers;
        b->total += openers;
    }
    if (is_token)
        count(b, from, to);
}

static uint32_t comment_end(const struct bound *b, uint32_t i)
{
    if (b->text[i + 1] == '/') {
        while (i < b->size && b->text[i] != '\n')
            i++;
        return i;
    }
    for (uint32_t at = i + 2; at + 1 < b->size; at++)
        if (b->text[at] == '*' && b->text[at + 1] == '/')
            return at + 2;
    return i; /* it is not closed, and none */
}

static uint32_t text_end(struct bound *b, uint32_t i)
{
    const bool is_block = i + 2 < b->size && b->text[i + 1] == '"' && b->text[i + 2] == '"';
    for (i += is_block ? 3 : 1; i < b->size && (is_block || b->text[i] != '\n'); i++) {
        if (b->text[i] == '\\')
            i++;
        else if (b->text[i] == '"' && !is_block)
            return i + 1;
        else if (b->text[i] == '"' && i + 2 < b->size && b->text[i + 1] == '"' &&
                 b->text[i + 2] == '"')
            return i + 3;
    }
    b->unsure = true;
    return i < b->size ? i : b->size;
}

/* 'a', '\u0061'; anything else is a quote alone. */
static uint32_t character_end(const struct bound *b, uint32_t i)
{
    uint32_t at = i + 1;
    if (at < b->size && b->text[at] == '\\')
        at++;
    for (const uint32_t most = at + 8; at < b->size && at < most && b->text[at] != '\n'; at++)
        if (b->text[at] == '\'' && at > i + 1 && !(at == i + 2 && b->text[i + 1] == '\\'))
            return at + 1;
    return i + 1;
}

static void open_frame(struct bound *b, uint32_t at)
{
    if (b->depth >= HUNCH_GRAPH_DEPTH_MOST || b->over > 0) {
        cut(&b->deep, at);
        blank(b, at, at + 1);
        b->over++;
        return;
    }
    count(b, at, at + 1);
    b->frame[++b->depth] = (struct frame){0};
    b->ends = false;
}

static void close_frame(struct bound *b, uint32_t at)
{
    if (b->over > 0) {
        blank(b, at, at + 1);
        b->over--;
        return;
    }
    if (b->depth == 0)
        return;
    const struct frame *f = &b->frame[b->depth--];
    b->total -= f->tokens + f->kept;
    b->ends = b->text[at] == '}';
}

static void word(struct bound *b, uint32_t at, uint32_t end)
{
    static const char *const goes_on[] = {"else", "catch", "finally", "while"};
    const uint32_t size = end - at;
    struct frame *f = &b->frame[b->depth];
    bool is_more = false;
    for (size_t i = 0; b->ends && i < sizeof goes_on / sizeof *goes_on; i++)
        is_more |= strlen(goes_on[i]) == size && memcmp(goes_on[i], b->text + at, size) == 0;
    if (b->ends && !is_more)
        reset(b);
    count(b, at, end);
    if (size == 2 && memcmp(b->text + at, "do", 2) == 0 && b->total < OPEN_MOST) {
        f->kept++;
        b->total++;
    } else if (size == 5 && memcmp(b->text + at, "while", 5) == 0 && b->depth > 0 && f->kept > 0) {
        f->kept--;
        b->total--;
    }
}

/* Behind what is no word, bracket, text or comment. */
static uint32_t other(struct bound *b, uint32_t i)
{
    const uint8_t c = b->text[i];
    if (c == ';') {
        b->ends = true;
        return i + 1;
    }
    if (c == ',' || b->ends)
        reset(b);
    count(b, i, i + 1);
    b->ends = false;
    return i + 1;
}

void jv_bound(uint8_t *text, uint32_t size, struct jv_cut *deep, struct jv_cut *large)
{
    struct bound b = {.text = text, .size = size};
    for (uint32_t i = 0; i < size;) {
        const uint8_t c = text[i];
        uint32_t end = i;
        if (c <= ' ') {
            i++;
        } else if (c == '/' && i + 1 < size && (text[i + 1] == '/' || text[i + 1] == '*') &&
                   (end = comment_end(&b, i)) > i) {
            hidden(&b, i, end, false);
            i = end;
        } else if (c == '"' || c == '\'') {
            end = c == '"' ? text_end(&b, i) : character_end(&b, i);
            if (b.ends)
                reset(&b);
            hidden(&b, i, end, true);
            b.ends = false;
            i = end;
        } else if (is_word_byte(c)) {
            while (end < size && is_word_byte(text[end]))
                end++;
            word(&b, i, end);
            b.ends = false;
            i = end;
        } else if (c == '(' || c == '[' || c == '{') {
            if (b.ends)
                reset(&b);
            open_frame(&b, i++);
        } else if (c == ')' || c == ']' || c == '}') {
            close_frame(&b, i++);
        } else {
            i = other(&b, i);
        }
    }
    *deep = b.deep;
    *large = b.large;
}
