/* decode_platform.c: the objects of other systems, which a Linux runtime ignores. */
#include "spec/decode.h"

const struct shape shape_foreign = { .lenient = true };

/* FreeBSD's sharing modes, the one thing of another system whose bad values the specification's own fixtures show. */
static const struct name sharing_modes[] = { { "new", 0 }, { "inherit", 1 }, { "disable", 2 } };
static const struct name_table name_sharing = { "sharing mode", sharing_modes, 3 };
static const struct name_table name_sharing_always = { "sharing mode", sharing_modes, 2 };

static const struct field jail_fields[] = {
	{ "host", field_word, .names = &name_sharing_always }, { "vnet", field_word, .names = &name_sharing_always },
	{ "ip4", field_word, .names = &name_sharing },         { "ip6", field_word, .names = &name_sharing },
	{ "sysvmsg", field_word, .names = &name_sharing },     { "sysvsem", field_word, .names = &name_sharing },
	{ "sysvshm", field_word, .names = &name_sharing },
};
static const struct shape shape_jail = { FIELDS(jail_fields), .lenient = true };

static const struct field freebsd_fields[] = {
	{ "jail", field_object, .shape = &shape_jail },
};
const struct shape shape_freebsd = { FIELDS(freebsd_fields), .lenient = true };
