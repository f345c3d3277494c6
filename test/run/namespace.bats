#!/usr/bin/env bats
# The namespaces of a box: its own, the machine's, or those of a process; effect and misuse, as root and as a user.

load lib.bash
setup_file() {
	lib_setup
	cp -a "$WORK/rootfs" "$WORK/own"
	chown -R "$TESTER:" "$WORK/own"
}
teardown_file() { lib_teardown; }
teardown() {
	for pid in ${STARTED:-}; do kill "$pid" 2>/dev/null || true; done
	if [ -n "${NETNS:-}" ]; then umount "$NETNS"; fi
}

root_box() {
	run "$WORK/kist" --root "$WORK/state" box "$@"
}
user_box() {
	run as_user env PATH="$PATH" "$WORK/kist" --root "$WORK/user-state" box "$@"
}
own() {
	readlink "/proc/self/ns/$1"
}

# A process in namespaces of its own, started as the user or as root; its pid in PROCESS.
start_as() {
	local who=$1
	shift
	# 3 is bats' own: who keeps it open is waited for.
	"$who" unshare "$@" --fork sh -c "echo ready; exec sleep 1000" >"$WORK/ready" 2>&1 3>&- &
	STARTED=$!
	for _ in $(seq 600); do grep -q ready "$WORK/ready" && break; sleep 0.1; done
	local at=$STARTED
	while [ "$(cat "/proc/$at/comm")" != sleep ]; do
		at=$(pgrep -P "$at" | head -n 1)
		[ -n "$at" ] || return 1
	done
	PROCESS=$at
	STARTED="$STARTED $at"
}
as_root() { "$@"; }

@test "box --net, --pid, --ipc, --uts, --cgroup, --time: the machine's, or new ones" {
	for box in root_box user_box; do
		for kind in pid ipc uts cgroup; do
			$box "--$kind" host -- readlink "/proc/self/ns/$kind"
			expect "$(own $kind)" "$output"
			$box "--$kind" new -- readlink "/proc/self/ns/$kind"
			expect 0 "$status"
			[ "$output" != "$(own $kind)" ]
		done
		$box --time host -- readlink /proc/self/ns/time
		expect "$(own time)" "$output"
		$box --time new --net none -- sh -c 'readlink /proc/self/ns/time /proc/self/ns/net'
		expect 0 "$status"
		lacks "$(own time)"
		lacks "$(own net)"
		for kind in net pid ipc uts cgroup time; do
			for wrong in some pid: pid:0 pid:x pid:07 ns: ''; do
				$box "--$kind" "$wrong" -- true
				expect 125 "$status"
				contains "--$kind $wrong: expected host or "
			done
		done
	done
}

@test "box --pid host: the machine's processes, and no pid 1" {
	for box in root_box user_box; do
		for root in "" "--root $WORK/own"; do
			$box $root --pid host -- sh -c 'echo "$$"; ls -d /proc/[0-9]* 2>/dev/null | wc -l; cat /proc/sys/kernel/ostype; echo 1 >/proc/sys/kernel/panic'
			[ "$(head -n 1 <<<"$output")" != 1 ]
			[ "$(sed -n 2p <<<"$output")" -gt 10 ]
			contains Linux
			contains "ead-only file system"
		done
	done
}

@test "box --uts host: the machine's name, which nobody changes" {
	for box in root_box user_box; do
		$box --uts host -- hostname
		expect "$(hostname)" "$output"
		$box --uts host --hostname other -- true
		expect 125 "$status"
		contains "--hostname other: with --uts host the name is not the box's to choose"
	done
}

@test "box --ipc: shared memory and queues are the machine's, or not there" {
	touch /dev/shm/kist-shared
	chmod 666 /dev/shm/kist-shared
	queue=$(ipcmk -Q | awk '{ print $NF }')
	for box in root_box user_box; do
		for root in "" "--root $WORK/own"; do
			$box $root --ipc host -- sh -c 'ls /dev/shm; cat /proc/sysvipc/msg'
			contains kist-shared
			contains " $queue "
			$box $root -- sh -c 'ls /dev/shm; cat /proc/sysvipc/msg'
			lacks kist-shared
			lacks " $queue "
		done
	done
	rm /dev/shm/kist-shared
	ipcrm -q "$queue"
}

