/* cpus.h: a set of processors, as cpuset(7) writes it ("0-3,7") and as sched_setaffinity(2) takes it. */
#ifndef KIST_BASE_CPUS_H
#define KIST_BASE_CPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most that Linux is built for is 8192 (CONFIG_NR_CPUS). */
enum { CPUS_MOST = 8192 };

/* Bit N of the bytes is processor N: what the kernel takes on a machine with the low byte first, as all of kist's. */
struct cpus {
	uint8_t bits[CPUS_MOST / 8];
	size_t size; /* the bytes up to the last one that is not 0 */
};

/* "0-3,7" or, with a stride, "0-31:2/4". False when it is no list, empty, or names a processor beyond the most. */
bool cpus_parse_list(const char *list, struct cpus *cpus);
/* "0xf": the mask as a number in hexadecimal. False as above. */
bool cpus_parse_mask(const char *mask, struct cpus *cpus);
/* The lowest processor of `cpus` that is not in `among`; -1: all are. */
int cpus_first_missing(const struct cpus *cpus, const struct cpus *among);

#endif
