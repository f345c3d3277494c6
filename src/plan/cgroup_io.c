/* cgroup_io.c: shares and limits of block I/O: which file of cgroup v1 and of v2 takes them, and how. */
#include "plan/cgroup.h"

#include <inttypes.h>

/* Where they go; NULL after the first refusal. */
struct io {
	struct plan_builder *builder;
	const struct cgroup_place *place;
	bool refused;
};

static const struct cgroup_place *place_for(struct io *io, const char *pointer)
{
	if (!io->place && !io->refused) {
		bool pure = io->builder->facts->cgroup.layout == CGROUP_V2;
		cgroup_refuse_controller(io->builder, pure ? "io" : "blkio", pointer);
		io->refused = true;
	}
	return io->place;
}

/* "8:0 ", "" for no device. */
static const char *device_words(const struct io *io, const struct spec_block_device *device)
{
	return device ? arena_printf(io->builder->arena, "%" PRId64 ":%" PRId64 " ", device->major, device->minor) : "";
}

/* --- shares --------------------------------------------------------------------------------------------- */

/* Which of a disk's schedulers knows weights is the kernel's build, and the disk's choice. The specification's weight
 * is that of cgroup v1, 10 to 1000. BFQ takes it as it is, iocost one from 1 to 10000. */
static void weigh(struct io *io, const struct spec_block_device *device, uint64_t weight, const char *pointer)
{
	static const char *const v1_files[] = { "blkio.bfq.weight", "blkio.weight" };
	static const char *const v1_device_files[] = { "blkio.bfq.weight_device", "blkio.weight_device" };
	static const char *const v2_files[] = { "io.bfq.weight", "io.weight" };
	enum { FILES = 2 };
	struct plan_builder *builder = io->builder;
	const struct cgroup_place *place = weight ? place_for(io, pointer) : NULL;
	if (!place)
		return;
	bool unified = place->hierarchy->unified;
	const char *words = device_words(io, device);
	const char *as_it_is = arena_printf(builder->arena, "%s%" PRIu64, words, weight);
	const char *scaled = arena_printf(builder->arena, "%s%" PRIu64, words, 1 + (weight - 10) * 9999 / 990);
	const char *const values[FILES] = { as_it_is, unified ? scaled : as_it_is };
	struct plan_span files = plan_put_list(builder,
	                                       unified  ? v2_files
	                                       : device ? v1_device_files
	                                                : v1_files,
	                                       FILES);
	struct plan_span texts = plan_put_list(builder, values, FILES);
	struct step *step = plan_add(builder, STEP_weigh_io, "%s", pointer);
	step->weigh_io.path = plan_put_text(builder, place->path);
	step->weigh_io.files = files;
	step->weigh_io.values = texts;
}

/* --- limits ---------------------------------------------------------------------------------------------- */

static const struct throttle {
	const char *name; /* of the property */
	size_t offset;    /* in struct spec_block_io */
	const char *v1_file, *v2_key;
} throttles[] = {
	{ "throttleReadBpsDevice", offsetof(struct spec_block_io, read_bps), "blkio.throttle.read_bps_device", "rbps" },
	{ "throttleWriteBpsDevice", offsetof(struct spec_block_io, write_bps), "blkio.throttle.write_bps_device",
	  "wbps" },
	{ "throttleReadIOPSDevice", offsetof(struct spec_block_io, read_iops), "blkio.throttle.read_iops_device",
	  "riops" },
	{ "throttleWriteIOPSDevice", offsetof(struct spec_block_io, write_iops), "blkio.throttle.write_iops_device",
	  "wiops" },
};
enum { THROTTLES = sizeof(throttles) / sizeof(*throttles) };

static const struct spec_block_devices *throttled(const struct plan_builder *builder, const struct throttle *throttle)
{
	const struct spec_block_io *block_io = &builder->spec->linux_.resources.block_io;
	return (const struct spec_block_devices *)(const void *)((const char *)block_io + throttle->offset);
}

/* A rate of 0 is none, as it is without. */
static void throttle_device(struct io *io, const struct throttle *throttle, size_t index)
{
	struct plan_builder *builder = io->builder;
	const struct spec_block_device *device = &throttled(builder, throttle)->items[index];
	const char *pointer = arena_printf(builder->arena, "/linux/resources/blockIO/%s/%zu", throttle->name, index);
	const struct cgroup_place *place = device->rate.value ? place_for(io, pointer) : NULL;
	if (!place)
		return;
	bool unified = place->hierarchy->unified;
	struct step *step = plan_add(builder, STEP_write_cgroup, "%s", pointer);
	step->write_cgroup.path = plan_put_text(builder, place->path);
	step->write_cgroup.file = plan_put_text(builder, unified ? "io.max" : throttle->v1_file);
	step->write_cgroup.value =
		plan_put_format(builder, "%s%s%s%" PRIu64, device_words(io, device), unified ? throttle->v2_key : "",
	                        unified ? "=" : "", device->rate.value);
}

/* --- both ------------------------------------------------------------------------------------------------ */

bool cgroup_io_is_asked(const struct plan_builder *builder)
{
	const struct spec_block_io *block_io = &builder->spec->linux_.resources.block_io;
	bool asked = block_io->weight.value || block_io->weight_device.count;
	for (size_t i = 0; i < THROTTLES; i++)
		asked |= throttled(builder, &throttles[i])->count > 0;
	return asked;
}

void plan_cgroup_io(struct plan_builder *builder)
{
	const struct spec_block_io *block_io = &builder->spec->linux_.resources.block_io;
	struct io io = { .builder = builder, .place = cgroup_place_of(builder, "io") };
	if (!io.place)
		io.place = cgroup_place_of(builder, "blkio");
	weigh(&io, NULL, block_io->weight.value, "/linux/resources/blockIO/weight");
	for (size_t i = 0; i < block_io->weight_device.count; i++)
		weigh(&io, &block_io->weight_device.items[i], block_io->weight_device.items[i].weight.value,
		      arena_printf(builder->arena, "/linux/resources/blockIO/weightDevice/%zu/weight", i));
	for (size_t i = 0; i < THROTTLES; i++)
		for (size_t k = 0; k < throttled(builder, &throttles[i])->count; k++)
			throttle_device(&io, &throttles[i], k);
}
