/* box.c: what `kist box` means, said as a spec: every default of a box is decided here. */
#include "spec/box.h"

#include "spec/fault.h"
#include "spec/mount_option.h"
#include "spec/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The kernel takes no quota below a millisecond: of a period of 100 that is a hundredth of a processor. */
enum { BOX_MOUNTS = 8, BOX_CPU_PERIOD = 100000, BOX_CPU_LEAST = 10 };

struct box {
	struct arena *arena;
	const struct box_flags *flags;
	struct spec_faults *faults;
	struct spec *spec;
	size_t origin_capacity;
};

/* A property came from this flag: spec_place() says so in errors. */
static void box_origin(struct box *box, const char *pointer, const char *words)
{
	struct spec_pairs *origins = &box->spec->origins;
	if (origins->count == box->origin_capacity) {
		box->origin_capacity = box->origin_capacity ? box->origin_capacity * 2 : 16;
		struct spec_pair *items = ARENA_ARRAY(box->arena, box->origin_capacity, struct spec_pair);
		if (origins->count)
			memcpy(items, origins->items, origins->count * sizeof(*items));
		origins->items = items;
	}
	origins->items[origins->count++] = (struct spec_pair){ pointer, words };
}

static void box_fault(struct box *box, const char *pointer, const char *text)
{
	fault_add(box->faults, FAULT_ERROR, (struct spec_fault){ .pointer = pointer, .text = text });
}

static const char *box_words(struct box *box, const char *flag, const char *value)
{
	return arena_printf(box->arena, "--%s %s", flag, value);
}

/* --- numbers ------------------------------------------------------------------------------------ */

/* A whole number, then optionally one of K M G T (powers of 1024). False when it is anything else. */
static bool box_size(const char *text, uint64_t *size)
{
	static const char suffixes[] = "KMGT";
	char *end;
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);
	if (errno)
		return false;
	if (*end) {
		char upper = (char)(*end >= 'a' ? *end - 'a' + 'A' : *end);
		const char *suffix = strchr(suffixes, upper);
		if (!suffix || end[1])
			return false;
		for (const char *step = suffixes; step <= suffix; step++)
			if (__builtin_mul_overflow(number, 1024ULL, &number))
				return false;
	}
	*size = number;
	return number <= INT64_MAX;
}

/* "0.5", "2": thousandths of a processor. */
static bool box_thousandths(const char *text, uint64_t *thousandths)
{
	uint64_t whole = 0, part = 0, unit = 100;
	const char *at = text;
	for (; *at >= '0' && *at <= '9' && whole < 100000; at++)
		whole = whole * 10 + (uint64_t)(*at - '0');
	if (at == text)
		return false;
	if (*at == '.')
		for (at++; *at >= '0' && *at <= '9' && unit; at++, unit /= 10)
			part += (uint64_t)(*at - '0') * unit;
	*thousandths = whole * 1000 + part;
	return *at == '\0';
}

static void box_limits(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec_resources *resources = &box->spec->linux_.resources;
	uint64_t number;
	if (flags->memory) {
		static const char pointer[] = "/linux/resources/memory/limit";
		box_origin(box, pointer, box_words(box, "memory", flags->memory));
		if (box_size(flags->memory, &number) && number > 0)
			resources->memory.limit = (struct opt_int){ true, (int64_t)number };
		else
			box_fault(box, pointer, "expected a size in bytes such as 100000000, 64M or 2G");
	}
	if (flags->cpus) {
		static const char pointer[] = "/linux/resources/cpu/quota";
		box_origin(box, pointer, box_words(box, "cpus", flags->cpus));
		box_origin(box, "/linux/resources/cpu/period", box_words(box, "cpus", flags->cpus));
		if (box_thousandths(flags->cpus, &number) && number >= BOX_CPU_LEAST) {
			resources->cpu.period = (struct opt_uint){ true, BOX_CPU_PERIOD };
			resources->cpu.quota = (struct opt_int){ true, (int64_t)(number * (BOX_CPU_PERIOD / 1000)) };
		} else {
			box_fault(box, pointer, "expected a number of processors such as 2 or 0.5, and 0.01 at least");
		}
	}
	if (flags->pids) {
		static const char pointer[] = "/linux/resources/pids/limit";
		box_origin(box, pointer, box_words(box, "pids", flags->pids));
		if (box_size(flags->pids, &number) && number > 0)
			resources->pids_limit = (struct opt_int){ true, (int64_t)number };
		else
			box_fault(box, pointer, "expected the largest number of processes, 1 or more");
	}
	resources->set = resources->device_count || flags->memory || flags->cpus || flags->pids;
}

