# hunch: one GNU Makefile, everything it makes lies in $(BUILD).
#
#   make            build/hunch, build/libhunch.{so,a}, build/lua/hunch/{core,native}.so
#   make help       the targets
#
# Override on the command line: CC=clang, CFLAGS="-O3 -g", WERROR= (warnings stay warnings),
# BUILD=folder, PREFIX=, DESTDIR=, JOBS=, NVCC= (no kernels compiled at build time).

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
AR ?= ar
LUA ?= lua5.4
BUSTED ?= busted
LUACHECK ?= luacheck
CLANG_FORMAT ?= clang-format
PKG_CONFIG ?= pkg-config
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

BUILD ?= build
CFLAGS ?= -O2 -g
CXXFLAGS ?= -O2 -g
LDFLAGS ?=
WERROR ?= -Werror
PREFIX ?= /usr/local
DESTDIR ?=
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
LUA_SHARE ?= $(DATADIR)/lua/5.4
LUA_LIB ?= $(LIBDIR)/lua/5.4
RULES_DIR ?= $(DATADIR)/hunch/rules

# --- versions -----------------------------------------------------------------------------------
# The header is the one place that holds the version.
version_of = $(shell sed -n 's/^\#define HUNCH_VERSION_$(1) *\([0-9][0-9]*\).*/\1/p' runtime/hunch.h 2>/dev/null)
VERSION_MAJOR := $(or $(call version_of,MAJOR),0)
VERSION := $(VERSION_MAJOR).$(or $(call version_of,MINOR),1).$(or $(call version_of,PATCH),0)
SONAME := libhunch.so.$(VERSION_MAJOR)

# --- what other packages give; evaluated once, when a recipe first needs it -----------------------
once = $(eval $(1) := $(2))$($(1))
LUA_PC = $(call once,LUA_PC,$(or $(firstword $(foreach p,lua5.4 lua-5.4 lua54,$(shell $(PKG_CONFIG) --exists $(p) 2>/dev/null && echo $(p)))),lua5.4))
PACKAGES = $(LUA_PC) lua5.4-lpeg lua5.4-cjson libhs tree-sitter
DEP_CFLAGS = $(call once,DEP_CFLAGS,$(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null))
DEP_LIBS = $(call once,DEP_LIBS,$(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null))
RE2_LIBS = $(call once,RE2_LIBS,$(or $(shell $(PKG_CONFIG) --libs re2 2>/dev/null),-lre2))

