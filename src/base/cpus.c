/* cpus.c: sets of processors, parsed and compared. */
#include "base/cpus.h"

#include <string.h>

static void add(struct cpus *cpus, size_t number)
{
	size_t byte = number / 8;
	cpus->bits[byte] |= (uint8_t)(1u << number % 8);
	if (byte >= cpus->size)
		cpus->size = byte + 1;
}

/* Decimal digits at *at, which moves behind them. */
static bool take_number(const char **at, size_t *number)
{
	const char *start = *at;
	*number = 0;
	for (; **at >= '0' && **at <= '9' && *number < CPUS_MOST; (*at)++)
		*number = *number * 10 + (size_t)(**at - '0');
	return *at > start && *number < CPUS_MOST;
}

/* "7", "0-3", "0-31:2/4" (of each four the first two). */
static bool take_range(const char **at, struct cpus *cpus)
{
	size_t first, last, used = 1, group = 1;
	if (!take_number(at, &first))
		return false;
	last = first;
	if (**at == '-' && (++*at, !take_number(at, &last) || last < first))
		return false;
	if (**at == ':') {
		++*at;
		if (!take_number(at, &used) || **at != '/' || (++*at, !take_number(at, &group)) || !used ||
		    used > group)
			return false;
	}
	for (size_t number = first; number <= last; number++)
		if ((number - first) % group < used)
			add(cpus, number);
	return true;
}

bool cpus_parse_list(const char *list, struct cpus *cpus)
{
	*cpus = (struct cpus){ .size = 0 };
	for (const char *at = list; take_range(&at, cpus); at++)
		if (*at != ',')
			return *at == '\0';
	return false;
}

static int hex_digit(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	char lower = (char)(letter | 0x20);
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool cpus_parse_mask(const char *mask, struct cpus *cpus)
{
	*cpus = (struct cpus){ .size = 0 };
	if (strncmp(mask, "0x", 2) != 0)
		return false;
	size_t length = strlen(mask + 2);
	if (length == 0 || length > CPUS_MOST / 4)
		return false;
	for (size_t i = 0; i < length; i++) {
		int digit = hex_digit(mask[2 + i]);
		if (digit < 0)
			return false;
		for (size_t bit = 0; bit < 4; bit++)
			if (digit >> bit & 1)
				add(cpus, (length - 1 - i) * 4 + bit);
	}
	return cpus->size > 0;
}

int cpus_first_missing(const struct cpus *cpus, const struct cpus *among)
{
	for (size_t number = 0; number < cpus->size * 8; number++)
		if (cpus->bits[number / 8] & ~among->bits[number / 8] & 1u << number % 8)
			return (int)number;
	return -1;
}
