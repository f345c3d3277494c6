#!/usr/bin/env bats
# Who the program of a box is: users, groups, capabilities, privileges to gain; as root and as a user.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

box() {
	run "$WORK/kist" --root "$WORK/state" box "$@"
}
user_box() {
	run as_user env PATH="$PATH" "$WORK/kist" --root "$WORK/user-state" box "$@"
}
# refused FLAG...: the box says so, and names the flag.
refused() {
	box "$@" -- true
	expect 125 "$status"
	contains "$1 $2"
}

@test "box --groups: by number and by name, and no others" {
	box --root "$WORK/rootfs" --groups 7,extra,9 -- /bin/probe ids
	contains "groups 7 9 1001"
	# Without the flag a user that was looked up brings its own.
	box --root "$WORK/rootfs" --user user -- /bin/probe ids
	contains "groups 1001"
	box --root "$WORK/rootfs" --user user --groups none -- /bin/probe ids
	expect "" "$(line groups)"
	box --root "$WORK/rootfs" --groups nosuch -- true
	expect 125 "$status"
	contains 'there is no group "nosuch"'
	contains "--groups nosuch"
	refused --groups 1,,2
	refused --groups none,1
}

@test "box --groups keep: the caller's" {
	run setpriv --groups 12,34 "$WORK/kist" --root "$WORK/state" box --groups keep -- "$PROBE" ids
	contains "groups 12 34"
	run setpriv --groups 12,34 "$WORK/kist" --root "$WORK/state" box -- "$PROBE" ids
	expect "" "$(line groups)"
	# The group is not mapped, so it shows as the overflow id; its files can be read all the same.
	echo shared >"$WORK/of-34"
	chgrp 34 "$WORK/of-34"
	chmod 640 "$WORK/of-34"
	for flag in "--groups keep" "--groups none" ""; do
		# shellcheck disable=SC2086
		run setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --groups 34 --reset-env \
			"$WORK/kist" --root "$WORK/user-state" box $flag -- cat "$WORK/of-34"
		[ "$flag" != "--groups keep" ] && lacks shared || contains shared
	done
}

@test "user box --groups: those of the subordinate ids, and none without (A1-07)" {
	user_box --root "$WORK/rootfs" --groups 7,extra -- /bin/probe ids
	contains "groups 7 1001"
	user_box --root "$WORK/rootfs" --groups 100000000 -- true
	expect 125 "$status"
	contains "100000000 is not mapped"
	user_box --root "$WORK/rootfs" -- /bin/probe ids
	expect "" "$(line groups)"
}

@test "box --user: a group by name, and what is no user" {
	box --root "$WORK/rootfs" --user 1000:extra -- /bin/probe ids
	contains "uid 1000 1000 1000"
	contains "gid 1001 1001 1001"
	refused --user 1000:-1
	refused --user +1
	refused --user 1000:0x1
}

@test "box --cap-add, --cap-drop, --cap-keep: in the given order" {
	caps() { grep -o 'Cap\(Eff\|Bnd\|Amb\):.*' <<<"$output" | tr -d '\t' | xargs; }
	box --cap-drop all --cap-add kill,CAP_CHOWN -- grep Cap /proc/self/status
	expect "CapEff:0000000000000021 CapBnd:0000000000000021 CapAmb:0000000000000000" "$(caps)"
	box --cap-add kill --cap-drop ALL -- grep Cap /proc/self/status
	expect "CapEff:0000000000000000 CapBnd:0000000000000000 CapAmb:0000000000000000" "$(caps)"
	box --cap-add sys_admin --cap-keep kill -- grep Cap /proc/self/status
	expect "CapEff:0000000000000020 CapBnd:0000000000000020 CapAmb:0000000000000000" "$(caps)"
	# Who is not root has what is asked for by name, also in the programs it starts.
	box --user 1000 --cap-drop all --cap-add net_raw -- sh -c 'grep Cap /proc/self/status'
	expect "CapEff:0000000000002000 CapBnd:0000000000002000 CapAmb:0000000000002000" "$(caps)"
	user_box --cap-keep chown -- sh -c 'grep Cap /proc/self/status'
	expect "CapEff:0000000000000001 CapBnd:0000000000000001 CapAmb:0000000000000000" "$(caps)"
	refused --cap-add net_admn
	contains "did you mean CAP_NET_ADMIN?"
	refused --cap-drop ,
	refused --cap-keep nothing
}

