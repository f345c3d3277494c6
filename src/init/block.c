/* block.c: maps the plan and checks that nothing in it points outside. The checks of the fields come from steps.def. */
#include "init/block.h"

#include "plan/wire.h"
#include "sys/memfd.h"
#include "sys/status.h"

#include <string.h>
#include <sys/mman.h>

static bool bytes_valid(const struct plan_block *block, struct plan_span span)
{
	return span.count == 0 || (span.start < block->size && span.count <= block->size - span.start);
}

static bool text_valid(const struct plan_block *block, plan_text text)
{
	return text == 0 || (text < block->size && memchr((const char *)block + text, '\0', block->size - text));
}

static bool list_valid(const struct plan_block *block, struct plan_span list)
{
	uint32_t at = list.start;

	for (uint32_t done = 0; done < list.count; done++) {
		if (at >= block->size || !text_valid(block, at))
			return false;
		at += (uint32_t)strlen((const char *)block + at) + 1;
	}
	return true;
}

static bool slot_valid(const struct plan_block *block, plan_slot slot)
{
	return slot <= block->slot_count;
}

/* One case a kind: every field that refers to something is asked whether it may. */
static bool step_valid(const struct plan_block *block, const struct step *step)
{
	bool valid = true;

	switch ((enum step_kind)step->kind) {
#define STEP(kind, actor, undo, words)                                                                                 \
	case STEP_##kind: {                                                                                            \
		__attribute__((unused)) const struct step_##kind *fields = &step->kind;
#define END(kind)                                                                                                      \
	break;                                                                                                         \
	}
#define TAKES(name) valid = valid && slot_valid(block, fields->name);
#define GIVES(name) valid = valid && slot_valid(block, fields->name);
#define HOST(name) valid = valid && text_valid(block, fields->name);
#define INSIDE(name) valid = valid && text_valid(block, fields->name);
#define TEXT(name) valid = valid && text_valid(block, fields->name);
#define LIST(name) valid = valid && list_valid(block, fields->name);
#define SECRET(name) valid = valid && list_valid(block, fields->name);
#define BYTES(name) valid = valid && bytes_valid(block, fields->name);
#define SMALL(name)
#define HEX(name)
#define WIDE(name)
#define FLAG(name)
#include "plan/steps.def"
#include "plan/steps_undef.h"
	case STEP_KIND_COUNT:
		return false;
	}
	return valid && step->actor <= ACTOR_INIT && text_valid(block, step->pointer);
}

static bool crossing_valid(const struct plan_block *block, const struct plan_crossing *crossing)
{
	const uint32_t start = crossing->slots.start, count = crossing->slots.count;

	if (crossing->step >= block->step_count || count > (crossing->how == 'm' ? WIRE_SLOTS : PLAN_SLOTS))
		return false;
	if (start % sizeof(plan_slot) != 0 || start > block->size || count > (block->size - start) / sizeof(plan_slot))
		return false;
	for (unsigned at = 0; at < count; at++) {
		plan_slot slot = plan_crossing_slots(block, crossing)[at];
		if (slot == 0 || !slot_valid(block, slot))
			return false;
	}
	return true;
}

/* True when `count` elements of `size` bytes, aligned as needed, lie inside. */
static bool array_inside(const struct plan_block *block, uint32_t start, uint32_t count, size_t size)
{
	return start % 8 == 0 && start >= sizeof(*block) && start <= block->size &&
	       count <= (block->size - start) / size;
}

int block_check(const struct plan_block *block, size_t size)
{
	if (size < sizeof(*block) || block->magic != PLAN_MAGIC || block->size != size ||
	    block->slot_count > PLAN_SLOTS)
		return -EINVAL;
	if (!array_inside(block, block->step_start, block->step_count, sizeof(struct step)) ||
	    !array_inside(block, block->crossing_start, block->crossing_count, sizeof(struct plan_crossing)))
		return -EINVAL;
	for (uint32_t index = 0; index < block->step_count; index++) {
		const struct step *step = plan_step(block, index);
		if (step->kind >= STEP_KIND_COUNT || !step_valid(block, step))
			return -EINVAL;
	}
	for (uint32_t index = 0; index < block->crossing_count; index++) {
		if (!crossing_valid(block, plan_crossing_at(block, index)))
			return -EINVAL;
	}
	return text_valid(block, block->id) ? 0 : -EINVAL;
}

const struct plan_block *block_map(int fd)
{
	const int needed = UAPI_F_SEAL_WRITE | UAPI_F_SEAL_SHRINK | UAPI_F_SEAL_GROW;
	int seals = sys_memfd_seals(fd);
	struct stat status;

	if (seals < 0 || (seals & needed) != needed || sys_stat_fd(fd, &status) < 0 || status.st_size <= 0)
		return NULL;
	void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED || block_check(bytes, (size_t)status.st_size) < 0)
		return NULL;
	return bytes;
}

const char *list_next(const char *string)
{
	return string + strlen(string) + 1;
}
