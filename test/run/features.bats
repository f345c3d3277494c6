#!/usr/bin/env bats
# kist features: the shape that the specification gives it (features.md), and that it says what is the case.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }
setup() { "$WORK/kist" features >"$WORK/features.json"; }

has() {
	jq -e "$@" "$WORK/features.json" >/dev/null || {
		echo "not so: $*" >&2
		return 1
	}
}

@test "G: the types of all members" {
	has '.ociVersionMin == "1.0.0" and .ociVersionMax == "1.3.0"'
	has '[.hooks, .mountOptions, (.linux | .namespaces, .capabilities, (.seccomp | .actions, .operators, .archs, .knownFlags,
		.supportedFlags))] | all(.[]; type == "array" and all(.[]; type == "string") and length == (unique | length))'
	has '.linux.cgroup | [.v1, .v2, .systemd, .systemdUser, .rdma] | all(.[]; type == "boolean")'
	has '.linux | [.seccomp, .apparmor, .selinux, .intelRdt, .mountExtensions.idmap, .netDevices] |
		all(.[]; .enabled | type == "boolean")'
	has '.annotations | all(.[]; type == "string")'
	# Nothing that the specification does not know.
	has '(keys - ["annotations", "hooks", "linux", "mountOptions", "ociVersionMax", "ociVersionMin",
		"potentiallyUnsafeConfigAnnotations"]) == []'
	has '(.linux | keys - ["apparmor", "capabilities", "cgroup", "intelRdt", "memoryPolicy", "mountExtensions", "namespaces",
		"netDevices", "seccomp", "selinux"]) == []'
}

@test "G: the words are the specification's" {
	has '(.hooks - ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]) == []'
	has '(.linux.namespaces | sort) == ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"]'
	has '.linux.capabilities | length >= 41 and all(.[]; test("^CAP_[A-Z_]+$"))'
	has '.linux.seccomp.actions | all(.[]; test("^SCMP_ACT_(KILL|KILL_PROCESS|KILL_THREAD|TRAP|ERRNO|TRACE|ALLOW|LOG|NOTIFY)$"))'
	has '.linux.seccomp.operators | length == 7 and all(.[]; test("^SCMP_CMP_(NE|LT|LE|EQ|GE|GT|MASKED_EQ)$"))'
	has '.linux.seccomp.archs | length == 23 and all(.[]; test("^SCMP_ARCH_[A-Z0-9_]+$"))'
	has '.linux.seccomp | .knownFlags | all(.[]; test("^SECCOMP_FILTER_FLAG_[A-Z_]+$"))'
	has '(.linux.seccomp | .supportedFlags - .knownFlags) == []'
	has '(["async", "atime", "bind", "defaults", "dev", "diratime", "dirsync", "exec", "iversion", "lazytime", "loud", "noatime",
		"nodev", "nodiratime", "noexec", "noiversion", "nolazytime", "norelatime", "nostrictatime", "nosuid", "private",
		"rbind", "relatime", "remount", "ro", "rprivate", "rshared", "rslave", "runbindable", "rw", "shared", "silent",
		"slave", "strictatime", "suid", "sync", "unbindable", "idmap", "ridmap", "tmpcopyup"] - .mountOptions) == []'
}

# agrees FILTER MEMBER: a config with this is planned when features has the member, else refused by name.
agrees() {
	local b
	b=$(bundle g "$1")
	run "$WORK/kist" --root "$WORK/state" plan run -b "$b" g
	if has "$2"; then
		lacks "yet"
	else
		expect 125 "$status"
		contains "kist cannot"
	fi
}

@test "features and what is refused agree" {
	for hook in prestart createRuntime createContainer startContainer poststart poststop; do
		agrees ".hooks.$hook = [{path: \"/bin/true\"}]" ".hooks | index(\"$hook\")"
	done
	agrees '.linux.intelRdt = {closID: "x"}' .linux.intelRdt.enabled
	agrees '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"}' '.linux | has("memoryPolicy")'
	agrees '.linux.netDevices = {eth9: {}}' .linux.netDevices.enabled
	agrees '.linux.resources.rdma = {mlx: {hcaHandles: 1}}' .linux.cgroup.rdma
	agrees '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/run/x", syscalls: [{names: ["mkdir"],
		action: "SCMP_ACT_NOTIFY"}]}' '.linux.seccomp.actions | index("SCMP_ACT_NOTIFY")'
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] ||
		agrees '.process.apparmorProfile = "x"' .linux.apparmor.enabled
}

@test "each mount option of features is kist's own, and none of the file system's" {
	for option in $(jq -r '.mountOptions[]' "$WORK/features.json"); do
		case $option in bind | rbind | idmap | ridmap | remount) continue ;; esac
		b=$(bundle g "$(printf '.mounts += [{destination: "/mnt", type: "tmpfs", source: "t", options: ["%s"]}]' "$option")")
		run "$WORK/kist" --root "$WORK/state" plan run -b "$b" g
		expect 0 "$status"
		grep ' mount_fs .*/mnt' <<<"$output" >"$WORK/line"
		! grep -qw "$option=\|data.*$option" "$WORK/line"
	done
}

@test "features takes no operand" {
	run "$WORK/kist" features all
	expect 125 "$status"
	contains 'features takes no operand, but got "all"'
}
