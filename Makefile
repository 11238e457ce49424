# lxg: graphical programs in unprivileged LXD and Incus containers.
#
#   make deps       what it needs    make check   tests that need no engine
#   make            build            make test    all tests, on real engines
#   make install    PREFIX, DESTDIR  make lint, make bench, make soak
#   make uninstall  the inverse      make check-debian  builds on Debian 12, 13
#   make demo       see it work      make dist, make deb, make html
#   make coverage   what make check does not reach
#   make sanitize   make check, with programs that watch themselves

TOP = .
include mk/config.mk

PROGS = lxg-profile lxg-instance lxg-mount lxg-map lxg-acl lxg-xpra \
	lxg-client lxg-state
DIRS = $(PROGS:%=bin/%)

all: $(DIRS)

ready:
	@sh mk/ready "$(CC)" "$(PKG_CONFIG)"

deps:
	sh mk/bootstrap build

lib: ready
	$(MAKE) -C lib

$(DIRS): lib
	$(MAKE) -C $@

install: all
	set -e; for d in $(DIRS); do $(MAKE) -C $$d install; done
	$(MAKE) -f mk/data.mk install

uninstall:
	set -e; for d in $(DIRS); do $(MAKE) -C $$d uninstall; done
	$(MAKE) -f mk/data.mk uninstall

clean:
	set -e; for d in lib $(DIRS); do $(MAKE) -C $$d clean; done

lint:
	$(MAKE) -f mk/lint.mk lint

check: all
	sh tests/check

coverage sanitize:
	sh tests/instrumented $@

check-debian: all
	sh tests/debian

test:
	sh tests/run

fuzz:
	$(MAKE) -C tests/libfuzzer run

bench:
	BENCH="$(BENCH)" sh tests/bench/run

soak:
	BENCH=soak sh tests/bench/run

cluster:
	$(MAKE) -s all
	sh tests/cluster/run incus
	sh tests/cluster/run lxd

demo:
	sh mk/demo

dist deb html:
	$(MAKE) -f mk/dist.mk $@

.PHONY: all ready deps lib $(DIRS) install uninstall clean lint check \
	check-debian coverage sanitize test bench soak cluster demo dist deb html
