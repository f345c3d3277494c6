#!/usr/bin/env bats
# The fault sweep: each step of each plan fails with four errors, loses its actor or the other one, and stands still; and
# nothing is ever left. The work is done by sweep.c; here are the plans. The counts are printed as remarks.

load lib.bash
setup_file() {
	lib_setup
	: "${SWEEP:=$(dirname "$KIST_FAULT")/../test/sweep}"
	cp "$SWEEP" "$WORK/sweep"
	export PROGRAM
	PROGRAM=$(args probe --exit 42)
	SUBID=$(awk -F: -v u="$TESTER" '$1 == u { print $2; exit }' /etc/subuid)
	export SUBID
}
teardown_file() { lib_teardown; }
teardown() { [ -z "$HOLDER" ] || kill -KILL "$HOLDER" || true; }

# sweep NAME [OPTION...] -- VERB ARG...
sweep() {
	local name=$1 options=() status=0
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	mkdir -p "$WORK/sweep-$name"
	"$WORK/sweep" "${options[@]}" "$name" "${KIST_SWEPT:-$WORK/kist-fault}" "$WORK/sweep-$name" -- "$@" >"$WORK/sweep-$name.log" 2>&1 || status=$?
	if [ $status != 0 ]; then
		head -n 200 "$WORK/sweep-$name.log"
		tail -n 1 "$WORK/sweep-$name.log"
		return 1
	fi
	sed 's/^/# /' "$WORK/sweep-$name.log" >&3
}

# sweep_run NAME BUNDLE [OPTION...]
sweep_run() {
	local name=$1 bundle=$2
	shift 2
	sweep "$name" --tree "$WORK/rootfs" "$@" -- run -b "$bundle" @ID@
}

@test "sweep: the default bundle" {
	sweep_run default "$(bundle w1 "$PROGRAM")"
}

@test "sweep: a user namespace with maps" {
	sweep_run userns "$(bundle w2 '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'" | $PROGRAM")"
}

@test "sweep: a user namespace in which id 0 is not mapped" {
	sweep_run unmapped "$(bundle w3 '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 1000, hostID: 101000, size: 10}]
		| .linux.gidMappings = [{containerID: 1000, hostID: 101000, size: 10}]
		| .process.user = {uid: 1000, gid: 1000}
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["reboot"], action: "SCMP_ACT_ERRNO"}]}'" | $PROGRAM")"
}

@test "sweep: joined namespaces and a new time namespace with offsets" {
	unshare --net --pid --ipc --fork --kill-child sleep 600 3>&- &
	HOLDER=$!
	local inside
	until inside=$(pgrep -P "$HOLDER"); do sleep 0.01; done
	sweep_run joined "$(bundle w4 "$(printf '.linux.namespaces =
		(.linux.namespaces | map(if .type == "network" then .path = "/proc/%d/ns/net"
			elif .type == "pid" then .path = "/proc/%d/ns/pid"
			elif .type == "ipc" then .path = "/proc/%d/ns/ipc" else . end)) + [{type: "time"}]
		| .linux.timeOffsets = {monotonic: {secs: 86400}, boottime: {secs: -5}}' "$inside" "$inside" "$inside") | $PROGRAM")"
}

# hold CMD...: a process in the namespaces that CMD (unshare) makes; its pid is in $inside.
hold() {
	"$@" --net --pid --ipc --uts --mount --fork --kill-child sleep 600 3>&- &
	HOLDER=$!
	until inside=$(pgrep -x -P "$HOLDER" sleep); do sleep 0.01; done
}

@test "sweep: entering a process" {
	hold unshare
	sweep enter -- enter "$inside" -- sh -c 'exit 42'
}

@test "sweep: rootless: entering a process, on a terminal" {
	hold setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups unshare --user --map-root-user
	sweep rootless-enter --user "$TESTER" --pty -- enter "$inside" -- sh -c 'exit 42'
}

@test "sweep: a terminal" {
	sweep_run terminal "$(bundle w5 ".process.terminal = true | $PROGRAM")" --pty
}

@test "sweep: limits, seccomp, sysctls, masks, mounts, and a cgroup of its own name" {
	sweep_run limits "$(bundle w6 '.linux.cgroupsPath = "/kist-test/sweep/one"
		| .linux.resources += {memory: {limit: 67108864}, pids: {limit: 64}, cpu: {shares: 512, quota: 50000, period: 100000}}
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["reboot", "kexec_load", "swapon"], action: "SCMP_ACT_ERRNO"}]}
		| .linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "8192"}
		| .linux.maskedPaths += ["/etc/group"] | .linux.readonlyPaths += ["/etc"]
		| .process.oomScoreAdj = 100 | .process.noNewPrivileges = false | .process.user = {uid: 1000, gid: 1000}
		| .mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["size=1m"]},
			{destination: "/mnt/bound", type: "bind", source: "/etc/hostname", options: ["bind", "ro"]},
			{destination: "/var", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"]}]'" | $PROGRAM")" --cgroup /kist-test/sweep/one
}

