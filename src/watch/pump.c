/* pump.c: stdin to the container's terminal, and the container's terminal to stdout. */
#include "watch/pump.h"

#include "base/fd.h"
#include "sys/open.h"
#include "sys/terminal.h"

#include <signal.h>

int pump_open(struct pump *pump, struct arena *arena, int console, bool onlcr)
{
	*pump = (struct pump){ .console = console, .peer = -1, .terminal = { .fd = -1 } };
	if (console < 0)
		return 0;
	pump->terminal = terminal_find(onlcr);
	int result = terminal_make_raw(&pump->terminal);
	if (result < 0)
		return result;
	pump->peer = sys_terminal_peer(console);
	pump->reads_terminal = isatty(STDIN_FILENO);
	struct stream_end end = stream_end_of_console(console);
	stream_open(&pump->in, arena, stream_end_of_caller(STDIN_FILENO, false), end);
	stream_open(&pump->out, arena, end, stream_end_of_caller(STDOUT_FILENO, true));
	terminal_copy_size(console);
	return 0;
}

void pump_ask(const struct pump *pump, struct pollfd fds[PUMP_FDS])
{
	if (pump->console < 0) {
		for (int i = 0; i < PUMP_FDS; i++)
			fds[i] = (struct pollfd){ .fd = -1 };
		return;
	}
	stream_ask(&pump->in, fds);
	stream_ask(&pump->out, fds + 2);
	/* Another job's input; reading it would stop kist (SIGTTIN). */
	if (terminal_is_away(&pump->terminal))
		fds[0].fd = -1;
}

/* A pipe or a file that ends: the container's terminal says so with its end-of-file character, which counts only at the
 * beginning of a line. A terminal in raw mode has no such thing, and gets nothing. */
static void send_end(struct pump *pump)
{
	struct termios modes;
	bool ended = pump->in.no_more && pump->in.count == 0 && !pump->in.broken;
	if (pump->end_sent || !ended || pump->in.from.fd < 0 || pump->terminal.fd >= 0)
		return;
	pump->end_sent = true;
	if (tcgetattr(pump->console, &modes) < 0 || !(modes.c_lflag & ICANON))
		return;
	if (pump->in.last && pump->in.last != '\n')
		stream_put(&pump->in, (char)modes.c_cc[VEOF]);
	stream_put(&pump->in, (char)modes.c_cc[VEOF]);
}

/* Nobody reads the output any more, or types: the container's terminal is hung up, as a closed window does it. Its
 * number stays taken, because it belongs to the caller. */
static void hang_up(struct pump *pump)
{
	FD_AUTO int null = sys_open_at(AT_FDCWD, "/dev/null", O_RDWR, 0);
	fd_close(&pump->peer);
	if (null >= 0)
		dup3(null, pump->console, O_CLOEXEC);
	pump->in.broken = pump->in.no_more = pump->out.no_more = true;
}

void pump_move(struct pump *pump, const struct pollfd fds[PUMP_FDS])
{
	if (pump->console < 0)
		return;
	stream_move(&pump->in, fds);
	send_end(pump);
	stream_move(&pump->out, fds + 2);
	bool hung_up = pump->out.broken || (pump->reads_terminal && pump->in.no_more);
	if (hung_up && !pump->out.no_more)
		hang_up(pump);
}

void pump_flush(struct pump *pump)
{
	enum { ROUNDS = 64 };
	for (int round = 0; pump->console >= 0 && round < ROUNDS; round++) {
		struct pollfd fds[2];
		stream_ask(&pump->out, fds);
		if (poll(fds, 2, 0) <= 0 || !fds[0].revents)
			return;
		stream_move(&pump->out, fds);
	}
}

/* Behind the key that takes the next one literally (^V), a key is none. */
static bool has_key(const struct stream *in, const struct termios *modes, cc_t key)
{
	const char *typed = in->bytes + in->start - in->moved;
	const cc_t literal = modes->c_lflag & IEXTEN ? modes->c_cc[VLNEXT] : _POSIX_VDISABLE;
	for (size_t i = 0; key != _POSIX_VDISABLE && i < in->moved; i++) {
		cc_t before = (cc_t)(i ? typed[i - 1] : in->before);
		if ((cc_t)typed[i] == key && (literal == _POSIX_VDISABLE || before != literal))
			return true;
	}
	return false;
}

static bool typed(const struct pump *pump, struct termios *modes)
{
	return pump->console >= 0 && pump->in.moved && tcgetattr(pump->console, modes) == 0;
}

bool pump_typed_suspend(const struct pump *pump)
{
	struct termios modes;
	return typed(pump, &modes) && has_key(&pump->in, &modes, modes.c_cc[VSUSP]);
}

int pump_typed_signal(const struct pump *pump)
{
	static const struct {
		int key, number;
	} keys[] = { { VINTR, SIGINT }, { VQUIT, SIGQUIT }, { VSUSP, SIGTSTP } };
	struct termios modes;
	if (!typed(pump, &modes) || !(modes.c_lflag & ISIG))
		return 0;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (has_key(&pump->in, &modes, modes.c_cc[keys[i].key]))
			return keys[i].number;
	return 0;
}

void pump_finish(struct pump *pump)
{
	if (pump->console < 0)
		return;
	pump->in.no_more = pump->in.broken = true;
	fd_close(&pump->peer);
}

bool pump_drained(const struct pump *pump)
{
	if (pump->console < 0)
		return true;
	if (!stream_idle(&pump->out))
		return false;
	if (pump->out.no_more)
		return true;
	/* Another process may hold the terminal open for ever. What was written before the end is there: poll(2) of a
	 * pty waits for the line discipline. */
	struct pollfd left = { .fd = pump->console, .events = POLLIN };
	return poll(&left, 1, 0) == 0;
}

void pump_close(struct pump *pump)
{
	if (pump->console < 0)
		return;
	stream_end_close(&pump->in.from);
	stream_end_close(&pump->out.to);
	fd_close(&pump->peer);
	terminal_restore(&pump->terminal);
}
