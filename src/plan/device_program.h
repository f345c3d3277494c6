/* device_program.h: which devices a cgroup may use: a BPF program for cgroup v2, lines for v1.
 *
 * What a list of rules means (runtime-spec: "the runtime MUST apply entries in the listed order"): of every access that
 * is asked for - read, write, mknod - the last rule that is about the device and that access decides, and all must be
 * allowed. Where no rule is about it, it is denied: the list is that of the allowed devices.
 *
 * So `allow c *:* r`, `allow c 1:3 w` allow opening 1:3 for both, and `allow c 1:3 rwm`, `deny c 1:3 w` allow it for
 * reading only. Version 1 keeps a set of exceptions instead (security/device_cgroup.c) and differs in two ways:
 *
 *  - there one exception must allow all that an open(2) asks for. Two opens get past that, so it protects nothing;
 *  - a rule takes back exactly the exception with its own type and numbers, and leaves overlapping ones as they are,
 *    without a word. device_rules_v1_gap() finds such a rule.
 *
 * An access(2) that only asks whether the device exists (F_OK) comes with no access at all: it is answered by the last
 * rule about the device that allows anything or denies everything. */
#ifndef KIST_PLAN_DEVICE_PROGRAM_H
#define KIST_PLAN_DEVICE_PROGRAM_H

#include "base/arena.h"
#include "spec/spec.h"

#include <stddef.h>
#include <stdint.h>

/* One eBPF instruction: the layout of struct bpf_insn (linux/bpf.h) on a little-endian machine. */
struct bpf_instruction {
	uint8_t code;
	uint8_t registers; /* the destination in the low half, the source in the high one */
	int16_t offset;
	int32_t immediate;
};
enum { DEVICE_PROGRAM_LIMIT = 4096 }; /* BPF_MAXINSNS */

/* The program (BPF_PROG_TYPE_CGROUP_DEVICE) for `count` rules, in the arena. Returns its length, or 0 when it would be
 * longer than DEVICE_PROGRAM_LIMIT. */
size_t device_program_make(struct arena *arena, const struct spec_device_rule *rules, size_t count,
                           struct bpf_instruction **out);

/* The rule as version 1's devices.allow or devices.deny take it, "c 1:3 rwm", one write each. Returns how many lines
 * there are: none for a rule that no device can match, two where a rule is about both types but not about everything
 * (version 1 takes "a" for everything, whatever follows). Write "a" to devices.deny before the first rule: a new cgroup
 * starts with what its parent has. */
size_t device_rule_v1_text(struct arena *arena, const struct spec_device_rule *rule, const char *lines[2]);

/* The index of the first rule that version 1 would not apply as written, because it overlaps an earlier one of the
 * opposite kind without being about the same numbers; `count` when there is none. */
size_t device_rules_v1_gap(const struct spec_device_rule *rules, size_t count);

#endif
