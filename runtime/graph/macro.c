/* macro.c: definitions of macros, by name. A definition is only looked at when it is used: most
 * of what headers define never is.
 */
#include <string.h>

#include "graph/macro.h"

/* ---- what is there before the source says anything ---- */

static const char *const DEFINED[] = {
    "__linux__ 1",
    "__linux 1",
    "__gnu_linux__ 1",
    "__unix__ 1",
    "__unix 1",
    "__STDC__ 1",
    "__STDC_VERSION__ 201112L",
    "__STDC_HOSTED__ 1",
    "__GNUC__ 12",
    "__GNUC_MINOR__ 2",
    "__GNUC_PATCHLEVEL__ 0",
    "__x86_64__ 1",
    "__x86_64 1",
    "__amd64__ 1",
    "__LP64__ 1",
    "_LP64 1",
    "__CHAR_BIT__ 8",
    "__SIZEOF_INT__ 4",
    "__SIZEOF_LONG__ 8",
    "__SIZEOF_POINTER__ 8",
    "__SIZEOF_SIZE_T__ 8",
    "__ORDER_LITTLE_ENDIAN__ 1234",
    "__ORDER_BIG_ENDIAN__ 4321",
    "__BYTE_ORDER__ 1234",
    "__OPTIMIZE__ 1",
    "__DATE__ \"Jan  1 1970\"",
    "__TIME__ \"00:00:00\"",
    /* numbers that system headers give a name */
    "EOF (-1)",
    "EXIT_SUCCESS 0",
    "EXIT_FAILURE 1",
    "CHAR_BIT 8",
    "SCHAR_MIN (-128)",
    "SCHAR_MAX 127",
    "UCHAR_MAX 255",
    "CHAR_MIN (-128)",
    "CHAR_MAX 127",
    "SHRT_MIN (-32768)",
    "SHRT_MAX 32767",
    "USHRT_MAX 65535",
    "INT_MIN (-2147483647-1)",
    "INT_MAX 2147483647",
    "UINT_MAX 4294967295U",
    "LONG_MIN (-9223372036854775807L-1)",
    "LONG_MAX 9223372036854775807L",
    "ULONG_MAX 18446744073709551615UL",
    "LLONG_MAX 9223372036854775807LL",
    "LLONG_MIN (-9223372036854775807LL-1)",
    "ULLONG_MAX 18446744073709551615ULL",
    "SIZE_MAX 18446744073709551615UL",
    "SSIZE_MAX 9223372036854775807L",
    "RAND_MAX 2147483647",
    "INT8_MAX 127",
    "INT16_MAX 32767",
    "INT32_MAX 2147483647",
    "INT64_MAX 9223372036854775807L",
    "UINT8_MAX 255",
    "UINT16_MAX 65535",
    "UINT32_MAX 4294967295U",
    "UINT64_MAX 18446744073709551615UL",
    "INT32_MIN (-2147483647-1)",
    "INT64_MIN (-9223372036854775807L-1)",
    "BUFSIZ 8192",
    "PATH_MAX 4096",
    "STDIN_FILENO 0",
    "STDOUT_FILENO 1",
    "STDERR_FILENO 2",
    "SEEK_SET 0",
    "SEEK_CUR 1",
    "SEEK_END 2",
    /* words of compilers that the grammar does not have, or has in some places only */
    "__inline inline",
    "__inline__ inline",
    "__forceinline inline",
    "__const const",
    "__const__ const",
    "__volatile volatile",
    "__volatile__ volatile",
    "__signed signed",
    "__signed__ signed",
    "_Thread_local __thread",
    "thread_local __thread",
    "__builtin_va_start va_start",
    "__builtin_va_end va_end",
    "__builtin_va_copy va_copy",
    "__builtin_va_list va_list",
    "__builtin_memcpy memcpy",
    "__builtin_strlen strlen",
    "__null NULL",
};

