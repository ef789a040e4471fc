/* hunch.h: the public interface of libhunch.
 *
 * Rules (Lua text) are compiled into one flat program; a program is scanned over records. Offsets
 * here are 0-based and half open. Every call that can fail returns a hunch_status and fills the
 * hunch_error, where one is given, with a sentence that says what to do. The library never prints,
 * exits, aborts or touches signal handlers.
 *
 * Lifetimes: rules keep their engine, streams their rules; they may be freed in any order, but not
 * during a scan. A hunch_rules is immutable: any number of threads may scan with one, and a
 * hunch_speculator or a hunch_kernel may be used by any number of threads. All other objects belong
 * to one thread at a time. free(NULL) is legal. */
#ifndef HUNCH_H
#define HUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HUNCH_VERSION_MAJOR 0
#define HUNCH_VERSION_MINOR 1
#define HUNCH_VERSION_PATCH 0
#define HUNCH_VERSION "0.1.0"

#if defined(__GNUC__)
#define HUNCH_API __attribute__((visibility("default")))
#else
#define HUNCH_API
#endif

/* ---- errors and memory ---- */

#define HUNCH_ERROR_MESSAGE_SIZE 512 /* bytes of a message, its final NUL included */

typedef enum hunch_status {
    HUNCH_OK,
    HUNCH_ERROR_MEMORY,      /* the allocator returned NULL, or a size overflowed */
    HUNCH_ERROR_IO,          /* a system call on a file failed */
    HUNCH_ERROR_ARGUMENT,    /* the caller's argument cannot be used */
    HUNCH_ERROR_RULES,       /* the rules have errors; see the diagnostics */
    HUNCH_ERROR_PROGRAM,     /* a compiled program is damaged or of another version */
    HUNCH_ERROR_LIMIT,       /* a budget (memory, instructions, size) is used up */
    HUNCH_ERROR_CANCELLED,   /* the caller's cancel flag or deadline */
    HUNCH_ERROR_UNSUPPORTED, /* this build or machine cannot do it */
} hunch_status;

struct hunch_error {
    hunch_status code;
    uint64_t position;                      /* byte offset the message speaks of, else 0 */
    char message[HUNCH_ERROR_MESSAGE_SIZE]; /* one sentence, NUL-terminated; cut with "..." */
};

/* ptr NULL: allocate. new_size 0: release ptr, return NULL. NULL for a new_size > 0 means failure
 * and leaves ptr as it was. Called from any thread. Aligned as malloc aligns. */
struct hunch_allocator {
    void *(*realloc)(void *ctx, void *ptr, size_t old_size, size_t new_size);
    void *ctx;
};

HUNCH_API const char *hunch_version(void); /* of the library that is loaded, "0.1.0" */

/* ---- engine ---- */

struct hunch_engine;

struct hunch_engine_options {
    const char *backend; /* "auto", "ref", "cpu", "cuda"; NULL: auto: the CPU, and a GPU where there
                            is one for scans that last and are faster there */
    unsigned threads;    /* that scan; 0: one a processor. `ref` always has one */
    const char *cache; /* folder for compiled databases and kernels; NULL: $XDG_CACHE_HOME/hunch or
                          ~/.cache/hunch; "": none */
    const struct hunch_allocator *allocator; /* must outlive the engine; NULL: the C library */
    size_t script_memory;         /* budgets of one rule file, in bytes, VM instructions, */
    uint64_t script_instructions; /* and seconds of CPU time; 0: the defaults (256 MiB, 50 million,
                                     10) */
    double script_seconds;
    size_t device_memory; /* bytes that it may take of a device's memory, for all rules and scans
                             together; 0: what is free when the device is opened, less a 16th */
};

/* options may be NULL. ARGUMENT: unknown backend; UNSUPPORTED: a backend that this build has not.
 */
HUNCH_API hunch_status hunch_engine_new(const struct hunch_engine_options *options,
                                        struct hunch_engine **engine, struct hunch_error *err);
HUNCH_API void hunch_engine_free(struct hunch_engine *engine);
HUNCH_API const char *
hunch_engine_backend(const struct hunch_engine *engine); /* with which scans begin */
HUNCH_API unsigned hunch_engine_threads(const struct hunch_engine *engine);

/* ---- rules ---- */

struct hunch_rules;

/* What the compiler has to say. The strings live as long as the report. */
struct hunch_diagnostic {
    const char *code;      /* "E101" */
    const char *severity;  /* "error", "warning", "note" */
    const char *file;      /* may be "" */
    uint32_t line, column; /* from 1; 0: unknown */
    const char *message;
    const char *hint; /* what to do; may be "" */
    const char *rule; /* may be "" */
};

struct hunch_report;

/* What may end compiling early. All zero: nothing. */
struct hunch_compile_options {
    bool (*cancel)(void *ctx); /* asked now and then by the thread that compiles */
    void *ctx;
    const volatile bool *cancel_flag; /* the same as data; may be set by a signal handler */
    double deadline;                  /* seconds; 0: none */
};

