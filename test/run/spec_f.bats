#!/usr/bin/env bats
# Rows F of runtime-spec 1.3: linux.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

host_ns() { readlink "/proc/self/ns/$1"; }

@test "F1 the listed namespaces are new, the others the caller's" {
	b=$(bundle f1 "$(args probe ns)")
	kist_run "$b"
	expect 0 "$status"
	for ns in pid net ipc uts mnt cgroup; do
		[ "$(line "ns.$ns")" != "$(host_ns $ns)" ]
	done
	expect "$(host_ns user)" "$(line ns.user)"
	expect "$(host_ns time)" "$(line ns.time)"
}

@test "F1 a duplicate namespace is a fault" {
	b=$(bundle f1 '.linux.namespaces += [{type: "pid"}]')
	kist_run "$b"
	expect 125 "$status"
	contains /linux/namespaces
	contains pid
}

@test "F1b each namespace can be joined by path" {
	unshare -n -i -u -C -T --fork sleep 60 3>&- &
	holder=$!
	for _ in $(seq 600); do child=$(pgrep -P $holder) && break; sleep 0.05; done
	for row in network:net ipc:ipc uts:uts cgroup:cgroup time:time; do
		type=${row%:*} file=${row#*:}
		b=$(bundle f1b "del(.hostname) | .linux.namespaces |= map(select(.type != \"$type\"))
			| .linux.namespaces += [{type: \"$type\", path: \"/proc/$child/ns/$file\"}] | $(args probe ns)")
		kist_run "$b"
		expect 0 "$status"
		expect "$(readlink "/proc/$child/ns/$file")" "$(line "ns.$file")"
	done
	kill $child
	wait $holder || true
}

@test "F1b joining a pid namespace really forks into it" {
	unshare -p --fork --mount-proc sleep 60 3>&- &
	holder=$!
	for _ in $(seq 600); do child=$(pgrep -P $holder) && break; sleep 0.05; done
	b=$(bundle f1b ".linux.namespaces |= map(select(.type != \"pid\"))
		| .linux.namespaces += [{type: \"pid\", path: \"/proc/$child/ns/pid\"}] | $(args probe ns process)")
	kist_run "$b"
	expect 0 "$status"
	expect "$(readlink "/proc/$child/ns/pid")" "$(line ns.pid)"
	[ "$(line pid)" -gt 1 ]
	[ "$(line pid)" -lt 20 ]
	kill $child
	wait $holder || true
}

@test "F1b all of them joined at once" {
	unshare -n -i -u -p -C -T --fork sleep 60 3>&- &
	holder=$!
	for _ in $(seq 600); do child=$(pgrep -P $holder) && break; sleep 0.05; done
	filter='del(.hostname)'
	for row in network:net ipc:ipc uts:uts cgroup:cgroup time:time pid:pid; do
		filter="$filter | .linux.namespaces |= map(select(.type != \"${row%:*}\")) | .linux.namespaces += [{type: \"${row%:*}\", path: \"/proc/$child/ns/${row#*:}\"}]"
	done
	b=$(bundle f1b "$filter | $(args probe ns)")
	kist_run "$b"
	expect 0 "$status"
	for file in net ipc uts cgroup time pid; do
		expect "$(readlink "/proc/$child/ns/$file")" "$(line "ns.$file")"
	done
	kill $child
	wait $holder || true
}

@test "F1b a path of the wrong type names both types" {
	b=$(bundle f1b '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/uts" else . end)')
	before=$(snapshot)
	kist_run "$b"
	expect 125 "$status"
	contains uts
	contains network
	contains /linux/namespaces/1
	nothing_left "$before"
}

@test "F2 mappings are those asked for" {
	b=$(bundle f2 ".linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000},
		{containerID: 1000, hostID: 200000, size: 10}] | .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 2000}]
		| .root.readonly = false | $(args probe maps ids)")
	kist_run "$b"
	expect 0 "$status"
	grep -E '^uid_map +0 +100000 +1000$' <<<"$output"
	grep -E '^uid_map +1000 +200000 +10$' <<<"$output"
	grep -E '^gid_map +0 +100000 +2000$' <<<"$output"
	contains "uid 0 0 0"
}

# MAPPED: a jq filter for a user namespace whose root is an ordinary id of the host.
MAPPED='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
	| .linux.gidMappings = .linux.uidMappings'

@test "F2 root and sources below a directory that is closed to the mapped root" {
	install -d -m 700 "$WORK/closed" "$WORK/closed/source"
	cp -a "$WORK/rootfs" "$WORK/closed/rootfs"
	echo inside >"$WORK/closed/source/file"
	chown -R 100000:100000 "$WORK/closed/rootfs" "$WORK/closed/source"
	before=$(snapshot)
	b=$(bundle f2 "$MAPPED | .root.path = \"$WORK/closed/rootfs\" | .mounts += [
		{destination: \"/new/data\", source: \"$WORK/closed/source\", type: \"bind\", options: [\"rbind\", \"ro\"]},
		{destination: \"/new/file\", source: \"$WORK/closed/source/file\", type: \"bind\", options: [\"bind\"]}]
		| .root.readonly = false
		| $(args sh -c 'cat /new/data/file; echo changed >/new/file; cat /new/data/file; echo x >/new/data/x; ls /; id -u')")
	kist_run "$b"
	expect 0 "$status"
	contains inside
	contains changed
	contains "ead-only file system"
	contains new
	expect changed "$(cat "$WORK/closed/source/file")"
	expect 100000 "$(stat -c %u "$WORK/closed/rootfs/new")"
	nothing_left "$before"
	rm -rf "$WORK/closed"
}

@test "F2 a source that does not exist, in a user namespace: its place is named" {
	b=$(bundle f2 "$MAPPED | .mounts += [{destination: \"/x\", source: \"/no/such/source\", type: \"bind\"}]")
	kist_run "$b"
	expect 125 "$status"
	contains /no/such/source
	contains "no such file or directory"
	contains /mounts/
}

@test "F2 what is mounted on a source opened outside stays in the container" {
	mkdir -p "$WORK/peer/below"
	mount --bind "$WORK/peer" "$WORK/peer"
	mount --make-shared "$WORK/peer"
	chown 100000 "$WORK/peer" "$WORK/peer/below"
	before=$(grep -c "$WORK" /proc/self/mountinfo)
	b=$(bundle f2 "$MAPPED | .mounts += [{destination: \"/mnt\", source: \"$WORK/peer\", type: \"bind\", options: [\"rbind\", \"rshared\"]},
		{destination: \"/mnt/below\", source: \"tmpfs\", type: \"tmpfs\"}]
		| $(args sh -c 'echo x >/mnt/below/x && grep -c " /mnt/below " /proc/self/mountinfo')")
	kist_run "$b"
	after=$(grep -c "$WORK" /proc/self/mountinfo)
	umount -R "$WORK/peer"
	expect 0 "$status"
	expect 1 "$output"
	expect "$before" "$after"
	[ ! -e "$WORK/peer/below/x" ]
}

@test "F2 two hundred sources" {
	mkdir -p "$WORK/many"
	for i in $(seq 200); do echo "$i" >"$WORK/many/$i"; done
	b=$(bundle f2 "$MAPPED | .mounts += [range(1; 201) | {destination: \"/many/\\(.)\", source: \"$WORK/many/\\(.)\",
		type: \"bind\", options: [\"bind\", \"ro\"]}]
		| .mounts |= map(select(.destination != \"/dev/mqueue\"))
		| $(args sh -c 'cat /many/1 /many/100 /many/200; grep -c " /many/" /proc/self/mountinfo')")
	chown 100000 "$WORK/rootfs"
	kist_run "$b"
	chown root "$WORK/rootfs"
	rm -rf "$WORK/rootfs/many"
	expect 0 "$status"
	expect "1 100 200 200" "$(tr '\n' ' ' <<<"$output" | sed 's/ $//')"
}

@test "F2 mappings without a user namespace are a fault" {
	b=$(bundle f2 '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}]')
	run "$WORK/kist" check -b "$b"
	expect 125 "$status"
	contains /linux/uidMappings
}

@test "F2 an unmapped user namespace is legal" {
	b=$(bundle f2 ".linux.namespaces = [{type: \"user\"}, {type: \"mount\"}, {type: \"pid\"}, {type: \"uts\"}]
		| .mounts = [] | .linux.maskedPaths = [] | .linux.readonlyPaths = []
		| del(.linux.resources) | .root.readonly = false | .process.rlimits = [] | $(args id -u)")
	kist_run "$b"
	expect 0 "$status"
	contains 65534
}

# Whoever is not mapped cannot make a file (EOVERFLOW): what kist makes must belong to an id that is.
WITHOUT_ROOT='.process.user = {uid: 1001, gid: 1001, additionalGids: [1002]}
	| .mounts += [{destination: "/tmp", type: "tmpfs", source: "t"}, {destination: "/tmp/deep/er", type: "tmpfs", source: "t"},
		{destination: "/var", type: "tmpfs", source: "t", options: ["tmpcopyup"]}]
	| .process.capabilities = {bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"],
		inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]}'

# made_without_root: what a program sees of it; ids, the owner of what kist made, and the capabilities left of all.
made_without_root() {
	expect 0 "$status"
	contains "uid 1001 1001 1001"
	contains "gid 1001 1001 1001"
	contains "/tmp/deep 1000:1000"
	contains "/dev 1000:1000"
	contains "/dev/shm 1000:1000"
	contains "made"
	for set in Bnd Prm Eff Inh Amb; do
		contains "Cap$set:	0000000000000020"
	done
}

@test "F2 a user namespace in which id 0 is not mapped" {
	b=$(bundle f2 ".linux.namespaces += [{type: \"user\"}] | $WITHOUT_ROOT
		| .linux.uidMappings = [{containerID: 1000, hostID: 101000, size: 10}] | .linux.gidMappings = .linux.uidMappings
		| $(args sh -c 'probe ids status; stat -c "%n %u:%g" /tmp/deep /dev /dev/shm; mkdir /tmp/deep/er/made && ls /tmp/deep/er')")
	kist_run "$b"
	made_without_root
	# The same namespace, joined: what it maps, only the child can see.
	b=$(bundle f2a "$WITHOUT_ROOT | .linux.namespaces += [{type: \"user\"}]
		| .linux.uidMappings = [{containerID: 1000, hostID: 101000, size: 10}] | .linux.gidMappings = .linux.uidMappings | $(args probe --wait)")
	"$WORK/kist" --root "$WORK/state" run -b "$b" f2holder >"$WORK/f2holder" 2>&1 3>&- &
	holder=$!
	until grep -q ready "$WORK/f2holder"; do sleep 0.01; done
	pid=$(jq .pid "$WORK/state/f2holder/record.json")
	b=$(bundle f2b "$WITHOUT_ROOT | .linux.namespaces += [{type: \"user\", path: \"/proc/$pid/ns/user\"}]
		| .mounts |= map(select(.type != \"devpts\"))
		| $(args sh -c 'probe ids status; stat -c "%n %u:%g" /tmp/deep /dev /dev/shm; mkdir /tmp/deep/er/made && ls /tmp/deep/er')")
	kist_run "$b"
	kill -TERM $holder
	wait $holder || true
	made_without_root
}

@test "F3 time offsets" {
	b=$(bundle f3 ".linux.namespaces += [{type: \"time\"}] | .linux.timeOffsets = {monotonic: {secs: 86400, nanosecs: 5},
		boottime: {secs: 604800}} | $(args probe timens)")
	kist_run "$b"
	expect 0 "$status"
	grep -E '^timens monotonic +86400 +5$' <<<"$output"
	grep -E '^timens boottime +604800 +0$' <<<"$output"
	b=$(bundle f3 '.linux.timeOffsets = {boottime: {secs: 1}}')
	run "$WORK/kist" check -b "$b"
	expect 125 "$status"
	contains /linux/timeOffsets
}

# The offsets are set through /proc, which the joined mount namespace takes away, by the joined user namespace's privilege.
@test "F3 time offsets with a joined user and a joined mount namespace, as root and as a user" {
	for who in "" as_user; do
		$who unshare --user --map-root-user --mount sh -c "mount --rbind /proc '$WORK/rootfs/proc' && echo ready && exec sleep 60" >"$WORK/f3holder" 3>&- &
		holder=$!
		until grep -q ready "$WORK/f3holder"; do sleep 0.01; done
		pid=$holder
		[ -z "$who" ] || pid=$(pgrep -n -u "$TESTER" -x sleep)
		filter=".linux.namespaces = [{type: \"user\", path: \"/proc/$pid/ns/user\"}, {type: \"mount\", path: \"/proc/$pid/ns/mnt\"}, {type: \"time\"}]
			| .linux.timeOffsets = {monotonic: {secs: 86400}, boottime: {secs: 1000}} | .mounts = [] | .root.readonly = false
			| del(.hostname, .linux.maskedPaths, .linux.readonlyPaths, .linux.resources, .linux.uidMappings, .linux.gidMappings)
			| $(args probe timens ns)"
		if [ -z "$who" ]; then
			kist_run "$(bundle f3a "$filter")"
		else
			kist_run_user "$(bundle_rootless f3b "$filter")"
		fi
		expect 0 "$status"
		grep -E '^timens monotonic +86400 +0$' <<<"$output"
		grep -E '^timens boottime +1000 +0$' <<<"$output"
		for file in user mnt; do
			expect "$(readlink "/proc/$pid/ns/$file")" "$(line "ns.$file")"
		done
		[ "$(line ns.time)" != "$(readlink /proc/self/ns/time)" ]
		kill "$pid"
		wait $holder || true
	done
}

@test "F4 devices with type, mode and owner; another file at the path is an error" {
	b=$(bundle f4 ".root.readonly = false | .linux.devices = [{path: \"/dev/mine\", type: \"c\", major: 1, minor: 5, fileMode: 416, uid: 7, gid: 8},
		{path: \"/dev/pipe\", type: \"p\", fileMode: 384}] | $(args probe dev)")
	kist_run "$b"
	expect 0 "$status"
	contains "node /dev/mine c 1:5 640 7:8"
	contains "node /dev/pipe file 600"
	b=$(bundle f4 ".root.readonly = false | .linux.devices = [{path: \"/var/plain\", type: \"c\", major: 1, minor: 5}]")
	echo keep >"$WORK/rootfs/var/plain"
	kist_run "$b"
	expect 125 "$status"
	contains /var/plain
	contains /linux/devices/0
	expect keep "$(cat "$WORK/rootfs/var/plain")"
	rm "$WORK/rootfs/var/plain"
}

@test "F5 the default devices" {
	b=$(bundle f5 "$(args probe dev)")
	kist_run "$b"
	for row in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
		IFS=: read -r name major minor <<<"$row"
		contains "node /dev/$name c $major:$minor 666 0:0"
	done
}

@test "F7 cgroupsPath: absolute, relative, absent; removed afterwards" {
	for row in /kist-test/f7:/kist-test/f7 :/kist/path; do
		want=${row#*:} path=${row%%:*}
		b=$(bundle f7 "${path:+.linux.cgroupsPath = \"$path\" | }.linux.namespaces |= map(select(.type != \"cgroup\")) | $(args probe cgroup)")
		kist_run "$b" path
		expect 0 "$status"
		expect "" "$(grep '^cgroup ' <<<"$output" | grep -v ":$want\$")"
	done
	[ ! -e /sys/fs/cgroup/pids/kist-test/f7 ]
	[ ! -e /sys/fs/cgroup/pids/kist/path ]
}

@test "F7 a cgroup that holds processes or is frozen is refused, and left as it is" {
	local hierarchy=/sys/fs/cgroup/pids freezer=/sys/fs/cgroup/freezer file=freezer.state value=FROZEN
	[ -d $hierarchy ] || hierarchy=/sys/fs/cgroup
	[ -d $freezer ] || freezer=/sys/fs/cgroup file=cgroup.freeze value=1
	b=$(bundle f7u ".linux.cgroupsPath = \"/kist-test/used\" | $(args true)")
	mkdir -p $hierarchy/kist-test/used
	sleep 1000 3>&- &
	local inside=$!
	echo $inside >$hierarchy/kist-test/used/cgroup.procs
	kist_run "$b"
	local left
	left=$(cat $hierarchy/kist-test/used/cgroup.procs)
	kill $inside
	wait $inside || true
	rmdir $hierarchy/kist-test/used
	expect "125 $inside" "$status $left"
	contains "already holds processes ($inside)"
	contains /linux/cgroupsPath

	mkdir -p $freezer/kist-test/used
	echo $value >$freezer/kist-test/used/$file
	kist_run "$b"
	rmdir $freezer/kist-test/used
	rmdir $hierarchy/kist-test $freezer/kist-test 2>/dev/null || true
	expect 125 "$status"
	contains "is frozen"
	contains "thaw it first"
	[ ! -e /sys/fs/cgroup/memory/kist-test/used ]
}

@test "F7 a cgroup path that leads outside is a fault" {
	b=$(bundle f7 '.linux.cgroupsPath = "/kist-test/../../x"')
	run "$WORK/kist" check -b "$b"
	expect 125 "$status"
	contains /linux/cgroupsPath
}

@test "F9 the device policy is applied in listed order, and the config can override the defaults" {
	b=$(bundle f9 ".linux.resources.devices = [{allow: false, access: \"rwm\"}, {allow: true, type: \"c\", major: 1, minor: 3, access: \"rw\"},
		{allow: false, type: \"c\", major: 1, minor: 5, access: \"rwm\"}] | $(args sh -c 'echo x > /dev/null && echo null ok; head -c1 /dev/zero')")
	kist_run "$b"
	contains "null ok"
	contains "Operation not permitted"
}

@test "F10 memory limit, F14 cpu, F19 pids, in the cgroup's files" {
	b=$(bundle f10 ".linux.cgroupsPath = \"/kist-test/f10\" | .linux.resources.memory = {limit: 33554432, reservation: 16777216}
		| .linux.resources.cpu = {shares: 512, quota: 20000, period: 100000} | .linux.resources.pids = {limit: 20} | $(args probe --wait)")
	"$WORK/kist" --root "$WORK/state" run -b "$b" f10 >"$WORK/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 600); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	run cat /sys/fs/cgroup/memory/kist-test/f10/memory.limit_in_bytes /sys/fs/cgroup/memory/kist-test/f10/memory.soft_limit_in_bytes \
		/sys/fs/cgroup/cpu/kist-test/f10/cpu.shares /sys/fs/cgroup/cpu/kist-test/f10/cpu.cfs_quota_us /sys/fs/cgroup/pids/kist-test/f10/pids.max
	kill -TERM $pid
	wait $pid
	expect "33554432 16777216 512 20000 20" "$(tr '\n' ' ' <<<"$output" | sed 's/ $//')"
}

@test "F10 a program over its memory limit is killed, and only it" {
	b=$(bundle f10 ".linux.resources.memory = {limit: 100000000, swap: 100000000} | $(args probe --eat 300000000)")
	kist_run "$b"
	expect 137 "$status"
	contains "80 MB"
	lacks "110 MB"
}

@test "F19 pids limit, 0 included" {
	b=$(bundle f19 ".linux.resources.pids = {limit: 5} | $(args probe --forks 20)")
	kist_run "$b"
	[ "$(line forks)" -lt 6 ]
	b=$(bundle f19 ".linux.resources.pids = {limit: -1} | $(args probe --forks 20)")
	kist_run "$b"
	expect 20 "$(line forks)"
}

# with_hierarchies "NAME..." COMMAND...: runs it where these v1 hierarchies are mounted besides those of the machine.
with_hierarchies() {
	mkdir -p "$WORK/cgroups"
	HIERARCHIES=$1 KEPT=$WORK/cgroups unshare --mount --propagation private bash -ec '
		mount --rbind /sys/fs/cgroup "$KEPT"
		mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
		for kept in "$KEPT"/*/; do
			mkdir "/sys/fs/cgroup/${kept#"$KEPT"/}"
			mount --bind "$kept" "/sys/fs/cgroup/${kept#"$KEPT"/}"
		done
		for name in $HIERARCHIES; do
			mkdir "/sys/fs/cgroup/$name"
			mount -t cgroup -o "$name" cgroup "/sys/fs/cgroup/$name"
		done
		"$@"
	' with_hierarchies "${@:2}"
}

@test "F17 huge pages are limited when they are reserved" {
	grep -qw hugetlb /sys/fs/cgroup/unified/cgroup.controllers || skip "this kernel has no hugetlb controller for cgroup v2"
	b=$(bundle f17 ".linux.cgroupsPath = \"/kist-test/f17\" | .linux.resources.hugepageLimits = [{pageSize: \"2MB\", limit: 4194304}] | $(args probe --wait)")
	"$WORK/kist" --root "$WORK/state" run -b "$b" f17 >"$WORK/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 600); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	run cat /sys/fs/cgroup/unified/kist-test/f17/hugetlb.2MB.rsvd.max
	kill -TERM $pid
	wait $pid || true
	expect 4194304 "$output"
	b=$(bundle f17 ".linux.resources.hugepageLimits = [{pageSize: \"3MB\", limit: 1}]")
	kist_run "$b"
	expect 125 "$status"
	contains "hugetlb.3MB.rsvd.max"
	contains "/linux/resources/hugepageLimits/0"
}

@test "F18 packets have a class and a priority" {
	grep -q net_cls /proc/cgroups || skip "this kernel has no net_cls controller"
	b=$(bundle f18 ".linux.cgroupsPath = \"/kist-test/f18\" | .linux.resources.network = {classID: 1048577, priorities: [{name: \"lo\", priority: 5}]}
		| $(args probe --wait)")
	run with_hierarchies "net_cls net_prio" bash -c '
		"$0" --root "$1" run -b "$2" f18 >"$3" 2>&1 &
		for _ in $(seq 600); do grep -q ready "$3" && break; sleep 0.1; done
		cd /sys/fs/cgroup
		cat net_cls/kist-test/f18/net_cls.classid
		grep lo net_prio/kist-test/f18/net_prio.ifpriomap
		kill -TERM $!
		wait $!
		ls -d */kist-test/f18' "$WORK/kist" "$WORK/state" "$b" "$WORK/out"
	expect "1048577 lo 5 ls: cannot access '*/kist-test/f18': No such file or directory" "$(echo $output)"
}

@test "F11 F12 limits of cgroup v1 alone: kernelTCP, swappiness, disableOOMKiller" {
	b=$(bundle f12 ".linux.cgroupsPath = \"/kist-test/f12\" | .linux.resources.memory = {kernelTCP: 8388608, swappiness: 7, disableOOMKiller: true}
		| $(args probe --wait)")
	"$WORK/kist" --root "$WORK/state" run -b "$b" f12 >"$WORK/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 600); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	cd /sys/fs/cgroup/memory/kist-test/f12
	run sh -c 'cat memory.kmem.tcp.limit_in_bytes memory.swappiness; head -n 1 memory.oom_control'
	cd /
	kill -TERM $pid
	wait $pid || true
	expect "8388608 7 oom_kill_disable 1" "$(echo $output)"
	b=$(bundle f12 ".linux.resources.memory.kernel = 8388608")
	kist_run "$b"
	if [ "$status" != 0 ]; then # Linux 5.16 took it away
		contains "memory.kmem.limit_in_bytes"
		contains "has no limit of its own"
		contains "asked by       config.json"
	fi
}

@test "F12 F15 F18 F21 what the other version of cgroups has is refused by name" {
	b=$(bundle f12 ".linux.resources = {memory: {swappiness: 7, disableOOMKiller: true}, cpu: {realtimeRuntime: 1}, network: {classID: 1}}")
	run "$ROOT/bench/view" v2 "$WORK/kist" --root "$WORK/state" run -b "$b" f12
	expect 125 "$status"
	for place in memory/swappiness memory/disableOOMKiller cpu/realtimeRuntime network/classID; do
		contains "/linux/resources/$place: cgroup v2 has no such limit: "
	done
	b=$(bundle f21 ".linux.resources.unified = {\"memory.high\": \"1G\"}")
	kist_run "$b"
	expect 125 "$status"
	contains "/linux/resources/unified/memory.high: the controller \"memory\" is not in this host's cgroup v2 hierarchy"
}

@test "F21 unified: any file of the cgroup, once more what the kernel says of it" {
	b=$(bundle f21 ".linux.cgroupsPath = \"/kist-test/f21\" | .linux.resources.unified = {\"cgroup.max.depth\": \"3\", \"cgroup.max.descendants\": \"5\"}
		| $(args probe --wait)")
	"$WORK/kist" --root "$WORK/state" run -b "$b" f21 >"$WORK/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 600); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	run cat /sys/fs/cgroup/unified/kist-test/f21/cgroup.max.depth /sys/fs/cgroup/unified/kist-test/f21/cgroup.max.descendants
	kill -TERM $pid
	wait $pid || true
	expect "3 5" "$(echo $output)"
	b=$(bundle f21 ".linux.resources.unified = {\"cgroup.nothing\": \"3\"}")
	kist_run "$b"
	expect 125 "$status"
	contains "cgroup.nothing"
	contains "no such file or directory"
}

@test "F28 memoryPolicy, before the filter that forbids it" {
	[ -e /proc/self/numa_maps ] || skip "this kernel is built without CONFIG_NUMA"
	deny=".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"set_mempolicy\"], action: \"SCMP_ACT_ERRNO\"}]} | .process.noNewPrivileges = true"
	b=$(bundle f28 ".linux.memoryPolicy = {mode: \"MPOL_BIND\", nodes: \"0\", flags: [\"MPOL_F_STATIC_NODES\"]} | $deny | $(args cat /proc/self/numa_maps)")
	kist_run "$b"
	expect 0 "$status"
	contains "bind=static:0"
	b=$(bundle f28 ".linux.memoryPolicy = {mode: \"MPOL_PREFERRED\"} | $(args cat /proc/self/numa_maps)")
	kist_run "$b"
	contains " local "
	b=$(bundle f28 ".linux.memoryPolicy = {mode: \"MPOL_BIND\", nodes: \"700\"}")
	kist_run "$b"
	expect 125 "$status"
	contains "cannot set the memory policy MPOL_BIND: "
	contains "none of the nodes"
	contains "asked by       config.json"
}

@test "F29 sysctl, with its namespace, and names that must not pass" {
	b=$(bundle f29 ".linux.sysctl = {\"net.ipv4.ip_forward\": \"1\", \"kernel.msgmax\": \"4096\"}
		| $(args sh -c 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax')")
	kist_run "$b"
	expect "1
4096" "$output"
	[ "$(cat /proc/sys/kernel/msgmax)" != 4096 ]
	# Of nothing a write(2) would set nothing, and the machine's would stay.
	b=$(bundle f29 ".linux.sysctl = {\"kernel.domainname\": \"\"} | $(args cat /proc/sys/kernel/domainname)")
	run unshare --uts sh -c 'echo mine >/proc/sys/kernel/domainname; "$@"' sh "$WORK/kist" --root "$WORK/state" run -b "$b" f29
	expect "0 " "$status $output"
	for name in 'kernel.core_pattern' 'net/../kernel/core_pattern' 'kernel.panic'; do
		b=$(bundle f29 ".linux.sysctl = {\"$name\": \"1\"}")
		kist_run "$b"
		expect 125 "$status"
		contains /linux/sysctl
	done
}

@test "F30 F34 seccomp: actions, errno, ENOSYS for what is newer than the profile" {
	b=$(bundle f34 ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"SCMP_ARCH_X86_64\"], syscalls: [
		{names: [\"mkdir\", \"mkdirat\"], action: \"SCMP_ACT_ERRNO\", errnoRet: 38}, {names: [\"chroot\"], action: \"SCMP_ACT_ERRNO\"}]}
		| .process.noNewPrivileges = true | $(args sh -c 'mkdir /tmp/x; chroot / true')")
	kist_run "$b"
	contains "Function not implemented"
	contains "Operation not permitted"
	b=$(bundle f34 '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 1}')
	run "$WORK/kist" check -b "$b"
	expect 125 "$status"
	contains /linux/seccomp/defaultErrnoRet
}

@test "F33 seccomp metadata without a listener is a fault" {
	b=$(bundle f33 '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x"}')
	run "$WORK/kist" check -b "$b"
	expect 125 "$status"
	contains listenerMetadata
}

@test "F36 rootfsPropagation: the words, and no other" {
	b=$(bundle f36 ".linux.rootfsPropagation = \"unbindable\" | $(args probe mount)")
	kist_run "$b"
	expect 0 "$status"
	grep -E '^mount / .*unbindable' <<<"$output"
	b=$(bundle f36 '.linux.rootfsPropagation = "sometimes"')
	kist_run "$b"
	expect 125 "$status"
	contains /linux/rootfsPropagation
}

@test "F36 whatever the propagation, no mount of the host goes away, and none of the container's arrives" {
	# A host whose mounts are all shared, as systemd makes them; one that the test may spoil.
	for words in shared rshared slave rslave private unbindable; do
		# Only a source that is to stay shared keeps the host's mounts shared, too, until the root is switched.
		b=$(bundle f36s ".linux.rootfsPropagation = \"$words\" | $(args true)
			| .mounts += [{destination: \"/mnt\", type: \"bind\", source: \"/usr\", options: [\"rbind\", \"rshared\"]}]")
		run unshare --mount sh -c 'mount --make-rshared / && cat /proc/self/mountinfo >"$1" && shift &&
			"$@"; echo "status $?"; cat /proc/self/mountinfo' sh "$WORK/before" "$WORK/kist" --root "$WORK/state" run -b "$b" f36s
		expect "status 0" "${lines[0]}"
		expect "$(cat "$WORK/before")" "$(tail -n +2 <<<"$output")"
	done
}

@test "F37 masked and read-only paths" {
	b=$(bundle f37 "$(args probe access)")
	kist_run "$b"
	expect 0 "$status"
	for path in /proc/kcore /proc/keys /proc/timer_list; do
		[[ $(line "access $path") != *read=yes* ]]
	done
	[[ $(line "access /proc/sys/kernel/core_pattern") == *"Read-only file system"* ]]
	[[ $(line "access /proc/irq") != *write=yes* ]]
	b=$(bundle f37 '.linux.maskedPaths = ["proc/kcore"]')
	run "$WORK/kist" check -b "$b"
	expect 125 "$status"
	contains /linux/maskedPaths/0
}

@test "F37 a masked path that does not exist is no error" {
	b=$(bundle f37 ".linux.maskedPaths += [\"/nowhere/at/all\"] | .linux.readonlyPaths += [\"/nowhere\"] | $(args true)")
	kist_run "$b"
	expect 0 "$status"
}

@test "F39 personality, and flags that nobody supports" {
	b=$(bundle f39 ".linux.personality = {domain: \"LINUX32\"} | $(args probe sched)")
	kist_run "$b"
	contains "personality 0x8"
	b=$(bundle f39 '.linux.personality = {domain: "LINUX", flags: ["ADDR_NO_RANDOMIZE"]}')
	run "$WORK/kist" check -b "$b"
	expect 125 "$status"
	contains /linux/personality/flags
}

@test "a new network namespace has a loopback that is up, and nothing else" {
	b=$(bundle lo "$(args probe net)")
	kist_run "$b"
	expect "net lo up" "$(grep '^net' <<<"$output")"
}