@test "box: what a capability is for" {
	box -- chroot / true
	expect 0 "$status"
	box --cap-drop sys_chroot -- chroot / true
	[ "$status" != 0 ]
	box -- mount -t tmpfs t /mnt
	[ "$status" != 0 ]
	box --cap-add sys_admin -- mount -t tmpfs t /mnt
	expect 0 "$status"
}

@test "box --no-new-privs: off lets a set-uid program gain" {
	cp -a "$WORK/rootfs" "$WORK/suid"
	cp "$PROBE" "$WORK/suid/bin/as-root"
	chmod 4755 "$WORK/suid/bin/as-root"
	box --root "$WORK/suid" --user 1000 -- /bin/as-root ids
	contains "uid 1000 1000 1000"
	box --root "$WORK/suid" --user 1000 --no-new-privs on -- /bin/as-root ids
	contains "uid 1000 1000 1000"
	box --root "$WORK/suid" --user 1000 --no-new-privs off -- /bin/as-root ids
	contains "uid 1000 0 0"
	refused --no-new-privs maybe
}

@test "user box --no-new-privs: off lets a set-uid program gain what root inside has, and no more" {
	cp -a "$WORK/rootfs" "$WORK/own-suid"
	cp "$PROBE" "$WORK/own-suid/bin/as-root"
	chown -R "$TESTER:" "$WORK/own-suid"
	chmod 4755 "$WORK/own-suid/bin/as-root"
	for words in "" "--no-new-privs on"; do
		# shellcheck disable=SC2086
		user_box --root "$WORK/own-suid" --user 1000 $words -- /bin/as-root ids
		contains "uid 1000 1000 1000"
	done
	user_box --root "$WORK/own-suid" --user 1000 --no-new-privs off -- /bin/as-root ids
	contains "uid 1000 0 0"
	user_box --root "$WORK/own-suid" --user 1000 --no-new-privs off --cap-drop setuid,kill -- /bin/as-root ids
	contains "uid 1000 0 0"
	user_box --no-new-privs maybe -- true
	expect 125 "$status"
	contains "--no-new-privs maybe: expected on or off"
}

@test "user box --map-uid, --map-gid: the caller is N inside (A1-04)" {
	before=$(snapshot)
	mkdir -p "$WORK/mine"
	chmod 777 "$WORK/mine"
	user_box --map-uid 1100 --map-gid 1100 --bind "$WORK/mine:/mnt" -- \
		sh -c 'id -u; touch /mnt/by-0 /here; chown 1100:1100 /here; stat -c %u:%g /here; mkdir -p /tmp/a/b; touch /tmp/a/b/c'
	expect "0 1100:1100" "$(xargs <<<"$output")"
	user_box --map-uid 1100 --map-gid 1100 --user 1100:1100 --bind "$WORK/mine:/mnt" -- sh -c 'id -u; id -g; touch /mnt/by-1100'
	expect "1100 1100" "$(xargs <<<"$output")"
	# Outside 1100 is the caller, and 0 one of its subordinate ids.
	expect "$TESTER" "$(stat -c %U "$WORK/mine/by-1100")"
	expect "$(sed -n "s/^$TESTER:\([0-9]*\):.*/\1/p" /etc/subuid | head -n 1)" "$(stat -c %u "$WORK/mine/by-0")"
	rm -r "$WORK/mine"
	nothing_left "$before"
}

@test "user box --map-uid: over a directory of the caller's" {
	cp -a "$WORK/rootfs" "$WORK/own"
	chown -R "$TESTER:" "$WORK/own"
	user_box --root "$WORK/own" --map-uid 1100 --map-gid 1100 -- sh -c 'stat -c %u:%g /etc/passwd; echo x >>/etc/passwd && echo written; id -G'
	expect "1100:1100 written 0" "$(xargs <<<"$output")"
	user_box --root "$WORK/own" --map-uid 1000 --map-gid 1000 --user user -- sh -c 'id -u; echo x >/home/user/x && stat -c %u /home/user/x'
	expect "1000 1000" "$(xargs <<<"$output")"
	user_box --map-uid 4294967295 -- true
	expect 125 "$status"
	contains "--map-uid 4294967295"
	user_box --map-uid 1100 --user 70000:0 -- true
	expect 125 "$status"
	contains "70000 is not mapped"
}

