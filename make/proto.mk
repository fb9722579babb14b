# SPDX-License-Identifier: Apache-2.0
# The messages of ONNX: protobuf-c's compiler makes C of our own description of
# them, in $(BUILD)/proto, which is on the include path.

ONNX_MESSAGES := $(BUILD)/proto/gen/image/onnx.pb-c

$(ONNX_MESSAGES).c $(ONNX_MESSAGES).h &: gen/image/onnx.proto
	@mkdir -p $(BUILD)/proto
	$(call say,PROTOC,$<)
	$(Q)protoc-c --c_out=$(BUILD)/proto $<

$(BUILD)/obj/onnx.pb-c.o: $(ONNX_MESSAGES).c $(ONNX_MESSAGES).h $(BUILD)/stamp/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(BUILD_CFLAGS) -c -o $@ $<