/* For root only a policy stands between the box and the machine's disks, whatever nodes its root has. The default
 * devices stay allowed; an ordinary user has the permissions of the host's nodes instead. */
static void box_devices(struct box *box)
{
	struct spec_resources *resources = &box->spec->linux_.resources;
	if (!box->flags->privileged)
		return;
	resources->devices = ARENA_NEW(box->arena, struct spec_device_rule);
	resources->devices[0] = (struct spec_device_rule){
		.allow = false,
		.type = 'a',
		.access = DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD,
	};
	resources->device_count = 1;
}

/* --- namespaces, names --------------------------------------------------------------------------- */

static void box_namespaces(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec_linux *linux_ = &box->spec->linux_;
	static const uint32_t always[] = { ABI_NEWNS, ABI_NEWPID, ABI_NEWIPC, ABI_NEWUTS, ABI_NEWCGROUP };
	enum { ALWAYS = sizeof(always) / sizeof(always[0]) };
	linux_->set = true;
	linux_->namespaces = ARENA_ARRAY(box->arena, ALWAYS + 2, struct spec_namespace);
	for (size_t i = 0; i < ALWAYS; i++)
		linux_->namespaces[linux_->namespace_count++].type = always[i];
	if (!flags->privileged) {
		linux_->namespaces[linux_->namespace_count++].type = ABI_NEWUSER;
		linux_->uid_mappings = flags->uid_mappings;
		linux_->gid_mappings = flags->gid_mappings;
	}
	const char *net = flags->net ? flags->net : "host";
	if (flags->net)
		box_origin(box, "/linux/namespaces", box_words(box, "net", flags->net));
	if (strcmp(net, "none") == 0)
		linux_->namespaces[linux_->namespace_count++].type = ABI_NEWNET;
	else if (strcmp(net, "host") != 0)
		box_fault(box, "/linux/namespaces", "expected host or none");
	linux_->cgroups_path = flags->cgroup_path;
}

static void box_hostname(struct box *box)
{
	const char *name = box->flags->hostname;
	box->spec->hostname = name ? name : "box";
	if (!name)
		return;
	box_origin(box, "/hostname", box_words(box, "hostname", name));
	if (*name == '\0' || strlen(name) > 64 || strchr(name, '/'))
		box_fault(box, "/hostname", "expected a name of 1 to 64 bytes without a slash");
}

/* --- mounts ------------------------------------------------------------------------------------- */

static void box_mount(struct box *box, const char *destination, const char *source, const char *type,
                      const char *const *options)
{
	struct spec *spec = box->spec;
	struct spec_mount *mount = &spec->mounts[spec->mount_count++];
	size_t count = 0;
	while (options[count])
		count++;
	*mount = (struct spec_mount){ .destination = destination, .source = source, .type = type };
	mount->option_words.items = ARENA_ARRAY(box->arena, count + 1, const char *);
	mount->option_words.count = count;
	memcpy(mount->option_words.items, options, count * sizeof(*options));
	mount_options_fold(box->arena, &mount->option_words, &mount->options);
}

