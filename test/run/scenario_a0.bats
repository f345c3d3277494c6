#!/usr/bin/env bats
# Scenarios A0: a launcher's pivot-root example: an ordinary user, a root file system of empty directories, a program of
# the host. Told with the box's flags, in the order of the example's steps.

load lib.bash
setup_file() {
	lib_setup
	export EXAMPLE=$WORK/example
	install -d -o "$TESTER" "$EXAMPLE" "$EXAMPLE"/{root,rootfs} \
		"$EXAMPLE"/rootfs/{bin,dev,etc,proc,root,run,sys,tmp}
	install -o "$TESTER" /dev/null "$EXAMPLE/rootfs/etc/resolv.conf"
	cat /etc/resolv.conf >"$WORK/resolv.conf" 2>/dev/null || echo 'nameserver 127.0.0.1' >"$WORK/resolv.conf"
	BUSYBOX=$(command -v busybox)
	export BUSYBOX
}
teardown_file() { lib_teardown; }

# launch WORD...: kist box over the example's root file system, from its directory, as the ordinary user. stderr joins.
launch() {
	run as_user env -C "$EXAMPLE" TERM=vt100 "$WORK/kist" --root "$WORK/user-state" box --root rootfs "$@"
}

# The mounts of the example, steps 2 to 6.
mounts() {
	printf '%s\n' --bind /dev --proc /proc --bind /sys --bind "$WORK/resolv.conf:/etc/resolv.conf" --bind ./root:/root
}

@test "A0-01 a program of the host in a root without one" {
	launch --host-exec "$BUSYBOX" -- id -u
	expect 0 "$output"
	launch --host-exec "$BUSYBOX" -- ls /bin
	expect "" "$output"
	launch --host-exec "$BUSYBOX" -- cat /proc/self/uid_map
	expect 0 "$status"
	expect "0 $(id -u "$TESTER") 1" "$(head -n 1 <<<"$output" | xargs)"
}

@test "A0-02 the same with the program inside" {
	install -o "$TESTER" -m 755 "$BUSYBOX" "$EXAMPLE/rootfs/bin/busybox"
	launch -- /bin/busybox id -u
	rm -f "$EXAMPLE/rootfs/bin/busybox"
	expect 0 "$output"
}

@test "A0-03 mount 1: the root is a mount of its own" {
	launch --rw --proc /proc --host-exec "$BUSYBOX" -- awk '$5 == "/"' /proc/self/mountinfo
	contains " / "
	contains "$EXAMPLE/rootfs"
}

@test "A0-04 mount 2: /dev, and all below it" {
	launch --rw --bind /dev --host-exec "$BUSYBOX" -- dd if=/dev/zero of=/dev/null count=1
	expect 0 "$status"
	launch --rw --bind /dev --host-exec "$BUSYBOX" -- ls /dev/pts/ptmx
	expect 0 "$status"
	# Without what is mounted below, the kernel would show what is hidden there.
	if grep -q ' /dev/' /proc/self/mountinfo; then
		launch --rw --bind /dev::norec --host-exec "$BUSYBOX" -- true
		expect 125 "$status"
		contains /dev
	fi
	launch --rw --mount devtmpfs:dev:/dev --host-exec "$BUSYBOX" -- true
	expect 125 "$status"
	contains devtmpfs
	launch --rw --host-exec "$BUSYBOX" -- mknod /null c 1 3
	expect 1 "$status"
	contains "Operation not permitted"
}

@test "A0-05 mount 3: proc, of the own pid namespace" {
	launch --rw --proc /proc --host-exec "$BUSYBOX" -- ps -o pid,comm
	expect 0 "$status"
	expect "1" "$(grep -cE '^ +[0-9]' <<<"$output")"
}

@test "A0-06 mount 4: /sys, and all below it" {
	launch --rw --bind /sys --host-exec "$BUSYBOX" -- ls -d /sys/fs/cgroup /sys/class
	expect 0 "$status"
	[ -z "$(ls /sys/fs/cgroup)" ] || {
		launch --rw --bind /sys --host-exec "$BUSYBOX" -- ls /sys/fs/cgroup
		[ -n "$output" ]
	}
}

@test "A0-07 mount 5: a file on an empty file" {
	launch --rw --bind "$WORK/resolv.conf:/etc/resolv.conf" --host-exec "$BUSYBOX" -- cat /etc/resolv.conf
	expect "$(cat "$WORK/resolv.conf")" "$output"
	[ ! -s "$EXAMPLE/rootfs/etc/resolv.conf" ]
}

