/* dump.c: one line an operation:
 *
 *   main: argc argv*            flags and variables: * parameter, [] array, {} aggregate
 *     b0 -> b1 b2               a block and its successors
 *       3 if                    a statement, with its line
 *         %4 = load %3          an operation
 */
#include "graph/dump.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const hunch_stmt_words[] = {
    [HUNCH_STMT_EXPRESSION] = "expression",
    [HUNCH_STMT_DECLARATION] = "declaration",
    [HUNCH_STMT_RETURN] = "return",
    [HUNCH_STMT_BREAK] = "break",
    [HUNCH_STMT_CONTINUE] = "continue",
    [HUNCH_STMT_GOTO] = "goto",
    [HUNCH_STMT_IF] = "if",
    [HUNCH_STMT_WHILE] = "while",
    [HUNCH_STMT_DO] = "do",
    [HUNCH_STMT_FOR] = "for",
    [HUNCH_STMT_SWITCH] = "switch",
    [HUNCH_STMT_FOR_FIRST] = "for-first",
    [HUNCH_STMT_FOR_NEXT] = "for-next",
    [HUNCH_STMT_PARAMETERS] = "parameters",
};

static const char *const OPERATORS[] = {
    [HUNCH_ADD] = "+",   [HUNCH_SUB] = "-",      [HUNCH_MUL] = "*",      [HUNCH_DIV] = "/",
    [HUNCH_MOD] = "%",   [HUNCH_AND] = "&",      [HUNCH_OR] = "|",       [HUNCH_XOR] = "^",
    [HUNCH_SHL] = "<<",  [HUNCH_SHR] = ">>",     [HUNCH_EQ] = "==",      [HUNCH_NE] = "!=",
    [HUNCH_LT] = "<",    [HUNCH_LE] = "<=",      [HUNCH_GT] = ">",       [HUNCH_GE] = ">=",
    [HUNCH_NOT] = "!",   [HUNCH_NEGATE] = "neg", [HUNCH_NOT_BITS] = "~", [HUNCH_CONCAT] = "..",
    [HUNCH_OTHER] = "?",
};