/* What a directory that is no running system lacks. Over the host's own root these come with the mounts below it. */
static void box_system_mounts(struct box *box)
{
	static const char *const proc[] = { "nosuid", "noexec", "nodev", NULL };
	static const char *const dev[] = { "nosuid", "strictatime", "mode=755", "size=65536k", NULL };
	static const char *const pts[] = { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", NULL };
	static const char *const shm[] = { "nosuid", "noexec", "nodev", "mode=1777", NULL };
	static const char *const sys[] = { "nosuid", "noexec", "nodev", "ro", NULL };
	static const char *const host_sys[] = { "rbind", "nosuid", "noexec", "nodev", "ro", NULL };
	box_mount(box, "/proc", "proc", "proc", proc);
	box_mount(box, "/dev", "tmpfs", "tmpfs", dev);
	box_mount(box, "/dev/pts", "devpts", "devpts", pts);
	box_mount(box, "/dev/shm", "shm", "tmpfs", shm);
	/* A fresh sysfs shows the network namespace it is mounted in, and may be mounted only by its owner. */
	if (spec_has_namespace(box->spec, ABI_NEWNET, &(const char *){ NULL }))
		box_mount(box, "/sys", "sysfs", "sysfs", sys);
	else
		box_mount(box, "/sys", "/sys", "bind", host_sys);
}

/* SRC[:DST][:ro|:rw]: a colon inside a path is written as \: . */
static void box_bind(struct box *box, const char *words, size_t index)
{
	static const char *const writable[] = { "rbind", NULL };
	static const char *const readonly[] = { "rbind", "rro", NULL };
	enum { PARTS = 3 };
	char *parts[PARTS] = { arena_string(box->arena, words), NULL, NULL };
	size_t count = 1;
	const char *pointer = arena_printf(box->arena, "/mounts/%zu", index);
	box_origin(box, pointer, box_words(box, "bind", words));
	char *to = parts[0];
	for (const char *from = words; *from; from++) {
		if (from[0] == '\\' && from[1] == ':') {
			*to++ = *++from;
		} else if (*from == ':' && count < PARTS) {
			*to++ = '\0';
			parts[count++] = to;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	const char *source = parts[0], *destination = parts[1], *mode = parts[2];
	if (count == 2 && (strcmp(destination, "ro") == 0 || strcmp(destination, "rw") == 0)) {
		mode = destination;
		destination = NULL;
	}
	if (mode && strcmp(mode, "ro") != 0 && strcmp(mode, "rw") != 0)
		box_fault(box, pointer, "expected SRC[:DST][:ro], the last part being ro or rw");
	if (*source == '\0' || (destination && *destination != '/'))
		box_fault(box, pointer, "expected SRC[:DST][:ro] with DST an absolute path inside");
	if (*source != '/')
		source = arena_printf(box->arena, "%s/%s", box->flags->cwd, source);
	box_mount(box, destination ? destination : source, source, "bind",
	          mode && strcmp(mode, "ro") == 0 ? readonly : writable);
}

static void box_mounts(struct box *box)
{
	const struct box_flags *flags = box->flags;
	box->spec->mounts = ARENA_ARRAY(box->arena, BOX_MOUNTS + flags->bind_count, struct spec_mount);
	if (box->spec->box.root_mode == ROOT_DIR_OVERLAY)
		box_system_mounts(box);
	for (size_t i = 0; i < flags->bind_count; i++)
		box_bind(box, flags->binds[i], box->spec->mount_count);
}

/* The kernel's own controls are no part of a box: what podman and docker hide is hidden here too. */
static void box_protection(struct box *box)
{
	static const char *const masked[] = {
		"/proc/acpi",
		"/proc/asound",
		"/proc/kcore",
		"/proc/keys",
		"/proc/latency_stats",
		"/proc/timer_list",
		"/proc/timer_stats",
		"/proc/sched_debug",
		"/proc/scsi",
		"/sys/firmware",
		"/sys/devices/virtual/powercap",
	};
	static const char *const readonly[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
		                                "/proc/sysrq-trigger" };
	struct spec_linux *linux_ = &box->spec->linux_;
	linux_->masked_paths = (struct spec_strings){ (const char **)masked, sizeof(masked) / sizeof(masked[0]) };
	linux_->readonly_paths =
		(struct spec_strings){ (const char **)readonly, sizeof(readonly) / sizeof(readonly[0]) };
}

/* --- process ------------------------------------------------------------------------------------ */

/* "1000", "1000:100": strict decimal, so that 0x1, -1, 4294967296 or " 1" never become somebody (CVE-2016-3697). */
static bool box_id(const char *text, size_t length, uint32_t *id)
{
	uint64_t number = 0;
	if (length == 0 || length > 10 || (text[0] == '0' && length > 1))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(text[i] - '0');
	}
	*id = (uint32_t)number;
	return number < UINT32_MAX;
}

/* Numbers are taken as they are; names are looked up inside, by init. True when the user id is known already. */
static bool box_user(struct box *box)
{
	const char *user = box->flags->user;
	if (!user)
		return true;
	struct spec_user *ids = &box->spec->process.user;
	const char *colon = strchr(user, ':');
	size_t length = colon ? (size_t)(colon - user) : strlen(user);
	box_origin(box, "/process/user", box_words(box, "user", user));
	if (length == 0 || (colon && colon[1] == '\0')) {
		box_fault(box, "/process/user", "expected UID, NAME, UID:GID or NAME:GROUP");
		return false;
	}
	bool uid_number = box_id(user, length, &ids->uid);
	bool gid_number = !colon || box_id(colon + 1, strlen(colon + 1), &ids->gid);
	if (!uid_number && (*user == '-' || *user == ' ' || (*user >= '0' && *user <= '9'))) {
		box_fault(box, "/process/user", "this is neither a user id (0 to 4294967294, decimal) nor a name");
		return false;
	}
	/* The group of a bare number is what the container's passwd says, so that is looked up as well. */
	if (!uid_number || !gid_number || !colon)
		box->spec->box.user = user;
	return uid_number;
}

/* What podman and docker leave root inside: enough to install packages, nothing that reaches the host. */
static uint64_t box_capability_set(void)
{
	static const char *const names[] = {
		"CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FOWNER",     "CAP_FSETID",
		"CAP_KILL",    "CAP_NET_BIND_SERVICE", "CAP_SETFCAP",    "CAP_SETGID",
		"CAP_SETPCAP", "CAP_SETUID",           "CAP_SYS_CHROOT",
	};
	uint64_t set = 0, number;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (name_value(&name_capabilities, names[i], &number))
			set |= UINT64_C(1) << number;
	return set;
}

static void box_process(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec_process *process = &box->spec->process;
	process->set = true;
	process->terminal = flags->terminal;
	process->cwd = box->spec->box.root_mode == ROOT_HOST_OVERLAY ? flags->cwd : "/";
	process->args = (struct spec_strings){ flags->args, flags->arg_count };
	process->env.items = ARENA_ARRAY(box->arena, 2, const char *);
	process->env.items[process->env.count++] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	if (flags->term)
		process->env.items[process->env.count++] = arena_printf(box->arena, "TERM=%s", flags->term);
	process->no_new_privileges = true;
	bool uid_given = box_user(box);
	struct spec_capabilities *capabilities = &process->capabilities;
	capabilities->set = true;
	capabilities->bounding = box_capability_set();
	/* As under docker and podman: another user than root starts without any, and inheritable stays empty
	 * (CVE-2022-24769). */
	bool root = !flags->user || strcmp(flags->user, "root") == 0 || (uid_given && process->user.uid == 0);
	if (root)
		capabilities->effective = capabilities->permitted = capabilities->bounding;
}

struct spec *box_spec(struct arena *arena, const struct box_flags *flags, struct spec_faults *faults)
{
	struct spec *spec = ARENA_NEW(arena, struct spec);
	struct box box = { .arena = arena, .flags = flags, .faults = faults, .spec = spec };
	spec->oci_version = "1.3.0";
	spec->box.set = true;
	spec->box.die_with_runtime = true;
	spec->box.root_mode = flags->root ? ROOT_DIR_OVERLAY : ROOT_HOST_OVERLAY;
	spec->root.set = true;
	spec->root.path = "/";
	if (flags->root) {
		box_origin(&box, "/root/path", box_words(&box, "root", flags->root));
		spec->root.path =
			*flags->root == '/' ? flags->root : arena_printf(arena, "%s/%s", flags->cwd, flags->root);
		if (*flags->root == '\0')
			box_fault(&box, "/root/path", "expected a directory");
	}
	box_namespaces(&box);
	box_hostname(&box);
	box_mounts(&box);
	box_protection(&box);
	box_process(&box);
	box_devices(&box);
	box_limits(&box);
	return spec;
}
