/* preprocess.c: the text of a C file behind its preprocessor. Text is copied in runs; a name that
 * is a macro, a comment, a directive ends one. Of what is included declarations are kept that
 * others need (preprocess_header.c).
 *
 * #if: a condition that is known decides. Of a group that depends on names that nothing is known
 * of all branches are kept where that gives whole declarations, at the level of the file; else the
 * first branch that is not known to be out.
 */
#include <string.h>

#include "graph/macro.h"

enum {
    INCLUDES_MOST = 1000, /* files, of one source */
    INCLUDE_BYTES_MOST = 1 << 26,
    INCLUDE_DEPTH_MOST = 50,
    WHOLE_NESTING_MOST = 16, /* groups in groups that are looked through as a whole */
    OPEN_CALLS_MOST = 8      /* calls that never end; then no name is one */
};

struct group {
    bool is_taken;  /* a branch of it is or was in */
    bool keeps_all; /* all that are not known to be out are */
};

struct reader {
    const struct hunch_graph_source *source;
    const struct hunch_allocator *a;
    struct hunch_graph_file *file;
    struct hunch_name_set *names;
    struct hunch_preprocessed *out;
    struct pp_macros macros;
    struct pp_expander x;
    pp_tokens tokens; /* of a call */
    HUNCH_VEC(struct group) group;
    HUNCH_VEC(const char *) seen; /* names of files that were included */
    size_t included;              /* bytes */
    /* what is read */
    const char *name;
    const uint8_t *bytes, *at, *end;
    const uint8_t *from; /* text from here on is not copied yet */
    uint32_t depth;      /* of includes */
    const uint8_t *site; /* depth > 0: of the record, where the outermost directive ends */
    int braces;
    uint8_t last;             /* of the text so far, but for white space: what it ends with */
    const uint8_t *last_name; /* where that is a name */
    uint32_t last_size;
    uint32_t open_calls;
    bool failed;
};

static void fault(struct reader *r, const char *reason)
{
    if (r->out->fault != NULL)
        return;
    const uint8_t *from = r->source->bytes, *to = r->depth > 0 ? r->site : r->at;
    uint32_t line = 1;
    for (const uint8_t *at = from; at < to; at++)
        line += *at == '\n';
    r->out->fault = reason;
    r->out->fault_line = line;
}

/* ---- the text that comes out ---- */

static void segment(struct reader *r, const uint8_t *begin, const uint8_t *end, bool is_macro)
{
    if (r->depth > 0)
        return;
    struct hunch_segment s = {.out = (uint32_t)r->out->text.count,
                              .in_begin = (uint32_t)(begin - r->bytes),
                              .in_end = (uint32_t)(end - r->bytes),
                              .is_macro = is_macro};
    if (!hunch_vec_push(r->a, &r->out->segment, s))
        r->failed = true;
}

static void put(struct reader *r, const void *text, size_t size)
{
    if (!hunch_vec_append(r->a, &r->out->text, (const uint8_t *)text, size))
        r->failed = true;
}

/* Copies what was passed over. */
static void flush(struct reader *r)
{
    if (r->at > r->from) {
        segment(r, r->from, r->at, false);
        put(r, r->from, (size_t)(r->at - r->from));
    }
    r->from = r->at;
}

static bool is_word(const uint8_t *text, uint32_t size)
{
    static const char *const words[] = {"return", "case", "else", "do", "sizeof", "goto"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == size && memcmp(words[i], text, size) == 0)
            return true;
    return false;
}

/* Is a parenthesis here the beginning of an expression, not of arguments? */
static bool begins_expression(const struct reader *r)
{
    if (pp_class[r->last] & P_GOES_ON)
        return r->last_name != NULL && is_word(r->last_name, r->last_size);
    return r->last != ')' && r->last != ']';
}

static void note(struct reader *r, const uint8_t *text, uint32_t size)
{
    r->last = text[size - 1];
    r->last_name = text;
    r->last_size = size;
    if (size == 1)
        r->braces += (*text == '{') - (*text == '}');
}

