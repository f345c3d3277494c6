/* steps.h: the step kinds, their arguments and the table that describes them, all made from steps.def. */
#ifndef KIST_PLAN_STEPS_H
#define KIST_PLAN_STEPS_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* The offset of a NUL-terminated string in the block; 0: absent. */
typedef uint32_t plan_text;
/* Offset and length: of `count` NUL-terminated strings one after the other, or of `count` raw bytes. */
struct plan_span {
	uint32_t start, count;
};
/* Slots are numbered from 1; 0 means none. */
typedef uint16_t plan_slot;

enum step_kind {
#define STEP(kind, actor, undo, words) STEP_##kind,
#define END(kind)
#define FIELD_NONE(name)
#define TAKES FIELD_NONE
#define GIVES FIELD_NONE
#define HOST FIELD_NONE
#define INSIDE FIELD_NONE
#define TEXT FIELD_NONE
#define LIST FIELD_NONE
#define SECRET FIELD_NONE
#define BYTES FIELD_NONE
#define SMALL FIELD_NONE
#define HEX FIELD_NONE
#define WIDE FIELD_NONE
#define FLAG FIELD_NONE
#include "plan/steps.def"
#include "plan/steps_undef.h"
	STEP_KIND_COUNT,
};

#define STEP(kind, actor, undo, words) struct step_##kind {
#define END(kind) };
#define TAKES(name) plan_slot name;
#define GIVES(name) plan_slot name;
#define HOST(name) plan_text name;
#define INSIDE(name) plan_text name;
#define TEXT(name) plan_text name;
#define LIST(name) struct plan_span name;
#define SECRET(name) struct plan_span name;
#define BYTES(name) struct plan_span name;
#define SMALL(name) uint32_t name;
#define HEX(name) uint32_t name;
#define WIDE(name) uint64_t name;
#define FLAG(name) uint8_t name;
#include "plan/steps.def"
#include "plan/steps_undef.h"

/* Where a bind goes: `onto` in steps.def. */
enum { BIND_ONTO_LINK = 'l', BIND_IF_THERE = 'e', BIND_IF_MISSING = 'm' };

enum step_actor { ACTOR_RUNTIME, ACTOR_INIT };

/* The verbs of undo: a closed set, recorded before the deed (state/journal). */
enum step_undo { UNDO_NONE, UNDO_REMOVE_RECORD, UNDO_REMOVE_TREE, UNDO_REMOVE_CGROUP, UNDO_KILL_PROCESS,
  UNDO_REMOVE_FILE };

struct step {
	uint8_t kind;  /* enum step_kind */
	uint8_t actor; /* enum step_actor */
	uint16_t reserved;
	plan_text pointer; /* JSON pointer of what asked for it ("/mounts/0"); 0: kist itself */
	union {
#define STEP(kind, actor, undo, words) struct step_##kind kind;
#define END(kind)
#define FIELD_NONE(name)
#define TAKES FIELD_NONE
#define GIVES FIELD_NONE
#define HOST FIELD_NONE
#define INSIDE FIELD_NONE
#define TEXT FIELD_NONE
#define LIST FIELD_NONE
#define SECRET FIELD_NONE
#define BYTES FIELD_NONE
#define SMALL FIELD_NONE
#define HEX FIELD_NONE
#define WIDE FIELD_NONE
#define FLAG FIELD_NONE
#include "plan/steps.def"
#include "plan/steps_undef.h"
	};
};

static_assert(sizeof(struct step) <= 56, "a step stays small: long things live in the block");

#endif
