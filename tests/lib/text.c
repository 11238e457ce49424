/*
 * UTF-8 as RFC 3629 has it, and what a terminal must not see.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "text.h"

static const struct {
	const char *text;
	size_t len;
	bool good;
} utf8[] = {
    {"", 0, true},
    {"plain", 5, true},
    {"a\0b", 3, true},
    {"\x7f", 1, true},
    {"\xc2\x80", 2, true},
    {"\xdf\xbf", 2, true},
    {"\xe0\xa0\x80", 3, true},
    {"\xed\x9f\xbf", 3, true},
    {"\xee\x80\x80", 3, true},
    {"\xef\xbf\xbf", 3, true},
    {"\xf0\x90\x80\x80", 4, true},
    {"\xf4\x8f\xbf\xbf", 4, true},
    /* a continuation alone, and sequences cut short */
    {"\x80", 1, false},
    {"\xbf", 1, false},
    {"\xc3", 1, false},
    {"\xe2\x82", 2, false},
    {"\xf0\x9f\x98", 3, false},
    {"\xe2\x82z", 3, false},
    /* overlong, surrogates, behind U+10FFFF, bytes that never occur */
    {"\xc0\xaf", 2, false},
    {"\xc1\xbf", 2, false},
    {"\xe0\x9f\xbf", 3, false},
    {"\xe0\x80\xaf", 3, false},
    {"\xf0\x8f\xbf\xbf", 4, false},
    {"\xed\xa0\x80", 3, false},
    {"\xed\xbf\xbf", 3, false},
    {"\xf4\x90\x80\x80", 4, false},
    {"\xf5\x80\x80\x80", 4, false},
    {"\xf8\x88\x80\x80\x80", 5, false},
    {"\xfe", 1, false},
    {"\xff", 1, false},
};

static const struct {
	const char *from, *to, *stream;
} cleaned[] = {
    {"plain", "plain", "plain"},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", NULL, NULL},
    {"a\tb\nc\rd", "a?b?c?d", "a\tb\nc\rd"},
    {"\033[2J\a\b\v\f", "?[2J????", "?[2J????"},
    {"\033]52;c;eA==\a", "?]52;c;eA==?", "?]52;c;eA==?"},
    {"\x7f", "?", "?"},
    /* C1: the eight bit forms of CSI and OSC, as UTF-8 and bare */
    {"\xc2\x9b"
     "2J\xc2\x9d",
	"?2J?", "?2J?"},
    {"\x9b"
     "2J",
	"?2J", "?2J"},
    {"\xc2\xa0", NULL, NULL},
    /* overrides, isolates, marks, and the line separators */
    {"a\xe2\x80\xae"
     "fdp",
	"a?fdp", "a?fdp"},
    {"\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad", "????", "????"},
    {"\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9", "????", "????"},
    {"\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "???", "???"},
    {"\xe2\x80\xa8\xe2\x80\xa9", "??", "??"},
    /* an overlong escape is no way round; each bad byte is one "?" */
    {"\xc0\x9b", "??", "??"},
    {"\xe0\x80\x9b[m", "???[m", "???[m"},
    {"\xe2\x82", "??", "??"},
    {"\xff\xfe", "??", "??"},
};

static void
test_clean(const char *from, const char *to, const char *stream)
{
	char *s = text_fmt("%s", from);
	size_t n;

	text_clean(s);
	CHECK(strcmp(s, to != NULL ? to : from) == 0);
	free(s);
	s = text_fmt("%s", from);
	n = text_clean_stream(s, strlen(s));
	s[n] = '\0';
	CHECK(strcmp(s, stream != NULL ? stream : from) == 0);
	free(s);
}

/* One character that a terminal must not see? */
static bool
is_replaced(unsigned int cp)
{
	char s[8] = {0};

	if (cp < 0x80)
		s[0] = (char)cp;
	else if (cp < 0x800) {
		s[0] = (char)(0xc0 | cp >> 6);
		s[1] = (char)(0x80 | (cp & 0x3f));
	} else {
		s[0] = (char)(0xe0 | cp >> 12);
		s[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		s[2] = (char)(0x80 | (cp & 0x3f));
	}
	text_clean(s);
	return cp != '?' && strcmp(s, "?") == 0;
}

/* Their numbers, to be compared with what another filter replaces. */
static void
print_replaced(void)
{
	unsigned int cp;

	for (cp = 1; cp < 0x10000; cp++)
		if ((cp < 0xd800 || cp >= 0xe000) && is_replaced(cp))
			printf("%u\n", cp);
}

int
main(int argc, char **argv)
{
	char nul[] = {'a', '\0', 'b', '\0'};
	size_t i;

	if (argc > 1 && strcmp(argv[1], "which") == 0) {
		print_replaced();
		return 0;
	}
	for (i = 0; i < sizeof(utf8) / sizeof(utf8[0]); i++)
		if (text_utf8(utf8[i].text, utf8[i].len) != utf8[i].good) {
			printf("utf8[%zu]\n", i);
			check_failed = 1;
		}
	for (i = 0; i < sizeof(cleaned) / sizeof(cleaned[0]); i++)
		test_clean(cleaned[i].from, cleaned[i].to, cleaned[i].stream);
	CHECK(text_clean_stream(nul, 3) == 3 && memcmp(nul, "a?b", 4) == 0);
	return check_failed;
}
