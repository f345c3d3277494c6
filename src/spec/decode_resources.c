/* decode_resources.c: the limits: what a control group may use. */
#include "spec/decode.h"

static const struct name rule_types[] = { { "a", 'a' }, { "b", 'b' }, { "c", 'c' } };
static const struct name_table name_rule_types = { "device type", rule_types, 3 };
static const struct name accesses[] = { { "r", DEVICE_READ }, { "w", DEVICE_WRITE }, { "m", DEVICE_MKNOD } };
static const struct name_table name_accesses = { "device access", accesses, 3 };

/* A major or minor number of a rule: absent and -1 mean any. */
static void field_any_number(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	struct opt_int *number = (struct opt_int *)((char *)object + field->offset);
	field_opt_int(decoder, at, field, object);
	if (number->value == -1)
		*number = (struct opt_int){ 0 };
}

static void field_access(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	(void)field;
	struct spec_device_rule *rule = object;
	const char *letters;
	if (!value_string(decoder, at, &letters))
		return;
	for (const char *letter = letters; *letter; letter++) {
		uint64_t bit;
		char word[] = { *letter, '\0' };
		if (!name_value(&name_accesses, word, &bit)) {
			place_fault(decoder, at,
			            "unknown access %s: expected some of the letters r (read), w (write) and m (mknod)",
			            fault_quote(decoder->arena, letters));
			return;
		}
		rule->access |= (unsigned)bit;
	}
}

static bool encode_access(struct buf *out, const struct field *field, const void *object)
{
	(void)field;
	const struct spec_device_rule *rule = object;
	buf_putc(out, '"');
	for (size_t i = 0; i < name_accesses.count; i++)
		if (rule->access & name_accesses.names[i].value)
			buf_puts(out, name_accesses.names[i].word);
	buf_putc(out, '"');
	return true;
}

/* Without a type or letters a rule is about all of them, as in the kernel's own "a *:* rwm". */
static void finish_rule(struct decoder *decoder, const struct place *at, void *object)
{
	(void)decoder, (void)at;
	struct spec_device_rule *rule = object;
	if (!rule->type)
		rule->type = 'a';
	if (!rule->access)
		rule->access = DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD;
}

static const struct range range_rule_number = { -1, INT64_MAX };
static const struct field rule_fields[] = {
	{ "allow", field_bool, MEMBER(struct spec_device_rule, allow), .required = true },
	{ "type", field_word, MEMBER(struct spec_device_rule, type), .names = &name_rule_types },
	{ "major", field_any_number, MEMBER(struct spec_device_rule, major), .range = &range_rule_number,
	  .encode = encode_opt_int },
	{ "minor", field_any_number, MEMBER(struct spec_device_rule, minor), .range = &range_rule_number,
	  .encode = encode_opt_int },
	{ "access", field_access, .encode = encode_access },
};
static const struct shape shape_rule = { FIELDS(rule_fields), .size = sizeof(struct spec_device_rule),
	                                 .finish = finish_rule };

static const struct field memory_fields[] = {
	{ "limit", field_opt_int, MEMBER(struct spec_memory, limit), .range = &range_int64 },
	{ "reservation", field_opt_int, MEMBER(struct spec_memory, reservation), .range = &range_int64 },
	{ "swap", field_opt_int, MEMBER(struct spec_memory, swap), .range = &range_int64 },
	{ "kernel", field_opt_int, MEMBER(struct spec_memory, kernel), .range = &range_int64 },
	{ "kernelTCP", field_opt_int, MEMBER(struct spec_memory, kernel_tcp), .range = &range_int64 },
	{ "swappiness", field_opt_uint, MEMBER(struct spec_memory, swappiness), .range = &range_uint64 },
	{ "disableOOMKiller", field_opt_bool, MEMBER(struct spec_memory, disable_oom_killer) },
	{ "useHierarchy", field_opt_bool, MEMBER(struct spec_memory, use_hierarchy) },
	{ "checkBeforeUpdate", field_opt_bool, MEMBER(struct spec_memory, check_before_update) },
};
static const struct shape shape_memory = { FIELDS(memory_fields) };

static const struct field cpu_fields[] = {
	{ "shares", field_opt_uint, MEMBER(struct spec_cpu, shares), .range = &range_uint64 },
	{ "quota", field_opt_int, MEMBER(struct spec_cpu, quota), .range = &range_int64 },
	{ "burst", field_opt_uint, MEMBER(struct spec_cpu, burst), .range = &range_uint64 },
	{ "period", field_opt_uint, MEMBER(struct spec_cpu, period), .range = &range_uint64 },
	{ "realtimeRuntime", field_opt_int, MEMBER(struct spec_cpu, realtime_runtime), .range = &range_int64 },
	{ "realtimePeriod", field_opt_uint, MEMBER(struct spec_cpu, realtime_period), .range = &range_uint64 },
	{ "idle", field_opt_int, MEMBER(struct spec_cpu, idle), .range = &range_int64 },
	{ "cpus", field_string, MEMBER(struct spec_cpu, cpus) },
	{ "mems", field_string, MEMBER(struct spec_cpu, mems) },
};
static const struct shape shape_cpu = { FIELDS(cpu_fields) };