static const char *const UNDEFINED[] = {
    "_WIN32",
    "WIN32",
    "_WIN64",
    "__WIN32__",
    "__CYGWIN__",
    "__MINGW32__",
    "__MINGW64__",
    "_MSC_VER",
    "__APPLE__",
    "__MACH__",
    "__cplusplus",
    "__BORLANDC__",
    "__sun",
    "__sun__",
    "sun",
    "__SVR4",
    "__FreeBSD__",
    "__OpenBSD__",
    "__NetBSD__",
    "__DragonFly__",
    "_AIX",
    "__hpux",
    "__HAIKU__",
    "__ANDROID__",
    "__EMSCRIPTEN__",
    "__CUDACC__",
    "__OBJC__",
    "lint",
    "__lint",
    "__lint__",
    "__INTEL_COMPILER",
    "__SUNPRO_C",
    "__clang__",
    "__VMS",
    "VMS",
    "MSDOS",
    "__OS2__",
    "__BEOS__",
    "__QNX__",
    "__i386__",
    "__arm__",
    "__aarch64__",
    "__powerpc__",
    "__sparc__",
    "__mips__",
    "__DJGPP__",
    "__WATCOMC__",
    "__TINYC__",
    "__ASSEMBLER__",
    "__ASSEMBLY__",
    "__COVERITY__",
    "__CHECKER__",
    "__STDC_NO_ATOMICS__",
};

static const struct {
    const char *name;
    enum pp_special what;
} SPECIAL[] = {
    {"__LINE__", P_LINE},
    {"__FILE__", P_FILE},
    {"__COUNTER__", P_COUNTER},
    {"__extension__", P_DROP},
    {"__restrict", P_DROP},
    {"__restrict__", P_DROP},
    {"restrict", P_DROP},
    {"_Atomic", P_DROP},
    {"__cdecl", P_DROP},
    {"__stdcall", P_DROP},
    {"__fastcall", P_DROP},
    {"__unaligned", P_DROP},
    {"_Alignas", P_DROP_GROUP},
    {"alignas", P_DROP_GROUP},
    {"_Static_assert", P_DROP_GROUP},
    {"static_assert", P_DROP_GROUP},
    {"__attribute__", P_ATTRIBUTE},
    {"__attribute", P_ATTRIBUTE},
    {"__declspec", P_ATTRIBUTE},
    {"_Noreturn", P_NORETURN},
    {"__noreturn", P_NORETURN},
    {"noreturn", P_NORETURN},
    {"asm", P_ASM},
    {"__asm", P_ASM},
    {"__asm__", P_ASM},
    {"typeof", P_TYPEOF},
    {"__typeof", P_TYPEOF},
    {"__typeof__", P_TYPEOF},
    {"va_arg", P_VA_ARG},
    {"__builtin_va_arg", P_VA_ARG},
    {"offsetof", P_UNKNOWN},
    {"__builtin_offsetof", P_UNKNOWN},
    {"__builtin_types_compatible_p", P_UNKNOWN},
};

/* ---- memory ---- */

enum { CHUNK = 1 << 14 };

struct pp_chunk {
    struct pp_chunk *older;
    size_t size;
    uint8_t bytes[];
};

uint8_t *pp_keep(struct pp_macros *m, size_t size)
{
    struct pp_arena *arena = &m->arena;
    if (arena->chunk == NULL || arena->chunk->size - arena->used < size) {
        size_t room = size > CHUNK ? size : CHUNK;
        struct pp_chunk *chunk = hunch_alloc(m->a, sizeof *chunk + room);
        if (chunk == NULL) {
            m->failed = true;
            return NULL;
        }
        *chunk = (struct pp_chunk){.older = arena->chunk, .size = room};
        arena->chunk = chunk;
        arena->used = 0;
    }
    uint8_t *bytes = arena->chunk->bytes + arena->used;
    arena->used += size;
    return bytes;
}

