/* host_files.h: the machine's files that a box has although its root lacks them, or has others. */
#ifndef KIST_PLAN_HOST_FILES_H
#define KIST_PLAN_HOST_FILES_H

#include "plan/build.h"

/* The copies, below the record. */
void plan_host_copies(struct plan_builder *builder);
/* Where they and the others are seen in the box: on its root, below what flags place. */
void plan_host_binds(struct plan_builder *builder);
/* The right to use the caller's X display: above what flags place. */
void plan_host_display(struct plan_builder *builder);

#endif
