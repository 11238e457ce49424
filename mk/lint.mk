# What a reviewer should not have to say. Every shell script is named by its
# first line, so that a new one can't be forgotten.

TOP = .
include mk/config.mk

C_FILES = $(shell git ls-files '*.c' '*.h')
PAGES = $(shell git ls-files '*.1' '*.7')
SCRIPTS = $(shell git grep -lI -m1 -E '^\#!/bin/(sh|bash)' -- . ':!*.md')

# what "run" sets in one test does not have to be seen in another; cmp with the
# file that was read is no write to it
BATS_NOISE = SC2030,SC2031,SC2094

lint: format shell cpp pages

format:
	$(CLANG_FORMAT) --dry-run -Werror $(C_FILES)

shell:
	shellcheck $(SCRIPTS)
	shellcheck -s bats -e $(BATS_NOISE) $$(git ls-files '*.bats')

cpp:
	cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability \
		--suppress=missingIncludeSystem -I lib lib bin

pages:
	mandoc -Tlint -Wwarning $(PAGES)

.PHONY: lint format shell cpp pages