/* Compiles rule files, and folders of them (every *.lua file below, bytewise by path, each once;
 * symbolic links to such files, too). `report`, where it is not NULL, gets the diagnostics in any
 * case, and is freed with hunch_report_free. options may be NULL. RULES: there are errors; IO: a
 * file cannot be read; CANCELLED. */
HUNCH_API hunch_status hunch_rules_compile(struct hunch_engine *engine, const char *const *paths,
                                           size_t count,
                                           const struct hunch_compile_options *options,
                                           struct hunch_rules **rules, struct hunch_report **report,
                                           struct hunch_error *err);

/* The same for one rule file in memory; `name` is what messages call it. */
HUNCH_API hunch_status hunch_rules_compile_text(struct hunch_engine *engine, const char *name,
                                                const char *text, size_t size,
                                                const struct hunch_compile_options *options,
                                                struct hunch_rules **rules,
                                                struct hunch_report **report,
                                                struct hunch_error *err);

/* A compiled program; the bytes are copied and checked. PROGRAM: damaged, truncated, or of another
 * version. */
HUNCH_API hunch_status hunch_rules_load(struct hunch_engine *engine, const void *bytes, size_t size,
                                        struct hunch_rules **rules, struct hunch_error *err);

/* The program's bytes: they belong to the rules. */
HUNCH_API const void *hunch_rules_program(const struct hunch_rules *rules, size_t *size);
HUNCH_API void hunch_rules_free(struct hunch_rules *rules);

HUNCH_API uint32_t hunch_rules_count(const struct hunch_rules *rules);
/* Name of a rule, and a JSON object with its title, tags, severity, meta, private, global, class,
 * file, line. Not NUL-terminated; they belong to the rules. */
HUNCH_API const char *hunch_rules_name(const struct hunch_rules *rules, uint32_t rule,
                                       size_t *length);
HUNCH_API const char *hunch_rules_info(const struct hunch_rules *rules, uint32_t rule,
                                       size_t *length);

/* ---- scanning ---- */

/* One match. The pointers are valid during the callback, or as long as the report that holds it. */
struct hunch_match {
    const char *record; /* name; bytes, not NUL-terminated */
    size_t record_length;
    uint32_t rule;         /* index in the rules */
    uint64_t start, end;   /* bytes of the record */
    uint64_t line, column; /* from 1; column in bytes */
    const char *text;      /* the matched bytes, at most HUNCH_TEXT_MOST of them */
    size_t text_length;
    const char *before,
        *after; /* what stands on the same line around it, at most HUNCH_CONTEXT_MOST bytes each */
    size_t before_length, after_length;
    const uint64_t *groups; /* group_count pairs start, end; HUNCH_NO_GROUP twice: not set */
    uint32_t group_count;
    const char *severity, *title,
        *meta; /* as a host stage changed them (meta: JSON); length 0: unchanged */
    size_t severity_length, title_length, meta_length;
    const char *witness; /* of a graph rule, else of length 0; hunch_match_witness reads it */
    size_t witness_length;
};
#define HUNCH_NO_GROUP UINT64_MAX
#define HUNCH_TEXT_MOST 65536
#define HUNCH_CONTEXT_MOST 256

/* How a value gets from a source to the sink that a match of a graph rule is, step by step. */
enum hunch_witness_what {
    HUNCH_WITNESS_SOURCE,
    HUNCH_WITNESS_STEP,
    HUNCH_WITNESS_CALL,   /* a function is entered */
    HUNCH_WITNESS_RETURN, /* and left */
    HUNCH_WITNESS_SINK
};
struct hunch_witness_step {
    const char *record; /* name; not NUL-terminated, as text; both the match's */
    size_t record_length;
    enum hunch_witness_what what;
    uint64_t start, end;   /* bytes of that record */
    uint64_t line, column; /* from 1; column in bytes */
    const char *text;      /* the source there, on one line, at most 200 bytes */
    size_t text_length;
    size_t next; /* for hunch_match_witness */
};

/* The next step: all zero before the first; false behind the last, and for matches without. */
HUNCH_API bool hunch_match_witness(const struct hunch_match *match,
                                   struct hunch_witness_step *step);

/* Something that was not evaluated. */
struct hunch_incomplete {
    const char *record; /* NULL: the scan as a whole */
    size_t record_length;
    uint32_t rule;      /* HUNCH_NO_RULE: all of them */
    const char *reason; /* "deadline", "cancelled", "unreadable", "max-matches", "too-large",
                         * "window", "spill", "memory", "host-error", "not-a-file", "undecided",
                         * "graph" */
    const char *detail;
};
#define HUNCH_NO_RULE UINT32_MAX

