/* box_place.c: what the flags place in a box, each in its order: binds, file systems, devices, links, protections. */
#include "spec/box_part.h"
#include "spec/mount_option.h"

#include <string.h>

/* Cuts at colons, the last part taking what is left; a colon inside a path is written as \: . Returns how many parts
 * there are; the others are NULL. */
static size_t split_parts(struct box *box, const char *words, char **parts, size_t most)
{
	char *to = arena_string(box->arena, words);
	size_t count = 1;
	memset(parts, 0, most * sizeof(*parts));
	parts[0] = to;
	for (const char *from = words; *from; from++) {
		if (from[0] == '\\' && from[1] == ':') {
			*to++ = *++from;
		} else if (*from == ':' && count < most) {
			*to++ = '\0';
			parts[count++] = to;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return count;
}

/* "/", "//", "/.": the whole root, however it is written. */
static bool is_root(const char *path)
{
	if (*path != '/')
		return false;
	for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
		size_t length = strcspn(path, "/");
		if (*path != '.' || length > 2 || (length == 2 && path[1] != '.'))
			return false;
		path += length;
	}
	return true;
}

/* Words between commas, none of them empty. */
static struct spec_strings split_words(struct box *box, const char *text)
{
	size_t most = 1;
	for (const char *byte = text; *byte; byte++)
		most += *byte == ',';
	struct spec_strings words = { ARENA_ARRAY(box->arena, most, const char *), 0 };
	while (*text) {
		size_t length = strcspn(text, ",");
		if (length)
			words.items[words.count++] = arena_copy(box->arena, text, length);
		text += length + (text[length] == ',');
	}
	return words;
}

static const char *from_caller(struct box *box, const char *path)
{
	return *path == '/' ? path : arena_printf(box->arena, "%s/%s", box->flags->cwd, path);
}

static const char *next_pointer(struct box *box, const struct given_word *word)
{
	const char *pointer = arena_printf(box->arena, "/mounts/%zu", box->spec->mount_count);
	box_origin(box, pointer, word->flag, word->value);
	return pointer;
}

/* This very string is the type of no mount that a flag asks for. */
static const char misplaced_type[] = "none";

/* What is wrong with a mount; it keeps its number, so that the next fault has its own flag's name. */
static void misplaced(struct box *box, const char *pointer, const char *text)
{
	static const char *const none[] = { NULL };
	box_fault(box, pointer, text);
	box_mount(box, "/", "none", misplaced_type, none);
}

/* --- binds ------------------------------------------------------------------------------------------ */

/* What may be said of a bind. Each holds for SRC and, unless it is norec, for what is mounted below. */
static const struct {
	const char *word;
	const char *one, *all; /* as mount options; NULL: a word about the bind itself */
} bind_options[] = {
	{ "ro", "ro", "rro" },
	{ "rw", "rw", "rrw" },
	{ "noexec", "noexec", "rnoexec" },
	{ "exec", "exec", "rexec" },
	{ "nosuid", "nosuid", "rnosuid" },
	{ "suid", "suid", "rsuid" },
	{ "nodev", "nodev", "rnodev" },
	{ "dev", "dev", "rdev" },
	{ "idmap", "idmap", "idmap" },
	{ "rec", NULL, NULL },
	{ "norec", NULL, NULL },
};
enum { BIND_OPTIONS = sizeof(bind_options) / sizeof(*bind_options) };

static size_t bind_option(const char *word)
{
	size_t at = 0;
	while (at < BIND_OPTIONS && strcmp(bind_options[at].word, word) != 0)
		at++;
	return at;
}

/* "idmap=1000-0-1": from 1000 on, the owners on the disk are seen as 0 and on, and what 0 makes is 1000's there. */
static bool take_idmap(struct box *box, const char *word, struct spec_mount *mount)
{
	enum { NUMBERS = 3 };
	uint32_t numbers[NUMBERS];
	const char *at = word + strlen("idmap=");
	for (size_t i = 0; i < NUMBERS; i++) {
		size_t length = strcspn(at, "-");
		if (!box_id(at, length, &numbers[i]) || (at[length] == '-') != (i < NUMBERS - 1))
			return false;
		at += length + (at[length] == '-');
	}
	if (numbers[2] == 0)
		return false;
	struct spec_idmap *map = ARENA_NEW(box->arena, struct spec_idmap);
	*map = (struct spec_idmap){ numbers[0], numbers[1], numbers[2] };
	mount->uid_mappings = mount->gid_mappings = (struct spec_idmaps){ map, 1 };
	return true;
}

/* Takes the words about ids out of the options, since they are more than a word of a mount. */
static bool take_idmaps(struct box *box, const char *pointer, struct spec_strings *given, struct spec_mount *mount)
{
	size_t kept = 0;
	bool own = spec_has_namespace(box->spec, ABI_NEWUSER, &(const char *){ NULL });
	for (size_t i = 0; i < given->count; i++) {
		const char *word = given->items[i], *wrong = NULL;
		bool mapped = strncmp(word, "idmap=", strlen("idmap=")) == 0;
		if (!mapped)
			given->items[kept++] = word;
		if (mapped && own)
			wrong = "this box has ids of its own, as which idmap shows the owners: it takes no others";
		else if (mapped && !take_idmap(box, word, mount))
			wrong = "expected idmap=DISK-SHOWN-COUNT, such as idmap=1000-0-1";
		else if (!own && strcmp(word, "idmap") == 0)
			wrong = "this box has the machine's ids: say as which the owners are shown "
				"(idmap=DISK-SHOWN-COUNT), or give it ids of its own (--map)";
		if (wrong)
			misplaced(box, pointer, wrong);
		if (wrong)
			return false;
	}
	given->count = kept;
	return true;
}

/* The options of a bind mount, or NULL after a fault. */
static const char *const *bind_words(struct box *box, const char *pointer, const char *text, struct spec_mount *mount)
{
	struct spec_strings given = split_words(box, text);
	if (!take_idmaps(box, pointer, &given, mount))
		return NULL;
	const char **words = ARENA_ARRAY(box->arena, given.count + 2, const char *);
	bool all = true;
	for (size_t i = 0; i < given.count; i++) {
		size_t option = bind_option(given.items[i]);
		if (option == BIND_OPTIONS) {
			misplaced(box, pointer,
			          arena_printf(box->arena,
			                       "\"%s\" is neither an absolute path inside nor an option: expected "
			                       "SRC[:DST][:OPTS] with DST an absolute path, and OPTS of ro, rw, rec, "
			                       "norec, noexec, exec, nosuid, suid, nodev, dev, idmap",
			                       given.items[i]));
			return NULL;
		}
		if (!bind_options[option].one)
			all = strcmp(given.items[i], "rec") == 0;
	}
	size_t count = 0;
	words[count++] = all ? "rbind" : "bind";
	for (size_t i = 0; i < given.count; i++) {
		size_t option = bind_option(given.items[i]);
		const char *word = all ? bind_options[option].all : bind_options[option].one;
		if (word)
			words[count++] = word;
	}
	return words;
}

static void place_bind(struct box *box, const struct given_word *word)
{
	enum { PARTS = 3 };
	char *parts[PARTS];
	const char *pointer = next_pointer(box, word);
	size_t count = split_parts(box, word->value, parts, PARTS);
	const char *source = parts[0], *destination = parts[1], *options = parts[2];
	if (count == 2 && *destination != '/') {
		options = destination;
		destination = NULL;
	}
	if (*source == '\0' || (destination && *destination != '/')) {
		misplaced(box, pointer, "expected SRC[:DST][:OPTS] with DST an absolute path inside");
		return;
	}
	struct spec_mount mapped = { 0 };
	const char *const *words = bind_words(box, pointer, options ? options : "", &mapped);
	source = from_caller(box, source);
	if (!words)
		return;
	box_mount(box, destination ? destination : source, source, "bind", words);
	struct spec_mount *mount = &box->spec->mounts[box->spec->mount_count - 1];
	mount->uid_mappings = mapped.uid_mappings;
	mount->gid_mappings = mapped.gid_mappings;
}

static void place_bind_try(struct box *box, const struct given_word *word)
{
	size_t before = box->spec->mount_count;
	place_bind(box, word);
	if (box->spec->mount_count > before)
		box->spec->mounts[before].optional = true;
}

/* --- file systems ----------------------------------------------------------------------------------- */

/* Put before the words that were given, so that those have the last say. */
static const char *const *words_after(struct box *box, const char *const *defaults, const char *text)
{
	struct spec_strings given = split_words(box, text);
	size_t count = 0;
	while (defaults[count])
		count++;
	const char **words = ARENA_ARRAY(box->arena, count + given.count + 1, const char *);
	memcpy(words, defaults, count * sizeof(*words));
	if (given.count)
		memcpy(words + count, given.items, given.count * sizeof(*words));
	return words;
}

static void place_tmpfs(struct box *box, const struct given_word *word)
{
	static const char *const safe[] = { "nosuid", "nodev", NULL };
	enum { PARTS = 2 };
	char *parts[PARTS];
	const char *pointer = next_pointer(box, word);
	split_parts(box, word->value, parts, PARTS);
	if (*parts[0] != '/')
		misplaced(box, pointer, "expected DST[:OPTS] with DST an absolute path inside, such as /tmp:size=1G");
	else
		box_mount(box, parts[0], "tmpfs", "tmpfs", words_after(box, safe, parts[1] ? parts[1] : ""));
}

static void place_proc(struct box *box, const struct given_word *word)
{
	const char *pointer = next_pointer(box, word);
	if (*word->value != '/')
		misplaced(box, pointer, "expected an absolute path inside");
	else
		box_mount_proc(box, word->value);
}

static void place_sys(struct box *box, const struct given_word *word)
{
	next_pointer(box, word);
	box_mount_sys(box);
}

/* TYPE:SRC:DST[:OPTS]: any file system this kernel has, as mount(8) would be told. */
static void place_mount(struct box *box, const struct given_word *word)
{
	static const char *const none[] = { NULL };
	enum { PARTS = 4 };
	char *parts[PARTS];
	const char *pointer = next_pointer(box, word);
	size_t count = split_parts(box, word->value, parts, PARTS);
	if (count < 3 || *parts[0] == '\0' || *parts[2] != '/') {
		misplaced(box, pointer,
		          "expected TYPE:SRC:DST[:OPTS] with DST an absolute path inside, such as "
		          "ext4:/dev/loop0:/mnt:ro");
		return;
	}
	bool bind = strcmp(parts[0], "bind") == 0;
	if (bind && *parts[1] == '\0') {
		misplaced(box, pointer, "a bind mount needs a source");
		return;
	}
	const char *source = bind ? from_caller(box, parts[1]) : *parts[1] ? parts[1] : parts[0];
	box_mount(box, parts[2], source, parts[0], words_after(box, none, parts[3] ? parts[3] : ""));
}

/* --- devices ---------------------------------------------------------------------------------------- */

/* How many --dev there are: with this value, or with any. */
static size_t count_dev(const struct box *box, const char *value)
{
	const struct given_words *given = &box->flags->places;
	size_t count = 0;
	for (size_t i = 0; i < given->count; i++)
		count += strcmp(given->items[i].flag, "dev") == 0 &&
		         (!value || strcmp(given->items[i].value, value) == 0);
	return count;
}

static bool is_first(const struct box *box, const struct given_word *word)
{
	const struct given_word *at = box->flags->places.items;
	while (strcmp(at->flag, word->flag) != 0)
		at++;
	return at == word;
}

/* minimal, host, or a device, which is shown beside the minimal ones. */
static void place_dev(struct box *box, const struct given_word *word)
{
	static const char *const tree[] = { "rbind", NULL };
	bool host = strcmp(word->value, "host") == 0, device = *word->value == '/';
	size_t first = box->spec->mount_count;
	if (host && count_dev(box, "host") != count_dev(box, NULL)) {
		misplaced(box, next_pointer(box, word),
		          "host is all of the machine's devices: it goes with no other --dev");
	} else if (!host && !device && strcmp(word->value, "minimal") != 0) {
		misplaced(box, next_pointer(box, word),
		          "expected minimal, host, or the path of a device such as /dev/kvm");
	} else if (is_first(box, word) && host) {
		box_mount(box, "/dev", "/dev", "bind", tree);
	} else if (is_first(box, word)) {
		box_mount_dev(box);
	}
	if (device)
		box_mount(box, word->value, word->value, "bind", tree);
	for (size_t i = first; i < box->spec->mount_count; i++)
		box_origin(box, arena_printf(box->arena, "/mounts/%zu", i), word->flag, word->value);
}

/* --- paths ------------------------------------------------------------------------------------------ */

static void add_path(struct box *box, const struct given_word *word, const char *list, struct spec_strings *paths)
{
	const char *pointer = arena_printf(box->arena, "%s/%zu", list, paths->count);
	box_origin(box, pointer, word->flag, word->value);
	if (*word->value != '/')
		box_fault(box, pointer, "expected an absolute path inside");
	const char **items = ARENA_ARRAY(box->arena, paths->count + 1, const char *);
	if (paths->count)
		memcpy(items, paths->items, paths->count * sizeof(*items));
	items[paths->count++] = word->value;
	paths->items = items;
}

static void place_mask(struct box *box, const struct given_word *word)
{
	struct spec_strings *paths = &box->spec->linux_.masked_paths;
	const char *pointer = arena_printf(box->arena, "/linux/maskedPaths/%zu", paths->count);
	add_path(box, word, "/linux/maskedPaths", paths);
	if (is_root(word->value))
		box_fault(box, pointer, "the whole root cannot be masked: nothing could be run");
}

static void place_ro(struct box *box, const struct given_word *word)
{
	if (is_root(word->value)) {
		box_origin(box, "/root/readonly", word->flag, word->value);
		box->spec->root.readonly = true;
	} else {
		add_path(box, word, "/linux/readonlyPaths", &box->spec->linux_.readonly_paths);
	}
}

static void make_between(struct box *box, const struct given_word *word, const char *path, const char *target)
{
	struct spec_box *spec = &box->spec->box;
	const char *pointer = arena_printf(box->arena, "/box/made/%zu", spec->made_count);
	struct spec_made *items = ARENA_ARRAY(box->arena, spec->made_count + 1, struct spec_made);
	if (spec->made_count)
		memcpy(items, spec->made, spec->made_count * sizeof(*items));
	box_origin(box, pointer, word->flag, word->value);
	items[spec->made_count++] = (struct spec_made){ path, target, box->spec->mount_count };
	spec->made = items;
	if (!path || *path != '/' || (target && *target == '\0'))
		box_fault(box, pointer,
		          target ? "expected TARGET:PATH with PATH an absolute path inside"
		                 : "expected an absolute path inside");
	else if (target && is_root(path))
		box_fault(box, pointer, "the root is a directory, and no link: what it is says --root DIR");
}

static void place_symlink(struct box *box, const struct given_word *word)
{
	enum { PARTS = 2 };
	char *parts[PARTS];
	split_parts(box, word->value, parts, PARTS);
	make_between(box, word, parts[1], parts[0]);
}

static void place_dir(struct box *box, const struct given_word *word)
{
	make_between(box, word, word->value, NULL);
}

/* --- the list --------------------------------------------------------------------------------------- */

static const struct {
	const char *flag;
	void (*place)(struct box *box, const struct given_word *word);
} places[] = {
	{ "bind", place_bind }, { "bind-try", place_bind_try }, { "tmpfs", place_tmpfs }, { "proc", place_proc },
	{ "sys", place_sys },   { "mount", place_mount },       { "dev", place_dev },     { "mask", place_mask },
	{ "ro", place_ro },     { "symlink", place_symlink },   { "dir", place_dir },
};

bool box_is_placed(const struct box *box, const char *flag)
{
	const struct given_words *given = &box->flags->places;
	for (size_t i = 0; i < given->count; i++)
		if (strcmp(given->items[i].flag, flag) == 0)
			return true;
	return false;
}

bool box_has_host_devices(const struct box *box)
{
	return count_dev(box, "host");
}

/* It would cover what is shown and placed before, and all that a start needs in a root. What is misplaced has been
 * told already. */
static void refuse_covers(struct box *box, size_t first)
{
	for (size_t i = first; i < box->spec->mount_count; i++) {
		const struct spec_mount *mount = &box->spec->mounts[i];
		if (is_root(mount->destination) && mount->type != misplaced_type)
			box_fault(box, arena_printf(box->arena, "/mounts/%zu", i),
			          "nothing is placed over the whole root: what that is says --root DIR");
	}
}

void box_places(struct box *box)
{
	const struct given_words *given = &box->flags->places;
	for (size_t i = 0; i < given->count; i++)
		for (size_t k = 0; k < sizeof(places) / sizeof(*places); k++) {
			size_t first = box->spec->mount_count;
			if (strcmp(places[k].flag, given->items[i].flag) != 0)
				continue;
			places[k].place(box, &given->items[i]);
			refuse_covers(box, first);
		}
	box->spec->box.masked_asked = box->spec->linux_.masked_paths.count;
	box->spec->box.readonly_asked = box->spec->linux_.readonly_paths.count;
}
