#!/usr/bin/env bats
# The system call filter of a box: --seccomp default, none and FILE, as root and as a user.

load lib.bash
setup_file() {
	lib_setup
	cp -a "$WORK/rootfs" "$WORK/own"
	chown -R "$TESTER:" "$WORK/own"
	case $(uname -m) in
	aarch64) export KEXEC=104 PERSONALITY=92 SWAPON=224 IO_URING=425 ;;
	*) export KEXEC=246 PERSONALITY=135 SWAPON=167 IO_URING=425 ;;
	esac
	cat >"$WORK/docker.json" <<-END
		{ "defaultAction": "SCMP_ACT_ALLOW",
		  "archMap": [ { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"] } ],
		  "syscalls": [
		    { "names": ["swapon"], "action": "SCMP_ACT_ERRNO", "errnoRet": 71, "excludes": { "caps": ["CAP_SYS_ADMIN"] } },
		    { "names": ["personality"], "action": "SCMP_ACT_ERRNO", "errno": "EIO", "includes": { "caps": ["CAP_CHOWN"] } },
		    { "names": ["kexec_load"], "action": "SCMP_ACT_ERRNO", "errnoRet": 72, "includes": { "minKernel": "99.0" } },
		    { "names": ["kexec_load"], "action": "SCMP_ACT_ERRNO", "errnoRet": 73 } ] }
	END
}
teardown_file() { lib_teardown; }

box() {
	run "$WORK/kist" --root "$WORK/state" box --root "$WORK/rootfs" "$@"
}
user_box() {
	run as_user "$WORK/kist" --root "$WORK/user-state" box --root "$WORK/own" "$@"
}

@test "box: the default filter refuses what podman's refuses" {
	box -- sh -c "probe --call $KEXEC; probe --call $SWAPON; probe --call $IO_URING; probe --call $PERSONALITY 1
		probe --call $PERSONALITY 0xffffffff; probe --call 9999"
	contains "call $KEXEC Operation not permitted"
	contains "call $SWAPON Operation not permitted"
	contains "call $IO_URING Function not implemented"
	contains "call $PERSONALITY Function not implemented"
	contains "call $PERSONALITY done"
	contains "call 9999 Function not implemented"
	user_box -- sh -c "probe --call $KEXEC; probe --call $PERSONALITY 0xffffffff"
	contains "call $KEXEC Operation not permitted"
	contains "call $PERSONALITY done"
}

@test "box: nothing types into a terminal: TIOCSTI and TIOCLINUX, also with the upper half set" {
	box -- probe --tiocsti
	expect "$(printf 'TIOCSTI %s\nTIOCSTI-high %s\nTIOCLINUX %s' "Operation not permitted" "Operation not permitted" \
		"Operation not permitted")" "$output"
	user_box -- probe --tiocsti
	lacks done
	lacks tty
	box --seccomp none -- probe --tiocsti </dev/null
	contains "TIOCSTI "
	lacks "TIOCSTI Operation not permitted"
}

@test "box --seccomp: default is the default, and none is no filter" {
	box --seccomp default -- grep Seccomp: /proc/self/status
	contains 2
	box -- grep Seccomp: /proc/self/status
	contains 2
	box --seccomp none -- grep Seccomp: /proc/self/status
	contains 0
	user_box --seccomp none -- grep Seccomp: /proc/self/status
	contains 0
	user_box -- grep Seccomp: /proc/self/status
	contains 2
}

@test "box --seccomp FILE: docker's form, for the capabilities of the box" {
	box --seccomp "$WORK/docker.json" -- sh -c "probe --call $SWAPON; probe --call $PERSONALITY 0; probe --call $KEXEC
		probe --tiocsti"
	contains "call $SWAPON Protocol error"
	contains "call $PERSONALITY I/O error"
	lacks "call $KEXEC Operation"
	contains "TIOCSTI "
	lacks "TIOCSTI Operation not permitted"
	user_box --seccomp "$WORK/docker.json" -- sh -c "probe --call $SWAPON"
	contains "call $SWAPON Protocol error"
}

@test "box --seccomp FILE: the seccomp object of a config.json, from a file, a pipe and a descriptor" {
	printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["swapon"],"action":"SCMP_ACT_ERRNO","errnoRet":71}]}' \
		>"$WORK/oci.json"
	box --seccomp "$WORK/oci.json" -- probe --call "$SWAPON"
	contains "call $SWAPON Protocol error"
	run bash -c "cat $WORK/oci.json | $WORK/kist --root $WORK/state box --root $WORK/rootfs --seccomp - -- probe --call $SWAPON"
	contains "call $SWAPON Protocol error"
	run bash -c "$WORK/kist --root $WORK/state box --root $WORK/rootfs --seccomp fd:7 -- probe --call $SWAPON 7<$WORK/oci.json"
	contains "call $SWAPON Protocol error"
}

