#!/usr/bin/env bats
# A box's view that fuse-overlayfs makes: what it can that the kernel's cannot, who answers for it, and its end.

load lib.bash
setup_file() {
	lib_setup
	mknod -m 666 "$WORK/node" c 10 229
	printf '#!/bin/sh\necho "no such thing" >&2\nexit 3\n' >"$WORK/broken"
	chmod 755 "$WORK/broken"
}
teardown_file() { lib_teardown; }

# fuse_env MOUNTS CMD...: as the tester, with /dev/fuse open, after these commands in a mount namespace of the test's own.
fuse_env() {
	unshare -m sh -c 'mount --make-rprivate / && mount --bind "$0/node" /dev/fuse && eval "$1" && shift && exec "$@"' \
		"$WORK" "$1" setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env "${@:2}" </dev/null 3>&-
}
# fuse_box ARG...: a box of the tester's with /dev/fuse open.
fuse_box() {
	run fuse_env : timeout -k 5 60 "$WORK/kist" --root "$WORK/user-state" box "$@"
}
needs_fuse() {
	command -v fuse-overlayfs >/dev/null || skip "fuse-overlayfs is not installed"
	: <>"$WORK/node" || skip "no FUSE device can be opened here"
}
# servers: the pids of those that answer for a box of this file's tests.
servers() {
	pgrep -f "^/usr/bin/fuse-overlayfs -f -o .*$WORK/user-state" || true
}
wait_for() {
	local i
	for i in $(seq 1 200); do
		! "$@" || return 0
		sleep 0.05
	done
	echo "waited in vain for: $*" >&2
	return 1
}
no_servers() {
	[ -z "$(servers)" ]
}

# all_collected: gc finds nothing any more. A box that was orphaned just now may not have ended yet.
all_collected() {
	as_user "$WORK/kist" --root "$WORK/user-state" gc >/dev/null 2>&1 && [ -z "$(ls "$WORK/user-state")" ]
}

# What the kernel's overlay answers with "permission denied" and "value too large for defined data type".
CHANGES='echo more >>/etc/hostname && tail -n 1 /etc/hostname
	mkdir /usr/share/kist-new && echo made; mv /usr/bin/env /usr/bin/env-kist && echo shifted
	rm -f /etc/issue && [ ! -e /etc/issue ] && echo removed; echo top >/kist-top && cat /kist-top'

@test "user box --fuse: files of any owner are replaced, which the kernel's overlay cannot; the machine has none of it" {
	needs_fuse
	before=$(snapshot)
	state=$(stat -c '%n %i %Y' /etc /etc/hostname /etc/issue /usr/bin/env /usr/share 2>&1)
	fuse_box -- sh -c "$CHANGES"
	lacks more
	lacks made
	lacks shifted
	fuse_box --fuse -- sh -c "$CHANGES; chown 5:6 /usr/share/kist-new && stat -c %u:%g /usr/share/kist-new; id -u"
	expect 0 "$status"
	expect "more made shifted removed top 5:6 0" "$(xargs <<<"$output")"
	expect "$state" "$(stat -c '%n %i %Y' /etc /etc/hostname /etc/issue /usr/bin/env /usr/share 2>&1)"
	[ ! -e /kist-top ]
	no_servers
	nothing_left "$before"
}

@test "user box --fuse: what is mounted below is in the view, /proc and /dev are as in other boxes" {
	needs_fuse
	run fuse_env 'mkdir -p "$0/below" && mount -t tmpfs -o mode=755 t "$0/below" && echo seen >"$0/below/file"' \
		"$WORK/kist" --root "$WORK/user-state" box --fuse -- sh -c "cat $WORK/below/file && echo x >>$WORK/below/file &&
		tail -n 1 $WORK/below/file; echo \$\$; echo d >/dev/null && ls /dev/pts"
	expect "seen x 1 ptmx" "$(xargs <<<"$output")"
}

@test "user box --fuse with one id: everything is that one's" {
	needs_fuse
	id=$(id -u "$TESTER") group=$(id -g "$TESTER")
	fuse_box --fuse --map "u:0:$id:1" --map "g:0:$group:1" -- sh -c "$CHANGES; stat -c %u:%g /etc/passwd"
	expect "more made shifted removed top 0:0" "$(xargs <<<"$output")"
	fuse_box --fuse --map "u:7:$id:1" --map "g:8:$group:1" --user 7:8 -- sh -c "$CHANGES; stat -c %u:%g /etc/passwd"
	expect "more made shifted removed top 7:8" "$(xargs <<<"$output")"
	fuse_box --fuse --map-uid 1100 --map-gid 1100 -- sh -c "$CHANGES; touch /tmp/x && stat -c %u /tmp/x"
	expect "more made shifted removed top 0" "$(xargs <<<"$output")"
}

@test "user box --fuse --root: a root of another owner" {
	needs_fuse
	fuse_box --root "$WORK/rootfs" -- sh -c 'echo x >>/etc/passwd && echo written'
	lacks written
	fuse_box --root "$WORK/rootfs" --fuse -- sh -c 'echo x >>/etc/passwd && tail -n 1 /etc/passwd; rm /bin/probe && echo removed'
	expect "0 x removed" "$status $(xargs <<<"$output")"
	[ -e "$WORK/rootfs/bin/probe" ]
	lacks "belongs to user"
}

@test "user box --fuse: a config.json has it too" {
	needs_fuse
	fuse_box --fuse --print-config -- sh -c 'echo more >>/etc/hostname && tail -n 1 /etc/hostname'
	expect 0 "$status"
	printf '%s\n' "$output" >"$WORK/box.json"
	fuse_box --config "$WORK/box.json"
	expect "0 more" "$status $output"
}