struct dump {
    const struct hunch_graph_file *f;
    const struct hunch_function *function;
    hunch_text *text;
    uint32_t first_op;
    uint32_t *first_stmt, *next_stmt; /* of a block; behind one in its block; HUNCH_NONE */
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void put(struct dump *d, const char *format, ...)
{
    char line[160];
    va_list values;
    va_start(values, format);
    int size = vsnprintf(line, sizeof line, format, values);
    va_end(values);
    size_t used = size < 0 ? 0 : (size_t)size < sizeof line ? (size_t)size : sizeof line - 1;
    if (!hunch_vec_append(d->f->a, d->text, line, used))
        d->failed = true;
}

static void put_name(struct dump *d, uint32_t name)
{
    const char *text = hunch_graph_name(d->f, name);
    if (!hunch_vec_append(d->f->a, d->text, text, strlen(text)))
        d->failed = true;
}

static void put_string(struct dump *d, uint32_t name)
{
    put(d, "\"");
    for (const char *at = hunch_graph_name(d->f, name); *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\')
            put(d, "\\%c", c);
        else if (c < 32 || c > 126)
            put(d, "\\x%02x", c);
        else
            put(d, "%c", c);
    }
    put(d, "\"");
}

static void put_value(struct dump *d, uint32_t op)
{
    if (op == HUNCH_NONE)
        put(d, " -");
    else
        put(d, " %%%" PRIu32, op - d->first_op);
}

static void put_var(struct dump *d, uint32_t index)
{
    const struct hunch_var *var = &d->f->var.items[d->function->var + index];
    if (var->name == 0)
        put(d, "$%" PRIu32, index);
    else
        put_name(d, var->name);
    /* A name that another variable has, too, gets a number. */
    for (uint32_t i = index; i-- > 0 && index - i < 64 && var->name != 0;)
        if (d->f->var.items[d->function->var + i].name == var->name) {
            put(d, "#%" PRIu32, index);
            break;
        }
}

static void put_op(struct dump *d, uint32_t index)
{
    const struct hunch_op *op = &d->f->op.items[index];
    put(d, "        %%%" PRIu32 " =", index - d->first_op);
    switch ((enum hunch_op_kind)op->kind) {
    case HUNCH_OP_CONST: put(d, " const %" PRId64, hunch_op_value(op)); break;
    case HUNCH_OP_STRING:
        put(d, " string ");
        put_string(d, op->a);
        break;
    case HUNCH_OP_NULL: put(d, " null"); break;
    case HUNCH_OP_UNKNOWN: put(d, " unknown"); break;
    case HUNCH_OP_VAR:
        put(d, " var ");
        put_var(d, op->a);
        break;
    case HUNCH_OP_NAME:
        put(d, " name ");
        put_name(d, op->a);
        break;
    case HUNCH_OP_FIELD:
        put(d, " field");
        put_value(d, op->a);
        put(d, " .");
        put_name(d, op->b);
        break;
    case HUNCH_OP_INDEX:
        put(d, " index");
        put_value(d, op->a);
        put_value(d, op->b);
        break;
    case HUNCH_OP_LOAD:
        put(d, " load");
        put_value(d, op->a);
        break;
    case HUNCH_OP_STORE:
        put(d, " store");
        put_value(d, op->a);
        put_value(d, op->b);
        break;
    case HUNCH_OP_UNARY:
        put(d, " %s", OPERATORS[op->sub]);
        put_value(d, op->a);
        break;
    case HUNCH_OP_BINARY:
        put(d, " %s", OPERATORS[op->sub]);
        put_value(d, op->a);
        put_value(d, op->b);
        break;
    case HUNCH_OP_CAST:
        put(d, " cast");
        put_value(d, op->a);
        if (op->flags & HUNCH_OP_IS_NAMED) {
            put(d, " as ");
            put_name(d, op->b);
        }
        break;
    case HUNCH_OP_CALL:
        put(d, " call");
        put_value(d, op->a);
        put(d, " (");
        for (uint32_t i = 0; i < op->c; i++)
            put_value(d, d->f->arg.items[op->b + i]);
        put(d, " )");
        break;
    case HUNCH_OP_RETURN:
        put(d, " return");
        put_value(d, op->a);
        break;
    case HUNCH_OP_CONDITION:
        put(d, " condition");
        put_value(d, op->a);
        break;
    }
    put(d, "%s%s%s\n", op->flags & HUNCH_OP_IS_AGGREGATE ? " aggregate" : "",
        op->flags & HUNCH_OP_IS_DECAY ? " decay" : "",
        op->flags & HUNCH_OP_IS_INITIAL ? " initial" : "");
}

static void put_block(struct dump *d, uint32_t b)
{
    const struct hunch_block *block = &d->f->block.items[b];
    put(d, "    b%" PRIu32, b - d->function->block);
    if (block->end == HUNCH_END_EXIT)
        put(d, block->returns ? " returns" : " stops");
    else
        put(d, " ->");
    for (uint32_t i = 0; i < block->succ_count; i++) {
        put(d, " ");
        if (block->end == HUNCH_END_SWITCH && i + 1 < block->succ_count) {
            int64_t label = d->f->label.items[block->label + i];
            if (label == HUNCH_LABEL_UNKNOWN)
                put(d, "?:");
            else
                put(d, "%" PRId64 ":", label);
        }
        put(d, "b%" PRIu32, d->f->link.items[block->succ + i] - d->function->block);
    }
    put(d, "\n");
    uint32_t op = block->op, last = block->op + block->op_count;
    for (uint32_t s = d->first_stmt[b - d->function->block]; s != HUNCH_NONE; s = d->next_stmt[s]) {
        const struct hunch_stmt *stmt = &d->f->stmt.items[d->function->stmt + s];
        while (op < last && d->f->op.items[op].stmt < d->function->stmt + s)
            put_op(d, op++);
        put(d, "      %" PRIu32 " %s\n", stmt->line, hunch_stmt_words[stmt->kind]);
    }
    while (op < last)
        put_op(d, op++);
}

/* Statements by block, in their order. */
static bool sort_stmts(struct dump *d)
{
    const struct hunch_function *f = d->function;
    d->first_stmt = hunch_alloc_array(d->f->a, f->block_count, sizeof *d->first_stmt);
    d->next_stmt = hunch_alloc_array(d->f->a, f->stmt_count, sizeof *d->next_stmt);
    if (d->first_stmt == NULL || d->next_stmt == NULL)
        return false;
    for (uint32_t b = 0; b < f->block_count; b++)
        d->first_stmt[b] = HUNCH_NONE;
    for (uint32_t s = f->stmt_count; s-- > 0;) {
        uint32_t block = d->f->stmt.items[f->stmt + s].block;
        if (block == HUNCH_NONE)
            continue;
        d->next_stmt[s] = d->first_stmt[block - f->block];
        d->first_stmt[block - f->block] = s;
    }
    return true;
}

bool hunch_graph_dump(const struct hunch_graph_file *file, uint32_t f, hunch_text *text)
{
    const struct hunch_function *function = &file->function.items[f];
    struct dump d = {.f = file, .function = function, .text = text};
    d.failed = !sort_stmts(&d);
    if (function->block_count > 0)
        d.first_op = file->block.items[function->block].op;
    put_name(&d, function->name);
    put(&d, "(");
    for (uint32_t i = 0; i < function->var_count; i++) {
        if (i == function->parameter_count)
            put(&d, ")");
        if (i > 0)
            put(&d, " ");
        put_var(&d, i);
        uint32_t flags = file->var.items[function->var + i].flags;
        put(&d, "%s%s%s", flags & HUNCH_VAR_IS_ARRAY ? "[]" : "",
            flags & HUNCH_VAR_IS_AGGREGATE ? "{}" : "", flags & HUNCH_VAR_IS_CONST ? "!" : "");
    }
    put(&d, "%s%s%s%s%s%s\n", function->var_count == function->parameter_count ? ")" : "",
        function->flags & HUNCH_FUNCTION_IS_STATIC ? " static" : "",
        function->flags & HUNCH_FUNCTION_IS_VARIADIC ? " variadic" : "",
        function->flags & HUNCH_FUNCTION_HAS_ERROR ? " error" : "",
        function->flags & HUNCH_FUNCTION_IS_CUT ? " cut" : "",
        function->flags & HUNCH_FUNCTION_IS_INITIAL ? " initial" : "");
    for (uint32_t b = 0; b < function->block_count && !d.failed; b++)
        put_block(&d, function->block + b);
    for (uint32_t s = 0; s < function->stmt_count; s++) {
        const struct hunch_stmt *stmt = &file->stmt.items[function->stmt + s];
        if (stmt->block == HUNCH_NONE)
            put(&d, "    never: %" PRIu32 " %s\n", stmt->line, hunch_stmt_words[stmt->kind]);
    }
    hunch_free_array(file->a, d.first_stmt, function->block_count, sizeof *d.first_stmt);
    hunch_free_array(file->a, d.next_stmt, function->stmt_count, sizeof *d.next_stmt);
    return !d.failed;
}
