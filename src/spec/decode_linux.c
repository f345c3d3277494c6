/* decode_linux.c: the linux object: namespaces, id maps, devices, paths, and what needs a line or two. */
#include "spec/decode.h"

static const struct field idmap_fields[] = {
	{ "containerID", field_integer, MEMBER(struct spec_idmap, inside), .range = &range_uint32, .required = true },
	{ "hostID", field_integer, MEMBER(struct spec_idmap, outside), .range = &range_uint32, .required = true },
	{ "size", field_integer, MEMBER(struct spec_idmap, count), .range = &range_uint32, .required = true },
};
const struct shape shape_idmap = { FIELDS(idmap_fields), .size = sizeof(struct spec_idmap) };

static void finish_namespace(struct decoder *decoder, const struct place *at, void *object)
{
	(void)decoder, (void)at;
	struct spec_namespace *entry = object;
	if (entry->path && !entry->path[0])
		entry->path = NULL; /* "" is how some writers say "a new one" */
}

static const struct field namespace_fields[] = {
	{ "type", field_word, MEMBER(struct spec_namespace, type), .names = &name_namespaces, .required = true },
	{ "path", field_path, MEMBER(struct spec_namespace, path) },
};
static const struct shape shape_namespace = { FIELDS(namespace_fields), .size = sizeof(struct spec_namespace),
	                                      .finish = finish_namespace };

static const struct field offset_fields[] = {
	{ "secs", field_integer, MEMBER(struct spec_time_offset, secs), .range = &range_int64 },
	{ "nanosecs", field_integer, MEMBER(struct spec_time_offset, nanosecs), .range = &range_uint32 },
};
static const struct shape shape_offset = { FIELDS(offset_fields), SETS(struct spec_time_offset) };

static const struct field offsets_fields[] = {
	{ "monotonic", field_object, MEMBER(struct spec_linux, monotonic), .shape = &shape_offset },
	{ "boottime", field_object, MEMBER(struct spec_linux, boottime), .shape = &shape_offset },
};
static const struct shape shape_offsets = { FIELDS(offsets_fields) };

/* dev_t of the kernel: 12 and 20 bits. */
static const struct range range_major = { 0, 4095 };
static const struct range range_minor = { 0, 1048575 };
/* The permission bits, and what stat(2) has above them: docker writes those too (8630 is a character device, 0666). */
static const struct range range_mode = { 0, 0177777 };
enum { MODE_BITS = 07777 };

static void field_file_mode(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	struct spec_device *device = object;
	field_opt_uint(decoder, at, field, object);
	device->file_mode.value &= MODE_BITS;
}

/* Major and minor are 0 when they are absent, as the numbers of a FIFO: whether they were there is checked here. */
static void finish_device(struct decoder *decoder, const struct place *at, void *object)
{
	const struct spec_device *device = object;
	static const char *const numbers[] = { "major", "minor" };
	if (device->type == 'p' || device->type == '\0')
		return;
	for (size_t i = 0; i < 2; i++) {
		const struct json_value *number = json_member(at->value, numbers[i]);
		struct place missing = { .parent = at, .key = numbers[i], .value = at->value };
		if (!number || number->type == JSON_NULL)
			place_fault(decoder, &missing, "missing: a device of type \"%c\" needs it", device->type);
	}
}

static const struct field device_fields[] = {
	{ "type", field_word, MEMBER(struct spec_device, type), .names = &name_device_types, .required = true },
	{ "path", field_path, MEMBER(struct spec_device, path), .required = true },
	{ "major", field_integer, MEMBER(struct spec_device, major), .range = &range_major },
	{ "minor", field_integer, MEMBER(struct spec_device, minor), .range = &range_minor },
	{ "fileMode", field_file_mode, MEMBER(struct spec_device, file_mode), .range = &range_mode,
	  .encode = encode_opt_uint },
	{ "uid", field_opt_uint, MEMBER(struct spec_device, uid), .range = &range_uint32 },
	{ "gid", field_opt_uint, MEMBER(struct spec_device, gid), .range = &range_uint32 },
};
static const struct shape shape_device = { FIELDS(device_fields), .size = sizeof(struct spec_device),
	                                   .finish = finish_device };

static const struct field net_device_fields[] = {
	{ "name", field_string, MEMBER(struct spec_net_device, name) },
};
static const struct shape shape_net_device = {
	FIELDS(net_device_fields),
	.size = sizeof(struct spec_net_device),
	.key_offset = offsetof(struct spec_net_device, host_name),
};

