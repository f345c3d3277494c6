#!/usr/bin/env bats
# kist run as an ordinary user, on bundles from `kist spec --rootless`.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

@test "rootless: the default bundle runs, and nothing is left" {
	b=$(bundle_rootless r1 "$(args probe ids maps ns)")
	before=$(snapshot)
	kist_run_user "$b"
	expect 0 "$status"
	contains "uid 0 0 0"
	grep -E "^uid_map +0 +$(id -u "$TESTER") +1$" <<<"$output"
	nothing_left "$before"
}

@test "rootless: setgroups is denied with a single map, and groups that were asked for are refused" {
	b=$(bundle_rootless r2 "$(args probe maps)")
	kist_run_user "$b"
	contains "setgroups deny"
	b=$(bundle_rootless r2 ".process.user.additionalGids = [5] | $(args true)")
	kist_run_user "$b"
	expect 125 "$status"
	contains /process/user/additionalGids
}

@test "rootless: several ids through newuidmap" {
	first=$(awk -F: -v u="$TESTER" '$1 == u { print $2; exit }' /etc/subuid)
	b=$(bundle_rootless r3 ".linux.uidMappings += [{containerID: 1, hostID: $first, size: 1000}]
		| .linux.gidMappings += [{containerID: 1, hostID: $first, size: 1000}] | .process.user = {uid: 5, gid: 6} | $(args probe ids maps)")
	kist_run_user "$b"
	expect 0 "$status"
	contains "uid 5 5 5"
	contains "gid 6 6 6"
}

@test "rootless: several ids with no_new_privs set are refused with that reason" {
	first=$(awk -F: -v u="$TESTER" '$1 == u { print $2; exit }' /etc/subuid)
	b=$(bundle_rootless r3 ".linux.uidMappings += [{containerID: 1, hostID: $first, size: 1000}] | $(args true)")
	run as_user setpriv --no-new-privs "$WORK/kist" --root "$WORK/user-state" run -b "$b" r3
	expect 125 "$status"
	contains /linux/uidMappings
	contains "no_new_privs is set"
	b=$(bundle_rootless r3 "$(args true)")
	run as_user setpriv --no-new-privs "$WORK/kist" --root "$WORK/user-state" run -b "$b" r3
	expect 0 "$status"
}

@test "rootless: ids that are nobody's to give are refused with the line to add" {
	b=$(bundle_rootless r4 ".linux.uidMappings += [{containerID: 1, hostID: 1, size: 10}]")
	kist_run_user "$b"
	expect 125 "$status"
	contains /linux/uidMappings
	contains /etc/subuid
}

@test "rootless: a user that is not mapped is refused" {
	b=$(bundle_rootless r5 ".process.user = {uid: 7, gid: 0}")
	kist_run_user "$b"
	expect 125 "$status"
	contains /process/user
}

@test "rootless: a user namespace in which id 0 is not mapped: one's own id, and subordinate ones" {
	first=$(awk -F: -v u="$TESTER" '$1 == u { print $2; exit }' /etc/subuid)
	for map in "{containerID: 1000, hostID: $(id -u "$TESTER"), size: 1}" "{containerID: 1000, hostID: $first, size: 10}"; do
		b=$(bundle_rootless r12 ".linux.uidMappings = [$map] | .linux.gidMappings = .linux.uidMappings | .process.user = {uid: 1000, gid: 1000}
			| .mounts += [{destination: \"/tmp\", type: \"tmpfs\", source: \"t\"}, {destination: \"/tmp/deep/er\", type: \"tmpfs\", source: \"t\"}]
			| $(args sh -c 'id; stat -c "%n %u:%g" /tmp/deep /dev; mkdir /tmp/deep/er/made && ls /tmp/deep/er')")
		kist_run_user "$b"
		expect 0 "$status"
		contains "uid=1000"
		contains "/tmp/deep 1000:1000"
		contains "/dev 1000:1000"
		contains "made"
	done
}

@test "rootless: a user namespace without maps is refused before anything is done, with the remedy" {
	b=$(bundle_rootless r13 "del(.linux.uidMappings, .linux.gidMappings) | $(args true)")
	kist_run_user "$b"
	expect 125 "$status"
	contains "/linux/uidMappings: no ids are mapped in the new user namespace"
	contains "kist spec --rootless"
	lacks "step "
}

@test "rootless: an own network has only a loopback" {
	b=$(bundle_rootless r6 ".linux.namespaces += [{type: \"network\"}] | $(args probe net)")
	kist_run_user "$b"
	expect 0 "$status"
	expect "net lo up" "$(grep ^net <<<"$output")"
}

@test "rootless: devices are bound, and usable" {
	b=$(bundle_rootless r7 "$(args sh -c 'echo x > /dev/null && head -c 4 /dev/zero | wc -c && ls /dev/tty /dev/full /dev/random')")
	kist_run_user "$b"
	expect 0 "$status"
	contains 4
}

@test "rootless: a failed run leaves nothing" {
	before=$(snapshot)
	b=$(bundle_rootless r8 "$(args /bin/nothing)")
	kist_run_user "$b"
	expect 127 "$status"
	nothing_left "$before"
}

@test "rootless: a limit that cannot be set is refused, not dropped" {
	b=$(bundle_rootless r9 ".linux.resources = {memory: {limit: 100000000}} | $(args true)")
	kist_run_user "$b"
	expect 125 "$status"
	contains /linux/resources/memory
}

@test "rootless: time offsets in an own time namespace" {
	b=$(bundle_rootless r10 ".linux.namespaces += [{type: \"time\"}] | .linux.timeOffsets = {boottime: {secs: 1000}} | $(args probe timens)")
	kist_run_user "$b"
	expect 0 "$status"
	grep -E '^timens boottime +1000 +0$' <<<"$output"
}
