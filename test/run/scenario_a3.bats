#!/usr/bin/env bats
# Scenarios A3: an article on mount namespaces and pivot_root, told with bundles.

load lib.bash
setup_file() {
	lib_setup
	export LONG
	LONG=$(bundle long "$(args sh -c 'echo ready; exec sleep 1000')")
}
teardown_file() { lib_teardown; }
teardown() {
	[ ! -e "$WORK/watcher" ] || kill -KILL "$(cat "$WORK/watcher")" 2>/dev/null || true
	rm -f "$WORK/watcher"
	[ ! -e "$WORK/loop" ] || losetup -d "$(cat "$WORK/loop")" 2>/dev/null || true
	rm -f "$WORK/loop"
	# A container of `run` outlives the kist that was killed.
	"$WORK/kist" --root "$WORK/state" delete --force long >/dev/null 2>&1 || true
	"$WORK/kist" --root "$WORK/state" gc >/dev/null 2>&1 || true
}

# start_long: the long-running container; sets $pid, its process on the host.
start_long() {
	"$WORK/kist" --root "$WORK/state" run -b "$LONG" --pid-file "$WORK/pid" long >"$WORK/out" 2>&1 3>&- &
	echo $! >"$WORK/watcher"
	for _ in $(seq 100); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	pid=$(cat "$WORK/pid")
}

@test "A3-01 the container's mount namespace is listed as its own, with one process" {
	start_long
	id=$(readlink "/proc/$pid/ns/mnt" | tr -dc 0-9)
	run "$WORK/kist" --root "$WORK/state" ns --type mnt
	expect 0 "$status"
	grep -E "\b$id\b" <<<"$output" | grep -q long
	[ "$id" != "$(readlink /proc/self/ns/mnt | tr -dc 0-9)" ]
}

@test "A3-02 the processes of one namespace" {
	start_long
	id=$(readlink "/proc/$pid/ns/mnt" | tr -dc 0-9)
	run "$WORK/kist" --root "$WORK/state" ns --namespace "$id"
	expect 0 "$status"
	contains PID
	contains PPID
	grep -qE "\b$pid\b.*sleep" <<<"$output"
}

@test "A3-03 the processes of a container, as ps shows them, with its options, and as JSON" {
	start_long
	run "$WORK/kist" --root "$WORK/state" ps long
	expect 0 "$status"
	[[ ${lines[0]} =~ ^UID\ +PID\ +PPID\ +C\ STIME\ TTY\ +TIME\ CMD$ ]]
	[[ ${lines[1]} =~ ^root\ +$pid\ .*\ sleep\ 1000$ ]]
	expect 2 "${#lines[@]}"
	run "$WORK/kist" --root "$WORK/state" ps long -o args,pid,user
	[[ ${lines[1]} =~ ^sleep\ 1000\ +$pid\ root$ ]]
	run "$WORK/kist" --root "$WORK/state" ps --format json long
	expect "[$pid]" "$output"
}

@test "A3-04 the mounts of the default configuration" {
	b=$(bundle a304 "$(args cat /proc/1/mounts)")
	kist_run "$b"
	expect 0 "$status"
	grep -qE '^[^ ]+ / [^ ]+ ro,' <<<"$output"
	for path in bus fs irq sys sysrq-trigger; do
		[ ! -e /proc/$path ] || grep -qE "^proc /proc/$path proc ro," <<<"$output"
	done
	for path in kcore timer_list scsi; do
		[ ! -e /proc/$path ] || grep -qE "^[^ ]+ /proc/$path " <<<"$output"
	done
	grep -qE '^tmpfs /dev tmpfs .*size=65536k' <<<"$output"
	grep -qE '^devpts /dev/pts devpts ' <<<"$output"
	grep -qE '^shm /dev/shm tmpfs .*size=65536k' <<<"$output"
	grep -qE '^mqueue /dev/mqueue ' <<<"$output"
	grep -qE '^sysfs /sys sysfs ro,' <<<"$output"
	grep -qE '^[^ ]+ /sys/fs/cgroup [^ ]+ ro,' <<<"$output"
}

@test "A3-05 the root's inode is the host directory's" {
	b=$(bundle a305 "$(args stat -c %i /)")
	kist_run "$b"
	expect "$(stat -c %i "$WORK/rootfs")" "$output"
	run "$WORK/kist" --root "$WORK/state" box --root "$WORK/rootfs" -- stat -c %d:%i /
	[ "$output" != "$(stat -c %d:%i "$WORK/rootfs")" ]
}

