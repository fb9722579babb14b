# SPDX-License-Identifier: Apache-2.0
# libmillrace as others get it: one archive in which only what host/libmillrace.h declares
# has a global name, so that nothing of ours meets a name of theirs.

PUBLIC := $(BUILD)/public

$(PUBLIC)/libmillrace.a: $(BUILD)/libmillrace.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LD) -r -u millrace_version -u millrace_device_open -o $(PUBLIC)/libmillrace.o \
	  $(BUILD)/libmillrace.a
	$(Q)objcopy --wildcard --keep-global-symbol='millrace_*' $(PUBLIC)/libmillrace.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(PUBLIC)/libmillrace.o

$(PUBLIC)/libmillrace.h: host/libmillrace.h
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(PUBLIC)/millrace.pc: $(BUILD)/stamp/pkg-config
	@mkdir -p $(@D)
	$(Q)printf '%s\n' 'prefix=$(PREFIX)' 'Name: millrace' \
	  'Description: Runs compiled models on small FPGA boards' \
	  'Version: $(shell sed -n 's/.*MILLRACE_VERSION "\(.*\)"/\1/p' base/version.h)' \
	  'Cflags: -I$${prefix}/include' 'Libs: -L$${prefix}/lib -lmillrace' \
	  'Libs.private: $(LIBRARIES) -pthread' >$@

$(eval $(call stamp,$(BUILD)/stamp/pkg-config,$(PREFIX) $(LIBRARIES)))

library: $(PUBLIC)/libmillrace.a $(PUBLIC)/libmillrace.h $(PUBLIC)/millrace.pc

# The examples, built as somebody else would.
$(LIBRARY_EXAMPLES): $(BUILD)/testbench/%: testbench/library/%.c library
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -std=c11 $(WARNINGS) $(SANITIZE) -I$(PUBLIC) -o $@ $< $(PUBLIC)/libmillrace.a \
	  $(LIBRARIES) -pthread

.PHONY: library