struct hunch_stats {
    uint64_t bytes, records, matches, incomplete;
    uint64_t tiles, committed, rolled_back; /* each counts once per group of rules */
    uint64_t speculated; /* of the tiles: confirmed before their gate was known */
    uint64_t routes[3];  /* dispatches of groups: fused, chained, serial */
    uint64_t prefilter_hits;
    double seconds;                                          /* wall time of the scan */
    double seconds_read, seconds_prefilter, seconds_confirm; /* summed over the threads */
    char note[160];        /* why the scan was slower than it could have been; mostly "" */
    uint64_t device_bytes; /* of bytes: in records that a device searched */
    const char *backend; /* what was asked for; with auto what did most of the bytes, cpu or cuda */
};

struct hunch_rule_profile {
    uint32_t rule;
    double seconds;
    uint64_t candidates; /* records in which it was looked at */
    uint64_t matches;
};

struct hunch_progress {
    uint64_t bytes, records, matches;
};

/* How a group of rules runs in a dispatch: the records that a thread, or a device, has together. It
 * changes how fast matches are found, never which. */
enum hunch_route {
    HUNCH_ROUTE_FUSED,   /* one launch: confirmers run on every tile, the commit is gated */
    HUNCH_ROUTE_CHAINED, /* two launches, no host in between */
    HUNCH_ROUTE_SERIAL,  /* prefilter, read back, compact on the host, confirm */
    HUNCH_ROUTE_COUNT,
};
#define HUNCH_ROUTE_BIT(route) (1u << (route))

enum hunch_policy {
    HUNCH_POLICY_COST_MODEL,  /* the route that is predicted to be the fastest */
    HUNCH_POLICY_COMMIT_RATE, /* fused while enough tiles commit, else serial */
};

enum hunch_speculation {
    HUNCH_SPECULATE_AUTO,
    HUNCH_SPECULATE_FORCE,   /* fused, whatever was learned */
    HUNCH_SPECULATE_DISABLE, /* never fused */
};

/* Where the bytes of records are. */
enum hunch_resident {
    HUNCH_RESIDENT_NO, /* in the host's memory */
    /* In the memory of the device of the scan's backend, in its primary context (`cuda`, also by
     * `auto`; others: ARGUMENT); hunch_record.bytes are addresses there, and all that writes to
     * them has to be done. Records that lie side by side in their order go together, others one by
     * one. They are copied within the device; the host reads what it has to decide, around hits
     * mostly. A record that the device cannot do (too large for its memory; it failed) is
     * incomplete: unreadable. */
    HUNCH_RESIDENT_COPY,
    /* The same, and nothing is copied where the first of those that lie side by side begins at a
     * multiple of 16: HUNCH_RESIDENT_BEHIND bytes behind the last one may be read, too. */
    HUNCH_RESIDENT_IN_PLACE,
};
#define HUNCH_RESIDENT_BEHIND 65536

/* Which files graph rules link by name, of one language each. Records in memory are under one path.
 */
enum hunch_link {
    HUNCH_LINK_PATH, /* all under one path that was named */
    HUNCH_LINK_DIR,  /* those of one folder */
    HUNCH_LINK_FILE, /* each by itself */
};

/* All zero: the defaults. What it points to must stay until the call that scans returns (for a
 * stream: until hunch_stream_finish does); callbacks run inside that call. */
struct hunch_scan_options {
    /* Called from the thread that runs the scan, in canonical order. NULL: the report keeps them.
     */
    void (*on_match)(void *ctx, const struct hunch_match *match);
    void (*on_incomplete)(void *ctx, const struct hunch_incomplete *incomplete);
    void (*on_progress)(void *ctx,
                        const struct hunch_progress *progress); /* at most 20 times a second */
    bool (*cancel)(void *ctx); /* asked about 20 times a second; true ends the scan */
    void *ctx;
    const volatile bool
        *cancel_flag;           /* the same as data; may be set by a signal handler; NULL: none */
    double deadline;            /* seconds from the start of the scan; 0: none */
    uint64_t max_matches;       /* per rule and record; 0: 10,000 */
    uint64_t max_file_size;     /* larger files are `too-large`; 0: none is */
    uint64_t tile_size;         /* bytes; 0: 1 MiB */
    unsigned threads;           /* 0: the engine's */
    const char *backend;        /* NULL: the engine's */
    const char *const *include; /* globs over paths */
    size_t include_count;
    const char *const *exclude;
    size_t exclude_count;
    const char *const
        *skip; /* files that are left out, whatever their name: the report being written */
    size_t skip_count;
    const uint32_t *rules; /* only these are reported; NULL: all that are not private */
    size_t rule_count;
    bool gitignore;
    bool profile;
    bool prefilter_only; /* no confirmers, no matches: a measurement */
    unsigned routes;     /* HUNCH_ROUTE_BITs that may be taken; 0: all that the backend has */
    enum hunch_speculation speculate;
    enum hunch_policy policy; /* who chooses among them */
    bool decisions;           /* the report keeps every decision */
    enum hunch_resident resident;
    enum hunch_link link;         /* graph rules */
    const char *const *link_with; /* files and folders that are a part of every link unit; nothing
                                     in them is reported, unless they are scanned, too */
    size_t link_with_count;
};

