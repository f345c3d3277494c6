#!/usr/bin/env bats
# The foreground's terminal: under a real one (tmux), and under script(1).

load lib.bash
setup_file() {
	lib_setup
	export TMUX_TMPDIR=$WORK
}
teardown_file() {
	tmux -L kist kill-server 2>/dev/null || true
	lib_teardown
}

# screen COMMAND: a terminal of 100x30 that runs it. type_in KEYS...; shows TEXT: waits until the screen has it.
screen() {
	tmux -L kist new-session -d -s "$BATS_TEST_NUMBER" -x 100 -y 30 "$1"
}
type_in() {
	tmux -L kist send-keys -t "$BATS_TEST_NUMBER" "$@"
}
shows() {
	local try
	for try in $(seq 80); do
		tmux -L kist capture-pane -p -t "$BATS_TEST_NUMBER" 2>/dev/null | grep -qE "$1" && return 0
		sleep 0.1
	done
	printf 'wanted on the screen: %s\n' "$1" >&2
	tmux -L kist capture-pane -p -t "$BATS_TEST_NUMBER" >&2
	return 1
}

terminal_bundle() {
	bundle "$1" ".process.terminal = true | $2"
}

@test "a terminal of its own: /dev/console, session, controlling terminal, size" {
	b=$(terminal_bundle t1 "$(args probe process exe mount)")
	run script -qec "stty rows 33 cols 77; $WORK/kist --root $WORK/state run -b $b t1" /dev/null </dev/null
	contains "tty.0 /dev/pts/0"
	contains "sid 1"
	contains "winsize 33 77"
	contains "mount /dev/console"
}

@test "consoleSize is used" {
	b=$(terminal_bundle t2 ".process.consoleSize = {height: 11, width: 22} | $(args probe exe)")
	run script -qec "$WORK/kist --root $WORK/state run -b $b t2" /dev/null </dev/null
	contains "winsize 11 22"
}

@test "a shell: input, job control, ^C, ^Z, ^D" {
	screen "$WORK/kist --root $WORK/state box -- /bin/bash --norc"
	shows '[#$] ?$'
	type_in 'echo pid=$$ tty=$(tty)' Enter
	shows 'pid=1 tty=/dev/pts/[0-9]+'
	type_in 'sleep 1000' Enter
	sleep 0.5
	type_in C-c
	type_in 'sleep 999' Enter
	sleep 0.5
	type_in C-z
	shows 'Stopped +sleep 999'
	type_in 'kill %1; exit 3' Enter
	type_in C-d
	for _ in $(seq 600); do tmux -L kist has-session -t "$BATS_TEST_NUMBER" 2>/dev/null || return 0; sleep 0.1; done
	return 1
}

@test "the caller's terminal is put back as it was, on every way out" {
	screen "$BASH --norc"
	type_in "PS1='> '; stty -a > $WORK/before" Enter
	type_in "$WORK/kist --root $WORK/state box -- true; echo out=\$?" Enter
	shows 'out=0'
	type_in "$WORK/kist --root $WORK/state box -- sh -c 'kill -TERM 1; stty raw; exit 9'; echo second=\$?" Enter
	shows 'second=9'
	type_in "$WORK/kist --root $WORK/state box -- /no/such; echo third=\$?" Enter
	shows 'third=127'
	type_in "stty -a > $WORK/after; echo done" Enter
	shows '^done'
	expect "$(cat "$WORK/before")" "$(cat "$WORK/after")"
}

@test "a change of the window's size reaches the program" {
	screen "$WORK/kist --root $WORK/state box -- /bin/bash --norc"
	shows '[#$] ?$'
	tmux -L kist resize-window -t "$BATS_TEST_NUMBER" -x 64 -y 20
	sleep 0.3
	type_in 'stty size' Enter
	shows '^20 64'
	type_in 'exit' Enter
}

