/* tiles.cu: every tile function as a kernel, one item a lane: the proof that one source gives one
 * answer on every device, and no more: scans have kernels of their own. spec/kernels/tiles_spec.lua
 * compares them with the same functions compiled as C.
 *
 * Items are texts: text i is bytes[offset[i], offset[i + 1]). No shared memory; a lane reads its
 * text once (checksums of a crc32 kind: twice).
 *
 * Worked example: 3 texts "ab", "", "aab": bytes "abaab", offset 0 2 2 5; lane 2 of block 0 writes
 * out[2]; the lanes from 3 on end at once. */
#include "portable.h"
#include "tuning.h"

#include "checksum_tile.h"
#include "condition_tile.h"
#include "confirm_tile.h"
#include "dominance_tile.h"
#include "entropy_tile.h"
#include "field_tile.h"
#include "flow_tile.h"
#include "gate_tile.h"
#include "literal_tile.h"
#include "record_tile.h"
#include "regex_tile.h"

struct hunch_texts {
    const uint8_t *bytes;
    const uint64_t *offset; /* n + 1 */
    uint64_t n;
};

HUNCH_TILE uint64_t hunch_tiles_lane()
{
    return (uint64_t)blockIdx.x * blockDim.x + threadIdx.x;
}

struct hunch_entropy_args {
    struct hunch_texts texts;
    uint64_t *out; /* length times entropy, in 1/2^24 bit */
};

HUNCH_KERNEL(hunch_entropy_kernel, HUNCH_TILES_THREADS, struct hunch_entropy_args, args)
{
    const uint64_t i = hunch_tiles_lane();
    if (i >= args.texts.n)
        return;
    const uint64_t begin = args.texts.offset[i], end = args.texts.offset[i + 1];
    uint64_t scaled = 0;
    args.out[i] =
        hunch_entropy_tile(args.texts.bytes + begin, end - begin, &scaled) ? scaled : ~(uint64_t)0;
}

struct hunch_checksum_args {
    struct hunch_texts texts;
    const uint64_t
        *digits;          /* how many bytes at the end of a text are check digits; 0: none apart */
    const uint64_t *kind; /* HP_CHECK_* */
    uint64_t *out;
};

HUNCH_KERNEL(hunch_checksum_kernel, HUNCH_TILES_THREADS, struct hunch_checksum_args, args)
{
    const uint64_t i = hunch_tiles_lane();
    if (i >= args.texts.n)
        return;
    const uint8_t *bytes = args.texts.bytes + args.texts.offset[i];
    const uint64_t digits = args.digits[i];
    const uint64_t n = args.texts.offset[i + 1] - args.texts.offset[i] - digits;
    args.out[i] = (uint64_t)hunch_checksum_tile((uint32_t)args.kind[i], bytes, n,
                                                digits != 0 ? bytes + n : nullptr, digits);
}

struct hunch_field_item {
    uint64_t type;    /* HP_TYPE_* */
    uint64_t compare; /* HP_COMPARE_* */
    uint64_t mask;
    uint64_t operand;
};

struct hunch_field_args {
    struct hunch_texts texts; /* each of the size of its type */
    const struct hunch_field_item *item;
    uint64_t *out; /* the value, whether it holds */
};

HUNCH_KERNEL(hunch_field_kernel, HUNCH_TILES_THREADS, struct hunch_field_args, args)
{
    const uint64_t i = hunch_tiles_lane();
    if (i >= args.texts.n)
        return;
    const uint8_t *bytes = args.texts.bytes + args.texts.offset[i];
    const struct hunch_field_item item = args.item[i];
    const uint32_t type = (uint32_t)item.type;
    args.out[2 * i] = hunch_field_extend(type, hunch_field_bits(type, bytes));
    args.out[2 * i + 1] =
        (uint64_t)hunch_field_holds(type, bytes, item.mask, (uint32_t)item.compare, item.operand);
}

