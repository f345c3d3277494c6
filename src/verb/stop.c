/* stop.c: kist stop: ends a box in the background, and removes its record. */
#include "spec/box.h"
#include "state/background.h"
#include "verb/report.h"
#include "verb/start.h"

#include <string.h>

enum { STOP_MS = 10000 };

struct stop_options {
	const char *timeout;
};

static const struct flag stop_flags[] = {
	{ "timeout", 0, FLAG_VALUE, offsetof(struct stop_options, timeout), "TIME",
	  "how long it may take before it is killed (default: 10s)" },
};

static int stop_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct stop_options *options = given;
	struct err err = { 0 };
	struct facts facts;
	uint32_t timeout_ms = STOP_MS;
	if (!start_one_id(command, &verb_stop, argc, argv))
		return 125;
	if (options->timeout && strcmp(options->timeout, "0") == 0) {
		timeout_ms = 0;
	} else if (options->timeout && !box_time(options->timeout, &timeout_ms)) {
		err_set(&err, command->arena, 0,
		        "--timeout %s: expected a time such as 0, 90, 10s, 1.5m or 2h, and 24 days at most",
		        options->timeout);
		return report_error(command, &err, NULL);
	}
	int status = start_facts(command, FACTS_HOT, &facts);
	if (status)
		return status;
	const char *root = command->global.root ? command->global.root : facts.caller.state_root;
	int result = background_stop(command->arena, root, argv[0], timeout_ms, &err);
	return result < 0 ? report_error(command, &err, NULL) : 0;
}

const struct verb verb_stop = {
	.name = "stop",
	.operands = "ID",
	.summary = "end a box in the background",
	VERB_FLAGS(stop_flags),
	.options_size = sizeof(struct stop_options),
	.run = stop_verb,
	.flags_anywhere = true,
};
