/* walk.c: see walk.h.
 *
 * The directories between an argument and the place where the walk stands are a stack of frames.
 * Their entries lie on top of each other in one listing and their names in one path, so that going
 * down and up again allocates nothing. Only the deepest frames keep their directory open; an upper
 * one is opened again through ".." when the walk comes back to it.
 */
#define _GNU_SOURCE
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gitignore.h"
#include "glob.h"
#include "read.h"
#include "seen.h"

#define FRAMES_OPEN 32 /* deepest frames that keep their directory open; the first one does too */
#define OPEN_MOST 256  /* directories open for files handed out, unless the caller says */

struct text {
    char *items;
    size_t count, capacity; /* as HUNCH_VEC */
};

struct frame {
    struct hunch_dir *dir; /* NULL: closed, see FRAMES_OPEN */
    size_t next, end;      /* entries still to come */
    size_t entries, names; /* where its part of the listing begins */
    size_t path_length;    /* of its path, '/' at the end included */
    size_t real_length;    /* the same of the path that gitignore rules see */
    dev_t dev;             /* set when several arguments are walked, or dir was closed */
    ino_t ino;
    struct hunch_ignore *ignore; /* rules that hold in here */
    bool included;               /* an include glob holds for it */
    bool has_named;              /* a file that is an argument lies in here */
};

struct hunch_walk {
    const struct hunch_allocator *allocator;
    const char *const *paths;
    size_t count, argument; /* argument: the next one */
    const char *input;      /* the argument that is standard input, or NULL */
    bool input_seen;
    bool gitignore, many; /* many: several arguments, so that they may overlap */
    int open_most;
    hunch_status failed; /* sticky */

    struct hunch_globs include, exclude;
    struct hunch_dir_pool pool;
    struct hunch_seen seen;
    struct hunch_listing listing;
    HUNCH_VEC(struct frame) frames;
    struct text path; /* of what the walk is at */
    struct text real; /* the same from the repository's root: only with gitignore */
    struct text told; /* the path of a problem; path stays as it is */

    /* Problems met on the way into a directory: they come before what is in it. */
    struct {
        const char *detail;
        int error;
    } waiting[3];
    int waiting_count, waiting_next;
};

static hunch_status no_memory(struct hunch_walk *w, struct hunch_error *err)
{
    w->failed = HUNCH_ERROR_MEMORY;
    return hunch_fail(err, HUNCH_ERROR_MEMORY, "cannot allocate memory for walking a directory");
}

static hunch_status add_globs(struct hunch_globs *globs, const char *const *patterns, size_t count,
                              struct hunch_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct hunch_error why;
        hunch_error_clear(&why);
        hunch_status status =
            hunch_globs_add(globs, patterns[i], strlen(patterns[i]), HUNCH_GLOB_BRACES, &why);
        if (status)
            return hunch_fail_at(err, status, why.position, "in the glob '%s': %s", patterns[i],
                                 why.message);
    }
    return HUNCH_OK;
}

static int default_open_most(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur / 4 < OPEN_MOST)
        return (int)(limit.rlim_cur / 4);
    return OPEN_MOST;
}

/* Where a named file lies: its directory's identity and its name there, in link resolved when the
 * argument is a symbolic link. False: it cannot be told, so it is taken for a file of its own. */
static bool locate(const char *path, char resolved[PATH_MAX], struct stat *parent,
                   const char **name)
{
    struct stat st;
    char folder[PATH_MAX];
    if (lstat(path, &st) != 0)
        return false;
    if (S_ISLNK(st.st_mode)) {
        if (!realpath(path, resolved))
            return false;
        path = resolved;
    }
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) + 1 : 0;
    if (length >= sizeof folder)
        return false;
    memcpy(folder, path, length);
    folder[length] = '\0';
    *name = path + length;
    return stat(length ? folder : ".", parent) == 0;
}

static bool is_input(const struct hunch_walk *w, const char *path)
{
    return w->input != NULL && strcmp(path, w->input) == 0;
}

