# What users set, and the flags that every part is built with.

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share/lxg
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/lxg
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
UNITDIR ?= $(PREFIX)/share/systemd/user
HTMLDIR ?= html
DESTDIR ?=

CFLAGS ?= -O2 -g
INSTALL ?= install
PKG_CONFIG ?= pkg-config
CLANG_FORMAT ?= clang-format

VERSION = 0.2

WARN = -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow \
	-Wformat=2 -Wpointer-arith -Wwrite-strings
HARDEN = -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2
LXG_CFLAGS = -std=gnu11 $(WARN) $(HARDEN) -D_GNU_SOURCE -DVERSION='"$(VERSION)"' \
	$(shell $(PKG_CONFIG) --cflags libbsd-overlay dbus-1) -I$(TOP)/lib
LXG_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed
LXG_LIBS = -lm -lcurl -lacl -ljq -lyaml -lseccomp -lmd -lsqlite3 \
	-lxcb -lxcb-randr -lxcb-xkb -lxcb-shm -lxcb-render -lxcb-icccm -lxcb-xfixes -lpng \
	$(shell $(PKG_CONFIG) --libs libbsd-overlay)
