/* notation.c: numbers as people write them: one table of which field has which notation. */
#include "plan/notation.h"

#include "plan/wire.h"
#include "base/abi.h"
#include "spec/names.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

const struct step_field *notation_recursion(const struct step *step)
{
	const char *name = step->kind == STEP_set_propagation ? "recursive" : "propagation_rec";
	return step_field_named(step->kind, name, strlen(name));
}

/* Appends ",<word>", without the comma for the first. */
static void put_joined(struct buf *out, size_t start, const char *word)
{
	if (out->length > start)
		buf_putc(out, ',');
	buf_puts(out, word);
}

/* Every bit by its name; bits without one as a number. */
static void put_bits(struct buf *out, const struct name_table *table, uint64_t value)
{
	size_t start = out->length;
	for (size_t i = 0; i < table->count; i++) {
		const struct name *name = &table->names[i];
		if (!name->value || (value & name->value) != name->value)
			continue;
		put_joined(out, start, name->word);
		value &= ~name->value;
	}
	if (value || out->length == start)
		put_joined(out, start, arena_printf(out->arena, "0x%" PRIx64, value));
}

static void put_namespaces(struct buf *out, const struct step *step, uint64_t value)
{
	(void)step;
	put_bits(out, &name_namespaces, value);
}

static void put_filter_flags(struct buf *out, const struct step *step, uint64_t value)
{
	(void)step;
	size_t start = out->length;
	uint64_t listener = value & WIRE_FILTER_LISTENER;
	if (value != listener)
		put_bits(out, &name_seccomp_flags, value & ~listener);
	if (listener)
		put_joined(out, start, "SECCOMP_FILTER_FLAG_NEW_LISTENER");
}

static void put_resource(struct buf *out, const struct step *step, uint64_t value)
{
	(void)step;
	const char *word = name_word(&name_rlimits, value);
	buf_puts(out, word ? word : "?");
}

static void put_limit(struct buf *out, const struct step *step, uint64_t value)
{
	(void)step;
	if (value == UINT64_MAX)
		buf_puts(out, "unlimited");
	else
		buf_printf(out, "%" PRIu64, value);
}

static void put_signed(struct buf *out, const struct step *step, uint64_t value)
{
	(void)step;
	buf_printf(out, "%" PRId64, (int64_t)value);
}

static void put_octal(struct buf *out, const struct step *step, uint64_t value)
{
	(void)step;
	buf_printf(out, "%04" PRIo64, value);
}

static void put_propagation(struct buf *out, const struct step *step, uint64_t value)
{
	const struct step_field *recursion = notation_recursion(step);
	uint64_t below = recursion && step_number(step, recursion) ? NAME_RECURSIVE : 0;
	const char *word = name_word(&name_propagations, value | below);
	buf_puts(out, word ? word : arena_printf(out->arena, "0x%" PRIx64, value));
}

static void put_io_class(struct buf *out, const struct step *step, uint64_t value)
{
	(void)step;
	const char *word = name_word(&name_io_classes, value);
	buf_puts(out, word ? word : "none");
}

static void put_memory_policy(struct buf *out, const struct step *step, uint64_t value)
{
	(void)step;
	const uint64_t flags = NAME_MPOL_STATIC_NODES | NAME_MPOL_RELATIVE_NODES | NAME_MPOL_NUMA_BALANCING;
	const char *mode = name_word(&name_memory_modes, value & ~flags);
	buf_puts(out, mode ? mode : "?");
	if (value & flags) {
		buf_putc(out, ',');
		put_bits(out, &name_memory_flags, value & flags);
	}
}

static void put_letter(struct buf *out, const struct step *step, uint64_t value)
{
	(void)step;
	buf_putc(out, isgraph((int)(value & 0x7f)) ? (char)value : '?');
}

/* mount_setattr(2): the access times are a field of values, the rest are bits. */
static void put_attributes(struct buf *out, const struct step *step, uint64_t value)
{
	static const struct {
		uint64_t mask, value;
		const char *word;
	} rows[] = {
		{ ABI_ATTR_RDONLY, ABI_ATTR_RDONLY, "ro" },
		{ ABI_ATTR_NOSUID, ABI_ATTR_NOSUID, "nosuid" },
		{ ABI_ATTR_NODEV, ABI_ATTR_NODEV, "nodev" },
		{ ABI_ATTR_NOEXEC, ABI_ATTR_NOEXEC, "noexec" },
		{ ABI_ATTR_ATIME, ABI_ATTR_NOATIME, "noatime" },
		{ ABI_ATTR_ATIME, ABI_ATTR_STRICTATIME, "strictatime" },
		{ ABI_ATTR_ATIME, ABI_ATTR_ATIME, "atime" },
		{ ABI_ATTR_NODIRATIME, ABI_ATTR_NODIRATIME, "nodiratime" },
		{ ABI_ATTR_IDMAP, ABI_ATTR_IDMAP, "idmap" },
		{ ABI_ATTR_NOSYMFOLLOW, ABI_ATTR_NOSYMFOLLOW, "nosymfollow" },
	};
	(void)step;
	size_t start = out->length;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if ((value & rows[i].mask) == rows[i].value) {
			put_joined(out, start, rows[i].word);
			value &= ~rows[i].mask;
		}
	if (value)
		put_joined(out, start, arena_printf(out->arena, "0x%" PRIx64, value));
}

