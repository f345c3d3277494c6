/* mount_option.c: the one table of mount options, and how a list of them is folded. */
#include "spec/mount_option.h"

#include <string.h>

enum option_kind {
	OPTION_ATTR,        /* set and clear attributes of this mount */
	OPTION_ATTR_REC,    /* the same for this mount and all below */
	OPTION_PROPAGATION, /* set is ABI_PRIVATE..., `yes` makes it recursive */
	OPTION_SWITCH,      /* a bool of the struct becomes `yes` */
	OPTION_TREE,        /* like a switch, and a second bool says whether it takes the whole tree */
	OPTION_NOTHING,     /* known, and says what is the case anyhow */
};

struct mount_option {
	const char *word;
	enum option_kind kind;
	bool yes;
	size_t offset, tree_offset; /* of the bools */
	uint64_t set;               /* OPTION_ATTR*: attributes it sets */
	uint64_t clear;             /* attributes it clears in the mount */
	uint64_t drop;              /* attributes of earlier words that it takes back */
};

/* clang-format off */
/* What an attribute word and its opposite do. */
#define BIT_ON(name, attr) { .word = name, .kind = OPTION_ATTR, .set = (attr) }, \
	{ .word = "r" name, .kind = OPTION_ATTR_REC, .set = (attr) }
#define BIT_OFF(name, attr) { .word = name, .kind = OPTION_ATTR, .clear = (attr), .drop = (attr) }, \
	{ .word = "r" name, .kind = OPTION_ATTR_REC, .clear = (attr), .drop = (attr) }
/* The access time is a field: mount_setattr(2) wants the whole field cleared before any of its values is set. */
#define ATIME_IS(name, value) \
	{ .word = name, .kind = OPTION_ATTR, .set = (value), .clear = ABI_ATTR_ATIME, .drop = ABI_ATTR_ATIME }, \
	{ .word = "r" name, .kind = OPTION_ATTR_REC, .set = (value), .clear = ABI_ATTR_ATIME, .drop = ABI_ATTR_ATIME }
/* "atime" takes back "noatime" and nothing else, so what remains is the kernel's default, relatime, unless
 * strictatime was asked for. (mount(2): MS_RELATIME is the default since 2.6.30, so "norelatime" changes nothing.) */
#define ATIME_NOT(name, value) \
	{ .word = name, .kind = OPTION_ATTR, .clear = ABI_ATTR_ATIME, .drop = (value) }, \
	{ .word = "r" name, .kind = OPTION_ATTR_REC, .clear = ABI_ATTR_ATIME, .drop = (value) }
#define PROPAGATION(name, type) { .word = name, .kind = OPTION_PROPAGATION, .set = (type) }, \
	{ .word = "r" name, .kind = OPTION_PROPAGATION, .set = (type), .yes = true }
#define SWITCH(name, member, value) \
	{ .word = name, .kind = OPTION_SWITCH, .yes = (value), .offset = offsetof(struct spec_mount_options, member) }
#define TREE(name, member, tree_member, tree) \
	{ .word = name, .kind = OPTION_TREE, .yes = (tree), .offset = offsetof(struct spec_mount_options, member), \
	  .tree_offset = offsetof(struct spec_mount_options, tree_member) }
/* clang-format on */

