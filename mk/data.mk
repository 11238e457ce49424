# What is installed as data: the glue, profiles, pages, completions, examples,
# units for the user's systemd.

TOP = .
include mk/config.mk

TREE = INSTALL="$(INSTALL)" sh mk/tree
EXAMPLES = $(DESTDIR)$(DOCDIR)/examples
PAGES = $(notdir $(wildcard share/man/*.7))
TEXTS = README LICENSE share/doc/lxg/NEWS share/doc/lxg/HACKING \
	share/doc/lxg/windows.png
UNITS = lxg-recover.service lxg-recover.timer

# A file of share/lxg that is executable is a verb of the glue. Examples name
# what they need by where it is installed.
install:
	$(INSTALL) -d -m 755 $(DESTDIR)$(BINDIR) $(DESTDIR)$(DOCDIR) \
	    $(DESTDIR)$(COMPDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR) \
	    $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man7 \
	    $(DESTDIR)$(UNITDIR)
	$(INSTALL) -m 755 bin/lxg/lxg $(DESTDIR)$(BINDIR)/lxg
	$(INSTALL) -m 644 bin/lxg/lxg.1 $(DESTDIR)$(MANDIR)/man1/
	$(INSTALL) -m 644 share/man/*.7 $(DESTDIR)$(MANDIR)/man7/
	$(TREE) install share/lxg $(DESTDIR)$(DATADIR)
	$(TREE) install share/cloud-config $(DESTDIR)$(DATADIR)/cloud-config
	$(INSTALL) -m 644 share/completions/lxg.bash $(DESTDIR)$(COMPDIR)/lxg
	$(INSTALL) -m 644 share/completions/lxg.zsh $(DESTDIR)$(ZSHDIR)/_lxg
	$(INSTALL) -m 644 share/completions/lxg.fish $(DESTDIR)$(FISHDIR)/
	$(INSTALL) -m 644 $(TEXTS) $(DESTDIR)$(DOCDIR)/
	$(INSTALL) -m 644 $(UNITS:%=share/systemd/%) $(DESTDIR)$(UNITDIR)/
	sed 's|/usr/local/bin/|$(BINDIR)/|' share/systemd/lxg-recover.service \
	    > $(DESTDIR)$(UNITDIR)/lxg-recover.service
	$(TREE) install share/examples $(EXAMPLES)
	sed 's|^DATA = ../|DATA = $(DATADIR)/|' share/examples/Makefile \
	    > $(EXAMPLES)/Makefile
	sed 's|^PATH=/usr/local/bin:|PATH=$(BINDIR):|' share/examples/crontab \
	    > $(EXAMPLES)/crontab

# What is the system's own stays: bin, share, share/man, empty or not.
uninstall:
	rm -f $(DESTDIR)$(BINDIR)/lxg $(DESTDIR)$(MANDIR)/man1/lxg.1 \
	    $(PAGES:%=$(DESTDIR)$(MANDIR)/man7/%) $(DESTDIR)$(COMPDIR)/lxg \
	    $(DESTDIR)$(ZSHDIR)/_lxg $(DESTDIR)$(FISHDIR)/lxg.fish \
	    $(addprefix $(DESTDIR)$(DOCDIR)/,$(notdir $(TEXTS))) \
	    $(UNITS:%=$(DESTDIR)$(UNITDIR)/%)
	$(TREE) uninstall share/cloud-config $(DESTDIR)$(DATADIR)/cloud-config
	$(TREE) uninstall share/lxg $(DESTDIR)$(DATADIR)
	$(TREE) uninstall share/examples $(EXAMPLES)
	rmdir $(DESTDIR)$(DOCDIR) $(DESTDIR)$(dir $(DOCDIR)) \
	    $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man7 \
	    $(DESTDIR)$(COMPDIR) $(DESTDIR)$(dir $(COMPDIR)) \
	    $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(dir $(ZSHDIR)) \
	    $(DESTDIR)$(FISHDIR) $(DESTDIR)$(dir $(FISHDIR)) \
	    $(DESTDIR)$(UNITDIR) $(DESTDIR)$(dir $(UNITDIR)) \
	    2>/dev/null || :

.PHONY: install uninstall
