/* front.h: the front ends, one a language, as ir.c calls them: each fills a file whose allocator,
 * language and lines are set. */
#ifndef HUNCH_GRAPH_FRONT_H
#define HUNCH_GRAPH_FRONT_H

#include "error.h"
#include "graph/ir.h"

bool hunch_front_c_is_built(void);
hunch_status hunch_front_c(const struct hunch_graph_source *source, struct hunch_graph_file *file,
                           struct hunch_error *err);

bool hunch_front_java_is_built(void);
hunch_status hunch_front_java(const struct hunch_graph_source *source,
                              struct hunch_graph_file *file, struct hunch_error *err);

bool hunch_front_javascript_is_built(void);
hunch_status hunch_front_javascript(const struct hunch_graph_source *source,
                                    struct hunch_graph_file *file, struct hunch_error *err);

bool hunch_front_python_is_built(void);
hunch_status hunch_front_python(const struct hunch_graph_source *source,
                                struct hunch_graph_file *file, struct hunch_error *err);

#endif
