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

@test "box --env and --pass-env: the last one counts" {
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
	expect said "$output"
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
		contains "invalid container id \"$wrong\""
	done
}
