/* ns_print.h: namespaces and their processes as tables, as a tree and as JSON. */
#ifndef KIST_VERB_NS_PRINT_H
#define KIST_VERB_NS_PRINT_H

#include "base/buf.h"
#include "look/look.h"

/* What is asked for. */
struct ns_view {
	const struct look *look;
	const struct look_type *type;       /* NULL: all */
	const struct look_process *process; /* only those it is in; NULL: all */
	const char *passwd;                 /* text of /etc/passwd */
};
bool ns_shows(const struct ns_view *view, const struct look_namespace *namespace);

void ns_print_table(struct buf *out, const struct ns_view *view);
void ns_print_tree(struct buf *out, const struct ns_view *view);
void ns_print_json(struct buf *out, const struct ns_view *view);
/* One namespace: what is known of it, and the processes in it. */
void ns_print_processes(struct buf *out, const struct ns_view *view, const struct look_namespace *namespace);
void ns_print_processes_json(struct buf *out, const struct ns_view *view, const struct look_namespace *namespace);

/* --- words, for both files ------------------------------------------------------------------------------- */

const char *ns_user(struct arena *arena, const struct ns_view *view, uint32_t uid);
bool ns_holds(const struct look_namespace *namespace, const struct look_process *process);

#endif
