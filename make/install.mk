# SPDX-License-Identifier: Apache-2.0
# Installing: PREFIX says where to, DESTDIR is put before it by packagers.

BINDIR        = $(DESTDIR)$(PREFIX)/bin
MANDIR        = $(DESTDIR)$(PREFIX)/share/man/man1
COMPLETIONDIR = $(DESTDIR)$(PREFIX)/share/bash-completion/completions

install: all ## install the programs, manual pages and completions into PREFIX
	install -d $(BINDIR) $(MANDIR) $(COMPLETIONDIR)
	install $(BUILD)/millgen $(BUILD)/millrace $(BINDIR)
	install -m 644 docs/man/millgen.1 docs/man/millrace.1 $(MANDIR)
	install -m 644 completions/millgen completions/millrace $(COMPLETIONDIR)

uninstall: ## remove what install put there
	rm -f $(foreach d,$(BINDIR) $(COMPLETIONDIR),$(d)/millgen $(d)/millrace) \
	      $(MANDIR)/millgen.1 $(MANDIR)/millrace.1

.PHONY: install uninstall