struct hunch_record {
    const char *name;
    size_t name_length;
    const void *bytes;
    size_t size;
};

/* Scans records in memory, in the order given. They must stay until the call returns. OK also when
 * something is incomplete. options may be NULL; *report is freed with hunch_report_free. With the
 * backend cuda, records in pinned memory are copied to the device from where they are: those that
 * lie side by side, and others of 32 KiB or more. */
HUNCH_API hunch_status hunch_scan_records(struct hunch_rules *rules,
                                          const struct hunch_record *records, size_t count,
                                          const struct hunch_scan_options *options,
                                          struct hunch_report **report, struct hunch_error *err);

/* Scans files and what lies below folders; "-" is standard input. */
HUNCH_API hunch_status hunch_scan_paths(struct hunch_rules *rules, const char *const *paths,
                                        size_t count, const struct hunch_scan_options *options,
                                        struct hunch_report **report, struct hunch_error *err);

/* ---- streams ---- */

struct hunch_stream;

/* One record that arrives in pieces. Its report equals that of the whole record, however it is
 * split: it is scanned by finish, and bytes past 64 MiB wait in an unlinked temporary file. `name`
 * (NULL: "") and what is fed are copied. Finish once, then free. IO: the temporary file cannot be
 * written. */
HUNCH_API hunch_status hunch_stream_new(struct hunch_rules *rules, const char *name,
                                        const struct hunch_scan_options *options,
                                        struct hunch_stream **stream, struct hunch_error *err);
HUNCH_API hunch_status hunch_stream_feed(struct hunch_stream *stream, const void *bytes,
                                         size_t size, struct hunch_error *err);
HUNCH_API hunch_status hunch_stream_finish(struct hunch_stream *stream,
                                           struct hunch_report **report, struct hunch_error *err);
HUNCH_API void hunch_stream_free(struct hunch_stream *stream);

/* ---- reports ---- */

HUNCH_API size_t hunch_report_match_count(const struct hunch_report *report);
HUNCH_API void hunch_report_match(const struct hunch_report *report, size_t index,
                                  struct hunch_match *match);
HUNCH_API size_t hunch_report_incomplete_count(const struct hunch_report *report);
HUNCH_API void hunch_report_incomplete(const struct hunch_report *report, size_t index,
                                       struct hunch_incomplete *incomplete);
HUNCH_API size_t hunch_report_diagnostic_count(const struct hunch_report *report);
HUNCH_API void hunch_report_diagnostic(const struct hunch_report *report, size_t index,
                                       struct hunch_diagnostic *diagnostic);
HUNCH_API const struct hunch_stats *hunch_report_stats(const struct hunch_report *report);
HUNCH_API size_t
hunch_report_profile_count(const struct hunch_report *report); /* costliest first */
HUNCH_API void hunch_report_profile(const struct hunch_report *report, size_t index,
                                    struct hunch_rule_profile *profile);
/* With options.decisions: one a group and dispatch, by group (decision.cost_class, whose name
 * hunch_group_name knows), then as they were made. Those of one group can be replayed by a
 * speculator that has loaded what the group's knew before the scan, unless other scans used the
 * rules meanwhile. */
HUNCH_API size_t hunch_report_decision_count(const struct hunch_report *report);
struct hunch_decision;
HUNCH_API void hunch_report_decision(const struct hunch_report *report, size_t index,
                                     struct hunch_decision *decision);
HUNCH_API const void *hunch_report_known(const struct hunch_report *report, uint32_t group,
                                         size_t *size);
/* A scan with the backend auto that went over to a device: those made there come last, by
 * speculators of their own. The backend of a decision is "ref", "cpu" or "cuda". */
HUNCH_API const char *hunch_report_decision_backend(const struct hunch_report *report,
                                                    size_t index);
HUNCH_API const void *hunch_report_known_on_device(const struct hunch_report *report,
                                                   uint32_t group, size_t *size);
HUNCH_API void hunch_report_free(struct hunch_report *report);
/* "literal", "anchored", "unanchored", "counting", "host", "graph"; NULL: no such number. */
HUNCH_API const char *hunch_group_name(unsigned group);

/* ---- guessing: counters ----
 *
 * From here on: the parts that guess, usable without an engine. Allocators may be NULL. */

/* Tiles of one dispatch. Committed: the gate of at least one rule of the group held; rolled back:
 * all others. Every route counts so. */
struct hunch_commit_report {
    uint32_t committed, rolled_back;
};

#define HUNCH_DEFAULT_THRESHOLD_PCT 15
#define HUNCH_COUNTER_TAIL_BYTES 8 /* two little-endian u32: committed, rolled back */

