/* head.c: scripts, ELF files and WebAssembly by their first bytes, as the kernel reads them (execve(2), elf(5)). */
#include "init/head.h"

#include <elf.h>
#include <string.h>

static const struct {
	uint16_t machine;
	const char *name;
} machines[] = {
	{ EM_X86_64, "x86_64" }, { EM_386, "i686" },        { EM_AARCH64, "aarch64" }, { EM_ARM, "arm" },
	{ EM_RISCV, "riscv64" }, { EM_PPC64, "ppc64" },     { EM_PPC, "ppc" },         { EM_S390, "s390x" },
	{ EM_MIPS, "mips" },     { EM_SPARCV9, "sparc64" }, { 258, "loongarch64" },
};

const char *machine_name(uint16_t machine)
{
	for (size_t at = 0; at < sizeof(machines) / sizeof(*machines); at++) {
		if (machines[at].machine == machine)
			return machines[at].name;
	}
	return NULL;
}

/* A little- or big-endian number of `size` bytes. */
static uint64_t read_number(const unsigned char *bytes, size_t size, bool big)
{
	uint64_t number = 0;

	for (size_t at = 0; at < size; at++)
		number = number << 8 | bytes[big ? at : size - 1 - at];
	return number;
}

static void take_interpreter(struct head *head, const unsigned char *bytes, size_t length)
{
	if (length >= sizeof(head->interpreter))
		length = sizeof(head->interpreter) - 1;
	memcpy(head->interpreter, bytes, length);
	head->interpreter[length] = '\0';
}

/* "#! /bin/sh -e\n": the word after optional blanks. A carriage return belongs to it, as for the kernel. */
static void parse_script(const unsigned char *bytes, size_t length, struct head *head)
{
	size_t start = 2;

	head->kind = HEAD_SCRIPT;
	while (start < length && (bytes[start] == ' ' || bytes[start] == '\t'))
		start++;
	size_t end = start;
	while (end < length && bytes[end] && !strchr(" \t\n", bytes[end]))
		end++;
	take_interpreter(head, bytes + start, end - start);
}

/* Where the fields of one class of ELF file lie. */
struct layout {
	size_t phoff, phentsize, phnum, word; /* in the header; size of an offset */
	size_t p_offset, p_filesz;            /* in a program header */
};
static const struct layout layouts[] = {
	[ELFCLASS32] = { offsetof(Elf32_Ehdr, e_phoff), offsetof(Elf32_Ehdr, e_phentsize),
	                 offsetof(Elf32_Ehdr, e_phnum), 4, offsetof(Elf32_Phdr, p_offset),
	                 offsetof(Elf32_Phdr, p_filesz) },
	[ELFCLASS64] = { offsetof(Elf64_Ehdr, e_phoff), offsetof(Elf64_Ehdr, e_phentsize),
	                 offsetof(Elf64_Ehdr, e_phnum), 8, offsetof(Elf64_Phdr, p_offset),
	                 offsetof(Elf64_Phdr, p_filesz) },
};

static void parse_elf(const unsigned char *bytes, size_t length, struct head *head)
{
	const bool big = bytes[EI_DATA] == ELFDATA2MSB;
	const unsigned char class = bytes[EI_CLASS];

	head->kind = HEAD_ELF;
	head->machine = (uint16_t)read_number(bytes + offsetof(Elf64_Ehdr, e_machine), 2, big);
	if ((class != ELFCLASS32 && class != ELFCLASS64) || length < sizeof(Elf64_Ehdr))
		return;
	const struct layout *layout = &layouts[class];
	uint64_t at = read_number(bytes + layout->phoff, layout->word, big);
	const uint64_t size = read_number(bytes + layout->phentsize, 2, big);
	const uint64_t count = read_number(bytes + layout->phnum, 2, big);
	for (uint64_t done = 0; done < count; done++, at += size) {
		if (at > length || length - at < sizeof(Elf64_Phdr) || size < sizeof(Elf32_Phdr))
			return;
		if (read_number(bytes + at, 4, big) != PT_INTERP)
			continue;
		const uint64_t offset = read_number(bytes + at + layout->p_offset, layout->word, big);
		const uint64_t filesz = read_number(bytes + at + layout->p_filesz, layout->word, big);
		if (offset < length && filesz <= length - offset)
			take_interpreter(head, bytes + offset, strnlen((const char *)bytes + offset, filesz));
		return;
	}
}

void head_parse(const unsigned char *bytes, size_t length, struct head *head)
{
	*head = (struct head){ .kind = length == 0 ? HEAD_EMPTY : HEAD_UNKNOWN };
	if (length >= 2 && memcmp(bytes, "#!", 2) == 0)
		parse_script(bytes, length, head);
	else if (length >= 20 && memcmp(bytes, ELFMAG, SELFMAG) == 0)
		parse_elf(bytes, length, head);
	else if (length >= 4 && memcmp(bytes, "\0asm", 4) == 0)
		head->kind = HEAD_WASM;
}