@test "full-screen programs: vi, top and less" {
	screen "$WORK/kist --root $WORK/state box --root $WORK/rootfs -- /bin/sh"
	shows '# ?$'
	type_in 'vi /tmp/file' Enter
	shows '^~'
	type_in 'ihello' Escape
	sleep 0.5 # an escape followed at once by a key is a function key to vi
	type_in ':wq' Enter
	shows '# ?$'
	type_in 'cat /tmp/file' Enter
	shows '^hello'
	type_in 'top' Enter
	shows 'Mem:'
	type_in 'q'
	type_in 'seq 1 1000 | less' Enter
	type_in 'G'
	shows '^1000'
	type_in 'q'
	type_in 'exit' Enter
}

@test "a million lines through a slow reader: nothing is lost" {
	b=$(terminal_bundle t7 "$(args seq 1 1000000)")
	# At the end of its stdin script(1) types a NUL, which the container's terminal would echo: so there is no end.
	mkfifo "$WORK/never"
	script -qec "$WORK/kist --root $WORK/state run -b $b t7" /dev/null <>"$WORK/never" 2>/dev/null |
		{ sleep 1; tr -d '\r'; } | md5sum >"$WORK/got"
	expect "$(seq 1 1000000 | md5sum)" "$(cat "$WORK/got")"
}

@test "no extra carriage return reaches the caller" {
	b=$(terminal_bundle t8 "$(args echo one)")
	run script -qec "$WORK/kist --root $WORK/state run -b $b t8 | od -c | head -n 1" /dev/null </dev/null
	lacks '\r  \r'
}

@test "stdin may be /dev/null, a pipe, or closed" {
	b=$(bundle t9 "$(args cat)")
	run "$WORK/kist" --root "$WORK/state" run -b "$b" t9 </dev/null
	expect "0 " "$status $output"
	run bash -c "echo piped | $WORK/kist --root $WORK/state run -b $b t9"
	expect "0 piped" "$status $output"
	run bash -c "$WORK/kist --root $WORK/state run -b $b t9 <&-"
	[ "$status" -lt 125 ]
	b=$(terminal_bundle t9 "$(args echo with)")
	run bash -c "$WORK/kist --root $WORK/state run -b $b t9 </dev/null"
	contains with
	run bash -c "$WORK/kist --root $WORK/state run -b $b t9 <&-"
	contains with
}

@test "output into a closed pipe ends like any program's" {
	b=$(bundle t10 "$(args seq 1 100000)")
	run timeout 20 bash -c "$WORK/kist --root $WORK/state run -b $b t10 | head -n 1"
	expect 1 "${lines[0]}"
	expect 0 "$status"
}

@test "a closed window ends what runs in it" {
	screen "$WORK/kist --root $WORK/state box --root $WORK/rootfs -- /bin/sh -c 'echo up; exec cat'"
	shows '^up'
	tmux -L kist kill-session -t "$BATS_TEST_NUMBER"
	for _ in $(seq 600); do [ -n "$(find "$WORK/state" -mindepth 1 ! -name .features)" ] || return 0; sleep 0.1; done
	return 1
}

# --- ^C, ^\, ^Z: what a command without a shell around it does ----------------------------------------------------------

# caller: an interactive bash whose prompt is "> "; its terminal's modes are noted.
caller() {
	screen "$BASH --norc"
	type_in "PS1='> '; kist='$WORK/kist --root $WORK/state'; stty -a > $WORK/modes; clear" Enter
	shows '^> ?$'
}
# as_before: the terminal is as it was.
as_before() {
	# The echo of a ^Z, which the box's terminal makes, may come when the box goes on in the background.
	shows '> ?(\^Z)?$' # what is typed while a program resets the modes may be lost (TCSAFLUSH)
	type_in "clear; stty -a | cmp - $WORK/modes && echo as-before" Enter
	shows '^as-before'
	type_in "clear" Enter
}
# until COMMAND...: it becomes true within 5 s.
until_true() {
	local try
	for try in $(seq 600); do
		"$@" && return 0
		sleep 0.1
	done
	echo "never true: $*" >&2
	return 1
}
# state_is LETTER PATTERN: the process whose command line this is.
state_is() {
	local pid
	pid=$(pgrep -nf "$2") && [ "$(awk '/^State/ { print $2 }' "/proc/$pid/status")" = "$1" ]
}

