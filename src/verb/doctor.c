/* doctor.c: kist doctor: what works here, for root and for you, what does not, why, and what helps. */
#include "doctor/doctor.h"

#include "json/json.h"
#include "verb/report.h"
#include "verb/start.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct doctor_options {
	const char *user;
	bool json;
};

static const struct flag doctor_flags[] = {
	{ "user", 0, FLAG_VALUE, offsetof(struct doctor_options, user), "U",
	  "try as this user, by name or number (only root can)" },
	{ "json", 0, FLAG_SWITCH, offsetof(struct doctor_options, json), NULL, "as JSON" },
};

/* The two columns. `you` is who the verdict is about. */
struct doctor_view {
	struct doctor_person root, you;
	bool color;
};

/* --- who --------------------------------------------------------------------------------------------------- */

/* An ordinary user that root can try things as: whoever called sudo, else nobody. */
static const char *doctor_usual_user(void)
{
	const char *sudo = getenv("SUDO_USER");
	return sudo && *sudo && strcmp(sudo, "root") != 0 ? sudo : "nobody";
}

static void doctor_self(struct command *command, struct doctor_person *you)
{
	struct doctor_person found = *you;
	bool known = doctor_find_person(command->arena, arena_printf(command->arena, "%u", you->uid), &found);
	you->name = known ? found.name : "you";
}

/* `root`: the caller is root of the machine, not only of a user namespace, and so can be anybody. */
static int doctor_people(struct command *command, const struct doctor_options *options, bool root,
                         struct doctor_view *view, struct err *err)
{
	const char *name = options->user ? options->user : doctor_usual_user();
	if (options->user && !root)
		return err_set(err, command->arena, 0, "--user %s: only root can try things as somebody else",
		               options->user);
	view->root = (struct doctor_person){ .name = "root", .asked = root, .state_root = command->global.root };
	view->you = (struct doctor_person){ .uid = geteuid(), .gid = getegid(), .asked = true, .dropped = root };
	if (!root) {
		view->you.state_root = command->global.root;
		doctor_self(command, &view->you);
		return 0;
	}
	bool found = doctor_find_person(command->arena, name, &view->you);
	if (found && view->you.uid != 0)
		return 0;
	view->you.asked = false;
	if (!options->user)
		return 0; /* a machine without nobody: one column is left */
	return err_set(err, command->arena, 0, found ? "--user %s: that is root" : "--user %s: there is no such user",
	               name);
}

/* Root is asked about itself, unless it asks about somebody. */
static const struct doctor_person *doctor_judged(const struct doctor_view *view, const struct doctor_options *options)
{
	return view->root.asked && !options->user ? &view->root : &view->you;
}

/* --- as a table ---------------------------------------------------------------------------------------------- */

enum { NAME_COLUMN = 22, VERDICT_COLUMN = 10, GREEN = 32, RED = 31, YELLOW = 33, BOLD = 1 };

static void doctor_put(struct buf *text, const struct doctor_view *view, int color, const char *word, size_t width)
{
	if (view->color && color)
		buf_printf(text, "\033[%dm%s\033[0m", color, word);
	else
		buf_puts(text, word);
	for (size_t length = strlen(word); length < width; length++)
		buf_putc(text, ' ');
}

static void doctor_put_verdict(struct buf *text, const struct doctor_view *view, const struct doctor_person *person,
                               size_t index)
{
	static const struct {
		const char *word;
		int color;
	} words[] = {
		[DOCTOR_UNTRIED] = { "-", 0 }, [DOCTOR_WORKS] = { "works", GREEN }, [DOCTOR_FAILS] = { "no", RED }
	};
	if (!person->asked)
		return;
	enum doctor_verdict verdict = person->answers[index].verdict;
	int color = verdict == DOCTOR_FAILS && doctor_check_row(index).use ? YELLOW : words[verdict].color;
	doctor_put(text, view, color, words[verdict].word, VERDICT_COLUMN);
}

/* What was found, for whom there is something to say; a failure has its own paragraph below. */
static void doctor_put_note(struct buf *text, const struct doctor_view *view, size_t index)
{
	const struct doctor_person *const people[] = { &view->root, &view->you };
	const char *said = NULL;
	for (size_t i = 0; i < 2; i++) {
		const struct doctor_answer *answer = people[i]->asked ? &people[i]->answers[index] : NULL;
		if (!answer || answer->verdict == DOCTOR_FAILS || !answer->detail)
			continue;
		if (said && strcmp(said, answer->detail) == 0)
			continue;
		buf_printf(text, "%s%s", said ? "; " : "", answer->detail);
		said = answer->detail;
	}
}

static void doctor_put_row(struct buf *text, const struct doctor_view *view, size_t index)
{
	struct doctor_check_row row = doctor_check_row(index);
	if (index == 0 || strcmp(row.group, doctor_check_row(index - 1).group) != 0) {
		doctor_put(text, view, BOLD, row.group, 0);
		buf_putc(text, '\n');
	}
	buf_puts(text, "  ");
	doctor_put(text, view, 0, row.name, NAME_COLUMN);
	doctor_put_verdict(text, view, &view->root, index);
	doctor_put_verdict(text, view, &view->you, index);
	doctor_put_note(text, view, index);
	while (text->length && text->bytes[text->length - 1] == ' ')
		text->bytes[--text->length] = '\0';
	buf_putc(text, '\n');
}

static void doctor_put_drop_in(struct buf *text, const char *lines)
{
	for (bool start = true; *lines; lines++) {
		if (start)
			buf_puts(text, "            | ");
		buf_putc(text, *lines);
		start = *lines == '\n';
	}
}

