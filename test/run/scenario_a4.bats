#!/usr/bin/env bats
# Scenarios A4: an article that takes containers apart, namespace by namespace.

load lib.bash
setup_file() {
	lib_setup
	export NETNS=kist-test-$$
}
teardown_file() {
	ip netns del "$NETNS" 2>/dev/null || true
	lib_teardown
}
teardown() {
	[ ! -e "$WORK/watcher" ] || kill -KILL "$(cat "$WORK/watcher")" 2>/dev/null || true
	rm -f "$WORK/watcher"
	"$WORK/kist" --root "$WORK/state" gc >/dev/null 2>&1 || true
}

box() {
	run "$WORK/kist" --root "$WORK/state" box "$@"
}
user_box() {
	run as_user "$WORK/kist" --root "$WORK/user-state" box "$@"
}

# start_box WORD...: in the background; sets $pid, the command's process on the host.
start_box() {
	"$WORK/kist" --root "$WORK/state" box --pid-file "$WORK/pid" "$@" >"$WORK/out" 2>&1 3>&- &
	echo $! >"$WORK/watcher"
	for _ in $(seq 100); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	pid=$(cat "$WORK/pid")
}

@test "A4-01 a root with nothing but bash and its libraries" {
	mkdir -p "$WORK/new-root/bin"
	cp /bin/bash "$WORK/new-root/bin/bash"
	ldd /bin/bash | grep -oE '/[^ ]+' | while read -r library; do
		mkdir -p "$WORK/new-root$(dirname "$library")"
		cp "$library" "$WORK/new-root$library"
	done
	box --root "$WORK/new-root" -- /bin/bash -c 'pwd; cd /; echo /*'
	expect 0 "$status"
	expect / "$(head -n 1 <<<"$output")"
	lacks usr/
}

@test "A4-02 the working directory is inside" {
	box --root "$WORK/rootfs" -- sh -c 'pwd; cd /; ls ..; cd ../../..; stat -c %i . /'
	expect 0 "$status"
	expect / "$(head -n 1 <<<"$output")"
	expect 1 "$(tail -n 2 <<<"$output" | sort -u | wc -l)"
}

@test "A4-03 the escape from a chroot ends in the own root" {
	box --root "$WORK/rootfs" -- sh -c 'cd /tmp; probe --escape; stat -c "root %d:%i" /'
	expect 1 "$(grep ^root <<<"$output" | cut -d: -f2 | sort -u | wc -l)"
}

@test "A4-05 ps shows the container's processes only" {
	box --root "$WORK/rootfs" -- ps
	expect 0 "$status"
	[ "$(wc -l <<<"$output")" -le 3 ]
}

@test "A4-06 an own network has lo alone" {
	box --root "$WORK/rootfs" --net none -- ls /sys/class/net
	expect lo "$output"
}

@test "A4-07 the namespaces and their numbers" {
	start_box -- sh -c 'echo ready; exec sleep 1000'
	run "$WORK/kist" --root "$WORK/state" ns "$pid"
	expect 0 "$status"
	for type in cgroup ipc mnt net pid time user uts; do
		contains "$(readlink "/proc/$pid/ns/$type" | tr -dc 0-9)"
	done
	for type in cgroup ipc mnt pid uts; do
		[ "$(readlink "/proc/$pid/ns/$type")" != "$(readlink /proc/self/ns/$type)" ]
	done
}

@test "A4-08 a tmpfs of a size, seen inside alone" {
	start_box --tmpfs /mnt:size=10m -- sh -c 'df -k /mnt | tail -n 1; touch /mnt/0 /mnt/1 /mnt/2; echo ready; exec sleep 1000'
	output=$(cat "$WORK/out")
	contains 10240
	[ ! -e /mnt/0 ]
	! grep -q ' /mnt ' /proc/self/mountinfo
	grep -q ' /mnt .*tmpfs.*size=10240k' "/proc/$pid/mountinfo"
}

@test "A4-09 a new hostname inside stays inside" {
	before=$(hostname)
	box --hostname new-hostname -- hostname
	expect new-hostname "$output"
	expect "$before" "$(hostname)"
}

@test "A4-10 System V memory inside is not the host's" {
	before=$(ipcs -m | wc -l)
	box -- sh -c 'ipcmk -M 64 && ipcs -m | grep -c 0x'
	expect 0 "$status"
	expect "$before" "$(ipcs -m | wc -l)"
}

@test "A4-11 the end of pid 1 ends all" {
	start_box -- sh -c 'sleep 1001 & sleep 1002 & echo ready; exec sleep 1000'
	inner=$(pgrep -P "$pid" | head -n 1)
	[ -n "$inner" ]
	kill -KILL "$pid"
	for _ in $(seq 100); do [ -e "/proc/$inner" ] || break; sleep 0.1; done
	[ ! -e "/proc/$inner" ]
}

@test "A4-12 an own network: lo, and it is up" {
	box --root "$WORK/rootfs" --net none -- probe net
	expect "net lo up" "$output"
}

