/* place.h: one file of a layer, made beside the place it goes to. */
#ifndef KIST_KEEP_PLACE_H
#define KIST_KEEP_PLACE_H

#include "keep/change.h"

/* Where a file comes from, and where it goes to: open directories and names in them. */
struct place {
	struct arena *arena;
	int from, to;
	const char *name;          /* in both */
	const char *temporary;     /* in `to` */
	const struct stat *status; /* of the file in the layer */
};

/* The file under its temporary name: content, owner, attributes, mode and times. Nothing is left of it when it fails.
 * A directory is made empty and closed (mode 0700): place_dress() comes when it is filled. 0 or -errno. */
int place_make(const struct place *place);
/* Owner, attributes, mode and times of a directory that is there, from the layer's. Both are open. 0 or -errno. */
int place_dress(struct arena *arena, int from, int to, const struct stat *status);

/* Moves the temporary file to its name. `old` is what was there when it was looked at, NULL: nothing; a file that is
 * another one by now is left (-ESTALE), a new one too (-EEXIST). */
int place_move(const struct place *place, const struct stat *old);
/* Removes what is at the name, a directory with all below it: at once for whoever looks. */
int place_remove(const struct place *place, const struct stat *old);

#endif
