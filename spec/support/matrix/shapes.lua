--- Ways on which a value gets from where it comes from to where it is used: shapes of the matrix of programs.
--- A shape has `files`, the text of each file for one entry, with
---   $E  the entry's name (run_$E is what main calls)      $T  the type of `data`
---   $D  the declaration of `data`, and of its room        $S  statements that fill it
---   $C  statements that fill it with something harmless   $U  statements that use it
--- and `common`, what a file has once for all entries. Where a condition decides, `dead` are entries in which what is
--- dangerous stands where it never runs; other shapes have none. `edit` changes an entry's statements first. By kind of
--- value: `except` says where the shape makes another program of it, `missed` and `wrong` why findings are known to
--- lack or to be false.
local M = {}

local WRITTEN_BACK = "what a function freed its caller hears of where it is returned, not by pointers and globals"
local NOT_RETURNED = { freed = WRITTEN_BACK, closed = WRITTEN_BACK }
local TOO_DEEP = "more than two pointers behind what comes in"
local AS_BYTES = "rules on a pointer itself follow it through no library function"

local function add(name, shape)
    shape.name = name
    if type(shape.files) == "string" then shape.files = { ["a.c"] = shape.files } end
    M[#M + 1] = shape
end

local function function_of(body)
    return "void run_$E(void)\n{\n" .. body .. "\n}\n"
end

add("straight", { files = function_of "$D\n$S\n$U" })

-- One condition that always holds and one that never does, however they are written.
local function decided(name, yes, no, common)
    local function files(body)
        return { ["a.c"] = function_of((body:gsub("%%%a", { ["%Y"] = yes, ["%N"] = no }))) }
    end
    local shape = {
        files = files "$D\nif (%Y) {\n$S\n}\nif (%Y) {\n$U\n}",
        dead = {
            source_then = files "$D\nif (%N) {\n$S\n} else {\n$C\n}\nif (%Y) {\n$U\n}",
            source_else = files "$D\nif (%Y) {\n$C\n} else {\n$S\n}\n$U",
            use_then = files "$D\nif (%Y) {\n$S\n}\nif (%N) {\n$U\n} else {\nputs(\"nothing\");\n}",
            use_else = files "$D\n$S\nif (%Y) {\nputs(\"nothing\");\n} else {\n$U\n}",
        },
        common = common,
    }
    add(name, shape)
    add(name .. "-else", {
        files = files("$D\nif (%N) {\n$C\n} else {\n$S\n}\nif (%N) {\nputs(\"nothing\");\n} else {\n$U\n"
            .. "}"), common = common,
    })
end

local OTHER = { ["b.c"] = "const int always = 1;\nconst int never = 0;\nconst int six = 6;\nint on = 1;\n"
    .. "int off = 0;\n"
    .. "int half_dozen = 6;\nint says_yes(void)\n{\n    return 1;\n}\nint says_no(void)\n{\n    return 0;\n}\n" }
local function other(declared)
    return { ["a.c"] = declared, ["b.c"] = OTHER["b.c"] }
end

decided("literal", "1", "0")
decided("literal-equal", "6 == 6", "6 != 6")
decided("static-const", "fixed_yes", "fixed_no",
    { ["a.c"] = "static const int fixed_yes = 1;\nstatic const int fixed_no = 0;\n" })
decided("static-variable", "kept_yes", "kept_no", { ["a.c"] = "static int kept_yes = 1;\nstatic int kept_no = 0;\n" })
decided("static-const-equal", "fixed_six == 6", "fixed_six != 6", { ["a.c"] = "static const int fixed_six = 6;\n" })
decided("static-equal", "kept_six == 6", "kept_six != 6", { ["a.c"] = "static int kept_six = 6;\n" })
decided("static-function", "yes()", "no()",
    { ["a.c"] = "static int yes(void)\n{\n    return 1;\n}\nstatic int no(void)\n{\n    return 0;\n}\n" })
decided("other-const", "always", "never", other "extern const int always, never;\n")
decided("other-variable", "on", "off", other "extern int on, off;\n")
decided("other-function", "says_yes()", "says_no()", other "int says_yes(void);\nint says_no(void);\n")
decided("other-const-equal", "six == 6", "six != 6", other "extern const int six;\n")
decided("other-equal", "half_dozen == 6", "half_dozen != 6", other "extern int half_dozen;\n")
decided("macro-condition", "DEFINED_YES", "DEFINED_NO", { ["a.c"] = "#define DEFINED_YES 1\n#define DEFINED_NO 0\n" })
decided("enumerator", "YES", "NO", { ["a.c"] = "enum { NO, YES };\n" })
decided("local-constant", "local == 3", "local == 4", { ["a.c"] = "#define local (1 + 2)\n" })

add("either-way", {
    common = { ["a.c"] = "static int either(void)\n{\n    return rand() % 2;\n}\n" },
    files = function_of("$D\nif (either()) {\n$S\n} else {\n$C\n}\nif (either()) {\n$U\n} else {\n"
        .. "puts(\"nothing\");\n}"),
    may = true,
})
add("switch", {
    files = function_of("$D\nswitch (6) {\ncase 6:\n$S\nbreak;\ndefault:\n$C\nbreak;\n}\n"
        .. "switch (7) {\ncase 7:\n$U\nbreak;\ndefault:\nputs(\"nothing\");\nbreak;\n}"),
    dead = {
        source = function_of "$D\nswitch (5) {\ncase 6:\n$S\nbreak;\ndefault:\n$C\nbreak;\n}\n$U",
        use = function_of "$D\n$S\nswitch (8) {\ncase 7:\n$U\nbreak;\ndefault:\nputs(\"nothing\");\nbreak;\n}",
    },
})
add("while-break", { files = function_of "$D\nwhile (1) {\n$S\nbreak;\n}\nwhile (1) {\n$U\nbreak;\n}" })
add("for-once", { files = function_of("$D\nfor (int h = 0; h < 1; h++) {\n$S\n}\nfor (int k = 0; k < 1; k++) {\n"
    .. "$U\n}") })
add("for-never", {
    files = function_of "$D\nfor (int h = 0; h < 1; h++) {\n$S\n}\n$U",
    dead = { source = function_of "$D\n$C\nfor (int h = 0; h < 0; h++) {\n$S\n}\n$U" },
})
add("do-once", { files = function_of "$D\ndo {\n$S\n} while (0);\ndo {\n$U\n} while (0);" })
add("goto", {
    files = function_of "$D\ngoto fill;\nfill:\n$S\ngoto finish;\nfinish:\n$U",
    dead = { source = function_of "$D\n$C\ngoto finish;\n$S\nfinish:\n$U" },
})
add("ternary", { files = function_of "$D\n$S\n$T picked = rand() ? data : data;\n{\n$T data = picked;\n$U\n}" })
add("hidden", {
    files = function_of("$D\n{\n$T copy = data;\n{\n$T data = copy;\n$S\ncopy = data;\n}\n{\n$T data = copy;\n"
        .. "$U\n}\n}"),
    dead = { source = function_of "$D\n$S\n{\n$D\n$C\n$U\n}" },
})

-- A flag that the caller sets and a function looks at.
add("static-flag", {
    files = "static int flag_$E = 0;\nstatic $T fill_$E($T data)\n{\nif (flag_$E) {\n$S\n}\nreturn data;\n}\n"
        .. function_of "$D\nflag_$E = 1;\ndata = fill_$E(data);\n$U",
    dead = {
        source = "static int flag_$E = 0;\nstatic $T fill_$E($T data)\n{\nif (flag_$E) {\n$S\n} else {\n$C\n}\n"
            .. "return data;\n}\n" .. function_of "$D\nflag_$E = 0;\ndata = fill_$E(data);\n$U",
        use = "static int flag_$E = 0;\nstatic void use_$E($T data)\n{\nif (flag_$E) {\n$U\n}\n}\n"
            .. function_of "$D\n$S\nflag_$E = 0;\nuse_$E(data);",
    },
})
add("static-flag-use", {
    files = "static int flag_$E = 0;\nstatic void use_$E($T data)\n{\nif (flag_$E) {\n$U\n}\n}\n"
        .. function_of "$D\n$S\nflag_$E = 1;\nuse_$E(data);",
})
add("other-flag", {
    files = {
        ["a.c"] = "int flag_$E = 0;\nvoid use_$E($T data);\n" .. function_of "$D\n$S\nflag_$E = 1;\nuse_$E(data);",
        ["b.c"] = "extern int flag_$E;\nvoid use_$E($T data)\n{\nif (flag_$E) {\n$U\n}\n}\n",
    },
    dead = {
        use = {
            ["a.c"] = "int flag_$E = 0;\nvoid use_$E($T data);\n" .. function_of("$D\n$S\nflag_$E = 0;\n"
                .. "use_$E(data);"),
            ["b.c"] = "extern int flag_$E;\nvoid use_$E($T data)\n{\nif (flag_$E) {\n$U\n}\n}\n",
        },
    },
})

-- Within one function, under other names.
add("inner-block", { files = function_of "$D\n$S\n{\n$T copy = data;\n$T data = copy;\n$U\n}" })
add("pointer", {
    files = function_of("$D\n$T *one = &data;\n$T *two = &data;\n{\n$T data = *one;\n$S\n*one = data;\n}\n"
        .. "{\n$T data = *two;\n$U\n}"),
})
add("void-pointer", { files = function_of "$D\n$S\nvoid *any = &data;\n{\n$T data = *($T *)any;\n$U\n}" })
add("union", {
    files = "typedef union {\n$T first;\n$T second;\n} both_$E;\n"
        .. function_of "$D\nboth_$E both;\n$S\nboth.first = data;\n{\n$T data = both.second;\n$U\n}",
})
add("array-element", { files = function_of "$D\n$T list[5];\n$S\nlist[2] = data;\n{\n$T data = list[2];\n$U\n}" })
add("struct-field", {
    files = "struct box_$E {\nint kind;\n$T first;\n$T second;\n};\n"
        .. function_of "$D\nstruct box_$E box;\n$S\nbox.second = data;\n{\n$T data = box.second;\n$U\n}",
})
add("struct-other-field", {
    files = "struct box_$E {\n$T first;\n$T second;\n};\n"
        .. function_of "$D\nstruct box_$E box;\n$S\nbox.second = data;\n{\n$T data = box.second;\n$U\n}",
    dead = {
        use = "struct box_$E {\n$T first;\n$T second;\n};\n"
            .. function_of("$D\nstruct box_$E box;\n$S\nbox.first = data;\n{\n$D\n$C\nbox.second = data;\n}\n"
                .. "{\n$T data = box.second;\n$U\n}"),
    },
})
add("nested-struct", {
    files = "struct inner_$E {\n$T value;\n};\nstruct outer_$E {\nint kind;\nstruct inner_$E inner;\n};\n"
        .. function_of("$D\nstruct outer_$E outer, copy;\n$S\nouter.inner.value = data;\ncopy = outer;\n"
            .. "{\n$T data = copy.inner.value;\n$U\n}"),
})

-- Within one file, in several functions.
local function called(name, parameter, argument, get, before)
    local head = before and before .. "\n" or ""
    add(name, {
        files = head .. ("static void use_$E(%s)\n{\n%s\n$U\n}\n"):format(parameter, get)
            .. function_of("$D\n$S\n" .. argument),
    })
    add(name .. "-file", {
        files = {
            ["a.c"] = head .. ("void use_$E(%s);\n"):format(parameter) .. function_of("$D\n$S\n" .. argument),
            ["b.c"] = head .. ("void use_$E(%s)\n{\n%s\n$U\n}\n"):format(parameter, get),
        },
    })
end

called("parameter", "$T data", "use_$E(data);", "")
called("parameter-pointer", "$T *at", "use_$E(&data);", "$T data = *at;")
called("parameter-void-pointer", "void *at", "use_$E(&data);", "$T *to = ($T *)at;\n$T data = *to;")
called("parameter-array", "$T list[]", "$T list[5];\nlist[2] = data;\nuse_$E(list);", "$T data = list[2];")
called("parameter-struct", "struct box_$E box", "struct box_$E box;\nbox.first = data;\nuse_$E(box);",
    "$T data = box.first;", "struct box_$E {\n$T first;\n};")
called("parameter-struct-pointer", "const struct box_$E *box", "struct box_$E box;\nbox.first = data;\nuse_$E(&box);",
    "$T data = box->first;", "struct box_$E {\nint kind;\n$T first;\n};")
add("parameter-old-style", {
    files = "static void use_$E(data, more)\n$T data;\nint more;\n{\n$U\n}\n" .. function_of("$D\n$S\n"
        .. "use_$E(data, 1);"),
})

--- Two shapes: the entry calls a function (its head, its body) of its own file, and one of another.
local function apart(name, head, body, entry, missed)
    local callee, caller = ("%s\n{\n%s\n}\n"):format(head, body), function_of(entry)
    add(name, { missed = missed, files = "static " .. callee .. caller })
    add(name .. "-file", { missed = missed, files = { ["a.c"] = head .. ";\n" .. caller, ["b.c"] = callee } })
end

apart("returned", "$T fill_$E($T data)", "$S\nreturn data;", "$D\ndata = fill_$E(data);\n$U")
apart("out-parameter", "void fill_$E($T *to)", "$T data = *to;\n$S\n*to = data;", "$D\nfill_$E(&data);\n$U",
    NOT_RETURNED)
add("out-struct", {
    missed = NOT_RETURNED,
    files = "struct box_$E {\nint kind;\n$T first;\n};\n"
        .. "static void fill_$E(struct box_$E *box)\n{\n$T data = box->first;\n$S\nbox->first = data;\n}\n"
        .. function_of "$D\nstruct box_$E box;\nbox.first = data;\nfill_$E(&box);\ndata = box.first;\n$U",
})
add("static-global", {
    files = "static $T kept_$E;\nstatic void use_$E(void)\n{\n$T data = kept_$E;\n$U\n}\n"
        .. function_of "$D\n$S\nkept_$E = data;\nuse_$E();",
})
add("other-global", {
    files = {
        ["a.c"] = "$T shared_$E;\nvoid use_$E(void);\n" .. function_of "$D\n$S\nshared_$E = data;\nuse_$E();",
        ["b.c"] = "extern $T shared_$E;\nvoid use_$E(void)\n{\n$T data = shared_$E;\n$U\n}\n",
    },
})
apart("function-pointer", "void use_$E($T data)", "$U", "$D\nvoid (*call)($T) = use_$E;\n$S\ncall(data);")
add("function-table", {
    files = "static void use_$E($T data)\n{\n$U\n}\nstatic void (*const table_$E[])($T) = { use_$E };\n"
        .. function_of "$D\n$S\ntable_$E[0](data);",
})
add("callback", {
    files = "static void use_$E($T data)\n{\n$U\n}\nstatic void with_$E(void (*call)($T), $T data)\n{\n"
        .. "call(data);\n}\n"
        .. function_of "$D\n$S\nwith_$E(use_$E, data);",
})
add("same-function", {
    common = { ["a.c"] = "static $T same($T data)\n{\nreturn data;\n}\n" },
    files = function_of "$D\n$S\ndata = same(data);\n$U",
    dead = { source = function_of "$D\n{\n$D\n$S\nsame(data);\n}\n$C\ndata = same(data);\n$U" },
})
add("recursion", {
    files = "static void use_$E($T data, int left)\n{\nif (left > 0) {\nuse_$E(data, left - 1);\nreturn;\n}\n$U\n}\n"
        .. function_of "$D\n$S\nuse_$E(data, 3);",
})
add("early-return", {
    files = "static $T fill_$E($T data)\n{\nif (rand() == 7) return data;\n$S\nreturn data;\n}\n"
        .. function_of "$D\ndata = fill_$E(data);\n$U",
})
add("header-inline", {
    files = { ["a.c"] = "#include \"use_$E.h\"\n" .. function_of "$D\n$S\nuse_$E(data);",
        ["use_$E.h"] = "static inline void use_$E($T data)\n{\n$U\n}\n" },
})

for length = 2, 5 do
    local files = {}
    for i = 1, length do
        local name, nextname = ("step%d_$E"):format(i - 1), ("step%d_$E"):format(i)
        local text = i < length and ("void %s($T data);\n"):format(nextname) or ""
        if i == 1 then
            text = text .. function_of(("$D\n$S\n%s(data);"):format(nextname))
        else
            text = text .. ("void %s($T data)\n{\n%s\n}\n"):format(name,
                i < length and nextname .. "(data);" or "$U")
        end
        files[("abcde"):sub(i, i) .. ".c"] = text
    end
    add("chain-" .. length, { files = files })
end
add("chain-both-ways", {
    files = {
        ["a.c"] = "$T fill_$E($T data);\nvoid pass_$E($T data);\n" .. function_of("$D\ndata = fill_$E(data);\n"
            .. "pass_$E(data);"),
        ["b.c"] = "$T more_$E($T data);\n$T fill_$E($T data)\n{\nreturn more_$E(data);\n}\n",
        ["c.c"] = "$T more_$E($T data)\n{\n$S\nreturn data;\n}\n",
        ["d.c"] = "void use_$E($T data);\nvoid pass_$E($T data)\n{\nuse_$E(data);\n}\n",
        ["e.c"] = "void use_$E($T data)\n{\n$U\n}\n",
    },
})

-- Memory, and structs that hold more than one thing.
add("heap-struct", {
    files = "struct box_$E {\nint kind;\n$T first;\n};\nstatic void use_$E(struct box_$E *box)\n{\n"
        .. "$T data = box->first;\n$U\n}\n"
        .. function_of("$D\nstruct box_$E *box = malloc(sizeof *box);\nif (box == NULL) exit(1);\n$S\n"
            .. "box->first = data;\n"
            .. "use_$E(box);\nfree(box);"),
})
add("list-node", {
    files = "struct node_$E {\nstruct node_$E *next;\n$T value;\n};\n"
        .. "static void use_$E(const struct node_$E *list)\n{\nconst struct node_$E *node;\n"
        .. "for (node = list; node != NULL; node = node->next) {\n$T data = node->value;\n$U\n}\n}\n"
        .. function_of "$D\nstruct node_$E node;\n$S\nnode.next = NULL;\nnode.value = data;\nuse_$E(&node);",
    -- A use in a loop is another one.
    except = { freed = true, closed = true },
})
add("array-of-structs", {
    files = "struct box_$E {\nint kind;\n$T first;\n};\n"
        .. function_of "$D\nstruct box_$E boxes[3];\n$S\nboxes[1].first = data;\n{\n$T data = boxes[1].first;\n$U\n}",
})
add("global-struct", {
    files = "static struct {\nint kind;\n$T first;\n} box_$E;\nstatic void use_$E(void)\n{\n"
        .. "$T data = box_$E.first;\n$U\n}\n"
        .. function_of "$D\n$S\nbox_$E.first = data;\nuse_$E();",
})
add("returned-struct", {
    missed = NOT_RETURNED,
    files = "struct box_$E {\nint kind;\n$T first;\n};\nstatic struct box_$E fill_$E($T data)\n{\n"
        .. "struct box_$E box;\n$S\n"
        .. "box.kind = 1;\nbox.first = data;\nreturn box;\n}\n"
        .. function_of "$D\nstruct box_$E box = fill_$E(data);\n{\n$T data = box.first;\n$U\n}",
})
add("returned-struct-file", {
    missed = NOT_RETURNED,
    files = {
        ["a.c"] = "struct box_$E {\nint kind;\n$T first;\n};\nstruct box_$E fill_$E($T data);\n"
            .. function_of "$D\nstruct box_$E box = fill_$E(data);\n{\n$T data = box.first;\n$U\n}",
        ["b.c"] = "struct box_$E {\nint kind;\n$T first;\n};\nstruct box_$E fill_$E($T data)\n{\n"
            .. "struct box_$E box;\n$S\n"
            .. "box.kind = 1;\nbox.first = data;\nreturn box;\n}\n",
    },
})
add("copied-pointer", {
    missed = { freed = AS_BYTES, closed = AS_BYTES, memory = AS_BYTES, record = AS_BYTES, null = AS_BYTES,
        stream = AS_BYTES },
    files = function_of("$D\n$T copy;\n$S\nmemcpy(&copy, &data, sizeof data);\n{\n"
    .. "$T data = copy;\n$U\n}"),
})
add("two-pointers", {
    missed = { text = TOO_DEEP, wide = TOO_DEEP },
    files = "static void use_$E($T **at)\n{\n$T data = **at;\n$U\n}\n"
        .. function_of "$D\n$T *one = &data;\n$S\nuse_$E(&one);",
})
add("returned-pointer", {
    files = "static $T kept_$E;\nstatic $T *place_$E(void)\n{\nreturn &kept_$E;\n}\n"
        .. function_of "$D\n$S\n*place_$E() = data;\n{\n$T data = *place_$E();\n$U\n}",
})
add("set-and-get", {
    missed = NOT_RETURNED,
    files = {
        ["a.c"] = "void set_$E($T data);\n$T get_$E(void);\n"
            .. function_of "$D\n$S\nset_$E(data);\n{\n$T data = get_$E();\n$U\n}",
        ["b.c"] = "static $T kept_$E;\nvoid set_$E($T data)\n{\nkept_$E = data;\n}\n$T get_$E(void)\n{\n"
            .. "return kept_$E;\n}\n",
    },
})
add("operations", {
    files = "struct operations_$E {\nvoid (*first)($T);\nvoid (*second)($T);\n};\n"
        .. "static void use_$E($T data)\n{\n$U\n}\nstatic void other_$E($T data)\n{\n"
            .. "if (sizeof data > 1) puts(\"nothing\");\n}\n"
        .. "static const struct operations_$E all_$E = { other_$E, use_$E };\n"
        .. function_of "$D\nconst struct operations_$E *how = &all_$E;\n$S\nhow->second(data);",
})
add("chosen-function", {
    files = "static void use_$E($T data)\n{\n$U\n}\nstatic void (*choose_$E(void))($T)\n{\nreturn use_$E;\n}\n"
        .. function_of "$D\n$S\nchoose_$E()(data);",
})
add("qualified", {
    files = "static void use_$E($T const volatile given)\n{\n$T data = given;\n$U\n}\n"
        .. function_of "$D\n$S\nregister $T copy = data;\nuse_$E(copy);",
})
add("static-local", {
    missed = NOT_RETURNED,
    -- What was kept before may be there still, so the pointer points to several places, which no test of it cleans.
    wrong = { text = "a text behind one of several pointers", wide = "a text behind one of several pointers" },
    files = "static $T keep_$E(int set, $T data)\n{\nstatic $T kept;\nif (set) kept = data;\nreturn kept;\n}\n"
        .. function_of "$D\n$S\nkeep_$E(1, data);\n{\n$T data = keep_$E(0, 0);\n$U\n}",
})

-- Ways through a function.
add("nested", {
    files = function_of("$D\nif (rand() > 2) {\nif (rand() > 3) {\n$S\n} else {\n$C\n}\n}\n"
        .. "if (rand() > 4) {\nwhile (rand() > 5) {\n$U\nbreak;\n}\n}"),
})
add("fall-through", {
    files = function_of("$D\nswitch (rand() % 3) {\ncase 0:\n$S\n/* fall through */\ncase 1:\n$U\nbreak;\n"
        .. "default:\nputs(\"nothing\");\n}"),
})
add("backwards", {
    files = function_of("$D\nint filled = 0;\nagain:\nif (filled) goto finish;\n{\n$S\n}\nfilled = 1;\ngoto again;\n"
        .. "finish:\n$U"),
})
add("continue", {
    files = function_of("$D\n$S\nfor (int turn = 0; turn < 3; turn++) {\nif (turn != 1) continue;\n$U\n}"),
    except = { freed = true, closed = true },
})
add("preprocessor", {
    common = { ["a.c"] = "#define LEVEL 2\n" },
    files = function_of "$D\n#if LEVEL > 1 && defined(LEVEL)\n$S\n#else\n$C\n#endif\n#ifdef LEVEL\n$U\n#endif",
    dead = { source = function_of "$D\n#if LEVEL > 2\n$S\n#else\n$C\n#endif\n$U" },
})
add("both-and-neither", {
    common = { ["a.c"] = "static int is_set(int a, int b)\n{\nreturn a && !b;\n}\n" },
    files = function_of "$D\nif (is_set(1, 0)) {\n$S\n}\nif (!is_set(0, 0)) {\n$U\n}",
})
add("condition-kept", {
    files = function_of "$D\nint yes = 1;\nconst int no = !yes;\nif (yes) {\n$S\n}\nif (!no) {\n$U\n}",
    dead = { source = function_of("$D\nint yes = 1;\nconst int no = !yes;\nif (no) {\n$S\n} else {\n$C\n}\n"
        .. "if (yes) {\n$U\n}") },
})
add("early-exit", {
    files = function_of "$D\n$S\nif (rand() == 1) return;\nif (rand() == 2) {\nputs(\"nothing\");\n} else {\n$U\n}",
})

-- Macros.
local function one_line(text)
    return (text:gsub("\n", " "))
end
add("macro-alias", {
    edit = function(entry)
        local first
        entry.U = entry.U:gsub("([%a_][%w_]*)(%()", function(name, open)
            if not first and not ({ ["if"] = 1, ["for"] = 1, ["while"] = 1, ["sizeof"] = 1, ["strlen"] = 1 })[name] then
                first = name
            end
            return name == first and "CALLED" .. open or nil
        end)
        return first and ("#undef CALLED\n#define CALLED %s\n"):format(first) or ""
    end,
    files = function_of "$D\n$S\n$U",
})
add("macro-value", {
    edit = function(entry)
        entry.U = entry.U:gsub("%f[%w_]data%f[^%w_]", "VALUE")
        return "#undef VALUE\n#define VALUE data\n"
    end,
    files = function_of "$D\n$S\n$U",
})
add("macro-source", {
    edit = function(entry)
        local text = ("#define FILL_%s(data) do { %s } while (0)\n"):format(entry.E, one_line(entry.S))
        entry.S = ("FILL_%s(data);"):format(entry.E)
        return text
    end,
    files = function_of "$D\n$S\n$U",
})
add("macro-use", {
    edit = function(entry)
        local text = ("#define USE_%s(data) do { %s } while (0)\n"):format(entry.E,
            one_line(entry.U:gsub("/%*.-%*/", "")))
        local mark = entry.U:match "/%*.-%*/" or ""
        entry.U = ("USE_%s(data); %s"):format(entry.E, mark)
        return text
    end,
    files = function_of "$D\n$S\n$U",
})
add("macro-room", {
    common = { ["a.c"] = "#define DECLARE(name, value) $T name = value\n" },
    files = function_of "$D\n$S\nDECLARE(copy, data);\n{\nDECLARE(data, copy);\n$U\n}",
})

return M