static void put_tokens(struct reader *r)
{
    for (size_t i = 0; i < r->tokens.count; i++) {
        const struct pp_token *t = &r->tokens.items[i];
        if (t->size == 0) /* what memory was missing for */
            continue;
        if (pp_is(t, "(") && i + 1 < r->tokens.count && pp_is(t + 1, "{") && begins_expression(r))
            put(r, HUNCH_STATEMENT_EXPRESSION, sizeof HUNCH_STATEMENT_EXPRESSION - 1);
        put(r, t->text, t->size);
        put(r, " ", 1);
        note(r, t->text, t->size);
    }
}

/* ---- directives ---- */

static void directive(struct reader *r);

/* The same text without the ends of continued lines. */
static const uint8_t *spliced(struct reader *r, const uint8_t *at, const uint8_t **end)
{
    uint8_t *text = pp_keep(&r->macros, (size_t)(*end - at)), *to = text;
    if (text == NULL)
        return *end;
    while (at < *end) {
        if (*at == '\\' && at + 1 < *end && at[1] == '\n')
            at += 2;
        else if (*at == '\\' && at + 2 < *end && at[1] == '\r' && at[2] == '\n')
            at += 3;
        else
            *to++ = *at++;
    }
    *end = to;
    return text;
}

enum word {
    W_OTHER,
    W_IF,
    W_IFDEF,
    W_IFNDEF,
    W_ELIF,
    W_ELSE,
    W_ENDIF,
    W_DEFINE,
    W_UNDEF,
    W_INCLUDE
};

static enum word word_of(const struct pp_token *t)
{
    static const char *const words[] = {
        [W_IF] = "if",         [W_IFDEF] = "ifdef", [W_IFNDEF] = "ifndef",
        [W_ELIF] = "elif",     [W_ELSE] = "else",   [W_ENDIF] = "endif",
        [W_DEFINE] = "define", [W_UNDEF] = "undef", [W_INCLUDE] = "include"};
    for (int i = W_IF; i <= W_INCLUDE; i++)
        if (pp_is(t, words[i]))
            return (enum word)i;
    return pp_is(t, "include_next") ? W_INCLUDE : W_OTHER;
}

/* The directive on the line that begins at `at`; W_OTHER: none of these. *end: of its line. */
static enum word directive_at(const uint8_t *at, const uint8_t *end, const uint8_t **behind)
{
    while (at < end && pp_class[*at] & P_BLANK)
        at++;
    if (at >= end || *at != '#')
        return W_OTHER;
    at++;
    while (at < end && pp_class[*at] & P_BLANK)
        at++;
    const uint8_t *name = at;
    while (at < end && pp_class[*at] & P_GOES_ON)
        at++;
    struct pp_token t = {.text = name, .size = (uint32_t)(at - name), .kind = P_NAME};
    *behind = at;
    return word_of(&t);
}

/* From behind the line of #if to the line of the next #elif, #else or #endif of that group. */
static const uint8_t *branch_end(const uint8_t *at, const uint8_t *end, enum word *word,
                                 const uint8_t **behind)
{
    int inner = 0;
    *word = W_OTHER;
    while (at < end) {
        enum word w = directive_at(at, end, behind);
        if (w == W_IF || w == W_IFDEF || w == W_IFNDEF)
            inner++;
        else if (w == W_ENDIF && inner > 0)
            inner--;
        else if (inner == 0 && (w == W_ELIF || w == W_ELSE || w == W_ENDIF)) {
            *word = w;
            return at;
        }
        at = pp_pass_line(at, end);
    }
    return end;
}

