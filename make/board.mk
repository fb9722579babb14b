# SPDX-License-Identifier: Apache-2.0
# Bitstreams: BOARD names the board (`millgen boards`), MODEL what it is to run.

export BOARD MODEL COMPILE_FLAGS EMIT_FLAGS SEED

bitstream: all ## build the bitstream of MODEL for BOARD
	@$(SETUP) --boards
	+@scripts/board bitstream

flash: all ## load what bitstream built onto BOARD
	@scripts/board flash

timing: all ## show the clocks, the use and the critical path of what bitstream built
	@scripts/board timing

board-report: all ## write $(BUILD)/boards/BOARD.html about what bitstream built
	@scripts/board page

bench-boards: all ## measure every board's figures into $(BUILD)/bench.json
	@$(SETUP) --test
	@$(SETUP) --boards
	+@scripts/bench-boards

.PHONY: bitstream flash timing board-report bench-boards
