/* box.c: what `kist box` means, said as a spec: every default of a box is decided here and in the topics beside it. */
#include "spec/box_part.h"

#include "spec/check.h"
#include "spec/fault.h"

#include <string.h>

void box_origin(struct box *box, const char *pointer, const char *flag, const char *value)
{
	struct spec_pairs *origins = &box->spec->origins;
	const char *words =
		value ? arena_printf(box->arena, "--%s %s", flag, value) : arena_printf(box->arena, "--%s", flag);
	if (origins->count == box->origin_capacity) {
		box->origin_capacity = box->origin_capacity ? box->origin_capacity * 2 : 16;
		struct spec_pair *items = ARENA_ARRAY(box->arena, box->origin_capacity, struct spec_pair);
		if (origins->count)
			memcpy(items, origins->items, origins->count * sizeof(*items));
		origins->items = items;
	}
	origins->items[origins->count++] = (struct spec_pair){ pointer, words };
}

void box_fault(struct box *box, const char *pointer, const char *text)
{
	fault_add(box->faults, FAULT_ERROR,
	          (struct spec_fault){
			  .pointer = pointer,
			  .text = text,
			  .check = fault_from_decoder,
		  });
}

struct spec *box_spec(struct arena *arena, const struct box_flags *flags, struct spec_faults *faults)
{
	struct spec *spec = ARENA_NEW(arena, struct spec);
	struct box box = { .arena = arena, .flags = flags, .faults = faults, .spec = spec };
	spec->oci_version = "1.3.0";
	spec->box.set = true;
	spec->box.die_with_runtime = true;
	box_root(&box);
	box_namespaces(&box);
	box_names(&box);
	box_mounts(&box);
	box_places(&box);
	box_protection(&box);
	box_changes(&box);
	box_files(&box);
	box_display(&box);
	box_arch(&box);
	box_process(&box);
	box_user(&box);
	box_capabilities(&box);
	box_ids_few(&box);
	box_schedule(&box);
	box_limits(&box);
	box_running(&box);
	box_filter(&box);
	/* What holds for a config.json holds for a box. */
	spec_check(arena, spec, faults);
	return spec;
}
