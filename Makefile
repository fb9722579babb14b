# SPDX-License-Identifier: Apache-2.0
# `make` builds both programs into $(BUILD); `make help` lists what else there is.
# How the tree is built and why: docs/building.md.

BUILD  ?= build
PREFIX ?= /usr/local
OPT    ?= -O3 -march=native
JOBS   ?= $(shell nproc)
SETUP  ?= scripts/setup

# CFLAGS, CPPFLAGS and LDFLAGS are left to the user; these are the project's own.
SANITIZE     =
WARNINGS     = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
BUILD_CFLAGS = -std=c11 -D_GNU_SOURCE -I. -I$(BUILD)/proto $(WARNINGS) -g $(OPT) \
               -fno-math-errno -ffp-contract=off -pthread $(SANITIZE) $(CPPFLAGS) $(CFLAGS)
LIBRARIES    = -ljansson -lz -llapacke -lopenblas -lprotobuf-c -lusb-1.0 -lpng -ljpeg -lm
LINK         = $(CC) $(OPT) -pthread $(SANITIZE) $(LDFLAGS)

# Every C file is found by its place and its name: foo_test.c tests foo.c,
# foo_fuzz.c fuzzes it, two files hold a main, and the rest is the library.
SOURCES  := $(shell find base gen host -name '*.c' | LC_ALL=C sort)
PROGRAMS := gen/millgen.c host/millrace.c
TESTS    := $(filter %_test.c,$(SOURCES))
FUZZERS  := $(filter %_fuzz.c,$(SOURCES))
LIBRARY  := $(filter-out $(PROGRAMS) $(TESTS) $(FUZZERS),$(SOURCES))

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

# `make V=1` shows whole command lines instead of one word and a name.
Q   := $(if $(V),,@)
say  = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

# The scripts that make calls see the same settings.
export BUILD JOBS SETUP

.DEFAULT_GOAL := all
all: $(BUILD)/millgen $(BUILD)/millrace ## build both programs (the default)

include make/compile.mk
include make/embed.mk
include make/proto.mk
include make/usb.mk
include make/test.mk
# A tree may bring rules of its own for its fuzzers.
include $(firstword $(wildcard testbench/fuzz.mk) make/fuzz.mk)
include make/lint.mk
include make/board.mk
include make/library.mk
include make/install.mk

setup: ## install what building and the demo need
	@$(SETUP)

demo: ## compile a model, emit Verilog, simulate it and print a story
	+@scripts/demo

bench: ## measure the figures into $(BUILD)/bench.json and print them
	@$(SETUP) --test
	@$(SETUP) --kernel || echo 'make: going on without a virtual machine' >&2
	+@scripts/bench
	+@scripts/bench-mamba
	+@scripts/bench-pictures
	+@scripts/bench-usb

report: all ## write $(BUILD)/report.html: tape, time line, roofline; before and after of a picture
	+@scripts/report

clean: ## remove everything that was built
	rm -rf $(BUILD)

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: all setup demo bench report clean help
.SECONDARY:
.DELETE_ON_ERROR:
