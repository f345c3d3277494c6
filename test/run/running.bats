#!/usr/bin/env bats
# How a box runs: its terminal by flags, an init, a time limit, a parent to die with.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

box() { run "$WORK/kist" --root "$WORK/state" box "$@"; }
box_user() { run as_user "$WORK/kist" --root "$WORK/user-state" box "$@"; }

# runs PATTERN: a process with this command line. gone PATTERN: none within 5 s.
runs() { pgrep -f "$1" >/dev/null; }
gone() {
	local try
	for try in $(seq 50); do
		runs "$1" || return 0
		sleep 0.1
	done
	return 1
}
comes() {
	local try
	for try in $(seq 50); do
		! runs "$1" || return 0
		sleep 0.1
	done
	return 1
}

@test "--tty makes a terminal where there is none, --no-tty none where there is one" {
	for who in box box_user; do
		$who --tty -- sh -c 'test -t 0 && test -t 1 && tty' </dev/null
		expect 0 "$status"
		contains /dev/pts/
		$who -t -- sh -c 'read line; echo "got $line"' < <(echo typed)
		contains "got typed"
		$who -- sh -c 'test -t 0 || test -t 1 || echo none' </dev/null
		contains none
	done
	run script -qec "$WORK/kist --root $WORK/state box --no-tty -- sh -c 'ps -o tty= -p 1; cat /dev/tty'" /dev/null </dev/null
	contains '?'
	contains "No such device or address"
	run script -qec "$WORK/kist --root $WORK/state box -- tty" /dev/null </dev/null
	contains /dev/pts/
}

@test "mixed stdio: the terminal as stdin, a pipe as stdout" {
	run script -qec "$WORK/kist --root $WORK/state box -- sh -c 'test -t 0 && test ! -t 1 && echo mixed' | cat" /dev/null </dev/null
	contains mixed
	run script -qec "$WORK/kist --root $WORK/state box --tty -- sh -c 'test -t 1 && echo all' | cat" /dev/null </dev/null
	contains all
}

# with_pty COMMAND...: "PTY" in it is a terminal that nobody has as his own; what is written there is in $WORK/pty.out.
with_pty() {
	python3 -c '
import os, pty, subprocess, sys, threading
master, peer = pty.openpty()
name = os.ttyname(peer)
os.chmod(name, 0o666)
out = open(sys.argv[1], "wb", buffering=0)
def copy():
    try:
        while True:
            out.write(os.read(master, 4096))
    except OSError:
        pass
threading.Thread(target=copy, daemon=True).start()
os.write(master, b"typed\n")
status = subprocess.call([word.replace("PTY", name) for word in sys.argv[2:]])
os.close(peer)
import time; time.sleep(0.2)
sys.exit(status)' "$WORK/pty.out" "$@"
}

@test "--console: the program's stdio and controlling terminal is that device" {
	command -v python3 >/dev/null || skip "no python3 to make a terminal with"
	for prefix in "env" "as_user"; do
		local state=$WORK/state
		[ "$prefix" = env ] || state=$WORK/user-state
		: >"$WORK/pty.out"
		[ "$prefix" = env ] || chmod 666 "$WORK/pty.out"
		run with_pty $([ "$prefix" = env ] || echo setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env) \
			"$WORK/kist" --root "$state" box --console PTY -- \
			sh -c 'read line; echo "got $line" >/dev/tty; exit 6'
		expect 6 "$status"
		expect "" "$output"
		output=$(cat "$WORK/pty.out")
		contains "got typed"
	done
}

@test "--console: what is no terminal, not there, or another session's is refused" {
	box --console /dev/null -- true
	expect 125 "$status"
	contains "cannot open the terminal /dev/null: inappropriate ioctl for device"
	contains "asked by       --console /dev/null"
	box --console "$WORK/none" -- true
	contains "no such file or directory"
	mkfifo "$WORK/fifo"
	run timeout 5 "$WORK/kist" --root "$WORK/state" box --console "$WORK/fifo" -- true
	contains "it is no device"
	run script -qec "$WORK/kist --root $WORK/state box --console \$(tty) -- true" /dev/null </dev/null
	contains "operation not permitted"
	contains "controlling terminal of another session"
	box --console /dev/null --tty -- true
	contains "--tty and --no-tty contradict it"
	box --tty --no-tty -- true
	contains "--tty: it contradicts --no-tty"
}

@test "--init: PID 1 reaps orphans, passes signals on, and ends with the program's status" {
	local pid
	for who in box box_user; do
		$who --init -- sh -c 'echo $$; cat /proc/1/comm; exit 7'
		expect 7 "$status"
		contains 2
		contains kist-init
		$who --init -- sh -c 'kill -KILL $$'
		expect 137 "$status"
		$who --init -- sh -c '(sh -c "sleep 0.2 & exit" &); sleep 0.6; ps -eo stat= | grep -c Z; true'
		expect 0 "${lines[-1]}"
		$who --init -- /no/such
		expect 127 "$status"
		contains "no such file"
	done
	"$WORK/kist" --root "$WORK/state" box --init -- sh -c 'trap "exit 9" TERM; echo ready; while sleep 0.1; do :; done' \
		</dev/null >"$WORK/trap" 3>&- &
	pid=$!
	until grep -q ready "$WORK/trap"; do sleep 0.01; done
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	expect 9 "$status"
	"$WORK/kist" --root "$WORK/state" box --init -- sleep 4101 </dev/null 3>&- &
	pid=$!
	comes '^sleep 4101'
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	expect 143 "$status"
}

