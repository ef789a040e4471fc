/* fiber.cc: the switch of fiber.h, and where stacks come from. */
#include "fiber.h"

#include <cstdint>
#include <new>
#include <sys/mman.h>
#include <unistd.h>

#if defined(SIMT_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace simt
{
static size_t page_bytes()
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

void stacks::release()
{
    if (memory_ != nullptr) {
        munmap(memory_, count_ * (stack_bytes + page_bytes()));
        memory_ = nullptr;
        count_ = 0;
    }
}

void stacks::reserve(size_t count)
{
    const size_t stride = stack_bytes + page_bytes();
    if (count <= count_)
        return;
    release();
    void *memory = mmap(nullptr, count * stride, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        throw std::bad_alloc();
    memory_ = static_cast<char *>(memory);
    count_ = count;
    for (size_t i = 0; i < count; i++)
        if (mprotect(memory_ + i * stride, page_bytes(), PROT_NONE) != 0) {
            release();
            throw std::bad_alloc();
        }
}

char *stacks::at(size_t index) const
{
    return memory_ + index * (stack_bytes + page_bytes()) + page_bytes();
}

void stacks::wipe()
{
#if defined(SIMT_ASAN)
    __asan_unpoison_memory_region(memory_, count_ * (stack_bytes + page_bytes()));
#endif
}

#if !defined(SIMT_UCONTEXT)
/* Saves what the called keep, swaps stacks, and returns on the other one. */
extern "C" void simt_switch(void **save, void *load);
asm(R"(
    .text
    .p2align 4
    .hidden simt_switch
    .globl simt_switch
    .type simt_switch, @function
simt_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size simt_switch, . - simt_switch
)");

static void change(context &from, context &to)
{
    simt_switch(&from.pointer, to.pointer);
}
#else
static void change(context &from, context &to)
{
    swapcontext(&from.state, &to.state);
}
#endif

void fiber_prepare(fiber &f, void (*entry)())
{
#if !defined(SIMT_UCONTEXT)
    /* As if `entry` had been called: the stack pointer is 8 off a multiple of 16 when it begins. */
    void **top = reinterpret_cast<void **>(f.stack + stack_bytes);
    *--top = nullptr; /* where it would return to */
    *--top = reinterpret_cast<void *>(entry);
    for (int i = 0; i < 6; i++)
        *--top = nullptr; /* rbp, rbx, r12 ... r15 */
    f.own.pointer = top;
#else
    getcontext(&f.own.state);
    f.own.state.uc_stack.ss_sp = f.stack;
    f.own.state.uc_stack.ss_size = stack_bytes;
    f.own.state.uc_link = nullptr;
    makecontext(&f.own.state, entry, 0);
#endif
    f.own.fake = nullptr;
}

void fiber_enter(hub &h, fiber &f)
{
#if defined(SIMT_ASAN)
    __sanitizer_start_switch_fiber(&h.own.fake, f.stack, stack_bytes);
#endif
    change(h.own, f.own);
#if defined(SIMT_ASAN)
    __sanitizer_finish_switch_fiber(h.own.fake, nullptr, nullptr);
#endif
}

void fiber_arrived(hub &h)
{
#if defined(SIMT_ASAN)
    __sanitizer_finish_switch_fiber(nullptr, &h.stack, &h.size);
#else
    (void)h;
#endif
}

void fiber_leave(hub &h, fiber &f, bool last)
{
#if defined(SIMT_ASAN)
    __sanitizer_start_switch_fiber(last ? nullptr : &f.own.fake, h.stack, h.size);
#else
    (void)last;
#endif
    change(f.own, h.own);
#if defined(SIMT_ASAN)
    __sanitizer_finish_switch_fiber(f.own.fake, nullptr, nullptr);
#endif
}
} // namespace simt
