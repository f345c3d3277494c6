/* report.c: failures as lines for people, and as one JSON object a line for engines. */
#include "verb/report.h"
#include "base/fd.h"
#include "base/file.h"
#include "json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <syslog.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* --- where it goes ------------------------------------------------------------------------------------ */

enum report_level { REPORT_ERROR, REPORT_WARNING, REPORT_INFO, REPORT_DEBUG, REPORT_LEVELS };

static const struct {
	const char *name;
	int priority; /* of syslog(3) */
} report_levels[REPORT_LEVELS] = {
	[REPORT_ERROR] = { "error", LOG_ERR },
	[REPORT_WARNING] = { "warning", LOG_WARNING },
	[REPORT_INFO] = { "info", LOG_INFO },
	[REPORT_DEBUG] = { "debug", LOG_DEBUG },
};

/* REPORT_LEVELS: there is none of this name. */
static enum report_level report_level_named(const char *name)
{
	int level = 0;
	while (level < REPORT_LEVELS && strcmp(report_levels[level].name, name) != 0)
		level++;
	return (enum report_level)level;
}

static bool report_shows(const struct command *command, enum report_level level)
{
	if (command->global.debug)
		return true;
	return level <= (command->global.log_level ? report_level_named(command->global.log_level) : REPORT_INFO);
}

/* What is behind "syslog:"; NULL: the log is a file. */
static const char *report_syslog(const struct command *command)
{
	static const char prefix[] = "syslog:";
	const char *log = command->global.log;
	return strncmp(log, prefix, sizeof(prefix) - 1) == 0 ? log + sizeof(prefix) - 1 : NULL;
}

/* The log belongs to the caller, not to a container: it may be a link or a FIFO, and it is appended to. */
static int report_open_file(const struct command *command)
{
	static const char prefix[] = "file:";
	const char *path = command->global.log;
	if (strncmp(path, prefix, sizeof(prefix) - 1) == 0)
		path += sizeof(prefix) - 1;
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
}

/* The log is opened for each line: kist writes one or two in its life, and a descriptor that is not kept cannot be
 * inherited by anything. */
static void report_log(const struct command *command, enum report_level level, const struct buf *line)
{
	if (!command->global.log)
		return;
	const char *name = report_syslog(command);
	if (name) {
		openlog(name, LOG_PID, LOG_DAEMON);
		syslog(report_levels[level].priority, "%s", line->bytes);
		closelog();
		return;
	}
	FD_AUTO int fd = report_open_file(command);
	if (fd >= 0)
		(void)file_write_fd(fd, line->bytes, line->length);
}

/* --- what it looks like ------------------------------------------------------------------------------- */

/* A fact is a line, whatever a flag, a path or the name of a program holds: a newline would break the sentence in two,
 * and an escape sequence would command the terminal. */
static void report_plain(struct buf *out, const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		bool second = *at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0; /* U+0080 to U+009F are controls too */
		if (*at == '\n')
			buf_puts(out, "\\n");
		else if (*at < 0x20 || *at == 0x7f)
			buf_printf(out, "\\x%02x", *at);
		else if (second)
			buf_printf(out, "\\x%02x\\x%02x", at[0], at[1]);
		else
			buf_putc(out, (char)*at);
		at += second;
	}
}

static void report_fact(struct buf *out, const char *name, const char *text)
{
	if (!text)
		return;
	buf_puts(out, name);
	report_plain(out, text);
	buf_putc(out, '\n');
}

static bool report_is_json(const struct command *command)
{
	return command->global.log_format && strcmp(command->global.log_format, "json") == 0;
}

static void report_member(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(out, ",\"%s\":", name);
	json_put_string(out, value);
}

/* The shape runc and crun log in, which engines read: level, msg, time; kist's own members follow. */
static struct buf report_json(const struct command *command, const char *level, const struct err *err,
                              const char *place)
{
	struct timespec now;
	struct tm calendar;
	char stamp[40];
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &calendar); /* gmtime: no look at /etc/localtime on an engine's path */
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &calendar);
	struct buf out = buf_in(command->arena);
	buf_printf(&out, "{\"level\":\"%s\",\"msg\":", level);
	json_put_string(&out, err->what);
	buf_printf(&out, ",\"time\":\"%s\"", stamp);
	report_member(&out, "step", err->step);
	if (err->step_index)
		buf_printf(&out, ",\"stepIndex\":%d,\"stepCount\":%d", err->step_index, err->step_count);
	report_member(&out, "pointer", err->pointer);
	report_member(&out, "place", place);
	report_member(&out, "errno", err->number ? err_name(err->number) : NULL);
	report_member(&out, "hint", err->hint);
	buf_puts(&out, "}\n");
	return out;
}

/* One line a fact. An engine often keeps only the last line of standard error, so where nobody watches a terminal the
 * whole sentence closes the report again. */
static struct buf report_text(const struct command *command, const struct err *err, const char *place)
{
	struct buf out = buf_in(command->arena);
	report_fact(&out, "kist: ", err->what);
	bool more = err->step_index || place || err->hint;
	if (err->step_index)
		buf_printf(&out, "   step %d of %-6d %s\n", err->step_index, err->step_count,
		           err->step ? err->step : "");
	report_fact(&out, "   asked by       ", place);
	report_fact(&out, "   hint           ", err->hint);
	if (more && !isatty(STDERR_FILENO))
		report_fact(&out, "kist: ", err->what);
	return out;
}