static void put_capabilities(struct buf *out, const struct step *step, uint64_t value)
{
	(void)step;
	size_t start = out->length;
	if ((value & ((1ULL << ABI_CAP_COUNT) - 1)) == (1ULL << ABI_CAP_COUNT) - 1) {
		buf_puts(out, "all");
		return;
	}
	for (size_t i = 0; i < name_capabilities.count; i++)
		if (value >> name_capabilities.names[i].value & 1)
			put_joined(out, start, name_capabilities.names[i].word + strlen("CAP_"));
	if (out->length == start)
		buf_puts(out, "none");
}

static void put_way(struct buf *out, const struct step *step, uint64_t value)
{
	static const struct {
		enum step_kind kind;
		char letter;
		const char *word;
	} rows[] = {
		{ STEP_write_idmap, 'u', "uid" },       { STEP_write_idmap, 'g', "gid" },
		{ STEP_write_idmap, 's', "setgroups" }, { STEP_set_name, 'h', "hostname" },
		{ STEP_set_name, 'd', "domainname" },   { STEP_open_root, 'b', "bind" },
		{ STEP_open_root, 'd', "directory" },   { STEP_open_root, 'f', "filesystem" },
		{ STEP_make_device, 'n', "mknod" },     { STEP_make_device, 'b', "bind" },
		{ STEP_pivot, 'p', "pivot_root" },      { STEP_pivot, 'm', "move" },
		{ STEP_pivot, 'c', "chroot" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].kind == step->kind && (uint64_t)rows[i].letter == value) {
			buf_puts(out, rows[i].word);
			return;
		}
	put_letter(out, step, value);
}

/* An id that lookup_user finds in the container is not known yet; -1 keeps the one there is (setresuid(2)). */
static void put_id(struct buf *out, const struct step *step, uint64_t value)
{
	plan_slot identity = step->kind == STEP_set_uid      ? step->set_uid.identity
	                     : step->kind == STEP_set_gid    ? step->set_gid.identity
	                     : step->kind == STEP_take_pipes ? step->take_pipes.identity
	                                                     : 0;
	if (identity)
		buf_puts(out, "the one looked up");
	else if (value == UINT32_MAX)
		buf_puts(out, "what it is");
	else
		buf_printf(out, "%" PRIu64, value);
}

static const struct notation notations[] = {
	{ STEP_KIND_COUNT, "namespaces", put_namespaces, false },
	{ STEP_open_namespace, "type", put_namespaces, true },
	{ STEP_join_namespace, "type", put_namespaces, true },
	{ STEP_make_device, "type", put_letter, true },
	{ STEP_make_device, "major", put_signed, true },
	{ STEP_make_device, "minor", put_signed, true },
	{ STEP_KIND_COUNT, "how", put_way, true },
	{ STEP_KIND_COUNT, "which", put_way, true },
	{ STEP_KIND_COUNT, "mode", put_octal, true },
	{ STEP_set_umask, "mask", put_octal, true },
	{ STEP_KIND_COUNT, "propagation", put_propagation, false },
	{ STEP_KIND_COUNT, "attr_set", put_attributes, false },
	{ STEP_KIND_COUNT, "attr_clear", put_attributes, false },
	{ STEP_KIND_COUNT, "attr_set_rec", put_attributes, false },
	{ STEP_KIND_COUNT, "attr_clear_rec", put_attributes, false },
	{ STEP_set_rlimit, "resource", put_resource, true },
	{ STEP_set_rlimit, "soft", put_limit, true },
	{ STEP_set_rlimit, "hard", put_limit, true },
	{ STEP_raise_rlimit, "resource", put_resource, true },
	{ STEP_raise_rlimit, "hard", put_limit, true },
	{ STEP_set_oom_score, "value", put_signed, true },
	{ STEP_set_memory_policy, "policy", put_memory_policy, true },
	{ STEP_set_io_priority, "class", put_io_class, true },
	{ STEP_set_io_priority, "priority", put_signed, true },
	{ STEP_set_uid, "uid", put_id, true },
	{ STEP_set_gid, "gid", put_id, true },
	{ STEP_take_pipes, "uid", put_id, true },
	{ STEP_become_root, "uid", put_id, true },
	{ STEP_become_root, "gid", put_id, true },
	{ STEP_drop_bounding, "keep", put_capabilities, true },
	{ STEP_set_caps, "effective", put_capabilities, true },
	{ STEP_set_caps, "permitted", put_capabilities, true },
	{ STEP_set_caps, "inheritable", put_capabilities, true },
	{ STEP_set_caps, "ambient", put_capabilities, true },
	{ STEP_seccomp, "flags", put_filter_flags, false },
};

const struct notation *notation_of(const struct step *step, const char *field)
{
	for (size_t i = 0; i < sizeof(notations) / sizeof(*notations); i++)
		if ((notations[i].kind == step->kind || notations[i].kind == STEP_KIND_COUNT) &&
		    strcmp(notations[i].field, field) == 0)
			return &notations[i];
	return NULL;
}