@test "^C, ^\\ and a signal to kist end a program that does not handle them, though it is PID 1" {
	caller
	type_in "\$kist box -- sleep 4001; echo int=\$?" Enter
	until_true state_is S '^sleep 4001'
	type_in C-c
	shows 'int=130'
	type_in "\$kist box -- sleep 4002; echo quit=\$?" Enter
	until_true state_is S '^sleep 4002'
	type_in 'C-\'
	shows 'quit=131'
	for signal in TERM HUP USR1; do
		type_in "\$kist box -- sleep 4003; echo $signal=\$?" Enter
		until_true state_is S '^sleep 4003'
		kill -s "$signal" "$(pgrep -nf "^$WORK/kist .*sleep 4003")"
		shows "$signal=$((128 + $(kill -l "$signal")))"
	done
	as_before
}

@test "a program that handles, ignores or blocks a signal is not ended, nor is a shell at its prompt" {
	caller
	type_in "\$kist box -- /bin/bash --norc; echo bash=\$?" Enter
	shows '[#$] ?$'
	type_in C-c 'C-\' C-z
	sleep 0.3 # such a key empties what was typed ahead (NOFLSH in termios(3))
	type_in 'echo here=$$' Enter
	shows '^here=1'
	type_in C-v C-c C-u 'cat' Enter
	sleep 0.3
	type_in C-c
	type_in 'exit 4' Enter
	shows 'bash=4'
	type_in "\$kist box -- sh -c \"trap 'echo caught' INT; trap '' QUIT; while :; do sleep 0.1; done\"" Enter
	until_true state_is S "^sh -c trap 'echo caught'"
	type_in 'C-\' C-c
	shows '^.*caught'
	pkill_own "^sh -c trap 'echo caught'"
	shows '^> ?$'
	# ^V takes the sign, and without ISIG it is a sign as any.
	type_in "\$kist box -- cat; echo cat=\$?" Enter
	until_true state_is S '^cat$'
	type_in C-v C-c Enter C-d
	shows 'cat=0'
	type_in "\$kist box -- sh -c 'stty -isig; exec head -n 1'; echo raw=\$?" Enter
	until_true state_is S '^head -n 1'
	type_in C-c Enter
	shows 'raw=0'
	as_before
}

# pkill_own PATTERN: SIGKILL to the newest such process.
pkill_own() {
	kill -KILL "$(pgrep -nf "$1")"
}

@test "without a terminal of its own: a signal ends the program, and a bundle's is left to itself as under runc" {
	local pid status=0 b
	"$WORK/kist" --root "$WORK/state" box -- sleep 4010 </dev/null 3>&- &
	pid=$!
	until_true state_is S '^sleep 4010'
	kill -TERM $pid
	wait $pid || status=$?
	expect 143 $status
	status=0
	as_user "$WORK/kist" --root "$WORK/user-state" box -- sleep 4011 </dev/null 3>&- &
	pid=$!
	until_true state_is S '^sleep 4011'
	kill -TERM "$(pgrep -nf "^$WORK/kist .*sleep 4011")"
	wait $pid || status=$?
	expect 143 $status
	b=$(bundle t20 "$(args sleep 4012)")
	status=0
	"$WORK/kist" --root "$WORK/state" run -b "$b" t20 </dev/null 3>&- &
	pid=$!
	until_true state_is S '^sleep 4012'
	kill -TERM $pid
	sleep 0.3
	state_is S '^sleep 4012'
	pkill_own '^sleep 4012'
	wait $pid || status=$?
	expect 137 $status
}