@test "A4-13 a network namespace that exists is joined" {
	ip netns add "$NETNS"
	box --net "ns:/run/netns/$NETNS" -- sh -c 'readlink /proc/self/ns/net; cat /sys/class/net/lo/operstate 2>/dev/null; ls /sys/class/net 2>/dev/null'
	expect 0 "$status"
	expect "$(ip netns exec "$NETNS" readlink /proc/self/ns/net)" "$(head -n 1 <<<"$output")"
	ip netns exec "$NETNS" ip link set lo up
	box --net "ns:/run/netns/$NETNS" -- "$WORK/rootfs/bin/probe" net
	expect "net lo up" "$(grep '^net lo' <<<"$output")"
	ip netns list | grep -q "$NETNS"
}

@test "A4-14 a pair of interfaces reaches a box in its namespace" {
	# The host's end is in a namespace of its own too: nothing of this machine is touched.
	ip netns list | grep -q "$NETNS" || ip netns add "$NETNS"
	ip netns add "$NETNS-host"
	ip -n "$NETNS-host" link add veth0 type veth peer name veth1 netns "$NETNS"
	ip -n "$NETNS-host" addr add 172.16.99.1/24 dev veth0
	ip -n "$NETNS-host" link set veth0 up
	ip -n "$NETNS" addr add 172.16.99.2/24 dev veth1
	ip -n "$NETNS" link set veth1 up
	run "$WORK/kist" --root "$WORK/state" box --net "ns:/run/netns/$NETNS" -- python3 -c '
import socket
s = socket.socket(); s.bind(("172.16.99.2", 4099)); s.listen(1); print("ready", flush=True)
s.settimeout(20); c, _ = s.accept(); c.sendall(b"hello"); c.close()' 3>&- &
	worker=$!
	run timeout 20 ip netns exec "$NETNS-host" python3 -c '
import socket, time
for _ in range(100):
    try: c = socket.create_connection(("172.16.99.2", 4099), 1); break
    except OSError: time.sleep(0.1)
print(c.recv(5).decode())'
	ip netns del "$NETNS-host"
	wait $worker || true
	expect hello "$output"
}

@test "A4-15 a user namespace without maps: nobody" {
	b=$(bundle a415 '.linux.namespaces += [{type: "user"}] | del(.linux.uidMappings, .linux.gidMappings) | .mounts = [.mounts[0]]
		| '"$(args id -u)")
	kist_run "$b"
	expect 0 "$status"
	expect 65534 "$(tail -n 1 <<<"$output")"
}

@test "A4-16 the maps of a container" {
	user_box -- cat /proc/self/uid_map
	expect "0 $(id -u "$TESTER") 1" "$(head -n 1 <<<"$output" | xargs)"
	run "$WORK/kist" --root "$WORK/state" ns --type user --json
	expect 0 "$status"
	contains 4294967295
}

@test "A4-17 a memory limit: told to have been reached" {
	box --root "$WORK/rootfs" --memory 100000000 -- probe --eat 300000000
	expect 137 "$status"
	contains "80 MB"
	lacks "110 MB"
	contains "memory limit"
}

@test "A4-18 a box joins the pid namespace of another, and keeps its own mounts" {
	start_box --root "$WORK/rootfs" -- sh -c 'echo ready; sleep 1000; true'
	run "$WORK/kist" --root "$WORK/state" box --pid "pid:$pid" -- sh -c 'readlink /proc/self/ns/pid; readlink /proc/self/ns/mnt'
	expect 0 "$status"
	contains "$(readlink "/proc/$pid/ns/pid")"
	lacks "$(readlink "/proc/$pid/ns/mnt")"
	# nsenter's part of it: the pid namespace alone, or with the mounts, where both shells are to be seen.
	run "$WORK/kist" --root "$WORK/state" enter "$pid" --ns pid -- sh -c 'readlink /proc/self/ns/pid; readlink /proc/self/ns/mnt'
	expect 0 "$status"
	expect "$(readlink "/proc/$pid/ns/pid"; readlink /proc/self/ns/mnt)" "$output"
	run "$WORK/kist" --root "$WORK/state" enter "$pid" -- sh -c 'ps; echo; echo "$$"'
	expect 0 "$status"
	grep -E '^ +1 .* sh -c echo ready; sleep 1000; true$' <<<"$output"
	grep -E "^ +$(tail -n 1 <<<"$output") .* sh -c ps; echo" <<<"$output"
}

@test "A4-19 all namespaces new, no maps" {
	box --net none --hostname new-hostname -- sh -c 'hostname; ls /sys/class/net; ls /proc | grep -c "^[0-9]"'
	expect 0 "$status"
	contains new-hostname
	contains lo
}

@test "A4-20 pid 1, and the caller's name" {
	box -- sh -c 'echo $$; id -un'
	expect "1 root" "$(echo $output)"
	user_box -- sh -c 'echo $$; id -un'
	expect "1 root" "$(echo $output)"
}

@test "A4-21 statuses" {
	box -- sh -c 'exit 5'
	expect 5 "$status"
	# The kernel spares process 1 its own signals; behind an init the program is any other.
	box --root "$WORK/rootfs" --init -- probe --signal 11
	expect 139 "$status"
	b=$(bundle a421 '.linux.namespaces |= map(select(.type != "pid")) | '"$(args probe --signal 11)")
	kist_run "$b"
	expect 139 "$status"
}

@test "A4-22 a bundle's namespaces" {
	b=$(bundle a422 "$(args probe ns)")
	kist_run "$b"
	expect 0 "$status"
	for type in mnt uts ipc pid net cgroup; do
		[ "$(line "ns.$type")" != "$(readlink "/proc/self/ns/$type")" ]
	done
}