@test "box --seccomp: a file that is not there, no profile, and one with faults" {
	before=$(snapshot)
	box --seccomp "$WORK/none.json" -- true
	expect 125 "$status"
	contains "cannot read the seccomp profile $WORK/none.json: no such file or directory"
	contains 'takes "default", "none" or the file'
	box --seccomp fd:77 -- true
	expect 125 "$status"
	contains "bad file descriptor"
	printf '{\n "defaultAction": "SCMP_ACT_ALOW",\n "syscalls": [ { "names": ["a"] } ] }' >"$WORK/bad.json"
	user_box --seccomp "$WORK/bad.json" -- true
	expect 125 "$status"
	contains "$WORK/bad.json:2:19 /defaultAction: unknown seccomp action \"SCMP_ACT_ALOW\""
	contains "$WORK/bad.json:3:16 /syscalls/0/action: missing"
	nothing_left "$before"
}

# --- --seccomp-trace ---

# Rules that refuse in every way there is.
kill_profile() {
	cat >"$WORK/kill.json" <<-END
		{ "defaultAction": "SCMP_ACT_ALLOW", "archMap": [ { "architecture": "SCMP_ARCH_X86_64" } ], "syscalls": [
		  { "names": ["swapon"], "action": "SCMP_ACT_KILL_PROCESS" },
		  { "names": ["personality"], "action": "SCMP_ACT_TRAP", "args": [ { "index": 0, "value": 5, "op": "SCMP_CMP_EQ" } ] },
		  { "names": ["kexec_load"], "action": "SCMP_ACT_ERRNO", "errnoRet": 71 },
		  { "names": ["acct"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0 } ] }
	END
}

@test "box --seccomp-trace: names the call, the rule and its place, answers with its errno, and goes on" {
	kill_profile
	before=$(snapshot)
	box --seccomp "$WORK/kill.json" --seccomp-trace -- sh -c "probe --call $KEXEC 0x1234 7; probe --call $SWAPON
		probe --call $PERSONALITY 5; probe --call $PERSONALITY 0; exit 3"
	expect 3 "$status"
	[[ $output =~ seccomp:\ [0-9]+\ probe\ kexec_load\(0x1234,\ 0x7,\ 0,\ 0,\ 0,\ 0\)\ →\ would\ be\ EPROTO\ by\ rule\ 3\ \(--seccomp\ $WORK/kill.json,\ line\ 4\) ]]
	contains "would be killed by rule 1 (--seccomp $WORK/kill.json, line 2)"
	contains "would be SIGSYS by rule 2 (--seccomp $WORK/kill.json, line 3)"
	contains "call $KEXEC Protocol error"
	contains "call $SWAPON Operation not permitted"
	contains "call $PERSONALITY Operation not permitted"
	contains "call $PERSONALITY done"
	nothing_left "$before"
}

@test "box --seccomp-trace: the default filter, and each refusal counted instead of repeated" {
	box --seccomp-trace -- sh -c "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do probe --call $KEXEC; done; probe --call 9999"
	expect 1 "$(grep -c 'kexec_load(' <<<"$output")"
	contains "probe kexec_load(0, 0, 0, 0, 0, 0) → would be EPERM by rule 1 (/linux/seccomp/syscalls/0)"
	contains "probe kexec_load → EPERM, 10 times in all"
	contains "probe kexec_load → EPERM, 12 times in all"
	contains "probe call 9999(0, 0, 0, 0, 0, 0) → would be ENOSYS by the default action (/linux/seccomp/defaultAction)"
}

@test "box --seccomp-trace: for an ordinary user" {
	kill_profile
	user_box --seccomp "$WORK/kill.json" --seccomp-trace -- sh -c "probe --call $SWAPON; probe --call $KEXEC; exit 4"
	expect 4 "$status"
	contains "would be killed by rule 1"
	contains "would be EPROTO by rule 3"
}

@test "run --seccomp-trace: the place in config.json, as root and as a user" {
	filter='.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["kexec_load"], action: "SCMP_ACT_ERRNO", errnoRet: 71}]}'
	b=$(bundle trace ".process.noNewPrivileges = true | $filter | $(args probe --call "$KEXEC")")
	run "$WORK/kist" --root "$WORK/state" run --seccomp-trace -b "$b" trace
	expect 0 "$status"
	[[ $output =~ would\ be\ EPROTO\ by\ rule\ 1\ \(config.json:[0-9]+:[0-9]+\ \ /linux/seccomp/syscalls/0\) ]]
	# The filter is installed before the ids change: the listener serves the start too.
	b=$(bundle early ".process.noNewPrivileges = false
		| .linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"prctl\"], action: \"SCMP_ACT_ERRNO\"}]}
		| $(args echo started)")
	run timeout 20 "$WORK/kist" --root "$WORK/state" run --seccomp-trace -b "$b" early
	contains "kist-init prctl("
	b=$(bundle_rootless trace-user ".process.noNewPrivileges = true | $filter | $(args probe --call "$KEXEC")")
	run as_user "$WORK/kist" --root "$WORK/user-state" run --seccomp-trace -b "$b" trace
	expect 0 "$status"
	contains "would be EPROTO by rule 1"
}

@test "a filter installed before the ids cannot keep them from being changed" {
	local call
	for call in setresuid setresgid setgroups capset prctl; do
		# As root, so that a change that did not happen is a privilege.
		b=$(bundle fake ".process.noNewPrivileges = false | .process.user = {uid: 1000, gid: 1000, additionalGids: [1001]}
			| .linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"$call\"], action: \"SCMP_ACT_ERRNO\",
				errnoRet: 0, args: (if \"$call\" == \"prctl\" then [{index: 0, value: 24, op: \"SCMP_CMP_EQ\"}] else [] end)}]}
			| $(args sh -c 'echo ran')")
		run "$WORK/kist" --root "$WORK/state" run -b "$b" fake
		expect 125 "$status"
		lacks ran
		contains "does not let it happen (with noNewPrivileges it is installed later)"
		jq --argjson args '["id"]' '.process.noNewPrivileges = true | .process.args = $args' "$b/config.json" >"$b/new"
		mv "$b/new" "$b/config.json"
		run "$WORK/kist" --root "$WORK/state" run -b "$b" fake
		contains "uid=1000(user) gid=1000(user) groups=1001(extra)"
	done
	b=$(bundle deny ".process.noNewPrivileges = false
		| .linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"prctl\"], action: \"SCMP_ACT_ERRNO\"}]}")
	run "$WORK/kist" --root "$WORK/state" run -b "$b" deny
	expect 125 "$status"
	contains "perhaps the seccomp profile, which is installed before this without noNewPrivileges, denies it"
}

@test "seccomp-trace: a refused exec is told too, and fails as it does without" {
	before=$(snapshot)
	b=$(bundle noexec ".process.noNewPrivileges = true | $(args true)
		| .linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\",
			syscalls: [{names: [\"execve\", \"exit_group\"], action: \"SCMP_ACT_KILL_PROCESS\"}]}")
	run timeout 20 "$WORK/kist" --root "$WORK/state" run --seccomp-trace -b "$b" noexec
	expect 126 "$status"
	contains "execve("
	contains "would be killed by rule 1"
	contains "the seccomp profile denies execve"
	nothing_left "$before"
}

@test "seccomp-trace: without a filter there is nothing to tell" {
	box --seccomp none --seccomp-trace -- true
	expect 125 "$status"
	contains "--seccomp none: without a filter there is nothing for --seccomp-trace to tell"
	b=$(bundle bare "del(.linux.seccomp) | $(args true)")
	run "$WORK/kist" --root "$WORK/state" run --seccomp-trace -b "$b" bare
	expect 125 "$status"
	contains "there is no seccomp profile"
}

@test "seccomp-trace: the container does not outlive its kist" {
	b=$(bundle tied ".process.noNewPrivileges = true | $(args sleep 1000)
		| .linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"acct\"], action: \"SCMP_ACT_ERRNO\"}]}")
	"$WORK/kist" --root "$WORK/state" run --seccomp-trace -b "$b" tied </dev/null &
	kist=$!
	for _ in $(seq 100); do
		program=$(pgrep -P $kist -x sleep) && break
		sleep 0.05
	done
	kill -KILL $kist
	wait $kist || true
	for _ in $(seq 100); do
		[ -e "/proc/$program" ] || break
		sleep 0.05
	done
	[ ! -e "/proc/$program" ]
	"$WORK/kist" --root "$WORK/state" gc
}

@test "a program that its filter kills is said to have been" {
	kill_profile
	box --seccomp "$WORK/kill.json" -- probe --call "$SWAPON"
	expect 159 "$status"
	contains "the program was ended by SIGSYS: its seccomp profile kills it"
	contains "--seccomp-trace"
	user_box --seccomp "$WORK/kill.json" -- probe --call "$SWAPON"
	expect 159 "$status"
	contains "ended by SIGSYS"
}
