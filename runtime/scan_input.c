/* scan_input.c: hands out the work of a scan in canonical order, a handful of records at a time. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "scan.h"

enum {
    JOB_FILES =
        24, /* small enough that two threads end together, large enough that locks do not show */
    JOB_FILES_DEVICE = 256, /* a dispatch costs some 10 us, whatever it holds */
    JOB_RECORDS = 256,
    JOB_RECORDS_DEVICE = 1 << 16,
    JOB_RECORDS_RESIDENT = 1 << 20
};

void hunch_job_free(struct hunch_scan *scan, struct hunch_job *job)
{
    for (size_t i = 0; i < job->item.count; i++)
        hunch_dir_unref(job->item.items[i].dir);
    for (size_t i = 0; i < job->names.count; i++)
        hunch_strfree(scan->a, job->names.items[i]);
    hunch_vec_free(scan->a, &job->item);
    hunch_vec_free(scan->a, &job->names);
}

static hunch_status add_item(struct hunch_scan *scan, struct hunch_job *job,
                             const struct hunch_item *item, struct hunch_error *err)
{
    struct hunch_item copy = *item;
    if (item->kind == HUNCH_ITEM_FILE || item->kind == HUNCH_ITEM_PROBLEM) {
        char *name = hunch_memdup(scan->a, item->name, item->name_length + 1);
        if (name == NULL || !hunch_vec_push(scan->a, &job->names, name)) {
            hunch_free(scan->a, name, item->name_length + 1);
            return hunch_fail_memory(err, item->name_length, "a path");
        }
        copy.name = name;
    }
    if (!hunch_vec_push(scan->a, &job->item, copy))
        return hunch_fail_memory(err, sizeof copy, "a job");
    hunch_dir_ref(copy.dir);
    return HUNCH_OK;
}

static bool skipped(const struct hunch_scan *scan, const struct hunch_walk_item *w)
{
    struct stat st;
    if (scan->skip_count == 0)
        return false;
    if (fstatat(hunch_dir_fd(w->dir), w->path + w->base, &st,
                w->follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    for (size_t i = 0; i < scan->skip_count; i++)
        if (scan->skip[i].dev == st.st_dev && scan->skip[i].ino == st.st_ino)
            return true;
    return false;
}

static hunch_status start_walk(struct hunch_scan *scan, struct hunch_error *err)
{
    struct hunch_walk_options options = {.include = scan->options.include,
                                         .include_count = scan->options.include_count,
                                         .exclude = scan->options.exclude,
                                         .exclude_count = scan->options.exclude_count,
                                         .input = "-",
                                         .gitignore = scan->options.gitignore};
    return hunch_walk_new(scan->a, scan->paths, scan->path_count, &options, &scan->walk, err);
}

static hunch_status take_files(struct hunch_scan *scan, struct hunch_job *job,
                               struct hunch_error *err)
{
    hunch_status status = scan->walk == NULL ? start_walk(scan, err) : HUNCH_OK;
    size_t most = job->on_device ? JOB_FILES_DEVICE : JOB_FILES;
    while (status == HUNCH_OK && !scan->walk_over && job->item.count < most) {
        struct hunch_walk_item w;
        status = hunch_walk_next(scan->walk, &w, err);
        if (status != HUNCH_OK)
            break;
        struct hunch_item item = {.name = w.path,
                                  .name_length = w.path_length,
                                  .dir = w.dir,
                                  .base = w.base,
                                  .follow = w.follow};
        switch (w.kind) {
        case HUNCH_WALK_END: scan->walk_over = true; continue;
        case HUNCH_WALK_INPUT:
            item = (struct hunch_item){.kind = HUNCH_ITEM_STDIN, .name = "-", .name_length = 1};
            break;
        case HUNCH_WALK_PROBLEM:
            item.kind = HUNCH_ITEM_PROBLEM;
            item.dir = NULL;
            item.reason = strcmp(w.reason, "not-a-file") == 0 ? HUNCH_REASON_NOT_A_FILE
                                                              : HUNCH_REASON_UNREADABLE;
            snprintf(item.detail, sizeof item.detail, "%s", w.detail);
            break;
        default:
            item.kind = HUNCH_ITEM_FILE;
            if (skipped(scan, &w))
                continue;
        }
        status = add_item(scan, job, &item, err);
    }
    return status;
}

static hunch_status take_records(struct hunch_scan *scan, struct hunch_job *job,
                                 struct hunch_error *err)
{
    const uint64_t most = scan->rules->engine->sizes.job;
    hunch_status status = HUNCH_OK;
    uint64_t bytes = 0;
    while (status == HUNCH_OK && scan->record_next < scan->record_count &&
           job->item.count < JOB_RECORDS && bytes < most) {
        struct hunch_item item = hunch_item_of(&scan->records[scan->record_next++]);
        bytes += item.size;
        status = add_item(scan, job, &item, err);
    }
    return status;
}

static void take_records_for_device(struct hunch_scan *scan, struct hunch_job *job)
{
    const bool resident = scan->options.resident != HUNCH_RESIDENT_NO;
    const uint64_t slab = scan->rules->engine->sizes.slab;
    /* With the record that ends it, mostly one slab. */
    const uint64_t most = resident ? scan->resident_job : slab - slab / 8;
    const size_t records = resident ? JOB_RECORDS_RESIDENT : JOB_RECORDS_DEVICE;
    const struct hunch_record *r = job->record = scan->records + scan->record_next;
    size_t left = scan->record_count - scan->record_next, n = 0;
    for (uint64_t bytes = 0; n < left && n < records && bytes < most; n++)
        bytes += r[n].size;
    scan->record_next += n;
    job->record_count = n;
}

hunch_status hunch_scan_take(struct hunch_scan *scan, struct hunch_job *job,
                             struct hunch_large **large, bool *more, struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    memset(job, 0, sizeof *job);
    *large = NULL;
    *more = false;
    pthread_mutex_lock(&scan->lock);
    while (status == HUNCH_OK && atomic_load(&scan->stop) == HUNCH_STOP_NONE) {
        for (struct hunch_large *l = scan->large; l != NULL && *large == NULL; l = l->link)
            if (!l->merging && l->next < l->size)
                *large = l;
        if (*large != NULL) {
            (*large)->active++;
            *more = true;
            break;
        }
        job->on_device =
            scan->on_device != NULL && (!scan->automatic || hunch_scan_auto_next(scan, &job->turn));
        if (scan->records != NULL && job->on_device) {
            take_records_for_device(scan, job);
        } else if (scan->records != NULL) {
            status = take_records(scan, job, err);
        } else if (scan->has_single) {
            scan->has_single = false;
            status = add_item(scan, job, &scan->single, err);
        } else {
            status = take_files(scan, job, err);
        }
        if (status != HUNCH_OK)
            break; /* what was taken already is given up with the scan */
        if (hunch_job_count(job) > 0) {
            job->sequence = scan->sequence++;
            scan->busy++;
            *more = true;
            break;
        }
        if (scan->busy == 0)
            break;
        pthread_cond_wait(&scan->changed, &scan->lock);
    }
    pthread_mutex_unlock(&scan->lock);
    return status;
}

void hunch_scan_job_done(struct hunch_scan *scan)
{
    pthread_mutex_lock(&scan->lock);
    scan->busy--;
    pthread_cond_broadcast(&scan->changed);
    pthread_mutex_unlock(&scan->lock);
}