@test "box --time new --clock" {
	for box in root_box user_box; do
		$box --time new --clock monotonic=1000000,boottime=2000000 -- sh -c 'cat /proc/uptime; cat /proc/self/timens_offsets'
		[ "$(cut -d. -f1 <<<"$output" | head -n 1)" -gt 2000000 ]
		contains "monotonic     1000000"
		$box --time new --clock boottime=-1 -- grep boottime /proc/self/timens_offsets
		contains "-1"
		for wrong in monotonic mono=1 monotonic=x monotonic=1,,y boottime=1s; do
			$box --time new --clock "$wrong" -- true
			expect 125 "$status"
			contains "--clock $wrong: expected monotonic=SECONDS"
		done
		$box --clock monotonic=1 -- true
		expect 125 "$status"
		contains "needs --time new"
	done
}

@test "A4-13: box --net ns:PATH joins a namespace that no process is in" {
	NETNS=$WORK/mynet
	touch "$NETNS"
	unshare --net="$NETNS" true
	for root in "" "--root $WORK/rootfs"; do
		root_box $root --net "ns:$NETNS" -- sh -c 'readlink /proc/self/ns/net; ls /sys/class/net; ls -d /sys/fs/cgroup'
		expect "net:[$(stat -Lc %i "$NETNS")]" "$(head -n 1 <<<"$output")"
		# /sys shows the network of the box.
		expect lo "$(sed -n 2p <<<"$output")"
	done
	cd "$WORK"
	root_box --net ns:mynet -- readlink /proc/self/ns/net
	expect "net:[$(stat -Lc %i "$NETNS")]" "$output"
	root_box --ipc "ns:$NETNS" -- true
	expect 125 "$status"
	contains "is a network namespace, but type is ipc"
	root_box --net "ns:$WORK/state" -- true
	expect 125 "$status"
	contains "is no namespace"
	root_box --net "ns:$WORK/nowhere" -- true
	expect 125 "$status"
	contains "no such file or directory"
	contains "--net ns:$WORK/nowhere"
	user_box --net "ns:$NETNS" -- true
	expect 125 "$status"
	contains "--net ns:$NETNS: joining it needs rights in the user namespace that owns it"
	contains "or run kist as root"
}

@test "A4-18: box --pid pid:N really joins, and keeps the other namespaces apart" {
	start_as as_root -p -n -i -u --mount-proc
	root_box --pid "pid:$PROCESS" -- sh -c \
		'cat /proc/1/comm; [ $$ != 1 ] && echo joined; grep -c . /proc/self/mountinfo >/dev/null; readlink /proc/self/ns/pid /proc/self/ns/net'
	expect "sleep joined $(readlink "/proc/$PROCESS/ns/pid") $(own net)" "$(echo $output)"
	# Their processes see the newcomer.
	root_box --root "$WORK/rootfs" --pid "pid:$PROCESS" --net none -- sh -c 'ls -d /proc/[0-9]* | wc -l; readlink /proc/self/ns/net'
	lacks "$(own net)"
	lacks "$(readlink "/proc/$PROCESS/ns/net")"
	# Shared network, own processes: a pod.
	root_box --net "pid:$PROCESS" --ipc "pid:$PROCESS" --uts "pid:$PROCESS" -- sh -c 'readlink /proc/self/ns/net /proc/self/ns/ipc; echo $$'
	expect "$(readlink "/proc/$PROCESS/ns/net") $(readlink "/proc/$PROCESS/ns/ipc") 1" "$(echo $output)"
}

@test "box --time, --cgroup: those of a process" {
	start_as as_user -U -r -T -C
	for box in root_box user_box; do
		$box --time "pid:$PROCESS" --cgroup "pid:$PROCESS" -- readlink /proc/self/ns/time /proc/self/ns/cgroup
		expect "$(readlink "/proc/$PROCESS/ns/time") $(readlink "/proc/$PROCESS/ns/cgroup")" "$(echo $output)"
		[[ $output != *"$(own time)"* ]]
	done
}

