/* step_tree.c: opens what the container's root could not: a tree of the host, as a detached mount of its own. */
#include "base/abi.h"
#include "base/fd.h"
#include "run/walk.h"
#include "state/record.h"
#include "sys/mounts.h"
#include "sys/open.h"

#include <errno.h>

int step_open_tree(struct walk *walk, const struct step *step)
{
	const struct step_open_tree *wanted = &step->open_tree;
	const struct uapi_mount_attr separate = { .propagation = wanted->propagation };
	FD_AUTO int tree = sys_clone_tree(AT_FDCWD, walk_text(walk, wanted->path), wanted->recursive, 0);
	if (tree < 0)
		return tree;
	int result = sys_mount_setattr(tree, true, &separate);
	if (result == 0 && wanted->idmap) {
		const struct uapi_mount_attr mapped = {
			.attr_set = ABI_ATTR_IDMAP,
			.userns_fd = (uint64_t)walk->slots[wanted->idmap],
		};
		result = sys_mount_setattr(tree, wanted->idmap_rec, &mapped);
		if (result < 0)
			return step_fail(walk, result, "its ids cannot be mapped");
	}
	if (result < 0)
		return result;
	walk->slots[wanted->tree] = fd_take(&tree);
	return 0;
}

/* O_PATH, and the process's own link: where its root is cannot be told by a name. */
int step_open_process(struct walk *walk, const struct step *step)
{
	const struct step_open_process *wanted = &step->open_process;
	FD_AUTO int root = sys_open_at(AT_FDCWD, walk_text(walk, wanted->path), O_PATH | O_DIRECTORY, 0);
	if (root < 0)
		return root;
	if (!process_is((pid_t)wanted->process, wanted->start))
		return step_fail(walk, -ESRCH, "it has ended");
	walk->slots[wanted->tree] = fd_take(&root);
	return 0;
}

void trees_close(struct walk *walk)
{
	for (uint32_t i = 0; i < walk->index; i++) {
		const struct step *step = plan_step(walk->block, i);
		if (step->kind == STEP_open_tree)
			fd_close(&walk->slots[step->open_tree.tree]);
		if (step->kind == STEP_open_process)
			fd_close(&walk->slots[step->open_process.tree]);
	}
}
