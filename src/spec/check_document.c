/* check_document.c: checks of the document itself: version, root, names, annotations, hooks. */
#include "spec/checker.h"

#include <string.h>

struct version {
	unsigned long number[3]; /* major, minor, patch */
	const char *rest;        /* "-dev", "+build" or "" */
};

/* One number of SemVer: digits without a leading zero. Returns what follows, or NULL. */
static const char *version_number(const char *text, unsigned long *number)
{
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 9 || (digits > 1 && text[0] == '0'))
		return NULL;
	*number = 0;
	for (size_t i = 0; i < digits; i++)
		*number = *number * 10 + (unsigned long)(text[i] - '0');
	return text + digits;
}

/* Dot-separated identifiers, none empty; those of a pre-release have no leading zero when they are numbers. */
static const char *version_identifiers(const char *text, bool numbers_strict)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";
	for (;;) {
		size_t length = strspn(text, letters);
		bool number = strspn(text, "0123456789") >= length;
		if (length == 0 || (numbers_strict && number && length > 1 && text[0] == '0'))
			return NULL;
		text += length;
		if (*text != '.')
			return text;
		text++;
	}
}

/* The grammar of semver.org, version 2.0.0, which config.md demands. */
static bool version_read(const char *text, struct version *version)
{
	for (int i = 0; i < 3; i++) {
		text = version_number(text, &version->number[i]);
		if (!text || (i < 2 && *text++ != '.'))
			return false;
	}
	version->rest = text;
	if (*text == '-')
		text = version_identifiers(text + 1, true);
	if (text && *text == '+')
		text = version_identifiers(text + 1, false);
	return text && *text == '\0';
}

void check_version(struct checker *checker)
{
	const char *text = checker->spec->oci_version;
	const char *quoted = text ? fault_quote(checker->arena, text) : NULL;
	struct version version;
	if (!text)
		return;
	if (!version_read(text, &version)) {
		check_fault(checker, "/ociVersion",
		            "%s is not a semantic version: expected three numbers, such as \"1.3.0\"", quoted);
		return;
	}
	/* 0.5.0-dev is what the specification's own examples carry, 1.3.0's included; engineers start from those. */
	bool example = strcmp(text, "0.5.0-dev") == 0;
	bool known = version.number[0] == 1 && version.number[1] <= 3;
	if (!example && !known)
		check_fault(checker, "/ociVersion", "version %s is not supported: this kist reads 1.0.0 to 1.3.x",
		            quoted);
}

void check_root(struct checker *checker)
{
	const struct spec_root *root = &checker->spec->root;
	if (!root->set)
		check_fault(checker, "/root", "missing: expected an object with the path of the root file system");
	else if (root->path && root->path[0] == '\0')
		check_fault(checker, "/root/path", "is empty: expected the path of the root file system");
	if (root->readonly)
		check_needs_mounts(checker, "/root/readonly", "a read-only root needs");
}

static void check_name(struct checker *checker, const char *pointer, const char *name)
{
	enum { NAME_BYTES = 64 }; /* uname(2): __NEW_UTS_LEN */
	if (!name || !name[0])
		return;
	if (check_namespace(checker, ABI_NEWUTS) == CHECK_ABSENT)
		check_fault(checker, pointer,
		            "needs a uts namespace: " CHECK_ADD("uts") " (or the host would be renamed)");
	if (strlen(name) > NAME_BYTES)
		check_fault(checker, pointer, "%zu bytes: the kernel takes at most %d", strlen(name), NAME_BYTES);
}

void check_names(struct checker *checker)
{
	check_name(checker, "/hostname", checker->spec->hostname);
	check_name(checker, "/domainname", checker->spec->domainname);
}

void check_annotations(struct checker *checker)
{
	const struct spec_pairs *annotations = &checker->spec->annotations;
	for (size_t i = 0; i < annotations->count; i++) {
		if (annotations->items[i].key[0] == '\0')
			check_fault(checker, "/annotations/", "an annotation without a key");
	}
}

static void check_hook(struct checker *checker, struct check_item item, const struct spec_hook *hook)
{
	check_absolute(checker, item, "/path", hook->path);
	/* 0 would be "at once" to one runtime and "never" to another: config.md wants it greater. */
	if (hook->timeout.set && hook->timeout.value <= 0)
		check_fault(checker, check_pointer(checker, item, "/timeout"),
		            "expected a number of seconds greater than 0, got %lld", (long long)hook->timeout.value);
}

void check_hooks(struct checker *checker)
{
	static const char *const lists[HOOK_KIND_COUNT] = {
		[HOOK_PRESTART] = "/hooks/prestart",
		[HOOK_CREATE_RUNTIME] = "/hooks/createRuntime",
		[HOOK_CREATE_CONTAINER] = "/hooks/createContainer",
		[HOOK_START_CONTAINER] = "/hooks/startContainer",
		[HOOK_POSTSTART] = "/hooks/poststart",
		[HOOK_POSTSTOP] = "/hooks/poststop",
	};
	for (size_t kind = 0; kind < HOOK_KIND_COUNT; kind++) {
		const struct spec_hooks *hooks = &checker->spec->hooks[kind];
		for (size_t i = 0; i < hooks->count; i++)
			check_hook(checker, (struct check_item){ lists[kind], i }, &hooks->items[i]);
	}
}