@test "A4-06: /sys shows the network of the box" {
	for root in "" "--root $WORK/rootfs"; do
		root_box $root --net none -- ls /sys/class/net
		expect lo "$output"
	done
	user_box --root "$WORK/own" --net none -- ls /sys/class/net
	expect lo "$output"
}

@test "user box --net none: /sys shows the box's network, and where that cannot be the box says so" {
	user_box --net none -- sh -c 'ls /sys/class/net; ls -d /sys/fs/cgroup; touch /sys/class/net/x'
	contains lo
	lacks warning
	expect "lo /sys/fs/cgroup" "$(grep -v touch <<<"$output" | xargs)"
	host=$(ls /sys/class/net | xargs)
	run unshare -m sh -c 'mount -t tmpfs t /sys/kernel && exec "$@"' sh setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" \
		--init-groups --reset-env "$WORK/kist" --root "$WORK/user-state" box --net none -- ls /sys/class/net
	expect 0 "$status"
	contains "this /sys is partly masked"
	expect "$host" "$(grep -v warning <<<"$output" | xargs)"
}

@test "user box: the namespaces of a process with a user namespace of the user's" {
	start_as as_user -U -r -n -i -u -p --mount-proc
	user_box --net "pid:$PROCESS" --pid "pid:$PROCESS" -- sh -c \
		'id -u; readlink /proc/self/ns/user /proc/self/ns/net; cat /proc/1/comm; ls /sys/class/net >/dev/null && hostname'
	expect "0 $(readlink "/proc/$PROCESS/ns/user") $(readlink "/proc/$PROCESS/ns/net") sleep box" "$(echo $output)"
	user_box --root "$WORK/own" --uts "pid:$PROCESS" --net "pid:$PROCESS" -- sh -c 'readlink /proc/self/ns/uts; ls /sys/class/net; touch /x && echo written'
	expect "$(readlink "/proc/$PROCESS/ns/uts") lo written" "$(echo $output)"
	user_box --net "pid:$PROCESS" --ipc pid:1 -- true
	expect 125 "$status"
	contains "only the namespaces of one process can be joined"
	# Nobody's business: a process of root, and one without a user namespace.
	user_box --net "pid:$$" -- true
	expect 125 "$status"
	contains "only its owner may look into /proc/PID/ns"
	kill $STARTED
	start_as as_user
	user_box --net "pid:$PROCESS" -- true
	expect 125 "$status"
	contains "the process has no user namespace of its own"
	user_box --net pid:999999999 -- true
	expect 125 "$status"
	contains "no such file or directory"
}

# In namespaces that the test may spoil.
spoilable() {
	run unshare --uts --net --ipc sh -c 'hostname before; "$@"; echo "status $?"; hostname; cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax' sh "$@"
}

@test "what is set in a namespace joined by path is never set in kist's own" {
	local own key
	for own in uts network ipc; do
		case $own in
		uts) key='.hostname = "after"' ;;
		network) key='del(.hostname) | .linux.sysctl = {"net.ipv4.ip_forward": "1"}' ;;
		ipc) key='del(.hostname) | .linux.sysctl = {"kernel.msgmax": "4096"}' ;;
		esac
		local b path=/proc/self/ns/${own/network/net}
		b=$(bundle own "(.linux.namespaces[] | select(.type == \"$own\")).path = \"$path\" | $key | $(args true)")
		spoilable "$WORK/kist" --root "$WORK/state" run -b "$b" own
		contains "the $own namespace $path: it is the one that kist is in"
		contains "/linux/namespaces/"
		contains "status 125"
		expect "before 0 8192" "$(echo $(tail -n 3 <<<"$output"))"
		# Nothing is set, so it may be joined.
		b=$(bundle own "(.linux.namespaces[] | select(.type == \"$own\")).path = \"$path\" | del(.hostname) | $(args true)")
		spoilable "$WORK/kist" --root "$WORK/state" run -b "$b" own
		contains "status 0"
	done
}
