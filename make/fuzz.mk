# SPDX-License-Identifier: Apache-2.0
# Fuzzing. foo_fuzz.c holds one LLVMFuzzerTestOneInput; inputs that once were
# new or wrong are kept in testbench/corpus/foo/ and replayed by `make test`.

FUZZ_SECONDS ?= 60
CORPUS       := testbench/corpus
FUZZ_NAMES   := $(patsubst %_fuzz.c,%,$(FUZZERS))

# With libFuzzer, which brings its own main ...
$(BUILD)/fuzz/%: $(BUILD)/obj/%_fuzz.o $(BUILD)/libmillrace.a $(BUILD)/stamp/link
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(BUILD)/libmillrace.a $(LIBRARIES)

# ... and with one that runs the files that it is given.
$(BUILD)/replay/%: $(BUILD)/obj/%_fuzz.o $(BUILD)/obj/testbench/fuzz_replay.o \
                   $(BUILD)/libmillrace.a $(BUILD)/stamp/link
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(BUILD)/libmillrace.a $(LIBRARIES)

fuzz-programs: $(addprefix $(BUILD)/fuzz/,$(FUZZ_NAMES))
replay-programs: $(addprefix $(BUILD)/replay/,$(FUZZ_NAMES))

fuzz: ## fuzz every parser for FUZZ_SECONDS each, with clang's libFuzzer
	@$(SETUP) --fuzz
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/clang-fuzz CC=clang OPT='$(SANITIZE_OPT)' \
	  SANITIZE='$(SANITIZERS)' \
	  CFLAGS='$(CFLAGS) -fsanitize=fuzzer-no-link' fuzz-programs
	@set -e; for name in $(FUZZ_NAMES); do \
	  new=$(BUILD)/corpus/$$(basename $$name); kept=$(CORPUS)/$$(basename $$name); \
	  mkdir -p $$new; [ -d $$kept ] || kept=; \
	  echo "== $$name: $(FUZZ_SECONDS) s"; \
	  $(BUILD)/clang-fuzz/fuzz/$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
	    -artifact_prefix=$$new- $$new $$kept; \
	done

# No clang is needed for this one. It prints TAP.
fuzz-regression:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/sanitize OPT='$(SANITIZE_OPT)' \
	  SANITIZE='$(SANITIZERS)' replay-programs
	@[ -n '$(FUZZ_NAMES)' ] || echo 'ok - fuzzers # SKIP there are none'
	@failed=0; for name in $(FUZZ_NAMES); do \
	  kept=$(CORPUS)/$$(basename $$name); \
	  if [ ! -d $$kept ]; then echo "not ok - $$name: no corpus in $$kept"; failed=1; \
	  elif $(BUILD)/sanitize/replay/$$name $$kept/*; then echo "ok - $$name"; \
	  else echo "not ok - $$name"; failed=1; fi; \
	done; exit $$failed

.PHONY: fuzz-programs replay-programs fuzz fuzz-regression
