# lxg: graphical programs in unprivileged LXD and Incus containers.
#
#   make            build            make check   tests that need no engine
#   make install    PREFIX, DESTDIR  make test    all tests, on real engines
#   make demo       see it work      make lint, make bench, make soak

TOP = .
include mk/config.mk

PROGS = lxg-profile lxg-instance lxg-mount lxg-map lxg-acl lxg-xpra
DIRS = $(PROGS:%=bin/%)

all: $(DIRS)

lib:
	$(MAKE) -C lib

$(DIRS): lib
	$(MAKE) -C $@

install: all
	set -e; for d in $(DIRS); do $(MAKE) -C $$d install; done
	$(MAKE) -f mk/data.mk install

clean:
	set -e; for d in lib $(DIRS); do $(MAKE) -C $$d clean; done

lint:
	$(MAKE) -f mk/lint.mk lint

check: all
	sh tests/check

test:
	sh tests/run

bench:
	BENCH="$(BENCH)" sh tests/bench/run

soak:
	BENCH=soak sh tests/bench/run

demo:
	sh mk/demo

dist:
	$(MAKE) -f mk/dist.mk dist

.PHONY: all lib $(DIRS) install clean lint check test bench soak demo dist