/* Marks the named files, so that a directory that is walked before them knows. */
static bool note_named_files(struct hunch_walk *w)
{
    for (size_t i = 0; i < w->count; i++) {
        struct stat st, parent;
        char resolved[PATH_MAX];
        const char *name;
        if (is_input(w, w->paths[i]) || stat(w->paths[i], &st) != 0 || !S_ISREG(st.st_mode) ||
            !locate(w->paths[i], resolved, &parent, &name))
            continue;
        struct hunch_seen_entry *e = hunch_seen_put(&w->seen, parent.st_dev, parent.st_ino, NULL);
        if (!e)
            return false;
        e->flags |= HUNCH_SEEN_HAS_NAMED;
        if (!hunch_seen_put(&w->seen, parent.st_dev, parent.st_ino, name))
            return false;
    }
    return true;
}

hunch_status hunch_walk_new(const struct hunch_allocator *a, const char *const *paths, size_t count,
                            const struct hunch_walk_options *options, struct hunch_walk **walk,
                            struct hunch_error *err)
{
    static const struct hunch_walk_options none;
    if (!options)
        options = &none;
    *walk = NULL;
    struct hunch_walk *w = hunch_alloc_zero(a, sizeof *w);
    if (!w)
        return hunch_fail_memory(err, sizeof *w, "walking a directory");
    w->allocator = a;
    w->paths = paths;
    w->count = count;
    w->many = count > 1;
    w->input = options->input;
    w->gitignore = options->gitignore;
    w->open_most = options->open_most > 0 ? options->open_most : default_open_most();
    w->pool.allocator = a;
    atomic_init(&w->pool.open, 0);
    hunch_seen_init(&w->seen, a);
    hunch_globs_init(&w->include, a);
    hunch_globs_init(&w->exclude, a);
    hunch_status status = add_globs(&w->include, options->include, options->include_count, err);
    if (!status)
        status = add_globs(&w->exclude, options->exclude, options->exclude_count, err);
    if (!status &&
        (!hunch_listing_init(&w->listing, options->others, a) || (w->many && !note_named_files(w))))
        status = no_memory(w, err);
    if (status) {
        hunch_walk_free(w);
        return status;
    }
    *walk = w;
    return HUNCH_OK;
}

/* Drops the frame on top. */
static void leave(struct hunch_walk *w)
{
    struct frame *top = &w->frames.items[--w->frames.count];
    w->listing.entries.count = top->entries;
    w->listing.names.count = top->names;
    hunch_ignore_unref(top->ignore);
    hunch_dir_unref(top->dir);
}

void hunch_walk_free(struct hunch_walk *w)
{
    if (!w)
        return;
    while (w->frames.count > 0)
        leave(w);
    hunch_vec_free(w->allocator, &w->frames);
    hunch_vec_free(w->allocator, &w->path);
    hunch_vec_free(w->allocator, &w->real);
    hunch_vec_free(w->allocator, &w->told);
    hunch_listing_done(&w->listing);
    hunch_seen_done(&w->seen);
    hunch_globs_done(&w->include);
    hunch_globs_done(&w->exclude);
    hunch_free(w->allocator, w, sizeof *w);
}

/* text = its first `keep` bytes + name + NUL (not counted). */
static bool set_text(struct hunch_walk *w, struct text *text, size_t keep, const char *name,
                     size_t length)
{
    text->count = keep;
    if (!hunch_vec_append(w->allocator, text, name, length) ||
        !hunch_vec_reserve(w->allocator, text, 1))
        return false;
    text->items[text->count] = '\0';
    return true;
}

/* A problem with `length` bytes of the path as it stands. */
static hunch_status tell(struct hunch_walk *w, struct hunch_walk_item *item, size_t length,
                         const char *reason, const char *detail, int error, struct hunch_error *err)
{
    if (!set_text(w, &w->told, 0, w->path.items, length))
        return no_memory(w, err);
    *item = (struct hunch_walk_item){.kind = HUNCH_WALK_PROBLEM,
                                     .path = w->told.items,
                                     .path_length = length,
                                     .reason = reason,
                                     .detail = detail,
                                     .error = error};
    return HUNCH_OK;
}

static void wait_problem(struct hunch_walk *w, const char *detail, int error)
{
    w->waiting[w->waiting_count].detail = detail;
    w->waiting[w->waiting_count++].error = error;
}

