#!/usr/bin/env bats
# create, start and delete: a container that outlives the kist that made it. Rows A of runtime-spec 1.3 ("Lifecycle"),
# each as root and as an ordinary user.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

setup() {
	before=$(snapshot)
}

# Also after a test that failed half-way.
teardown() {
	for dir in "$WORK"/state/*/; do
		[ ! -d "$dir" ] || "$WORK/kist" --root "$WORK/state" delete --force "$(basename "$dir")" || true
	done
	for dir in "$WORK"/user-state/*/; do
		[ ! -d "$dir" ] || as_user "$WORK/kist" --root "$WORK/user-state" delete --force "$(basename "$dir")" || true
	done
}

# on WHO ARG...: kist as root or as the user. A container keeps its caller's stdout, so that is a file, shown as $output.
on() {
	local who=$1
	shift
	status=0
	: >"$WORK/output"
	chmod 666 "$WORK/output"
	if [ "$who" = root ]; then
		"${TOOL:-$WORK/kist}" --root "$WORK/state" "$@" </dev/null >>"$WORK/output" 2>&1 3>&- || status=$?
	else
		as_user "${TOOL:-$WORK/kist}" --root "$WORK/user-state" "$@" </dev/null >>"$WORK/output" 2>&1 3>&- || status=$?
	fi
	output=$(<"$WORK/output")
}

# made WHO NAME [FILTER]: the bundle for that user.
made() {
	local who=$1
	shift
	if [ "$who" = root ]; then bundle "$@"; else bundle_rootless "$@"; fi
}

state_of() { if [ "$1" = root ]; then echo "$WORK/state"; else echo "$WORK/user-state"; fi; }
pid_of() { jq .pid "$(state_of "$1")/$2/record.json"; }

# until_true CMD...: at most 20 s.
until_true() {
	for _ in $(seq 400); do
		"$@" && return 0
		sleep 0.05
	done
	echo "still not so: $*" >&2
	return 1
}
is_gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"; }
says() { grep -q "$1" "$WORK/output"; }

@test "A9 create makes all but the program, and start runs it" {
	for who in root user; do
		b=$(made $who a9 "$(args sh -c 'echo begun; exec sleep 1000')")
		on $who create -b "$b" one
		expect 0 "$status"
		expect "" "$output"
		pid=$(pid_of $who one)
		# The world is there, the program is not.
		[ "$(readlink "/proc/$pid/root/bin/sh")" = busybox ]
		grep -q '^Name:.*kist-init\|^Name:.*memfd' "/proc/$pid/status" || grep -q '^Name' "/proc/$pid/status"
		! tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q sleep
		before_start=$(readlink "/proc/$pid/ns/mnt")
		on $who start one
		expect 0 "$status"
		until_true says begun
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q 'sleep 1000\|sh -c'
		expect "$before_start" "$(readlink "/proc/$pid/ns/mnt")"
		kill -KILL "$pid"
		until_true is_gone "$pid"
		on $who delete one
		expect 0 "$status"
		nothing_left "$before"
	done
}

@test "A9 the runtime leaves no process behind but the container" {
	b=$(bundle alone "$(args true)")
	on root create -b "$b" one
	expect 0 "$status"
	[ "$(jq .runtimePid "$WORK/state/one/record.json")" -gt 1 ]
	[ ! -e "/proc/$(jq .runtimePid "$WORK/state/one/record.json")" ]
	expect 1 "$(ps -eo pid=,args= | grep -c "[k]ist --root $WORK/state\|^ *$(pid_of root one) " || true)"
}

@test "A9 an id that is created, running or stopped is taken" {
	for who in root user; do
		b=$(made $who taken "$(args sleep 1000)")
		on $who create -b "$b" one
		pid=$(pid_of $who one)
		on $who create -b "$b" one
		expect 125 "$status"
		contains "the id one is taken by a created container (pid $pid)"
		contains "kist delete one"
		on $who start one
		on $who create -b "$b" one
		expect 125 "$status"
		contains "is taken by a running container"
		kill -KILL "$pid"
		until_true is_gone "$pid"
		on $who run -b "$b" one
		expect 125 "$status"
		contains "is taken by a stopped container"
		on $who delete one
		expect 0 "$status"
	done
	nothing_left "$before"
}

