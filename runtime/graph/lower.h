/* lower.h: what front ends have in common, whatever the language. */
#ifndef HUNCH_GRAPH_LOWER_H
#define HUNCH_GRAPH_LOWER_H

#include "graph/build.h"

/* The line, from 1, of an offset of the file's text. */
uint32_t hunch_lower_line(const struct hunch_graph_file *file, uint32_t offset);
/* Names what could not be read; function: of the file, or HUNCH_NONE. False: no memory. */
bool hunch_lower_fault(struct hunch_graph_file *file, uint32_t function, uint32_t line,
                       const char *reason);
/* The names left and right with text between them. 0: no memory, names->failed says so. */
uint32_t hunch_lower_join(struct hunch_name_set *names, uint32_t left, const char *between,
                          uint32_t right);

#endif