@test "A0-08 mount 6: what is written to /root stays on the host" {
	launch --rw --bind ./root:/root --host-exec "$BUSYBOX" -- touch /root/kept
	expect 0 "$status"
	[ -e "$EXAMPLE/root/kept" ]
	[ ! -e "$EXAMPLE/rootfs/root/kept" ]
	expect "$TESTER" "$(stat -c %U "$EXAMPLE/root/kept")"
}

@test "A0-09 step 7: nothing of the old root is left" {
	mapfile -t flags < <(mounts)
	launch --rw "${flags[@]}" --host-exec "$BUSYBOX" -- ls /
	expect "bin dev etc proc root run sys tmp" "$(echo $output)"
	launch --rw "${flags[@]}" --host-exec "$BUSYBOX" -- awk '{ print $5 }' /proc/self/mountinfo
	expect 0 "$status"
	grep -vE '^/($|dev|proc|sys|etc/resolv.conf$|root$)' <<<"$output" && return 1
	[ -z "$(find "$EXAMPLE/rootfs" -mindepth 1 -maxdepth 1 -name '.*')" ]
}

@test "A0-10 step 8: the root is read-only after the pivot" {
	mapfile -t flags < <(mounts)
	launch "${flags[@]}" --tmpfs /run --tmpfs /tmp --ro / --host-exec "$BUSYBOX" -- touch /x
	expect 1 "$status"
	contains "Read-only file system"
	for place in /root /run /tmp; do
		launch "${flags[@]}" --tmpfs /run --tmpfs /tmp --ro / --host-exec "$BUSYBOX" -- touch $place/x
		expect 0 "$status"
	done
	# A bundle's root is the directory itself: the flags of its file system are locked for an ordinary user, and stay.
	mkdir -p "$WORK/locked"
	b=$(bundle_rootless a010 ".root = {path: \"$WORK/locked/rootfs\", readonly: true} | $(args /bin/probe mount)")
	run unshare -m sh -c 'mount -t tmpfs -o nosuid,nodev,mode=755 locked "$1/locked" && cp -a "$1/rootfs" "$1/locked" &&
		exec setpriv --reuid "$3" --regid "$(id -g "$3")" --init-groups --reset-env \
		"$1/kist" --root "$1/user-state" run -b "$2" a010' sh "$WORK" "$b" "$TESTER"
	expect 0 "$status"
	contains "mount / ro,nosuid,nodev"
}

@test "A0-11 steps 9 and 10: a tmpfs on /run and /tmp" {
	for _ in 1 2; do
		launch --rw --tmpfs /run --tmpfs /tmp --host-exec "$BUSYBOX" -- ls /run /tmp
		expect "/run: /tmp:" "$(echo $output)"
		launch --rw --tmpfs /run --tmpfs /tmp --host-exec "$BUSYBOX" -- touch /run/x /tmp/x
		expect 0 "$status"
	done
	expect "" "$(ls "$EXAMPLE/rootfs/run" "$EXAMPLE/rootfs/tmp" | grep -v :)"
}

@test "A0-12 one root file system for several at once" {
	for i in 1 2 3 4; do
		as_user env -C "$EXAMPLE" "$WORK/kist" --root "$WORK/user-state" box --root rootfs --host-exec "$BUSYBOX" -- \
			sh -c "echo $i > /mine && sleep 0.3 && cat /mine" >"$WORK/shared.$i" 2>&1 3>&- &
	done
	wait
	for i in 1 2 3 4; do
		expect $i "$(cat "$WORK/shared.$i")"
	done
	[ ! -e "$EXAMPLE/rootfs/mine" ]
}

@test "A0-13 cwd, no capabilities, exactly two variables" {
	launch --rw --bind ./root:/root --cwd /root --host-exec "$BUSYBOX" -- pwd
	expect /root "$output"
	launch --rw --proc /proc --cap-drop all --host-exec "$BUSYBOX" -- grep CapEff /proc/self/status
	expect "CapEff:	0000000000000000" "$output"
	launch --rw --env HOME= --host-exec "$BUSYBOX" -- env
	expect "HOME PATH TERM" "$(cut -d= -f1 <<<"$output" | sort | xargs)"
}

@test "A0-14 the exit code" {
	launch --rw --host-exec "$BUSYBOX" -- sh -c 'exit 3'
	expect 3 "$status"
}
