/* box_note.h: what a box has beyond the OCI specification, as an annotation of a config.json.
 *
 * Its value is a JSON object. Other runtimes pass over it, so what they see must be safe without: a root of which the
 * box is a copy-on-write view is said to be read-only there. */
#ifndef KIST_SPEC_BOX_NOTE_H
#define KIST_SPEC_BOX_NOTE_H

#include "spec/field.h"

#define BOX_NOTE "dev.kist.box"

/* Adds the annotation to a spec whose box is set. Only the lists are shared with others. */
void box_note_add(struct arena *arena, struct spec *spec);
/* Takes spec->box, and the other properties that the note is about, from the annotation when there is one. */
void box_note_read(struct decoder *decoder, const struct place *document, struct spec *spec);

#endif
