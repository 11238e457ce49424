# A program of the suite: PROG, and SRCS where it has more than PROG.c; what it
# links with that others don't is in PROG_LIBS.

TOP ?= ../..
include $(TOP)/mk/config.mk

SRCS ?= $(PROG).c
OBJS = $(SRCS:.c=.o)

all: $(PROG)

$(PROG): $(OBJS) $(TOP)/lib/liblxg.a
	$(CC) $(LXG_LDFLAGS) $(LDFLAGS) -o $@ $(OBJS) $(TOP)/lib/liblxg.a \
		$(PROG_LIBS) $(LXG_LIBS) $(LDLIBS)

%.o: %.c
	$(CC) $(LXG_CFLAGS) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

install: $(PROG)
	$(INSTALL) -d -m 755 $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1
	$(INSTALL) -m 755 $(PROG) $(DESTDIR)$(BINDIR)/
	$(INSTALL) -m 644 $(PROG).1 $(DESTDIR)$(MANDIR)/man1/

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/$(PROG) $(DESTDIR)$(MANDIR)/man1/$(PROG).1

clean:
	rm -f $(PROG) $(OBJS) $(OBJS:.o=.d)

-include $(OBJS:.o=.d)
.PHONY: all install uninstall clean
