/* lower_javascript_text.c: what tree-sitter gets is bounded first: its stack must not hold more
 * than 65,535 tokens that are still open. Brackets that are nested too deeply, and what more of a
 * statement would be open than OPEN_MOST tokens, becomes white space; offsets stay as they are.
 *
 * Tokens are counted in the bracket that they stand in, until the element or statement ends. Where
 * it cannot be told what a quote or a slash begins, what it may hide counts.
 */
#include <string.h>

#include "graph/lower_javascript.h"

enum { OPEN_MOST = 40000 };

/* What the last token was: whether a value ended with it. */
enum last { LAST_NONE, LAST_OPERATOR, LAST_VALUE, LAST_WORD, LAST_HEAD, LAST_BRACE, LAST_GREATER };

struct frame {
    char open;       /* ( [ { $ for ${, ` */
    bool is_head;    /* ( of if, for, while, with */
    uint32_t tokens; /* since the element or statement began */
    uint32_t kept;   /* that no end of a statement closes: do, <a> */
};

struct bound {
    uint8_t *text;
    uint32_t size, depth, over, total;
    enum last last;
    bool ends;    /* a statement did, unless the next token says that it goes on */
    bool is_line; /* a line began since the last token */
    bool is_head; /* the last word was if, for, while, with */
    struct js_cut deep, large;
    struct frame frame[HUNCH_GRAPH_DEPTH_MOST + 1];
};

static bool is_word_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '#' || c >= 128;
}

static void blank(struct bound *b, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (b->text[i] != '\n')
            b->text[i] = ' ';
}

static void cut(struct js_cut *cut, uint32_t at)
{
    if (!cut->is_there)
        *cut = (struct js_cut){true, at};
}

static void reset(struct bound *b)
{
    struct frame *f = &b->frame[b->depth];
    b->total -= f->tokens;
    f->tokens = 0;
}

/* The token at [from, to) is one more that is open, and hides `more`. */
static void count(struct bound *b, uint32_t from, uint32_t to, uint32_t more)
{
    if (b->total + more > OPEN_MOST) {
        cut(&b->large, from);
        blank(b, from, to);
        return;
    }
    b->frame[b->depth].tokens += 1 + more;
    b->total += 1 + more;
}

/* ---- literals ---- */

static uint32_t openers(const struct bound *b, uint32_t from, uint32_t to)
{
    uint32_t n = 0;
    for (uint32_t i = from; i < to; i++)
        n += strchr("({[<!~-+", b->text[i]) != NULL && b->text[i] != 0;
    return n;
}

static uint32_t string_end(const struct bound *b, uint32_t i)
{
    const uint8_t quote = b->text[i];
    for (i++; i < b->size && b->text[i] != quote && b->text[i] != '\n'; i++)
        if (b->text[i] == '\\' && i + 1 < b->size)
            i++;
    return i < b->size ? i + 1 : i;
}

/* Behind the regex at i, or i: it is none. */
static uint32_t regex_end(const struct bound *b, uint32_t i)
{
    bool in_class = false;
    for (uint32_t at = i + 1; at < b->size && b->text[at] != '\n'; at++) {
        const uint8_t c = b->text[at];
        if (c == '\\')
            at++;
        else if (c == '[')
            in_class = true;
        else if (c == ']')
            in_class = false;
        else if (c == '/' && !in_class)
            return at + 1;
    }
    return i;
}

static uint32_t comment_end(struct bound *b, uint32_t i)
{
    if (b->text[i + 1] == '/') {
        while (i < b->size && b->text[i] != '\n')
            i++;
        return i;
    }
    for (i += 2; i + 1 < b->size && (b->text[i] != '*' || b->text[i + 1] != '/'); i++)
        b->is_line |= b->text[i] == '\n';
    return i + 1 < b->size ? i + 2 : b->size;
}

/* ---- brackets ---- */

static void open_frame(struct bound *b, uint32_t at, uint32_t size, char kind)
{
    if (b->depth >= HUNCH_GRAPH_DEPTH_MOST || b->over > 0) {
        cut(&b->deep, at);
        blank(b, at, at + size);
        b->over++;
        return;
    }
    count(b, at, at + size, 0);
    b->depth++;
    b->frame[b->depth] = (struct frame){.open = kind, .is_head = kind == '(' && b->is_head};
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
    b->last = f->open == '{' ? LAST_BRACE : f->is_head ? LAST_HEAD : LAST_VALUE;
    b->ends = f->open == '{';
}

/* In a template, from i on: behind its end, or behind ${. */
static uint32_t template_text(struct bound *b, uint32_t i)
{
    for (; i < b->size; i++) {
        if (b->text[i] == '\\')
            i++;
        else if (b->text[i] == '`') {
            close_frame(b, i);
            b->last = LAST_VALUE;
            b->ends = false;
            return i + 1;
        } else if (b->text[i] == '$' && i + 1 < b->size && b->text[i + 1] == '{') {
            open_frame(b, i, 2, '$');
            b->last = LAST_OPERATOR;
            return i + 2;
        }
    }
    return b->size;
}

/* ---- words ---- */

static bool one_of(const struct bound *b, uint32_t at, uint32_t size, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strlen(*words) == size && memcmp(*words, b->text + at, size) == 0)
            return true;
    return false;
}

