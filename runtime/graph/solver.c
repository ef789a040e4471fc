/* solver.c: who solves the rules of a unit; see solve_device.h. */
#include "graph/solve_device.h"

hunch_status hunch_solver_solve(struct hunch_solver *s, const struct hunch_flow_graph *g,
                                const struct hunch_flow_rules *rules, bool masks, bool rows,
                                struct hunch_flow_answer *answer)
{
    hunch_status status = HUNCH_ERROR_UNSUPPORTED;
    if (s->device != NULL && s->why.code == HUNCH_OK &&
        (uint64_t)g->node_count * rules->words >= s->least) {
        status = s->resident != NULL
                     ? HUNCH_OK
                     : hunch_flow_resident_new(s->a, s->device, HUNCH_DEVICE_STREAMS - 1, g,
                                               &s->resident, &s->why);
        if (status == HUNCH_OK)
            status = hunch_flow_resident_solve(
                s->resident, rules, (masks ? HUNCH_SOLVE_MASKS : 0) | (rows ? HUNCH_SOLVE_ROWS : 0),
                answer, &s->why);
    }
    if (status == HUNCH_OK)
        return status;
    hunch_solver_done(s); /* others may have room then */
    return s->plain ? hunch_flow_solve_ref(g, rules, rows, answer)
                    : hunch_flow_solve(g, rules, rows, answer);
}

void hunch_solver_done(struct hunch_solver *s)
{
    hunch_flow_resident_free(s->resident);
    s->resident = NULL;
}
