# A static library: LIB, SRCS.

TOP ?= ../..
include $(TOP)/mk/config.mk

OBJS = $(SRCS:.c=.o)

all: $(LIB)

$(LIB): $(OBJS)
	rm -f $@
	$(AR) rcs $@ $(OBJS)

%.o: %.c
	$(CC) $(LXG_CFLAGS) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

clean:
	rm -f $(LIB) *.o *.d

-include $(OBJS:.o=.d)
.PHONY: all clean