/* Does text end where a declaration ends, with all its braces closed? Only directives: yes. */
static bool is_whole(const uint8_t *at, const uint8_t *end)
{
    int open = 0;
    uint8_t last = ';';
    bool is_fresh = true;
    while (at < end) {
        uint8_t c = *at;
        if (c == '#' && is_fresh) {
            bool is_plain;
            at = pp_line_end(at, end, &is_plain);
            continue;
        }
        if (c == '/' && at + 1 < end && (at[1] == '*' || at[1] == '/')) {
            at = pp_comment_end(at, end);
            continue;
        }
        if (c == '"' || c == '\'') {
            at = pp_literal_end(at, end);
            last = c;
            continue;
        }
        is_fresh = c == '\n' || (is_fresh && pp_class[c] & P_BLANK);
        open += (c == '{' || c == '(') - (c == '}' || c == ')');
        if (open < 0)
            return false;
        if (c != '\n' && !(pp_class[c] & P_BLANK))
            last = c;
        at++;
    }
    return open == 0 && (last == ';' || last == '}');
}

static bool is_whole_group(const struct reader *r)
{
    if (r->depth > 0)
        return true;
    if (r->braces > 0 || (r->last != 0 && r->last != ';' && r->last != '}'))
        return false;
    if (r->group.count > WHOLE_NESTING_MOST)
        return false;
    const uint8_t *at = r->at;
    for (;;) {
        enum word word;
        const uint8_t *behind, *next = branch_end(at, r->end, &word, &behind);
        if (word == W_OTHER || !is_whole(at, next))
            return false;
        if (word == W_ENDIF)
            return true;
        at = pp_pass_line(next, r->end);
    }
}

static bool condition(struct reader *r, enum word word, const uint8_t *at, const uint8_t *end,
                      bool *is_sure)
{
    if (word == W_IF || word == W_ELIF)
        return pp_condition(&r->x, at, end, is_sure);
    struct pp_token t = pp_lex(&at, end);
    const struct pp_macro *macro = t.kind == P_NAME ? pp_find(&r->macros, t.text, t.size) : NULL;
    *is_sure = macro != NULL && macro->special == P_NONE;
    bool is_defined = macro != NULL && macro->is_defined;
    return is_defined == (word == W_IFDEF);
}

/* Goes on behind the next line of the group that lets text in again, or behind its end. */
static void skip_branches(struct reader *r)
{
    while (r->at < r->end) {
        enum word word;
        const uint8_t *behind, *line = branch_end(r->at, r->end, &word, &behind);
        bool is_plain;
        const uint8_t *end = pp_line_end(line, r->end, &is_plain);
        r->at = end;
        struct group *group = &r->group.items[r->group.count - 1];
        if (word == W_OTHER)
            return;
        if (word == W_ENDIF) {
            r->group.count--;
            return;
        }
        if (group->is_taken && !group->keeps_all)
            continue;
        bool is_sure = true, is_true = true;
        if (word == W_ELIF) {
            const uint8_t *text = is_plain ? behind : spliced(r, behind, &end);
            is_true = condition(r, word, text, end, &is_sure);
        }
        if (is_true || !is_sure) {
            r->group.items[r->group.count - 1].is_taken = true;
            return;
        }
    }
}

static void begin_group(struct reader *r, enum word word, const uint8_t *at, const uint8_t *end)
{
    bool is_sure, is_true = condition(r, word, at, end, &is_sure);
    struct group group = {.is_taken = is_true || !is_sure};
    group.keeps_all = !is_sure && is_whole_group(r);
    if (!hunch_vec_push(r->a, &r->group, group))
        r->failed = true;
    else if (!group.is_taken)
        skip_branches(r);
}

/* #elif, #else: what stood before it was read. */
static void next_branch(struct reader *r, enum word word, const uint8_t *at, const uint8_t *end)
{
    if (r->group.count == 0)
        return;
    bool is_sure = true, is_true = true;
    if (r->group.items[r->group.count - 1].keeps_all) {
        if (word == W_ELIF)
            is_true = condition(r, word, at, end, &is_sure);
        if (is_true || !is_sure)
            return;
    }
    skip_branches(r);
}

/* ---- includes ---- */

static void read_text(struct reader *r);