static const struct field rdt_fields[] = {
	{ "closID", field_string, MEMBER(struct spec_rdt, clos_id) },
	{ "schemata", field_strings, MEMBERS(struct spec_rdt, schemata.items, schemata.count), .limit = LIMIT_PATHS },
	{ "l3CacheSchema", field_string, MEMBER(struct spec_rdt, l3_cache_schema) },
	{ "memBwSchema", field_string, MEMBER(struct spec_rdt, mem_bw_schema) },
	{ "enableMonitoring", field_bool, MEMBER(struct spec_rdt, enable_monitoring) },
};
static const struct shape shape_rdt = { FIELDS(rdt_fields), SETS(struct spec_rdt) };

static const struct field memory_policy_fields[] = {
	{ "mode", field_word, MEMBER(struct spec_memory_policy, mode), .names = &name_memory_modes, .required = true },
	{ "nodes", field_string, MEMBER(struct spec_memory_policy, nodes) },
	{ "flags", field_words, MEMBER(struct spec_memory_policy, flags), .names = &name_memory_flags,
	  .limit = LIMIT_WORDS },
};
static const struct shape shape_memory_policy = { FIELDS(memory_policy_fields), SETS(struct spec_memory_policy) };

static void field_domain(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	struct spec_personality *personality = object;
	struct {
		uint64_t number;
	} domain = { 0 };
	struct field whole = { .size = sizeof(domain), .names = field->names };
	field_word(decoder, at, &whole, &domain);
	personality->linux32 = domain.number == NAME_PER_LINUX32;
}

static bool encode_domain(struct buf *out, const struct field *field, const void *object)
{
	const struct spec_personality *personality = object;
	json_put_string(out, name_word(field->names, personality->linux32 ? NAME_PER_LINUX32 : 0));
	return true;
}

static const struct field personality_fields[] = {
	{ "domain", field_domain, .names = &name_personalities, .required = true, .encode = encode_domain },
	{ "flags", field_strings, MEMBERS(struct spec_personality, flags.items, flags.count), .limit = LIMIT_WORDS },
};
static const struct shape shape_personality = { FIELDS(personality_fields), SETS(struct spec_personality) };

/* Of the root, "private" and "rprivate" are one: the whole tree is the container's. */
static void field_propagation(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	struct spec_linux *linux_ = object;
	if (at->value->type == JSON_STRING && at->value->length == 0)
		return; /* how some writers say "none" */
	field_word(decoder, at, field, object);
	linux_->rootfs_propagation &= ~(uint32_t)NAME_RECURSIVE;
}

static const struct field linux_fields[] = {
	{ "namespaces", field_objects, MEMBERS(struct spec_linux, namespaces, namespace_count),
	  .shape = &shape_namespace, .limit = LIMIT_NAMESPACES },
	{ "uidMappings", field_objects, MEMBERS(struct spec_linux, uid_mappings.items, uid_mappings.count),
	  .shape = &shape_idmap, .limit = LIMIT_IDMAPS },
	{ "gidMappings", field_objects, MEMBERS(struct spec_linux, gid_mappings.items, gid_mappings.count),
	  .shape = &shape_idmap, .limit = LIMIT_IDMAPS },
	{ "timeOffsets", field_object, .shape = &shape_offsets }, /* members of struct spec_linux itself */
	{ "devices", field_objects, MEMBERS(struct spec_linux, devices, device_count), .shape = &shape_device,
	  .limit = LIMIT_DEVICES },
	{ "netDevices", field_object_map, MEMBERS(struct spec_linux, net_devices, net_device_count),
	  .shape = &shape_net_device, .limit = LIMIT_DEVICES },
	{ "cgroupsPath", field_path, MEMBER(struct spec_linux, cgroups_path) },
	{ "resources", field_object, MEMBER(struct spec_linux, resources), .shape = &shape_resources },
	{ "intelRdt", field_object, MEMBER(struct spec_linux, intel_rdt), .shape = &shape_rdt },
	{ "memoryPolicy", field_object, MEMBER(struct spec_linux, memory_policy), .shape = &shape_memory_policy },
	{ "sysctl", field_pairs, MEMBERS(struct spec_linux, sysctl.items, sysctl.count), .limit = LIMIT_PAIRS },
	{ "seccomp", field_object, MEMBER(struct spec_linux, seccomp), .shape = &shape_seccomp },
	{ "rootfsPropagation", field_propagation, MEMBER(struct spec_linux, rootfs_propagation),
	  .names = &name_propagations, .encode = encode_word },
	{ "maskedPaths", field_strings, MEMBERS(struct spec_linux, masked_paths.items, masked_paths.count),
	  .limit = LIMIT_PATHS },
	{ "readonlyPaths", field_strings, MEMBERS(struct spec_linux, readonly_paths.items, readonly_paths.count),
	  .limit = LIMIT_PATHS },
	{ "mountLabel", field_string, MEMBER(struct spec_linux, mount_label) },
	{ "personality", field_object, MEMBER(struct spec_linux, personality), .shape = &shape_personality },
};
const struct shape shape_linux = { FIELDS(linux_fields), SETS(struct spec_linux) };
