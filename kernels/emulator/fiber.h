/* fiber.h: lanes as fibers: a stack each, and a switch that AddressSanitizer is told about.
 * swapcontext would do, but the sanitizer intercepts it and forgets what it knew of the stack that
 * is entered, and it asks the kernel for the signal mask each time; it serves where there is no
 * x86-64. */
#ifndef HUNCH_SIMT_FIBER_H
#define HUNCH_SIMT_FIBER_H

#include <cstddef>
/* -DSIMT_UCONTEXT tries the other way where both are there. */
#if !defined(__x86_64__) && !defined(SIMT_UCONTEXT)
#define SIMT_UCONTEXT
#endif
#if defined(SIMT_UCONTEXT)
#include <ucontext.h>
#endif

/* gcc says it in one way, clang in another. */
#if defined(__SANITIZE_ADDRESS__)
#define SIMT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIMT_ASAN 1
#endif
#endif

namespace simt
{
/* Bytes of a lane's stack. Pages are only taken when they are touched. */
constexpr size_t stack_bytes = 128u << 10;

/* A place to come back to. */
struct context {
#if defined(SIMT_UCONTEXT)
    ucontext_t state;
#else
    void *pointer = nullptr;
#endif
    void *fake = nullptr; /* the sanitizer's own, kept while this one does not run */
};

struct fiber {
    context own;
    char *stack = nullptr; /* lowest byte */
};

/* The one that enters fibers; its stack is known from the first switch on. */
struct hub {
    context own;
    const void *stack = nullptr;
    size_t size = 0;
};

/* Stacks, each above a page that may not be touched. */
class stacks
{
  public:
    stacks() = default;
    stacks(const stacks &) = delete;
    stacks &operator=(const stacks &) = delete;
    ~stacks() { release(); }
    void reserve(size_t count); /* throws std::bad_alloc; stacks handed out before are gone */
    size_t size() const { return count_; }
    char *at(size_t index) const;
    /* After fibers were left in the middle of their calls: forgets what the sanitizer knew of
     * these. */
    void wipe();

  private:
    void release();
    char *memory_ = nullptr;
    size_t count_ = 0;
};

/* The next fiber_enter begins at `entry`, which never returns. */
void fiber_prepare(fiber &f, void (*entry)());
/* From the hub into the fiber, until it leaves. */
void fiber_enter(hub &h, fiber &f);
/* What `entry` does first. */
void fiber_arrived(hub &h);
/* Back to the hub. `last`: this stack is not entered again before it is prepared. */
void fiber_leave(hub &h, fiber &f, bool last);
} // namespace simt
#endif
