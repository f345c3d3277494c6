/* idmap.h: which ids a container has, and how its user namespace gets them. */
#ifndef KIST_PLAN_IDMAP_H
#define KIST_PLAN_IDMAP_H

#include "plan/build.h"

/* An id of the container is mapped to one outside. */
bool idmap_holds(const struct spec_idmaps *maps, uint32_t inside);
/* The id outside that this one is mapped to; false when it is not mapped. */
bool idmap_outside(const struct spec_idmaps *maps, uint32_t inside, uint32_t *outside);
/* The lowest id of the container; IDMAP_NOBODY where none is mapped. */
#define IDMAP_NOBODY UINT32_MAX
uint32_t idmap_first(const struct spec_idmaps *maps);
/* The lines of a map, as /proc/PID/uid_map takes them. */
const char *idmap_text(struct arena *arena, const struct spec_idmaps *maps);
/* What a host id is inside; IDMAP_NOBODY where it is not mapped. */
uint32_t idmap_inside(const struct spec_idmaps *maps, uint32_t outside);
/* setgroups(2) will be refused in the container's new user namespace. */
bool idmap_denies_setgroups(const struct plan_builder *builder);
/* As whom init acts where it makes files; `own` is the caller's id. A box is made of what its caller may open, and its
 * layers are the caller's: so init works as that id, whatever it is called inside. A capability over files counts only
 * where both their owner and their group are mapped. */
uint32_t idmap_worker(const struct plan_builder *builder, const struct spec_idmaps *maps, uint32_t own);
/* The container's maps once more, for another user namespace; that they may be written is checked with the first. */
void idmap_again(struct plan_builder *builder, struct step_make_idmap *step);
/* The maps of the new user namespace of the process in `pid`, each in one write; what the caller may not map is
 * refused by id. No maps are legal: then nobody is mapped. */
void plan_idmaps(struct plan_builder *builder, plan_slot pid);

#endif