@test "box --map-uid without subordinate ids" {
	install -d -m 700 -o 3999 "$WORK/plain-state"
	plain() {
		run setpriv --reuid 3999 --regid 3999 --clear-groups --reset-env "$WORK/kist" --root "$WORK/plain-state" box "$@"
	}
	plain --map-uid 5 -- true
	expect 125 "$status"
	contains "--map-uid 5"
	contains "3999 has no subordinate ids in /etc/subuid and /etc/subgid"
	plain --map-uid 5 --map-gid 6 --user 5:6 -- sh -c 'id -u; id -g; touch /tmp/x && stat -c %u:%g /tmp/x'
	expect "5 6 5:6" "$(xargs <<<"$output")"
}

@test "user box without subordinate ids: told once before the start, as kist doctor tells it" {
	echo "other:500000:65536" >"$WORK/subid"
	# few CMD...: as the tester, who has no subordinate ids there.
	few() {
		run unshare -m sh -c 'mount --bind "$0" /etc/subuid && mount --bind "$0" /etc/subgid && exec "$@"' "$WORK/subid" \
			setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env \
			"$WORK/kist" --root "$WORK/user-state" "$@" </dev/null
	}
	id=$(id -u "$TESTER")
	few box -- sh -c 'chown 5:5 /tmp/. || echo refused; touch /tmp/x && stat -c %u /tmp/x'
	expect 0 "$status"
	contains refused
	expect 1 "$(grep -c "^kist: warning: only your own id, $id, is mapped in this box" <<<"$output")"
	expect "kist: warning" "$(head -n 1 <<<"$output" | cut -c 1-13)"
	words="$TESTER has no subordinate ids in /etc/subuid and /etc/subgid"
	command="usermod --add-subuids 565536-631071 --add-subgids 565536-631071 $TESTER"
	contains "$words"
	contains "\`$command\`"
	few doctor
	contains "$words"
	contains "$command"
	# Who chose the maps, or could do nothing with more, is not told.
	few box --map "0:$id:1" -- true
	expect "0 " "$status $output"
	few box --map-uid 0 --map-gid 0 -- true
	expect "0 " "$status $output"
	few box --cap-drop all -- true
	expect "0 " "$status $output"
	user_box -- true
	expect "0 " "$status $output"
}

@test "user box --map: as given, and what is not the caller's" {
	id=$(id -u "$TESTER")
	first=$(sed -n "s/^$TESTER:\([0-9]*\):.*/\1/p" /etc/subuid | head -n 1)
	user_box --map "u:0:$id:1" --map "u:5:$first:10" -- cat /proc/self/uid_map
	expect "0 $id 1 5 $first 10" "$(xargs <<<"$output")"
	user_box --map "0:$id:1" --map 1:900000000:5 -- true
	expect 125 "$status"
	contains "--map 1:900000000:5"
	contains "usermod --add-subuids 900000000-900000004 $TESTER"
	user_box --map "0:$first:10" -- true
	expect 125 "$status"
	contains "add --map u:ID:$id:1"
	user_box --map "0:$id:1" --map "0:$first:10" -- true
	expect 125 "$status"
	contains overlaps
	user_box --map "0:$id:1" --map-uid 0 -- true
	expect 125 "$status"
	contains "--map says already which user ids there are"
	sleep 100 &
	user_box --net pid:$! --map "0:$id:1" -- true
	kill $!
	expect 125 "$status"
	contains "shares its user namespace"
	user_box --map 0:0 -- true
	expect 125 "$status"
	contains "--map 0:0: expected ID:HOST:COUNT"
}

@test "box --map, as root: a user namespace with that map" {
	before=$(snapshot)
	box --map 0:0:1 --map 1:100000:65536 -- sh -c 'cat /proc/self/uid_map; touch /x && chown 5:7 /x && stat -c %u:%g /x; readlink /proc/self/ns/user'
	contains "5:7"
	lacks "$(readlink /proc/self/ns/user)"
	expect "0 0 1 1 100000 65536" "$(grep -v : <<<"$output" | xargs)"
	box --map 0:100000:65536 -- true
	expect 125 "$status"
	contains "the caller's own user id, 0, is not mapped"
	box --map-uid 1100 --map-gid 1100 --user 1100:1100 -- sh -c 'id -u; touch /x && stat -c %u /x'
	expect "1100 1100" "$(xargs <<<"$output")"
	nothing_left "$before"
}