@test "A11 what is changed in the bundle after create does not matter" {
	b=$(bundle changed "$(args sh -c 'echo first')")
	on root create -b "$b" one
	bundle changed "$(args sh -c 'echo second')" >/dev/null
	on root start one
	expect 0 "$status"
	until_true says first
}

@test "A12 start of one that runs, has stopped, or is not there is refused" {
	for who in root user; do
		b=$(made $who a12 "$(args sleep 1000)")
		on $who start one
		expect 125 "$status"
		contains one
		on $who create -b "$b" one
		on $who start one
		pid=$(pid_of $who one)
		on $who start one
		expect 125 "$status"
		contains "cannot start the container one: it is running already"
		kill -KILL "$pid"
		until_true is_gone "$pid"
		on $who start one
		expect 125 "$status"
		contains "cannot start the container one: it has stopped"
		contains "kist delete one"
		on $who delete one
	done
}

@test "A12 a created container that was killed has stopped, and is not signalled under a new start time" {
	b=$(bundle killed "$(args sleep 1000)")
	on root create -b "$b" one
	pid=$(pid_of root one)
	kill -KILL "$pid"
	until_true is_gone "$pid"
	on root start one
	expect 125 "$status"
	contains "it has stopped"
	# The pid of somebody else, as if it had been used again.
	sleep 1000 3>&- &
	other=$!
	jq ".pid = $other" "$WORK/state/one/record.json" >"$WORK/record.new"
	cat "$WORK/record.new" >"$WORK/state/one/record.json"
	on root delete one
	expect 0 "$status"
	kill -0 "$other"
	kill "$other"
}

@test "A14 delete refuses one that runs, and takes one that has stopped" {
	for who in root user; do
		b=$(made $who a14 "$(args sleep 1000)")
		on $who create -b "$b" one
		on $who start one
		pid=$(pid_of $who one)
		on $who delete one
		expect 125 "$status"
		contains "cannot delete the container one: it is running (pid $pid)"
		contains "kist delete --force one"
		kill -0 "$pid"
		kill -KILL "$pid"
		until_true is_gone "$pid"
		on $who delete one
		expect 0 "$status"
		on $who delete one
		expect 125 "$status"
		nothing_left "$before"
	done
}

@test "A6 A7 state tells whether it waits, runs or has stopped" {
	for who in root user; do
		b=$(made $who a6 "$(args sleep 1000)")
		on $who create -b "$b" one
		pid=$(pid_of $who one)
		on $who state one
		expect "created $pid" "$(jq -r '"\(.status) \(.pid)"' <<<"$output")"
		on $who start one
		on $who state one
		expect "running $pid" "$(jq -r '"\(.status) \(.pid)"' <<<"$output")"
		on $who kill one KILL
		expect 0 "$status"
		until_true is_gone "$pid"
		on $who state one
		expect stopped "$(jq -r .status <<<"$output")"
		on $who delete one
		expect 0 "$status"
	done
}

@test "A7 a start that was killed behind its word at the gate: the container runs" {
	b=$(bundle a7 "$(args sleep 1000)")
	on root create -b "$b" one
	cp "$WORK/state/one/record.json" "$WORK/record.before"
	on root start one
	cat "$WORK/record.before" >"$WORK/state/one/record.json"
	on root state one
	expect running "$(jq -r .status <<<"$output")"
	on root start one
	expect 125 "$status"
	contains "it is running already"
}

@test "A14 delete of a paused one is refused, and forced" {
	b=$(bundle paused "$(args sleep 1000)")
	on root create -b "$b" one
	on root start one
	pid=$(pid_of root one)
	on root pause one
	expect 0 "$status"
	on root delete one
	expect 125 "$status"
	contains "cannot delete the container one: it is paused"
	on root delete -f one
	expect 0 "$status"
	is_gone "$pid"
	nothing_left "$before"
}

@test "A14 delete of one that was never started kills it, as engines expect" {
	for who in root user; do
		b=$(made $who unstarted "$(args sleep 1000)")
		on $who create -b "$b" one
		pid=$(pid_of $who one)
		on $who delete one
		expect 0 "$status"
		until_true is_gone "$pid"
		nothing_left "$before"
	done
}