/* Closes the directory of the frame that has just become too high to keep open. */
static void close_high_frame(struct hunch_walk *w)
{
    if (w->frames.count <= FRAMES_OPEN + 1)
        return;
    struct frame *high = &w->frames.items[w->frames.count - 1 - FRAMES_OPEN];
    struct stat st;
    /* Without its identity ".." could not be trusted on the way back. */
    if (!high->dir || fstat(high->dir->fd, &st) != 0)
        return;
    high->dev = st.st_dev;
    high->ino = st.st_ino;
    hunch_dir_unref(high->dir);
    high->dir = NULL;
}

/* Enters the directory fd (taken over), whose path with '/' at its end is set. above: the rules
 * that hold in it (taken over). Sets *entered to false when it has been walked already. */
static hunch_status enter(struct hunch_walk *w, int fd, bool included, struct hunch_ignore *above,
                          bool *entered, struct hunch_error *err)
{
    struct frame f = {.path_length = w->path.count,
                      .real_length = w->real.count,
                      .entries = w->listing.entries.count,
                      .names = w->listing.names.count,
                      .included = included,
                      .ignore = above};
    hunch_status status = HUNCH_OK;
    int problem = 0;

    *entered = false;
    f.dir = hunch_dir_new(&w->pool, fd);
    if (!f.dir || !hunch_vec_reserve(w->allocator, &w->frames, 1))
        goto memory;
    if (w->many) {
        struct stat st;
        if (fstat(fd, &st) == 0) {
            struct hunch_seen_entry *e = hunch_seen_put(&w->seen, st.st_dev, st.st_ino, NULL);
            if (!e)
                goto memory;
            if (e->flags & HUNCH_SEEN_DONE)
                goto done;
            e->flags |= HUNCH_SEEN_DONE;
            f.has_named = e->flags & HUNCH_SEEN_HAS_NAMED;
            f.dev = st.st_dev;
            f.ino = st.st_ino;
        }
    }
    if (w->gitignore) {
        struct hunch_ignore *rules;
        status = hunch_ignore_enter(w->allocator, fd, f.real_length, above, &rules, &problem, err);
        if (status) {
            w->failed = status;
            goto done;
        }
        hunch_ignore_unref(above);
        f.ignore = rules;
        if (problem)
            wait_problem(w, "its .gitignore or .ignore file cannot be read", problem);
    }
    if (!hunch_listing_read(&w->listing, fd, &problem))
        goto memory;
    if (problem)
        wait_problem(w, hunch_errno_text(problem), problem);
    f.next = f.entries;
    f.end = w->listing.entries.count;
    w->frames.items[w->frames.count++] = f;
    close_high_frame(w);
    *entered = true;
    return HUNCH_OK;
memory:
    status = no_memory(w, err);
done:
    hunch_dir_unref(f.dir);
    hunch_ignore_unref(f.ignore);
    return status;
}

/* The directory of the frame `below`, closed as one of the high ones. Returns a descriptor or
 * -errno. */
static int reopen(struct hunch_walk *w, const struct frame *top, const struct frame *below)
{
    const struct frame *first = &w->frames.items[0];
    if (top->dir) {
        struct stat st;
        int fd = openat(top->dir->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0) {
            if (fstat(fd, &st) == 0 && st.st_dev == below->dev && st.st_ino == below->ino)
                return fd;
            close(fd);
        }
    }
    /* Moved meanwhile: by its path, then. */
    char *slash = &w->path.items[below->path_length - 1];
    *slash = '\0';
    int fd = hunch_open_beneath(first->dir->fd, w->path.items + first->path_length,
                                O_RDONLY | O_DIRECTORY);
    *slash = '/';
    return fd;
}

/* Goes up from the frame on top. The one below it may have to be opened again. */
static hunch_status ascend(struct hunch_walk *w, struct hunch_walk_item *item, bool *told,
                           struct hunch_error *err)
{
    struct frame *top = &w->frames.items[w->frames.count - 1];
    struct frame *below = w->frames.count > 1 ? top - 1 : NULL;
    *told = false;
    if (below && !below->dir) {
        int fd = reopen(w, top, below);
        if (fd >= 0) {
            below->dir = hunch_dir_new(&w->pool, fd);
            if (!below->dir)
                return no_memory(w, err);
        } else if (below->next < below->end) {
            below->next = below->end;
            *told = true;
            hunch_status status = tell(w, item, below->path_length - 1, "unreadable",
                                       "it was moved or removed while it was read", -fd, err);
            if (status)
                return status;
        }
    }
    leave(w);
    return HUNCH_OK;
}

