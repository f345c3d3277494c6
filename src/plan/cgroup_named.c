/* cgroup_named.c: limits on what has a name: sizes of huge pages, network interfaces, rdma devices, and files of cgroup
 * v2 that the configuration names itself. */
#include "plan/cgroup.h"
#include "spec/fault.h"

#include <inttypes.h>
#include <string.h>

static const char *resource_pointer(const struct plan_builder *builder, const char *list, size_t index)
{
	return arena_printf(builder->arena, "/linux/resources/%s/%zu", list, index);
}

/* --- huge pages ------------------------------------------------------------------------------------------ */

/* What is reserved, and what is used without having been (spec 1.3). Linux 5.7 has it, and kist needs 5.14. */
static void limit_hugepages(struct plan_builder *builder)
{
	const struct spec_resources *asked = &builder->spec->linux_.resources;
	bool reachable = true;
	for (size_t i = 0; i < asked->hugepage_count && reachable; i++) {
		const struct spec_hugepage_limit *limit = &asked->hugepages[i];
		const struct cgroup_files files = {
			.v1 = arena_printf(builder->arena, "hugetlb.%s.rsvd.limit_in_bytes", limit->page_size),
			.v2 = arena_printf(builder->arena, "hugetlb.%s.rsvd.max", limit->page_size),
		};
		reachable =
			cgroup_write_limit(builder, "hugetlb", &files, resource_pointer(builder, "hugepageLimits", i),
		                           arena_printf(builder->arena, "%" PRIu64, limit->limit));
	}
}

/* --- network --------------------------------------------------------------------------------------------- */

static void limit_network(struct plan_builder *builder)
{
	static const char why[] = "let the firewall tell packets by their cgroup (nft: socket cgroupv2)";
	static const struct cgroup_files class = { "net_cls.classid", NULL, why };
	static const struct cgroup_files priority = { "net_prio.ifpriomap", NULL, why };
	const struct spec_resources *asked = &builder->spec->linux_.resources;
	if (asked->class_id.value)
		cgroup_write_limit(builder, "net_cls", &class, "/linux/resources/network/classID",
		                   arena_printf(builder->arena, "%" PRIu64, asked->class_id.value));
	bool reachable = true;
	for (size_t i = 0; i < asked->priority_count && reachable; i++)
		reachable = cgroup_write_limit(builder, "net_prio", &priority,
		                               resource_pointer(builder, "network/priorities", i),
		                               arena_printf(builder->arena, "%s %" PRIu32, asked->priorities[i].name,
		                                            asked->priorities[i].priority));
}

/* --- rdma ------------------------------------------------------------------------------------------------ */

/* "mlx4_0 hca_handle=2 hca_object=2000"; what is not named stays as it is (rdma.rst). */
static void limit_rdma(struct plan_builder *builder)
{
	static const struct cgroup_files files = { "rdma.max", "rdma.max", NULL };
	const struct spec_resources *asked = &builder->spec->linux_.resources;
	bool reachable = true;
	for (size_t i = 0; i < asked->rdma_count && reachable; i++) {
		const struct spec_rdma *rdma = &asked->rdma[i];
		const char *value = rdma->device;
		if (rdma->handles.set)
			value = arena_printf(builder->arena, "%s hca_handle=%" PRIu64, value, rdma->handles.value);
		if (rdma->objects.set)
			value = arena_printf(builder->arena, "%s hca_object=%" PRIu64, value, rdma->objects.value);
		reachable = cgroup_write_limit(builder, "rdma", &files,
		                               pointer_to_key(builder->arena, "/linux/resources/rdma", rdma->device),
		                               value);
	}
}

/* --- files by name --------------------------------------------------------------------------------------- */

/* "hugetlb.2MB.max" belongs to "hugetlb". */
static bool belongs_to(const char *file, const char *controller)
{
	size_t length = strlen(controller);
	return strncmp(file, controller, length) == 0 && (file[length] == '.' || file[length] == '\0');
}