@test "A3-06 without a mount namespace: chroot" {
	# Such a container sees the host's mounts, but nothing below its root has any.
	b=$(bundle a306 '.linux.namespaces |= map(select(.type != "mount")) | del(.mounts, .linux.maskedPaths, .linux.readonlyPaths)
		| .root.readonly = false | '"$(args sh -c 'ls /; exec probe ns')")
	kist_run "$b"
	expect 0 "$status"
	contains bin
	lacks lib64
	b=$(bundle a306b '.linux.namespaces |= map(select(.type != "mount")) | del(.mounts) | .root.readonly = false | '"$(args true)")
	kist_run "$b"
	expect 125 "$status"
	contains maskedPaths
}

@test "A3-07 three ways to the new root" {
	b=$(bundle a307 "$(args ls /)")
	run "$WORK/kist" --root "$WORK/state" run -b "$b" pivoted
	expect 0 "$status"
	first=$output
	run "$WORK/kist" --root "$WORK/state" run --no-pivot -b "$b" moved
	expect "$first" "$output"
}

@test "A3-08 a relative bind from the bundle, onto a directory that is missing" {
	b=$(bundle a308 '.mounts += [{destination: "/host_dir", type: "bind", source: "host_dir", options: ["bind"]}] | .root.readonly = false | '"$(args sh -c 'ls /host_dir; grep host_dir /proc/self/mountinfo')")
	mkdir -p "$b/host_dir"
	touch "$b/host_dir/hi"
	kist_run "$b"
	expect 0 "$status"
	expect hi "$(head -n 1 <<<"$output")"
	contains "$b/host_dir"
	expect "" "$(ls "$WORK/rootfs/host_dir")"
	rmdir "$WORK/rootfs/host_dir"
}

# image: a file system of our own on a loop device; sets $loop, and $allowed, the rule for it.
image() {
	truncate -s 8M "$WORK/image"
	mkfs.ext4 -q -F -E root_owner=1000:1000 "$WORK/image"
	loop=$(losetup -f --show "$WORK/image")
	echo "$loop" >"$WORK/loop"
	allowed=".linux.resources.devices += [{allow: true, type: \"b\", major: 7, minor: ${loop#/dev/loop}, access: \"rw\"}]"
}

@test "A3-09 a file system from a block device: its owner decides, not the mount point" {
	image
	# The policy of the default configuration forbids every disk, and says so.
	kist_run "$(bundle a309 ".mounts += [{destination: \"/mnt\", type: \"ext4\", source: \"$loop\"}] | $(args true)")"
	expect 125 "$status"
	contains "/linux/resources/devices"
	for uid in 1000 0; do
		b=$(bundle a309 "$allowed | .mounts += [{destination: \"/usb2\", type: \"ext4\", source: \"$loop\", options: [\"rw\"]},
			{destination: \"/usb\", type: \"bind\", source: \"$loop\", options: [\"bind\"]}]
			| .root.readonly = false | .process.user = {uid: $uid, gid: $uid} | .process.capabilities = {}
			| $(args sh -c 'cd /usb2 && echo "hello usb" >container && cat container')")
		kist_run "$b"
		if [ $uid = 1000 ]; then
			expect "hello usb" "$output"
		else
			contains "ermission denied"
		fi
	done
	rmdir "$WORK/rootfs/usb2"
	rm -f "$WORK/rootfs/usb"
}

@test "A3-10 stat shows the mounted file system's root" {
	image
	b=$(bundle a310 "$allowed | .mounts += [{destination: \"/usb2\", type: \"ext4\", source: \"$loop\", options: [\"rw\"]}] | .root.readonly = false
		| $(args stat -c %i:%u /usb2)")
	mkdir -p "$WORK/rootfs/usb2"
	[ "$(stat -c %i "$WORK/rootfs/usb2")" != 2 ]
	kist_run "$b"
	expect 2:1000 "$output"
	rmdir "$WORK/rootfs/usb2"
}

@test "A3-12 pivot_root on a read-only root file system" {
	mkdir -p "$WORK/readonly"
	b=$(bundle a312 ".root.path = \"$WORK/readonly\" | $(args ls /)")
	run unshare -m sh -c 'mount --bind "$1/rootfs" "$1/readonly" && mount -o remount,bind,ro "$1/readonly" && exec "$1/kist" --root "$1/state" run -b "$2" a312' sh "$WORK" "$b"
	expect 0 "$status"
	contains bin
}