static bool is_seen(struct reader *r, const char *name)
{
    for (size_t i = 0; i < r->seen.count; i++)
        if (strcmp(r->seen.items[i], name) == 0)
            return true;
    return false;
}

/* What it declares takes the place of the directive, which ends here. */
static void include_file(struct reader *r, const char *name, const uint8_t *bytes, size_t size)
{
    if (is_seen(r, name))
        return;
    if (r->depth >= INCLUDE_DEPTH_MOST || r->seen.count >= INCLUDES_MOST ||
        r->included + size > INCLUDE_BYTES_MOST) {
        fault(r, "more is included than is read");
        return;
    }
    r->included += size;
    if (!hunch_vec_push(r->a, &r->seen, name)) {
        r->failed = true;
        return;
    }
    struct reader outer = *r;
    size_t groups = r->group.count, from = r->out->text.count;
    size_t noreturn = r->out->noreturn.count;
    /* elsewhere than between declarations the text is none of its own */
    const bool is_between =
        r->braces == 0 && (r->last == 0 || r->last == ';' || r->last == '}' || r->depth > 0);
    segment(r, r->at, r->at, true);
    put(r, "\n", 1);
    if (r->depth == 0)
        r->site = r->at;
    r->name = name;
    r->bytes = r->at = r->from = bytes;
    r->end = bytes + size;
    r->depth++;
    read_text(r);
    r->name = outer.name;
    r->bytes = outer.bytes;
    r->at = outer.at;
    r->from = outer.from;
    r->end = outer.end;
    r->depth--;
    r->group.count = groups;
    r->braces = outer.braces;
    r->last = outer.last;
    r->last_name = outer.last_name;
    r->last_size = outer.last_size;
    if (r->depth == 0) {
        hunch_preprocessed_keep_declarations(r->out, is_between ? from : r->out->text.count);
        r->out->text.count = is_between ? r->out->text.count : from;
        r->out->noreturn.count = noreturn;
        const uint32_t to = (uint32_t)r->out->text.count;
        if (to > from && !(hunch_vec_push(r->a, &r->out->border, (uint32_t)from) &&
                           hunch_vec_push(r->a, &r->out->border, to)))
            r->failed = true;
    }
}

static void include(struct reader *r, const uint8_t *at, const uint8_t *end)
{
    char name[1024];
    size_t size = 0;
    at = pp_space_end(at, end);
    if (at < end && *at != '"' && *at != '<') { /* a macro gives the name */
        struct pp_token t = pp_lex(&at, end);
        pp_tokens tokens = {0};
        pp_more from_file = r->x.more;
        r->x.more = NULL;
        if (t.kind == P_NAME)
            pp_expand(&r->x, t, &tokens);
        r->x.more = from_file;
        for (size_t i = 0; i < tokens.count && size < sizeof name; i++) {
            const struct pp_token *part = &tokens.items[i];
            size_t room = sizeof name - size, n = part->size < room ? part->size : room;
            memcpy(name + size, part->text, n);
            size += n;
        }
        hunch_vec_free(r->a, &tokens);
    } else
        for (; at < end && size < sizeof name && *at != '\n'; at++)
            name[size++] = (char)*at;
    char close = size > 0 && name[0] == '<' ? '>' : '"';
    if (size < 2 || (name[0] != '<' && name[0] != '"'))
        return;
    char *stop = memchr(name + 1, close, size - 1);
    if (stop == NULL || stop == name + 1)
        return;
    uint32_t kept = hunch_name_add(r->names, name + 1, (size_t)(stop - name - 1));
    if (r->depth == 0 && !hunch_vec_push(r->a, &r->file->include, kept))
        r->failed = true;
    if (r->source->include == NULL)
        return;
    *stop = '\0';
    const char *found = NULL;
    size_t found_size = 0;
    const uint8_t *bytes =
        r->source->include(r->source->ctx, name + 1, r->name, &found_size, &found);
    if (bytes != NULL && found != NULL)
        include_file(r, found, bytes, found_size);
}

