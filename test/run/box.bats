#!/usr/bin/env bats
# kist box: one command in an isolated copy of this machine; each option's effect and misuse, as root and as a user.

load lib.bash
setup_file() {
	lib_setup
	# A root file system that belongs to the ordinary user: files of an unmapped owner can be read, not replaced.
	cp -a "$WORK/rootfs" "$WORK/own"
	chown -R "$TESTER:" "$WORK/own"
}
teardown_file() { lib_teardown; }

box() {
	run "$WORK/kist" --root "$WORK/state" box "$@"
}
user_box() {
	run as_user env PATH="$PATH" "$WORK/kist" --root "$WORK/user-state" box "$@"
}

@test "box: pid 1, root, a hostname of its own" {
	before=$(snapshot)
	box -- sh -c 'echo $$ $(id -u) $(hostname)'
	expect "1 0 box" "$output"
	nothing_left "$before"
}

@test "box: what is written inside is not on the host" {
	box -- sh -c 'echo x > /kist-was-here && echo y > /root/kist-was-here && cat /kist-was-here && rm -f /etc/hostname && echo gone'
	contains x
	contains gone
	[ ! -e /kist-was-here ]
	[ ! -e /root/kist-was-here ]
}

@test "box: mounts below the root are there and thrown away too" {
	box -- sh -c 'ls /proc/1/ns >/dev/null && ls /sys/class/net >/dev/null && echo x > /dev/null && echo x > /dev/shm/kist-x && echo ok'
	contains ok
	[ ! -e /dev/shm/kist-x ]
}

@test "box: only its own processes are visible" {
	box -- sh -c 'ls -d /proc/[0-9]* | wc -l'
	[ "$output" -le 4 ]
}

@test "box: arguments arrive byte for byte" {
	box -- printf '<%s>' 'a  b' '$HOME' ';id' ''
	expect '<a  b><$HOME><;id><>' "$output"
}

@test "box: the exit status is the command's" {
	box -- sh -c 'exit 7'
	expect 7 "$status"
	box -- /no/such/program
	expect 127 "$status"
	contains "no such file or directory"
	box -- /etc/passwd
	expect 126 "$status"
	contains "permission denied"
}

@test "box: a clean environment" {
	SECRET=1 box -- env
	lacks SECRET
	contains "HOME=/root"
	contains PATH=
}

@test "box: the caller's directory is kept" {
	cd "$WORK/bundles"
	box -- pwd
	expect "$WORK/bundles" "$output"
}

@test "box --root: a directory, copy-on-write" {
	box --root "$WORK/rootfs" -- sh -c 'echo x > /etc/new; ls /etc; cat /proc/1/cmdline >/dev/null && echo proc'
	contains new
	contains proc
	[ ! -e "$WORK/rootfs/etc/new" ]
	box --root "$WORK/nowhere" -- true
	expect 125 "$status"
	contains "--root $WORK/nowhere"
}

@test "box --root: relative, as in the tutorials" {
	cd "$WORK"
	box --root rootfs --hostname container -- sh -c 'hostname; ls -d /bin/busybox'
	contains container
	contains /bin/busybox
}

@test "box --hostname" {
	box --hostname other -- hostname
	expect other "$output"
	box --hostname 'a/b' -- true
	expect 125 "$status"
	contains "--hostname a/b"
}

@test "box --bind: writable, read-only, another place, a file" {
	mkdir -p "$WORK/shared"
	echo hello >"$WORK/shared/file"
	box --bind "$WORK/shared:/mnt" -- sh -c 'cat /mnt/file; echo new > /mnt/new'
	contains hello
	expect new "$(cat "$WORK/shared/new")"
	box --bind "$WORK/shared:/mnt:ro" -- sh -c 'echo x > /mnt/x'
	[ "$status" != 0 ]
	contains "ead-only file system"
	box --root "$WORK/rootfs" --bind "$WORK/shared/file:/var/a/b:ro" -- cat /var/a/b
	contains hello
	box --bind "$WORK/none" -- true
	expect 125 "$status"
	contains "$WORK/none"
	contains "no such file or directory"
	box --bind "$WORK/shared:relative" -- true
	expect 125 "$status"
	contains "--bind $WORK/shared:relative"
}

