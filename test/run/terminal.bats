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
	for _ in $(seq 50); do tmux -L kist has-session -t "$BATS_TEST_NUMBER" 2>/dev/null || return 0; sleep 0.1; done
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
	script -qec "$WORK/kist --root $WORK/state run -b $b t7" /dev/null </dev/null 2>/dev/null |
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
	for _ in $(seq 50); do [ -n "$(find "$WORK/state" -mindepth 1 ! -name .features)" ] || return 0; sleep 0.1; done
	return 1
}
