#!/usr/bin/env bats
# What runs in a box: its environment, directory and name, as root and as a user.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

box() {
	run "$WORK/kist" --root "$WORK/state" box "$@"
}
user_box() {
	run as_user env PATH="$PATH" "$WORK/kist" --root "$WORK/user-state" box "$@"
}
refused() {
	box "$@" -- true
	expect 125 "$status"
	contains "$1 $2"
}

@test "box --env and --pass-env: the last one counts (A1-06)" {
	export MINE='a  b' OTHER=c
	box --env A=1 --pass-env MINE --env A='2=3' --env EMPTY= --pass-env NONE_OF_THESE -- env
	contains "A=2=3"
	lacks "A=1"
	contains "MINE=a  b"
	contains "EMPTY="
	lacks OTHER
	lacks NONE_OF_THESE
	box --pass-env all --env OTHER=d -- env
	contains "MINE=a  b"
	contains "OTHER=d"
	lacks "OTHER=c"
	refused --env NAME
	contains "--pass-env"
	refused --pass-env A=b
	run as_user env SECRET=1 "$WORK/kist" --root "$WORK/user-state" box -- env
	lacks SECRET
	run as_user env GIVEN=1 "$WORK/kist" --root "$WORK/user-state" box --pass-env GIVEN -- env
	contains GIVEN=1
}

@test "box: a faulty variable is told without its value" {
	box --env '=hush' -- true
	expect 125 "$status"
	lacks hush
}

@test "box: HOME is the user's inside, unless somebody says another" {
	box --root "$WORK/rootfs" --user user -- /bin/probe env
	contains "env HOME=/home/user"
	box --root "$WORK/rootfs" --user user --env HOME=/tmp -- /bin/probe env
	contains "env HOME=/tmp"
	HOME=/of/the/caller box --root "$WORK/rootfs" --user user --pass-env all --env HOME= -- /bin/probe env
	contains "env HOME=/home/user"
	lacks "/of/the/caller"
}

@test "box --cwd" {
	box --cwd /usr -- pwd
	expect /usr "$output"
	user_box --cwd /usr -- pwd
	expect /usr "$output"
	box --root "$WORK/rootfs" --cwd /home/user -- pwd
	expect /home/user "$output"
	# As under other runtimes a missing one is made, in the box.
	box --cwd /opt/kist-made/here -- pwd
	expect /opt/kist-made/here "$output"
	[ ! -e /opt/kist-made ]
	box --cwd /etc/passwd -- true
	expect 125 "$status"
	contains "--cwd /etc/passwd"
	refused --cwd relative
}

@test "box --argv0" {
	box --argv0 'other name' -- cat /proc/self/cmdline
	expect 'other name/proc/self/cmdline' "$(tr -d '\0' <<<"$output")"
	# busybox goes by it: the program is still found as COMMAND.
	user_box --root "$WORK/rootfs" --argv0 echo -- busybox said
	expect said "$(tail -n 1 <<<"$output")"
	box --argv0 other -- no-such-program
	expect 127 "$status"
	contains '"no-such-program": executable file not found'
}

@test "box --hostname: up to 64 bytes, and no slash" {
	box --hostname "$(printf 'x%.0s' $(seq 64))" -- hostname
	expect "$(printf 'x%.0s' $(seq 64))" "$output"
	user_box --hostname mine -- hostname
	expect mine "$output"
	refused --hostname "$(printf 'x%.0s' $(seq 65))"
	refused --hostname ''
}

@test "box --name: the record's, and one that is taken is refused" {
	coproc waiting { "$WORK/kist" --root "$WORK/state" box --name a+b -- sh -c 'echo ready; read _' 2>&1 3>&-; }
	pid=$waiting_PID
	read -r -t 10 line <&"${waiting[0]}"
	[ -d "$WORK/state/a+b" ]
	box --name a+b -- echo twice
	expect 125 "$status"
	lacks twice
	contains "a+b"
	contains "taken by a running container"
	echo >&"${waiting[1]}"
	wait "$pid"
	box --name a+b -- echo again
	expect again "$output"
	user_box --name mine -- echo mine
	expect mine "$output"
	for wrong in '' .hidden a/b 'a b' "$(printf 'x%.0s' $(seq 256))"; do
		box --name "$wrong" -- true
		expect 125 "$status"
		contains "invalid container id \"${wrong:0:32}" # of a long one the beginning
	done
}

