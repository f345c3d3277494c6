#!/usr/bin/env bats
# The oracle: the probe under kist and under Debian's crun and runc, with the same config.json. Each line that differs is in
# oracle.list with its reason; a difference that is not listed is a failure, and so is a listed one that is gone. All of
# them in a cgroup v1 view: crun refuses the hybrid layout.

load lib.bash

setup_file() {
	lib_setup
	export VIEW=$ROOT/bench/view FOUND=$WORK/found
	mkdir -p "$WORK/shared/deep" "$FOUND"
	echo hello >"$WORK/shared/file"
	mkfifo "$WORK/silence"
}
teardown_file() {
	lib_teardown
	rmdir /sys/fs/cgroup/*/kist-test 2>/dev/null || true
}

# --- the configs --------------------------------------------------------------------------------------------------------

# Each is `runc spec` changed by a jq filter.
filter() {
	case $1 in
	default) echo . ;;
	identity) echo '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 1001, 10], umask: 63} | .process.cwd = "/home/user" | .process.noNewPrivileges = false
		| .process.env += ["A=1", "EMPTY="] | .process.oomScoreAdj = 250 | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_CORE", soft: 0, hard: 0}]
		| .process.capabilities = {bounding: ["CAP_KILL", "CAP_CHOWN"], permitted: ["CAP_KILL", "CAP_CHOWN"], effective: ["CAP_KILL"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]}' ;;
	userns) echo '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings
		| .process.user = {uid: 7, gid: 8, additionalGids: [9]}' ;;
	mounts) echo ".root.readonly = false | .mounts += [
		{destination: \"/mnt\", type: \"bind\", source: \"$WORK/shared\", options: [\"rbind\", \"ro\", \"nosuid\", \"nodev\"]},
		{destination: \"/var/file\", type: \"bind\", source: \"$WORK/shared/file\", options: [\"bind\", \"noexec\"]},
		{destination: \"/run\", type: \"tmpfs\", source: \"tmpfs\", options: [\"nosuid\", \"nodev\", \"mode=711\", \"size=1m\", \"noatime\"]},
		{destination: \"/tmp/made/deep\", type: \"tmpfs\", source: \"t\", options: [\"size=64k\", \"strictatime\"]},
		{destination: \"/home\", type: \"bind\", source: \"$WORK/shared\", options: [\"bind\", \"rslave\"]}]" ;;
	seccomp) jq -r '"\(.seccomp // . | tojson) as $s | .linux.seccomp = $s | .process.noNewPrivileges = true"' <<<"$(jq -c '{seccomp: .linux.seccomp}' "$ROOT/test/plan/configs/podman-run.json")" ;;
	masks) echo '.linux.maskedPaths += ["/nowhere", "/etc/passwd", "/home"] | .linux.readonlyPaths += ["/nowhere", "/etc", "/bin/busybox"] | .root.readonly = false' ;;
	sysctl) echo '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "4096", "net.ipv4.ping_group_range": "0 0"}' ;;
	hostnet) echo '.linux.namespaces |= map(select(.type != "network" and .type != "ipc" and .type != "uts")) | del(.hostname)' ;;
	devices) echo '.linux.devices = [{path: "/dev/mine", type: "c", major: 1, minor: 5, fileMode: 416, uid: 7, gid: 8}, {path: "/dev/deep/one", type: "c", major: 1, minor: 7}]
		| .linux.resources.devices += [{allow: true, type: "c", major: 1, minor: 5, access: "rw"}]' ;;
	# A second first: runc sets the caller's size only after the program has started.
	terminal) echo '.process.terminal = true | .process.consoleSize = {height: 30, width: 90} | .process.args[2] |= "sleep 1; " + .' ;;
	esac
}

# prepare NAME: the bundle of a config.
prepare() {
	dir=$WORK/bundles/$1
	mkdir -p "$dir"
	(cd "$dir" && rm -f config.json && runc spec)
	jq --arg root "$WORK/rootfs" "del(.process.terminal) | .root.path = \$root | .linux.cgroupsPath = \"/kist-test/oracle\" | .process.args = [\"/bin/sh\", \"-c\",
		\"/bin/probe; for f in net/ipv4/ip_forward net/ipv4/ping_group_range kernel/msgmax; do echo sysctl \$f \$(cat /proc/sys/\$f); done; wc -c /etc/passwd; stat -c '%n %F %a %u:%g' /dev/deep/one /dev/mine /tmp/made /var/file; ls /home | wc -l; (echo stdout opens again >/dev/stdout) 2>/dev/null || echo stdout does not open\"]
		| $(filter "$1")" "$dir/config.json" >"$dir/new" && mv "$dir/new" "$dir/config.json"
}

# report RUNTIME COMMAND...: what the probe says, without what is another at each run.
report() {
	local runtime=$1
	shift
	if [ "$(jq '.process.terminal // false' "$dir/config.json")" = true ]; then
		timeout -s KILL 60 script -qec "$(printf '%q ' "$VIEW" v1 "$@")" /dev/null <>"$WORK/silence" 2>&1
	else
		# Not from /dev/null: with a user namespace crun and runc give the machine's own to the container's user.
		timeout -s KILL 60 "$VIEW" v1 "$@" 2>&1 <>"$WORK/silence"
	fi | tr -d '\r' | awk -v runtime="$runtime" '
		/^ns\./ { file = substr($1, 4); cmd = "readlink /proc/self/ns/" file; cmd | getline host; close(cmd); $0 = $1 " " ($2 == host ? "the caller\47s" : "new") }
		/^fd\./ { sub(/:\[[0-9]+\]/, "") }
		/^mount/ { gsub(/(shared|master|propagate_from):[0-9]+/, "&"); gsub(/:[0-9]+ /, ":N ") }
		/^(pid|root) [0-9]/ { next }
		{ gsub(/size=[0-9]+k,nr_inodes=[0-9]+/, "size=N,nr_inodes=N") }
		{ print }' | sort >"$FOUND/$name.$runtime"
}

# --- the comparison ------------------------------------------------------------------------------------------------------

# compare NAME: a line of NAME.diff is "NAME RUNTIME <|> LINE": < only under kist, > only under the other.
compare() {
	local other
	name=$1
	prepare "$name"
	report kist "$WORK/kist" --root "$WORK/state" run -b "$dir" oracle
	grep -q '^ppid ' "$FOUND/$name.kist" || { cat "$FOUND/$name.kist"; return 1; }
	for other in crun runc; do
		report "$other" "$other" --root "$WORK/$other" run -b "$dir" "oracle-$name"
		grep -q '^ppid ' "$FOUND/$name.$other" || { cat "$FOUND/$name.$other"; return 1; }
		diff "$FOUND/$name.kist" "$FOUND/$name.$other" | sed -nE "s/^([<>]) /$name $other \\1 /p"
	done >"$FOUND/$name.diff"
	unlisted "$FOUND/$name.diff"
}

# The entries of oracle.list: "CONFIGS;RUNTIMES;REGEX;REASON", where REGEX matches "< LINE" or "> LINE".
listed() {
	grep -vE '^(#|$)' "$BATS_TEST_DIRNAME/oracle.list"
}

unlisted() {
	local entry configs runtimes regex rest
	rest=$(cat "$1")
	while IFS=';' read -r configs runtimes regex _; do
		rest=$(grep -vE "^($configs) ($runtimes) $regex\$" <<<"$rest") || true
	done < <(listed)
	[ -z "$rest" ] || {
		printf 'not in oracle.list:\n%s\n' "$rest" >&2
		return 1
	}
}

@test "default: runc spec" { compare default; }
@test "identity: ids, groups, umask, capabilities, limits, environment" { compare identity; }
@test "userns: a user namespace with 65536 ids" { compare userns; }
@test "mounts: binds and tmpfs with options" { compare mounts; }
@test "seccomp: podman's profile" { compare seccomp; }
@test "masks: masked and read-only paths" { compare masks; }
@test "sysctl: three of two namespaces" { compare sysctl; }
@test "hostnet: the caller's network, ipc and uts" { compare hostnet; }
@test "devices: two of the config's" { compare devices; }
@test "terminal: with a size" { compare terminal; }

@test "each listed difference still occurs" {
	while IFS=';' read -r configs runtimes regex reason; do
		[ -n "$reason" ] || expect "a reason" "none for $regex"
		cat "$FOUND"/*.diff | grep -qE "^($configs) ($runtimes) $regex\$" || expect "a difference" "none like: $configs;$runtimes;$regex"
	done < <(listed)
}