void pp_arena_free(const struct hunch_allocator *a, struct pp_arena *arena)
{
    while (arena->chunk != NULL) {
        struct pp_chunk *older = arena->chunk->older;
        hunch_free(a, arena->chunk, sizeof *arena->chunk + arena->chunk->size);
        arena->chunk = older;
    }
}

/* ---- the table ---- */

static uint32_t hash_of(const uint8_t *text, uint32_t size)
{
    uint32_t h = 2166136261u;
    for (uint32_t i = 0; i < size; i++)
        h = (h ^ text[i]) * 16777619u;
    return h ^ h >> 15;
}

static bool grow(struct pp_macros *m)
{
    uint32_t capacity = m->capacity == 0 ? 1024 : m->capacity * 2;
    uint32_t *slot = hunch_alloc_zero(m->a, capacity * sizeof *slot);
    if (slot == NULL) {
        m->failed = true;
        return false;
    }
    for (size_t i = 0; i < m->macro.count; i++) {
        uint32_t at = m->macro.items[i].hash & (capacity - 1);
        while (slot[at] != 0)
            at = (at + 1) & (capacity - 1);
        slot[at] = (uint32_t)i + 1;
    }
    hunch_free_array(m->a, m->slot, m->capacity, sizeof *m->slot);
    m->slot = slot;
    m->capacity = capacity;
    return true;
}

struct pp_macro *pp_find(struct pp_macros *m, const uint8_t *name, uint32_t size)
{
    uint32_t hash = hash_of(name, size);
    for (uint32_t at = hash & (m->capacity - 1); m->slot[at] != 0;
         at = (at + 1) & (m->capacity - 1)) {
        struct pp_macro *macro = &m->macro.items[m->slot[at] - 1];
        if (macro->hash == hash && macro->size == size && memcmp(macro->name, name, size) == 0)
            return macro;
    }
    return NULL;
}

/* The entry of a name, which is made where it is new; what it held is gone. */
static struct pp_macro *entry_of(struct pp_macros *m, const uint8_t *name, uint32_t size)
{
    struct pp_macro *macro = pp_find(m, name, size);
    if (macro == NULL) {
        if (m->macro.count * 2 >= m->capacity && !grow(m))
            return NULL;
        struct pp_macro new = {0};
        if (!hunch_vec_push(m->a, &m->macro, new)) {
            m->failed = true;
            return NULL;
        }
        macro = &m->macro.items[m->macro.count - 1];
        uint32_t hash = hash_of(name, size), at = hash & (m->capacity - 1);
        while (m->slot[at] != 0)
            at = (at + 1) & (m->capacity - 1);
        m->slot[at] = (uint32_t)m->macro.count;
    }
    *macro = (struct pp_macro){
        .name = name, .size = size, .hash = hash_of(name, size), .disabled = macro->disabled};
    return macro;
}

void pp_define(struct pp_macros *m, const uint8_t *text, const uint8_t *end)
{
    struct pp_token name = pp_lex(&text, end);
    if (name.kind != P_NAME || pp_is(&name, "defined"))
        return;
    struct pp_macro *macro = entry_of(m, name.text, name.size);
    if (macro == NULL)
        return;
    macro->is_defined = true;
    macro->is_function = text < end && *text == '(';
    macro->text = text;
    macro->end = end;
}

void pp_undefine(struct pp_macros *m, const uint8_t *name, uint32_t size)
{
    entry_of(m, name, size);
}

