/* host.h: the Lua functions of rules, called on survivors: one sandbox a worker and rule file, made
 * when it is first needed. */
#ifndef HUNCH_HOST_H
#define HUNCH_HOST_H

#include "worker.h"

struct hunch_host_set;

void hunch_host_set_free(struct hunch_host_set *set); /* NULL: nothing */

/* Asks the host function of a HOST stage; *keep, and c changed as it said. A failing function is
 * noted as lost. */
hunch_status hunch_host_run(struct hunch_worker *w, uint32_t rule, const struct hp_stage *stage,
                            struct hunch_candidate *c, bool *keep, struct hunch_error *err);

#endif
