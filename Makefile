# SPDX-License-Identifier: MIT
# glasschat: `make help` lists the targets.
#
# Everything that is built lands under $(BUILD). Options, each `make NAME=value`:
#   CC=clang          the compiler                    STRICT=1      warnings are errors
#   SANITIZE=LIST     e.g. address,undefined          COVERAGE=1    count lines (gcc)
#   LIBEDIT=no        the client without libedit      PORTABLE=1    only what every POSIX system has; char is unsigned
#   LIBCRYPTO=no      `make bench` without OpenSSL, LIBNETTLE=no without nettle, LIBGCRYPT=no without libgcrypt
#   TELLING=no        `make test` without the tests of what only shows things
#   FOLDERS=LIST      `make test` with only the tests of what is in these folders, e.g. "crypto net"
#   BUILD=DIR         another folder for objects: give one to each set of options that you keep
#   TEST_SECONDS=N    `make test` ends a program that runs for longer than that, and names it
#   PREFIX, DESTDIR   where `make install` puts things

# A rule that nobody asks for; the make of the BSDs takes it for its .error, and says these words.
.error : this is for GNU make, which is called gmake here, use gmake

BUILD  ?= build
PREFIX ?= /usr/local
CC     ?= cc
AR     ?= ar
OPT    ?= -O2 -g

# --- Flags ------------------------------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
HARDEN   := -fstack-protector-strong -fPIE
HARDENED := -pie -Wl,-z,relro,-z,now

CFLAGS_ALL  = -std=c11 -D_DEFAULT_SOURCE -I. $(OPT) $(WARNINGS) $(HARDEN) -MMD -MP -pthread $(CFLAGS)
LDFLAGS_ALL = $(HARDENED) -pthread $(LDFLAGS)
LIBS        = -lgmp -lm

ifeq ($(STRICT),1)
CFLAGS_ALL += -Werror
endif
ifneq ($(SANITIZE),)
CFLAGS_ALL  += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS_ALL += -fsanitize=$(SANITIZE)
else ifeq ($(COVERAGE),)
CFLAGS_ALL  += -D_FORTIFY_SOURCE=2
endif
ifeq ($(COVERAGE),1)
CFLAGS_ALL  += --coverage -O0
LDFLAGS_ALL += --coverage
endif
# What depends on whether a char is signed, as it is here and is not on ARM and s390x, fails with one of the two builds.
ifeq ($(PORTABLE),1)
CFLAGS_ALL  += -DGLASSCHAT_PORTABLE -funsigned-char
endif

# If `deps` is one of the goals, everything that compiles waits for it.
ifneq ($(filter deps deps-check deps-check-all,$(MAKECMDGOALS)),)
WAIT := $(filter deps deps-check deps-check-all,$(MAKECMDGOALS))
endif

# How a target that builds in other folders calls make: a job for each processor, unless it was itself told how many.
PARALLEL = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell getconf _NPROCESSORS_ONLN))

# What single files get besides: FLAGS_<name of the file>. Bitsliced code is loops over 8 words that should stay in
# registers: unrolled it is twice as fast, and half as fast where gcc 12 moves some of the words to vectors and back.
FLAGS_aes_bitslice := -funroll-loops -fno-tree-vectorize

# Flags for a backend's file on the processors that it is for. No other file gets these: the same binary must run on a
# machine that has none of these instructions.
FLAGS_x86_64_aes_ni    := -maes -msse4.1
FLAGS_x86_64_aes_vaes  := -maes -mvaes -mavx512f -mavx512bw -mavx512vl
FLAGS_x86_64_sha256_ni := -msha -msse4.1 -mno-avx
FLAGS_x86_64_bignum_ifma := -mavx512f -mavx512ifma
FLAGS_x86_64_sha256_x2 := -msha -msse4.1 -mno-avx
FLAGS_x86_64_sha256_x16 := -mavx512f -mavx512bw -mavx512vl
FLAGS_x86_64_pbkdf2_ni := -msha -msse4.1 -mno-avx
FLAGS_x86_64_etm_ni    := -maes -msha -msse4.1 -mno-avx
FLAGS_aarch64_aes_armv8    := -march=armv8-a+crypto
FLAGS_aarch64_sha256_armv8 := -march=armv8-a+crypto

