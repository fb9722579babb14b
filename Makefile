# SPDX-License-Identifier: Apache-2.0
# `make` builds both programs; `make help` lists the rest.

BUILD   ?= build
CC      ?= cc
OPT     ?= -O3 -march=native
SANITIZE =
CFLAGS  += -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -g $(OPT) -fno-math-errno -ffp-contract=off $(SANITIZE) -I. -MMD -MP
LDLIBS   = -ljansson -llapacke -lopenblas -lpthread -lm

PROGRAMS := gen/millgen.c host/millrace.c
SOURCES  := $(shell find base gen host -name '*.c' | LC_ALL=C sort)
TESTS    := $(filter %_test.c,$(SOURCES))
FUZZERS  := $(filter %_fuzz.c,$(SOURCES))
LIBRARY  := $(filter-out $(PROGRAMS) $(TESTS) $(FUZZERS),$(SOURCES))

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

all: $(BUILD)/millgen $(BUILD)/millrace

$(BUILD)/millgen: $(call object,gen/millgen.c) $(BUILD)/libmillrace.a
$(BUILD)/millrace: $(call object,host/millrace.c) $(BUILD)/libmillrace.a
$(BUILD)/millgen $(BUILD)/millrace:
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libmillrace.a: $(call object,$(LIBRARY))
	rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

# A test is one program beside what it tests: foo_test.c tests foo.c.
$(BUILD)/test/%: $(BUILD)/obj/%.o $(BUILD)/libmillrace.a
	@mkdir -p $(@D)
	$(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

TEST_PROGRAMS := $(patsubst %.c,$(BUILD)/test/%,$(TESTS))
unit-tests: $(TEST_PROGRAMS)
	@set -e; for t in $(TEST_PROGRAMS); do echo "== $$t"; $$t; done

clean:
	rm -rf $(BUILD)

.PHONY: all unit-tests clean
.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
