/* box_arch.c: a root of another architecture: what its programs are, and what it takes to run them. */
#include "spec/box_part.h"

#include <string.h>

/* elf(5), and the names that uname(2), Debian and container images have for them. */
static const struct spec_arch archs[] = {
	{ "x86_64", 64, false, 62 },   { "amd64", 64, false, 62 },   { "aarch64", 64, false, 183 },
	{ "arm64", 64, false, 183 },   { "i386", 32, false, 3 },     { "i686", 32, false, 3 },
	{ "arm", 32, false, 40 },      { "armhf", 32, false, 40 },   { "armv7l", 32, false, 40 },
	{ "riscv64", 64, false, 243 }, { "ppc64le", 64, false, 21 }, { "ppc64el", 64, false, 21 },
	{ "ppc64", 64, true, 21 },     { "s390x", 64, true, 22 },    { "loongarch64", 64, false, 258 },
	{ "mips64el", 64, false, 8 },  { "mipsel", 32, false, 8 },   { "mips", 32, true, 8 },
};

const struct spec_arch *spec_arch_named(const char *name)
{
	for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++)
		if (strcmp(archs[i].name, name) == 0)
			return &archs[i];
	return NULL;
}

static bool is_same(const struct spec_arch *one, const struct spec_arch *other)
{
	return one->machine == other->machine && one->bits == other->bits && one->big_endian == other->big_endian;
}

/* What the machine's own kernel runs: then uname(2) is to say 32 bits too, which is all that setarch(8) does. */
static bool is_small_self(const struct spec_arch *machine, const struct spec_arch *wanted)
{
	return (machine->machine == 62 && wanted->machine == 3) || (machine->machine == 183 && wanted->machine == 40);
}

void box_arch(struct box *box)
{
	static const char pointer[] = "/box/arch";
	const char *name = box->flags->arch, *here = box->flags->machine;
	if (!name)
		return;
	const struct spec_arch *wanted = spec_arch_named(name), *machine = here ? spec_arch_named(here) : NULL;
	box_origin(box, pointer, "arch", name);
	if (!wanted) {
		box_fault(box, pointer,
		          "no such architecture is known: expected x86_64, aarch64, i386, arm, riscv64, ppc64le, "
		          "ppc64, s390x, loongarch64, mips64el, mipsel or mips");
		return;
	}
	if (machine && is_same(machine, wanted))
		return;
	if (machine && is_small_self(machine, wanted)) {
		box_origin(box, "/linux/personality", "arch", name);
		box->spec->linux_.personality.set = true;
		box->spec->linux_.personality.linux32 = true;
		return;
	}
	if (!box->flags->root)
		box_fault(box, pointer,
		          arena_printf(box->arena,
		                       "the programs of this machine are for %s: another architecture is that of "
		                       "another root (--root DIR)",
		                       here));
	box->spec->box.arch = wanted;
}