struct hunch_condition_args {
    const uint32_t *words;
    const uint64_t *offset; /* condition i is words[offset[i], offset[i + 1]) */
    uint64_t n;
    const struct hunch_condition_env *env; /* one a condition; context: the record's bytes */
    uint64_t budget;
    int64_t *out; /* 1, 0, -1: undecided, -2: the words were refused */
};

HUNCH_KERNEL(hunch_condition_kernel, HUNCH_TILES_THREADS, struct hunch_condition_args, args)
{
    const uint64_t i = hunch_tiles_lane();
    if (i >= args.n)
        return;
    const uint32_t *words = args.words + args.offset[i];
    const uint32_t count = (uint32_t)(args.offset[i + 1] - args.offset[i]);
    const struct hunch_condition_env *env = args.env + i;
    args.out[i] = hunch_condition_validate(words, count, env->pattern_count, env->rule_count)
                      ? hunch_condition_eval_within(words, env, args.budget)
                      : -2;
}

struct hunch_gate_args {
    const uint32_t *words;
    const uint64_t *offset; /* gate i is words[offset[i], offset[i + 1]) */
    uint64_t n;
    const uint8_t *seen; /* a row of `patterns` bytes a gate */
    uint64_t patterns;
    uint64_t *out;
};

HUNCH_KERNEL(hunch_gate_kernel, HUNCH_TILES_THREADS, struct hunch_gate_args, args)
{
    const uint64_t i = hunch_tiles_lane();
    if (i >= args.n)
        return;
    const uint64_t begin = args.offset[i], end = args.offset[i + 1];
    args.out[i] = (uint64_t)hunch_gate_tile(args.words + begin, (uint32_t)(end - begin),
                                            {args.seen + i * args.patterns, nullptr, 0});
}

struct hunch_literal_args {
    struct hunch_texts texts;
    const struct hunch_filter *filter;
    const struct hp_literal *literal;
    const uint8_t *blob;
    uint64_t room;   /* hits a text */
    uint64_t *count; /* hits there are, also those without room */
    uint64_t *out;   /* room pairs a text: literal, start */
};

HUNCH_KERNEL(hunch_literal_kernel, HUNCH_TILES_THREADS, struct hunch_literal_args, args)
{
    const uint64_t i = hunch_tiles_lane();
    if (i >= args.texts.n)
        return;
    const uint8_t *bytes = args.texts.bytes + args.texts.offset[i];
    const uint64_t n = args.texts.offset[i + 1] - args.texts.offset[i];
    struct hunch_literal_cursor cursor = {0, HP_NONE, 0};
    uint64_t count = 0, start = 0;
    uint32_t literal = 0;
    while (hunch_literal_next(&cursor, args.filter, args.literal, args.blob, bytes, n, n, &literal,
                              &start)) {
        if (count < args.room) {
            args.out[2 * (i * args.room + count)] = literal;
            args.out[2 * (i * args.room + count) + 1] = start;
        }
        count++;
    }
    args.count[i] = count;
}

struct hunch_guard_args {
    struct hunch_texts texts;
    const struct hp_guard *guard;
    const uint32_t *word;
    const uint8_t *blob;
    uint64_t *out;
};

HUNCH_KERNEL(hunch_guard_kernel, HUNCH_TILES_THREADS, struct hunch_guard_args, args)
{
    const uint64_t i = hunch_tiles_lane();
    if (i >= args.texts.n)
        return;
    const uint8_t *bytes = args.texts.bytes;
    args.out[i] =
        (uint64_t)hunch_guard_tile(args.guard, args.word, args.blob, bytes + args.texts.offset[i],
                                   bytes + args.texts.offset[i + 1]);
}

struct hunch_regex_args {
    struct hunch_texts texts;
    const struct hp_instr *code;
    const struct hp_class *classes;
    const uint8_t *first; /* class bits, or null */
    uint64_t states;
    uint64_t groups;
    uint64_t *memory; /* hunch_regex_words a text */
    uint64_t *out; /* 2 * (groups + 1) a text: the first match, HUNCH_NOWHERE where there is none */
};

