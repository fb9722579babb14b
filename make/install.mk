# SPDX-License-Identifier: Apache-2.0
# Installing: PREFIX says where to, DESTDIR is put before it by packagers. udev looks for
# rules in UDEVDIR only, whatever PREFIX is.

UDEVDIR      ?= /usr/lib/udev/rules.d
BINDIR        = $(DESTDIR)$(PREFIX)/bin
LIBDIR        = $(DESTDIR)$(PREFIX)/lib
INCLUDEDIR    = $(DESTDIR)$(PREFIX)/include
MANDIR        = $(DESTDIR)$(PREFIX)/share/man/man1
COMPLETIONDIR = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
RULES         = $(DESTDIR)$(UDEVDIR)/70-millrace.rules

install: all library ## install programs, library, manual pages, completions and the udev rule
	install -d $(BINDIR) $(LIBDIR)/pkgconfig $(INCLUDEDIR) $(MANDIR) $(COMPLETIONDIR)
	install $(BUILD)/millgen $(BUILD)/millrace $(BINDIR)
	install -m 644 $(PUBLIC)/libmillrace.a $(LIBDIR)
	install -m 644 $(PUBLIC)/millrace.pc $(LIBDIR)/pkgconfig
	install -m 644 $(PUBLIC)/libmillrace.h $(INCLUDEDIR)
	install -m 644 docs/man/millgen.1 docs/man/millrace.1 $(MANDIR)
	install -m 644 completions/millgen completions/millrace $(COMPLETIONDIR)
	install -m 644 -D host/usb/70-millrace.rules $(RULES) || \
	  echo 'make: boards on USB stay closed to users until root installs $(RULES)' >&2

uninstall: ## remove what install put there
	rm -f $(foreach d,$(BINDIR) $(COMPLETIONDIR),$(d)/millgen $(d)/millrace) \
	      $(MANDIR)/millgen.1 $(MANDIR)/millrace.1 $(LIBDIR)/libmillrace.a \
	      $(LIBDIR)/pkgconfig/millrace.pc $(INCLUDEDIR)/libmillrace.h $(RULES)

.PHONY: install uninstall