@test "box --net" {
	box --net none -- "$PROBE" net
	expect "net lo up" "$(grep ^net <<<"$output")"
	box --net host -- readlink /proc/self/ns/net
	expect "$(readlink /proc/self/ns/net)" "$output"
	box --net some -- true
	expect 125 "$status"
	contains "--net some"
	contains "host or none"
}

@test "box --user: by number and by name, looked up inside" {
	box --user 1234:1235 -- "$PROBE" ids
	contains "uid 1234 1234 1234"
	contains "gid 1235 1235 1235"
	box --root "$WORK/rootfs" --user user -- /bin/probe ids env
	contains "uid 1000 1000 1000"
	contains "gid 1000 1000 1000"
	contains "groups 1001"
	contains "env HOME=/home/user"
	box --root "$WORK/rootfs" --user nobodyknows -- true
	expect 125 "$status"
	contains nobodyknows
	for wrong in -1 0x1 4294967296 1a ' 1' 01 :; do
		box --user "$wrong" -- true
		expect 125 "$status"
	done
}

@test "box --memory --cpus --pids" {
	box --memory 100000000 -- "$PROBE" --eat 300000000
	expect 137 "$status"
	box --pids 5 -- "$PROBE" --forks 20
	[ "$(line forks)" -lt 6 ]
	box --cpus 0.5 -- true
	expect 0 "$status"
	box --memory lots -- true
	expect 125 "$status"
	contains "--memory lots"
	box --cpus none --pids 0 -- true
	expect 125 "$status"
	contains "--cpus none"
	contains "--pids 0"
}

@test "box: an unknown flag names the nearest" {
	box --hostnam x -- true
	expect 125 "$status"
	contains "--hostname"
}

@test "box: the chroot escape ends in the box" {
	box --root "$WORK/rootfs" -- sh -c 'cd /tmp; probe --escape; stat -c "root %d:%i" /'
	expect 1 "$(grep ^root <<<"$output" | cut -d: -f2 | sort -u | wc -l)"
}

@test "box: ends with its runtime" {
	"$WORK/kist" --root "$WORK/state" box -- sh -c 'echo ready; sleep 1000' >"$WORK/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 600); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	inner=$(pgrep -P $pid)
	kill -KILL $pid
	wait $pid || true
	for _ in $(seq 600); do [ -e "/proc/$inner" ] || break; sleep 0.1; done
	[ ! -e "/proc/$inner" ]
	"$WORK/kist" --root "$WORK/state" gc
	[ -z "$(find "$WORK/state" -mindepth 1 ! -name .features)" ]
}

@test "box: devices of its own, and no others" {
	rm -f "$WORK/memory"
	mknod "$WORK/memory" c 1 1
	chmod 666 "$WORK/memory"
	box -- sh -c "ls -x /dev; head -c1 $WORK/memory; mknod /tmp/m c 1 1; head -c1 /tmp/m"
	contains "fd"
	for name in $(cd /dev && find . -type b -o -name mem -o -name kmsg | cut -c3-); do
		grep -qw "$name" <<<"$output" && return 1
	done
	contains "head: cannot open '$WORK/memory' for reading: Operation not permitted"
	box -- sh -c 'set -- $(ls /dev); for name; do case $name in fd|full|mqueue|null|ptmx|pts|random|shm|std*|tty|urandom|zero) ;; *) echo "also $name" ;; esac; done
		cat /dev/full >/dev/null & head -c3 /dev/zero | wc -c; head -c3 /dev/urandom | wc -c; kill $!'
	lacks also
	expect "3 3" "$(echo $output)"
	mkdir -p "$WORK/nodes"
	cp -a "$WORK/rootfs" "$WORK/nodes/root"
	mknod "$WORK/nodes/root/memory" c 1 1
	box --root "$WORK/nodes/root" -- sh -c 'head -c1 /memory; echo >/dev/null && echo written'
	contains "Operation not permitted"
	contains written
}