@test "A14 delete --force takes a running, a missing, a damaged and a half-made one" {
	for who in root user; do
		state=$(state_of $who)
		b=$(made $who force "$(args sleep 1000)")
		on $who create -b "$b" one
		on $who start one
		pid=$(pid_of $who one)
		on $who delete --force one
		expect 0 "$status"
		is_gone "$pid"
		on $who delete -f one
		expect 0 "$status"
		expect "" "$output"

		on $who create -b "$b" one
		pid=$(pid_of $who one)
		echo 'no json' >"$state/one/record.json"
		on $who delete one
		expect 125 "$status"
		contains "kist delete --force one"
		on $who delete -f one
		expect 0 "$status"
		until_true is_gone "$pid"
		[ ! -e "$state/one" ]

		install -d -m 700 -o "$(stat -c %u "$state")" "$state/one"
		on $who delete -f one
		expect 0 "$status"
		[ ! -e "$state/one" ]
		nothing_left "$before"
	done
}

@test "A14 delete --force of one whose journal is damaged says what it could not look for" {
	b=$(bundle journal '.linux.cgroupsPath = "/kist-test/journal"'" | $(args sleep 1000)")
	on root create -b "$b" one
	pid=$(pid_of root one)
	cp "$WORK/state/one/journal" "$WORK/journal"
	echo 'rubbish' >>"$WORK/state/one/journal"
	on root delete -f one
	expect 0 "$status"
	contains "could not be looked for"
	is_gone "$pid"
	[ ! -e "$WORK/state/one" ]
	# What is left then is removed by hand.
	find /sys/fs/cgroup -depth -type d -path '*/kist-test*' -exec rmdir {} + 2>/dev/null || true
}

@test "gc leaves a created, a running and a stopped container alone" {
	for who in root user; do
		b=$(made $who gc "$(args sleep 1000)")
		for step in create start; do
			if [ $step = create ]; then on $who create -b "$b" one; else on $who start one; fi
			expect 0 "$status"
			on $who gc
			expect 0 "$status"
			expect "" "$output"
			kill -0 "$(pid_of $who one)"
		done
		pid=$(pid_of $who one)
		kill -KILL "$pid"
		until_true is_gone "$pid"
		on $who gc
		expect "" "$output"
		on $who delete one
		expect 0 "$status"
	done
}

@test "a program that is not there is told by create, with 127" {
	for who in root user; do
		for program in nothing /bin/nothing; do
			b=$(made $who missing "$(args $program)")
			on $who create -b "$b" one
			expect 127 "$status"
			contains "cannot find the program $program"
			contains "no such file or directory"
		done
		b=$(made $who missing "$(args nothing)")
		on $who create -b "$b" one
		contains "executable file not found in \$PATH"
		b=$(made $who missing "$(args /etc/passwd)")
		on $who create -b "$b" one
		expect 126 "$status"
		contains "permission denied"
		nothing_left "$before"
	done
}

@test "what only exec finds out reaches start, with its reason and status" {
	printf '#!/bin/none -x\n' >"$WORK/rootfs/bin/script"
	printf 'neither\n' >"$WORK/rootfs/bin/text"
	chmod 755 "$WORK/rootfs/bin/script" "$WORK/rootfs/bin/text"
	for who in root user; do
		b=$(made $who late "$(args script)")
		on $who create -b "$b" one
		expect 0 "$status"
		on $who start one
		expect 127 "$status"
		contains "cannot execute script"
		contains 'interpreter "/bin/none" does not exist'
		contains "exec, in the container"
		on $who start one
		expect 125 "$status"
		contains "it has stopped"
		on $who delete one
		expect 0 "$status"

		b=$(made $who late "$(args text)")
		on $who create -b "$b" one
		on $who start one
		expect 126 "$status"
		contains "it is neither a program nor a script"
		on $who delete one
		b=$(made $who late "$(args true)")
		on $who plan --json create -b "$b" one
		step=$(jq '[.steps[].kind] | index("set_umask") + 1' <<<"$output")
		TOOL=$WORK/kist-fault on $who --fail-at "$step:EPERM" create -b "$b" one
		expect 0 "$status"
		on $who start one
		expect 125 "$status"
		contains "cannot set the umask: operation not permitted"
		contains "set_umask, in the container"
		on $who delete one
	done
	rm "$WORK/rootfs/bin/script" "$WORK/rootfs/bin/text"
	nothing_left "$before"
}

