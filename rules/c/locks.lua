-- What is to be done on every way, and what goes wrong where two things are not done in one.

local locks = { "pthread_mutex_lock", "mtx_lock", "pthread_rwlock_rdlock", "pthread_rwlock_wrlock", "pthread_spin_lock",
  "EnterCriticalSection", place = 1 }
local unlocks = { "pthread_mutex_unlock", "mtx_unlock", "pthread_rwlock_unlock", "pthread_spin_unlock",
  "LeaveCriticalSection", place = 1 }

-- A function that locks and unlocks; one that only locks is there to lock for others.
rule "c-lock-given-back" {
  title     = "A lock is given back in the function that took it",
  tags      = { "c", "locks" },
  severity  = "info",
  private   = true,
  language  = "c",
  prefilter = any { "unlock", "LeaveCriticalSection" },
  confirm   = { dominates { by = { call(locks) }, of = { call(unlocks) }, same = true } },
  examples  = {
    match = {
      [[#include <pthread.h>
static pthread_mutex_t m;
void add(int *n) { pthread_mutex_lock(&m); ++*n; pthread_mutex_unlock(&m); }]],
      [[#include <pthread.h>
struct queue { pthread_mutex_t lock; int count; };
int take(struct queue *q) {
  int left = -1;
  pthread_mutex_lock(&q->lock);
  if (q->count > 0) { left = --q->count; pthread_mutex_unlock(&q->lock); }
  return left;
}]],
    },
    miss = {
      [[#include <pthread.h>
static pthread_mutex_t m;
void enter(void) { pthread_mutex_lock(&m); }
void leave(void) { pthread_mutex_unlock(&m); }]],
      [[#include <pthread.h>
void swap(pthread_mutex_t *a, pthread_mutex_t *b) { pthread_mutex_lock(a); pthread_mutex_unlock(b); }]],
    },
  },
}

rule "c-lock-kept" {
  title     = "A lock is not given back on some way out of the function",
  tags      = { "c", "locks", "cwe-667", "cwe-772" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/667.html",
                remediation = "Unlock before every return, or return in one place." },
  language  = "c",
  prefilter = any { "lock", "CriticalSection", "sem_wait" },
  confirm   = {
    post_dominates {
      by = { call(unlocks) },
      of = { call(locks) },
      missing = true, same = true,
    },
    near { "c-lock-given-back", within = 60, unit = "lines", after = true },
  },
  examples  = {
    match = {
      [[#include <pthread.h>
struct queue { pthread_mutex_t lock; int count; };
static int is_empty(const struct queue *q) { return q->count == 0; }
int take(struct queue *q) {
  pthread_mutex_lock(&q->lock);
  if (is_empty(q)) return -1;
  int left = --q->count;
  pthread_mutex_unlock(&q->lock);
  return left;
}]],
      [[#include <pthread.h>
static pthread_mutex_t first, second;
void both(int *n) {
  pthread_mutex_lock(&first);
  pthread_mutex_lock(&second);
  ++*n;
  pthread_mutex_unlock(&second);
  pthread_mutex_unlock(&second);
}]],
    },
    miss = {
      [[#include <pthread.h>
static pthread_mutex_t all;
void stop_all(void) { pthread_mutex_lock(&all); }
void go_on(void) { pthread_mutex_unlock(&all); }]],
      [[#include <pthread.h>
struct queue { pthread_mutex_t lock; int count; };
int take(struct queue *q) {
  int left = -1;
  pthread_mutex_lock(&q->lock);
  if (q->count == 0) goto done;
  left = --q->count;
done:
  pthread_mutex_unlock(&q->lock);
  return left;
}]],
      [[#include <pthread.h>
#include <stdlib.h>
static pthread_mutex_t lock;
int add(int *n, int more) {
  pthread_mutex_lock(&lock);
  if (*n > 100) { pthread_mutex_unlock(&lock); return 1; }
  if (*n < 0) abort();
  *n += more;
  pthread_mutex_unlock(&lock);
  return 0;
}]],
    },
  },
}

rule "c-checked-then-opened" {
  title     = "A path is looked at first and opened later: it may be another file by then",
  tags      = { "c", "locks", "cwe-367" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/367.html",
                remediation = "Open it, then look at what was opened with fstat." },
  language  = "c",
  prefilter = any { "access", "stat" },
  confirm   = {
    dominates {
      by = { call { "access", "stat", "lstat", "_access", "_stat", place = 1 } },
      of = { call { "open", "fopen", "creat", "chmod", "chown", "unlink", "remove", "_open", place = 1 } },
      same = true,
    },
  },
  examples  = {
    match = {
      [[#include <fcntl.h>
#include <unistd.h>
static int open_own(const char *path) { if (access(path, W_OK) != 0) return -1; return open(path, O_WRONLY); }
int main(int argc, char **argv) { return open_own(argv[1]); }]],
      [[#include <stdio.h>
#include <sys/stat.h>
struct job { const char *path; };
FILE *start(struct job *job) {
  struct stat s;
  if (stat(job->path, &s) != 0 || s.st_uid != 0) return NULL;
  return fopen(job->path, "r");
}]],
    },
    miss = {
      [[#include <fcntl.h>
#include <sys/stat.h>
static int open_own(const char *path) {
  struct stat s;
  int fd = open(path, O_WRONLY);
  return fd >= 0 && fstat(fd, &s) == 0 ? fd : -1;
}
int main(int argc, char **argv) { return open_own(argv[1]); }]],
      [[#include <fcntl.h>
#include <unistd.h>
struct job { const char *from, *to; };
int start(const struct job *job) { if (access(job->from, R_OK) != 0) return -1; return open(job->to, O_WRONLY); }]],
    },
  },
}