/* committed * 10^6 / (committed + rolled_back), the sum saturating; 0 when nothing ran. */
HUNCH_API uint32_t hunch_commit_rate_ppm(const struct hunch_commit_report *report);
HUNCH_API uint32_t hunch_commit_rate_pct(const struct hunch_commit_report *report); /* floored */
/* Is the rate at least pct percent? */
HUNCH_API bool hunch_commit_worthwhile(const struct hunch_commit_report *report, uint32_t pct);

HUNCH_API void hunch_encode_counter_tail(const struct hunch_commit_report *report,
                                         uint8_t tail[HUNCH_COUNTER_TAIL_BYTES]);
/* From the end of a fused dispatch's output. False, and nothing is read: shorter than 8 bytes, or
 * not a multiple of 4. */
HUNCH_API bool hunch_parse_counter_tail(const void *output, size_t size,
                                        struct hunch_commit_report *report);

/* ---- guessing: speculator ----
 *
 * Chooses how a group's next dispatch runs, and learns from how it went. One speculator for one
 * group; any number of threads may use it at the same time. */

/* Why a route was taken. */
enum hunch_why {
    HUNCH_WHY_FORCED,    /* HUNCH_SPECULATE_FORCE */
    HUNCH_WHY_ONLY,      /* no other was offered */
    HUNCH_WHY_RATE_HIGH, /* commit rate: speculation is on */
    HUNCH_WHY_RATE_LOW,  /* commit rate: it is off */
    HUNCH_WHY_UNTRIED,   /* cost model: nothing is known of this route at this size */
    HUNCH_WHY_FASTEST,   /* cost model: predicted faster than the last one by more than 5 % */
    HUNCH_WHY_STAYS,     /* cost model: none is predicted to be that much faster */
    HUNCH_WHY_PROBE,     /* cost model: what it may lose is at most 2 % of the time since */
    HUNCH_WHY_COUNT,
};

#define HUNCH_COST_CLASSES 8

/* What is about to be dispatched. */
struct hunch_batch {
    uint64_t bytes;
    uint32_t tiles;
    uint32_t cost_class; /* of the confirmers: below HUNCH_COST_CLASSES, the caller's numbers */
    enum hunch_speculation mode;
    unsigned routes;     /* HUNCH_ROUTE_BITs of what can run; 0: fused and serial */
    const char *backend; /* for messages; NULL: no name */
    bool contended; /* others use the machine meanwhile: what is learned then is kept apart, and
                     * times should be what a dispatch takes from them, not how long it is
                     * under way */
};

/* How it went. Times that are 0 were not measured. */
struct hunch_measurement {
    uint64_t ns;           /* the whole dispatch, as the host saw it; or what it took: contended */
    uint64_t prefilter_ns; /* of it, chained and serial: the prefilter */
    uint64_t confirm_ns;   /* and the confirmer */
    uint64_t hits;         /* what confirmers worked on; 0: the committed tiles */
    struct hunch_commit_report report;
};

/* A decision is data: what it was made from, what came out. No padding. */
struct hunch_decision {
    uint64_t decided, observed; /* places among this speculator's calls, from 1; 0: not yet */
    uint64_t bytes, tiles;      /* of the batch */
    uint64_t predicted_ns[HUNCH_ROUTE_COUNT]; /* cost model, else 0 */
    uint64_t measured_ns, prefilter_ns, confirm_ns, hits;
    uint32_t committed, rolled_back;
    uint32_t hit_rate_ppm, samples; /* what was known of commit rates when it was made */
    uint8_t enabled;                /* and whether the commit rate said yes */
    uint8_t route, reason, mode, policy;
    uint8_t routes; /* that were offered */
    uint8_t cost_class;
    uint8_t contended; /* of the batch */
};

struct hunch_speculator;

HUNCH_API hunch_status hunch_speculator_new(const struct hunch_allocator *allocator,
                                            enum hunch_policy policy, uint32_t threshold_pct,
                                            struct hunch_speculator **speculator,
                                            struct hunch_error *err);
HUNCH_API void hunch_speculator_free(struct hunch_speculator *speculator);

/* Fills in all of *decision. UNSUPPORTED: force on a backend that cannot speculate. */
HUNCH_API hunch_status hunch_speculator_decide(struct hunch_speculator *speculator,
                                               const struct hunch_batch *batch,
                                               struct hunch_decision *decision,
                                               struct hunch_error *err);
/* Learns, and completes the decision. Once a decision; what decide has not made teaches nothing. A
 * measurement without time and report is of a dispatch that failed: what decide noted is taken
 * back, as if it had not been asked. */
HUNCH_API void hunch_speculator_measure(struct hunch_speculator *speculator,
                                        struct hunch_decision *decision,
                                        const struct hunch_measurement *measurement);

/* The commit rate alone, without decisions: what the counter tail of a fused dispatch said, and
 * what any other route saw. Both count the same, so that speculation that went off can come back.
 * Reports of no tiles are ignored. Wait-free but for a CAS. */