@test "user box --host-exec: a root of empty directories (A0-01)" {
	before=$(snapshot)
	install -d -o "$TESTER" "$WORK/empty" "$WORK"/empty/{bin,dev,proc,sys,tmp}
	user_box --root "$WORK/empty" --host-exec busybox -- sh -c 'id -u; echo /*; ls /bin | wc -l; exit 3'
	expect 3 "$status"
	expect "0 /bin /dev /proc /sys /tmp 0" "$(xargs <<<"$output")"
	box --root "$WORK/empty" --host-exec "$(command -v busybox)" --user 7:8 -- id -u
	expect 7 "$output"
	(cd "$WORK/rootfs/bin" && user_box --root "$WORK/empty" --host-exec ./busybox --argv0 echo -- said && expect said "$output")
	nothing_left "$before"
}

@test "box --host-exec: only static programs" {
	mkdir -p "$WORK"/empty/{bin,dev,proc,sys,tmp}
	printf '#!/bin/busybox sh\ntrue\n' >"$WORK/script"
	chmod 755 "$WORK/script"
	for who in box user_box; do
		$who --root "$WORK/empty" --host-exec "$(command -v bash)"
		expect 126 "$status"
		contains 'it needs the interpreter "/lib'
		contains "only static programs"
		$who --root "$WORK/empty" --host-exec "$WORK/script"
		expect 126 "$status"
		contains 'it is a script: it needs the interpreter "/bin/busybox"'
		$who --root "$WORK/empty" --host-exec no-such-program -- x
		expect 125 "$status"
		contains "--host-exec no-such-program: there is no such program in the caller's PATH"
		$who --root "$WORK/empty" --host-exec "$WORK/no-such"
		expect 125 "$status"
		contains "--host-exec $WORK/no-such"
		contains "no such file or directory"
		$who --root "$WORK/empty" --host-exec /etc/passwd
		expect 125 "$status"
		contains "it is no program"
	done
}

# Inside, the program's file is open while another one runs: nothing but the mount, the owner or the seal is in the way
# then (CVE-2019-5736).
@test "box --host-exec: the host's file cannot be written from inside" {
	install -d -o "$TESTER" -g "$(id -g "$TESTER")" "$WORK/bare" "$WORK"/bare/{dev,proc,sys,tmp} "$WORK/other"
	cp "$(command -v busybox)" "$WORK/other/busybox"
	cp "$(command -v busybox)" "$WORK/first"
	cp "$(command -v busybox)" "$WORK/users"
	chown "$TESTER" "$WORK/users"
	sum=$(sha256sum "$WORK/first" "$WORK/users")
	try='exec 9</proc/1/exe; exec /tmp/other/busybox sh -c "(echo x >>/proc/self/fd/9) 2>&1; echo tried"'
	box --root "$WORK/bare" --bind "$WORK/other:/tmp/other" --host-exec "$WORK/first" --argv0 sh -- -c "$try"
	contains "can't create /proc/self/fd/9: Read-only file system"
	contains tried
	user_box --root "$WORK/bare" --bind "$WORK/other:/tmp/other" --host-exec "$WORK/first" --argv0 sh -- -c "$try"
	contains "can't create /proc/self/fd/9: Permission denied"
	contains tried
	user_box --root "$WORK/bare" --bind "$WORK/other:/tmp/other" --host-exec "$WORK/users" --argv0 sh -- -c "$try"
	contains "write error: Operation not permitted"
	contains tried
	expect "$sum" "$(sha256sum "$WORK/first" "$WORK/users")"
}