@test "box: terminals of its own, as root and as a user" {
	# Of a stdin that ends script types the end, and the terminal echoes it whenever it comes.
	mkfifo "$WORK/silence"
	run script -qec "$WORK/kist --root $WORK/state box -- sh -c 'tty; ls /dev/pts; echo said >/dev/tty'" /dev/null <>"$WORK/silence"
	expect 0 "$status"
	contains /dev/pts/0
	contains said
	# Only its own: the one that script made is not among them. (script(1) passes on the end of its own input, as the
	# character ^@, and sometimes a terminal echoes it.)
	expect "0" "$(tr -d '\r' <<<"${output//^@/}" | grep -oE '^[0-9]+( +[0-9]+)*' | xargs)"
	run as_user script -qec "$WORK/kist --root $WORK/user-state box -- sh -c 'tty; ls /dev/pts; echo said >/dev/tty'" /dev/null <>"$WORK/silence"
	expect 0 "$status"
	contains /dev/pts/0
	contains said
	expect "0" "$(tr -d '\r' <<<"${output//^@/}" | grep -oE '^[0-9]+( +[0-9]+)*' | xargs)"
}

@test "box: programs inside get terminals, as root and as a user" {
	box -- script -qec 'tty' /dev/null
	expect 0 "$status"
	contains /dev/pts/0
	user_box -- script -qec 'tty' /dev/null
	expect 0 "$status"
	contains /dev/pts/0
	for who in box user_box; do
		$who -- python3 -c 'import os, pty; master, peer = os.openpty(); print(os.ttyname(peer))'
		contains /dev/pts/0
	done
}

@test "user box: the shared memory is its own" {
	rm -f /dev/shm/kist-mine
	echo x >/dev/shm/kist-mine
	chmod 666 /dev/shm/kist-mine
	user_box -- sh -c 'ls -A /dev/shm | wc -l; echo y >/dev/shm/kist-theirs && echo written'
	rm -f /dev/shm/kist-mine
	expect 0 "$(grep -x '[0-9]*' <<<"$output")"
	contains written
	[ ! -e /dev/shm/kist-theirs ]
}

@test "user box: root inside, the caller outside" {
	before=$(snapshot)
	user_box -- sh -c 'echo $$ $(id -u) $(hostname)'
	expect "1 0 box" "$output"
	mkdir -p "$WORK/mine"
	chown "$TESTER" "$WORK/mine"
	user_box --bind "$WORK/mine:/mnt" -- sh -c 'echo x > /mnt/x'
	expect 0 "$status"
	expect "$TESTER" "$(stat -c %U "$WORK/mine/x")"
	nothing_left "$before"
}

@test "user box: writes are thrown away" {
	user_box -- sh -c 'echo x > /kist-was-here && cat /kist-was-here && echo y > /tmp/kist-was-here && ls /proc/1/ns > /dev/null && echo ok'
	contains x
	contains ok
	[ ! -e /kist-was-here ]
	[ ! -e /tmp/kist-was-here ]
}

@test "user box: other ids are the subordinate ones" {
	user_box --root "$WORK/own" -- sh -c 'touch /tmp/f && chown 42:42 /tmp/f && stat -c %u:%g /tmp/f'
	expect 0 "$status"
	contains 42:42
}

@test "user box: no unmapped groups" {
	user_box -- id -G
	expect 0 "$output"
}

@test "user box --net none" {
	user_box --net none -- "$PROBE" net
	expect "net lo up" "$(grep ^net <<<"$output")"
}

@test "user box --root, --bind, --user" {
	user_box --root "$WORK/rootfs" --user 1000 -- /bin/probe ids
	contains "uid 1000 1000 1000"
	user_box --root "$WORK/own" -- sh -c 'echo x > /etc/new && cat /etc/new'
	contains x
	[ ! -e "$WORK/own/etc/new" ]
}

@test "user box --memory without delegation says what is missing" {
	user_box --memory 100M -- true
	expect 125 "$status"
	contains "--memory 100M"
	contains elegat
}

@test "user box: a file that vanishes while the box is made is no failure" {
	# With a mount below it /tmp is put together by name, from what it held a moment before.
	unshare -m bash -c "mkdir -p $WORK/below && mount -t tmpfs t $WORK/below
		(while :; do touch $WORK/../kist-gone-\$RANDOM; rm -f $WORK/../kist-gone-*; done) & loop=\$!
		for _ in \$(seq 40); do
			setpriv --reuid $TESTER --regid $(id -g "$TESTER") --init-groups --reset-env \
				$WORK/kist --root $WORK/user-state box -- true || failed=1
		done
		kill \$loop; wait \$loop 2>/dev/null; rm -f $WORK/../kist-gone-*; exit \${failed:-0}"
}

# What is written goes to memory, as the state root in the outer box is on an overlay; its masked /proc allows no fresh one.
@test "a box in a box, over this machine's root and over a directory, as root and as a user" {
	local script='id -u; echo x >/kist-was-here && cat /kist-was-here; hostname'
	for who in box user_box; do
		$who -- "$WORK/kist" box -- sh -c "$script"
		expect 0 "$status"
		expect $'0\nx\nbox' "$(tail -n 3 <<<"$output")"
		contains "this /proc is partly masked"
		$who -- sh -c "\"$WORK/kist\" box --root \"$WORK/rootfs\" -- sh -c '$script'; ls /kist-was-here \"$WORK/rootfs/kist-was-here\"; ls -A /run/kist /tmp/kist-* 2>/dev/null | grep -E '^box-[0-9]{1,2}$'"
		contains $'0\nx\nbox'
		contains "cannot access '/kist-was-here'"
		contains "cannot access '$WORK/rootfs/kist-was-here'"
		expect "" "$(grep -v 'kist:\|^0$\|^x$\|^box$\|cannot access' <<<"$output")"
	done
	[ ! -e /kist-was-here ]
}

@test "a bundle in a box: its fresh /proc is refused with the reason" {
	b=$(bundle_rootless nested "$(args true)")
	for who in box user_box; do
		$who -- "$WORK/kist" run -b "$b" nested
		expect 125 "$status"
		contains "VFS: Mount too revealing"
		contains "this /proc is partly masked, at /proc/"
	done
}

@test "a box in a box in a box: the kernel's reason is named" {
	box -- "$WORK/kist" box -- "$WORK/kist" box -- true
	expect 125 "$status"
	contains "this /proc is of another pid namespace"
}

@test "a state root on an overlay: what is written is kept in memory, and nothing is left" {
	mkdir -p "$WORK/layers"/{lower,upper,work,merged}
	unshare -m sh -c "mount -t overlay overlay -o lowerdir=$WORK/layers/lower,upperdir=$WORK/layers/upper,workdir=$WORK/layers/work $WORK/layers/merged &&
		install -d -m 700 $WORK/layers/merged/state &&
		$WORK/kist --root $WORK/layers/merged/state box -- sh -c 'echo x >/kist-was-here; grep -c memory/upper /proc/self/mounts' && ls $WORK/layers/merged/state" >"$WORK/inside"
	output=$(cat "$WORK/inside")
	[ "$(head -n 1 <<<"$output")" -gt 0 ]
	expect 1 "$(wc -l <<<"$output")"
	[ ! -e /kist-was-here ]
}

@test "user box: as root of a user namespace, without a /run to write to" {
	run as_user unshare -r "$WORK/kist" box -- id -u
	expect 0 "$status"
	expect 0 "$output"
	expect "$TESTER 700" "$(stat -c '%U %a' "/tmp/kist-$(id -u "$TESTER")")"
	# Another's place of that name is not used.
	run as_user unshare -r "$WORK/kist" --root "$WORK/state" box -- true
	expect 125 "$status"
}

@test "user box: with no_new_privs set it has one id, and says why" {
	run as_user setpriv --no-new-privs "$WORK/kist" --root "$WORK/user-state" box -- cat /proc/self/uid_map
	expect 0 "$status"
	expect "0 $(id -u "$TESTER") 1" "$(tail -n 1 <<<"$output" | tr -s ' ' | sed 's/^ //')"
	expect 2 "$(wc -l <<<"$output")"
	contains "no_new_privs is set for this process"
}
