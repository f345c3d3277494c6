#!/usr/bin/env bats
# What is placed in a box: binds, file systems, devices, links, protections; each flag's effect and misuse, as root and as
# an ordinary user.

load lib.bash
setup_file() {
	lib_setup
	cp -a "$WORK/rootfs" "$WORK/own"
	chown -R "$TESTER:" "$WORK/own"
	install -d -m 777 "$WORK/shared"
	echo hello >"$WORK/shared/file"
	cp "$(command -v busybox)" "$WORK/shared/sh"
	echo 'box_dns=1' >"$WORK/shared/conf"
}
teardown_file() {
	[ -z "${LOOP:-}" ] || losetup -d "$LOOP" 2>/dev/null || true
	lib_teardown
}

root_box() {
	run "$WORK/kist" --root "$WORK/state" box "$@"
}
user_box() {
	run as_user env PATH="$PATH" "$WORK/kist" --root "$WORK/user-state" box "$@"
}
# The mount flags at a path, of what the box printed of its mountinfo.
flags_at() {
	awk -v at="$1" '$5 == at { flags = $6 } END { print flags }' <<<"$output"
}

@test "box --bind: what its options say" {
	for box in root_box user_box; do
		$box --bind "$WORK/shared:/mnt:ro,noexec,nosuid,nodev" -- sh -c 'cat /proc/self/mountinfo; /mnt/sh echo ran; echo x >/mnt/x'
		[ "$status" != 0 ]
		expect "ro,nosuid,nodev,noexec,relatime" "$(flags_at /mnt)"
		lacks ran
		contains "ead-only file system"
		$box --bind "$WORK/shared/file:nodev,ro" -- cat "$WORK/shared/file"
		expect hello "$output"
		for wrong in "$WORK/shared:relative" "$WORK/shared:/mnt:rx" "$WORK/shared:/mnt:ro,size=1" ":/mnt"; do
			$box --bind "$wrong" -- true
			expect 125 "$status"
			contains "--bind $wrong: "
		done
	done
}

@test "box --bind rec, norec: what is mounted below SRC" {
	unshare -m sh -c "mkdir -p $WORK/shared/below && mount -t tmpfs t $WORK/shared/below && touch $WORK/shared/below/deep
		$WORK/kist --root $WORK/state box --bind $WORK/shared:/mnt:ro -- sh -c 'ls /mnt/below; touch /mnt/below/x'
		$WORK/kist --root $WORK/state box --bind $WORK/shared:/mnt:norec -- sh -c 'echo alone; ls /mnt/below; touch /mnt/y'" \
		>"$WORK/out" 2>&1
	output=$(cat "$WORK/out")
	expect deep "$(head -n 1 <<<"$output")"
	contains "ead-only file system"
	expect alone "$(tail -n 1 <<<"$output")"
	rm "$WORK/shared/y"
	# What lies under another mount may not be uncovered by an ordinary user.
	user_box --bind /:/mnt:norec -- true
	expect 125 "$status"
	contains "rbind takes them along"
}

@test "box --bind: a relative SRC, a colon in it, a socket" {
	mkdir -p "$WORK/a:b"
	echo colon >"$WORK/a:b/f"
	cd "$WORK"
	for box in root_box user_box; do
		$box --bind 'a\:b:/mnt' -- cat /mnt/f
		expect colon "$output"
		$box --bind shared:/mnt -- cat /mnt/file
		expect hello "$output"
		python3 -c 'import os, socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$WORK/s" 2>/dev/null || true
		$box --bind "$WORK/s:/run/a/socket" -- stat -c %F /run/a/socket
		expect socket "$output"
	done
}

