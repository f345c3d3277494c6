/* person.c: who a trial is made as: looked up in /etc/passwd, without NSS. */
#include "base/file.h"
#include "doctor/doctor.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { PASSWD_LIMIT = 4 << 20 };

static bool parse_id(const char *text, uint32_t *id)
{
	char *end;
	unsigned long long number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || number >= UINT32_MAX)
		return false;
	*id = (uint32_t)number;
	return true;
}

/* "name:password:uid:gid:..." (passwd(5)), which is taken apart. */
static bool parse_line(char *line, struct doctor_person *person)
{
	enum { FIELDS = 4 };
	char *fields[FIELDS], *rest = line;
	for (size_t i = 0; i < FIELDS; i++) {
		fields[i] = strsep(&rest, ":");
		if (!fields[i])
			return false;
	}
	person->name = fields[0];
	return *fields[0] && parse_id(fields[2], &person->uid) && parse_id(fields[3], &person->gid);
}

bool doctor_find_person(struct arena *arena, const char *word, struct doctor_person *person)
{
	char *text = NULL;
	size_t length;
	uint32_t number = 0;
	bool numeric = parse_id(word, &number);
	(void)file_read_at(arena, AT_FDCWD, "/etc/passwd", PASSWD_LIMIT, &text, &length);
	for (char *line = text ? strsep(&text, "\n") : NULL; line; line = strsep(&text, "\n")) {
		struct doctor_person found = *person;
		if (!parse_line(line, &found) || (numeric ? found.uid != number : strcmp(found.name, word) != 0))
			continue;
		*person = found;
		return true;
	}
	person->name = arena_string(arena, word);
	person->uid = person->gid = number;
	return numeric;
}
