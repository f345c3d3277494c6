/* box_caps.c: what the program of a box may do as root inside, or although it is not root. */
#include "spec/box_part.h"
#include "spec/names.h"

#include <string.h>
#include <strings.h>

/* What podman and docker leave root inside: enough to install packages, nothing that reaches the host. */
static uint64_t default_set(void)
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

static const char *upper(struct arena *arena, const char *word)
{
	char *copy = arena_string(arena, word);
	for (char *at = copy; *at; at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	return copy;
}

/* "chown", "CAP_CHOWN", "all". False when it is none, which is then said with the nearest name. */
static bool read_name(struct box *box, const char *word, const char *pointer, uint64_t *bits)
{
	const char *name = upper(box->arena, word);
	uint64_t number;
	if (strcmp(name, "ALL") == 0) {
		*bits = (UINT64_C(1) << ABI_CAP_COUNT) - 1;
		return true;
	}
	if (strncmp(name, "CAP_", 4) != 0)
		name = arena_printf(box->arena, "CAP_%s", name);
	if (name_value(&name_capabilities, name, &number)) {
		*bits = UINT64_C(1) << number;
		return true;
	}
	const char *nearest = name_nearest(&name_capabilities, name);
	box_fault(box, pointer,
	          arena_printf(box->arena, "\"%s\" is no capability%s%s%s", word, nearest ? ": did you mean " : "",
	                       nearest ? nearest : ": see capabilities(7)", nearest ? "?" : ""));
	return false;
}

/* "net_admin,CAP_CHOWN": at least one. */
static uint64_t read_names(struct box *box, const struct given_word *given, const char *pointer)
{
	uint64_t set = 0, bits;
	for (const char *rest = given->value; rest;) {
		size_t length = strcspn(rest, ",");
		const char *word = arena_copy(box->arena, rest, length);
		rest = rest[length] ? rest + length + 1 : NULL;
		if (read_name(box, word, pointer, &bits))
			set |= bits;
	}
	return set;
}

/* Whoever runs as root inside has what there is. Another user starts without any, as under docker and podman, but for
 * those that were asked for by name: these go along into its programs (ambient). Without that, inheritable stays empty
 * (CVE-2022-24769). */
static void share_out(struct box *box, uint64_t set, uint64_t asked)
{
	const char *user = box->flags->user;
	struct spec_capabilities *capabilities = &box->spec->process.capabilities;
	bool number = user && *user >= '0' && *user <= '9';
	bool root = !user || strcmp(user, "root") == 0 || strncmp(user, "root:", 5) == 0 ||
	            (number && box->spec->process.user.uid == 0);
	capabilities->set = true;
	capabilities->bounding = set;
	capabilities->effective = capabilities->permitted = root ? set : asked;
	if (!root)
		capabilities->inheritable = capabilities->ambient = asked;
}

void box_capabilities(struct box *box)
{
	const struct given_words *given = &box->flags->capabilities;
	uint64_t set = default_set(), asked = 0;
	for (size_t i = 0; i < given->count; i++) {
		const struct given_word *word = &given->items[i];
		const char *pointer = arena_printf(box->arena, "/process/capabilities/%zu", i);
		box_origin(box, pointer, word->flag, word->value);
		uint64_t named = read_names(box, word, pointer);
		if (strcmp(word->flag, "cap-add") == 0) {
			set |= named;
			asked |= named;
		} else if (strcmp(word->flag, "cap-drop") == 0) {
			set &= ~named;
			asked &= ~named;
		} else {
			set = asked = named;
		}
	}
	share_out(box, set, asked);
}