@test "user box --fuse: root of the box has no power over the server" {
	needs_fuse
	fuse_box --fuse --pid host --cap-add all -- sh -c 'for p in /proc/[0-9]*; do
		[ "$(cat $p/comm)" = fuse-overlayfs ] || continue
		echo found; ls $p/root/ || echo closed; done'
	contains found
	contains closed
}

@test "user box --fuse: a box, its server and kist end together, whichever ends first" {
	needs_fuse
	before=$(snapshot)
	fuse_env : "$WORK/kist" --root "$WORK/user-state" box --fuse -- sh -c "echo 1 >/tmp/x; while sleep 0.1; do :; done" &
	wait_for pgrep -f "^sh -c echo 1 >/tmp/x" >/dev/null
	[ -n "$(servers)" ]
	kill -9 $(pgrep -xf "$WORK/kist --root $WORK/user-state box --fuse -- sh -c echo 1 .*")
	wait $! || true
	wait_for no_servers
	wait_for all_collected
	fuse_env : "$WORK/kist" --root "$WORK/user-state" box --fuse -- sh -c 'while [ -e / ]; do :; done' >"$WORK/said" 2>&1 &
	wait_for pgrep -f '^sh -c while . -e / .; do :; done' >/dev/null
	kill -9 $(servers)
	code=0
	wait $! || code=$?
	expect 137 "$code"
	grep -F "the program that made the box's view (/usr/bin/fuse-overlayfs) ended with signal 9" "$WORK/said"
	nothing_left "$before"
}

@test "user box --fuse: whichever step fails, or kist is killed at, nothing is left" {
	needs_fuse
	before=$(snapshot)
	steps=$(fuse_env : "$WORK/kist" --root "$WORK/user-state" plan --json box --fuse -- true | jq '.steps | length')
	serve=$(fuse_env : "$WORK/kist" --root "$WORK/user-state" plan --json box --fuse -- true |
		jq '[.steps[].kind] | index("serve_root") + 1')
	[ "$serve" -gt 1 ] && [ "$steps" -gt "$serve" ]
	for step in $((serve - 2)) $((serve - 1)) "$serve" $((serve + 1)) $((serve + 2)) "$steps"; do
		for how in fail-at kill-at kill-other-at; do
			run fuse_env : "$WORK/kist-fault" --root "$WORK/user-state" "--$how" "$step" box --fuse -- true
			[ "$status" -ge 125 ] || { echo "$how $step" >&2; return 1; }
			wait_for no_servers
		done
	done
	wait_for all_collected
	nothing_left "$before"
}

@test "user box --fuse: a server that does not start is told with its own words" {
	needs_fuse
	before=$(snapshot)
	run fuse_env 'mount --bind "$0/broken" /usr/bin/fuse-overlayfs' "$WORK/kist" --root "$WORK/user-state" box --fuse -- true
	expect 125 "$status"
	contains "cannot get an answer from /usr/bin/fuse-overlayfs"
	contains "no such thing"
	nothing_left "$before"
}

@test "user box --fuse: what is missing, with the command that helps" {
	[ "$(stat -c %a /dev/fuse 2>/dev/null)" != 666 ] || skip "/dev/fuse is open here"
	run as_user "$WORK/kist" --root "$WORK/user-state" box --fuse -- true
	expect 125 "$status"
	contains "--fuse: "
	contains /dev/fuse
	run fuse_env 'mount -t tmpfs t /dev && mknod -m 666 /dev/null c 1 3' "$WORK/kist" --root "$WORK/user-state" box --fuse -- true
	expect 125 "$status"
	contains "modprobe fuse"
	run fuse_env 'chmod 600 /dev/fuse' "$WORK/kist" --root "$WORK/user-state" box --fuse -- true
	chmod 666 "$WORK/node"
	expect 125 "$status"
	contains "chmod 666 /dev/fuse"
	touch "$WORK/absent"
	[ ! -e /usr/bin/fuse-overlayfs ] || {
		run fuse_env 'mount --bind "$0/absent" /usr/bin/fuse-overlayfs' "$WORK/kist" --root "$WORK/user-state" box --fuse -- true
		expect 125 "$status"
		contains "apt install fuse-overlayfs"
	}
}

@test "box --fuse: what it does not go with" {
	run "$WORK/kist" --root "$WORK/state" box --fuse -- true
	expect 125 "$status"
	contains "--fuse: it is for boxes with a user namespace of their own"
	fuse_box --fuse --root "$WORK/rootfs" --rw -- true
	expect 125 "$status"
	contains "with --rw the box writes to the directory itself"
	fuse_box --fuse --keep "$WORK/changes" -- true
	expect 125 "$status"
	contains "kist diff and kist apply do not read"
	[ ! -e "$WORK/changes" ]
}

@test "doctor: fuse-overlayfs is tried by replacing a file in its view" {
	row() {
		fuse_env "$1" "$WORK/kist" --root "$WORK/user-state" doctor | grep -E '^ +fuse-overlayfs '
	}
	needs_fuse
	row : | grep -E 'works$'
	row 'mount --bind "$0/broken" /usr/bin/fuse-overlayfs' | grep -E ' no'
	run fuse_env 'mount --bind "$0/broken" /usr/bin/fuse-overlayfs' "$WORK/kist" --root "$WORK/user-state" doctor
	contains "fuse-overlayfs ends at once"
	run "$WORK/kist" --root "$WORK/state" doctor
	grep -E '^ +fuse-overlayfs +works' <<<"$output"
	no_servers
	[ -z "$(pgrep -f '^/usr/bin/fuse-overlayfs -f -o lowerdir=/tmp/lower')" ]
}