int report_error(const struct command *command, const struct err *err, const struct spec *spec)
{
	const char *place = NULL;
	if (err->pointer && spec)
		place = spec_place(command->arena, spec, err->pointer);
	struct buf text = report_text(command, err, place);
	struct buf json = report_json(command, "error", err, place);
	/* With a log file the JSON goes there and standard error keeps the words, as under runc; without one the format
	 * is that of standard error. */
	const struct buf *shown = report_is_json(command) && !command->global.log ? &json : &text;
	(void)file_write_fd(STDERR_FILENO, shown->bytes, shown->length);
	report_log(command, REPORT_ERROR, report_is_json(command) ? &json : &text);
	return err->status ? err->status : 125;
}

/* A terminal in raw mode (the program's) does not go to the start of a line by itself. */
static const char *report_line_end(void)
{
	struct termios modes;
	bool raw = tcgetattr(STDERR_FILENO, &modes) == 0 && !(modes.c_oflag & OPOST);
	return raw ? "\r\n" : "\n";
}

static void report_remark(const struct command *command, enum report_level level, const char *intro, const char *text)
{
	if (!report_shows(command, level))
		return;
	struct err remark = { .what = text };
	struct buf line = buf_in(command->arena);
	buf_printf(&line, "kist: %s", intro);
	report_plain(&line, text);
	buf_puts(&line, report_line_end());
	struct buf json = report_json(command, report_levels[level].name, &remark, NULL);
	const struct buf *shown = report_is_json(command) && !command->global.log ? &json : &line;
	(void)file_write_fd(STDERR_FILENO, shown->bytes, shown->length);
	report_log(command, level, report_is_json(command) ? &json : &line);
}

void report_warning(const struct command *command, const char *text)
{
	report_remark(command, REPORT_WARNING, "warning: ", text);
}

void report_notice(const struct command *command, const char *text)
{
	report_remark(command, REPORT_INFO, "", text);
}

/* A fault of a file says where it stands; one of a command line names the flag that asked for it. */
static const char *report_fault_text(const struct command *command, const struct spec_fault *fault,
                                     const struct spec *spec)
{
	if (fault->line && spec)
		return spec_fault_line(command->arena, spec->source, fault);
	const char *place = spec && fault->pointer ? spec_place(command->arena, spec, fault->pointer) : NULL;
	if (place)
		return arena_printf(command->arena, "%s: %s", place, fault->text);
	return spec_fault_line(command->arena, spec ? spec->source : NULL, fault);
}

int report_faults(const struct command *command, const struct spec_faults *faults, const struct spec *spec)
{
	for (size_t i = 0; i < faults->warning_count; i++)
		report_warning(command, report_fault_text(command, &faults->warnings[i], spec));
	bool remarks = report_shows(command, REPORT_DEBUG) || command->mode == START_PLAN;
	for (size_t i = 0; remarks && i < faults->note_count; i++) {
		struct buf line = buf_in(command->arena);
		report_fact(&line, "kist: remark: ", report_fault_text(command, &faults->notes[i], spec));
		(void)file_write_fd(STDERR_FILENO, line.bytes, line.length);
	}
	for (size_t i = 0; i < faults->count; i++) {
		struct err err = {
			.what = report_fault_text(command, &faults->items[i], spec),
			.status = 125,
		};
		report_error(command, &err, NULL);
	}
	return faults->count ? 125 : 0;
}

int report_output(const struct command *command, const struct buf *text)
{
	int result = file_write_fd(STDOUT_FILENO, text->bytes ? text->bytes : "", text->length);
	if (result == 0)
		return 0;
	struct err err;
	err_set(&err, command->arena, result, "cannot write to standard output");
	return report_error(command, &err, NULL);
}

int report_open(struct command *command, struct err *err)
{
	static const char journal[] = "journald:";
	const char *format = command->global.log_format, *level = command->global.log_level, *log = command->global.log;
	if (format && strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
		return err_set(err, command->arena, 0, "--log-format is \"text\" or \"json\", not \"%s\"", format);
	if (level && report_level_named(level) == REPORT_LEVELS)
		return err_set(err, command->arena, 0, "--log-level is error, warning, info or debug, not \"%s\"",
		               level);
	if (!log || report_syslog(command))
		return 0;
	command->global.log = NULL; /* while it does not work */
	if (strncmp(log, journal, sizeof(journal) - 1) == 0) {
		err_set(err, command->arena, 0, "kist cannot write to the journal yet (--log %s)", log);
		err->hint = arena_printf(command->arena, "--log syslog:%s: journald reads that too",
		                         log + sizeof(journal) - 1);
		return -EINVAL;
	}
	command->global.log = log;
	FD_AUTO int fd = report_open_file(command);
	if (fd >= 0)
		return 0;
	int number = errno;
	command->global.log = NULL;
	return err_set(err, command->arena, number, "cannot open the log %s", log);
}