@test "--init: PID 1 holds nothing that the program does not have, and little memory" {
	box --init -- sh -c 'for file in /proc/1/status /proc/self/status; do
		grep -E "^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:)" $file | md5sum; done | uniq | wc -l
		readlink /proc/1/exe || echo hidden'
	expect 1 "${lines[0]}"
	contains hidden # not dumpable
	box --init --user 1000:1000 --cap-drop all -- sh -c 'grep -E "^(Uid|Cap)" /proc/1/status'
	contains "CapBnd:	0000000000000000"
	"$WORK/kist" --root "$WORK/state" box --init -- sleep 4102 </dev/null 3>&- &
	comes '^sleep 4102'
	local init
	init=$(awk '/^PPid/ { print $2 }' "/proc/$(pgrep -nf '^sleep 4102')/status")
	expect 0 "$(find "/proc/$init/fd" -mindepth 1 | wc -l)"
	run grep -cE 'kist-plan|board' "/proc/$init/maps"
	expect 0 "$output"
	[ "$(awk '/^Private/ { sum += $2 } END { print sum }' "/proc/$init/smaps")" -le 100 ]
	kill %%
	wait
}

@test "--init needs a pid namespace of its own, and a filter that lets it work is named" {
	box --init --pid host -- true
	expect 125 "$status"
	contains "--init: it needs a pid namespace of the box's own"
	jq -n '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["clone"], action: "SCMP_ACT_ERRNO"}]}' >"$WORK/noclone"
	box --init --seccomp "$WORK/noclone" -- true
	expect 125 "$status"
	contains "the seccomp profile denies what an init needs"
	jq -n '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["rt_sigtimedwait"], action: "SCMP_ACT_ERRNO"}]}' >"$WORK/nowait"
	box --init --seccomp "$WORK/nowait" -- sh -c 'exit 5'
	expect 5 "$status"
}

@test "--timeout: TERM and then KILL, status 124; in time, the program's own" {
	for who in box box_user; do
		$who --timeout 1s -- sleep 4110
		expect 124 "$status"
		$who --timeout 1s -- sh -c 'trap "echo bye; exit 3" TERM; while sleep 0.1; do :; done'
		expect 124 "$status"
		contains bye
		$who --timeout 30s -- sh -c 'exit 3'
		expect 3 "$status"
	done
	local start=$SECONDS
	box --timeout 0.5s -- sh -c 'trap "" TERM; while :; do sleep 0.1; done'
	expect 124 "$status"
	[ $((SECONDS - start)) -ge 10 ]
	! runs '^sleep 4110'
}

@test "--timeout: what is no time is refused" {
	local time
	for time in '' 0 0s -1 x 5x 1.s 1e3 30d 99999999999999999999 ' 1' '1 s'; do
		box --timeout "$time" -- true
		expect 125 "$status"
		contains "--timeout $time: expected a time"
	done
	for time in 5 5s 0.5m 2h 1d 900ms; do
		box --timeout "$time" -- true
		expect 0 "$status"
	done
}

@test "--die-with-parent: the box ends with the process that started it, and only then" {
	bash -c "'$WORK/kist' --root '$WORK/state' box --die-with-parent -- sh -c 'trap \"\" HUP TERM; sleep 4120' </dev/null & exec sleep 4121" 3>&- &
	comes '^sleep 4120'
	runs '^sleep 4120'
	kill -KILL "$(pgrep -nf '^sleep 4121')"
	gone '^sleep 4120'
	gone "^$WORK/kist .*sleep 4120"
	expect "" "$(find "$WORK/state" -mindepth 1 ! -name '.features')"
	bash -c "'$WORK/kist' --root '$WORK/state' box -- sleep 4122 </dev/null & exec sleep 4123" 3>&- &
	comes '^sleep 4122'
	kill -KILL "$(pgrep -nf '^sleep 4123')"
	sleep 0.5
	runs '^sleep 4122'
	kill -TERM "$(pgrep -nf "^$WORK/kist .*sleep 4122")"
	gone '^sleep 4122'
	run unshare --pid --fork --mount-proc "$WORK/kist" --root "$WORK/state" box --die-with-parent -- true
	expect 125 "$status"
	contains "kist sees no parent to die with"
}

@test "user --die-with-parent, --timeout: the box ends with the process that started it, or at its time" {
	as_user bash -c "'$WORK/kist' --root '$WORK/user-state' box --die-with-parent -- sh -c 'trap \"\" HUP TERM; sleep 4124' </dev/null & exec sleep 4125" 3>&- &
	comes '^sleep 4124'
	runs '^sleep 4124'
	kill -KILL "$(pgrep -nf '^sleep 4125')"
	gone '^sleep 4124'
	box_user --timeout '' -- true
	expect 125 "$status"
	contains "--timeout : expected a time"
}
