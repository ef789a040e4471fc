/* preprocess.h: C source after the preprocessor: conditionals decided, macros replaced, comments
 * and directives gone; and where each byte of it was in the record. What is included is not pasted:
 * only its macros and what it declares are taken.
 */
#ifndef HUNCH_GRAPH_PREPROCESS_H
#define HUNCH_GRAPH_PREPROCESS_H

#include "error.h"
#include "graph/build.h"

/* The grammar has no ({ … }): it becomes a call of this name. */
#define HUNCH_STATEMENT_EXPRESSION "__hunch_statements"

/* Text from `out` on, until the next segment: bytes of the record from in_begin on, one to one; or,
 * where is_macro, all of it what the call at [in_begin, in_end) of a macro became. */
struct hunch_segment {
    uint32_t out;
    uint32_t in_begin, in_end;
    bool is_macro;
};

/* Where text was taken away: brackets from there on, or what stood in braces. */
struct hunch_cut {
    uint32_t at;
    bool is_deep; /* else it was too large */
    bool is_told;
};

struct hunch_preprocessed {
    HUNCH_VEC(uint8_t) text;
    HUNCH_VEC(struct hunch_segment) segment;
    HUNCH_VEC(uint32_t) noreturn; /* offsets of text: there stood a word that says so */
    HUNCH_VEC(uint32_t) border;   /* pairs: where text of a header begins, and where it ends */
    HUNCH_VEC(uint32_t) piece;    /* ends of the pieces in which text is parsed; at least one */
    HUNCH_VEC(struct hunch_cut) cut;
    const char *fault; /* a literal, or NULL; at line fault_line */
    uint32_t fault_line;
};

/* Fills file->include, too. */
hunch_status hunch_preprocess(const struct hunch_graph_source *source,
                              struct hunch_graph_file *file, struct hunch_name_set *names,
                              struct hunch_preprocessed *out, struct hunch_error *err);
void hunch_preprocessed_free(const struct hunch_allocator *a, struct hunch_preprocessed *p);

/* Cuts what a parser could not bear, and fills piece and cut: bound.c. False: no memory. */
bool hunch_preprocessed_bound(const struct hunch_allocator *a, struct hunch_preprocessed *p);

/* Of the text from `from` on, a header's, only declarations that other files need. */
void hunch_preprocessed_keep_declarations(struct hunch_preprocessed *p, size_t from);
/* Is text there a header's? */
bool hunch_preprocessed_is_header(const struct hunch_preprocessed *p, uint32_t at);

/* The bytes of the record that text [begin, end) came from. */
struct hunch_extent hunch_preprocessed_span(const struct hunch_preprocessed *p, uint32_t begin,
                                            uint32_t end);
/* Is there a word in text [begin, end) that says that a function never returns? */
bool hunch_preprocessed_noreturn(const struct hunch_preprocessed *p, uint32_t begin, uint32_t end);

#endif