static void word(struct bound *b, uint32_t at, uint32_t end)
{
    static const char *const goes_on[] = {"else", "catch", "finally",    "while", "in",
                                          "of",   "as",    "instanceof", "from",  NULL};
    static const char *const heads[] = {"if", "for", "while", "with", NULL};
    static const char *const more[] = {
        "else",   "do",    "return", "typeof", "new",        "yield", "await",   "void",
        "delete", "throw", "in",     "of",     "instanceof", "case",  "const",   "let",
        "var",    "class", "import", "export", "function",   "async", "extends", "default",
        "if",     "for",   "while",  "with",   "try",        "from",  "as",      NULL};
    const uint32_t size = end - at;
    /* Without a semicolon a line ends a statement where a value ended before it. */
    const bool ended = b->ends || (b->is_line && b->last == LAST_VALUE);
    if (ended && !one_of(b, at, size, goes_on))
        reset(b);
    count(b, at, end, 0);
    b->is_head = one_of(b, at, size, heads);
    b->last = one_of(b, at, size, more) ? LAST_WORD : LAST_VALUE;
    if (size == 2 && memcmp(b->text + at, "do", 2) == 0 && b->total < OPEN_MOST) {
        b->frame[b->depth].kept++;
        b->total++;
    } else if (size == 5 && memcmp(b->text + at, "while", 5) == 0 && b->frame[b->depth].kept > 0) {
        b->frame[b->depth].kept--;
        b->total--;
    }
}

/* <a> is open until </a> or />. */
static void element(struct bound *b, uint32_t i)
{
    const uint8_t next = i + 1 < b->size ? b->text[i + 1] : 0;
    struct frame *f = &b->frame[b->depth];
    const bool opens = b->text[i] == '<' && b->last != LAST_VALUE &&
                       (is_word_byte(next) || next == '>'),
               closes = (b->text[i] == '<' && next == '/') || (b->text[i] == '/' && next == '>');
    if (opens && b->total < OPEN_MOST) {
        f->kept += 4;
        b->total += 4;
    } else if (closes && f->kept >= 4) {
        f->kept -= 4;
        b->total -= 4;
    }
}

static uint32_t other(struct bound *b, uint32_t i)
{
    const uint8_t c = b->text[i];
    const bool unsure = b->last == LAST_GREATER || b->last == LAST_BRACE;
    uint32_t end = i + 1;
    if (b->ends && b->last == LAST_NONE) /* behind a semicolon */
        reset(b);
    if (c == '"' || c == '\'') {
        if (b->last != LAST_VALUE || b->is_line) {
            end = string_end(b, i);
            if (b->ends || (b->is_line && b->last == LAST_VALUE))
                reset(b);
        }
        count(b, i, end, unsure || b->is_line ? openers(b, i, end) : 0);
        b->last = LAST_VALUE;
    } else if (c == '/' && (b->last != LAST_VALUE) && (end = regex_end(b, i)) > i) {
        count(b, i, end, unsure || b->is_line ? openers(b, i, end) : 0);
        b->last = LAST_VALUE;
    } else if (c == ';') {
        b->ends = true;
        b->last = LAST_NONE;
        return end;
    } else if (c == ',') {
        reset(b);
        b->last = LAST_OPERATOR;
    } else {
        end = i + 1;
        const bool twice = (c == '+' || c == '-') && end < b->size && b->text[end] == c;
        element(b, i);
        count(b, i, end + twice, 0);
        if (!twice || b->last != LAST_VALUE) /* a++ is a value still */
            b->last = c == '>' ? LAST_GREATER : LAST_OPERATOR;
        end += twice;
    }
    b->ends = false;
    return end;
}

void js_bound(uint8_t *text, uint32_t size, struct js_cut *deep, struct js_cut *large,
              struct js_bound_memory *memory)
{
    struct bound *b = (struct bound *)memory->bytes;
    _Static_assert(sizeof *b <= sizeof memory->bytes, "room for what is open");
    memset(b, 0, sizeof *b);
    b->text = text;
    b->size = size;
    for (uint32_t i = 0; i < size;) {
        const uint8_t c = text[i];
        if (b->over == 0 && b->depth > 0 && b->frame[b->depth].open == '`') {
            i = template_text(b, i);
            continue;
        }
        if (c <= ' ') {
            b->is_line |= c == '\n';
            i++;
            continue;
        }
        if (c == '/' && i + 1 < size && (text[i + 1] == '/' || text[i + 1] == '*')) {
            i = comment_end(b, i);
            continue;
        }
        if (is_word_byte(c)) {
            uint32_t end = i;
            while (end < size && is_word_byte(text[end]))
                end++;
            word(b, i, end);
            i = end;
            b->ends = false;
        } else if (c == '(' || c == '[' || c == '{' || c == '`') {
            if (b->ends && (c == '{' || b->last == LAST_NONE))
                reset(b);
            open_frame(b, i, 1, (char)c);
            b->last = c == '`' ? LAST_VALUE : LAST_OPERATOR;
            b->ends = b->is_head = false;
            i++;
        } else if (c == ')' || c == ']' || c == '}') {
            close_frame(b, i++);
            b->is_head = false;
        } else {
            i = other(b, i);
            b->is_head = false;
        }
        b->is_line = false;
    }
    *deep = b->deep;
    *large = b->large;
}
