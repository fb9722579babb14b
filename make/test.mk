# SPDX-License-Identifier: Apache-2.0
# Tests. scripts/test runs and counts them; here is what they need built.

# Unit tests: foo_test.c is one program, linked with the whole library.
TEST_PROGRAMS := $(patsubst %.c,$(BUILD)/test/%,$(TESTS))

$(BUILD)/test/%: $(BUILD)/obj/%.o $(BUILD)/libmillrace.a $(BUILD)/stamp/link
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(BUILD)/libmillrace.a $(LIBRARIES) -lcmocka

# What a test shares with other programs of testbench/.
$(BUILD)/test/host/device_stream_test: $(BUILD)/obj/testbench/protocol_server.o

BENCH_PROGRAMS := $(addprefix $(BUILD)/testbench/,random_model random_mamba random_picture \
                    unit/edge_score_vectors \
                    compare_devices)

LIBRARY_EXAMPLES := $(BUILD)/testbench/story $(BUILD)/testbench/boards

test-programs: all $(TEST_PROGRAMS) $(BENCH_PROGRAMS) $(LIBRARY_EXAMPLES) \
               $(if $(UMOCKDEV),mock-bus)

# Both programs and the unit tests once more, in $(BUILD)/sanitize.
SANITIZERS   = -fsanitize=address,undefined -fno-sanitize-recover=all
SANITIZE_OPT = -O2 -fno-omit-frame-pointer
sanitized-programs:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/sanitize OPT='$(SANITIZE_OPT)' \
	  SANITIZE='$(SANITIZERS)' test-programs

# Without the boards' tools the tests that want them are skipped.
test: ## run everything that proves the programs; ends with the counts
	@$(SETUP) --test
	@$(SETUP) --boards || echo 'make: going on without the tools for boards' >&2
	@$(SETUP) --kernel || echo 'make: going on without a virtual machine' >&2
	+@scripts/test

unit-tests: ## run the C tests alone
	@$(SETUP) --test
	+@scripts/test unit

sanitize: ## run the tests on builds with AddressSanitizer and UBSan
	@$(SETUP) --test
	+@scripts/test sanitize

soak: ## 200 random models, a million USB transactions, the 85F's bitstream
	@$(SETUP) --test
	@$(SETUP) --boards
	+@RANDOM_MODELS=200 RANDOM_SERIALS=20 CLASSIFIER_FRAMES=100 \
	  USB_TRANSACTIONS=500000 RESOURCE_DESIGNS=all FORMAL_STEPS=26 \
	  BOARDS='ulx3s-12f ulx3s-85f' scripts/test simulation

.PHONY: test-programs sanitized-programs test unit-tests sanitize soak

# Programs that the shell tests in testbench/ use.
$(BUILD)/testbench/%: $(BUILD)/obj/testbench/%.o $(BUILD)/libmillrace.a $(BUILD)/stamp/link
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(BUILD)/libmillrace.a $(LIBRARIES)

-include $(wildcard $(BUILD)/obj/testbench/*.d)