# --- flags --------------------------------------------------------------------------------------
, := ,
SAN_FLAGS := $(if $(SAN),-fsanitize=address$(,)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
WARNINGS := -Wall -Wextra -Wshadow $(WERROR)
# Empty, as a source that defines it by itself has it.
C_ONLY := -std=c11 -Wstrict-prototypes -D_GNU_SOURCE=
CXX_ONLY := -std=c++17
COMMON = -fPIC -fvisibility=hidden -pthread -Iruntime -Ikernels $(SAN_FLAGS)
# The packages' headers are system headers: their warnings are not ours.
ALL_CFLAGS = $(C_ONLY) $(WARNINGS) $(COMMON) $(patsubst -I%,-isystem %,$(DEP_CFLAGS)) $(CFLAGS)
ALL_CXXFLAGS = $(CXX_ONLY) $(WARNINGS) $(COMMON) $(patsubst -I%,-isystem %,$(DEP_CFLAGS)) $(CXXFLAGS)
LIBS = $(DEP_LIBS) -lm -ldl
# The sanitizers' own symbols stay undefined in a shared library, and a library that is unloaded
# before the leak check would leave what its globals hold as leaks without names.
SO_FLAGS := -shared $(if $(SAN),-Wl$(,)-z$(,)nodelete,-Wl$(,)-z$(,)defs)
MODULE_FLAGS := -shared $(if $(SAN),-Wl$(,)-z$(,)nodelete)

# --- sources ------------------------------------------------------------------------------------
LIB_C := $(sort $(filter-out runtime/main.c,$(wildcard runtime/*.c runtime/graph/*.c)))
# Languages whose sources are read; each has a front end in runtime/graph and a grammar of tree-sitter, which is not
# part of the tree: spec/support/grammars.sh brings it. Without it the language is not built in.
LANGUAGES := c java javascript python
GRAMMAR_O := $(LANGUAGES:%=$(BUILD)/obj/grammar/%.o)
EMBEDDED_O := $(BUILD)/obj/embedded_lua.o $(BUILD)/obj/embedded_kernels.o $(BUILD)/obj/embedded_fatbins.o
LIB_O := $(LIB_C:%.c=$(BUILD)/obj/%.o) $(EMBEDDED_O) $(GRAMMAR_O)
MAIN_O := $(BUILD)/obj/runtime/main.o
LUA_SOURCES := $(sort $(shell find lua/hunch -name '*.lua' 2>/dev/null))
KERNEL_SOURCES := $(sort $(wildcard kernels/*.cu kernels/*.h))
# spec/support/NAME.c, .cc: a program build/spec/NAME; a name that ends in _module is a Lua module,
# build/lua/support/NAME_module.so. Both are linked with libhunch.a and see hidden symbols too.
SPEC_C := $(sort $(wildcard spec/support/*.c))
SPEC_CC := $(sort $(wildcard spec/support/*.cc))
SPEC_MODULES := $(patsubst spec/support/%,$(BUILD)/lua/support/%.so,$(basename $(filter %_module.c %_module.cc,$(SPEC_C) $(SPEC_CC))))
SPEC_PROGRAMS := $(patsubst spec/support/%,$(BUILD)/spec/%,$(basename $(filter-out %_module.c %_module.cc,$(SPEC_C) $(SPEC_CC))))
# Kernels, compiled for the host (kernels/emulator), go with the emulator into one module of the specs.
KERNELS := $(sort $(wildcard kernels/*.cu))
SIMT_O := $(patsubst %,$(BUILD)/obj/%.o,$(KERNELS) $(sort $(wildcard spec/kernels/*.cu examples/*/*.cu)) \
            $(basename $(sort $(wildcard kernels/emulator/*.cc))))
# Kernels that scans run are compiled at build time where there is an nvcc: that of make cuda-toolchain, of
# CUDA_HOME, or on PATH.
CUDA ?= $(BUILD)/cuda
NVCC ?= $(firstword $(wildcard $(CUDA)/bin/nvcc $(CUDA_HOME:%=%/bin/nvcc)) $(shell command -v nvcc 2>/dev/null))
NVCC_FILE := $(if $(NVCC),$(shell command -v '$(NVCC)' 2>/dev/null))
FATBINS := $(if $(NVCC_FILE),$(patsubst kernels/%,$(BUILD)/fatbin/%.fatbin,$(filter-out kernels/tiles.cu,$(KERNELS))))
FORMATTED := $(sort $(wildcard runtime/*.[ch] runtime/graph/*.[ch] kernels/*.h kernels/*.cu kernels/emulator/*.h kernels/emulator/*.cc examples/*/*.[ch] examples/*/*.cu spec/support/*.[ch] spec/support/*.cc spec/kernels/*.cu))

PRODUCTS := $(BUILD)/hunch $(BUILD)/libhunch.so $(BUILD)/libhunch.a $(BUILD)/$(SONAME) \
            $(BUILD)/lua/hunch/core.so $(BUILD)/lua/hunch/native.so $(BUILD)/pkgconfig/hunch.pc

.PHONY: all deps demo test soak peers bench golden lint format asan asan-build spec-programs install install-only \
        uninstall env help clean gpu-check gpu-bench cuda-toolchain grammars kernels-check check-deps force

all: $(PRODUCTS)

# A file that is rewritten only when its text changes: what depends on it is made again then.
define keep_if_same
@mkdir -p $(@D); printf '%s\n' $(1) > $@.new; \
if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
endef

$(BUILD)/flags: force
	$(call keep_if_same,'$(CC) $(CXX) $(ALL_CFLAGS) | $(ALL_CXXFLAGS) | $(LDFLAGS) $(LIBS) $(SONAME)')

$(BUILD)/lua.list: force
	$(call keep_if_same,$(LUA_SOURCES))

$(BUILD)/obj.list: force
	$(call keep_if_same,$(LIB_O))

$(BUILD)/simt.list: force
	$(call keep_if_same,$(SIMT_O))

# One sentence for each missing package, and the build stops before the first compiler call.
$(BUILD)/deps.ok: spec/support/deps.sh
	@mkdir -p $(@D)
	@spec/support/deps.sh check build
	@touch $@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Graphs and units that are kept on disk are those of the sources that made them.
FRONT_ENDS := $(sort $(wildcard runtime/graph/*.[ch])) runtime/witness.h kernels/dominance_tile.h \
	kernels/flow_tile.h kernels/solve.h spec/support/grammars.txt
GRAPH_STORES := $(patsubst %,$(BUILD)/obj/runtime/graph/%.o,store unit_store)
$(GRAPH_STORES): $(FRONT_ENDS)
$(GRAPH_STORES): private ALL_CFLAGS += -DHUNCH_GRAPH_BUILD='"$(shell { cat $(FRONT_ENDS); echo $(LANGUAGES); } | sha256sum | cut -c1-32)"'

$(BUILD)/obj/%.o: %.cc $(BUILD)/flags | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(CXX) $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/%.cu.o: %.cu $(BUILD)/flags | $(BUILD)/deps.ok
	@mkdir -p $(@D)
	$(CXX) $(ALL_CXXFLAGS) -DHUNCH_EMULATOR -MMD -MP -c -o $@ -x c++ $<

# Tried once: a build without network goes on without the languages whose grammars are not there.
$(BUILD)/grammars.tried: spec/support/grammars.sh spec/support/grammars.txt | $(BUILD)/deps.ok
	@spec/support/grammars.sh fetch '$(BUILD)/grammars' $(LANGUAGES)
	@touch $@

grammars:
	@rm -f $(BUILD)/grammars.tried
	@$(MAKE) --no-print-directory $(BUILD)/grammars.tried

# A grammar that is not there is a function that returns NULL. One translation unit each; its warnings are not ours.
$(GRAMMAR_O): $(BUILD)/obj/grammar/%.o: $(BUILD)/grammars.tried $(BUILD)/flags
	@mkdir -p $(@D)
	@if [ -f $(BUILD)/grammars/$*/src/parser.c ]; then \
	    echo '#define tree_sitter_$* hunch_grammar_$*'; \
	    echo '#include "parser.c"'; \
	    [ ! -f $(BUILD)/grammars/$*/src/scanner.c ] || echo '#include "scanner.c"'; \
	else \
	    echo 'const void *hunch_grammar_$*(void); const void *hunch_grammar_$*(void) { return 0; }'; \
	fi > $(BUILD)/obj/grammar/$*.c
	$(CC) -std=c11 -O2 -w -fPIC -fvisibility=hidden -DTREE_SITTER_HIDE_SYMBOLS -I$(BUILD)/grammars/$*/src -c -o $@ $(BUILD)/obj/grammar/$*.c

$(BUILD)/embedded_lua.c: runtime/embed.lua $(LUA_SOURCES) $(BUILD)/lua.list | $(BUILD)/deps.ok
	$(LUA) runtime/embed.lua -o $@ $(LUA_SOURCES)

$(BUILD)/embedded_kernels.c: runtime/embed.lua $(KERNEL_SOURCES) | $(BUILD)/deps.ok
	$(LUA) runtime/embed.lua -o $@ $(KERNEL_SOURCES)

$(BUILD)/fatbin.list: force
	$(call keep_if_same,'$(NVCC_FILE)' $(FATBINS))

$(BUILD)/fatbin/%.fatbin: kernels/% runtime/fatbin.sh $(NVCC_FILE)
	@mkdir -p $(@D)
	@runtime/fatbin.sh compile '$(NVCC_FILE)' '$(CXX)' $< $@

$(BUILD)/embedded_fatbins.c: runtime/embed.lua runtime/fatbin.sh $(FATBINS) $(BUILD)/fatbin.list | $(BUILD)/deps.ok
	@$(LUA) runtime/embed.lua -o $@ -t "$$([ -z '$(NVCC_FILE)' ] || runtime/fatbin.sh targets '$(NVCC_FILE)')" $(FATBINS)

$(EMBEDDED_O): $(BUILD)/obj/%.o: $(BUILD)/%.c runtime/embedded.h $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/libhunch.a: $(LIB_O) $(BUILD)/obj.list
	@rm -f $@
	$(AR) rcsD $@ $(LIB_O)

$(BUILD)/libhunch.so: $(LIB_O) $(BUILD)/obj.list
	$(CC) $(ALL_CFLAGS) $(SO_FLAGS) -Wl,-soname,$(SONAME) -o $@ $(LIB_O) $(LDFLAGS) $(LIBS)

$(BUILD)/$(SONAME): $(BUILD)/libhunch.so
	ln -sfn libhunch.so $@

$(BUILD)/hunch: $(MAIN_O) $(BUILD)/libhunch.a
	$(CC) $(ALL_CFLAGS) -o $@ $(MAIN_O) $(BUILD)/libhunch.a $(LDFLAGS) $(LIBS)

# The Lua modules hold nothing: luaopen_hunch_core and luaopen_hunch_native are libhunch's, and
# dlsym looks into what a library depends on. The run paths are those of the build folder and of
# an installation (LIBDIR/lua/5.4/hunch).
$(BUILD)/lua/hunch/%.so: $(BUILD)/libhunch.so | $(BUILD)/$(SONAME)
	@mkdir -p $(@D)
	$(CC) $(MODULE_FLAGS) $(SAN_FLAGS) -o $@ -Wl,--no-as-needed -L$(BUILD) -lhunch \
	    '-Wl,-rpath,$$ORIGIN/../..:$$ORIGIN/../../..' $(LDFLAGS)

# For programs that are built against the build folder; `make install` writes the real one.
$(BUILD)/pkgconfig/hunch.pc: runtime/hunch.pc.in $(BUILD)/flags
	@mkdir -p $(@D)
	sed -e 's|@PREFIX@|$(CURDIR)|' -e 's|@LIBDIR@|$(abspath $(BUILD))|' -e 's|@INCLUDEDIR@|$(CURDIR)/runtime|' \
	    -e 's|@VERSION@|$(VERSION)|' -e 's|@PACKAGES@|$(PACKAGES)|' $< > $@

# --- programs and modules of the specs -----------------------------------------------------------
spec-programs: $(SPEC_PROGRAMS) $(SPEC_MODULES)

# C++ here is for RE2.
SPEC_LIBS = $(if $(wildcard spec/support/$*.cc),$(RE2_LIBS))

$(BUILD)/spec/%: $(BUILD)/obj/spec/support/%.o $(BUILD)/libhunch.a
	@mkdir -p $(@D)
	$(CXX) $(SAN_FLAGS) -pthread -o $@ $< $(BUILD)/libhunch.a $(LDFLAGS) $(SPEC_LIBS) $(LIBS)

# The archive lends a module what it uses of libhunch's inside; most use nothing of it.
$(BUILD)/lua/support/%.so: $(BUILD)/obj/spec/support/%.o $(BUILD)/libhunch.a
	@mkdir -p $(@D)
	$(CXX) $(MODULE_FLAGS) $(SAN_FLAGS) -pthread -o $@ $(filter %.o,$^) $(BUILD)/libhunch.a $(LDFLAGS) $(SPEC_LIBS) -Wl,--as-needed $(LIBS)

$(patsubst %,$(BUILD)/lua/support/%_module.so,simt device fake_cuda flow): $(SIMT_O) $(BUILD)/simt.list

.SECONDARY:

# --- using it -----------------------------------------------------------------------------------
SPEC_ENV = HUNCH_BUILD='$(BUILD)' LUA='$(LUA)' BUSTED='$(BUSTED)' CC='$(CC)' JOBS='$(JOBS)'
RUN_SPECS = $(SPEC_ENV) spec/support/run_specs.sh

deps:
	@spec/support/deps.sh install build graph

demo:
	@spec/support/deps.sh ensure build
	@$(MAKE) --no-print-directory all
	@spec/support/demo.sh '$(BUILD)'

test:
	@spec/support/deps.sh ensure build graph test
	@$(MAKE) --no-print-directory all spec-programs
	@$(RUN_SPECS) test

soak: all spec-programs
	@$(RUN_SPECS) soak

peers: all spec-programs
	@spec/support/deps.sh ensure peers
	@$(RUN_SPECS) peers

golden: all
	@HUNCH_GOLDEN=write $(RUN_SPECS) golden
	@git --no-pager diff --stat -- spec/golden 2>/dev/null || true

bench: all
	@HUNCH_BUILD='$(BUILD)' LUA='$(LUA)' python3 spec/bench/bench.py $(BENCH_ARGS)

lint:
	@spec/support/deps.sh check lint
	@status=0; \
	echo '$(LUACHECK) lua rules runtime spec examples'; \
	$(LUACHECK) --quiet lua rules runtime spec examples || status=1; \
	echo '$(CLANG_FORMAT) --dry-run -Werror, $(words $(FORMATTED)) files'; \
	$(CLANG_FORMAT) --dry-run -Werror $(FORMATTED) || status=1; \
	exit $$status

format:
	$(CLANG_FORMAT) -i $(FORMATTED)

# The same specs, the library under AddressSanitizer and UBSan.
ASAN_BUILD := build/asan
asan-build:
	@$(MAKE) --no-print-directory BUILD=$(ASAN_BUILD) CC=gcc CXX=g++ SAN=1 CFLAGS='-O1 -g' CXXFLAGS='-O1 -g' all spec-programs

asan: asan-build
	@$(SPEC_ENV) CC=gcc HUNCH_BUILD=$(ASAN_BUILD) HUNCH_SAN=1 spec/support/run_specs.sh test

# --- CUDA's compilers; neither the build nor the library needs them --------------------------------
cuda-toolchain:
	@spec/support/cuda_toolchain.sh install '$(BUILD)/cuda'

kernels-check: $(BUILD)/spec/nvrtc_compile $(BUILD)/spec/variant_sources
	@CXX='$(CXX)' spec/support/kernels_check.sh '$(CUDA)' '$(BUILD)'

gpu-check: all spec-programs
	@$(RUN_SPECS) gpu

gpu-bench: all spec-programs
	@HUNCH_BUILD='$(BUILD)' python3 spec/bench/gpu_bench.py $(GPU_BENCH_ARGS)

env:
	@echo "export PATH='$(abspath $(BUILD))':\"\$$PATH\""
	@echo "export LUA_PATH='$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;'\"\$${LUA_PATH:-;}\""
	@echo "export LUA_CPATH='$(abspath $(BUILD))/lua/?.so;'\"\$${LUA_CPATH:-;}\""
	@echo "export LD_LIBRARY_PATH='$(abspath $(BUILD))'\"\$${LD_LIBRARY_PATH:+:\$$LD_LIBRARY_PATH}\""
	@echo "export PKG_CONFIG_PATH='$(abspath $(BUILD))/pkgconfig'\"\$${PKG_CONFIG_PATH:+:\$$PKG_CONFIG_PATH}\""

D = $(DESTDIR)
install: all install-only

# Copies what is built; builds nothing.
install-only:
	install -d '$D$(BINDIR)' '$D$(LIBDIR)/pkgconfig' '$D$(INCLUDEDIR)' '$D$(LUA_LIB)/hunch' '$D$(RULES_DIR)'
	install -m 755 $(BUILD)/hunch '$D$(BINDIR)/hunch'
	install -m 644 runtime/hunch.h '$D$(INCLUDEDIR)/hunch.h'
	install -m 644 $(BUILD)/libhunch.a '$D$(LIBDIR)/libhunch.a'
	install -m 755 $(BUILD)/libhunch.so '$D$(LIBDIR)/libhunch.so.$(VERSION)'
	ln -sfn libhunch.so.$(VERSION) '$D$(LIBDIR)/$(SONAME)'
	ln -sfn $(SONAME) '$D$(LIBDIR)/libhunch.so'
	install -m 755 $(BUILD)/lua/hunch/core.so $(BUILD)/lua/hunch/native.so '$D$(LUA_LIB)/hunch/'
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
	    -e 's|@VERSION@|$(VERSION)|' -e 's|@PACKAGES@|$(PACKAGES)|' runtime/hunch.pc.in > '$D$(LIBDIR)/pkgconfig/hunch.pc'
	cd lua && find hunch -name '*.lua' -exec install -D -m 644 '{}' '$(abspath $D/)$(LUA_SHARE)/{}' \;
	cd rules && find . -type f -exec install -D -m 644 '{}' '$(abspath $D/)$(RULES_DIR)/{}' \;

uninstall:
	rm -f '$D$(BINDIR)/hunch' '$D$(INCLUDEDIR)/hunch.h' '$D$(LIBDIR)/libhunch.a' '$D$(LIBDIR)/libhunch.so' \
	    '$D$(LIBDIR)/$(SONAME)' '$D$(LIBDIR)/libhunch.so.$(VERSION)' '$D$(LIBDIR)/pkgconfig/hunch.pc'
	rm -rf '$D$(LUA_LIB)/hunch' '$D$(LUA_SHARE)/hunch' '$D$(RULES_DIR)'
	-rmdir '$D$(dir $(RULES_DIR))' 2>/dev/null

clean:
	rm -rf $(BUILD)

help:
	@echo 'make            build/hunch, build/libhunch.{so,a} and the Lua modules'
	@echo 'make deps       install what the build needs from the distribution (root or sudo)'
	@echo 'make demo       deps, build, scan examples/tree with the shipped rules, show the findings'
	@echo 'make test       every spec and every example program (within 10 minutes on 2 cores)'
	@echo 'make soak       the long comparisons: random rules and patterns, floods, large files'
	@echo 'make peers      what needs the data of other tools in ../shared (HUNCH_SHARED=folder)'
	@echo 'make bench      throughput, compile and load times, memory (BENCH_ARGS=--help)'
	@echo 'make golden     write spec/golden again; review the diff'
	@echo 'make lint       luacheck and clang-format'
	@echo 'make format     lets clang-format rewrite the C sources'
	@echo 'make asan       the specs again with the library under AddressSanitizer and UBSan'
	@echo 'make install    PREFIX=/usr/local DESTDIR=; make uninstall takes it away'
	@echo 'make -s env     the exports with which a shell uses the build folder'
	@echo 'make grammars   the grammars of tree-sitter, again, after a build without network'
	@echo 'make cuda-toolchain   nvcc and NVRTC into the build folder, where the distribution has none; the next make'
	@echo '                then compiles the kernels, as with any nvcc on PATH or in CUDA_HOME (NVCC= does not)'
	@echo 'make kernels-check    compiles kernels/*.cu for every architecture and with NVRTC (CUDA=folder)'
	@echo 'make gpu-check         the specs of the backend cuda; needs a GPU'
	@echo 'make gpu-bench         what a GPU does for hunch, table by table (GPU_BENCH_ARGS=--help); needs a GPU'
	@echo 'make clean      removes the build folder'

-include $(wildcard $(LIB_O:.o=.d) $(MAIN_O:.o=.d) $(FATBINS:=.d) $(BUILD)/obj/spec/support/*.d $(SIMT_O:.o=.d))
