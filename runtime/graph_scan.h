/* graph_scan.h: what graph rules find in the records of a scan, worked out before the records are
 * scanned: which files are of their languages, which of those are one link unit, whose prefilters
 * hold over the unit, and then the unit's graph (graph/evaluate.h). The findings of a record wait
 * here until its turn comes. */
#ifndef HUNCH_GRAPH_SCAN_H
#define HUNCH_GRAPH_SCAN_H

#include "graph_found.h"
#include "scan.h"

struct hunch_graph_scan;

/* For scans that want graph rules; NULL in *out where nothing is to be done. `look`: called in this
 * thread at least 20 times a second, with its ctx; it may stop the scan. A scan that is stopped
 * meanwhile is OK, and what was found is not kept. MEMORY, ARGUMENT (a path of options.link_with).
 */
hunch_status hunch_graph_scan_run(struct hunch_scan *scan, void (*look)(void *ctx), void *ctx,
                                  struct hunch_graph_scan **out, struct hunch_error *err);
void hunch_graph_scan_free(struct hunch_graph_scan *g); /* NULL is fine */

/* What concerns no record: "" or one sentence for `incomplete`. */
const char *hunch_graph_scan_note(const struct hunch_graph_scan *g);

/* What was found in an item; NULL: nothing. From any thread. */
const struct hunch_graph_record *hunch_graph_scan_record(const struct hunch_graph_scan *g,
                                                         const struct hunch_item *item);

#endif