/* With several arguments: whether the file comes a second time. It is marked as handed out. */
static bool file_done(struct hunch_walk *w, const struct frame *f, const char *name)
{
    if (!f->has_named)
        return false;
    struct hunch_seen_entry *e = hunch_seen_find(&w->seen, f->dev, f->ino, name);
    if (!e)
        return false;
    bool done = e->flags & HUNCH_SEEN_DONE;
    e->flags |= HUNCH_SEEN_DONE;
    return done;
}

/* Whether gitignore rules or globs keep the entry out, whose path is set. *included: an include
 * glob holds for it. length: of the path, without a '/' at its end. */
static bool left_out(const struct hunch_walk *w, const struct frame *f, size_t length, bool folder,
                     bool *included)
{
    size_t root = w->frames.items[0].path_length;
    const char *path = w->path.items;
    *included = f->included || w->include.list.count == 0 ||
                hunch_globs_match(&w->include, path, length, root, folder);
    if (!folder && !*included)
        return true;
    if (w->exclude.list.count > 0 && hunch_globs_match(&w->exclude, path, length, root, folder))
        return true;
    return f->ignore &&
           hunch_ignore_match(f->ignore, w->real.items, w->real.count - (folder ? 1 : 0), folder);
}

/* What is no folder and whose path is set, in the frame on top. */
static void hand_out(struct hunch_walk *w, const struct frame *f, unsigned type,
                     struct hunch_walk_item *item)
{
    const struct frame *first = &w->frames.items[0];
    bool crowded = atomic_load_explicit(&w->pool.open, memory_order_relaxed) > w->open_most;
    *item = (struct hunch_walk_item){
        .kind = type == HUNCH_ENTRY_FILE ? HUNCH_WALK_FILE : HUNCH_WALK_OTHER,
        .path = w->path.items,
        .path_length = w->path.count,
        /* Too many are open: the file does not hold its own directory but the argument's. */
        .dir = crowded ? first->dir : f->dir,
        .base = crowded ? first->path_length : f->path_length,
    };
}

/* The next entry of the frame on top. *found: item is set; else go on. */
static hunch_status next_entry(struct hunch_walk *w, struct hunch_walk_item *item, bool *found,
                               struct hunch_error *err)
{
    struct frame *f = &w->frames.items[w->frames.count - 1];
    const struct hunch_entry *entry = &w->listing.entries.items[f->next++];
    const char *name = w->listing.names.items + f->names + entry->name;
    bool folder = entry->type == HUNCH_ENTRY_DIR, included;
    size_t length = f->path_length + entry->length - (folder ? 1 : 0);

    *found = false;
    if (!set_text(w, &w->path, f->path_length, name, entry->length))
        return no_memory(w, err);
    if (w->gitignore && !set_text(w, &w->real, f->real_length, name, entry->length))
        return no_memory(w, err);
    if (left_out(w, f, length, folder, &included))
        return HUNCH_OK;
    if (!folder) {
        *found = !file_done(w, f, name);
        if (*found)
            hand_out(w, f, entry->type, item);
        return HUNCH_OK;
    }
    w->path.items[length] = '\0';
    int fd = hunch_open_beneath(f->dir->fd, w->path.items + f->path_length,
                                O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    w->path.items[length] = '/';
    if (fd < 0) {
        *found = true;
        return tell(w, item, length, "unreadable", hunch_errno_text(-fd), -fd, err);
    }
    bool entered;
    if (f->ignore)
        hunch_ignore_ref(f->ignore);
    included = w->include.list.count > 0 && included;
    return enter(w, fd, included, f->ignore, &entered, err);
}

/* A directory that is an argument; its path is set, with '/' at its end. */
static hunch_status start_directory(struct hunch_walk *w, const char *path,
                                    struct hunch_walk_item *item, bool *found,
                                    struct hunch_error *err)
{
    struct hunch_ignore *above = NULL;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        *found = true;
        int error = errno;
        size_t length = w->path.count > 1 ? w->path.count - 1 : 1;
        return tell(w, item, length, "unreadable", hunch_errno_text(error), error, err);
    }
    if (w->gitignore) {
        char *prefix;
        int problem;
        hunch_status status =
            hunch_ignore_above(w->allocator, path, &above, &prefix, &problem, err);
        if (status) {
            close(fd);
            w->failed = status;
            return status;
        }
        bool set = set_text(w, &w->real, 0, prefix, strlen(prefix));
        hunch_strfree(w->allocator, prefix);
        if (!set) {
            close(fd);
            hunch_ignore_unref(above);
            return no_memory(w, err);
        }
        if (problem)
            wait_problem(w, "a .gitignore or .ignore file above it cannot be read", problem);
    }
    bool entered;
    bool included = w->include.list.count > 0 &&
                    hunch_globs_match_any_part(&w->include, w->path.items, w->path.count);
    return enter(w, fd, included, above, &entered, err);
}

