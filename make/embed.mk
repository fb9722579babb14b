# SPDX-License-Identifier: Apache-2.0
# The Verilog that no model changes, and the simulation's harness, go into
# millgen: what it emits then needs no installed data. gen/verilog/embedded.h
# declares the table.

EMBEDDED := $(shell find rtl fpga constraints testbench/sim testbench/primitives \
              -name '*.v' -o -name '*.cpp' -o -name '*.h' \
              -o -name '*.lpf' -o -name '*.pcf' 2>/dev/null \
              | LC_ALL=C sort)

$(eval $(call stamp,$(BUILD)/stamp/embedded,$(EMBEDDED)))

$(BUILD)/embed/embedded_files.c: scripts/embed $(EMBEDDED) $(BUILD)/stamp/embedded
	@mkdir -p $(@D)
	$(call say,EMBED,$@)
	$(Q)scripts/embed $(EMBEDDED) >$@

$(BUILD)/obj/embedded_files.o: $(BUILD)/embed/embedded_files.c gen/verilog/embedded.h \
                               $(BUILD)/stamp/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(BUILD_CFLAGS) -c -o $@ $<
