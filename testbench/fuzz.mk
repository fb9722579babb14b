# SPDX-License-Identifier: Apache-2.0
# Fuzzing of the parsers.  foo_fuzz.c is a libFuzzer target; its kept inputs are
# in testbench/corpus/foo/.
#
#   make fuzz          each target for FUZZ_SECONDS, under ASan and UBSan (clang)
#   make corpus-tests  each target on its kept inputs, with $(CC), for `make test`

FUZZ_CC      ?= clang-14
FUZZ_SECONDS ?= 20
FUZZ_BUILD   := $(BUILD)/fuzz
FUZZ_CFLAGS  := -std=c11 -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined \
                -fno-sanitize-recover=undefined -I. -MMD -MP
# What the targets need; the rest of the library would pull in more packages.
FUZZ_LIBRARY := $(filter base/% gen/graph/model.c gen/graph/weight.c gen/import/% host/tokenizer/%, \
                  $(LIBRARY))
FUZZ_NAMES   := $(patsubst %_fuzz.c,%,$(notdir $(FUZZERS)))

fuzz_object = $(patsubst %.c,$(FUZZ_BUILD)/obj/%.o,$(1))

$(FUZZ_BUILD)/obj/%_fuzz.o: %_fuzz.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer -c -o $@ $<

$(FUZZ_BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

define fuzz_target
$(FUZZ_BUILD)/$(patsubst %.c,%,$(notdir $(1))): $(call fuzz_object,$(1) $(FUZZ_LIBRARY))
	$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $$@ $$^ -ljansson -lm

$(BUILD)/test/$(patsubst %_fuzz.c,%_corpus,$(notdir $(1))): $(call object,$(1)) \
		$(call object,testbench/corpus_main.c) $(BUILD)/libmillrace.a
	@mkdir -p $$(@D)
	$$(CC) $$(SANITIZE) $$(LDFLAGS) -o $$@ $$^ $$(LDLIBS)
endef
$(foreach source,$(FUZZERS),$(eval $(call fuzz_target,$(source))))

# New inputs gather in the build folder; those worth keeping are copied by hand.
fuzz: $(FUZZ_NAMES:%=$(FUZZ_BUILD)/%_fuzz)
	@for name in $(FUZZ_NAMES); do \
		echo "== $$name"; mkdir -p $(FUZZ_BUILD)/found/$$name; \
		$(FUZZ_BUILD)/$${name}_fuzz -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=1024 \
			-timeout=10 -max_len=65536 -print_final_stats=1 \
			-artifact_prefix=$(FUZZ_BUILD)/$$name- \
			$(FUZZ_BUILD)/found/$$name testbench/corpus/$$name >$(FUZZ_BUILD)/$$name.log 2>&1 \
			|| { tail -60 $(FUZZ_BUILD)/$$name.log; exit 1; }; \
		grep -e 'number_of_executed' -e 'DONE' $(FUZZ_BUILD)/$$name.log; \
	done

CORPUS_TESTS := $(FUZZ_NAMES:%=$(BUILD)/test/%_corpus)
corpus-tests: $(CORPUS_TESTS)
	@set -e; for name in $(FUZZ_NAMES); do \
		echo "== $$name"; $(BUILD)/test/$${name}_corpus testbench/corpus/$$name >$(BUILD)/corpus.log \
			|| { tail -1 $(BUILD)/corpus.log; exit 1; }; \
	done

.PHONY: fuzz corpus-tests
-include $(shell find $(FUZZ_BUILD)/obj -name '*.d' 2>/dev/null)