/* ---- */

/* The line at r->at, which begins with #. */
static void directive(struct reader *r)
{
    const uint8_t *at;
    enum word word = directive_at(r->at, r->end, &at);
    bool is_plain;
    flush(r);
    const uint8_t *end = pp_line_end(r->at, r->end, &is_plain);
    const uint8_t *stop = end;
    if (!is_plain && word != W_OTHER)
        at = spliced(r, at, &end);
    r->at = stop;
    switch (word) {
    case W_IF:
    case W_IFDEF:
    case W_IFNDEF: begin_group(r, word, at, end); break;
    case W_ELIF:
    case W_ELSE: next_branch(r, word, at, end); break;
    case W_ENDIF:
        if (r->group.count > 0)
            r->group.count--;
        break;
    case W_DEFINE: pp_define(&r->macros, at, end); break;
    case W_UNDEF: {
        struct pp_token t = pp_lex(&at, end);
        if (t.kind == P_NAME)
            pp_undefine(&r->macros, t.text, t.size);
        break;
    }
    case W_INCLUDE: include(r, at, end); break;
    case W_OTHER: break;
    }
    r->from = r->at;
}

/* ---- calls of macros ---- */

/* Behind white space from `at` on; false: a directive comes before the next token. */
static bool next_place(const struct reader *r, const uint8_t **at)
{
    const uint8_t *from = *at, *p = pp_space_end(from, r->end);
    *at = p;
    if (p >= r->end || *p != '#')
        return true;
    while (p > from && pp_class[p[-1]] & P_BLANK)
        p--;
    return !(p > r->bytes && p[-1] == '\n');
}

static struct pp_token more(void *ctx)
{
    struct reader *r = ctx;
    const uint8_t *begin = r->at;
    while (!next_place(r, &r->at)) { /* a directive in the arguments */
        r->from = r->at;
        directive(r);
    }
    bool is_apart = r->at > begin;
    struct pp_token t = pp_lex(&r->at, r->end);
    t.flags |= is_apart ? P_SPACE : 0;
    return t;
}

static bool call_opens(void *ctx, bool is_asm)
{
    struct reader *r = ctx;
    const uint8_t *at = r->at;
    while (next_place(r, &at)) {
        if (at < r->end && *at == '(')
            return r->open_calls < OPEN_CALLS_MOST;
        struct pp_token t = pp_lex(&at, r->end);
        if (!is_asm || !pp_asm_word(&t))
            return false;
    }
    return false;
}

