# What others get: a release's tarball, a Debian package, pages for a browser.

TOP = .
include mk/config.mk

NAME = lxg-$(VERSION)

# The same bits from the same commit, whoever makes it, wherever, and whenever.
dist:
	git -c tar.umask=0022 archive --format=tar --prefix=$(NAME)/ HEAD | \
	    gzip -9n > $(NAME).tar.gz

deb:
	sh mk/deb

html:
	sh mk/html $(HTMLDIR)

.PHONY: dist deb html
