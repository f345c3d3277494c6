/* seccomp_map.c: what a profile says about the system calls of one architecture. */
#include "plan/seccomp_part.h"

#include <string.h>

enum { ARM_PRIVATE = 0x0f0000 };
enum { X86_SOCKETCALL = 102, X86_IPC = 117 };

/* Numbers of an architecture start here; arm's private ones are apart (asm/unistd.h: __ARM_NR_BASE). */
static uint32_t first_number(enum seccomp_arch arch)
{
	return arch == SECCOMP_X32 ? SECCOMP_X32_BIT : 0;
}

static bool is_wide(enum seccomp_arch arch)
{
	return arch == SECCOMP_X86_64 || arch == SECCOMP_AARCH64;
}

static size_t slot_index(enum seccomp_arch arch, uint32_t number)
{
	if (arch == SECCOMP_ARM && number >= ARM_PRIVATE)
		return SECCOMP_SLOT_ORDINARY + (number - ARM_PRIVATE);
	return number - first_number(arch);
}

/* --- leaves ------------------------------------------------------------------------------------ */

static bool same_args(const struct seccomp_clause *a, const struct seccomp_clause *b)
{
	if (a->args == b->args)
		return true;
	for (size_t i = 0; i < a->arg_count; i++) {
		const struct spec_seccomp_arg *x = &a->args[i], *y = &b->args[i];

		if (x->index != y->index || x->op != y->op || x->value != y->value || x->value_two != y->value_two)
			return false;
	}
	return true;
}

static bool same_clauses(const struct seccomp_clause *a, const struct seccomp_clause *b)
{
	for (; a && b; a = a->next, b = b->next)
		if (a->leaf != b->leaf || a->arg_count != b->arg_count || !same_args(a, b))
			return false;
	return a == b;
}

static uint32_t leaf_intern(struct seccomp_leaves *leaves, const struct seccomp_leaf *wanted)
{
	for (size_t i = 0; i < leaves->count; i++) {
		const struct seccomp_leaf *leaf = &leaves->items[i];

		if (leaf->action == wanted->action && leaf->otherwise == wanted->otherwise &&
		    leaf->wide == wanted->wide && same_clauses(leaf->clauses, wanted->clauses))
			return i;
	}
	if (leaves->count == leaves->capacity) {
		struct seccomp_leaf *larger;

		leaves->capacity = leaves->capacity ? 2 * leaves->capacity : 32;
		larger = ARENA_ARRAY(leaves->arena, leaves->capacity, struct seccomp_leaf);
		if (leaves->count)
			memcpy(larger, leaves->items, leaves->count * sizeof(*larger));
		leaves->items = larger;
	}
	leaves->items[leaves->count] = *wanted;
	return leaves->count++;
}

uint32_t seccomp_leaf_action(struct seccomp_leaves *leaves, uint32_t action)
{
	return leaf_intern(leaves, &(struct seccomp_leaf){ .action = action });
}

/* --- rules ------------------------------------------------------------------------------------- */

