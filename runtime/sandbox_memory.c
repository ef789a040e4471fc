/* sandbox_memory.c: the allocator of a sandbox's Lua state, and how host calls forget.
 *
 * A sandbox of the compiler gives Lua plain blocks. A sandbox for host calls puts a header before
 * each and keeps lists: sealing copies the bytes of all live blocks into one image; after each call
 * the blocks that the call made are freed and the image is copied back to where it came from. Every
 * pointer in the image is right again, since no block from before the seal was moved or freed in
 * between.
 */
#include "sandbox_state.h"
#include "alloc.h"

#include <string.h>

struct sandbox_block {
    struct sandbox_block *prev, *next; /* in its list */
    size_t size;                       /* bytes that follow the header */
    size_t sealed;                     /* 1: part of the image */
};

#define HEADER sizeof(struct sandbox_block)

static void block_link(struct sandbox_block **list, struct sandbox_block *b)
{
    b->prev = NULL;
    b->next = *list;
    if (b->next != NULL)
        b->next->prev = b;
    *list = b;
}

static void block_unlink(struct sandbox_block **list, struct sandbox_block *b)
{
    if (b->next != NULL)
        b->next->prev = b->prev;
    if (b->prev != NULL)
        b->prev->next = b->next;
    else
        *list = b->next;
}

static void block_free(struct hunch_sandbox *sb, void *bytes)
{
    struct sandbox_block *b = (struct sandbox_block *)bytes - 1;
    if (b->sealed)
        return; /* the image needs its place */
    block_unlink(sb->sealed ? &sb->recent : &sb->base, b);
    hunch_free(sb->options.allocator, b, HEADER + b->size);
}

static void *block_resize(struct hunch_sandbox *sb, void *bytes, size_t old_size, size_t new_size)
{
    struct sandbox_block *old = bytes == NULL ? NULL : (struct sandbox_block *)bytes - 1;
    if (old != NULL && new_size <= old->size)
        return bytes; /* in place: `size` stays what was asked for */
    struct sandbox_block *b = hunch_alloc(sb->options.allocator, HEADER + new_size);
    if (b == NULL)
        return NULL;
    b->size = new_size;
    b->sealed = 0;
    block_link(sb->sealed ? &sb->recent : &sb->base, b);
    if (old != NULL) {
        memcpy(b + 1, bytes, old_size);
        block_free(sb, bytes);
    }
    return b + 1;
}

/* Is this a growth that the budgets allow? A first refusal is not final: Lua collects its garbage
 * and asks for the same again. */
static bool growth_allowed(struct hunch_sandbox *sb, const void *block, size_t old_size,
                           size_t new_size)
{
    if (sb->fired != HUNCH_SANDBOX_OK)
        return false;
    size_t growth = new_size - old_size;
    bool repeated =
        sb->refused_size != 0 && sb->refused_block == block && sb->refused_size == new_size;
    bool missed =
        sb->refused_size != 0 && !repeated; /* Lua raised the error without asking again */
    bool fits =
        sb->memory_used <= sb->options.memory && growth <= sb->options.memory - sb->memory_used;
    if (missed || (repeated && !fits)) {
        sandbox_fire(sb, HUNCH_SANDBOX_MEMORY_LIMIT);
        return false;
    }
    if (!fits) {
        /* A buffer does not ask again, and the error it raises passes keep_error by. */
        sb->line = sandbox_line_in_alloc(sb);
        sb->refused_block = block;
        sb->refused_size = new_size;
        return false;
    }
    sb->refused_size = 0;
    if (new_size > sb->largest_block)
        sb->largest_block = new_size;
    return sandbox_charge(sb, 1 + new_size / SANDBOX_BYTES_A_UNIT);
}

void *sandbox_alloc(void *data, void *block, size_t old_size, size_t new_size)
{
    struct hunch_sandbox *sb = data;
    if (block == NULL)
        old_size = 0; /* then it tells the kind of the object */
    if (new_size == 0) {
        if (block != NULL && sb->options.hosts_only)
            block_free(sb, block);
        else if (block != NULL)
            hunch_free(sb->options.allocator, block, old_size);
        sb->memory_used -= old_size;
        return NULL;
    }
    /* Since Lua 5.4.5 the frames hold offsets, not pointers, while the stack is resized. */
    bool is_stack = block != NULL && (sb->stack_sought || block == sb->stack);
    sb->stack_moves = is_stack;
    bool allowed =
        new_size <= old_size || !sb->running || growth_allowed(sb, block, old_size, new_size);
    sb->stack_moves = false;
    if (!allowed)
        return NULL;
    void *result = sb->options.hosts_only
                       ? block_resize(sb, block, old_size, new_size)
                       : hunch_realloc(sb->options.allocator, block, old_size, new_size);
    if (result == NULL)
        return NULL;
    sb->memory_used = sb->memory_used - old_size + new_size;
    if (is_stack) {
        sb->stack = result;
        sb->stack_sought = false;
    }
    return result;
}

/* ---- seal and restore ---- */

bool sandbox_seal(struct hunch_sandbox *sb)
{
    size_t size = 0;
    for (struct sandbox_block *b = sb->base; b != NULL; b = b->next)
        size += b->size;
    sb->image = hunch_alloc(sb->options.allocator, size);
    if (sb->image == NULL)
        return false;
    sb->image_size = size;
    char *to = sb->image;
    for (struct sandbox_block *b = sb->base; b != NULL; b = b->next) {
        memcpy(to, b + 1, b->size);
        b->sealed = 1;
        to += b->size;
    }
    sb->memory_sealed = sb->memory_used;
    sb->sealed_stack = sb->stack;
    sb->sealed = true;
    return true;
}

static void free_list(struct hunch_sandbox *sb, struct sandbox_block **list)
{
    while (*list != NULL) {
        struct sandbox_block *b = *list;
        *list = b->next;
        hunch_free(sb->options.allocator, b, HEADER + b->size);
    }
}

void sandbox_restore(struct hunch_sandbox *sb)
{
    free_list(sb, &sb->recent);
    const char *from = sb->image;
    for (struct sandbox_block *b = sb->base; b != NULL; b = b->next) {
        memcpy(b + 1, from, b->size);
        from += b->size;
    }
    sb->memory_used = sb->memory_sealed;
    sb->stack = sb->sealed_stack;
}

void sandbox_drop_blocks(struct hunch_sandbox *sb)
{
    free_list(sb, &sb->recent);
    free_list(sb, &sb->base);
    hunch_free(sb->options.allocator, sb->image, sb->image_size);
    sb->image = NULL;
    sb->image_size = 0;
}