@test "^Z suspends a box whose program does not handle it, and fg and bg go on with it" {
	caller
	type_in "\$kist box -- sh -c 'read a; echo got=\$a; exec sleep 4020'" Enter
	until_true state_is S '^sh -c read a'
	type_in C-z
	shows 'Stopped'
	state_is T '^sh -c read a'
	as_before
	type_in 'fg' Enter
	until_true state_is S '^sh -c read a'
	type_in 'word' Enter
	shows 'got=word'
	until_true state_is S '^sleep 4020'
	type_in C-z
	shows 'Stopped'
	type_in 'bg' Enter
	until_true state_is S '^sleep 4020'
	as_before # the shell's, while the box goes on in the background
	type_in 'fg' Enter
	sleep 1
	type_in C-c
	shows '> ?$' # until then what is typed is the box's
	type_in 'echo end=$?' Enter
	shows 'end=130'
	as_before
}

@test "under an init ^Z stops what takes the key itself, and ^C reaches the program" {
	caller
	type_in "\$kist box --init -- vi -u NONE /tmp/box-file" Enter
	shows '^~'
	type_in C-z
	shows 'Stopped'
	as_before
	type_in 'fg' Enter
	shows '^~'
	type_in ':q!' Enter
	shows '> ?$'
	type_in "\$kist box --init -- bash --norc; echo bash=\$?" Enter
	shows '[#$] ?$'
	type_in 'sleep 4060' Enter
	until_true state_is S '^sleep 4060'
	type_in C-z
	shows 'Stopped +sleep 4060'
	sleep 0.6 # the shell's affair: the box is not suspended
	type_in 'kill -KILL %1; until [ -z "$(jobs -s)" ]; do sleep 0.1; done; echo $((40 + 2))gone' Enter
	shows '42gone'
	type_in 'exit 7' Enter
	shows 'bash=7'
	type_in "\$kist box --init -- sleep 4061; echo int=\$?" Enter
	until_true state_is S '^sleep 4061'
	type_in C-c
	shows 'int=130'
	as_before
}

@test "a box in a pipeline is stopped and continued with it, terminal or not" {
	caller
	type_in "\$kist box -- sh -c 'while :; do echo 4030; sleep 0.1; done' | cat >/dev/null" Enter
	until_true state_is S "^sh -c while :; do echo 4030"
	type_in C-z
	shows 'Stopped'
	until_true state_is T "^sh -c while :; do echo 4030"
	type_in 'fg' Enter
	until_true state_is S "^sh -c while :; do echo 4030"
	type_in C-c
	shows '^> ?$'
	as_before
}

@test "in the background from the start: its output comes, its input waits until it is in the foreground" {
	caller
	type_in "\$kist box -- sh -c 'echo started; read a; echo got=\$a' &" Enter
	shows '^(> )?started'
	type_in 'echo mine=$((1+1))' Enter
	shows '^(> )?mine=2'
	type_in 'fg' Enter
	sleep 1
	type_in 'theirs' Enter
	shows '^got=theirs'
	shows '^> ?$'
	as_before
}

@test "the caller's terminal is put back when a signal ends what runs in it" {
	local signal
	caller
	for signal in HUP INT QUIT TERM SEGV ABRT BUS USR1 RTMIN; do
		type_in "clear; \$kist box -- sh -c 'stty raw -echo; exec sleep 4040'; echo $signal=\$?" Enter
		until_true state_is S '^sleep 4040'
		kill -s "$signal" "$(pgrep -nf "^$WORK/kist .*sleep 4040")"
		shows "$signal=$((128 + $(kill -l "$signal")))"
		as_before
	done
	type_in "\$kist box -- sh -c 'stty raw -echo; exec sleep 4041'; echo done=\$?" Enter
	until_true state_is S '^sleep 4041'
	pkill_own '^sleep 4041'
	shows 'done=137'
	as_before
}

@test "kist itself killed: the box is gone with it" {
	caller
	type_in "\$kist box -- sleep 4050" Enter
	until_true state_is S '^sleep 4050'
	pkill_own "^$WORK/kist .*sleep 4050"
	until_true eval '! pgrep -f "^sleep 4050"'
	"$WORK/kist" --root "$WORK/state" gc
}