/* clang-format off */
#define BLOCK_NUMBERS \
	{ "major", field_integer, MEMBER(struct spec_block_device, major), .range = &range_int64, .required = true }, \
	{ "minor", field_integer, MEMBER(struct spec_block_device, minor), .range = &range_int64, .required = true }
#define BLOCK_DEVICES(word, member, of) \
	{ word, field_objects, MEMBERS(struct spec_block_io, member.items, member.count), .shape = &(of), \
	  .limit = LIMIT_DEVICES }
/* clang-format on */
static const struct field weight_fields[] = {
	BLOCK_NUMBERS,
	{ "weight", field_opt_uint, MEMBER(struct spec_block_device, weight), .range = &range_uint16 },
	{ "leafWeight", field_opt_uint, MEMBER(struct spec_block_device, leaf_weight), .range = &range_uint16 },
};
static const struct shape shape_weight = { FIELDS(weight_fields), .size = sizeof(struct spec_block_device) };

static const struct field throttle_fields[] = {
	BLOCK_NUMBERS,
	{ "rate", field_opt_uint, MEMBER(struct spec_block_device, rate), .range = &range_uint64 },
};
static const struct shape shape_throttle = { FIELDS(throttle_fields), .size = sizeof(struct spec_block_device) };

static const struct field block_io_fields[] = {
	{ "weight", field_opt_uint, MEMBER(struct spec_block_io, weight), .range = &range_uint16 },
	{ "leafWeight", field_opt_uint, MEMBER(struct spec_block_io, leaf_weight), .range = &range_uint16 },
	BLOCK_DEVICES("weightDevice", weight_device, shape_weight),
	BLOCK_DEVICES("throttleReadBpsDevice", read_bps, shape_throttle),
	BLOCK_DEVICES("throttleWriteBpsDevice", write_bps, shape_throttle),
	BLOCK_DEVICES("throttleReadIOPSDevice", read_iops, shape_throttle),
	BLOCK_DEVICES("throttleWriteIOPSDevice", write_iops, shape_throttle),
};
static const struct shape shape_block_io = { FIELDS(block_io_fields), SETS(struct spec_block_io) };

static const struct field pids_fields[] = {
	{ "limit", field_opt_int, MEMBER(struct spec_resources, pids_limit), .range = &range_int64, .required = true },
};
static const struct shape shape_pids = { FIELDS(pids_fields) };

static const struct field hugepage_fields[] = {
	{ "pageSize", field_string, MEMBER(struct spec_hugepage_limit, page_size), .required = true },
	{ "limit", field_integer, MEMBER(struct spec_hugepage_limit, limit), .range = &range_uint64, .required = true },
};
static const struct shape shape_hugepage = { FIELDS(hugepage_fields), .size = sizeof(struct spec_hugepage_limit) };

static const struct field priority_fields[] = {
	{ "name", field_string, MEMBER(struct spec_network_priority, name), .required = true },
	{ "priority", field_integer, MEMBER(struct spec_network_priority, priority), .range = &range_uint32,
	  .required = true },
};
static const struct shape shape_priority = { FIELDS(priority_fields), .size = sizeof(struct spec_network_priority) };

static const struct field network_fields[] = {
	{ "classID", field_opt_uint, MEMBER(struct spec_resources, class_id), .range = &range_uint32 },
	{ "priorities", field_objects, MEMBERS(struct spec_resources, priorities, priority_count),
	  .shape = &shape_priority, .limit = LIMIT_DEVICES },
};
static const struct shape shape_network = { FIELDS(network_fields) };

static const struct field rdma_fields[] = {
	{ "hcaHandles", field_opt_uint, MEMBER(struct spec_rdma, handles), .range = &range_uint32 },
	{ "hcaObjects", field_opt_uint, MEMBER(struct spec_rdma, objects), .range = &range_uint32 },
};
static const struct shape shape_rdma = { FIELDS(rdma_fields), .size = sizeof(struct spec_rdma),
	                                 .key_offset = offsetof(struct spec_rdma, device) };

static const struct field resources_fields[] = {
	{ "devices", field_objects, MEMBERS(struct spec_resources, devices, device_count), .shape = &shape_rule,
	  .limit = LIMIT_RULES },
	{ "memory", field_object, MEMBER(struct spec_resources, memory), .shape = &shape_memory },
	{ "cpu", field_object, MEMBER(struct spec_resources, cpu), .shape = &shape_cpu },
	{ "blockIO", field_object, MEMBER(struct spec_resources, block_io), .shape = &shape_block_io },
	/* Members of struct spec_resources itself: offset 0. */
	{ "pids", field_object, .shape = &shape_pids },
	{ "network", field_object, .shape = &shape_network },
	{ "hugepageLimits", field_objects, MEMBERS(struct spec_resources, hugepages, hugepage_count),
	  .shape = &shape_hugepage, .limit = LIMIT_WORDS },
	{ "rdma", field_object_map, MEMBERS(struct spec_resources, rdma, rdma_count), .shape = &shape_rdma,
	  .limit = LIMIT_DEVICES },
	{ "unified", field_pairs, MEMBERS(struct spec_resources, unified.items, unified.count), .limit = LIMIT_PAIRS },
};
const struct shape shape_resources = { FIELDS(resources_fields), SETS(struct spec_resources) };
