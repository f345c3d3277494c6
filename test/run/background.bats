#!/usr/bin/env bats
# Boxes in the background: started, logged, waited for, stopped, and what becomes of them when something is killed.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

# Who: the machine's root, or an ordinary user.
kist() { "$WORK/kist" --root "$WORK/state" "$@"; }
kist_user() { as_user "$WORK/kist" --root "$WORK/user-state" "$@"; }
everybody=(kist kist_user)
state_of() { if [ "$1" = kist ]; then echo "$WORK/state"; else echo "$WORK/user-state"; fi; }

# A directory that both may write to.
setup() {
	PLACE=$(mktemp -d "$WORK/place.XXXXXX")
	chmod 777 "$PLACE"
}
# A test that failed leaves no box.
teardown() {
	local who record
	for who in "${everybody[@]}"; do
		for record in "$(state_of $who)"/*/; do
			[ ! -d "$record" ] || $who stop --timeout 0 "$(basename "$record")" || true
		done
	done
	rm -rf "$PLACE"
}

# until_true COMMAND...: within 20 s.
until_true() {
	local try
	for try in $(seq 200); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}
runs() { pgrep -f "$1" >/dev/null; }
gone() { ! runs "$1"; }
watcher() { jq .runtimePid "$(state_of "$1")/$2/record.json"; }
# waits_for WHO ID: in the background of the test; its status goes to $PLACE/ID.WHO, and `waited ID WHO` tells it.
waits_for() {
	{
		code=0
		$1 wait "$2" 2>"$PLACE/$2.$1.err" || code=$?
		echo "$code" >"$PLACE/$2.$1"
	} 3>&- &
}
waited() {
	until_true test -s "$PLACE/$1.$2" && cat "$PLACE/$1.$2"
}
left() { find "$PLACE" "$WORK/state" -mindepth 1 ! -name .features; }
# Only then does it learn the status of a box whose record goes.
is_waiting() {
	local pid
	for pid in $(pgrep -f "^$WORK/kist .*wait $1"); do
		! ls -l "/proc/$pid/fd" 2>/dev/null | grep -q "/$1/record.json" || return 0
	done
	return 1
}

@test "the id is printed once the program runs; wait gives its status before and after the end, and stop clears up" {
	local who before
	for who in "${everybody[@]}"; do
		before=$(snapshot)
		run $who box --background --name web --log "$PLACE/$who" -- \
			sh -c 'echo out; echo err >&2; read x || echo eof; sleep 0.3; exit 7'
		expect 0 "$status"
		expect web "$output"
		for try in 1 2; do
			run $who wait web
			expect 7 "$status"
			expect "" "$output"
		done
		expect "out err eof" "$(echo $(cat "$PLACE/$who"))"
		expect 600 "$(stat -c %a "$PLACE/$who")"
		expect record.json "$(ls -A "$(state_of $who)/web")"
		run $who stop web
		expect 0 "$status"
		expect "" "$output"
		nothing_left "$before"
		run $who wait web
		expect 125 "$status"
		contains 'the container "web" does not exist'
	done
}

@test "without a name and a log: the id is box-PID, and the output in its record" {
	local who id before
	for who in "${everybody[@]}"; do
		before=$(snapshot)
		id=$($who box --background -- sh -c 'echo said; pwd >&2')
		[[ $id =~ ^box-[0-9]+$ ]]
		run $who wait "$id"
		expect 0 "$status"
		expect "said $PWD" "$(echo $(cat "$(state_of $who)/$id/log"))"
		expect 600 "$(stat -c %a "$(state_of $who)/$id/log")"
		run $who gc
		contains "removed $id, which had ended with status 0"
		nothing_left "$before"
	done
}

@test "nothing of the caller's is held: pipes, other descriptors, the directory, the session" {
	local who id pid start=$SECONDS
	for who in "${everybody[@]}"; do
		# The pipe of $( ) and, as descriptor 7, that of cat end with the command.
		id=$(cd "$PLACE" && { $who box --background --name held --cwd / -- sleep 4301 2>&1 7>&1; } | cat)
		expect held "$id"
		{ $who box --background --name held2 -- sleep 4301 7>&1 8>&2 9<.; } 2>&1 | cat
		pid=$(watcher $who held)
		expect "$pid" "$(ps -o sid= -p "$pid" | tr -d ' ')"
		expect "?" "$(ps -o tty= -p "$pid" | tr -d ' ')"
		expect / "$(readlink "/proc/$pid/cwd")"
		expect /dev/null "$(readlink "/proc/$pid/fd/0")"
		expect "$(state_of $who)/held/log" "$(readlink "/proc/$pid/fd/1")"
		$who stop held
		$who stop held2
	done
	[ $((SECONDS - start)) -lt 60 ]
}

@test "status: that of a signal, and of two waiters at once" {
	local who before
	for who in "${everybody[@]}"; do
		before=$(snapshot)
		$who box --background --name sig --init --bind "$PLACE" -- sh -c 'while ! test -e '"$PLACE"'/go; do sleep 0.1; done; kill -KILL $$' \
			>/dev/null
		for pid in 1 2 3; do
			{
				code=0
				$who wait sig || code=$?
				echo "$code" >"$PLACE/$pid"
			} 3>&- &
		done
		until_true is_waiting sig
		touch "$PLACE/go"
		for pid in 1 2 3; do
			until_true test -s "$PLACE/$pid"
			expect 137 "$(cat "$PLACE/$pid")"
		done
		wait
		rm "$PLACE"/*
		$who stop sig
		nothing_left "$before"
	done
}

@test "stop: TERM as in the foreground, awaited; waiters get the status although the record goes" {
	local who before
	for who in "${everybody[@]}"; do
		before=$(snapshot)
		$who box --background --name caught --log "$PLACE/log.$who" -- \
			sh -c 'trap "echo bye; exit 3" TERM; echo ready; while sleep 0.1; do :; done' >/dev/null
		until_true grep -q ready "$PLACE/log.$who"
		waits_for $who caught
		until_true is_waiting caught
		run $who stop caught
		expect 0 "$status"
		expect "" "$output"
		expect 3 "$(waited caught $who)"
		grep -q bye "$PLACE/log.$who"
		# PID 1 without a handler would not hear it.
		$who box --background --name default -- sleep 4302 >/dev/null
		waits_for $who default
		until_true is_waiting default
		run $who stop default
		expect 143 "$(waited default $who)"
		wait
		nothing_left "$before"
	done
}

@test "stop: what ignores TERM is killed when the time is up, and not before" {
	local who before start took
	for who in "${everybody[@]}"; do
		before=$(snapshot)
		$who box --background --name deaf --log "$PLACE/log.$who" -- \
			sh -c 'trap "" TERM; echo ready; while sleep 0.1; do :; done' >/dev/null
		until_true grep -q ready "$PLACE/log.$who"
		waits_for $who deaf
		until_true is_waiting deaf
		start=${EPOCHREALTIME/./}
		run $who stop deaf --timeout 1.5s
		took=$((${EPOCHREALTIME/./} - start))
		expect 0 "$status"
		[ "$took" -ge 1500000 ]
		[ "$took" -lt 9000000 ]
		expect 137 "$(waited deaf $who)"
		wait
		nothing_left "$before"
	done
	kist box --background --name deaf -- sh -c 'trap "" TERM; while sleep 0.1; do :; done'
	kill -STOP "$(watcher kist deaf)" # a stopped watcher is woken
	start=$SECONDS
	kist stop --timeout 0 deaf
	[ $((SECONDS - start)) -lt 9 ]
}

@test "a killed watcher takes the box with it; wait says so, and stop, gc or a new box clears up" {
	local who before
	for who in "${everybody[@]}"; do
		before=$(snapshot)
		for clear in stop gc box; do
			$who box --background --name orphan -- sh -c 'trap "" TERM HUP; while :; do sleep 4303; done' >/dev/null
			waits_for $who orphan
			until_true is_waiting orphan
			kill -KILL "$(watcher $who orphan)"
			expect 137 "$(waited orphan $who)"
			grep -q "the kist that watched orphan was killed, and with it the box" "$PLACE/orphan.$who.err"
			wait
			rm "$PLACE"/orphan*
			until_true gone '^sleep 4303'
			run $who wait orphan
			expect 137 "$status"
			contains "kist stop orphan removes what it left"
			case $clear in
			stop) $who stop orphan ;;
			gc) $who gc | grep -q "removed what orphan left" ;;
			box)
				run $who box --name orphan -- sh -c 'exit 4'
				expect 4 "$status"
				;;
			esac
			nothing_left "$before"
		done
	done
}

@test "a start that fails is told to the caller, and nothing is left, not even the log" {
	local who before
	for who in "${everybody[@]}"; do
		before=$(snapshot)
		run $who box --background --log "$PLACE/new" -- /no/such
		expect 127 "$status"
		contains "cannot execute /no/such: it does not exist"
		lacks "box-"
		run $who box --background --log "$PLACE/new" -- /etc/passwd
		expect 126 "$status"
		contains "permission denied"
		run $who box --background --memory 64X -- true
		expect 125 "$status"
		contains "--memory 64X"
		expect "" "$(ls "$PLACE")"
		# What was there stays.
		echo old >"$PLACE/old"
		chmod 666 "$PLACE/old"
		run $who box --background --log "$PLACE/old" -- /no/such
		expect 127 "$status"
		expect old "$(cat "$PLACE/old")"
		rm "$PLACE/old"
		nothing_left "$before"
	done
}

@test "the log is appended to; a link to one is followed, and none to make one" {
	local who
	for who in "${everybody[@]}"; do
		echo before >"$PLACE/log"
		chmod 666 "$PLACE/log"
		ln -sf log "$PLACE/link"
		(cd "$PLACE" && $who box --background --name a --log link -- echo after) >/dev/null
		$who wait a
		$who stop a
		expect "before after" "$(echo $(cat "$PLACE/log"))"
		expect 666 "$(stat -c %a "$PLACE/log")"
		ln -sf nowhere "$PLACE/link"
		run $who box --background --log "$PLACE/link" -- true
		expect 125 "$status"
		contains "cannot open the log $PLACE/link: file exists"
		contains "a link that leads nowhere"
		contains "asked by       --log $PLACE/link"
		run $who box --background --log "$PLACE" -- true
		contains "is a directory"
		run $who box --background --log "$PLACE/none/log" -- true
		contains "no such file or directory"
		[ -p "$PLACE/fifo" ] || mkfifo -m 666 "$PLACE/fifo"
		run timeout 20 "$WORK/kist" --root "$WORK/state" box --background --log "$PLACE/fifo" -- true
		expect 125 "$status"
		contains "nobody reads from this FIFO"
		expect "fifo link log" "$(echo $(ls "$PLACE"))"
		$who box --background --name null --log /dev/null -- echo lost >/dev/null
		run $who wait null
		expect 0 "$status"
		$who stop null
	done
	run as_user "$WORK/kist" --root "$WORK/user-state" box --background --log /etc/kist.log -- true
	expect 125 "$status"
	contains "cannot open the log /etc/kist.log: permission denied"
}

@test "an id is not reused before its status was seen to" {
	local who
	for who in "${everybody[@]}"; do
		$who box --background --name once -- sh -c 'exit 5' >/dev/null
		run $who box --background --name once -- true
		expect 125 "$status" # it runs, or it has ended
		run $who wait once
		expect 5 "$status"
		run $who box --name once -- true
		expect 125 "$status"
		contains "the id once is taken by a box that has ended in the background, with status 5"
		contains "kist stop once"
		$who stop once
		run $who box --name once -- sh -c 'exit 6'
		expect 6 "$status"
	done
}

@test "a caller that is gone, or cannot print the id, leaves no box" {
	local before
	before=$(snapshot)
	run bash -c '"$WORK/kist" --root "$WORK/state" box --background -- sleep 4304 >/dev/full'
	expect 125 "$status"
	contains "cannot write to standard output"
	nothing_left "$before"
	gone '^sleep 4304'
	# A closed stdout is as good as /dev/null.
	"$WORK/kist" --root "$WORK/state" box --background --name mute -- sleep 4304 >&-
	runs '^sleep 4304'
	kist stop mute
	nothing_left "$before"
	[ -x "$WORK/kist-fault" ] || skip "no test build of kist"
	local step pid
	step=$(kist plan --json box -- true | jq '[.steps[].kind] | index("load_init")')
	"$WORK/kist-fault" --root "$WORK/state" --stop-at "$step" box --background --name left -- sleep 4304 >"$PLACE/out" 3>&- &
	pid=$!
	until_true has_stopped 'box --background --name left'
	kill -KILL $pid
	wait $pid || true
	kill -CONT "$(stopped 'box --background --name left')"
	until_true gone 'box --background --name left'
	expect "" "$(cat "$PLACE/out")"
	nothing_left "$before"
}
stopped() { pgrep -f -r T "$1"; }
has_stopped() { stopped "$1" >/dev/null; }

@test "TERM for the caller while the box is being started gives it up" {
	[ -x "$WORK/kist-fault" ] || skip "no test build of kist"
	local before step pid code=0
	before=$(snapshot)
	step=$(kist plan --json box -- true | jq '[.steps[].kind] | index("pivot")')
	"$WORK/kist-fault" --root "$WORK/state" --stop-at "$step" box --background --name up -- sleep 4305 >"$PLACE/out" 2>&1 3>&- &
	pid=$!
	until_true runs '^kist-init '
	kill -TERM $pid
	wait $pid || code=$?
	expect 143 "$code"
	grep -q "given up because of SIGTERM" "$PLACE/out"
	nothing_left "$before"
}

@test "each step fails, and loses the kist that does it: told to the caller, and nothing is left" {
	[ -x "$WORK/kist-fault" ] || skip "no test build of kist"
	local before count step how
	before=$(snapshot)
	count=$(kist plan --json box --background --log "$PLACE/log" --root "$WORK/rootfs" -- true | jq '.steps | length')
	[ "$count" -gt 20 ]
	for step in $(seq "$count"); do
		for how in fail kill kill-other; do
			run "$WORK/kist-fault" --root "$WORK/state" --$how-at "$step" box --background --name swept \
				--log "$PLACE/log" --root "$WORK/rootfs" -- true
			# The other one may not be there yet, or is not needed any more.
			[ "$status" = 125 ] || [ "$status" = 126 ] || [ "$how" = kill-other ] || expect "125 at $how $step" "$status"
			if [ "$status" = 0 ]; then
				kist wait swept || true
				kist stop swept
				rm -f "$PLACE/log"
			else
				contains "kist: "
			fi
			[ -z "$(left)" ] || expect "nothing after $how $step" "$(left)"
		done
	done
	nothing_left "$before"
}

@test "^C and the end of the caller's terminal do not reach it" {
	command -v python3 >/dev/null || skip "no python3 to make a terminal with"
	local who
	for who in "${everybody[@]}"; do
		cat >"$PLACE/typed" <<-END
			$(declare -f as_user kist kist_user)
			TESTER=$TESTER WORK=$WORK
			$who box --background --name quiet -- sleep 4306
			echo started
			cat
		END
		chmod 644 "$PLACE/typed"
		run timeout 60 python3 -c '
import os, pty, sys
pid, master = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", sys.argv[1]])
text = b""
while b"started" not in text:
    text += os.read(master, 4096)
os.write(master, b"\x03")
_, status = os.waitpid(pid, 0)
print(text.decode())
print("signal", os.WTERMSIG(status))
os.close(master)
' "$PLACE/typed"
		expect 0 "$status"
		contains quiet
		contains "signal 2"
		runs '^sleep 4306'
		sleep 0.3
		runs '^sleep 4306'
		$who stop quiet
		gone '^sleep 4306'
	done
}

@test "with --timeout, --pid-file, --keep, --init, --config; trace and seccomp-trace write to the log" {
	local who before id
	for who in "${everybody[@]}"; do
		before=$(snapshot)
		(cd "$PLACE" && $who box --background --name all --timeout 1s --pid-file pid.$who --keep keep.$who --init -- \
			sh -c 'echo kept >/tmp/kept-by-the-box; sleep 4307') >/dev/null
		expect "$(jq .pid "$(state_of $who)/all/record.json")" "$(cat "$PLACE/pid.$who")"
		run $who box --from "$PLACE/keep.$who" -- true
		expect 125 "$status" # in use
		run $who wait all
		expect 124 "$status"
		$who stop all
		run $who diff "$PLACE/keep.$who"
		contains "/tmp/kept-by-the-box"
		$who discard "$PLACE/keep.$who"
		$who box --print-config -- sh -c 'echo from config; exit 8' >"$PLACE/config.$who"
		$who box --config - --background --name config <"$PLACE/config.$who"
		run $who wait config
		expect 8 "$status"
		expect "from config" "$(cat "$(state_of $who)/config/log")"
		$who stop config
		$who trace box --background --name traced -- true
		$who wait traced
		until_true grep -q "execute true" "$(state_of $who)/traced/log"
		$who stop traced
		nothing_left "$before"
	done
	kist box --background --name filter --seccomp-trace --root "$WORK/rootfs" -- probe --call 9999
	kist wait filter || true
	grep -q "would be ENOSYS" "$WORK/state/filter/log"
	kist stop filter
}

@test "--timeout, --console and --die-with-parent count beside --config too" {
	kist box --print-config -- sleep 4308 >"$PLACE/config"
	run kist box --config "$PLACE/config" --timeout 0.5s
	expect 124 "$status"
	run kist box --config "$PLACE/config" --timeout soon
	expect 125 "$status"
	contains "--timeout soon: expected a time"
	run kist box --config "$PLACE/config" --console /dev/null
	contains "asked by       --console /dev/null"
	run kist plan --json box --config "$PLACE/config" --background --log "$PLACE/log"
	contains '"open_log"'
	jq '.process.terminal = true' "$PLACE/config" >"$PLACE/terminal"
	run kist box --config "$PLACE/terminal" --background
	expect 125 "$status"
	contains "--background: the configuration asks for a terminal"
	# A plain config.json has no word of a box: it dies with its watcher all the same.
	jq 'del(.annotations)' "$(bundle plain '.process.args = ["sleep", "4308"]')/config.json" >"$PLACE/plain"
	kist box --config "$PLACE/plain" --background --name plain
	kill -KILL "$(watcher kist plain)"
	run kist wait plain
	expect 137 "$status"
	kist stop plain
	gone '^sleep 4308'
}

@test "plan shows it, print-config refuses it, ns lists it by name" {
	local who
	for who in "${everybody[@]}"; do
		run $who plan box --background --log "$PLACE/log" -- true
		expect 0 "$status"
		contains "open the log $PLACE/log"
		contains "write to the log"
		run $who plan box --background --name shown -- true
		contains "$(state_of $who)/shown/log"
		run $who box --print-config --background -- true
		expect 125 "$status"
		contains "it does not go with --background"
		$who box --background --name seen -- sleep 4309 >/dev/null
		run $who ns
		[[ $output == *seen* ]]
		run $who ns seen
		expect 0 "$status"
		run $who gc
		expect "" "$output"
		$who stop seen
		run $who ns seen
		expect 125 "$status"
	done
	expect "" "$(ls "$PLACE")"
}

@test "misuse of --background and --log" {
	run kist box --background
	expect 125 "$status"
	contains "--background: it needs a command"
	local flag
	for flag in --tty "--console /dev/tty8" --die-with-parent; do
		run kist box --background $flag -- true
		expect 125 "$status"
		contains "--background: it contradicts ${flag%% *}"
	done
	run kist box --log "$PLACE/x" -- true
	expect 125 "$status"
	contains "--log $PLACE/x: only a box in the background has a log"
	run kist box --background --log '' -- true
	expect 125 "$status"
	contains "expected a file"
	kist box --background --name same -- sleep 4310
	run kist box --background --name same -- true
	expect 125 "$status"
	contains "taken by a running container"
	runs '^sleep 4310'
	kist stop same
	expect "" "$(left)"
}

@test "misuse of wait and stop: no id, none of this name, none in the background, a damaged record" {
	local who verb
	for who in "${everybody[@]}"; do
		for verb in wait stop; do
			run $who $verb
			expect 125 "$status"
			contains "$verb needs a container id"
			run $who $verb a b
			expect 125 "$status"
			contains "$verb takes one container id, not 2"
			run $who $verb ../a
			expect 125 "$status"
			contains 'invalid container id "../a"'
			run $who $verb nobody
			expect 125 "$status"
			contains 'the container "nobody" does not exist'
			contains "or its record is another user's"
			run $who plan $verb nobody
			expect 125 "$status"
		done
		run $who stop --timeout soon nobody
		expect 125 "$status"
		contains "--timeout soon: expected a time"
		{ $who box --name front -- sleep 4311 </dev/null >/dev/null 2>&1 || true; } 3>&- &
		until_true runs '^sleep 4311'
		for verb in wait stop; do
			run $who $verb front
			expect 125 "$status"
			contains "front is no box in the background"
			contains "it runs in the foreground of process $(watcher $who front)"
		done
		runs '^sleep 4311'
		kill "$(watcher $who front)"
		wait
		$who box --background --name hurt -- sleep 4312 >/dev/null
		cp "$(state_of $who)/hurt/record.json" "$PLACE/good"
		local record
		record=$(state_of $who)/hurt/record.json
		for text in '' '{' '{"version": 1, "id": "hurt"}' "$(jq '.status = 300' "$PLACE/good")"; do
			printf '%s' "$text" >"$record"
			for verb in wait stop; do
				run $who $verb hurt
				expect 125 "$status"
				contains hurt
			done
		done
		runs '^sleep 4312'
		cat "$PLACE/good" >"$record"
		rm "$PLACE/good"
		$who stop hurt
	done
}
