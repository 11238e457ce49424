# What a reviewer should not have to say. Every shell script is named by its
# first line, so that a new one can't be forgotten.

TOP = .
include mk/config.mk

C_FILES = $(shell git ls-files '*.c' '*.h')
PAGES = $(shell git ls-files '*.1' '*.7')
SCRIPTS = $(shell git grep -lI -m1 -E '^\#!/bin/(sh|bash)' -- . ':!*.md')

# In tests: text for a shell inside and words that look like a shell's own, what
# bats itself sets, what is set in one test and not seen in another, cmp with
# the file that was read, and grep where its output shows what was wrong.
BATS_NOISE = SC1003,SC1010,SC2009,SC2016,SC2030,SC2031,SC2094,SC2143,SC2154

# What cppcheck gets wrong: functions that fill in their argument, prototypes
# without names, and a program that ends where memory does.
CPP_NOISE = ctuuninitvar legacyUninitvar funcArgOrderDifferent memleakOnRealloc

lint: format house warn headers shell cpp pages

format:
	$(CLANG_FORMAT) --dry-run -Werror $(C_FILES)

house:
	sh tests/house

# what gcc warns of it finds while it optimizes
SOURCES = git ls-files -z '*.c' | xargs -0 -P $$(nproc)
warn:
	$(MAKE) -s -C lib schema.h policy_rows.h
	$(SOURCES) -n 1 gcc $(LXG_CFLAGS) -O2 -Werror -S -o /dev/null
	$(SOURCES) -n 8 clang $(LXG_CFLAGS) -O2 -Werror -Wassign-enum \
	    -fsyntax-only

headers:
	sh tests/headers $(CC) $(LXG_CFLAGS)

shell:
	shellcheck $(SCRIPTS)
	shellcheck -s bats -e $(BATS_NOISE) $$(git ls-files '*.bats')

cpp:
	cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability \
		--suppress=missingIncludeSystem $(CPP_NOISE:%=--suppress=%) \
		-I lib lib bin

pages:
	mandoc -Tlint -Wwarning $(PAGES)

.PHONY: lint format house warn headers shell cpp pages
