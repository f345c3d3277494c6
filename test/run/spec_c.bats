#!/usr/bin/env bats
# Rows C of runtime-spec 1.3: process.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

@test "C2 consoleSize is ignored without a terminal" {
	b=$(bundle c2 ".process.consoleSize = {height: 10, width: 20} | $(args true)")
	kist_run "$b"
	expect 0 "$status"
}

@test "C3 cwd is required, absolute, and entered" {
	b=$(bundle c3 ".process.cwd = \"/tmp\" | $(args pwd)")
	kist_run "$b"
	expect /tmp "$output"
	b=$(bundle c3 '.process.cwd = "tmp"')
	kist_run "$b"
	expect 125 "$status"
	contains /process/cwd
	b=$(bundle c3 'del(.process.cwd)')
	kist_run "$b"
	expect 125 "$status"
	contains cwd
}

@test "C3 a missing cwd is made" {
	b=$(bundle c3 ".root.readonly = false | .process.cwd = \"/var/new/dir\" | $(args pwd)")
	kist_run "$b"
	expect /var/new/dir "$output"
	rm -r "$WORK/rootfs/var/new"
}

@test "C4 the environment is what was asked for, the last of two wins, HOME comes from passwd" {
	b=$(bundle c4 ".process.env = [\"PATH=/bin\", \"A=1\", \"A=2\", \"B=x y\"] | $(args probe env)")
	kist_run "$b"
	expect 0 "$status"
	expect "env A=2
env B=x y
env HOME=/root
env PATH=/bin" "$(grep ^env <<<"$output" | sort)"
	b=$(bundle c4 ".process.env = [\"PATH=/bin\", \"HOME=\"] | .process.user = {uid: 1000, gid: 1000} | $(args probe env)")
	kist_run "$b"
	contains "env HOME=/home/user"
	b=$(bundle c4 ".process.env = [\"PATH=/bin\", \"HOME=/else\"] | $(args probe env)")
	kist_run "$b"
	contains "env HOME=/else"
}