HUNCH_API void hunch_speculator_record(struct hunch_speculator *speculator,
                                       const struct hunch_commit_report *report);
HUNCH_API void hunch_speculator_observe(struct hunch_speculator *speculator,
                                        const struct hunch_commit_report *report);

HUNCH_API uint32_t hunch_speculator_threshold_ppm(const struct hunch_speculator *speculator);
/* The moving average; before the first sample it is the threshold. */
HUNCH_API uint32_t hunch_speculator_commit_rate_ppm(const struct hunch_speculator *speculator);
HUNCH_API uint32_t hunch_speculator_samples(const struct hunch_speculator *speculator);
HUNCH_API bool hunch_speculator_should_speculate(const struct hunch_speculator *speculator);

/* What was learned, as bytes that mean the same on every machine of one byte order and version.
 * Returns their number; they are written where `size` is enough (bytes may be NULL for 0). */
HUNCH_API size_t hunch_speculator_save(struct hunch_speculator *speculator, void *bytes,
                                       size_t size);
/* ARGUMENT: not what hunch_speculator_save of this version and policy writes; nothing changes. */
HUNCH_API hunch_status hunch_speculator_load(struct hunch_speculator *speculator, const void *bytes,
                                             size_t size, struct hunch_error *err);

/* Makes the decisions of a log once more, from their batches, commit rates and measurements alone,
 * and writes them to out: the same bytes, when the speculator is what it was before the first (new,
 * or loaded). The log is in the order of `decided`. MEMORY; ARGUMENT: not a log. */
HUNCH_API hunch_status hunch_speculator_replay(struct hunch_speculator *speculator,
                                               const struct hunch_decision *log, size_t count,
                                               struct hunch_decision *out, struct hunch_error *err);

/* "fused", "forced", …; NULL: no such number. */
HUNCH_API const char *hunch_route_name(unsigned route);
HUNCH_API const char *hunch_why_name(unsigned reason);

/* ---- guessing: a prefilter/confirmer pair of the host's own ----
 *
 * A batch runs fused, as one program that confirms every tile and ends an output in the counter
 * tail, or serial: the prefilter, then the host's confirm_serial. Any number of threads may do so
 * at the same time. */

struct hunch_input {
    const void *bytes;
    size_t size;
    bool on_device; /* bytes is an address in the primary context of the engine's device, and what
                       wrote there has ended */
};

struct hunch_outputs; /* what a dispatch gives: buffers on the host, which belong to the list */

HUNCH_API hunch_status hunch_outputs_new(const struct hunch_allocator *allocator,
                                         struct hunch_outputs **outputs, struct hunch_error *err);
HUNCH_API void hunch_outputs_free(struct hunch_outputs *outputs);
/* Appends one of `size` bytes, all 0, aligned as malloc aligns. It stays where it is. */
HUNCH_API hunch_status hunch_outputs_add(struct hunch_outputs *outputs, size_t size, void **bytes,
                                         struct hunch_error *err);
HUNCH_API size_t hunch_outputs_count(const struct hunch_outputs *outputs);
/* NULL and size 0: there is no such output. */
HUNCH_API void *hunch_outputs_get(const struct hunch_outputs *outputs, size_t index, size_t *size);

/* What runs programs: an engine, or functions of the host's own. */
struct hunch_pair_backend {
    const char *name;   /* for messages */
    bool can_speculate; /* has fused programs */
    hunch_status (*dispatch)(void *ctx, const void *program, const struct hunch_input *inputs,
                             size_t input_count, struct hunch_outputs *outputs,
                             struct hunch_error *err); /* returns when outputs has its result */
    void *ctx;
};

struct hunch_pair_plan {
    const void *fused, *prefilter; /* programs: what they are is between the host and its backend */
    size_t counter_output;         /* which output of the fused program has the tail */
    bool strip_tail;               /* the result's outputs are without it */
};

/* All pointers are the caller's, and stay until the calls with it have returned. */
struct hunch_pair {
    const struct hunch_pair_backend *backend;
    struct hunch_speculator *speculator;
    struct hunch_pair_plan plan;
    /* Compacts what the prefilter gave, dispatches the confirmer, adds to `outputs`. *seen is all
     * 0; the tiles that it saw committed and rolled back, where it counts them, keep the
     * speculator's commit rate true while it does not speculate. */
    hunch_status (*confirm_serial)(void *ctx, const struct hunch_outputs *prefiltered,
                                   struct hunch_outputs *outputs, struct hunch_commit_report *seen,
                                   struct hunch_error *err);
    void *ctx;
    const struct hunch_allocator *allocator; /* of outputs */
};

struct hunch_pair_batch {
    const struct hunch_input *inputs;
    size_t input_count;
    uint32_t tiles;              /* 0: not known; the cost model predicts better with it */
    enum hunch_speculation mode; /* force ignores the speculator, and records */
};