@test "^D ends a shell and a reader; a million lines go in and out byte for byte" {
	caller
	type_in "\$kist box -- cat; echo cat=\$?" Enter
	until_true state_is S '^cat$'
	type_in 'abc' Enter C-d
	shows 'cat=0'
	type_in "\$kist box -- bash --norc; echo bash=\$?" Enter
	shows '[#$] ?$'
	type_in C-d
	shows 'bash=0'
	as_before
	seq 1000000 | "$WORK/kist" --root "$WORK/state" box -- cat | { sleep 1; md5sum; } >"$WORK/got"
	expect "$(seq 1000000 | md5sum)" "$(cat "$WORK/got")"
}

@test "this machine's bash, vi, top and less, full screen, at home in a box" {
	caller
	type_in "clear; \$kist box -- vi -u NONE /tmp/box-file" Enter
	shows '^~'
	type_in 'ihello from vi' Escape
	sleep 0.5
	type_in ':wq' Enter
	shows '^> ?$'
	as_before
	type_in "clear; \$kist box -- top -d 1" Enter
	shows 'load average'
	shows ' 1 root '
	type_in q
	shows '> ?$'
	type_in "clear; \$kist box -- sh -c 'seq 1000 | less'" Enter
	shows '^1$'
	type_in G
	shows '^1000'
	type_in q
	as_before
}

# A line feed in raw mode goes down and not to the left: curses(3) counts on that.
@test "a screen that is drawn hundreds of times over is in the end what the program drew" {
	cat >"$WORK/draw" <<-'END'
		stty raw -echo
		frame=0
		while [ $frame -lt 300 ]; do
			frame=$((frame + 1)) line=0
			printf '\033[H'
			while [ $line -lt 25 ]; do
				line=$((line + 1))
				printf 'frame %03d line %02d %060d\033[K\r\n' $frame $line $frame
			done
		done
		printf '\033[J\033[28;10Hdown\nhere'
		head -c 1 >/dev/null
		stty sane
	END
	caller
	type_in "clear; \$kist box -- sh $WORK/draw" Enter
	shows '^ {13}here$'
	output=$(tmux -L kist capture-pane -p -t "$BATS_TEST_NUMBER")
	expect "$(for line in $(seq 25); do printf 'frame 300 line %02d %060d\n' "$line" 300; done)" "$(head -n 25 <<<"$output")"
	expect "         down" "$(sed -n 28p <<<"$output")"
	type_in x
	shows '> ?$'
	as_before
}

# In both directions at once, every byte there is (^C, ^S and line feeds among them), with no carriage return added.
@test "as ssh talks: small packets of any bytes, while the window changes; each arrives, and nothing spins" {
	command -v python3 >/dev/null || skip "no python3 to talk with"
	cp "$ROOT/test/run/chatter.py" "$WORK/chatter.py"
	for words in "" --init; do
		for state in state user-state; do
			# shellcheck disable=SC2046,SC2086
			run python3 "$WORK/chatter.py" client \
				$([ $state = state ] || echo setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env) \
				"$WORK/kist" --root "$WORK/$state" box $words -- python3 "$WORK/chatter.py" server
			expect 7 "$status"
			contains "packets 4000, unasked 1334, windows 40, "
			[[ $output =~ ticks\ ([0-9]+),\ resting\ ([0-9]+) ]]
			[ "${BASH_REMATCH[1]}" -le 400 ] # a thousandth of a second each; a tenth of that is usual
			[ "${BASH_REMATCH[2]}" -le 2 ]   # while the client computes for half a second
		done
	done
}

@test "an idle box and a blocked one cost nothing" {
	local pid ticks
	caller
	type_in "\$kist box -- sh -c 'read a; seq 1000000'" Enter
	until_true state_is S '^sh -c read a; seq'
	pid=$(pgrep -nf "^$WORK/kist .*read a; seq")
	sleep 2
	ticks=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
	[ "$ticks" -le 2 ] # hundredths of a second, the start included
	type_in C-c
	shows '> ?$'
}
