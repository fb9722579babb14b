# SPDX-License-Identifier: Apache-2.0
# From C to the library and the programs.

# $(call stamp,FILE,TEXT): FILE holds TEXT and is written only when TEXT has
# changed, so that what depends on it is rebuilt then and not otherwise.
define stamp
$(1): FORCE
	@mkdir -p $$(@D)
	@echo '$(2)' | cmp -s - $$@ || echo '$(2)' >$$@
endef

$(eval $(call stamp,$(BUILD)/stamp/flags,$(CC) $(BUILD_CFLAGS)))
$(eval $(call stamp,$(BUILD)/stamp/link,$(LINK) $(LIBRARIES)))
$(eval $(call stamp,$(BUILD)/stamp/library,$(LIBRARY)))

# The first thing that fails where a library is missing; it says what to do.
$(BUILD)/stamp/headers: $(BUILD)/stamp/flags
	@printf '#include <%s.h>\n' stdio jansson lapacke protobuf-c/protobuf-c libusb-1.0/libusb \
	    png jpeglib \
	  | $(CC) $(BUILD_CFLAGS) -fsyntax-only -xc - \
	  || { echo 'make: a library is missing; scripts/setup installs it' >&2; exit 1; }
	@touch $@

$(BUILD)/obj/%.o: %.c $(BUILD)/stamp/flags | $(BUILD)/stamp/headers \
                  $(BUILD)/proto/gen/image/onnx.pb-c.h
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(BUILD_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libmillrace.a: $(call objects,$(LIBRARY)) $(BUILD)/obj/embedded_files.o \
                        $(BUILD)/obj/onnx.pb-c.o \
                        $(BUILD)/stamp/library
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(BUILD)/millgen: $(BUILD)/obj/gen/millgen.o
$(BUILD)/millrace: $(BUILD)/obj/host/millrace.o
$(BUILD)/millgen $(BUILD)/millrace: $(BUILD)/libmillrace.a $(BUILD)/stamp/link
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(BUILD)/libmillrace.a $(LIBRARIES)

FORCE:
.PHONY: FORCE

-include $(patsubst %.o,%.d,$(call objects,$(SOURCES)))
