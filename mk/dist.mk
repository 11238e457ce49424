# A release tarball of what git has.

TOP = .
include mk/config.mk

dist:
	git archive --prefix=lxg-$(VERSION)/ -o lxg-$(VERSION).tar.gz HEAD

.PHONY: dist