/* Words of memory for one machine, and the machine on them. */
HUNCH_TILE uint64_t hunch_regex_words(uint64_t states, uint64_t slots)
{
    return 4 * (states + 1)               /* two lists of threads */
           + 2 * (2 * states + slots + 8) /* frames */
           + (2 * (states + 1) + 2) * slots + (states + 3) / 4;
}

HUNCH_TILE void place_machine(struct hunch_vm *vm, uint64_t states, uint64_t slots,
                              uint64_t *memory)
{
    for (uint32_t l = 0; l < 2; l++) {
        vm->list[l] = reinterpret_cast<struct hunch_vm_thread *>(memory);
        memory += 2 * (states + 1);
        vm->slot[l] = memory;
        memory += (states + 1) * slots;
    }
    vm->stack = reinterpret_cast<struct hunch_vm_frame *>(memory);
    memory += 2 * (2 * states + slots + 8);
    vm->work = memory;
    vm->best = memory + slots;
    vm->stamp = reinterpret_cast<uint16_t *>(memory + 2 * slots);
    for (uint64_t s = 0; s < states; s++)
        vm->stamp[s] = 0;
    vm->step = 0;
    vm->state_count = static_cast<uint32_t>(states);
}

HUNCH_KERNEL(hunch_regex_kernel, HUNCH_TILES_THREADS, struct hunch_regex_args, args)
{
    const uint64_t i = hunch_tiles_lane();
    if (i >= args.texts.n)
        return;
    const uint64_t slots = 2 * (args.groups + 1);
    uint64_t *out = args.out + i * slots;
    struct hunch_text text;
    struct hunch_vm vm;
    text.bytes = args.texts.bytes + args.texts.offset[i];
    text.base = 0;
    text.end = text.size = args.texts.offset[i + 1] - args.texts.offset[i];
    place_machine(&vm, args.states, slots, args.memory + i * hunch_regex_words(args.states, slots));
    vm.slots = 0;
    vm.code = args.code;
    vm.classes = args.classes;
    vm.first = args.first;
    vm.backwards = vm.ranges = vm.longest = 0;
    /* Where the first match is, then its groups, as runtime/regex.c does. */
    hunch_vm_begin(&vm, 0, text.size, HUNCH_NOWHERE);
    hunch_vm_run(&vm, &text);
    out[0] = vm.match_start;
    out[1] = vm.match_end;
    if (vm.match_end != HUNCH_NOWHERE && args.groups > 0) {
        const uint64_t end = vm.match_end;
        vm.slots = (uint32_t)slots;
        hunch_vm_begin(&vm, vm.match_start, vm.match_start, end);
        vm.only_end = end;
        hunch_vm_run(&vm, &text);
        for (uint64_t s = 2; s < slots; s++)
            out[s] = vm.best[s];
    } else {
        for (uint64_t s = 2; s < slots; s++)
            out[s] = HUNCH_NOWHERE;
    }
}

struct hunch_confirm_item {
    uint64_t text, anchor, at, limit;
};

struct hunch_confirm_args {
    struct hunch_tables tables;
    struct hunch_texts texts;
    const struct hunch_confirm_item *item;
    uint64_t n;
    uint64_t room, groups; /* of a machine */
    uint64_t budget;
    uint64_t *memory; /* hunch_follow_words an item */
    uint64_t *out;    /* an item: the verdict; then of YES 2 * (groups + 1) slots */
};