static void doctor_put_failures(struct buf *text, const struct doctor_view *view, const struct doctor_person *person)
{
	for (size_t i = 0; person->asked && i < doctor_check_count(); i++) {
		struct doctor_check_row row = doctor_check_row(i);
		const struct doctor_answer *answer = &person->answers[i];
		if (answer->verdict != DOCTOR_FAILS)
			continue;
		buf_putc(text, '\n');
		doctor_put(text, view, BOLD, row.name, 0);
		buf_printf(text, ", for %s%s%s", person->name, answer->number ? ": " : "",
		           answer->number ? err_words(answer->number) : "");
		if (answer->detail)
			buf_printf(text, " (%s)", answer->detail);
		buf_putc(text, '\n');
		if (row.use)
			buf_printf(text, "   without  %s\n", row.use);
		buf_printf(text, "   why      %s\n",
		           answer->advice.why ? answer->advice.why : "kist knows no cause for this on this host");
		if (answer->advice.remedy)
			buf_printf(text, "   remedy   %s\n", answer->advice.remedy);
		if (answer->advice.drop_in)
			doctor_put_drop_in(text, answer->advice.drop_in);
	}
}

static void doctor_put_table(struct buf *text, const struct doctor_view *view, const struct doctor_person *judged)
{
	buf_puts(text, "  ");
	doctor_put(text, view, 0, "", NAME_COLUMN);
	if (view->root.asked)
		doctor_put(text, view, BOLD, "root", VERDICT_COLUMN);
	if (view->you.asked)
		doctor_put(text, view, BOLD, view->root.asked ? view->you.name : "you", 0);
	buf_putc(text, '\n');
	for (size_t i = 0; i < doctor_check_count(); i++)
		doctor_put_row(text, view, i);
	doctor_put_failures(text, view, &view->root);
	doctor_put_failures(text, view, &view->you);
	buf_printf(text, "\n%s\n",
	           judged->works ? arena_printf(text->arena, "everything that kist needs works for %s", judged->name)
	                         : arena_printf(text->arena, "kist cannot start a container for %s", judged->name));
}

/* --- as JSON -------------------------------------------------------------------------------------------------- */

static void doctor_put_member(struct buf *text, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(text, ", \"%s\": ", name);
	json_put_string(text, value);
}

static void doctor_put_answer(struct buf *text, const char *column, const struct doctor_answer *answer)
{
	static const char *const words[] = {
		[DOCTOR_UNTRIED] = "null", [DOCTOR_WORKS] = "true", [DOCTOR_FAILS] = "false"
	};
	buf_printf(text, ",\n      \"%s\": { \"works\": %s", column, words[answer->verdict]);
	doctor_put_member(text, "errno", answer->number ? err_name(answer->number) : NULL);
	doctor_put_member(text, "detail", answer->detail);
	doctor_put_member(text, "why", answer->advice.why);
	doctor_put_member(text, "remedy", answer->advice.remedy);
	doctor_put_member(text, "file", answer->advice.drop_in);
	buf_puts(text, " }");
}

static void doctor_put_person(struct buf *text, const char *column, const struct doctor_person *person)
{
	if (!person->asked)
		return;
	buf_printf(text, "  \"%s\": { \"name\": ", column);
	json_put_string(text, person->name);
	buf_printf(text, ", \"uid\": %u, \"works\": %s },\n", person->uid, person->works ? "true" : "false");
}

static void doctor_put_json(struct buf *text, const struct doctor_view *view, const struct doctor_person *judged)
{
	buf_printf(text, "{\n  \"works\": %s,\n", judged->works ? "true" : "false");
	doctor_put_person(text, "root", &view->root);
	doctor_put_person(text, "you", &view->you);
	buf_puts(text, "  \"checks\": [\n");
	for (size_t i = 0; i < doctor_check_count(); i++) {
		struct doctor_check_row row = doctor_check_row(i);
		buf_printf(text, "    { \"group\": \"%s\", \"name\": \"%s\", \"proves\": \"%s\", \"needed\": %s",
		           row.group, row.name, row.proves, row.use ? "false" : "true");
		doctor_put_member(text, "use", row.use);
		if (view->root.asked)
			doctor_put_answer(text, "root", &view->root.answers[i]);
		if (view->you.asked)
			doctor_put_answer(text, "you", &view->you.answers[i]);
		buf_printf(text, " }%s\n", i + 1 < doctor_check_count() ? "," : "");
	}
	buf_puts(text, "  ]\n}\n");
}

/* --- the verb ------------------------------------------------------------------------------------------------- */

static int doctor_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct doctor_options *options = given;
	struct doctor_view view = { 0 };
	struct err err = { 0 };
	struct facts facts;
	int result = 0, status = start_facts(command, FACTS_HOT, &facts);
	if (status)
		return status;
	if (argc > 0)
		result = err_set(&err, command->arena, 0, "doctor takes no operand, but got \"%s\"", argv[0]);
	if (result == 0)
		result = doctor_people(command, options, facts.caller.uid == 0 && facts.caller.initial_user_namespace,
		                       &view, &err);
	if (result == 0 && view.root.asked)
		result = doctor_examine(command->arena, &view.root, &err);
	if (result == 0 && view.you.asked)
		result = doctor_examine(command->arena, &view.you, &err);
	if (result < 0)
		return report_error(command, &err, NULL);
	const struct doctor_person *judged = doctor_judged(&view, options);
	struct buf text = buf_in(command->arena);
	view.color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	if (options->json)
		doctor_put_json(&text, &view, judged);
	else
		doctor_put_table(&text, &view, judged);
	status = report_output(command, &text);
	return status ? status : !judged->works;
}

const struct verb verb_doctor = {
	.name = "doctor",
	.operands = "",
	.summary = "try what works here, and say why not and what helps",
	VERB_FLAGS(doctor_flags),
	.options_size = sizeof(struct doctor_options),
	.run = doctor_verb,
};
