#!/usr/bin/env bats
# The flags that every verb takes, in the forms in which engines give them.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

@test "before the verb and behind it, with a blank and with =" {
	b=$(bundle g1 "$(args probe sees)")
	for words in "--root $WORK/state list -q" "--root=$WORK/state list -q" "list -q --root $WORK/state" \
		"list --root=$WORK/state -q" "--debug=false list -q --root $WORK/state"; do
		# shellcheck disable=SC2086
		run "$WORK/kist" $words
		expect 0 "$status"
		expect "" "$output"
	done
	run "$WORK/kist" run -b "$b" g1 --root "$WORK/state"
	expect 125 "$status"
	contains "takes one container id"
	run "$WORK/kist" run --root "$WORK/state" -b "$b" g1
	expect 0 "$status"
	cd "$WORK"
	run "$WORK/kist" list -q --root state
	expect 0 "$status"
}

@test "what belongs to a program is none of kist's" {
	run "$WORK/kist" --root "$WORK/state" box -- echo --root /nowhere --version
	expect 0 "$status"
	expect "--root /nowhere --version" "$output"
	# There --root is the box's own.
	run "$WORK/kist" --root "$WORK/state" box --root "$WORK/rootfs" -- ls /bin/probe
	expect /bin/probe "$output"
}

@test "--log: a file, also behind the verb; its forms" {
	for log in "$WORK/log" "file:$WORK/log"; do
		rm -f "$WORK/log"
		run "$WORK/kist" --root "$WORK/state" state nobody --log "$log" --log-format=json
		expect 125 "$status"
		expect error "$(jq -r .level "$WORK/log")"
		jq -e '.msg | contains("does not exist")' "$WORK/log"
	done
	run "$WORK/kist" --log "$WORK/nowhere/log" list
	expect 125 "$status"
	contains "cannot open the log $WORK/nowhere/log: no such file or directory"
	run "$WORK/kist" --log journald:x list
	expect 125 "$status"
	contains "--log syslog:x"
	run "$WORK/kist" list --log-format xml
	expect 125 "$status"
	contains "--log-format is"
}

@test "--log syslog:NAME tells the system's log" {
	[ ! -e /dev/log ] || skip "a system log runs here"
	python3 - "$WORK/said" <<-'END' &
		import socket, sys
		log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		log.bind("/dev/log")
		log.settimeout(20)
		open(sys.argv[1], "wb").write(log.recv(4096))
	END
	for _ in $(seq 100); do
		[ ! -S /dev/log ] || break
		sleep 0.05
	done
	run "$WORK/kist" --root "$WORK/state" --log syslog:engine state nobody
	wait $!
	rm -f /dev/log
	grep -q 'engine\[[0-9]*\]: kist: the container "nobody" does not exist' "$WORK/said"
}

@test "--log-level: what is told" {
	b=$(bundle g2 "$(args true) | .process.capabilities.bounding += [\"CAP_NONSENSE\"]")
	for level in warning info debug; do
		run "$WORK/kist" --root "$WORK/state" --log-level $level run -b "$b" g2
		expect 0 "$status"
		contains CAP_NONSENSE
	done
	run "$WORK/kist" --root "$WORK/state" --log-level error run -b "$b" g2
	expect 0 "$status"
	expect "" "$output"
	run "$WORK/kist" --log-level error --root "$WORK/state" state nobody
	contains "does not exist"
	run "$WORK/kist" --log-level loud list
	expect 125 "$status"
	contains "--log-level is error, warning, info or debug"
}

@test "--rootless: alone, with = and with a blank; false fails for who is not root" {
	for words in --rootless --rootless=true --rootless=false "--rootless auto" "list --rootless true"; do
		# shellcheck disable=SC2086
		run "$WORK/kist" --root "$WORK/state" $words list -q
		case $words in list*) ;; *) expect 0 "$status" ;; esac
	done
	run "$WORK/kist" --root "$WORK/state" list -q --rootless true
	expect 0 "$status"
	run as_user "$WORK/kist" --rootless=false --root "$WORK/user-state" list
	expect 125 "$status"
	contains "is not root"
	run "$WORK/kist" --rootless=perhaps list
	expect 125 "$status"
	contains "--rootless is true|false|auto"
}

@test "who makes cgroups: kist; the others are refused with a remedy" {
	run "$WORK/kist" --root "$WORK/state" --cgroup-manager=cgroupfs list -q
	expect 0 "$status"
	run "$WORK/kist" --root "$WORK/state" --systemd-cgroup=false list -q
	expect 0 "$status"
	for words in --systemd-cgroup "--cgroup-manager systemd" "--cgroup-manager=disabled"; do
		# shellcheck disable=SC2086
		run "$WORK/kist" --root "$WORK/state" $words list
		expect 125 "$status"
		contains "${words/=/ }"
		contains hint
	done
	run "$WORK/kist" --cgroup-manager mine list
	expect 125 "$status"
	contains "not \"mine\""
}

@test "--version: what docker, containerd and podman read of it" {
	for words in --version -v "list --version"; do
		# shellcheck disable=SC2086
		run "$WORK/kist" $words
		expect 0 "$status"
		# docker: what stands before and behind "version"; containerd: the rest of the line behind "spec: ".
		[[ ${lines[0]} =~ ^kist\ version\ [0-9]+\.[0-9]+\.[0-9]+[^\ ]*$ ]]
		expect "spec: 1.3.0" "${lines[1]}"
	done
}

@test "an unknown verb fails at once, with few words" {
	run "$WORK/kist" checkpoint --help
	expect 125 "$status"
	contains 'unknown verb "checkpoint"'
}
