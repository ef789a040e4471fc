/* macro.h: macros of C: what the files of the preprocessor share. lex.c tokens; macro.c definitions
 * and their table; expand.c what a call of one becomes; preprocess_if.c expressions of #if;
 * preprocess.c text, directives and includes.
 */
#ifndef HUNCH_GRAPH_MACRO_H
#define HUNCH_GRAPH_MACRO_H

#include "graph/preprocess.h"

enum pp_kind {
    P_END,
    P_NAME,
    P_NUMBER,
    P_STRING,
    P_CHARACTER,
    P_PUNCTUATION,
    P_PARAMETER,
    P_EMPTY
};

enum {
    P_SPACE = 1,     /* white space stands before it */
    P_PAINTED = 2,   /* a name that is never a macro again */
    P_STRINGIFY = 4, /* of a body: # stands before the parameter */
    P_PASTE = 8      /* of a body: ## stands behind it */
};

struct pp_token {
    const uint8_t *text;
    uint32_t size;
    uint8_t kind, flags;
    uint16_t parameter; /* of a body: which */
};

typedef HUNCH_VEC(struct pp_token) pp_tokens;

/* What a word does that is no macro of the source. */
enum pp_special {
    P_NONE,
    P_LINE,       /* __LINE__ */
    P_FILE,       /* __FILE__ */
    P_COUNTER,    /* __COUNTER__ */
    P_DROP,       /* goes away */
    P_DROP_GROUP, /* with what stands in parentheses behind it */
    P_ATTRIBUTE,  /* the same; may say that a function never returns */
    P_NORETURN,   /* goes away, and says so */
    P_ASM,        /* goes away with qualifiers and parentheses */
    P_TYPEOF,     /* typeof(x): a type that is not known */
    P_VA_ARG,     /* va_arg(list, type): its type goes away */
    P_UNKNOWN     /* offsetof(…): a number that is not known */
};

struct pp_macro {
    const uint8_t *name;
    uint32_t size, hash;
    bool is_defined; /* else it was, or is known not to be */
    bool is_function, is_variadic, is_read;
    bool is_system;                      /* of ours: an unsaid default */
    uint8_t special;                     /* enum pp_special */
    uint32_t disabled;                   /* it is being expanded, so often */
    const uint8_t *text, *end;           /* what stands behind the name, until it is read */
    uint32_t parameter, parameter_count; /* names, as tokens, in `tokens` of the table */
    uint32_t body, body_count;
};

/* Text that tokens point to and that is in no source. */
struct pp_arena {
    struct pp_chunk *chunk; /* the newest */
    size_t used;
};

struct pp_macros {
    const struct hunch_allocator *a;
    HUNCH_VEC(struct pp_macro) macro;
    uint32_t *slot; /* 1 + index into macro; 0 free */
    uint32_t capacity;
    pp_tokens tokens; /* parameters and bodies */
    struct pp_arena arena;
    bool failed;
};

/* ---- lex.c ---- */

/* The next token from *at on; P_END at the end. White space, comments and continued lines are
 * passed over; so are ends of lines. */
struct pp_token pp_lex(const uint8_t **at, const uint8_t *end);
/* Behind the comment, the literal or the white space at `at`. */
const uint8_t *pp_comment_end(const uint8_t *at, const uint8_t *end);
const uint8_t *pp_literal_end(const uint8_t *at, const uint8_t *end); /* of " or ' */
const uint8_t *pp_space_end(const uint8_t *at, const uint8_t *end);
bool pp_is(const struct pp_token *t, const char *text);
/* The end of a directive's line; is_plain: it is one line of the file. Behind any line. */
const uint8_t *pp_line_end(const uint8_t *at, const uint8_t *end, bool *is_plain);
const uint8_t *pp_pass_line(const uint8_t *at, const uint8_t *end);
extern const uint8_t pp_class[256]; /* 1: begins a name, 2: goes on one, 4: a digit, 8: blank */
enum { P_BEGINS = 1, P_GOES_ON = 2, P_DIGIT = 4, P_BLANK = 8 };

/* ---- macro.c ---- */

bool pp_macros_init(struct pp_macros *m, const struct hunch_allocator *a);
void pp_macros_free(struct pp_macros *m);
struct pp_macro *pp_find(struct pp_macros *m, const uint8_t *name, uint32_t size); /* or NULL */
/* text: what stands behind #define, on one line. */
void pp_define(struct pp_macros *m, const uint8_t *text, const uint8_t *end);
void pp_undefine(struct pp_macros *m, const uint8_t *name, uint32_t size);
/* Parameters and body of a definition, once they are needed. */
void pp_read(struct pp_macros *m, struct pp_macro *macro);
uint8_t *pp_keep(struct pp_macros *m, size_t size); /* memory for text; NULL: none */
void pp_arena_free(const struct hunch_allocator *a, struct pp_arena *arena);

/* ---- expand.c ---- */

struct pp_context {
    const struct pp_token *at, *end;
    uint32_t macro; /* index of what is disabled meanwhile, or HUNCH_NONE */
};

/* More tokens of the file, behind a call's name; P_END where there is none. */
typedef struct pp_token (*pp_more)(void *ctx);
/* Is the next of them a parenthesis? is_asm: behind words that may stand between asm and it. */
typedef bool (*pp_opens)(void *ctx, bool is_asm);
bool pp_asm_word(const struct pp_token *t);

struct pp_expander {
    struct pp_macros *macros;
    pp_more more;
    pp_opens opens;
    void *ctx;
    uint32_t line, counter; /* __LINE__, __COUNTER__ */
    const char *file;       /* __FILE__ */
    HUNCH_VEC(struct pp_context) context;
    HUNCH_VEC(pp_tokens) kept; /* what contexts point into; until the call is done */
    uint32_t depth;            /* of calls in arguments */
    uint64_t steps;            /* so far; of the file */
    bool is_over;              /* too many: names stay as they are */
    bool found_noreturn;
};

/* The name and what follows it, until all is expanded, onto `out`. */
void pp_expand(struct pp_expander *x, struct pp_token name, pp_tokens *out);
void pp_expander_free(struct pp_expander *x);

/* ---- preprocess_if.c ---- */

/* The value of #if; is_sure: it does not depend on a name that nothing is known of. */
bool pp_condition(struct pp_expander *x, const uint8_t *text, const uint8_t *end, bool *is_sure);

#endif
