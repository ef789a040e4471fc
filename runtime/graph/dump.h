/* dump.h: a graph as text, for people, specs and goldens: functions, blocks, statements and
 * operations by their numbers within the function. */
#ifndef HUNCH_GRAPH_DUMP_H
#define HUNCH_GRAPH_DUMP_H

#include "graph/ir.h"

typedef HUNCH_VEC(char) hunch_text;

/* Function f of the file is appended; false: no memory. `text` is freed with the file's allocator.
 */
bool hunch_graph_dump(const struct hunch_graph_file *file, uint32_t f, hunch_text *text);

extern const char *const hunch_stmt_words[]; /* by enum hunch_stmt_kind */

#endif