static uint32_t line_of(const struct reader *r)
{
    uint32_t offset = (uint32_t)(r->at - r->bytes);
    size_t low = 0, high = r->file->line.count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (r->file->line.items[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low + 1;
}

/* The macro's name is at r->at. */
static void macro_call(struct reader *r, uint32_t size)
{
    flush(r);
    const uint8_t *begin = r->at;
    struct pp_token name = {.text = begin, .size = size, .kind = P_NAME};
    r->x.line = line_of(r);
    r->at += size;
    r->tokens.count = 0;
    pp_expand(&r->x, name, &r->tokens);
    if (r->at >= r->end && r->end - begin > 1000)
        r->open_calls++;
    if (r->x.found_noreturn &&
        !hunch_vec_push(r->a, &r->out->noreturn, (uint32_t)r->out->text.count))
        r->failed = true;
    r->x.found_noreturn = false;
    segment(r, begin, r->at, true);
    put(r, " ", 1);
    put_tokens(r);
    r->from = r->at;
}

/* ---- text ---- */

/* A name: a macro, or text. */
static void name_at(struct reader *r)
{
    const uint8_t *at = r->at;
    while (at < r->end && pp_class[*at] & P_GOES_ON)
        at++;
    uint32_t size = (uint32_t)(at - r->at);
    if (at < r->end && (*at == '"' || *at == '\'') && size <= 2 &&
        (*r->at == 'L' || *r->at == 'u' || *r->at == 'U')) {
        r->at = pp_literal_end(at, r->end);
        r->last = '"';
        return;
    }
    const struct pp_macro *macro = pp_find(&r->macros, r->at, size);
    if (macro != NULL && macro->is_defined) {
        macro_call(r, size);
        return;
    }
    note(r, r->at, size);
    r->at = at;
}

static void parenthesis(struct reader *r)
{
    const uint8_t *next = pp_space_end(r->at + 1, r->end);
    if (next < r->end && *next == '{' && begins_expression(r)) {
        flush(r);
        segment(r, r->at, r->at + 1, true);
        put(r, HUNCH_STATEMENT_EXPRESSION, sizeof HUNCH_STATEMENT_EXPRESSION - 1);
    }
    r->last = '(';
    r->at++;
}

static void read_text(struct reader *r)
{
    bool is_fresh = true;
    while (r->at < r->end && !r->failed && !r->macros.failed) {
        uint8_t c = *r->at;
        if (c == '\n') {
            is_fresh = true;
            r->at++;
            continue;
        }
        if (pp_class[c] & P_BLANK) {
            r->at++;
            continue;
        }
        bool is_first = is_fresh;
        is_fresh = false;
        if (pp_class[c] & P_BEGINS) {
            name_at(r);
        } else if (pp_class[c] & P_DIGIT) {
            while (r->at < r->end && (pp_class[*r->at] & P_GOES_ON || *r->at == '.'))
                r->at++;
            r->last = '0';
            r->last_name = NULL;
        } else if (c == '"' || c == '\'') {
            r->at = pp_literal_end(r->at, r->end);
            r->last = '"';
        } else if (c == '/' && r->at + 1 < r->end && (r->at[1] == '*' || r->at[1] == '/')) {
            flush(r);
            put(r, " ", 1);
            r->at = pp_comment_end(r->at, r->end);
            r->from = r->at;
            is_fresh = is_first;
        } else if (c == '#' && is_first) {
            directive(r);
        } else if (c == '\\' && pp_space_end(r->at, r->end) > r->at) {
            flush(r);
            r->at += r->at[1] == '\n' ? 2 : 3;
            r->from = r->at;
        } else if (c == '(') {
            parenthesis(r);
        } else {
            note(r, r->at, 1);
            r->at++;
        }
    }
    flush(r);
}

hunch_status hunch_preprocess(const struct hunch_graph_source *source,
                              struct hunch_graph_file *file, struct hunch_name_set *names,
                              struct hunch_preprocessed *out, struct hunch_error *err)
{
    static const uint8_t nothing[1] = "";
    const uint8_t *bytes = source->size > 0 ? source->bytes : nothing;
    struct reader r = {
        .source = source,
        .a = file->a,
        .file = file,
        .names = names,
        .out = out,
        .name = source->name == NULL ? "" : source->name,
        .bytes = bytes,
        .at = bytes,
        .from = bytes,
        .end = bytes + source->size,
    };
    if (pp_macros_init(&r.macros, r.a)) {
        r.x = (struct pp_expander){
            .macros = &r.macros, .more = more, .opens = call_opens, .ctx = &r, .file = r.name};
        if (!hunch_vec_push(r.a, &r.seen, r.name) ||
            !hunch_vec_reserve(r.a, &out->text, source->size))
            r.failed = true;
        else {
            read_text(&r);
            r.failed = r.failed || !hunch_preprocessed_bound(r.a, out);
        }
        if (r.x.is_over)
            fault(&r, "macros become too much text");
        pp_expander_free(&r.x);
    }
    bool is_done = !r.failed && !r.macros.failed && !names->failed;
    pp_macros_free(&r.macros);
    hunch_vec_free(r.a, &r.tokens);
    hunch_vec_free(r.a, &r.group);
    hunch_vec_free(r.a, &r.seen);
    return is_done ? HUNCH_OK : hunch_fail_memory(err, source->size, "a source");
}