@test "D9 start runs the startContainer and poststart hooks, and tells of one that fails" {
	printf '#!/bin/sh\ncat >>/tmp/told; exit "${1:-0}"\n' >"$WORK/rootfs/bin/hook"
	chmod 755 "$WORK/rootfs/bin/hook"
	b=$(bundle hooks ".root.readonly = false | .hooks = {startContainer: [{path: \"/bin/hook\"}],
		poststart: [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >$WORK/poststart\"]}],
		poststop: [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >$WORK/poststop\"]}]} | $(args sleep 1000)")
	on root create -b "$b" one
	expect 0 "$status"
	[ ! -e "$WORK/rootfs/tmp/told" ]
	[ ! -e "$WORK/poststart" ]
	pid=$(pid_of root one)
	on root start one
	expect 0 "$status"
	expect "$pid running" "$(jq -r '"\(.pid) \(.status)"' "$WORK/poststart")"
	expect one "$(jq -r .id "$WORK/rootfs/tmp/told")"
	[ ! -e "$WORK/poststop" ]
	on root delete -f one
	expect 0 "$status"
	expect one "$(jq -r .id "$WORK/poststop")"

	b=$(bundle hooks ".hooks = {startContainer: [{path: \"/bin/hook\", args: [\"hook\", \"3\"]}]} | $(args sleep 1000)")
	on root create -b "$b" one
	on root start one
	expect 125 "$status"
	contains "it exited with status 3"
	on root delete one
	b=$(bundle hooks '.hooks = {poststart: [{path: "/bin/false"}]}'" | $(args sleep 1000)")
	on root create -b "$b" one
	pid=$(pid_of root one)
	on root start one
	expect 125 "$status"
	contains "poststart hook"
	until_true is_gone "$pid"
	rm -f "$WORK/rootfs/bin/hook" "$WORK/rootfs/tmp/told" "$WORK"/post*
	nothing_left "$before"
}

@test "a filter that lets no program begin is told by start" {
	b=$(bundle kills '.process.noNewPrivileges = true | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		architectures: ["SCMP_ARCH_X86_64"], syscalls: [{names: ["execve"], action: "SCMP_ACT_KILL_PROCESS"}]}'" | $(args true)")
	on root create -b "$b" one
	expect 0 "$status"
	on root start one
	expect 126 "$status"
	contains "the seccomp filter killed it at execve (SIGSYS)"
}

@test "what waits is small, and holds nothing of the caller's but stdin, stdout and stderr" {
	b=$(bundle small "$(args true)")
	exec 7<"$WORK/rootfs/etc/passwd"
	on root create -b "$b" one
	exec 7<&-
	pid=$(pid_of root one)
	private=$(awk '/^Private/ { sum += $2 } END { print sum }' "/proc/$pid/smaps_rollup")
	echo "# private: $private KiB" >&3
	[ "$private" -le 100 ]
	! ls -l "/proc/$pid/fd" | grep passwd
	# It has left the caller's session, so the end of that is not its end.
	expect "$pid" "$(ps -o sid= -p "$pid" | tr -d ' ')"
	expect 0 "$(awk '/^SigBlk/ { print $2 + 0 }' "/proc/$pid/status")"
}

@test "A15 the program has no descriptor that was not asked for" {
	for who in root user; do
		b=$(made $who fds "$(args sh -c 'ls /proc/self/fd; echo end')")
		exec 7<"$WORK/rootfs/etc/passwd"
		on $who create -b "$b" one
		on $who start one
		exec 7<&-
		until_true says end
		# 3 is the directory that ls reads.
		expect "0 1 2 3 end" "$(echo $(<"$WORK/output"))"
		on $who delete -f one
	done
}

@test "C1 create with a terminal, which nobody would hold, is refused by name" {
	b=$(bundle c1 '.process.terminal = true')
	run "$WORK/kist" --root "$WORK/state" create -b "$b" c1
	expect 125 "$status"
	contains "/process/terminal: the terminal of a container that is created and left"
	[ ! -e "$WORK/state/c1" ]
}

@test "a connection at the gate that says nothing opens it for nobody" {
	b=$(bundle silent "$(args sleep 1000)")
	on root create -b "$b" one
	pid=$(pid_of root one)
	python3 - "$WORK/state/one/gate" <<'END'
import socket, struct, sys
for word in b"", b"xxxx", b"much too long for a word":
    gate = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    gate.connect(sys.argv[1])
    pid = struct.unpack("iII", gate.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    print(pid)
    if word:
        gate.send(word)
    gate.close()
END
	on root start one
	expect 0 "$status"
	tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q 'sleep 1000'
}

@test "the peer credentials of the gate name the container's process" {
	for who in root user; do
		b=$(made $who peer "$(args true)")
		on $who create -b "$b" one
		peer=$(python3 - "$(state_of $who)/one/gate" <<'END'
import socket, struct, sys
gate = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
gate.connect(sys.argv[1])
print(struct.unpack("iII", gate.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])
END
)
		expect "$(pid_of $who one)" "$peer"
		on $who delete one
	done
}

@test "a state root with a long path has a gate too" {
	long=$WORK/state/$(printf 'x%.0s' $(seq 200))
	mkdir -m 700 "$long"
	b=$(bundle long "$(args true)")
	"$WORK/kist" --root "$long" create -b "$b" one >/dev/null 2>&1 3>&-
	run "$WORK/kist" --root "$long" start one
	expect 0 "$status"
	run "$WORK/kist" --root "$long" delete -f one
	expect 0 "$status"
	rm -rf "$long"
}

@test "two starts at once: one of them" {
	b=$(bundle twice "$(args sleep 1000)")
	for _ in $(seq 10); do
		on root create -b "$b" one
		"$WORK/kist" --root "$WORK/state" start one 2>"$WORK/err1" 3>&- &
		first=$!
		"$WORK/kist" --root "$WORK/state" start one 2>"$WORK/err2" 3>&- &
		second=$!
		one=0 two=0
		wait $first || one=$?
		wait $second || two=$?
		expect 125 $((one + two))
		cat "$WORK/err1" "$WORK/err2" | grep -q 'it is running already'
		on root delete -f one
		expect 0 "$status"
	done
}

@test "a foreground run under a created id's name, deleted by force, leaves the next one alone" {
	b=$(bundle foreground "$(args sleep 1000)")
	"$WORK/kist" --root "$WORK/state" run -b "$b" one >"$WORK/out" 2>&1 3>&- &
	runtime=$!
	until_true test -s "$WORK/state/one/record.json"
	pid=$(pid_of root one)
	kill -STOP "$runtime"
	on root delete -f one
	expect 0 "$status"
	is_gone "$pid"
	on root create -b "$b" one
	expect 0 "$status"
	kill -CONT "$runtime"
	wait "$runtime" || true
	kill -0 "$(pid_of root one)"
	on root delete one
	expect 0 "$status"
}

@test "A5 a create that is killed at any step leaves nothing once gc has run" {
	b=$(bundle dying "$(args true)")
	steps=$("$WORK/kist-fault" --root "$WORK/state" plan --json create -b "$b" one | jq '[.steps[].kind] | index("wait_gate")')
	[ "$steps" -gt 10 ]
	for at in $(seq 1 7 $((steps - 1))) $((steps - 1)) "$steps" $((steps + 1)); do
		for how in kill-at kill-other-at fail-at; do
			"$WORK/kist-fault" --root "$WORK/state" "--$how" "$at" create -b "$b" one >/dev/null 2>&1 </dev/null 3>&- || true
			until_true no_half_made
			on root gc
			expect 0 "$status"
			on root delete --force one
		done
	done
	nothing_left "$before"
}
# The init of a killed runtime ends by itself.
no_half_made() {
	[ -z "$(ps -eo stat=,args= | awk -v root="$WORK/state" '$1 !~ /^Z/ && index($0, "--root " root " ")')" ] || [ "$(jq -r .stage "$WORK/state/one/record.json" 2>/dev/null)" = created ]
}