/* Every cgroup has the files of "cgroup", and of what kist does not know it is the kernel that says whether it is
 * there (spec 1.3). A controller that is known has to have reached the cgroup. */
static const char *missing_controller(const struct plan_builder *builder, const char *file)
{
	static const char *const controllers[] = { "cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc" };
	for (size_t i = 0; i < sizeof(controllers) / sizeof(*controllers); i++) {
		if (!belongs_to(file, controllers[i]))
			continue;
		const struct cgroup_place *place = cgroup_place_of(builder, controllers[i]);
		return place && place->hierarchy->unified ? NULL : controllers[i];
	}
	return NULL;
}

static bool may_write(struct plan_builder *builder, const char *file, const char *pointer)
{
	const char *controller = missing_controller(builder, file);
	if (!cgroup_place_unified(builder)) {
		plan_refuse(builder, pointer, "this is a file of cgroup v2, and the container has no cgroup there: %s",
		            builder->facts->cgroup.layout == CGROUP_V1 ? "this host has only cgroup v1; give the limit "
		                                                         "its place in /linux/resources"
		                                                       : "no hierarchy of it can be written here");
		return false;
	}
	if (controller && !cgroup_is_unified(builder, controller)) {
		plan_refuse(builder, pointer,
		            "the controller \"%s\" is not in this host's cgroup v2 hierarchy: give the limit its place "
		            "in /linux/resources",
		            controller);
		return false;
	}
	if (controller)
		cgroup_refuse_controller(builder, controller, pointer);
	return !controller;
}

/* A line is a write: the kernel takes one device of "io.max" at a time. */
static void write_lines(struct plan_builder *builder, const struct spec_pair *pair, const char *pointer)
{
	const char *path = cgroup_place_unified(builder)->path;
	for (const char *line = pair->value; *line;) {
		size_t length = strcspn(line, "\n");
		if (length) {
			struct step *step = plan_add(builder, STEP_write_cgroup, "%s", pointer);
			step->write_cgroup.path = plan_put_text(builder, path);
			step->write_cgroup.file = plan_put_text(builder, pair->key);
			step->write_cgroup.value = plan_put_text(builder, arena_copy(builder->arena, line, length));
		}
		line += length + (line[length] == '\n');
	}
}

static void write_unified(struct plan_builder *builder, const struct spec_pair *pair)
{
	const char *pointer = pointer_to_key(builder->arena, "/linux/resources/unified", pair->key);
	if (may_write(builder, pair->key, pointer))
		write_lines(builder, pair, pointer);
}

void plan_cgroup_unified(struct plan_builder *builder, const char *controller)
{
	const struct spec_pairs *unified = &builder->spec->linux_.resources.unified;
	for (size_t i = 0; i < unified->count; i++)
		if (belongs_to(unified->items[i].key, controller))
			write_unified(builder, &unified->items[i]);
}

/* --- all of them ----------------------------------------------------------------------------------------- */

void plan_cgroup_named(struct plan_builder *builder)
{
	const struct spec_pairs *unified = &builder->spec->linux_.resources.unified;
	limit_hugepages(builder);
	limit_network(builder);
	limit_rdma(builder);
	for (size_t i = 0; i < unified->count; i++)
		if (!belongs_to(unified->items[i].key, "pids")) /* those wait until the process exists */
			write_unified(builder, &unified->items[i]);
}

bool cgroup_named_is_asked(const struct plan_builder *builder, const char *controller)
{
	const struct spec_resources *asked = &builder->spec->linux_.resources;
	if ((asked->hugepage_count && strcmp(controller, "hugetlb") == 0) ||
	    (asked->rdma_count && strcmp(controller, "rdma") == 0))
		return true;
	for (size_t i = 0; i < asked->unified.count; i++)
		if (belongs_to(asked->unified.items[i].key, controller))
			return true;
	return false;
}
