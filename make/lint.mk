# SPDX-License-Identifier: Apache-2.0
# Linters. Each checked file leaves a stamp in $(BUILD)/lint, so that a second
# run looks only at what changed, and -j shares the work out.

LINT       := $(BUILD)/lint
C_FILES    := $(shell find base gen host testbench -name '*.[ch]' -o -name '*.cpp' | LC_ALL=C sort)
VERILOG    := $(shell find rtl -name '*.v' 2>/dev/null | LC_ALL=C sort)
SCRIPTS    := .ci/run $(wildcard scripts/* testbench/*.sh completions/*) \
              testbench/kernel/boot testbench/kernel/init
MAN_PAGES  := $(wildcard docs/man/*.1)
TREE_FILES := Makefile $(wildcard make/*.mk testbench/*.mk) $(C_FILES) $(VERILOG) $(SCRIPTS)

lint: ## check layout, C, Verilog, scripts and manual pages
	@$(SETUP) --test --lint
	@$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j2) -k lint-all
	@echo 'lint: no findings'

lint-all: lint-tree lint-format lint-c lint-warnings lint-verilog lint-scripts lint-man

# What holds for every source file: a licence, a length that can be read, and
# no line that another tool would have to break.
lint-tree: $(LINT)/tree.ok
$(LINT)/tree.ok: $(TREE_FILES)
	@mkdir -p $(@D)
	@awk 'FNR <= 3 && /SPDX-License-Identifier: Apache-2.0/ { licensed[FILENAME] } \
	      FNR == 501 { print FILENAME ": longer than 500 lines"; bad = 1 } \
	      length > 100 { print FILENAME ":" FNR ": longer than 100 columns"; bad = 1 } \
	      /[ \t]$$/ { print FILENAME ":" FNR ": space at the end of the line"; bad = 1 } \
	      END { for (i = 1; i < ARGC; i++) if (!(ARGV[i] in licensed)) { \
	                print ARGV[i] ": no SPDX line"; bad = 1 } \
	            exit bad }' $^
	@touch $@

lint-format: $(LINT)/format.ok
$(LINT)/format.ok: $(C_FILES) .clang-format
	@mkdir -p $(@D)
	$(call say,FORMAT,'$(words $(C_FILES)) files')
	$(Q)clang-format --dry-run -Werror $(C_FILES)
	@touch $@

# A header is checked through what includes it, so each file waits for them all.
lint-c: $(patsubst %.c,$(LINT)/%.tidy,$(filter %.c,$(C_FILES)))
$(LINT)/%.tidy: %.c .clang-tidy $(filter %.h,$(C_FILES)) $(ONNX_MESSAGES).h
	@mkdir -p $(@D)
	$(call say,TIDY,$<)
	$(Q)clang-tidy --quiet $< -- -std=c11 -D_GNU_SOURCE -I. -I$(BUILD)/proto -Ihost \
	  $(UMOCKDEV_FLAGS) $(WARNINGS) \
	  2>$@.log \
	  || { cat $@.log; exit 1; }
	@touch $@

# gcc's warnings as errors, from a build of its own.
lint-warnings:
	@$(MAKE) --no-print-directory BUILD=$(LINT)/werror CFLAGS='$(CFLAGS) -Werror' test-programs

# Each module of rtl/ alone, with its default parameters, in all three tools.
lint-verilog: $(patsubst %.v,$(LINT)/%.verilog,$(VERILOG))
$(LINT)/%.verilog: %.v scripts/lint-verilog $(VERILOG)
	@mkdir -p $(@D)
	$(call say,VLINT,$<)
	$(Q)scripts/lint-verilog $< $(sort $(patsubst %/,%,$(dir $(VERILOG))))
	@touch $@

lint-scripts: $(LINT)/scripts.ok
$(LINT)/scripts.ok: $(SCRIPTS)
	@mkdir -p $(@D)
	$(call say,SHELL,'$(words $(SCRIPTS)) files')
	$(Q)shellcheck $(SCRIPTS)
	@touch $@

lint-man: $(LINT)/man.ok
$(LINT)/man.ok: $(MAN_PAGES)
	@mkdir -p $(@D)
	$(call say,MAN,'$(words $(MAN_PAGES)) pages')
	$(Q)test -z "$^" || mandoc -T lint -W warning $(MAN_PAGES)
	@touch $@

.PHONY: lint lint-all lint-tree lint-format lint-c lint-warnings lint-verilog lint-scripts lint-man
