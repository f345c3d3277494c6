/* head.h: what a program's first bytes say about why it may not start. */
#ifndef KIST_INIT_HEAD_H
#define KIST_INIT_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAD_SIZE = 4096, HEAD_INTERPRETER_SIZE = 256 };

enum head_kind {
	HEAD_EMPTY,
	HEAD_SCRIPT,  /* "#!" */
	HEAD_ELF,
	HEAD_WASM,    /* WebAssembly */
	HEAD_UNKNOWN,
};

struct head {
	enum head_kind kind;
	uint16_t machine; /* HEAD_ELF: e_machine */
	char interpreter[HEAD_INTERPRETER_SIZE]; /* of a script, or PT_INTERP of an ELF file; "": none */
};

/* Reads the first `length` bytes of a file. Nothing in them is trusted; what points beyond them is left out. */
void head_parse(const unsigned char *bytes, size_t length, struct head *head);

/* "x86_64", as uname(2) writes it; NULL for a machine that is not in the table. */
const char *machine_name(uint16_t machine);

#endif
