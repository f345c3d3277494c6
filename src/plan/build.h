/* build.h: how the topics of plan/ add steps: one growing list, one store of strings, numbered slots. */
#ifndef KIST_PLAN_BUILD_H
#define KIST_PLAN_BUILD_H

#include "plan/plan.h"

struct plan_builder {
	struct arena *arena;
	const struct spec *spec;
	const struct facts *facts;
	const struct plan_request *request;
	struct spec_faults *faults;
	struct step *steps;
	uint32_t step_count, step_capacity;
	struct buf store; /* strings and bytes; their references already count from the block's start */
	plan_text *texts; /* the stored strings, hashed, so that equal ones are stored once */
	uint32_t text_count, text_capacity;
	uint8_t slot_types[PLAN_SLOTS + 1];
	uint32_t slot_count;
	/* Slots that several topics share; 0 until the topic that gives them ran. */
	struct cgroup_places *cgroups; /* cgroup.h: where the container's cgroups are; NULL until plan_cgroup ran */
	const struct box_view *view; /* box_root.h: what a box sees; NULL until it is asked for */
	plan_slot file; /* a program of the host; 0: it is inside */
	plan_slot gate; /* 0: nobody waits */
	plan_slot root, pid, pidfd, network, proc, master, peer, identity, program;
	plan_slot server_ids;  /* the user namespace of the root's server; 0: it has none */
	bool saved;            /* the process is recorded, and the hooks of its end */
	plan_slot input, output; /* of a box in the background; 0: it is none */
	plan_slot root_tree;   /* opened outside; 0: init opens the path */
	plan_slot *bind_trees; /* the same for the sources, by index of mount; NULL: init opens all */
};

/* Appends a zeroed step; its pointer is printed from the format ("/mounts/%zu"), NULL for kist's own. The returned
 * step is valid until the next plan_add. */
__attribute__((format(printf, 3, 4))) struct step *plan_add(struct plan_builder *builder, enum step_kind kind,
                                                            const char *pointer, ...);
/* Equal strings are stored once. NULL gives 0. */
plan_text plan_put_text(struct plan_builder *builder, const char *string);
__attribute__((format(printf, 2, 3))) plan_text plan_put_format(struct plan_builder *builder, const char *format, ...);
struct plan_span plan_put_list(struct plan_builder *builder, const char *const *items, size_t count);
struct plan_span plan_put_bytes(struct plan_builder *builder, const void *bytes, size_t count);
plan_slot plan_new_slot(struct plan_builder *builder, enum slot_type type);
/* A reason why this plan cannot be made here, with the pointer of what asked for it. */
__attribute__((format(printf, 3, 4))) void plan_refuse(struct plan_builder *builder, const char *pointer,
                                                       const char *format, ...);
__attribute__((format(printf, 3, 4))) void plan_warn(struct plan_builder *builder, const char *pointer,
                                                     const char *format, ...);

/* Derives the crossings (who waits for whom, with which slots) from the list and closes the block. */
struct plan_block *plan_link(struct plan_builder *builder);

/* The runtime makes the network namespace, while init is at work. */
bool network_is_made_beside(const struct plan_builder *builder);

/* The topics, in time order; each is one file that reads as a story. */
void plan_record(struct plan_builder *builder);     /* record, scratch directories */
void plan_cgroup(struct plan_builder *builder);     /* directories, limits, device policy, the fds for placement */
void plan_trees(struct plan_builder *builder);      /* what the container's root could not open itself */
void plan_host_program(struct plan_builder *builder); /* opened before there is a process that could change it */
void plan_server_ids(struct plan_builder *builder); /* of the program that serves a box's root */
void plan_console(struct plan_builder *builder);    /* the terminal device that the flags name */
void plan_make_gate(struct plan_builder *builder);  /* the socket that init inherits, and will wait at */
void plan_log(struct plan_builder *builder);        /* where the output of a box in the background goes */
void plan_process(struct plan_builder *builder);    /* namespaces, init image, clone, id maps, joins, fork, exec */
void plan_give_pipes(struct plan_builder *builder); /* the caller's pipes to the program's user, from outside */
void plan_take_pipes(struct plan_builder *builder); /* the same, by init */
void plan_network(struct plan_builder *builder);    /* made beside init; entered before the first sysfs, once */
void plan_save(struct plan_builder *builder);       /* the process into the record, beside init too; once */
void plan_root(struct plan_builder *builder);       /* propagation, the root, overlays of a box */
void plan_mounts(struct plan_builder *builder);     /* mounts in listed order, the cgroup mount */
void plan_late_mounts(struct plan_builder *builder); /* the last of them, where they wait for the network */
void plan_devices(struct plan_builder *builder);    /* default and asked-for devices, links, the terminal */
void plan_hooks(struct plan_builder *builder);      /* prestart, createRuntime, createContainer */
void plan_pivot(struct plan_builder *builder);      /* the switch of root */
void plan_protect(struct plan_builder *builder);    /* sysctl, masks, read-only paths, the read-only root */
void plan_names(struct plan_builder *builder);      /* hostname, domainname, loopback */
void plan_gate(struct plan_builder *builder);       /* init listens and waits; behind it only `start` acts */
void plan_identity(struct plan_builder *builder);   /* limits, ids, capabilities, filter, exec: one place, one order */
void plan_kept_hooks(struct plan_builder *builder); /* poststart and poststop, for the record */
void plan_start_hooks(struct plan_builder *builder); /* startContainer */

#endif