struct hunch_pair_result {
    struct hunch_outputs *outputs; /* the caller's, for hunch_outputs_free; NULL after an error */
    bool speculated;               /* the fused program ran, and its tail is in the report */
    struct hunch_commit_report report; /* else all 0 */
    struct hunch_decision decision;    /* of what gave the outputs; complete. Else taken back */
    struct hunch_error fallback;  /* OK, or why a fused dispatch failed and serial took its place */
    struct hunch_decision failed; /* that one's decision; measured_ns: twice the time until serial
                                   * had given the outputs. All 0: serial failed too */
};

/* Auto falls back to serial where the fused dispatch fails, but with ARGUMENT or CANCELLED; on a
 * backend that cannot speculate it is serial at once. ARGUMENT: no such counter output, or no tail
 * there. UNSUPPORTED: force on a backend that cannot speculate. Errors of `dispatch` and
 * `confirm_serial` are returned as they are. After an error nothing was recorded. Where serial took
 * its place, the cost model learns that the fused dispatch was dear, and takes it seldom. */
HUNCH_API hunch_status hunch_prefilter_confirm(const struct hunch_pair *pair,
                                               const struct hunch_pair_batch *batch,
                                               struct hunch_pair_result *result,
                                               struct hunch_error *err);

struct hunch_kernel; /* a program for an engine, which it keeps; it must outlive its dispatches */

struct hunch_kernel_options {
    const char *name; /* of the entry in the source: a HUNCH_KERNEL of kernels/portable.h */
    /* NULL: none. Its one argument is a struct of 8-byte fields: address and size of each input,
     * address and size of each output, then the arguments of the launch. */
    const char *source;
    const char *source_name; /* in the compiler's messages; NULL: "kernel.cu" */
    const char *const *header_names, *const *headers; /* of its own; "portable.h" is hunch's */
    size_t header_count;
    /* The same on the host, in the thread that dispatches; NULL: none. The outputs are there, all
     * 0. */
    hunch_status (*host)(void *ctx, const struct hunch_input *inputs, size_t input_count,
                         const void *arguments, size_t argument_size, struct hunch_outputs *outputs,
                         struct hunch_error *err);
    void *ctx;
    char *log; /* gets the compiler's log, NUL-terminated and cut to log_size; may be NULL */
    size_t log_size;
};

/* Compiles the source where the engine's backend is cuda. UNSUPPORTED: it does not compile (the
 * log says where), or there is nothing that the backend can run. */
HUNCH_API hunch_status hunch_kernel_new(struct hunch_engine *engine,
                                        const struct hunch_kernel_options *options,
                                        struct hunch_kernel **kernel, struct hunch_error *err);
HUNCH_API void hunch_kernel_free(struct hunch_kernel *kernel);

#define HUNCH_KERNEL_STRUCT_MOST 4096 /* bytes of a kernel's argument struct */

struct hunch_kernel_launch { /* a program of a plan whose backend is an engine */
    struct hunch_kernel *kernel;
    uint32_t blocks, threads, shared; /* on the device: blocks, lanes of each, bytes of dynamic
                                         shared memory; a host function runs once */
    const size_t *output_sizes;
    size_t output_count;
    const void *arguments; /* a multiple of 8 bytes */
    size_t argument_size;
};

/* The engine as a backend, for as long as it lives; confirm_serial dispatches with it too. */
HUNCH_API struct hunch_pair_backend hunch_engine_pair_backend(struct hunch_engine *engine);

/* ---- guessing: variants of a kernel, the autotune store ---- */

enum hunch_variant {
    HUNCH_VARIANT_CONSERVATIVE, /* ahead of time, driven by tables */
    HUNCH_VARIANT_SPECULATIVE,  /* specialised for one program at run time */
    HUNCH_VARIANT_COUNT,
};

struct hunch_key {
    uint8_t bytes[16];
};

/* A 128-bit hash of any bytes. */
HUNCH_API struct hunch_key hunch_key_of(const void *bytes, size_t size);

/* What a tuning is for. */
struct hunch_tuning_id {
    struct hunch_key program;        /* hash of what is run */
    uint64_t binding;                /* signature of what is bound to it */
    uint32_t workgroup;              /* size that was asked for */
    uint32_t capability;             /* of the adapter: 90 for 9.0 */
    struct hunch_key specialisation; /* all 0: none, or not known yet */
    const char *adapter, *driver;    /* names; NULL: "" */
};

HUNCH_API struct hunch_key hunch_tuning_key(const struct hunch_tuning_id *id);

#define HUNCH_TUNING_STATE_MOST 16384

