/*
 * What of a program lies in memory. SPDX-License-Identifier: ISC
 */
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pages.h"

/* What can be written to holds the addresses that the loader has filled in. */
static int
give_back(struct dl_phdr_info *object, size_t size, void *arg)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	const ElfW(Phdr) * p;
	uintptr_t begin, end;
	int i;

	(void)size;
	(void)arg;
	for (i = 0; i < object->dlpi_phnum; i++) {
		p = &object->dlpi_phdr[i];
		if (p->p_type != PT_LOAD || (p->p_flags & PF_W) != 0)
			continue;
		begin = (object->dlpi_addr + p->p_vaddr) & ~(page - 1);
		end = object->dlpi_addr + p->p_vaddr + p->p_filesz;
		(void)madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void
pages_give_back(void)
{
	dl_iterate_phdr(give_back, NULL);
}
