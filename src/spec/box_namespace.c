/* box_namespace.c: which namespaces a box has of its own, and which it shares with the machine or with a process. */
#include "spec/box_part.h"

#include <string.h>

/* One flag each. `own` is the word for a new one; without the flag a box has a new one, or with `hosts` the
 * machine's. */
static const struct kind {
	uint32_t type;
	const char *flag, *file; /* its name below /proc/PID/ns */
	const char *own;
	bool hosts;
	size_t offset;
} kinds[] = {
	{ ABI_NEWPID, "pid", "pid", "new", false, offsetof(struct box_flags, pid) },
	{ ABI_NEWIPC, "ipc", "ipc", "new", false, offsetof(struct box_flags, ipc) },
	{ ABI_NEWUTS, "uts", "uts", "new", false, offsetof(struct box_flags, uts) },
	{ ABI_NEWCGROUP, "cgroup", "cgroup", "new", false, offsetof(struct box_flags, cgroup) },
	{ ABI_NEWNET, "net", "net", "none", true, offsetof(struct box_flags, net) },
	{ ABI_NEWTIME, "time", "time", "new", true, offsetof(struct box_flags, time) },
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static const char *given(const struct box *box, const struct kind *kind)
{
	return *(const char *const *)(const void *)((const char *)box->flags + kind->offset);
}

static bool is_process(const char *word)
{
	return strncmp(word, "pid:", 4) == 0;
}

static bool is_path(const char *word)
{
	return strncmp(word, "ns:", 3) == 0;
}

/* A decimal number without a leading zero, so that /proc/N is that process and nothing else. */
static bool is_number(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length <= 10 && strspn(text, "0123456789") == length && *text != '0';
}

static const char *add_namespace(struct box *box, uint32_t type, const char *path)
{
	struct spec_linux *linux_ = &box->spec->linux_;
	linux_->namespaces[linux_->namespace_count] = (struct spec_namespace){ type, path };
	return arena_printf(box->arena, "/linux/namespaces/%zu", linux_->namespace_count++);
}

/* Of the one that is there. */
static const char *pointer_of(const struct box *box, uint32_t type)
{
	size_t i = 0;
	while (box->spec->linux_.namespaces[i].type != type)
		i++;
	return arena_printf(box->arena, "/linux/namespaces/%zu", i);
}

static void add_kind(struct box *box, const struct kind *kind)
{
	const char *word = given(box, kind), *pointer;
	if (word ? strcmp(word, kind->own) == 0 : !kind->hosts) {
		pointer = add_namespace(box, kind->type, NULL);
	} else if (!word || strcmp(word, "host") == 0) {
		return;
	} else if (is_path(word) && word[3]) {
		const char *path = word + 3;
		pointer = add_namespace(box, kind->type,
		                        *path == '/' ? path : arena_printf(box->arena, "%s/%s", box->flags->cwd, path));
	} else if (is_process(word) && is_number(word + 4)) {
		pointer = add_namespace(box, kind->type,
		                        arena_printf(box->arena, "/proc/%s/ns/%s", word + 4, kind->file));
	} else {
		pointer = add_namespace(box, kind->type, "/");
		box_fault(box, pointer,
		          arena_printf(box->arena, "expected host or %s, or ns:PATH or pid:N to join one", kind->own));
	}
	if (word)
		box_origin(box, pointer, kind->flag, word);
}

/* --- without root ----------------------------------------------------------------------------------- */

/* A namespace can be joined by who has rights in the user namespace that owns it. Of a process all of them mostly
 * belong to its own, so a box that is to share with it joins that too, instead of making one; a path does not say
 * whose it is. */
static const char *process_to_join(struct box *box)
{
	const char *process = NULL;
	for (size_t i = 0; i < KINDS; i++) {
		const char *word = given(box, &kinds[i]);
		if (!word || !is_process(word))
			continue;
		if (process && strcmp(process, word) != 0)
			box_fault(
				box, pointer_of(box, kinds[i].type),
				arena_printf(box->arena,
			                     "without root only the namespaces of one process can be joined, since the "
			                     "box then shares its user namespace: leave this one or that of %s out",
			                     process));
		process = word;
	}
	return process;
}

static void refuse_paths(struct box *box)
{
	for (size_t i = 0; i < KINDS; i++) {
		const char *word = given(box, &kinds[i]);
		if (word && is_path(word))
			box_fault(
				box, pointer_of(box, kinds[i].type),
				arena_printf(box->arena,
			                     "joining it needs rights in the user namespace that owns it, which a box "
			                     "without root has only when it shares that: name a process in it "
			                     "(--%s pid:N), or run kist as root",
			                     kinds[i].flag));
	}
}

static void own_user_namespace(struct box *box)
{
	add_namespace(box, ABI_NEWUSER, NULL);
	box_ids(box);
}

static void user_namespace(struct box *box)
{
	const char *process = process_to_join(box);
	if (!process) {
		refuse_paths(box);
		own_user_namespace(box);
		return;
	}
	for (size_t i = 0; i < KINDS; i++) {
		if (given(box, &kinds[i]) != process)
			continue;
		const char *path = arena_printf(box->arena, "/proc/%s/ns/user", process + 4);
		box_origin(box, add_namespace(box, ABI_NEWUSER, path), kinds[i].flag, process);
		if (box_ids_asked(box))
			box_fault(box, pointer_of(box, kinds[i].type),
			          "without root a box that joins a process shares its user namespace, which has its "
			          "own id map: leave --map, --map-uid and --map-gid out");
	}
}

/* --- with ids of its own ------------------------------------------------------------------------------ */

/* Who may do everything makes a user namespace when a map asks for one. A /proc shows the processes of its mounter's
 * pid namespace, and only who has rights in the user namespace that owns that may mount it: no box with one of its
 * own. */
static void refuse_joined_processes(struct box *box)
{
	const struct box_flags *flags = box->flags;
	const char *asked = flags->maps.count ? "map" : flags->map_uid ? "map-uid" : "map-gid", *path = NULL;
	if (spec_has_namespace(box->spec, ABI_NEWPID, &path) && path)
		box_fault(box, pointer_of(box, ABI_NEWPID),
		          arena_printf(box->arena,
		                       "the processes of another can be shown only with its user namespace, and --%s "
		                       "gives the box one of its own: leave one of the two out",
		                       asked));
}

/* --- clocks ----------------------------------------------------------------------------------------- */

/* "monotonic=86400" */
static bool take_clock(struct box *box, const char *text)
{
	static const struct {
		const char *name;
		size_t offset;
	} clocks[] = {
		{ "monotonic=", offsetof(struct spec_linux, monotonic) },
		{ "boottime=", offsetof(struct spec_linux, boottime) },
	};
	for (size_t i = 0; i < sizeof(clocks) / sizeof(*clocks); i++) {
		size_t length = strlen(clocks[i].name);
		if (strncmp(text, clocks[i].name, length) != 0)
			continue;
		struct spec_time_offset *offset = (void *)((char *)&box->spec->linux_ + clocks[i].offset);
		bool minus = text[length] == '-';
		const char *digits = text + length + minus;
		size_t count = strspn(digits, "0123456789");
		int64_t seconds = 0;
		if (count == 0 || count > 10 || digits[count] || offset->set)
			return false;
		for (; *digits; digits++)
			seconds = seconds * 10 + (*digits - '0');
		*offset = (struct spec_time_offset){ true, minus ? -seconds : seconds, 0 };
		return true;
	}
	return false;
}

static void clock_offsets(struct box *box)
{
	static const char pointer[] = "/linux/timeOffsets";
	const char *clock = box->flags->clock;
	if (!clock)
		return;
	box_origin(box, pointer, "clock", clock);
	if (!box->flags->time || strcmp(box->flags->time, "new") != 0)
		box_fault(box, pointer, "the machine's clocks are not moved: it needs --time new");
	for (;; clock++) {
		size_t length = strcspn(clock, ",");
		bool taken = take_clock(box, arena_copy(box->arena, clock, length));
		if (!taken)
			box_fault(box, pointer, "expected monotonic=SECONDS, boottime=SECONDS, or both with a comma");
		clock += length;
		if (!taken || !*clock)
			return;
	}
}

void box_namespaces(struct box *box)
{
	struct spec_linux *linux_ = &box->spec->linux_;
	linux_->set = true;
	linux_->namespaces = ARENA_ARRAY(box->arena, KINDS + 2, struct spec_namespace);
	add_namespace(box, ABI_NEWNS, NULL);
	for (size_t i = 0; i < KINDS; i++)
		add_kind(box, &kinds[i]);
	if (!box->flags->privileged)
		user_namespace(box);
	else if (box_ids_asked(box))
		own_user_namespace(box);
	if (box->flags->privileged && box_ids_asked(box))
		refuse_joined_processes(box);
	clock_offsets(box);
	linux_->cgroups_path = box->flags->cgroup_path;
}

/* It is one word of a line in /etc/hosts. */
static bool is_plain(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name <= ' ' || *name == '/' || *name == 0x7f)
			return false;
	return true;
}

/* A joined namespace has its name from others, and to rename the machine is no box's business. */
void box_names(struct box *box)
{
	const char *name = box->flags->hostname, *path = NULL;
	bool own = spec_has_namespace(box->spec, ABI_NEWUTS, &path) && !path;
	if (own)
		box->spec->hostname = name ? name : "box";
	if (!name)
		return;
	box_origin(box, "/hostname", "hostname", name);
	if (!own)
		box_fault(box, "/hostname",
		          arena_printf(box->arena,
		                       "with --uts %s the name is not the box's to choose: leave one of the two out",
		                       box->flags->uts));
	if (*name == '\0' || strlen(name) > 64 || !is_plain(name))
		box_fault(box, "/hostname",
		          "expected a name of 1 to 64 bytes without a slash, blanks and control characters");
}