static const struct mount_option options[] = {
	BIT_ON("ro", ABI_ATTR_RDONLY),
	BIT_OFF("rw", ABI_ATTR_RDONLY),
	BIT_ON("nosuid", ABI_ATTR_NOSUID),
	BIT_OFF("suid", ABI_ATTR_NOSUID),
	BIT_ON("nodev", ABI_ATTR_NODEV),
	BIT_OFF("dev", ABI_ATTR_NODEV),
	BIT_ON("noexec", ABI_ATTR_NOEXEC),
	BIT_OFF("exec", ABI_ATTR_NOEXEC),
	BIT_ON("nosymfollow", ABI_ATTR_NOSYMFOLLOW),
	BIT_OFF("symfollow", ABI_ATTR_NOSYMFOLLOW),
	BIT_ON("nodiratime", ABI_ATTR_NODIRATIME),
	BIT_OFF("diratime", ABI_ATTR_NODIRATIME),
	ATIME_IS("noatime", ABI_ATTR_NOATIME),
	ATIME_IS("relatime", ABI_ATTR_RELATIME),
	ATIME_IS("strictatime", ABI_ATTR_STRICTATIME),
	ATIME_NOT("atime", ABI_ATTR_NOATIME),
	ATIME_NOT("norelatime", ABI_ATTR_RELATIME),
	ATIME_NOT("nostrictatime", ABI_ATTR_STRICTATIME),
	PROPAGATION("private", ABI_PRIVATE),
	PROPAGATION("shared", ABI_SHARED),
	PROPAGATION("slave", ABI_SLAVE),
	PROPAGATION("unbindable", ABI_UNBINDABLE),
	TREE("bind", bind, bind_rec, false),
	TREE("rbind", bind, bind_rec, true),
	TREE("idmap", idmap, idmap_rec, false),
	TREE("ridmap", idmap, idmap_rec, true),
	SWITCH("remount", remount, true),
	SWITCH("tmpcopyup", copy_up, true),
	SWITCH("sync", sync, true),
	SWITCH("async", sync, false),
	SWITCH("dirsync", dirsync, true),
	SWITCH("mand", mandlock, true),
	SWITCH("nomand", mandlock, false),
	SWITCH("lazytime", lazytime, true),
	SWITCH("nolazytime", lazytime, false),
	SWITCH("iversion", iversion, true),
	SWITCH("noiversion", iversion, false),
	SWITCH("silent", silent, true),
	SWITCH("loud", silent, false),
	/* mount(8): rw, suid, dev, exec, async. No reset of the words before it: runtimes and engines take it for what
	 * the kernel does without a word. */
	{ .word = "defaults", .kind = OPTION_NOTHING },
};
enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

const char *mount_option_word(size_t index)
{
	return index < OPTION_COUNT ? options[index].word : NULL;
}

static const struct mount_option *option_find(const char *word)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (strcmp(options[i].word, word) == 0)
			return &options[i];
	}
	return NULL;
}

static void fold_attributes(const struct mount_option *option, uint64_t *set, uint64_t *clear)
{
	*set = (*set & ~option->drop) | option->set;
	*clear = (*clear & ~option->set) | option->clear;
}

static bool *switch_at(struct spec_mount_options *folded, size_t offset)
{
	return (bool *)((char *)folded + offset);
}

static void fold_option(const struct mount_option *option, struct spec_mount_options *folded)
{
	switch (option->kind) {
	case OPTION_ATTR:
		fold_attributes(option, &folded->attr_set, &folded->attr_clear);
		/* "ro" on a file system is both: a read-only mount and a read-only superblock (mount(2), MS_RDONLY). */
		folded->sb_readonly = folded->attr_set & ABI_ATTR_RDONLY;
		break;
	case OPTION_ATTR_REC:
		fold_attributes(option, &folded->attr_set_rec, &folded->attr_clear_rec);
		break;
	case OPTION_PROPAGATION:
		folded->propagation = (uint32_t)option->set;
		folded->propagation_rec = option->yes;
		break;
	case OPTION_SWITCH:
		*switch_at(folded, option->offset) = option->yes;
		break;
	case OPTION_TREE:
		*switch_at(folded, option->offset) = true;
		*switch_at(folded, option->tree_offset) = option->yes;
		break;
	case OPTION_NOTHING:
		break;
	}
}

/* Where the option that begins at `text` ends: at a comma that is neither quoted (an SELinux context holds some) nor
 * escaped (an overlay's lower directory may). */
static size_t datum_length(const char *text)
{
	bool quoted = false;
	size_t i = 0;
	for (; text[i] && (quoted || text[i] != ','); i++) {
		if (text[i] == '"')
			quoted = !quoted;
		else if (text[i] == '\\' && text[i + 1])
			i++;
	}
	return i;
}

static size_t data_bound(const struct spec_strings *words)
{
	size_t bound = 0;
	for (size_t i = 0; i < words->count; i++) {
		bound++;
		for (const char *byte = words->items[i]; *byte; byte++)
			bound += *byte == ',';
	}
	return bound;
}

static void fold_data(struct arena *arena, const char *word, struct spec_mount_options *folded)
{
	while (*word) {
		size_t length = datum_length(word);
		bool last = word[length] == '\0';
		if (length)
			folded->data[folded->data_count++] = last ? word : arena_copy(arena, word, length);
		word += last ? length : length + 1;
	}
}

void mount_options_fold(struct arena *arena, const struct spec_strings *words, struct spec_mount_options *folded)
{
	*folded = (struct spec_mount_options){ .data = ARENA_ARRAY(arena, data_bound(words), const char *) };
	for (size_t i = 0; i < words->count; i++) {
		const struct mount_option *option = option_find(words->items[i]);
		if (option)
			fold_option(option, folded);
		else
			fold_data(arena, words->items[i], folded);
	}
}