struct hunch_tuning {
    uint32_t workgroup, unroll, tile;
    uint32_t winner;                         /* enum hunch_variant */
    uint64_t median_ns[HUNCH_VARIANT_COUNT]; /* of dispatches, by variant */
    uint32_t samples[HUNCH_VARIANT_COUNT];
    uint64_t recorded_at; /* seconds since 1970; put: 0 is now */
    const void *state;    /* bytes of the caller's: what a speculator saved; NULL: none */
    size_t state_size;    /* at most HUNCH_TUNING_STATE_MOST */
};

/* Tunings by key, in one file that processes share. A file that is damaged, of another version, of
 * somebody else (its folder must be 0700 and this user's own), or locked by another is as good as
 * empty: never an error. What cannot be written stays in this object and is tried again. */
struct hunch_autotune;

/* path NULL: $XDG_CACHE_HOME/hunch/autotune or ~/.cache/hunch/autotune; "": no file. most: entries
 * of the file, of which the least recently used goes first; 0: 1,024. Fails with MEMORY only. */
HUNCH_API hunch_status hunch_autotune_open(const struct hunch_allocator *allocator,
                                           const char *path, uint32_t most,
                                           struct hunch_autotune **store, struct hunch_error *err);
HUNCH_API void hunch_autotune_free(struct hunch_autotune *store); /* writes what is not written */

/* False: a miss. tuning->state belongs to the store until the next call. */
HUNCH_API bool hunch_autotune_get(struct hunch_autotune *store, const struct hunch_key *key,
                                  struct hunch_tuning *tuning);
/* *kept (may be NULL): is it in the file? ARGUMENT: no such winner, state too large; MEMORY. */
HUNCH_API hunch_status hunch_autotune_put(struct hunch_autotune *store, const struct hunch_key *key,
                                          const struct hunch_tuning *tuning, bool *kept,
                                          struct hunch_error *err);
/* Entry `index` by key; false: there are fewer. Nothing counts as used. */
HUNCH_API bool hunch_autotune_entry(struct hunch_autotune *store, size_t index,
                                    struct hunch_key *key, struct hunch_tuning *tuning);
HUNCH_API size_t hunch_autotune_count(struct hunch_autotune *store); /* looks at the file first */
/* Forgets everything; false: the file could not be removed. */
HUNCH_API bool hunch_autotune_clear(struct hunch_autotune *store);
/* Where the file is or would be; NULL: nowhere. */
HUNCH_API const char *hunch_autotune_path(const struct hunch_autotune *store);

/* ---- guessing: the variant race ---- */

#define HUNCH_RACE_SAMPLES 8 /* of each variant, before there is a winner */

struct hunch_race_decision {
    uint32_t winner;                          /* enum hunch_variant */
    uint32_t samples[HUNCH_VARIANT_COUNT];    /* dispatches so far, saturating */
    uint64_t saved_ns;                        /* the difference of the totals */
    uint64_t compile_ns[HUNCH_VARIANT_COUNT]; /* or what finding it in a cache took; once */
    uint64_t median_ns[HUNCH_VARIANT_COUNT];  /* of the last 64 dispatches */
    uint64_t total_ns[HUNCH_VARIANT_COUNT];   /* compile + dispatches * median, saturating */
    struct hunch_key autotune_key;            /* of the winner */
};

struct hunch_race;

/* id: of the speculative variant; its specialisation hash is not 0. The conservative one's key has
 * 0 there. NULL: no keys. dispatches: over how many a compile pays off; 0: 1. */
HUNCH_API hunch_status hunch_race_new(const struct hunch_allocator *allocator,
                                      const struct hunch_tuning_id *id, uint64_t dispatches,
                                      struct hunch_race **race, struct hunch_error *err);
HUNCH_API void hunch_race_free(struct hunch_race *race);
/* The first time of each variant counts. What is no variant is ignored, here and below. */
HUNCH_API void hunch_race_compiled(struct hunch_race *race, enum hunch_variant variant,
                                   uint64_t ns);
HUNCH_API void hunch_race_dispatched(struct hunch_race *race, enum hunch_variant variant,
                                     uint64_t ns);
/* Whose turn it is: the one with fewer samples, the conservative one first. */
HUNCH_API enum hunch_variant hunch_race_next(const struct hunch_race *race);
/* False: a variant has fewer than HUNCH_RACE_SAMPLES. The smaller total wins, a tie stays
 * conservative. */
HUNCH_API bool hunch_race_decide(const struct hunch_race *race,
                                 struct hunch_race_decision *decision);
/* Puts the winner's tuning (workgroup, unroll, tile, state of `tuning`; the rest is the race's)
 * under its own key, and the verdict under the key with specialisation hash 0. ARGUMENT: no winner
 * yet, or no keys. */
HUNCH_API hunch_status hunch_race_keep(const struct hunch_race *race, struct hunch_autotune *store,
                                       const struct hunch_tuning *tuning, struct hunch_error *err);

/* "conservative", "speculative"; NULL: no such number. */
HUNCH_API const char *hunch_variant_name(unsigned variant);

#ifdef __cplusplus
}
#endif

#endif
