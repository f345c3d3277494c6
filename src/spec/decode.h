/* decode.h: the tables of config.json's objects, one file a branch of the document. */
#ifndef KIST_SPEC_DECODE_H
#define KIST_SPEC_DECODE_H

#include "spec/field.h"

/* Source of all: runtime-spec 1.3.0, config.md and config-linux.md, and their JSON schemas. */
extern const struct shape shape_document; /* struct spec: decode.c */
extern const struct shape shape_process;   /* struct spec_process: decode_process.c */
extern const struct shape shape_linux;     /* struct spec_linux: decode_linux.c */
extern const struct shape shape_resources; /* struct spec_resources: decode_resources.c */
extern const struct shape shape_seccomp_arg; /* struct spec_seccomp_arg: decode_seccomp.c */
extern const struct shape shape_seccomp;   /* struct spec_seccomp: decode_seccomp.c */
extern const struct shape shape_idmap;     /* struct spec_idmap: decode_linux.c */
extern const struct shape shape_freebsd;   /* keeps nothing: decode_platform.c */
extern const struct shape shape_foreign;   /* any object: decode_platform.c */

/* The text as JSON, or NULL; what is wrong with it is among the decoder's faults. */
struct json_value *document_read(struct decoder *decoder, const char *text, size_t length);

/* Why an action cannot return this errno, or NULL: what goes nowhere would look as if it were returned (F30, F34). */
const char *seccomp_errno_fault(struct arena *arena, enum spec_seccomp_action action, struct opt_uint number);
enum { SECCOMP_LAST_ARG = 5 }; /* a system call has six */

/* Most entries of lists and maps; each is far above what any engine writes and keeps one config's cost bounded. */
enum {
	LIMIT_MOUNTS = 4096,
	LIMIT_OPTIONS = 1024, /* words of one mount: an overlay may have hundreds of layers */
	LIMIT_IDMAPS = 340,   /* user_namespaces(7): the kernel takes no more lines */
	LIMIT_STRINGS = 65536,
	LIMIT_HOOKS = 1024,
	LIMIT_PAIRS = 16384,
	LIMIT_RLIMITS = 64,
	LIMIT_GROUPS = 65536, /* NGROUPS_MAX */
	LIMIT_NAMESPACES = 32,
	LIMIT_DEVICES = 4096,
	LIMIT_RULES = 4096,
	LIMIT_PATHS = 4096,
	LIMIT_CAPABILITIES = 256,
	LIMIT_WORDS = 64, /* flags, architectures */
	LIMIT_SYSCALLS = 4096,
	LIMIT_ARGS = 64,
};

#endif
