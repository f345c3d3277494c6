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
