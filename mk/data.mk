# What is installed as data: the glue, profiles, pages, completions, examples.

TOP = .
include mk/config.mk

# A file of share/lxg that is executable is a verb of the glue.
install:
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(DATADIR) $(DESTDIR)$(DOCDIR)
	$(INSTALL) -d $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man7
	$(INSTALL) -m 755 bin/lxg/lxg $(DESTDIR)$(BINDIR)/lxg
	$(INSTALL) -m 644 bin/lxg/lxg.1 $(DESTDIR)$(MANDIR)/man1/
	$(INSTALL) -m 644 share/man/*.7 $(DESTDIR)$(MANDIR)/man7/
	cp -R share/lxg/. $(DESTDIR)$(DATADIR)/
	cp -R share/cloud-config $(DESTDIR)$(DATADIR)/
	$(INSTALL) -d $(DESTDIR)$(COMPDIR) $(DESTDIR)$(DOCDIR)/examples
	$(INSTALL) -m 644 share/completions/lxg.bash $(DESTDIR)$(COMPDIR)/lxg
	$(INSTALL) -m 644 README LICENSE share/doc/lxg/NEWS $(DESTDIR)$(DOCDIR)/
	$(INSTALL) -m 644 share/examples/* $(DESTDIR)$(DOCDIR)/examples/
	sed 's|^DATA = ../|DATA = $(DATADIR)/|' share/examples/Makefile \
	    > $(DESTDIR)$(DOCDIR)/examples/Makefile

.PHONY: install
