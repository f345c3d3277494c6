/* init_head_test.c: what a program's first bytes are taken for, hostile ones included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "init/head.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct head parsed(const void *bytes, size_t length)
{
	struct head head;

	head_parse(bytes, length, &head);
	return head;
}

static struct head script(const char *text)
{
	return parsed(text, strlen(text));
}

static void knows_scripts(void **state)
{
	(void)state;
	assert_int_equal(script("#!/bin/sh\n").kind, HEAD_SCRIPT);
	assert_string_equal(script("#!/bin/sh\necho").interpreter, "/bin/sh");
	assert_string_equal(script("#! \t/usr/bin/env python3\n").interpreter, "/usr/bin/env");
	assert_string_equal(script("#!/bin/sh\r\necho\r\n").interpreter, "/bin/sh\r");
	assert_string_equal(script("#!/bin/sh").interpreter, "/bin/sh");
	assert_string_equal(script("#!").interpreter, "");
	assert_string_equal(script("#!\n/bin/sh\n").interpreter, "");
}

static void cuts_long_interpreters(void **state)
{
	char text[1024];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "#!/", 3);
	struct head head = parsed(text, sizeof(text));
	assert_int_equal(strlen(head.interpreter), HEAD_INTERPRETER_SIZE - 1);
}

static void knows_others(void **state)
{
	(void)state;
	assert_int_equal(parsed("", 0).kind, HEAD_EMPTY);
	assert_int_equal(parsed("\0asm\1\0\0\0", 8).kind, HEAD_WASM);
	assert_int_equal(parsed("echo hello\n", 11).kind, HEAD_UNKNOWN);
	assert_int_equal(parsed("\177ELF", 4).kind, HEAD_UNKNOWN); /* not enough of it */
}

/* A little ELF file: header, one PT_INTERP, its string. */
struct small_elf {
	Elf64_Ehdr header;
	Elf64_Phdr program;
	char interpreter[32];
};

static struct small_elf small_elf(void)
{
	struct small_elf elf = {
		.header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB },
		            .e_machine = EM_AARCH64,
		            .e_phoff = offsetof(struct small_elf, program),
		            .e_phentsize = sizeof(Elf64_Phdr),
		            .e_phnum = 1 },
		.program = { .p_type = PT_INTERP, .p_offset = offsetof(struct small_elf, interpreter), .p_filesz = 21 },
		.interpreter = "/lib/ld-musl-aarch64.so.1",
	};
	return elf;
}

static void finds_the_loader(void **state)
{
	struct small_elf elf = small_elf();
	struct head head;

	(void)state;
	elf.program.p_filesz = sizeof(elf.interpreter);
	head = parsed(&elf, sizeof(elf));
	assert_int_equal(head.kind, HEAD_ELF);
	assert_string_equal(machine_name(head.machine), "aarch64");
	assert_string_equal(head.interpreter, "/lib/ld-musl-aarch64.so.1");
}

static void survives_lies(void **state)
{
	static const uint64_t lies[] = { 0, 1, 63, 1000, UINT32_MAX, UINT64_MAX, UINT64_MAX - 8 };

	(void)state;
	for (size_t at = 0; at < sizeof(lies) / sizeof(*lies); at++) {
		struct small_elf elf = small_elf();
		elf.header.e_phoff = lies[at];
		parsed(&elf, sizeof(elf));
		elf = small_elf();
		elf.program.p_offset = lies[at];
		parsed(&elf, sizeof(elf));
		elf = small_elf();
		elf.program.p_filesz = lies[at];
		assert_true(strlen(parsed(&elf, sizeof(elf)).interpreter) < sizeof(elf.interpreter));
		elf = small_elf();
		elf.header.e_phentsize = (uint16_t)lies[at];
		elf.header.e_phnum = UINT16_MAX;
		parsed(&elf, sizeof(elf));
	}
}

/* Random files, each in memory of just its size, so that a sanitizer sees every byte read too many. */
static void survives_noise(void **state)
{
	(void)state;
	srandom(1);
	for (int round = 0; round < 20000; round++) {
		size_t length = (size_t)random() % 300;
		unsigned char *bytes = malloc(length + 1);
		for (size_t at = 0; at < length; at++)
			bytes[at] = (unsigned char)random();
		if (length > 20) {
			memcpy(bytes, ELFMAG, SELFMAG);
			bytes[EI_CLASS] = (unsigned char)(1 + random() % 2);
			bytes[EI_DATA] = (unsigned char)(1 + random() % 2);
		}
		unsigned char *exact = realloc(bytes, length ? length : 1);
		parsed(exact, length);
		free(exact);
	}
}

static void reads_real_programs(void **state)
{
	static unsigned char bytes[HEAD_SIZE];
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	long length = read(fd, bytes, sizeof(bytes));
	close(fd);
	struct head head = parsed(bytes, (size_t)length);
	assert_int_equal(head.kind, HEAD_ELF);
	assert_non_null(machine_name(head.machine));
	assert_int_equal(access(head.interpreter, X_OK), 0); /* this test is a dynamic program */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_scripts),       cmocka_unit_test(cuts_long_interpreters),
		cmocka_unit_test(knows_others),        cmocka_unit_test(finds_the_loader),
		cmocka_unit_test(survives_lies),       cmocka_unit_test(survives_noise),
		cmocka_unit_test(reads_real_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
