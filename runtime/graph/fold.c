/* fold.c: operators on known integers. What C leaves open, or where the width of a type matters,
 * is not known. */
#include "graph/flow.h"

bool hunch_flow_fold(enum hunch_operator operator, int64_t a, int64_t b, int64_t *value)
{
    const uint64_t x = (uint64_t)a, y = (uint64_t)b;
    switch (operator) {
    case HUNCH_ADD: *value = (int64_t)(x + y); return true;
    case HUNCH_SUB: *value = (int64_t)(x - y); return true;
    case HUNCH_MUL: *value = (int64_t)(x * y); return true;
    case HUNCH_DIV:
    case HUNCH_MOD:
        if (b == 0 || (a == INT64_MIN && b == -1))
            return false;
        *value = operator== HUNCH_DIV ? a / b : a % b;
        return true;
    case HUNCH_AND: *value = (int64_t)(x & y); return true;
    case HUNCH_OR: *value = (int64_t)(x | y); return true;
    case HUNCH_XOR: *value = (int64_t)(x ^ y); return true;
    case HUNCH_SHL:
    case HUNCH_SHR:
        if (b < 0 || b > 31 || a < 0)
            return false;
        *value = (int64_t)(operator== HUNCH_SHL ? x << y : x>> y);
        return true;
    case HUNCH_EQ: *value = a == b; return true;
    case HUNCH_NE: *value = a != b; return true;
    case HUNCH_LT: /* of one that is negative it depends on whether the type has a sign */
    case HUNCH_LE:
    case HUNCH_GT:
    case HUNCH_GE:
        if ((a < 0) != (b < 0))
            return false;
        *value = operator== HUNCH_LT ? a < b :
                 operator== HUNCH_LE ? a <= b
                 :
                 operator== HUNCH_GT ? a > b
                                     : a >= b;
        return true;
    case HUNCH_NOT: *value = a == 0; return true;
    case HUNCH_NEGATE: *value = (int64_t)(0 - x); return true;
    case HUNCH_NOT_BITS: *value = (int64_t)~x; return true;
    default: return false;
    }
}

static bool is_int(int64_t value)
{
    return value >= INT32_MIN && value <= INT32_MAX;
}

bool hunch_flow_fold_int(enum hunch_operator operator, int64_t a, int64_t b, int64_t *value)
{
    return hunch_flow_fold(operator, a, b, value) && (is_int(*value) || !is_int(a) || !is_int(b));
}
