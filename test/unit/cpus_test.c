/* cpus_test.c: sets of processors, as lists and as masks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cpus.h"

#include <sched.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void lists(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		uint16_t bits; /* of the first sixteen */
		size_t size;
	} good[] = {
		{ "0", 1, 1 },   { "0-3", 0xf, 1 },      { "0-1,3", 0xb, 1 },    { "8", 0x100, 2 },
		{ "3,0", 9, 1 }, { "0-7:2/4", 0x33, 1 }, { "0-6:1/2", 0x55, 1 }, { "15-15", 0x8000, 2 },
	};
	static const char *const bad[] = { "",
		                           ",",
		                           "0,",
		                           "-1",
		                           "1-",
		                           "3-1",
		                           "0-3:0/4",
		                           "0-3:5/4",
		                           "0-3:1",
		                           "a",
		                           "0 1",
		                           "8192",
		                           "99999999999999999999",
		                           "0x3",
		                           " 0" };
	struct cpus cpus;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(cpus_parse_list(good[i].list, &cpus));
		assert_int_equal(cpus.bits[0] | cpus.bits[1] << 8, good[i].bits);
		assert_int_equal(cpus.size, good[i].size);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		if (cpus_parse_list(bad[i], &cpus))
			fail_msg("\"%s\" was taken for a list", bad[i]);
	assert_true(cpus_parse_list("8191", &cpus));
	assert_int_equal(cpus.size, CPUS_MOST / 8);
}

static void masks(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "0x", "f", "0xg", "0x0", "0x00", "0x 1", "-0x1" };
	struct cpus cpus;
	assert_true(cpus_parse_mask("0xB", &cpus));
	assert_int_equal(cpus.bits[0], 0xb);
	assert_true(cpus_parse_mask("0x100f0", &cpus));
	assert_int_equal(cpus.bits[0], 0xf0);
	assert_int_equal(cpus.bits[2], 1);
	assert_int_equal(cpus.size, 3);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (cpus_parse_mask(bad[i], &cpus))
			fail_msg("\"%s\" was taken for a mask", bad[i]);
}

/* The bytes are those of the kernel, as glibc writes them. */
static void same_as_the_c_library(void **state)
{
	(void)state;
	struct cpus cpus;
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CPU_SET(13, &set);
	CPU_SET(70, &set);
	assert_true(cpus_parse_list("0,13,70", &cpus));
	assert_memory_equal(cpus.bits, &set, sizeof(set));
}

static void missing(void **state)
{
	(void)state;
	struct cpus some, all;
	assert_true(cpus_parse_list("0-3", &all) && cpus_parse_list("1,3", &some));
	assert_int_equal(cpus_first_missing(&some, &all), -1);
	assert_true(cpus_parse_list("1,4,9", &some));
	assert_int_equal(cpus_first_missing(&some, &all), 4);
	assert_true(cpus_parse_list("70", &some));
	assert_int_equal(cpus_first_missing(&some, &all), 70);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(masks),
		cmocka_unit_test(same_as_the_c_library),
		cmocka_unit_test(missing),
	};
	return cmocka_run_group_tests_name("cpus", tests, NULL, NULL);
}
