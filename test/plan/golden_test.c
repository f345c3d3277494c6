/* golden_test.c: what `kist plan` prints for configurations that engines wrote, on hosts that are kept as files.
 *
 * golden/NAME.plan is compared with what the plan of NAME's row is today. A person reads and judges a difference; what
 * is meant is then taken over with UPDATE=1 in the environment, and shows in the diff of a commit. */
#include "facts/facts.h"
#include "plan/plan.h"
#include "spec/box.h"
#include "spec/spec.h"

#include "base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LIMIT = 4 << 20 };

/* A configuration on a host; without one, `kist box -- sh` there. */
struct golden {
	const char *config, *facts;
};

static const struct golden goldens[] = {
	{ "runc-spec", "root-v1" },
	{ "crun-spec", "root-v2" },
	{ "runc-spec-rootless", "rootless-plain" },
	{ "crun-spec-rootless", "rootless-v2-delegated" },
	{ "podman-run", "root-hybrid" },
	{ "podman-tty", "root-v1" },
	{ "podman-limits", "root-hybrid" },
	{ "podman-device", "root-v1" },
	{ "podman-userns", "root-hybrid" },
	{ "podman-host", "root-v1" },
	{ "podman-pod-member", "root-v1" },
	{ "podman-privileged", "root-v1" },
	{ "podman-read-only", "root-v1" },
	{ "podman-v2-limits", "root-v2" },
	{ "podman-rootless-run", "podman-userns" },
	{ "podman-rootless-keep-id", "podman-userns" },
	{ "docker-run", "root-hybrid" },
	{ "docker-limits", "root-v2" },
	{ "docker-host", "root-hybrid" },
	{ "containerd-run", "root-v1" },
	{ "containerd-tty", "root-v2" },
	{ "containerd-userns", "root-v1" },
	{ NULL, "machine-root" },
	{ NULL, "machine-user" },
};

static const char *name_of(struct arena *arena, const struct golden *golden)
{
	return arena_printf(arena, "%s@%s", golden->config ? golden->config : "box", golden->facts);
}

static const char *path_of(struct arena *arena, const char *folder, const char *name, const char *end)
{
	const char *source = getenv("KIST_SOURCE");
	return arena_printf(arena, "%s/test/plan/%s/%s.%s", source ? source : ".", folder, name, end);
}

static char *read_text(struct arena *arena, const char *path, size_t *length)
{
	char *text = NULL;
	int result = file_read_at(arena, AT_FDCWD, path, LIMIT, &text, length);
	if (result < 0)
		fail_msg("%s: %s", path, strerror(-result));
	return text;
}

static struct spec *config_spec(struct arena *arena, const char *config, struct spec_faults *faults)
{
	size_t length;
	const char *text = read_text(arena, path_of(arena, "configs", config, "json"), &length);
	struct spec *spec = spec_decode(arena, text, length, "config.json", "/srv/bundle", faults);
	if (faults->count == 0)
		spec_refuse_unsupported(spec, faults);
	return spec;
}

static struct spec *sandbox_spec(struct arena *arena, const struct facts *facts, struct spec_faults *faults)
{
	static const char *args[] = { "sh" };
	bool root = facts->caller.uid == 0;
	struct box_flags flags = { .args = args, .arg_count = 1, .cwd = "/", .terminal = false, .privileged = root };
	if (!root)
		flags.own_users = flags.own_groups = (struct box_owned){ .id = 1000 };
	return box_spec(arena, &flags, faults);
}

/* The plan, or the reasons why there is none: both are what a user sees. */
static const char *text_of(struct arena *arena, const struct golden *golden)
{
	size_t length;
	struct facts facts = { 0 };
	struct err err = { 0 };
	struct spec_faults faults = { .arena = arena };
	const char *source = path_of(arena, "facts", golden->facts, "json");
	const char *text = read_text(arena, source, &length);
	if (facts_read_json(arena, text, length, source, &facts, &err) < 0)
		fail_msg("%s", err.what);
	struct spec *spec =
		golden->config ? config_spec(arena, golden->config, &faults) : sandbox_spec(arena, &facts, &faults);
	struct plan_request request = { .id = "golden", .state_root = facts.caller.state_root };
	struct plan_block *block = faults.count ? NULL : plan_make(arena, spec, &facts, &request, &faults);
	struct buf out = buf_in(arena);
	for (size_t i = 0; i < faults.warning_count; i++)
		buf_printf(&out, "warning: %s: %s\n", faults.warnings[i].pointer, faults.warnings[i].text);
	for (size_t i = 0; i < faults.count; i++)
		buf_printf(&out, "%s: %s\n", faults.items[i].pointer, faults.items[i].text);
	if (block)
		plan_print(&out, block, (struct plan_style){ 0 });
	const char *broken = block ? plan_law(arena, block) : NULL;
	if (broken)
		fail_msg("%s: %s", name_of(arena, golden), broken);
	return out.bytes;
}

/* The number of the first line in which they differ. */
static unsigned differing_line(const char *one, const char *other)
{
	unsigned line = 1;
	for (; *one && *one == *other; one++, other++)
		line += *one == '\n';
	return line;
}

static void same_as_before(void **state)
{
	const struct golden *golden = *state;
	struct arena arena;
	size_t length;
	assert_int_equal(arena_open(&arena), 0);
	const char *name = name_of(&arena, golden);
	const char *path = path_of(&arena, "golden", name, "plan");
	const char *now = text_of(&arena, golden);
	if (getenv("UPDATE")) {
		assert_int_equal(file_replace_at(AT_FDCWD, path, 0644, now, strlen(now)), 0);
	} else {
		const char *before = read_text(&arena, path, &length);
		if (strcmp(before, now) != 0)
			fail_msg("%s: line %u is another one now; UPDATE=1 takes it over", path,
			         differing_line(before, now));
	}
	arena_close(&arena);
}

int main(void)
{
	enum { GOLDENS = sizeof(goldens) / sizeof(*goldens) };
	struct CMUnitTest tests[GOLDENS];
	struct arena arena;
	if (arena_open(&arena) < 0)
		return 1;
	for (size_t i = 0; i < GOLDENS; i++)
		tests[i] = (struct CMUnitTest){
			.name = name_of(&arena, &goldens[i]),
			.test_func = same_as_before,
			.initial_state = (void *)&goldens[i],
		};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