# --- What is built of what --------------------------------------------------------------------------------------------

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out %/main.c,$(wildcard $(1)/*.c)))

SERVER    := server operator store base
# Each archive may use those to its right: the floors of the tree, from the top down.
ARCHIVES  := client line $(SERVER) practice grade exercises check primitives figures explain bench load attacks workbench labs sandbox terminal dissect peer message net crypto
DIR_client     := app/client
DIR_line       := app/client/line
DIR_server     := app/server
DIR_operator   := app/server/operator
DIR_store      := app/server/store
DIR_base       := app/server/base
DIR_practice   := app/workbench/practice
DIR_grade      := app/workbench/grade
DIR_exercises  := app/workbench/exercises
DIR_check      := app/workbench/check
DIR_primitives := app/workbench/primitives
DIR_figures    := app/workbench/figures
DIR_explain    := app/workbench/explain
DIR_bench      := app/workbench/bench
DIR_load       := app/workbench/load
DIR_attacks    := app/workbench/attacks
DIR_workbench  := app/workbench
DIR_labs       := app/workbench/labs
DIR_sandbox    := app/sandbox
DIR_terminal   := app/terminal
DIR_dissect    := app/dissect
DIR_peer       := app/peer
DIR_message    := app/message
DIR_net        := net
DIR_crypto     := crypto
archives  = $(foreach a,$(1),$(BUILD)/$(a).a)

PROGRAMS  := $(BUILD)/glasschatd $(BUILD)/glasschat $(BUILD)/glass
# The tests of what only shows things. No twin of another system takes part in them, so that TELLING=no leaves them out
# where just these twins are looked at.
TELLING   ?= yes
TELLING_TESTS := $(wildcard tests/test_dissect*.c tests/test_explain_*.c tests/test_figure*.c tests/test_narrator*.c \
                   tests/test_page.c tests/test_pcap*.c tests/test_recording.c tests/test_show.c tests/test_story.c)
# Those of a part are tests/test_<part>.c and tests/test_<part>_<what>.c.
PARTS     := $(notdir $(basename $(foreach folder,$(FOLDERS),$(wildcard $(folder)/*.c))))
TESTS     := $(patsubst tests/%.c,$(BUILD)/tests/%,$(filter-out $(if $(filter no,$(TELLING)),$(TELLING_TESTS)), \
               $(sort $(wildcard $(if $(FOLDERS),$(PARTS:%=tests/test_%.c) $(PARTS:%=tests/test_%_*.c),tests/test_*.c)))))
CAVP_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/cavp/cavp_*.c))
TEST_HELP := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out $(wildcard tests/test_*.c),$(wildcard tests/*.c)))

# Of crypto/ and net/, what the exercises are given: app/workbench/exercises says which one gets what.
KIT_GIVEN := crypto/aes crypto/bignum crypto/bytes crypto/cbc crypto/ct crypto/dh_comb crypto/dh_group crypto/hkdf \
             crypto/hmac crypto/pkcs7 crypto/sha1 crypto/sha256 crypto/sha256_ref net/frame net/trace

# And of app/ the headers of what is written anew, with those that they include.
KIT_APP := app/message/name.h app/peer/room_list.h app/peer/sender_key.h

.DEFAULT_GOAL := all
.PHONY: all
all: $(PROGRAMS)   ## build the three programs: glasschatd, glasschat, glass

$(BUILD)/glass $(BUILD)/tests/test_bench%: LIBS += $$(cat $(BUILD)/bench.libs)
$(BUILD)/glasschatd: $(BUILD)/obj/app/server/main.o    $(call archives,$(SERVER) sandbox terminal dissect message net crypto)
$(BUILD)/glasschat:  $(BUILD)/obj/app/client/main.o    $(call archives,client line terminal dissect peer message net crypto)
$(BUILD)/glass:      $(BUILD)/obj/app/workbench/main.o \
	    $(call archives,practice grade exercises check primitives figures explain bench load attacks workbench labs sandbox terminal dissect peer message net crypto)
$(PROGRAMS): $(BUILD)/config.stamp
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o %.a,$^) $(LIBS) $$(cat $(BUILD)/libedit.libs)

# The programs of test-cavp know no CMocka: they stop at the first wrong answer.
$(BUILD)/tests/cavp/%: $(BUILD)/obj/tests/cavp/%.o $(BUILD)/obj/tests/cavp/rsp.o $(call archives,net crypto)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o %.a,$^) $(LIBS)

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(TEST_HELP) $(call archives,$(ARCHIVES))
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o %.a,$^) -lcmocka $(LIBS) $$(cat $(BUILD)/libedit.libs)

define archive_rule
$(BUILD)/$(1).a: $(call objects,$(DIR_$(1)))
	@rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach a,$(ARCHIVES),$(eval $(call archive_rule,$(a))))

# Style and script of the page that `glass explain --html` writes, as arrays of bytes.
PAGE_FILES := app/workbench/explain/page.css app/workbench/explain/page.js
$(BUILD)/explain.a: $(BUILD)/obj/app/workbench/explain/page_files.o
$(BUILD)/obj/app/workbench/explain/page_files.o: $(PAGE_FILES) $(BUILD)/config.stamp | $(WAIT)
	@mkdir -p $(@D)
	@echo "  CC  $(PAGE_FILES)"
	@{ echo '#include <stddef.h>'; for file in $(PAGE_FILES); do name=$$(basename $$file | tr . _); \
	    echo "extern const char $$name[]; extern const size_t $${name}_len; const char $$name[] = {"; \
	    od -An -v -tx1 $$file | sed 's/ \(..\)/0x\1,/g'; echo "}; const size_t $${name}_len = sizeof $$name;"; done; } | \
	 $(CC) $(filter-out -MMD -MP,$(CFLAGS_ALL)) -x c -c -o $@ -

backend_flags = $$(case $$($(CC) $(CFLAGS) -dumpmachine) in (x86_64*) echo $(FLAGS_x86_64_$(*F));; \
                                                 (aarch64* | arm64*) echo $(FLAGS_aarch64_$(*F));; esac)

compile = $(CC) $(CFLAGS_ALL) $(FLAGS_$(*F)) $(if $(filter crypto,$(<D)),$(backend_flags)) \
          $$(cat $(BUILD)/found.cflags) -c -o $(BUILD)/obj/$*.o $<

$(BUILD)/obj/%.o: %.c $(BUILD)/config.stamp | $(WAIT)
	@mkdir -p $(@D)
	@echo "  CC  $<"
	@$(compile)

# How each source is compiled, for clangd and the like: a line of JSON for each, then all together. CC and the other
# options are as they were given, so that each compiler's view can be looked at.
SOURCES  := $(shell find app crypto net tests -name '*.c' | LC_ALL=C sort)
COMMANDS := $(SOURCES:%.c=$(BUILD)/obj/%.json)
compile_commands.json: $(BUILD)/compile_commands.json   ## write down how each source is compiled, for clangd
	@cp $< $@

$(BUILD)/compile_commands.json: $(COMMANDS) FORCE
	@awk 'BEGIN { print "[" } { printf "%s%s", comma, $$0; comma = ",\n" } END { print "\n]" }' $(COMMANDS) >$@

$(BUILD)/obj/%.json: %.c $(BUILD)/config.stamp
	@mkdir -p $(@D)
	@set -- $(compile); printf '%s\n' $(call quote,$(CURDIR)) $< "$$@" | sed 's/[\\"]/\\&/g; s/.*/"&"/' | \
	 sed '1s/^/{"directory": /; 2s/^/"file": /; 3s/^/"arguments": [/; $$!s/$$/,/; $$s/$$/]}/' | tr '\n' ' ' >$@

# A library that `glass bench` measures beside ours: its option, a header of it, what must hold of that, how to link it.
beside = @if [ "$($(1))" != no ] && printf '\#include <%s>\n\#if !(%s)\n\#error\n\#endif\n' '$(2)' '$(3)' | \
	 $(CC) -E -x c - >/dev/null 2>&1; then echo -DHAVE_$(1) >>$(BUILD)/found.cflags; \
	 echo $(4) >>$(BUILD)/bench.libs; fi

# The flags, and which of these libraries are there, are written to a file that changes only when they do, so that a changed
# option rebuilds what it must and nothing is rebuilt otherwise. It is a recipe, not a $(shell), so that `make deps all`
# sees what deps installed.
$(BUILD)/config.stamp: FORCE | $(WAIT)
	@mkdir -p $(BUILD)
	@if [ "$(LIBEDIT)" != no ] && echo '#include <histedit.h>' | $(CC) -E -x c - >/dev/null 2>&1; \
	 then echo -DHAVE_LIBEDIT >$(BUILD)/found.cflags; echo -ledit >$(BUILD)/libedit.libs; \
	 else : >$(BUILD)/found.cflags; : >$(BUILD)/libedit.libs; fi
	@: >$(BUILD)/bench.libs
	$(call beside,LIBCRYPTO,openssl/core_names.h,1,-lcrypto)
	$(call beside,LIBNETTLE,nettle/version.h,NETTLE_VERSION_MAJOR == 3 && NETTLE_VERSION_MINOR >= 8,-lhogweed -lnettle)
	$(call beside,LIBGCRYPT,gcrypt.h,GCRYPT_VERSION_NUMBER >= 0x010800,-lgcrypt)
	@echo '$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(foreach v,$(sort $(filter FLAGS_%,$(.VARIABLES))),$(v)=$($(v)))' | cat - $(BUILD)/found.cflags >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

.PHONY: FORCE
FORCE:

-include $(shell find $(BUILD)/obj $(BUILD)/kit -name '*.d' 2>/dev/null)
.SECONDARY:

# --- The grader's kit --------------------------------------------------------------------------------------------------

# What `glass grade` builds a submission with, and all that it may see: the headers, the runner, and objects of what an
# exercise stands on. Plain ones are linked into a program without shared libraries at fixed addresses.
KIT          := $(BUILD)/kit
KIT_HEADERS  := $(patsubst %,$(KIT)/include/%,$(filter-out %_rounds.h %_chain.h %_product.h,$(wildcard crypto/*.h net/*.h)) $(KIT_APP))
KIT_SOURCES  := $(wildcard app/workbench/runner/*.c) $(KIT_GIVEN:%=%.c)
KIT_OBJECTS  := $(foreach s,plain sanitized,$(patsubst %.c,$(KIT)/$(s)/%.o,$(notdir $(KIT_SOURCES))))
KIT_FLAGS    := -std=c11 -D_DEFAULT_SOURCE -DCT_CHECK -DGLASSCHAT_PORTABLE -I. -O2 -g -gdwarf-4 -fno-pie $(WARNINGS) -pthread
KIT_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
.PHONY: kit grade
kit: $(KIT_HEADERS) $(KIT_OBJECTS) $(KIT)/cc   ## what `glass grade` builds a submission with
grade: $(BUILD)/glass kit   ## grade the files in WORK=DIR: GRADE="--ct --sanitize" for more; docs/exercises says how
	@$(BUILD)/glass grade $(GRADE) $(call quote,$(WORK))

.PHONY: autograder.zip
autograder.zip: ## what Gradescope grades with: GRADE="--ct" says how, SECRET=FILE whose values; docs/exercises/outputs.md
	@mkdir -p $(BUILD)
	@/usr/bin/python3 app/workbench/autograder/zip.py $(BUILD)/$@ $(call quote,$(GRADE)) $(call quote,$(SECRET))

$(KIT)/include/%.h: %.h
	@mkdir -p $(@D)
	@cp $< $@

# What compiled it, and has to compile what is linked with it.
$(KIT)/cc: $(BUILD)/config.stamp
	@mkdir -p $(@D)
	@echo "$(CC)" >$@

define kit_rule
$(KIT)/plain/$(notdir $(1:.c=.o)): $(1) $(BUILD)/config.stamp | $(WAIT)
	@mkdir -p $$(@D)
	@echo "  CC  $$<"
	@$(CC) $(KIT_FLAGS) -MMD -MF $$(@:.o=.d) -c -o $$@ $$<
$(KIT)/sanitized/$(notdir $(1:.c=.o)): $(1) $(BUILD)/config.stamp | $(WAIT)
	@mkdir -p $$(@D)
	@$(CC) $(KIT_FLAGS) $(KIT_SANITIZE) -MMD -MF $$(@:.o=.d) -c -o $$@ $$<
endef
$(foreach s,$(KIT_SOURCES),$(eval $(call kit_rule,$(s))))

# --- The handout ------------------------------------------------------------------------------------------------------

# What a student gets, in a new folder OUT. EXERCISES are stems, numbers or folders, all if none is named; GIVEN is what they
# stand on: the student's own work, or an archive of ours; STUDENT and SECRET_FILE draw the student's values; DIALECT is
# a file of the class's own constants; MACHINES are those that it is for, as uname -m names them.
GIVEN    ?= own
MACHINES ?= $(shell uname -m)
.PHONY: handout
handout: kit $(BUILD)/handout/glass ## export a student's tree without solutions to OUT=DIR; handout/README.md says what else can be chosen
	@[ -z "$(SANITIZE)$(COVERAGE)" ] || { echo "handout: not with SANITIZE or COVERAGE: a student's machine has neither" >&2; exit 2; }
	@[ -n $(call quote,$(OUT)) ] || { echo "handout: say where: make handout OUT=DIR" >&2; exit 2; }
	@BUILD=$(BUILD) MAKE="$(MAKE)" CC="$(CC)" /usr/bin/python3 -B handout/export.py --out $(call quote,$(OUT)) \
	 --exercises $(call quote,$(EXERCISES)) --given $(call quote,$(GIVEN)) --student $(call quote,$(STUDENT)) \
	 --secret-file $(call quote,$(SECRET_FILE)) --dialect $(call quote,$(DIALECT)) --machines $(call quote,$(MACHINES))

# The workbench for a handout: it needs no shared library, knows none to measure, and has no names of functions in it. What
# the linker warns of is that names of hosts are looked up by shared libraries where there are any.
HANDOUT_BENCH := $(patsubst %,$(BUILD)/handout/bench_%.o,openssl nettle gcrypt)
$(HANDOUT_BENCH): $(BUILD)/handout/%.o: app/workbench/bench/%.c $(BUILD)/config.stamp
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(BUILD)/handout/glass: $(BUILD)/obj/app/workbench/main.o $(HANDOUT_BENCH) \
	    $(call archives,practice grade exercises check primitives figures explain bench load attacks workbench labs sandbox terminal dissect peer message net crypto)
	@echo "  LD  $@"
	@$(CC) -static -s -pthread -Wl,-z,relro,-z,now,--no-warnings $(LDFLAGS) -o $@ $^ $(LIBS)

# --- The illustrated session ------------------------------------------------------------------------------------------

docs/session.html: $(BUILD)/glass $(PAGE_FILES)
	@rm -f $@
	@$(BUILD)/glass explain --html $@

# --- The README's picture ---------------------------------------------------------------------------------------------

docs/client.svg: $(BUILD)/glasschat $(BUILD)/glasschatd tests/integration/client_picture.py
	@BUILD=$(BUILD) /usr/bin/python3 tests/integration/client_picture.py $@

# --- The documents as a site ------------------------------------------------------------------------------------------

.PHONY: site
site:         ## README and docs as pages for a browser, their links checked: build/site/index.html (needs pandoc)
	@rm -rf $(BUILD)/site
	@/usr/bin/python3 docs/site/site.py $(BUILD)/site

# --- The demonstration ------------------------------------------------------------------------------------------------

demo: all     ## a server and two clients talk on this machine, and one message is shown as it crossed the wire
	@BUILD=$(BUILD) app/demo.sh

# --- Packages ---------------------------------------------------------------------------------------------------------

PACKAGES       := gcc libc6-dev libgmp-dev libcmocka-dev libedit-dev
PACKAGES_CHECK := $(PACKAGES) clang libclang-rt-14-dev python3 python3-cryptography python3-cryptography-vectors \
                  openssl strace valgrind universal-ctags clang-format procps tmux screen git qrencode oathtool faketime \
                  mandoc python3-junitparser bmake

# What only check-all needs: a browser, what knows captures, what makes the site, what plays the Containerfile, and the
# libraries that `glass bench` measures beside ours.
PACKAGES_CHECK_ALL := $(PACKAGES_CHECK) chromium tshark pandoc debootstrap libssl-dev nettle-dev libgcrypt20-dev

.PHONY: deps deps-check deps-check-all
deps:         ## install what is needed to build, run and test (Debian); elsewhere, name it
	@tests/deps.sh $(PACKAGES)
deps-check:   ## install what `check`, `test-cavp`, `test-integration` and `coverage` need as well
	@tests/deps.sh $(PACKAGES_CHECK)
deps-check-all: ## install what `check-all` needs as well: a browser, tshark, pandoc, debootstrap, other libraries
	@tests/deps.sh $(PACKAGES_CHECK_ALL)

# --- Tests ------------------------------------------------------------------------------------------------------------

# After how many seconds a test program counts as hanging; generous, for machines with a hundred other things to do.
TEST_SECONDS ?= $(if $(EMULATOR),1200,$(if $(SANITIZE)$(COVERAGE),600,120))

.PHONY: bench test test-cavp test-integration check check-tree mutants coverage demo
test: $(TESTS)   ## run the unit tests: known answers, properties, hostile input (CMocka)
	@EMULATOR="$(EMULATOR)" TEST_SECONDS=$(TEST_SECONDS) tests/run.sh $(TESTS)

.PHONY: test-protocol
test-protocol: ## recompute the protocol's known answers from docs/protocol.md alone (needs python3-cryptography)
	@$(MAKE) $(PARALLEL) -s -O recompute-protocol_check recompute-ring_check recompute-protocol_rooms recompute-protocol_theft

recompute-%:
	@/usr/bin/python3 tests/$*.py $(if $(filter protocol_theft,$*),,--mutate)

.PHONY: foreign
foreign:      ## build and run the unit tests for aarch64, s390x and 32-bit x86, and without this machine's own
	@BUILD=$(BUILD) tests/foreign.sh

.PHONY: musl
musl:         ## build what needs no GMP against musl, Alpine's libc, and run its unit tests
	@BUILD=$(BUILD) tests/musl.sh

# The fuzz targets, tests/fuzz/fuzz_<target>.c, each in a build of its own: clang's libFuzzer for `fuzz`; any compiler for
# `fuzz-replay`, with the sanitizers, in the folder REPLAY.
SECONDS ?= 20
REPLAY  ?= $(BUILD)/fuzz-replay
TARGET  ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZING := CC=clang SANITIZE=fuzzer-no-link,address,undefined BUILD=$(BUILD)/fuzz
.PHONY: fuzz fuzz-merge fuzz-replay fuzz-run
fuzz:         ## feed the parsers with what a fuzzer makes up, SECONDS=20 each, TARGET=x only that one (needs clang)
	@$(MAKE) $(PARALLEL) -s $(FUZZING) RUN='fuzz $(SECONDS)' fuzz-run
fuzz-merge:   ## shrink what `make fuzz` found, and the committed corpora, to what is needed (needs clang)
	@$(MAKE) $(PARALLEL) -s $(FUZZING) RUN=merge fuzz-run
fuzz-replay:  ## give each fuzz target its committed corpus, under the sanitizers
	@$(MAKE) $(PARALLEL) -s SANITIZE=address,undefined BUILD=$(REPLAY) RUN=replay fuzz-run

fuzz-run: $(addprefix $(BUILD)/fuzz_,$(TARGET))
	@BUILD=$(BUILD) tests/fuzz/run.sh $(RUN) $(TARGET)

$(BUILD)/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(BUILD)/obj/tests/fuzz/fuzz.o \
	    $(if $(filter replay,$(RUN)),$(BUILD)/obj/tests/fuzz/replay.o) $(call archives,$(ARCHIVES))
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS_ALL) $(if $(filter replay,$(RUN)),,-fsanitize=fuzzer) -o $@ $(filter %.o %.a,$^) $(LIBS) \
	 $$(cat $(BUILD)/libedit.libs)

# The folder that Debian's python3-cryptography-vectors installs; `make test-cavp CAVP=DIR` where it is elsewhere.
CAVP ?= /usr/lib/python3/dist-packages/cryptography_vectors
test-cavp: $(CAVP_TESTS)   ## run NIST's own files for AES-CBC and SHA-256
	@[ -d "$(CAVP)" ] || \
	 { echo "test-cavp: $(CAVP) is not there: apt-get install python3-cryptography-vectors" >&2; exit 1; }
	@failed=0; for program in $(CAVP_TESTS); do "$$program" "$(CAVP)" || failed=1; done; exit $$failed

FAULTS := $(BUILD)/$(if $(SANITIZE),glasschatd-faults,faults.so)
# Its test of tests/peers is skipped if libssl's headers are missing, or no peer is installed.
PEERS_LOAD := $(if $(wildcard /usr/include/openssl/ssl.h),$(BUILD)/peers-load)
test-integration: all kit $(FAULTS) $(PEERS_LOAD) $(if $(SANITIZE),,$(BUILD)/handout/glass) ## run the integration tests: real processes and sockets (needs python3); ONLY=test_talk for some
	@BUILD=$(BUILD) CC="$(CC)" /usr/bin/python3 tests/integration/run.py $(ONLY)

# What the fault tests put under the server. A sanitizer has its own allocator, so there it is linked into a server.
$(BUILD)/faults.so: tests/faults/shim.c $(BUILD)/config.stamp
	@mkdir -p $(BUILD)/obj
	@echo "  CC  $<"
	@$(CC) $(filter-out -fsanitize=%,$(CFLAGS_ALL)) -fPIC -fno-builtin -shared -MF $(BUILD)/obj/faults.d -o $@ $< -ldl

FLAGS_shim := -DFAULTS_LINKED
FAULTS_WRAPPED := malloc calloc realloc strdup clock_gettime time gettimeofday
$(BUILD)/glasschatd-faults: $(BUILD)/obj/app/server/main.o $(BUILD)/obj/tests/faults/shim.o \
	    $(call archives,$(SERVER) sandbox terminal dissect message net crypto)
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS_ALL) $(FAULTS_WRAPPED:%=-Xlinker --wrap=%) -o $@ $^ $(LIBS)

.PHONY: soak
soak: all $(FAULTS)              ## the fault tests in full length, half an hour, one at a time (needs python3)
	@BUILD=$(BUILD) SOAK=1 JOBS=1 /usr/bin/python3 tests/integration/run.py test_faults

# Constant time, shown: the same checks under valgrind, as gcc and as clang compile them, and under clang's memory
# sanitizer, which knows the instructions that valgrind does not, but nothing of GMP. (This valgrind can't read clang's
# DWARF 5.)
CT_SOURCES    := $(wildcard tests/ct/*.c)
CT_GMP        := tests/ct/numbers.c tests/ct/handshake.c
CT_MSAN_FLAGS := -DCT_CHECK -DCT_NO_ASM -DCT_NO_GMP -fsanitize-memory-track-origins -include tests/ct/msan_intrinsics.h
CT_HELP       := tests/bignum_modelled.c tests/keys.c tests/rsa_key.c tests/talk.c tests/vec.c
ct_objects     = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
.PHONY: ct ct-build
ct:           ## show that nothing branches on a secret or uses it as an index (needs valgrind and clang)
	@for tool in valgrind gcc clang; do command -v $$tool >/dev/null || \
	 { echo "ct: $$tool is missing: make deps-check" >&2; exit 1; }; done
	@$(MAKE) $(PARALLEL) -s BUILD=$(BUILD)/ct/gcc CC=gcc CFLAGS=-DCT_CHECK ct-build
	@$(MAKE) $(PARALLEL) -s BUILD=$(BUILD)/ct/clang CC=clang CFLAGS="-DCT_CHECK -gdwarf-4" ct-build
	@$(MAKE) $(PARALLEL) -s BUILD=$(BUILD)/ct/msan CC=clang SANITIZE=memory CFLAGS="$(CT_MSAN_FLAGS)" ct-build
	@/usr/bin/python3 tests/ct/run.py $(BUILD)/ct

ct-build: $(BUILD)/ct-checks

$(BUILD)/ct-checks: $(if $(filter memory,$(SANITIZE)),\
	    $(call ct_objects,$(filter-out $(CT_GMP),$(CT_SOURCES)) tests/bignum_modelled.c net/key_schedule.c net/record.c net/frame.c net/err.c net/trace.c \
	        $(filter-out crypto/bignum%.c crypto/dh%.c crypto/ring.c crypto/rsa%.c crypto/pem.c,$(wildcard crypto/*.c))),\
	    $(call ct_objects,$(CT_SOURCES) $(CT_HELP)) $(call archives,workbench net crypto))
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o %.a,$^) $(if $(filter memory,$(SANITIZE)),,-lcmocka $(LIBS))

# Each set of options has its own folder below $(BUILD), so that a second run builds only what has changed.
PLAIN ?= $(BUILD)/gcc
check:        ## everything before a change lands: both compilers, sanitizers, portable twins, tree rules
	$(MAKE) $(PARALLEL) BUILD=$(PLAIN) CC=gcc STRICT=1 all test
	$(MAKE) check-besides PLAIN=$(PLAIN)

# Of `check` what does not build and test the programs as they are, for whoever has done that: PLAIN is where.
.PHONY: check-besides
check-besides:
	tests/check_tree.sh --self-test
	tests/documents.sh --self-test
	$(MAKE) $(PARALLEL) BUILD=$(PLAIN) CC=gcc STRICT=1 all
	BUILD=$(PLAIN) tests/check_tree.sh
	$(MAKE) $(PARALLEL) BUILD=$(BUILD)/sanitize CC=clang STRICT=1 SANITIZE=address,undefined TELLING=no all test
	$(MAKE) BUILD=$(BUILD)/sanitize CC=clang STRICT=1 SANITIZE=address,undefined test-integration
	$(MAKE) $(PARALLEL) BUILD=$(BUILD)/portable STRICT=1 PORTABLE=1 LIBEDIT=no TELLING=no all test
	BUILD=$(PLAIN) tests/check_man.sh
	BUILD=$(PLAIN) tests/check_install.sh
	tests/check_commands.sh
	tests/check_deps.sh
	tests/check_libraries.sh
	/usr/bin/python3 tests/container.py
	EACH=60 $(MAKE) $(PARALLEL) BUILD=$(PLAIN) CC=gcc STRICT=1 test-exercises

.PHONY: check-all
check-all: check ## `check`, and what is slow and rarely tells anything new: mutants, other processors, all that is left out
	$(MAKE) $(PARALLEL) BUILD=$(BUILD)/clang CC=clang STRICT=1 all test
	$(MAKE) tsan ONLY=test_account_cli
	tests/mutants/run.sh
	tests/check_run.sh
	$(MAKE) $(PARALLEL) BUILD=$(BUILD)/sanitize CC=clang STRICT=1 SANITIZE=address,undefined test
	BUILD=$(BUILD)/gcc tests/check_grade.sh
	$(MAKE) BUILD=$(BUILD)/gcc CC=gcc STRICT=1 test-integration
	$(MAKE) coverage
	$(MAKE) fuzz SECONDS=20
	ALL=1 $(MAKE) $(PARALLEL) BUILD=$(BUILD)/gcc CC=gcc STRICT=1 test-exercises
	ALL=1 $(MAKE) BUILD=$(BUILD)/gcc CC=gcc STRICT=1 test-integration ONLY="test_handout test_autograder test_session_page test_site"
	ALL=1 $(MAKE) BUILD=$(BUILD)/sanitize CC=clang STRICT=1 SANITIZE=address,undefined test-integration \
	    ONLY="test_openssl test_outputs test_autograder test_grade test_practice test_explain Killed"
	$(MAKE) BUILD=$(BUILD)/gcc CC=gcc STRICT=1 class-trial STUDENTS=300
	GRADE=1 tests/foreign.sh arm64
	tests/foreign.sh --where-packages-are s390x i386
	tests/musl.sh
	/usr/bin/python3 tests/container.py --play

.PHONY: test-exercises
test-exercises: $(BUILD)/glass kit ## each known wrong solution of the exercises loses its points and no others, our own none (needs valgrind)
	@BUILD=$(BUILD) /usr/bin/python3 tests/exercises/run.py $(ONLY)

STUDENTS ?= 6
SEED     ?= 1
.PHONY: class-trial
class-trial: $(BUILD)/glass kit ## a class of so many, STUDENTS=6, whose marks are known, graded with a break in the middle
	@BUILD=$(BUILD) /usr/bin/python3 tests/exercises/class.py $(STUDENTS) $(SEED)

# Where nothing starts a thread there is no race to find: threads, the worker, and the account store that has one.
THREADED = $(shell grep -lE 'pthread_|worker|accounts_' tests/test_*.c)
.PHONY: tsan
tsan:         ## no data race: unit tests that start threads, and integration tests (ONLY=test_server: some), under clang's thread sanitizer
	$(MAKE) $(PARALLEL) BUILD=$(BUILD)/tsan CC=clang STRICT=1 SANITIZE=thread all test \
	    TESTS="$(THREADED:tests/%.c=$(BUILD)/tsan/tests/%)"
	TSAN_OPTIONS=halt_on_error=1 JOBS=2 PATIENCE=120 $(MAKE) BUILD=$(BUILD)/tsan CC=clang STRICT=1 SANITIZE=thread test-integration

check-tree:   ## the tree's own rules: floors, banned calls, sizes, documents that name what is gone
	@BUILD=$(BUILD) tests/check_tree.sh

mutants:      ## break the code in many places, and see that the tests notice
	@tests/mutants/run.sh

.PHONY: figures
figures: $(BUILD)/glass ## draw the pictures of the walkthrough anew; tests/test_figure.c says where they differ
	@$(BUILD)/glass figure | while read -r name rest; do \
	    $(BUILD)/glass figure $$name >docs/walkthrough/figures/$$name.svg || exit 1; done

BENCH ?=
bench: $(BUILD)/glass   ## how fast each primitive is; BENCH=cbc measures only what begins so
	@$(BUILD)/glass bench $(BENCH)

# How other servers take the same load: `glass load` with other clients, tests/peers/swarm_tls.c in place of its own.
# This needs libssl's headers, and the servers; nothing else here needs either.
PEERS ?=
.PHONY: peers
peers: all    ## glasschatd beside ngircd, inspircd and mosquitto, those that are here; PEERS=--tiny: in half a minute
	@grep -q HAVE_LIBCRYPTO $(BUILD)/found.cflags || \
	 { echo "peers: libssl's headers are missing: apt-get install libssl-dev" >&2; exit 1; }
	@$(MAKE) -s $(BUILD)/peers-load
	@BUILD=$(BUILD) /usr/bin/python3 tests/peers/peers.py $(PEERS)

$(BUILD)/peers-load: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/peers/*.c)) \
	    $(call archives,load workbench terminal message net crypto)
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o %.a,$^) -lssl -lcrypto $(LIBS)

coverage:     ## line coverage of crypto/ and net/ by the unit tests (gcc); at least 95 percent
	$(MAKE) $(PARALLEL) BUILD=$(BUILD)/coverage CC=gcc COVERAGE=1 OPT=-g test
	@tests/coverage.sh $(BUILD)/coverage 95

# --- The rest ---------------------------------------------------------------------------------------------------------

.PHONY: clean help install uninstall
clean:        ## remove what was built
	rm -rf $(BUILD)

# A path may have a blank in it: `quote` makes any text one word of the shell; in a unit file systemd reads \x20 as a
# blank and %% as a percent sign, and `replacement` is what sed writes as it stands.
blank       := $(subst ,, )
quote        = '$(subst ','\'',$(1))'
replacement  = $(subst &,\&,$(subst |,\|,$(subst \,\\,$(1))))
UNIT_PREFIX  = $(subst $(blank),\x20,$(subst %,%%,$(PREFIX)))
INTO         = $(call quote,$(DESTDIR)$(PREFIX))
COMPLETIONS := share/bash-completion/completions
MANUALS     := share/man/man1/glasschat.1 share/man/man1/glass.1 share/man/man8/glasschatd.8
VERSION      = $(shell sed -n 's/^\#define GLASSCHAT_VERSION "\(.*\)"$$/\1/p' app/version.h)
INSTALLED   := $(patsubst $(BUILD)/%,bin/%,$(PROGRAMS)) $(patsubst $(BUILD)/%,$(COMPLETIONS)/%,$(PROGRAMS)) $(MANUALS) \
               lib/systemd/system/glasschatd.service lib/sysusers.d/glasschatd.conf
install: all  ## install programs, manual pages, completion for bash, the systemd unit and its user under PREFIX
	install -d $(addprefix $(INTO)/,$(sort $(dir $(INSTALLED))))
	install $(PROGRAMS) $(INTO)/bin
	umask 022 && sed $(call quote,s|/usr/local/|$(call replacement,$(UNIT_PREFIX))/|) app/server/glasschatd.service \
	    >$(INTO)/lib/systemd/system/glasschatd.service
	install -m 644 app/server/glasschatd.sysusers $(INTO)/lib/sysusers.d/glasschatd.conf
	umask 022 && for name in $(notdir $(PROGRAMS)); do \
	    app/completion.sh $(BUILD)/$$name >$(INTO)/$(COMPLETIONS)/$$name || exit 1; done
	umask 022 && for page in $(MANUALS); do \
	    sed 's/@VERSION@/$(VERSION)/' docs/man/$${page##*/} >$(INTO)/$$page || exit 1; done

uninstall:    ## remove the files that `make install` puts under PREFIX, and no other
	rm -f $(addprefix $(INTO)/,$(INSTALLED))

help:         ## this list
	@awk -F ':.*## ' '/^[a-z_.-]+:.*## /{printf "  make %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