/* The next argument. *found: item is set. */
static hunch_status next_argument(struct hunch_walk *w, struct hunch_walk_item *item, bool *found,
                                  struct hunch_error *err)
{
    const char *path = w->paths[w->argument++], *name;
    size_t length = strlen(path);
    struct stat st, parent;
    char resolved[PATH_MAX];

    *found = false;
    if (!set_text(w, &w->path, 0, path, length))
        return no_memory(w, err);
    if (is_input(w, path)) {
        if (w->input_seen)
            return HUNCH_OK;
        *found = w->input_seen = true;
        *item = (struct hunch_walk_item){
            .kind = HUNCH_WALK_INPUT, .path = w->path.items, .path_length = length};
        return HUNCH_OK;
    }
    if (stat(path, &st) != 0) {
        *found = true;
        int error = errno;
        return tell(w, item, length, "unreadable", hunch_errno_text(error), error, err);
    }
    if (S_ISDIR(st.st_mode)) {
        while (length > 1 && path[length - 1] == '/')
            length--;
        bool root = length == 1 && path[0] == '/';
        if (!set_text(w, &w->path, root ? 0 : length, "/", 1))
            return no_memory(w, err);
        return start_directory(w, path, item, found, err);
    }
    if (!S_ISREG(st.st_mode)) {
        *found = true;
        return tell(w, item, length, "not-a-file", hunch_not_a_file_text(st.st_mode), 0, err);
    }
    if (w->include.list.count > 0 && !hunch_globs_match_any_part(&w->include, path, length))
        return HUNCH_OK;
    if (hunch_globs_match_any_part(&w->exclude, path, length))
        return HUNCH_OK;
    if (w->many && locate(path, resolved, &parent, &name)) {
        struct frame where = {.dev = parent.st_dev, .ino = parent.st_ino, .has_named = true};
        if (file_done(w, &where, name))
            return HUNCH_OK;
    }
    *found = true;
    *item = (struct hunch_walk_item){
        .kind = HUNCH_WALK_FILE, .path = w->path.items, .path_length = length, .follow = true};
    return HUNCH_OK;
}

hunch_status hunch_walk_next(struct hunch_walk *w, struct hunch_walk_item *item,
                             struct hunch_error *err)
{
    hunch_status status = w->failed;
    bool found = false;

    memset(item, 0, sizeof *item);
    if (status)
        return hunch_fail(err, status, "the walk over the files has failed before");
    while (!status && !found) {
        if (w->waiting_next < w->waiting_count) {
            int i = w->waiting_next++;
            size_t length = w->path.count > 1 ? w->path.count - 1 : w->path.count;
            return tell(w, item, length, "unreadable", w->waiting[i].detail, w->waiting[i].error,
                        err);
        }
        w->waiting_next = w->waiting_count = 0;
        if (w->frames.count == 0) {
            if (w->argument == w->count)
                return HUNCH_OK;
            status = next_argument(w, item, &found, err);
            continue;
        }
        const struct frame *top = &w->frames.items[w->frames.count - 1];
        if (top->next == top->end)
            status = ascend(w, item, &found, err);
        else
            status = next_entry(w, item, &found, err);
    }
    item->argument = w->argument > 0 ? w->argument - 1 : 0;
    return status;
}