bool pp_macros_init(struct pp_macros *m, const struct hunch_allocator *a)
{
    *m = (struct pp_macros){.a = a};
    if (!grow(m))
        return false;
    for (size_t i = 0; i < sizeof UNDEFINED / sizeof *UNDEFINED; i++)
        pp_undefine(m, (const uint8_t *)UNDEFINED[i], (uint32_t)strlen(UNDEFINED[i]));
    for (size_t i = 0; i < sizeof DEFINED / sizeof *DEFINED; i++) {
        const uint8_t *text = (const uint8_t *)DEFINED[i];
        pp_define(m, text, text + strlen(DEFINED[i]));
        if (m->macro.count > 0)
            m->macro.items[m->macro.count - 1].is_system = true;
    }
    for (size_t i = 0; i < sizeof SPECIAL / sizeof *SPECIAL; i++) {
        struct pp_macro *macro =
            entry_of(m, (const uint8_t *)SPECIAL[i].name, (uint32_t)strlen(SPECIAL[i].name));
        if (macro == NULL)
            break;
        macro->is_defined = macro->is_read = true;
        macro->is_system = true;
        macro->special = (uint8_t)SPECIAL[i].what;
    }
    return !m->failed;
}

void pp_macros_free(struct pp_macros *m)
{
    hunch_vec_free(m->a, &m->macro);
    hunch_free_array(m->a, m->slot, m->capacity, sizeof *m->slot);
    hunch_vec_free(m->a, &m->tokens);
    pp_arena_free(m->a, &m->arena);
}

/* ---- definitions ---- */

static bool add(struct pp_macros *m, struct pp_token t)
{
    if (!hunch_vec_push(m->a, &m->tokens, t))
        m->failed = true;
    return !m->failed;
}

/* (a, b, ...) from behind the parenthesis on; a name before the dots stands for the rest, too. */
static void read_parameters(struct pp_macros *m, struct pp_macro *macro, const uint8_t **at)
{
    static const uint8_t rest[] = "__VA_ARGS__";
    for (;;) {
        struct pp_token t = pp_lex(at, macro->end);
        if (t.kind == P_END || pp_is(&t, ")"))
            return;
        if (pp_is(&t, "...")) {
            macro->is_variadic = true;
            if (pp_class[t.text[-1]] & P_GOES_ON) /* args...: it is the last one */
                continue;
            t = (struct pp_token){.text = rest, .size = sizeof rest - 1, .kind = P_NAME};
        }
        if (t.kind == P_NAME && add(m, t))
            macro->parameter_count++;
    }
}

static uint32_t parameter_of(const struct pp_macros *m, const struct pp_macro *macro,
                             const struct pp_token *t)
{
    for (uint32_t i = 0; t->kind == P_NAME && i < macro->parameter_count; i++) {
        const struct pp_token *p = &m->tokens.items[macro->parameter + i];
        if (p->size == t->size && memcmp(p->text, t->text, t->size) == 0)
            return i;
    }
    return HUNCH_NONE;
}

void pp_read(struct pp_macros *m, struct pp_macro *macro)
{
    if (macro->is_read)
        return;
    macro->is_read = true;
    const uint8_t *at = macro->text;
    macro->parameter = (uint32_t)m->tokens.count;
    if (macro->is_function) {
        at++;
        read_parameters(m, macro, &at);
    }
    macro->body = (uint32_t)m->tokens.count;
    bool is_stringified = false;
    for (;;) {
        struct pp_token t = pp_lex(&at, macro->end);
        if (t.kind == P_END)
            break;
        if (pp_is(&t, "##")) { /* belongs to what stands before it */
            if (m->tokens.count > macro->body)
                m->tokens.items[m->tokens.count - 1].flags |= P_PASTE;
            continue;
        }
        if (macro->is_function && t.kind == P_PUNCTUATION && pp_is(&t, "#")) {
            is_stringified = true;
            continue;
        }
        uint32_t parameter = parameter_of(m, macro, &t);
        if (parameter != HUNCH_NONE) {
            t.kind = P_PARAMETER;
            t.parameter = (uint16_t)parameter;
            t.flags |= is_stringified ? P_STRINGIFY : 0;
        }
        is_stringified = false;
        if (!add(m, t))
            break;
    }
    macro->body_count = (uint32_t)m->tokens.count - macro->body;
}