@test "sweep: hooks of all six kinds" {
	local kind filter=
	for kind in prestart createRuntime createContainer startContainer poststart poststop; do
		filter+=".hooks.$kind = [{path: \"/bin/true\"}] | "
	done
	sweep_run hooks "$(bundle w12 "$filter $PROGRAM")"
}

@test "sweep: no pivot" {
	sweep no-pivot --tree "$WORK/rootfs" -- run --no-pivot -b "$(bundle w7 ".root.readonly = false | $PROGRAM")" @ID@
}

@test "sweep: a box over this machine's root" {
	sweep box -- box -- sh -c 'exit 42'
}

@test "sweep: a box over this machine's root, with all its flags, on a terminal" {
	sweep box-flags --pty -- box --net none --memory 64M --cpus 0.5 --pids 20 --user 1000:1000 --bind /usr:/mnt:ro sh -c 'exit 42'
}

@test "sweep: a box over a directory" {
	sweep box-root --tree "$WORK/rootfs" -- box --root "$WORK/rootfs" -- sh -c 'exit 42'
}

@test "sweep: rootless: the default bundle" {
	sweep_run rootless "$(bundle_rootless w8 "$PROGRAM")" --user "$TESTER"
}

@test "sweep: rootless: several ids and a terminal" {
	sweep_run rootless-ids "$(bundle_rootless w9 "(.linux.uidMappings, .linux.gidMappings) += [{containerID: 1, hostID: $SUBID, size: 1000}]
		| .process.user = {uid: 5, gid: 6} | .process.terminal = true | $PROGRAM")" --user "$TESTER" --pty
}

@test "sweep: rootless: a box over this machine's root" {
	sweep rootless-box --user "$TESTER" -- box -- sh -c 'exit 42'
}

@test "sweep: rootless: a box over a directory" {
	sweep rootless-box-root --user "$TESTER" --tree "$WORK/rootfs" -- box --root "$WORK/rootfs" --net none -- sh -c 'exit 42'
}

@test "sweep: at a random moment" {
	sweep_run random "$(bundle w10 "$PROGRAM")" --random 200
}

@test "sweep: rootless: at a random moment" {
	sweep_run rootless-random "$(bundle_rootless w11 "$PROGRAM")" --random 100 --user "$TESTER"
}

# written FILE: a bundle from what a client wrote, with this test's root and program, and without what only its author
# has: its hooks, its namespaces, and the sources of its binds.
written() {
	local dir=$WORK/bundles/$(basename "$1" .json)
	mkdir -p "$dir" "$WORK/volume"
	jq --arg root "$WORK/rootfs" --arg file "$WORK/rootfs/etc/passwd" --arg volume "$WORK/volume" '
		.root.path = $root | .process.args = ["probe", "--exit", "42"] | .process.cwd = "/"
		| del(.hooks, .linux.cgroupsPath) | .linux.namespaces |= map(del(.path))
		| .mounts |= map(if .type == "bind" or ((.options // []) | any(. == "bind" or . == "rbind"))
			then .source = (if .destination | test("resolv|host|containerenv|init") then $file else $volume end) else . end)
		| (.linux.uidMappings, .linux.gidMappings)[]? |= (if .hostID < 65536 and .hostID + .size > 65536 then .size = 65536 - .hostID else . end)' \
		"$1" >"$dir/config.json" || return 1
	printf '%s\n' "$dir"
}

# sweep_written PATTERN [OPTION...]: what a client wrote, as root.
sweep_written() {
	local file options count=0
	for file in "$ROOT"/test/plan/configs/$1.json; do
		[[ $file != *rootless* ]] || continue
		options=()
		[[ $file != *-spec* && $file != *-tty* ]] || options=(--pty)
		sweep_run "$(basename "$file" .json)" "$(written "$file")" --brief "${options[@]}" || return 1
		count=$((count + 1))
	done
	[ $count -gt 0 ]
}

@test "sweep: what podman wrote" {
	sweep_written 'podman-*'
}

@test "sweep: what docker wrote" {
	sweep_written 'docker-*'
}

@test "sweep: what containerd wrote" {
	sweep_written 'containerd-*'
}

@test "sweep: what runc and crun wrote" {
	sweep_written '*-spec'
}

@test "sweep: what an ordinary user's podman wrote, in a user namespace like podman's own" {
	local name
	printf '#!/bin/sh\nexec unshare --user --map-root-user --map-auto -- %s "$@"\n' "$WORK/kist-fault" >"$WORK/kist-inside"
	chmod 755 "$WORK/kist-inside"
	for name in run keep-id; do
		KIST_SWEPT=$WORK/kist-inside sweep_run "podman-rootless-$name" \
			"$(written "$ROOT/test/plan/configs/podman-rootless-$name.json")" --brief --user "$TESTER"
	done
}