HUNCH_KERNEL(hunch_confirm_kernel, HUNCH_TILES_THREADS, struct hunch_confirm_args, args)
{
    const uint64_t i = hunch_tiles_lane();
    if (i >= args.n)
        return;
    const struct hunch_confirm_item item = args.item[i];
    const uint32_t room = (uint32_t)args.room, groups = (uint32_t)args.groups,
                   most = 2 * (groups + 1);
    uint64_t *out = args.out + i * (most + 1), *slots = out + 1;
    const uint64_t begin = args.texts.offset[item.text], end = args.texts.offset[item.text + 1];
    const struct hunch_text text = {args.texts.bytes + begin, 0, end - begin, end - begin};
    struct hunch_follow_machine machine;
    struct hunch_candidate c;
    hunch_follow_place(&machine, room, groups, args.memory + i * hunch_follow_words(room, groups));
    const struct hunch_stage_env env = {&args.tables, &text,   &machine,
                                        args.budget,  nullptr, nullptr};
    c.slots = slots;
    c.group_count = 0;
    const enum hunch_stage_verdict verdict =
        hunch_confirm_tile(&env, (uint32_t)item.anchor, item.at, item.limit, &c);
    out[0] = (uint64_t)verdict;
    for (uint32_t s = verdict == HUNCH_STAGE_YES ? 2 * (c.group_count + 1) : 0; s < most; s++)
        slots[s] = 0;
}

struct hunch_stages_item {
    uint64_t text, rule, first; /* first: of the stages */
    uint64_t start, end, group_count;
};

struct hunch_stages_args {
    struct hunch_tables tables;
    struct hunch_texts texts;
    const struct hunch_stages_item *item;
    uint64_t n;
    uint64_t room, groups; /* of a machine */
    uint64_t budget;
    uint64_t *memory; /* hunch_follow_words an item */
    uint64_t *slots;  /* 2 * (groups + 1) an item: before and after */
    uint64_t *out; /* an item: the verdict; of YES the span and how many groups there are, else 0 */
};

HUNCH_KERNEL(hunch_stages_kernel, HUNCH_TILES_THREADS, struct hunch_stages_args, args)
{
    const uint64_t i = hunch_tiles_lane();
    if (i >= args.n)
        return;
    const struct hunch_stages_item item = args.item[i];
    uint64_t *out = args.out + 4 * i;
    const uint64_t begin = args.texts.offset[item.text], end = args.texts.offset[item.text + 1];
    const struct hunch_text text = {args.texts.bytes + begin, 0, end - begin, end - begin};
    const uint32_t room = (uint32_t)args.room, groups = (uint32_t)args.groups;
    struct hunch_follow_machine machine;
    struct hunch_candidate c = {item.start, item.end, (uint32_t)item.group_count,
                                args.slots + i * 2 * (groups + 1), 0};
    hunch_follow_place(&machine, room, groups, args.memory + i * hunch_follow_words(room, groups));
    const struct hunch_stage_env env = {&args.tables, &text,   &machine,
                                        args.budget,  nullptr, nullptr};
    const enum hunch_stage_verdict verdict =
        hunch_stages_tile(&env, nullptr, (uint32_t)item.rule, (uint32_t)item.first,
                          args.tables.rule[item.rule].stage_count, &c);
    const int yes = verdict == HUNCH_STAGE_YES;
    out[0] = (uint64_t)verdict;
    out[1] = yes ? c.start : 0;
    out[2] = yes ? c.end : 0;
    out[3] = yes ? c.group_count : 0;
}

struct hunch_dominance_args {
    struct hunch_ways ways;
    const uint32_t *gen;
    uint64_t words;
    uint32_t *in;
    uint32_t *rounds; /* by lane */
};

HUNCH_KERNEL(hunch_dominance_kernel, HUNCH_TILES_THREADS, struct hunch_dominance_args, args)
{
    const uint64_t i = hunch_tiles_lane();
    const uint64_t lanes = (uint64_t)gridDim.x * blockDim.x;
    args.rounds[i] = hunch_dominance_tile(&args.ways, args.gen, (uint32_t)args.words, (uint32_t)i,
                                          (uint32_t)lanes, args.in);
}

struct hunch_flow_args {
    struct hunch_flow_function_tile function; /* each item solves words of it, as `lane` */
    uint64_t sources;
    uint32_t *row; /* as at the start, and then the answer */
};

HUNCH_KERNEL(hunch_flow_kernel, HUNCH_TILES_THREADS, struct hunch_flow_args, args)
{
    const uint64_t i = hunch_tiles_lane();
    if (i < args.function.words)
        hunch_flow_tile(&args.function, (uint32_t)args.sources, (uint32_t)i, args.row);
}
