/* walk_stress: one thread walks, others open and read what it found, as a scan does.
 *
 *   walk_stress THREADS OPEN_MOST QUEUE PATH…
 *
 * Prints "files=… bytes=… problems=… hash=… open=… seconds=…": hash is over names and contents and
 * does not depend on who read what; open is the descriptors left open, which must be 0. Built by
 * make as build/spec/walk_stress. For data races:
 *   gcc -fsanitize=thread -g -O1 -Iruntime -o walk_tsan spec/support/walk_stress.c \
 *       runtime/{walk,dir,seen,glob,gitignore,read,alloc,error}.c -pthread
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "read.h"
#include "walk.h"

#define QUEUE_MOST 4096
#define BUFFER ((size_t)1 << 20)

struct job {
    char *path;
    size_t base;
    struct hunch_dir *dir;
    unsigned flags;
};

struct stress {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job queue[QUEUE_MOST];
    size_t first, count, most;
    bool done;
    unsigned long long bytes, problems, hash;
};

static unsigned long long hash_bytes(unsigned long long h, const void *bytes, size_t size)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < size; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

/* Names count in full, contents by samples: what is measured is the reading. */
static void read_one(const struct job *job, unsigned char *buffer, unsigned long long *bytes,
                     unsigned long long *problems, unsigned long long *hash)
{
    struct hunch_read read;
    hunch_read_file(hunch_dir_fd(job->dir), job->path + job->base, job->flags, 0, buffer, BUFFER,
                    &read);
    unsigned long long h = hash_bytes(0xcbf29ce484222325u, job->path, strlen(job->path));
    if (read.state == HUNCH_READ_PROBLEM) {
        ++*problems;
    } else {
        h = hash_bytes(h, buffer, read.size < 64 ? read.size : 64);
        *bytes += read.size;
    }
    for (uint64_t at = read.size; read.state == HUNCH_READ_LARGE;) {
        size_t got;
        if (hunch_read_at(read.fd, buffer, BUFFER, at, &got) != 0)
            ++*problems;
        at += got;
        *bytes += got;
        if (got < BUFFER)
            break;
    }
    if (read.fd >= 0)
        close(read.fd);
    *hash += h;
}

static void *work(void *ctx)
{
    struct stress *s = ctx;
    unsigned char *buffer = malloc(BUFFER);
    unsigned long long bytes = 0, problems = 0, hash = 0;
    struct job jobs[16];
    for (;;) {
        size_t n = 0;
        pthread_mutex_lock(&s->lock);
        while (s->count == 0 && !s->done)
            pthread_cond_wait(&s->changed, &s->lock);
        for (; n < 16 && s->count > 0; n++, s->count--)
            jobs[n] = s->queue[s->first++ % QUEUE_MOST];
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
        if (n == 0)
            break;
        for (size_t i = 0; i < n; i++) {
            read_one(&jobs[i], buffer, &bytes, &problems, &hash);
            hunch_dir_unref(jobs[i].dir);
            free(jobs[i].path);
        }
    }
    free(buffer);
    pthread_mutex_lock(&s->lock);
    s->bytes += bytes;
    s->problems += problems;
    s->hash += hash;
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void put(struct stress *s, const struct hunch_walk_item *item)
{
    struct job job = {strdup(item->path), item->base, hunch_dir_ref(item->dir),
                      item->follow ? HUNCH_READ_FOLLOW : 0};
    pthread_mutex_lock(&s->lock);
    while (s->count == s->most)
        pthread_cond_wait(&s->changed, &s->lock);
    s->queue[(s->first + s->count++) % QUEUE_MOST] = job;
    if (s->count == 1)
        pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static int count_descriptors(void)
{
    int n = 0;
    for (int fd = 0; fd < 4096; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

int main(int argc, char **argv)
{
    static struct stress s = {.lock = PTHREAD_MUTEX_INITIALIZER,
                              .changed = PTHREAD_COND_INITIALIZER};
    int threads = argc > 4 ? atoi(argv[1]) : 0;
    if (threads < 1 || threads > 64) {
        fprintf(stderr, "usage: walk_stress THREADS OPEN_MOST QUEUE PATH…\n");
        return 2;
    }
    s.most = (size_t)atoi(argv[3]);
    if (s.most < 1 || s.most > QUEUE_MOST)
        s.most = QUEUE_MOST;
    int open_before = count_descriptors();
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);

    struct hunch_walk_options options = {.open_most = atoi(argv[2])};
    struct hunch_walk_item item;
    struct hunch_walk *walk;
    struct hunch_error err;
    pthread_t thread[64];
    unsigned long long files = 0, problems = 0;
    hunch_status status = hunch_walk_new(NULL, (const char *const *)argv + 4, (size_t)argc - 4,
                                         &options, &walk, &err);
    if (status) {
        printf("%s\n", err.message);
        return 1;
    }
    for (int i = 0; i < threads; i++)
        pthread_create(&thread[i], NULL, work, &s);
    while (!(status = hunch_walk_next(walk, &item, &err)) && item.kind != HUNCH_WALK_END) {
        if (item.kind == HUNCH_WALK_FILE) {
            files++;
            put(&s, &item);
        } else {
            problems++;
        }
    }
    pthread_mutex_lock(&s.lock);
    s.done = true;
    pthread_cond_broadcast(&s.changed);
    pthread_mutex_unlock(&s.lock);
    for (int i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    hunch_walk_free(walk);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%sfiles=%llu bytes=%llu problems=%llu hash=%016llx open=%d seconds=%.3f\n",
           status ? err.message : "", files, s.bytes, problems + s.problems, s.hash,
           count_descriptors() - open_before,
           (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) * 1e-9);
    return status ? 1 : 0;
}