@test "box --bind: what the source's mount forbids an ordinary user cannot lift" {
	unshare -m sh -c "mount -t tmpfs -o nosuid,noexec,mode=777 t $WORK/shared
		for who in '' 'setpriv --reuid $TESTER --regid $(id -g "$TESTER") --init-groups'; do
			\$who $WORK/kist --root \$(test -z \"\$who\" && echo $WORK/state || echo $WORK/user-state) box \
				--bind $WORK/shared:/mnt:exec -- sh -c 'cat /proc/self/mountinfo'
		done" >"$WORK/out" 2>&1 || true
	output=$(cat "$WORK/out")
	expect rw,nosuid,relatime "$(flags_at /mnt)"
	contains "the mount it comes from is noexec, and a user namespace cannot take that off"
}

@test "box --bind-try: what is missing is left out" {
	for box in root_box user_box; do
		$box --tmpfs /x --bind-try "$WORK/none:/x/none" --bind-try "$WORK/shared:/x/there" -- ls /x
		expect there "$output"
		$box --bind-try "$WORK/none:x" -- true
		expect 125 "$status"
		contains "--bind-try $WORK/none:x: "
		$box --bind "$WORK/none:/mnt/none" -- true
		expect 125 "$status"
		contains "there is nothing at $WORK/none on this machine: no such file or directory"
	done
}

@test "box --tmpfs" {
	for box in root_box user_box; do
		$box --cwd / --tmpfs /tmp --tmpfs /new/place:size=1M,mode=700,noexec -- sh -c \
			'ls -A /tmp | wc -l; stat -c %a /tmp /new/place; dd if=/dev/zero of=/new/place/f bs=1M count=2; cat /proc/self/mountinfo'
		expect "0 1777 700" "$(head -n 3 <<<"$output" | xargs)"
		contains "No space left on device"
		expect rw,nosuid,nodev,noexec,relatime "$(flags_at /new/place)"
		$box --tmpfs /x:ro -- touch /x/f
		contains "ead-only file system"
		$box --tmpfs x -- true
		expect 125 "$status"
		contains "--tmpfs x: expected DST[:OPTS]"
		$box --tmpfs /x:sise=1 -- true
		expect 125 "$status"
		contains "Unknown parameter 'sise'"
		contains "asked by       --tmpfs /x:sise=1"
	done
}

@test "box --proc: in another place, and as protected there" {
	for box in root_box user_box; do
		$box --proc /p -- sh -c 'readlink /p/self; cat /p/1/comm; echo 1 >/p/sys/kernel/panic; cat /p/kcore | wc -c; ls /p/sys/kernel | head -n 1'
		contains "ead-only file system"
		expect 0 "$(grep -x 0 <<<"$output")"
		$box --proc p -- true
		expect 125 "$status"
		contains "--proc p: expected an absolute path inside"
	done
}

@test "box --sys" {
	for box in root_box user_box; do
		$box --tmpfs /sys --sys -- sh -c 'ls /sys; touch /sys/x'
		contains kernel
		contains "ead-only file system"
		$box --sys --tmpfs /sys -- ls -A /sys
		expect "" "$output"
		$box --sys=/x -- true
		expect 125 "$status"
		contains "--sys is a switch"
	done
}

@test "box --dev minimal" {
	# No message queues: those come with the view of the machine's /dev.
	local nodes="fd full null ptmx pts random shm stderr stdin stdout tty urandom zero"
	for box in root_box user_box; do
		for root in "" "--root $WORK/own"; do
			$box $root --dev minimal -- sh -c 'ls /dev; echo x >/dev/null && head -c 3 /dev/zero | wc -c'
			expect "$nodes 3" "$(echo $output)"
		done
		$box --dev minimal -- script -qec tty /dev/null
		contains /dev/pts/0
		$box --dev everything -- true
		expect 125 "$status"
		contains "--dev everything: expected minimal, host, or the path of a device"
		$box --dev /dev/nonesuch -- true
		expect 125 "$status"
		contains "there is nothing at /dev/nonesuch"
	done
}

loop_device() {
	truncate -s 4M "$WORK/image"
	mkfs.ext4 -q "$WORK/image"
	LOOP=$(losetup -f --show "$WORK/image") || skip "no loop devices here"
}
# Waits until the kernel has let go of the file system that was mounted from it.
loop_idle() {
	for _ in $(seq 300); do
		python3 -c 'import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_EXCL)' "$LOOP" 2>/dev/null && return
		sleep 0.1
	done
	return 1
}
loop_gone() {
	losetup -d "$LOOP"
	LOOP=
}

@test "box --dev host, --dev DEVICE: which devices can be opened" {
	loop_device
	root_box -- sh -c "head -c 2000 $LOOP | wc -c"
	expect 0 "$(tail -n 1 <<<"$output")"
	root_box --dev host -- sh -c "head -c 2000 $LOOP | wc -c"
	expect 2000 "$output"
	root_box --dev "$LOOP" -- sh -c "ls /dev | grep -c loop; head -c 2000 $LOOP | wc -c"
	expect "1 2000" "$(echo $output)"
	root_box --dev host --dev minimal -- true
	expect 125 "$status"
	contains "it goes with no other --dev"
	# An ordinary user may what the node says.
	user_box --dev "$LOOP" -- sh -c "ls /dev | grep loop; head -c 1 $LOOP"
	contains "$(basename "$LOOP")"
	contains "Permission denied"
	user_box --dev host -- sh -c 'ls /dev | wc -l'
	expect "$(ls /dev | wc -l)" "$output"
	loop_gone
}

@test "box --bind of a device: the policy allows what was asked for, a read-only one reading" {
	loop_device
	root_box --bind "$LOOP:/disk" -- sh -c 'head -c 2000 /disk | wc -c; printf x | dd of=/disk conv=notrunc 2>/dev/null && echo written'
	expect "2000 written" "$(echo $output)"
	root_box --bind "$LOOP:/disk:ro" -- sh -c 'head -c 2000 /disk | wc -c; printf x | dd of=/disk conv=notrunc'
	contains 2000
	contains "Operation not permitted"
	user_box --bind "$LOOP:/disk:ro" -- true
	contains "$LOOP is a device: a read-only mount keeps nobody from writing to it"
	loop_gone
}

@test "box --mount: any file system, as the kernel takes it" {
	for box in root_box user_box; do
		$box --mount tmpfs::/mnt:size=1m,mode=711 -- stat -c %a /mnt
		expect 711 "$output"
		$box --mount "bind:$WORK/shared:/mnt:bind,ro" -- cat /mnt/file
		expect hello "$output"
		$box --mount mqueue:mqueue:/mnt -- stat -f -c %T /mnt
		expect mqueue "$output"
		$box --mount "overlay:o:/mnt:lowerdir=$WORK/shared:$WORK/rootfs/etc" -- sh -c 'cat /mnt/file; ls /mnt/passwd'
		expect "hello /mnt/passwd" "$(echo $output)"
		$box --mount nosuchfs:none:/mnt -- true
		expect 125 "$status"
		contains "the file system \"nosuchfs\" is not known to this kernel"
		for wrong in tmpfs tmpfs:: tmpfs::mnt ::/mnt bind::/mnt; do
			$box --mount "$wrong" -- true
			expect 125 "$status"
			contains "--mount $wrong: "
		done
	done
}

@test "A3-09, A3-10: a file system on a disk, its owner, what stat shows of it" {
	loop_device
	mkdir "$WORK/disk"
	mount "$LOOP" "$WORK/disk"
	chown 1000:1000 "$WORK/disk"
	chmod 700 "$WORK/disk"
	umount "$WORK/disk"
	cp -a "$WORK/rootfs" "$WORK/usb"
	install -d -m 777 "$WORK/usb/usb2"
	root_box --root "$WORK/usb" --mount "ext4:$LOOP:/usb2:rw" --bind "$LOOP:/dev/usb" --user 1000:1000 -- sh -c \
		'cd usb2; stat -c "%i %a" .; echo "hello usb" >container; cat container; ls -l /dev/usb'
	expect 0 "$status"
	contains "2 700"
	contains "hello usb"
	loop_idle
	root_box --root "$WORK/usb" --mount "ext4:$LOOP:/usb2:ro" --user 1234:1234 -- sh -c 'cd usb2'
	contains "ermission denied"
	[ "$(stat -c %a "$WORK/usb/usb2")" = 777 ]
	user_box --root "$WORK/own" --mount "ext4:$LOOP:/usb2:rw" -- true
	expect 125 "$status"
	contains "mount it on the host and bind it"
	loop_gone
}

@test "box --mask" {
	for box in root_box user_box; do
		$box --mask /usr/share --mask /etc/passwd --bind /etc:/mnt -- sh -c \
			'ls -A /usr/share | wc -l; wc -c </etc/passwd; wc -c </mnt/passwd; touch /usr/share/x'
		expect "0 0 $(wc -c </etc/passwd)" "$(head -n 3 <<<"$output" | xargs)"
		contains "ead-only file system"
		$box --mask /nowhere -- true
		expect 125 "$status"
		contains "cannot mask /nowhere: no such file or directory"
		contains "asked by       --mask /nowhere"
		for wrong in etc / //; do
			$box --mask "$wrong" -- true
			expect 125 "$status"
			contains "--mask $wrong: "
		done
	done
}

@test "box --ro: a path, and the whole root but for what is placed in it" {
	for box in root_box user_box; do
		$box --ro /tmp -- sh -c 'touch /tmp/x; touch /var/x 2>/dev/null || touch /var/tmp/x && echo written'
		contains "/tmp/x"
		contains "ead-only file system"
		contains written
		$box --tmpfs /run --bind "$WORK/shared:/mnt" --ro / -- sh -c \
			'for at in / /usr /etc /tmp /var /home; do touch $at/x && echo "$at written"; done; touch /run/x /mnt/x && rm /mnt/x && echo both'
		lacks " written"
		contains both
		$box --ro /nowhere -- true
		expect 125 "$status"
		contains "cannot make /nowhere read-only: no such file or directory"
		$box --ro tmp -- true
		expect 125 "$status"
		contains "--ro tmp: expected an absolute path inside"
	done
}

@test "box --dir, --symlink: between the mounts, in the given order" {
	for box in root_box user_box; do
		$box --tmpfs /x --dir /x/a/b --symlink a/b:/x/link --bind "$WORK/shared:/x/link/c" --symlink /x:/y -- sh -c \
			'cat /y/a/b/c/file; readlink /y /x/link; stat -c %a /x/a/b'
		expect "hello /x a/b 755" "$(echo $output)"
		# Before the mount that covers it, it is covered.
		$box --dir /x/a --tmpfs /x -- ls -A /x
		expect "" "$output"
		$box --symlink x:/etc/passwd -- true
		expect 125 "$status"
		contains "what is there already in the root is not this link"
		contains "asked by       --symlink x:/etc/passwd"
		$box --dir /etc/passwd/x -- true
		expect 125 "$status"
		contains "not a directory"
		for wrong in "symlink x" "symlink x:y" "symlink :/y" "dir x"; do
			$box --${wrong% *} "${wrong#* }" -- true
			expect 125 "$status"
			contains "--$wrong: "
		done
	done
}

@test "A0-04, A0-05, A0-06, A0-07: /dev bound with all below, a procfs, /sys, a file on an empty one" {
	: >"$WORK/own/etc/resolv.conf"
	for box in root_box user_box; do
		$box --root "$WORK/own" --bind /dev --proc /proc --bind /sys --bind "$WORK/shared/conf:/etc/resolv.conf" -- sh -c \
			'echo x >/dev/null && ls /dev/pts >/dev/null && echo devices; ps -o pid,comm | head -n 2; ls -d /sys/fs/cgroup; cat /etc/resolv.conf'
		contains devices
		contains "   1 sh"
		contains /sys/fs/cgroup
		contains box_dns=1
	done
	# A part of a tree alone is refused to an ordinary user: what lies below the mounts on it stays hidden.
	user_box --root "$WORK/own" --bind /dev:/dev:norec -- true
	expect 125 "$status"
	contains rbind
}

@test "A0-08: what is written to a bound directory stays" {
	install -d -o "$TESTER" "$WORK/home"
	for box in root_box user_box; do
		$box --root "$WORK/own" --bind "$WORK/home:/root" -- sh -c 'echo kept >/root/f'
		expect 0 "$status"
		expect kept "$(cat "$WORK/home/f")"
		rm "$WORK/home/f"
	done
}

@test "A0-09: nothing of the old root is in reach" {
	for box in root_box user_box; do
		$box --root "$WORK/own" -- sh -c 'ls -A / | xargs; cat /proc/self/mountinfo'
		expect "$(ls -A "$WORK/own" | xargs)" "$(head -n 1 <<<"$output")"
		lacks " /home "
	done
}

@test "A0-10, A0-11: a read-only root, with empty file systems that vanish" {
	for box in root_box user_box; do
		$box --root "$WORK/own" --ro / --tmpfs /run --tmpfs /tmp --bind "$WORK/shared:/root" -- sh -c \
			'touch /x; ls -A /run /tmp | wc -w; touch /run/x /tmp/x /root/x && rm -f /root/x && echo writable'
		contains "/x: Read-only file system"
		contains writable
		[ ! -e "$WORK/own/run/x" ]
		[ ! -e "$WORK/own/tmp/x" ]
	done
	# A root that lies on a mount with flags keeps them.
	unshare -m sh -c "mount -t tmpfs -o nosuid,nodev t /mnt && cp -a $WORK/own /mnt/root && chmod 755 /mnt && cd / &&
		setpriv --reuid $TESTER --regid $(id -g "$TESTER") --init-groups $WORK/kist --root $WORK/user-state box \
			--root /mnt/root --ro / -- sh -c 'touch /x || echo refused'" >"$WORK/out" 2>&1
	output=$(cat "$WORK/out")
	contains refused
}

@test "A3-08: a bound directory shows inside, and only there" {
	cd "$WORK"
	root_box --root "$WORK/rootfs" --bind shared:/host_dir -- sh -c 'ls /host_dir/file; cat /proc/self/mountinfo'
	contains /host_dir/file
	contains "$WORK/shared /host_dir "
	[ ! -e "$WORK/rootfs/host_dir" ]
}

@test "box --bind idmap: other owners, as root" {
	uid=$(id -u "$TESTER")
	install -d -o "$uid" -g "$uid" "$WORK/owned"
	root_box --bind "$WORK/owned:/mnt:idmap=$uid-0-1" -- sh -c 'stat -c %u /mnt; touch /mnt/new; stat -c %u /mnt/new'
	expect "0 0" "$(echo $output)"
	expect "$uid" "$(stat -c %u "$WORK/owned/new")"
	root_box --bind "$WORK/owned:/mnt:ro,idmap=$uid-7-1" -- sh -c 'stat -c %u /mnt; touch /mnt/x'
	contains 7
	contains "ead-only file system"
	# As the box's own ids: what is 5's on the disk is 5's in the box, whatever its map.
	chown 5:5 "$WORK/owned"
	root_box --map 0:0:1 --map 1:300000:1000 --bind "$WORK/owned:/mnt" -- stat -c %u /mnt
	expect 65534 "$output"
	root_box --map 0:0:1 --map 1:300000:1000 --bind "$WORK/owned:/mnt:idmap" -- stat -c %u /mnt
	expect 5 "$output"
	root_box --bind "$WORK/owned:/mnt:idmap" -- true
	expect 125 "$status"
	contains "this box has the machine's ids"
	for wrong in 1 1-2 a-b-c 1-2-0 1-2-3-4 -1-2-3; do
		root_box --bind "$WORK/owned:/mnt:idmap=$wrong" -- true
		expect 125 "$status"
		contains "expected idmap=DISK-SHOWN-COUNT"
	done
	root_box --bind "/proc:/mnt:norec,idmap=0-0-1" -- true
	expect 125 "$status"
	contains "cannot map ids, or maps them already"
	contains "asked by       --bind /proc:/mnt:norec,idmap=0-0-1"
	user_box --bind "$WORK/owned:/mnt:idmap" -- true
	expect 125 "$status"
	contains "only by who owns its file system: run kist as root"
	[ -z "$(pgrep -f "^$WORK/kist" || true)" ]
}

@test "bundle: uidMappings and gidMappings of a mount" {
	install -d -o "$TESTER" "$WORK/owned"
	map="[{containerID: $(id -u "$TESTER"), hostID: 0, size: 1}]"
	b=$(bundle idmap ".mounts += [{destination: \"/mnt\", type: \"bind\", source: \"$WORK/owned\", options: [\"bind\", \"idmap\"],
		uidMappings: $map, gidMappings: $map}] | $(args stat -c %u /mnt)")
	chown "$TESTER" "$WORK/owned"
	kist_run "$b"
	expect 0 "$output"
	b=$(bundle idmap ".linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: 300000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings | .mounts |= map(select(.type != \"cgroup\"))
		| .mounts += [{destination: \"/mnt\", type: \"bind\", source: \"$WORK/owned\", options: [\"rbind\", \"idmap\"]}] | $(args stat -c %u /mnt)")
	chown 9:9 "$WORK/owned"
	kist_run "$b"
	expect 9 "$output"
}

@test "kist facts PATH: what a plan for this machine on another needs to know of a device" {
	run as_user "$WORK/kist" --root "$WORK/user-state" facts /dev/full /nowhere
	expect 0 "$status"
	expect '["/dev/full","char",1,7] ["/nowhere","missing",0,0]' \
		"$(jq -c '.sources[] | [.path, .kind, .major, .minor]' <<<"$output" | xargs -d '\n')"
	"$WORK/kist" --root "$WORK/state" facts /dev/loop-control >"$WORK/facts.json"
	run as_user "$WORK/kist" --root "$WORK/user-state" plan --facts /dev/stdin box --dev /dev/loop-control -- true <"$WORK/facts.json"
	expect 0 "$status"
	contains "c 10:237"
	run "$WORK/kist" facts relative
	expect 125 "$status"
	contains "expected an absolute path, but got \"relative\""
}
