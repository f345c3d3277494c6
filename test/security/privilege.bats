#!/usr/bin/env bats
# Identity: capabilities, ids, groups: what was not asked for is not there, and nothing is read as another number.

load lib.bash
setup_file() { security_setup; }
teardown_file() { lib_teardown; }

caps() {
	sed -n "s/^status.Cap$1:\t//p" <<<"$output"
}

@test "CVE-2022-24769 CVE-2022-27650 CVE-2022-29162 exec_caps: inheritable and ambient are never filled implicitly" {
	for filter in . 'del(.process.capabilities.inheritable, .process.capabilities.ambient)' 'del(.process.capabilities)' \
		'.process.user = {uid: 1000, gid: 1000} | del(.process.capabilities.inheritable, .process.capabilities.ambient)'; do
		b=$(bundle caps "$filter | $(args probe status)")
		kist_run "$b"
		expect "0000000000000000 0000000000000000" "$(caps Inh) $(caps Amb)"
	done
	for words in "" "--user 1000:1000"; do
		run "$WORK/kist" --root "$WORK/state" box --root "$WORK/rootfs" $words -- probe status
		expect "0000000000000000 0000000000000000" "$(caps Inh) $(caps Amb)"
		run as_user "$WORK/kist" --root "$WORK/user-state" box --root "$WORK/rootfs" $words -- probe status
		expect "0000000000000000 0000000000000000" "$(caps Inh) $(caps Amb)"
	done
}

@test "CVE-2022-24769 the caller's own inheritable and ambient capabilities stay outside" {
	b=$(bundle callercaps "del(.process.capabilities.inheritable, .process.capabilities.ambient) | $(args probe status)")
	run setpriv --inh-caps +net_raw,+chown --ambient-caps +net_raw,+chown "$PROBE" status
	[ "$(caps Amb)" != 0000000000000000 ]
	run setpriv --inh-caps +net_raw,+chown --ambient-caps +net_raw,+chown "$WORK/kist" --root "$WORK/state" run -b "$b" callercaps
	expect "0000000000000000 0000000000000000" "$(caps Inh) $(caps Amb)"
}

@test "CVE-2016-8867 a user that is not root has no capability it was not given as ambient" {
	b=$(bundle ambient ".process.user = {uid: 1000, gid: 1000} | $(args probe status)")
	kist_run "$b"
	expect "0000000000000000 0000000000000000" "$(caps Eff) $(caps Prm)"
}

@test "no capabilities object: none, not all" {
	b=$(bundle nocaps "del(.process.capabilities) | $(args probe status)")
	kist_run "$b"
	expect "0000000000000000 0000000000000000" "$(caps Eff) $(caps Bnd)"
}

@test "CVE-2016-3697 CVE-2026-30892 CVE-2024-40635 exec_user: each spelling is a number, a name, or refused; never 0" {
	printf '1000:x:0:0::/root:/bin/sh\n0x1:x:0:0::/:/bin/sh\n-1:x:0:0::/:/bin/sh\n 1:x:0:0::/:/bin/sh\n' >>"$WORK/rootfs/etc/passwd"
	box() {
		run "$WORK/kist" --root "$WORK/state" box --root "$WORK/rootfs" --user "$1" -- probe ids
	}
	for row in 1:1 1:2:1 1000:1000 2147483648:2147483648 4294967294:4294967294; do
		box "${row%:*}"
		expect "${row%:*} $(cut -d: -f1 <<<"$row")" "${row%:*} $(line uid | cut -d' ' -f1)"
	done
	box 1:2
	contains "gid 2 2 2"
	for wrong in 0x1 -1 4294967295 4294967296 18446744073709551616 99999999999999999999999 1a ' 1' '1 ' 01 +1 1.0 1e3 '' : 1: :1 1:2:3 1:-1 \
		1:4294967296 1:0x1 $'1\n' $'root\n' '../root' 'root ' rootx; do
		box "$wrong"
		[ "$status" = 125 ] || expect "'$wrong' refused" "'$wrong' $status"
		lacks "uid 0"
	done
	sed -i '3,$d' "$WORK/rootfs/etc/passwd"
}

@test "CVE-2024-40635 ids of config.json beyond 32 bits are faults" {
	for id in 4294967296 18446744073709551616 -1 1.5 '"0"' 1e20; do
		b=$(bundle ids "$(args probe ids)")
		sed -i "s/\"uid\": 0/\"uid\": $id/" "$b/config.json"
		grep -q "\"uid\": $id" "$b/config.json"
		kist_run "$b"
		expect "$id 125" "$id $status"
		contains /process/user/uid
	done
}

@test "CVE-2022-2989 CVE-2014-8989 supplementary groups are kept: a file closed to a group stays closed" {
	root=$(image groups)
	echo secret >"$root/etc/negative"
	chown 0:1001 "$root/etc/negative"
	chmod 604 "$root/etc/negative"
	# Others may read, group 1001 may not: who is in it must not lose it.
	b=$(image_bundle groups ".process.user = {uid: 1000, gid: 1000, additionalGids: [1001]} | $(args cat /etc/negative)")
	kist_run "$b"
	contains "Permission denied"
	b=$(image_bundle groups ".process.user = {uid: 1000, gid: 1000} | $(args cat /etc/negative)")
	kist_run "$b"
	contains secret
	run "$WORK/kist" --root "$WORK/state" box --root "$root" --user user -- cat /etc/negative
	contains "Permission denied"
	# The caller's own groups are not the container's.
	run setpriv --groups 1001,7 "$WORK/kist" --root "$WORK/state" run -b "$(image_bundle groups "$(args probe ids)")" groups
	expect "" "$(line groups)"
}

@test "CVE-2014-8989 rootless: a user cannot drop a group to be let in" {
	root=$(image negative)
	echo secret >"$root/etc/negative"
	chgrp "$(id -g "$TESTER")" "$root/etc/negative"
	chmod 604 "$root/etc/negative"
	b=$(bundle_rootless negative ".root.path = \"$root\" | .process.capabilities = {} | $(args cat /etc/negative)")
	kist_run_user "$b"
	lacks secret
}

@test "a set-uid program of the image gains nothing under noNewPrivileges, nor in a box" {
	root=$(image suid)
	cp "$root/bin/probe" "$root/bin/suid"
	chmod 4755 "$root/bin/suid"
	b=$(image_bundle suid ".process.noNewPrivileges = true | .process.user = {uid: 1000, gid: 1000} | $(args suid ids)")
	kist_run "$b"
	contains "uid 1000 1000 1000"
	run "$WORK/kist" --root "$WORK/state" box --root "$root" --user 1000 -- suid ids
	contains "uid 1000 1000 1000"
}

@test "the chroot escape ends in the container, also as root with all capabilities" {
	all=$(jq -nc '["CAP_SYS_CHROOT", "CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_MKNOD"]')
	b=$(bundle escape ".root.readonly = false | .process.cwd = \"/tmp\" | .process.capabilities = {bounding: $all, effective: $all, permitted: $all}
		| $(args sh -c 'probe --escape; stat -c "root %d:%i" /')")
	kist_run "$b"
	expect 1 "$(grep -o '^root .*' <<<"$output" | cut -d: -f2 | sort -u | wc -l)"
	expect "$(stat -c %i "$WORK/rootfs")" "$(grep -o '^root .*' <<<"$output" | tail -n 1 | cut -d: -f2)"
}