static bool looks_twice(const struct seccomp_order *order)
{
	unsigned seen = 0;

	for (size_t i = 0; i < order->arg_count; i++) {
		unsigned bit = 1u << order->args[i].index;

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

static void clause_append(struct arena *arena, struct seccomp_slot *slot, struct seccomp_clause clause)
{
	struct seccomp_clause **end = &slot->clauses;

	while (*end)
		end = &(*end)->next;
	*end = ARENA_NEW(arena, struct seccomp_clause);
	**end = clause;
}

static void slot_add(struct arena *arena, struct seccomp_slot *slot, const struct seccomp_order *order)
{
	struct seccomp_clause clause = {
		.args = order->args, .arg_count = order->arg_count, .leaf = order->leaf, .rule = order->rule
	};

	if (slot->settled)
		return;
	slot->listed = true;
	if (order->arg_count == 0) {
		slot->settled = true;
		slot->leaf = order->leaf;
		slot->rule = order->rule;
	} else if (looks_twice(order)) {
		/* libseccomp takes one condition an argument; runc and crun then make a rule of each. */
		clause.arg_count = 1;
		for (size_t i = 0; i < order->arg_count; i++) {
			clause.args = &order->args[i];
			clause_append(arena, slot, clause);
		}
	} else {
		clause_append(arena, slot, clause);
	}
}

/* The same call through socketcall(2) or ipc(2). The first argument says which; ipc's upper half is a version
 * (ipc/syscall.c), so it must not hide the call from the filter. */
static void inside_add(struct arena *arena, struct seccomp_map *map, const struct syscall_entry *entry,
                       const struct seccomp_order *order)
{
	int index = entry->in_ipc ? X86_IPC : X86_SOCKETCALL;
	struct seccomp_slot *slot = &map->slots[index];
	struct spec_seccomp_arg *which;

	if (index > map->highest)
		map->highest = index;
	if (order->skipped || slot->settled || (order->arg_count > 0 && !order->stricter))
		return;
	which = ARENA_NEW(arena, struct spec_seccomp_arg);
	*which = (struct spec_seccomp_arg){ .index = 0, .op = SECCOMP_EQ, .value = entry->in_socketcall };
	if (entry->in_ipc)
		*which = (struct spec_seccomp_arg){
			.index = 0, .op = SECCOMP_MASKED_EQ, .value = 0xffff, .value_two = entry->in_ipc
		};
	slot->listed = true;
	clause_append(
		arena, slot,
		(struct seccomp_clause){ .args = which, .arg_count = 1, .leaf = order->leaf, .rule = order->rule });
}

void seccomp_map_add(struct arena *arena, struct seccomp_map *map, const struct syscall_entry *entry,
                     const struct seccomp_order *order)
{
	int number = entry->numbers[map->arch];

	if (map->arch == SECCOMP_X86 && (entry->in_socketcall || entry->in_ipc))
		inside_add(arena, map, entry, order);
	if (number < 0)
		return;
	size_t index = slot_index(map->arch, number);

	if (index < SECCOMP_SLOT_ORDINARY && (int)index > map->highest)
		map->highest = index;
	if (!order->skipped)
		slot_add(arena, &map->slots[index], order);
}

void seccomp_map_settle(struct seccomp_map *map, const struct syscall_entry *entry, uint32_t leaf)
{
	int number = entry->numbers[map->arch];

	if (number < 0)
		return;
	size_t index = slot_index(map->arch, number);

	if ((int)index > map->highest)
		map->highest = index;
	map->slots[index].listed = map->slots[index].settled = true;
	map->slots[index].leaf = leaf;
}

static bool is_private(const struct seccomp_map *map, uint32_t number)
{
	return map->arch == SECCOMP_ARM && number >= ARM_PRIVATE && number - ARM_PRIVATE < SECCOMP_SLOT_PRIVATE;
}

const struct seccomp_slot *seccomp_map_slot(const struct seccomp_map *map, uint32_t number)
{
	bool ordinary = number - first_number(map->arch) < SECCOMP_SLOT_ORDINARY;

	return ordinary || is_private(map, number) ? &map->slots[slot_index(map->arch, number)] : NULL;
}

bool seccomp_map_is_newer(const struct seccomp_map *map, uint32_t number)
{
	/* A profile that names nothing here was not written with this architecture in mind: it knows no "newer". */
	return map->highest >= 0 && !is_private(map, number) &&
	       number - first_number(map->arch) > (uint32_t)map->highest;
}

/* --- ranges ------------------------------------------------------------------------------------ */

void seccomp_range_put(struct seccomp_ranges *ranges, uint32_t first, uint32_t leaf)
{
	if (ranges->count && ranges->items[ranges->count - 1].leaf == leaf)
		return;
	ranges->items[ranges->count++] = (struct seccomp_range){ .first = first, .leaf = leaf };
}

static uint32_t slot_leaf(const struct seccomp_map *map, const struct seccomp_slot *slot, struct seccomp_leaves *leaves,
                          uint32_t otherwise)
{
	if (!slot->listed)
		return otherwise;
	if (slot->settled)
		return slot->leaf;
	return leaf_intern(
		leaves,
		&(struct seccomp_leaf){ .clauses = slot->clauses, .otherwise = otherwise, .wide = is_wide(map->arch) });
}

void seccomp_map_ranges(const struct seccomp_map *map, struct seccomp_leaves *leaves, uint32_t otherwise,
                        uint32_t newer, struct seccomp_ranges *ranges)
{
	uint32_t first = first_number(map->arch);

	for (int i = 0; i <= map->highest; i++)
		seccomp_range_put(ranges, first + i, slot_leaf(map, &map->slots[i], leaves, otherwise));
	if (map->highest < 0) /* see seccomp_map_is_newer() */
		newer = otherwise;
	seccomp_range_put(ranges, first + map->highest + 1, newer);
	if (map->arch != SECCOMP_ARM)
		return;
	for (int i = 0; i < SECCOMP_SLOT_PRIVATE; i++)
		seccomp_range_put(ranges, ARM_PRIVATE + i,
		                  slot_leaf(map, &map->slots[SECCOMP_SLOT_ORDINARY + i], leaves, otherwise));
	seccomp_range_put(ranges, ARM_PRIVATE + SECCOMP_SLOT_PRIVATE, newer);
}