@test "box --pid-file: the pid of the host, before the program runs (A2-02)" {
	cd "$WORK/bundles"
	box --pid-file pid --bind "$WORK/bundles:/mnt" -- sh -c 'cat /mnt/pid; echo; cut -d" " -f4 /proc/self/stat; sleep 0.2'
	expect 0 "$status"
	pid=$(cat pid)
	[ "$(wc -c <pid)" = "${#pid}" ]
	expect "$pid 1" "$(xargs <<<"$output")"
	# It stays, as under other runtimes, and is replaced as a whole.
	box --pid-file "$WORK/bundles/pid" -- true
	[ "$(cat pid)" != "$pid" ]
	rm pid
	as_user "$WORK/kist" --root "$WORK/user-state" box --pid-file "$WORK/bundles/user-pid" -- sleep 100 3>&- &
	for _ in $(seq 600); do [ -s user-pid ] && grep -q sleep "/proc/$(cat user-pid)/comm" && break; sleep 0.1; done
	expect sleep "$(cat "/proc/$(cat user-pid)/comm")"
	kill -TERM "$(cat user-pid)" # pid 1 has no handler, so its runtime ends it
	kill -KILL "$(cat user-pid)"
	wait
	rm -f user-pid
	run "$WORK/kist" --root "$WORK/state" run --pid-file of-run -b "$(bundle pidfile "$(args cat /proc/1/comm)")" pidfile
	expect 0 "$status"
	[ "$(cat of-run)" -gt 1 ]
	rm of-run
}

@test "box --pid-file: nothing is left of a start that fails" {
	cd "$WORK/bundles"
	before=$(ls -A)
	box --pid-file pid -- /no/such/program
	expect 127 "$status"
	expect "$before" "$(ls -A)"
	for wrong in "$WORK/none/pid" "$WORK/bundles/" ''; do
		box --pid-file "$wrong" -- true
		expect 125 "$status"
		contains "cannot write the pid to"
	done
	ln -s /etc/passwd link
	box --pid-file link -- true
	expect 125 "$status"
	[ -L link ]
	rm link
	user_box --pid-file /etc/kist-pid -- true
	expect 125 "$status"
	contains "permission denied"
	expect "$before" "$(ls -A)"
}

@test "box --pid-file: a killed kist leaves one only until gc" {
	[ -e "$WORK/kist-fault" ] || skip "no test build"
	plan=$("$WORK/kist" --root "$WORK/state" plan box --pid-file "$WORK/bundles/pid" -- true)
	step=$(awk '$2 == "write_pid_file" { print $1 }' <<<"$plan")
	[ "$step" -gt 1 ]
	echo before >"$WORK/bundles/pid"
	# At the step itself nothing is there yet; behind it the file is the one that was made.
	for at in "--kill-at $step" "--kill-other-at $((step + 1))"; do
		# shellcheck disable=SC2086
		run "$WORK/kist-fault" --root "$WORK/state" $at box --pid-file "$WORK/bundles/pid" -- true
		expect 137 "$status"
		for _ in $(seq 600); do
			"$WORK/kist" --root "$WORK/state" gc
			[ -n "$(ls "$WORK/state")" ] || break
			sleep 0.1
		done
		[ "$at" = "--kill-at $step" ] && expect before "$(cat "$WORK/bundles/pid")" || [ ! -e "$WORK/bundles/pid" ]
		[ ! -e "$WORK/bundles/.pid.kist" ]
	done
}

@test "box: the environment is PATH, TERM and HOME, and capabilities can be none (A0-13)" {
	run env -i PATH="$PATH" TERM=vt100 SECRET=1 "$WORK/kist" --root "$WORK/state" box --root "$WORK/rootfs" --cwd /root \
		--cap-drop all -- sh -c 'pwd; grep CapEff /proc/self/status; env | grep -vE "^(PWD|SHLVL|OLDPWD)=" | sort'
	expect "/root CapEff: 0000000000000000 HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=vt100" \
		"$(xargs <<<"$output")"
}