@test "C5 arguments arrive byte for byte, PATH is searched" {
	b=$(bundle c5 "$(args probe --args 'a  b' '$HOME' ';id' '' 'ü
x')")
	kist_run "$b"
	expect '<a  b><$HOME><;id><><ü
x>' "$output"
	b=$(bundle c5 '.process.args = []')
	kist_run "$b"
	expect 125 "$status"
	contains /process/args
}

@test "C6 rlimits match, duplicates and unknown types are faults" {
	b=$(bundle c6 ".process.rlimits = [{type: \"RLIMIT_NOFILE\", soft: 100, hard: 200},
		{type: \"RLIMIT_CORE\", soft: 0, hard: 0}] | $(args probe rlimit)")
	kist_run "$b"
	contains "rlimit.7 100 200"
	contains "rlimit.4 0 0"
	b=$(bundle c6 '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1, hard: 2}, {type: "RLIMIT_NOFILE", soft: 1, hard: 3},
		{type: "RLIMIT_FOO", soft: 1, hard: 1}]')
	kist_run "$b"
	expect 125 "$status"
	contains /process/rlimits/1
	contains /process/rlimits/2
}

@test "C6 a limit above fs.nr_open says so" {
	b=$(bundle c6 '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 2000000000, hard: 2000000000}]')
	kist_run "$b"
	expect 125 "$status"
	contains nr_open
	contains /process/rlimits/0
}

@test "C6 a hard limit above the caller's own" {
	ulimit -n 3000
	for user in '' '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 10}]
			| .linux.gidMappings = .linux.uidMappings |'; do
		b=$(bundle c6 "$user .process.rlimits = [{type: \"RLIMIT_NOFILE\", soft: 100, hard: 3000}] | $(args probe rlimit)")
		kist_run "$b"
		expect 0 "$status"
		contains "rlimit.7 100 3000"
		b=$(bundle c6 "$user .process.rlimits = [{type: \"RLIMIT_NOFILE\", soft: 100, hard: 4000}] | $(args probe rlimit)")
		kist_run "$b"
		# Only CAP_SYS_RESOURCE of the machine (24) may raise it: inside a user namespace kist does it from outside.
		if (((0x$(awk '/^CapEff/ { print $2 }' /proc/self/status) >> 24 & 1))); then
			expect 0 "$status"
			contains "rlimit.7 100 4000"
		else
			expect 125 "$status"
			contains "/process/rlimits/0: hard limit 4000 of RLIMIT_NOFILE is above the caller's own, 3000"
			contains CAP_SYS_RESOURCE
		fi
	done
}

@test "C8 the capability sets are exactly those asked for" {
	b=$(bundle c8 ".process.capabilities = {bounding: [\"CAP_KILL\", \"CAP_CHOWN\"], permitted: [\"CAP_KILL\", \"CAP_CHOWN\"],
		effective: [\"CAP_KILL\"], inheritable: [\"CAP_KILL\"], ambient: [\"CAP_KILL\"]} | .process.user = {uid: 1000, gid: 1000}
		| $(args probe status)")
	kist_run "$b"
	expect 0 "$status"
	# A user that is not root keeps over exec what is ambient.
	contains "CapPrm:	0000000000000020"
	contains "CapEff:	0000000000000020"
	contains "CapInh:	0000000000000020"
	contains "CapBnd:	0000000000000021"
	contains "CapAmb:	0000000000000020"
}

@test "C8 an unknown capability is a warning, not an error" {
	b=$(bundle c8 ".process.capabilities.bounding += [\"CAP_BANANA\"] | $(args true)")
	kist_run "$b"
	expect 0 "$status"
	contains warning
	contains CAP_BANANA
}

@test "C8 what the bounding set forbids to inherit is a warning, and left out" {
	b=$(bundle c8 ".process.capabilities = {bounding: [\"CAP_CHOWN\"], permitted: [\"CAP_KILL\", \"CAP_CHOWN\"],
		effective: [\"CAP_KILL\"], inheritable: [\"CAP_KILL\"]} | $(args probe status)")
	kist_run "$b"
	expect 0 "$status"
	contains "cannot be granted here and left out: CAP_KILL"
	contains "CapInh:	0000000000000000"
}

@test "C9 noNewPrivileges" {
	b=$(bundle c9 ".process.noNewPrivileges = true | $(args probe status)")
	kist_run "$b"
	contains "NoNewPrivs:	1"
	b=$(bundle c9 ".process.noNewPrivileges = false | $(args probe status)")
	kist_run "$b"
	contains "NoNewPrivs:	0"
}

@test "C10 oomScoreAdj is set exactly, and left alone when absent" {
	b=$(bundle c10 ".process.oomScoreAdj = 123 | $(args probe sched)")
	kist_run "$b"
	contains "oom_score_adj 123"
	b=$(bundle c10 "$(args probe sched)")
	kist_run "$b"
	contains "oom_score_adj $(cat /proc/self/oom_score_adj)"
}

@test "C11 C12 scheduler" {
	b=$(bundle c11 ".process.scheduler = {policy: \"SCHED_BATCH\", nice: 5} | $(args probe sched)")
	kist_run "$b"
	contains "sched policy=3 priority=0 nice=5"
	b=$(bundle c11 '.process.scheduler = {policy: "SCHED_NONE"}')
	kist_run "$b"
	expect 125 "$status"
	contains /process/scheduler/policy
}

@test "C14 ioPriority" {
	b=$(bundle c14 ".process.ioPriority = {class: \"IOPRIO_CLASS_BE\", priority: 6} | $(args probe sched)")
	kist_run "$b"
	contains "ioprio=$((2 << 13 | 6))"
}

@test "C16 uid, gid, additional groups, umask" {
	b=$(bundle c16 ".process.user = {uid: 1000, gid: 1001, additionalGids: [5, 10], umask: 63} | $(args probe ids status)")
	kist_run "$b"
	contains "uid 1000 1000 1000"
	contains "gid 1001 1001 1001"
	contains "groups 5 10"
	contains "Umask:	0077"
	b=$(bundle c16 "$(args probe status)")
	(umask 027 && run "$WORK/kist" --root "$WORK/state" run -b "$b" umask && contains "Umask:	0027")
}

# reopening: what a program says through /dev/stdout and /dev/stderr, opened anew.
reopening() {
	args sh -c 'echo out >/dev/stdout && echo err >/dev/stderr && cat /dev/stdin'
}

@test "C16 another user can open the caller's pipes, by whatever way it became that user" {
	local user='.process.user = {uid: 1000, gid: 1000}' map
	map='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	for filter in "$user" "$map" "$map | $user"; do
		b=$(bundle c16p "$filter | $(reopening)")
		output=$(echo in | "$WORK/kist" --root "$WORK/state" run -b "$b" c16p 2>&1 | cat)
		expect $'out\nerr\nin' "$output"
	done
	# By name, looked up inside; and an ordinary user's own pipe, as one of its subordinate ids.
	output=$(echo in | "$WORK/kist" --root "$WORK/state" box --root "$WORK/rootfs" --user user sh -c "$(jq -r '.[2]' <<<"$(jq -c .process.args "$b/config.json")")" 2>&1 | cat)
	expect $'out\nerr\nin' "$output"
	# (kist's own stderr has a remark: the root is not this user's.)
	output=$(as_user sh -c 'echo in | "$0" --root "$1" box --root "$2" --user user sh -c "echo out >/dev/stdout; cat /dev/stdin" 2>/dev/null | cat' \
		"$WORK/kist" "$WORK/user-state" "$WORK/rootfs")
	expect $'out\nin' "$output"
}

@test "C16 nothing else of the caller's changes its owner: a device, a named FIFO, a file" {
	local before b
	b=$(bundle c16o '.process.user = {uid: 1000, gid: 1000} | '"$(args true)")
	mkfifo -m 600 "$WORK/named"
	touch "$WORK/plain"
	before=$(stat -c '%n %u:%g %a' /dev/null "$WORK/named" "$WORK/plain")
	"$WORK/kist" --root "$WORK/state" run -b "$b" c16o </dev/null >/dev/null 2>&1
	"$WORK/kist" --root "$WORK/state" run -b "$b" c16o <>"$WORK/named" >"$WORK/plain" 2>/dev/null
	expect "$before" "$(stat -c '%n %u:%g %a' /dev/null "$WORK/named" "$WORK/plain")"
}

@test "C17 hostname and domainname need a uts namespace" {
	b=$(bundle c17 ".hostname = \"h1\" | .domainname = \"d1\" | $(args probe names)")
	kist_run "$b"
	contains "hostname h1"
	contains "domainname d1"
	[ "$(hostname)" != h1 ]
	b=$(bundle c17 '.linux.namespaces |= map(select(.type != "uts"))')
	run "$WORK/kist" check -b "$b"
	expect 125 "$status"
	contains /hostname
}

@test "the exit status is the program's, 128+n for a signal" {
	b=$(bundle exit "$(args probe --exit 42)")
	kist_run "$b"
	expect 42 "$status"
	b=$(bundle exit '.linux.namespaces |= map(select(.type != "pid")) | '"$(args probe --signal 9)")
	kist_run "$b"
	expect 137 "$status"
}

@test "signals are forwarded" {
	b=$(bundle signals "$(args probe --signals)")
	"$WORK/kist" --root "$WORK/state" run -b "$b" signals >"$WORK/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 600); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	for signal in HUP USR1 USR2 WINCH 40 TERM TERM; do
		kill -$signal $pid
		sleep 0.1
	done
	wait $pid
	expect "ready signal 1 signal 10 signal 12 signal 28 signal 40 signal 15 signal 15" "$(tr '\n' ' ' <"$WORK/out" | sed 's/ $//')"
}
