#!/usr/bin/env bats
# Each config.json that an engine wrote (test/plan/configs, see ORIGIN.md there) is run, and the probe must find inside
# what the file asks for.
#
# What is adapted, with jq, and why:
#   root.path                 the engine's image is gone: the test's root file system (a copy a config, since mount points are made)
#   process.args              the probe instead of `true`; where the program is a bound file (--init), the probe is bound there
#   process.rlimits           a hard limit above the caller's own is lowered to it: raising one needs CAP_SYS_RESOURCE
#   mounts[].source           files and directories of the engine that are gone: made by the test
#   namespaces[].path         namespaces of that hour: of a process that holds new ones; rootless, where root's cannot be joined, new ones
#   linux.cgroupsPath         below kist-test: a test touches no other cgroup
#   linux.uidMappings         of runc-spec-rootless: the host id is the one of the ordinary user, not 0, as runc's file says itself
#   linux.resources           podman-v2-*: in a v2 view without the controller first the refusal by name, then without the limit
#   hooks                     docker's prestart hook is the running dockerd: a stand-in of the same arguments (one test); the others run without
# Rootless podman is in a user and mount namespace of its own before it calls the runtime: so is kist there (unshare).

load ../run/lib.bash

setup_file() {
	lib_setup
	export CONFIGS=$ROOT/test/plan/configs
	mkdir -p "$WORK/sources"
	mkfifo "$WORK/silence" # a terminal on which nothing is typed, not even end-of-file
	setsid unshare -n -i -u --fork sleep 600 3>&- >/dev/null 2>&1 &
	echo $! >"$WORK/holder"
	for _ in $(seq 1500); do pgrep -P "$(cat "$WORK/holder")" >"$WORK/held" && break; sleep 0.02; done
	[ -s "$WORK/held" ]
}
teardown_file() {
	kill "$(cat "$WORK/held")"
	lib_teardown
	rmdir /sys/fs/cgroup/*/kist-test 2>/dev/null || true
}

# --- adapting -----------------------------------------------------------------------------------------------------

# The sources of binds that are not here: a file or a directory by what its name says, or the probe where it is run.
sources_make() {
	local source at=0 program
	program=$(jq -r '.process.args[0]' "$1")
	jq -r '.mounts[] | select((.options // []) | any(. == "bind" or . == "rbind")) | [.source, .destination] | @tsv' "$1" |
		while IFS=$'\t' read -r source destination; do
			[ "$destination" = "$program" ] || [ ! -e "$source" ] || continue
			at=$((at + 1))
			made=$WORK/sources/$name-$at
			if [ "$destination" = "$program" ]; then
				cp "$PROBE" "$made"
			elif [[ $source =~ /(shm|_data|data|v)$ ]]; then
				install -d -m 1777 "$made"
			else
				echo "$destination" >"$made"
			fi
			jq -nc --arg key "$destination" --arg value "$made" '{($key): $value}'
		done | jq -sc 'add // {}'
}

hard_limit() {
	prlimit "$1" --noheadings --raw -o HARD | sed 's/unlimited/18446744073709551615/'
}

adapted() {
	local root=$1
	jq --arg root "$root" --arg name "$name" --arg held "$(cat "$WORK/held")" --argjson uid "$(id -u "$TESTER")" --argjson gid "$(id -g "$TESTER")" \
		--argjson made "$(sources_make "$CONFIGS/$name.json")" --argjson files "$(hard_limit --nofile)" \
		--argjson processes "$(hard_limit --nproc)" '
		def most: if .type == "RLIMIT_NOFILE" then $files elif .type == "RLIMIT_NPROC" then $processes else .hard end;
		def proc_file: {network: "net", mount: "mnt"}[.] // .;
		.root.path = $root
		| if .process.args[0] | in($made) then .process.args |= .[:1] else .process.args = ["/bin/probe"] end
		| if .process.rlimits then .process.rlimits |= map(most as $most | .hard |= ([., $most] | min) | .soft |= ([., $most] | min)) else . end
		| .mounts |= map(if .destination | in($made) then .source = $made[.destination] else . end)
		| .linux.namespaces |= map(if .path then .path = "/proc/\($held)/ns/\(.type | proc_file)" else . end)
		| if .linux.cgroupsPath then .linux.cgroupsPath = "/kist-test/\($name)" else . end
		| if $name == "runc-spec-rootless" then .linux.uidMappings[0].hostID = $uid | .linux.gidMappings[0].hostID = $gid else . end
		| del(.hooks)' "$CONFIGS/$name.json"
}

# prepare NAME [OWNER]: the bundle of an adapted config, over a root of its own.
prepare() {
	name=$1
	dir=$WORK/bundles/$name
	config=$dir/config.json
	mkdir -p "$dir"
	cp -a "$WORK/rootfs" "$dir/rootfs"
	[ -z "${2-}" ] || chown -R "$2:$2" "$dir/rootfs" "$dir"
	adapted "$dir/rootfs" >"$config"
	chmod 644 "$config"
}

# --- running ------------------------------------------------------------------------------------------------------

# launch COMMAND...: on a terminal when the config asks for one.
launch() {
	if [ "$(jq .process.terminal "$config")" = true ]; then
		run timeout -s KILL 60 script -qec "$(printf '%q ' "$@")" /dev/null <>"$WORK/silence"
		output=${output//$'\r'/}
	else
		run timeout -s KILL 60 "$@" </dev/null
	fi
}

as_root() {
	prepare "$1" "${2-}"
	launch "$WORK/kist" --root "$WORK/state" run -b "$dir" "$name"
	asked
}

# In a cgroup v2 view. What limits that view has no controller for are refused by name; the rest runs.
as_root_v2() {
	local controllers word
	prepare "$1"
	controllers=$("$ROOT/bench/view" v2 cat /sys/fs/cgroup/cgroup.controllers) || skip "no cgroup v2 on this kernel"
	for word in memory cpu pids; do
		[[ " $controllers " != *" $word "* ]] || continue
		jq -e ".linux.resources.$word // {} | length > 0" "$config" >/dev/null || continue
		run timeout -s KILL 60 "$ROOT/bench/view" v2 "$WORK/kist" --root "$WORK/state" run -b "$dir" "$name"
		expect 125 "$status"
		contains "/linux/resources/$word"
		jq "del(.linux.resources.$word)" "$config" >"$dir/new" && mv "$dir/new" "$config"
	done
	launch "$ROOT/bench/view" v2 "$WORK/kist" --root "$WORK/state" run -b "$dir" "$name"
	asked
}

# The first range of the user's, from id 1 on, as unshare(1) takes it.
subids() {
	awk -F: -v user="$TESTER" '$1 == user { print $2 ",1," $3; exit }' "/etc/sub$1"
}

# As podman without root does it.
as_podman_user() {
	prepare "$1" "$TESTER"
	# The namespaces its path entries name must be the user's to join.
	if jq -e '[.linux.namespaces[] | .path // empty] | length > 0' "$config" >/dev/null; then
		jq '.linux.namespaces |= map(del(.path))' "$config" >"$dir/new" && mv "$dir/new" "$config" && chmod 644 "$config"
	fi
	launch setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env \
		unshare --user --map-root-user --map-users "$(subids uid)" --map-groups "$(subids gid)" --mount "$WORK/kist" --root "$WORK/user-state" run -b "$dir" "$name"
	asked
}

as_plain_user() {
	prepare "$1" "$TESTER"
	launch setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env \
		"$WORK/kist" --root "$WORK/user-state" run -b "$dir" "$name"
	asked
}

# --- what the config asks for is there ----------------------------------------------------------------------------------

ask() { jq -r "$1" "$config"; }

# namespaces_of PID: the links of its namespaces, as one JSON object.
namespaces_of() {
	local file
	for file in pid net ipc uts mnt cgroup user; do printf '"%s": "%s"\n' "$file" "$(readlink "/proc/$1/ns/$file")"; done | paste -sd, | sed 's/.*/{&}/'
}

# asked.jq says which lines there must be; see there.
asked() {
	local apart=false
	expect "$name 0" "$name $status"
	[[ $name != podman-rootless* ]] || apart=true
	jq -r --argjson own "$([ $apart = true ] && echo false || echo true)" --argjson userns \
		"$(jq --argjson apart $apart '$apart or any(.linux.namespaces[]; .type == "user")' "$config")" --argjson host "$(namespaces_of self)" \
		--argjson held "$(namespaces_of "$(cat "$WORK/held")")" --argjson bounding "$((0x$(sed -n 's/^CapBnd:\t//p' /proc/self/status)))" \
		-f "$BATS_TEST_DIRNAME/asked.jq" "$config" >"$WORK/asked"
	[ "$(grep -c . "$WORK/asked")" -gt 20 ]
	awk 'FNR == NR { sign = substr($0, 1, 1); rest = substr($0, 2); if (sign == "=") exact[rest]; else { signs[++count] = sign; wanted[count] = rest }; next }
		{ delete exact[$0]; for (i = 1; i <= count; i++) if (!(i in found) && $0 ~ wanted[i]) found[i] = $0 }
		END { for (rest in exact) { print "missing: " rest; bad = 1 }
			for (i = 1; i <= count; i++) if ((signs[i] == "+") != (i in found)) {
				print (signs[i] == "+" ? "missing: " : "not wanted: ") wanted[i], found[i]; bad = 1 } exit bad }' \
		"$WORK/asked" - <<<"$output" >&2 || {
		printf 'output:\n%s\n' "$output" >&2
		return 1
	}
}

# --- each of them -------------------------------------------------------------------------------------------------------

@test "podman-run" { as_root podman-run; }
@test "podman-cap-add" { as_root podman-cap-add; }
@test "podman-device" { as_root podman-device; }
@test "podman-host" { as_root podman-host; }
@test "podman-init" { as_root podman-init; }
@test "podman-limits" { as_root podman-limits; }
@test "podman-network-none" { as_root podman-network-none; }
@test "podman-pod-infra" { as_root podman-pod-infra; }
@test "podman-pod-member" { as_root podman-pod-member; }
@test "podman-privileged" { as_root podman-privileged; }
@test "podman-read-only" { as_root podman-read-only; }
@test "podman-tty" { as_root podman-tty; }
@test "podman-unconfined" { as_root podman-unconfined; }
@test "podman-userns" { as_root podman-userns 100000; }
@test "podman-volume" { as_root podman-volume; }
@test "podman-v2-run" { as_root_v2 podman-v2-run; }
@test "podman-v2-init" { as_root_v2 podman-v2-init; }
@test "podman-rootless-run" { as_podman_user podman-rootless-run; }
@test "podman-rootless-cap-add" { as_podman_user podman-rootless-cap-add; }
@test "podman-rootless-device" { as_podman_user podman-rootless-device; }
@test "podman-rootless-init" { as_podman_user podman-rootless-init; }
@test "podman-rootless-keep-id" { as_podman_user podman-rootless-keep-id; }
@test "podman-rootless-limits" { as_podman_user podman-rootless-limits; }
@test "podman-rootless-network-none" { as_podman_user podman-rootless-network-none; }
@test "podman-rootless-pod-member" { as_podman_user podman-rootless-pod-member; }
@test "podman-rootless-read-only" { as_podman_user podman-rootless-read-only; }
@test "podman-rootless-tty" { as_podman_user podman-rootless-tty; }
@test "podman-rootless-volume" { as_podman_user podman-rootless-volume; }
@test "docker-run" { as_root docker-run; }
@test "docker-cap-add" { as_root docker-cap-add; }
@test "docker-device" { as_root docker-device; }
@test "docker-host" { as_root docker-host; }
@test "docker-limits" { as_root docker-limits; }
@test "docker-network-none" { as_root docker-network-none; }
@test "docker-privileged" { as_root docker-privileged; }
@test "docker-read-only" { as_root docker-read-only; }
@test "docker-tty" { as_root docker-tty; }
@test "docker-volume" { as_root docker-volume; }
@test "containerd-run" { as_root containerd-run; }
@test "containerd-limits" { as_root containerd-limits; }
@test "containerd-mount" { as_root containerd-mount; }
@test "containerd-net-host" { as_root containerd-net-host; }
@test "containerd-privileged" { as_root containerd-privileged; }
@test "containerd-read-only" { as_root containerd-read-only; }
@test "containerd-seccomp" { as_root containerd-seccomp; }
@test "containerd-tty" { as_root containerd-tty; }
@test "containerd-userns" { as_root containerd-userns 100000; }
@test "runc-spec" { as_root runc-spec; }
@test "crun-spec" { as_root crun-spec; }
@test "runc-spec-rootless" { as_plain_user runc-spec-rootless; }
@test "crun-spec-rootless" {
	# Its user namespace has no maps: crun makes them up; kist takes the file at its word, and devpts' uid= cannot be.
	prepare crun-spec-rootless "$TESTER"
	run timeout -s KILL 60 setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env \
		"$WORK/kist" --root "$WORK/user-state" run -b "$dir" "$name"
	expect 125 "$status"
	# With the maps written out it runs.
	jq --argjson uid "$(id -u "$TESTER")" --argjson gid "$(id -g "$TESTER")" '.linux.uidMappings = [{containerID: 0, hostID: $uid, size: 1}]
		| .linux.gidMappings = [{containerID: 0, hostID: $gid, size: 1}]' "$config" >"$dir/new" && mv "$dir/new" "$config" && chmod 644 "$config"
	launch setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env \
		"$WORK/kist" --root "$WORK/user-state" run -b "$dir" "$name"
	asked
}
@test "podman-v2-limits" { as_root_v2 podman-v2-limits; }

# --- beyond what the probe prints -----------------------------------------------------------------------------------------

@test "limits: the cgroup has them while the program runs, and is gone afterwards" {
	for name in podman-limits docker-limits containerd-limits; do
		prepare "$name"
		jq '.process.args = ["/bin/probe", "--wait"]' "$config" >"$dir/new" && mv "$dir/new" "$config"
		"$WORK/kist" --root "$WORK/state" run -b "$dir" "$name" >"$WORK/out" 2>&1 3>&- &
		runtime=$!
		for _ in $(seq 1500); do grep -q ready "$WORK/out" && break; sleep 0.02; done
		group=kist-test/$name
		got=$(cat /sys/fs/cgroup/memory/$group/memory.limit_in_bytes /sys/fs/cgroup/cpu/$group/cpu.cfs_quota_us \
			/sys/fs/cgroup/cpu/$group/cpu.cfs_period_us /sys/fs/cgroup/pids/$group/pids.max | tr '\n' ' ')
		inside=$(grep -c . /sys/fs/cgroup/memory/$group/cgroup.procs)
		kill -TERM $runtime
		wait $runtime || true
		expect "$name $(ask '"\(.linux.resources.memory.limit) \(.linux.resources.cpu.quota) \(.linux.resources.cpu.period) \(.linux.resources.pids.limit // "max")"') 1" "$name ${got}$inside"
		[ ! -e /sys/fs/cgroup/memory/$group ]
	done
}

@test "sysctls, mounted files and volumes are what was asked for" {
	name=docker-device
	prepare docker-device
	jq '.process.args = ["/bin/sh", "-c", "cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_unprivileged_port_start /etc/hosts; echo x >/dev/nought && echo nought"]' \
		"$config" >"$dir/new" && mv "$dir/new" "$config"
	launch "$WORK/kist" --root "$WORK/state" run -b "$dir" "$name"
	expect "9000
0
/etc/hosts
nought" "$output"
	prepare podman-volume
	jq '.process.args = ["/bin/sh", "-c", "touch /data/x; echo y >/named/y && cat /named/y; echo $COLOUR"]' "$config" >"$dir/new" && mv "$dir/new" "$config"
	launch "$WORK/kist" --root "$WORK/state" run -b "$dir" "$name"
	contains "Read-only file system"
	contains y
	contains blue
}

@test "the device policy of an engine holds" {
	prepare docker-run
	jq '.process.args = ["/bin/sh", "-c", "mknod /disk b 254 0; head -c 1 /disk; head -c 1 /dev/zero | wc -c"] | .process.capabilities.bounding += ["CAP_MKNOD"]' \
		"$config" >"$dir/new" && mv "$dir/new" "$config"
	launch "$WORK/kist" --root "$WORK/state" run -b "$dir" docker-run
	lacks "mknod: applet"
	expect 1 "${lines[-1]}"
	[[ $output == *"not permitted"* || $output == *"can't open"* || $output == *"No such file"* ]]
}

@test "docker's prestart hook reaches the container's network by the pid that it is told" {
	local stand_in=$WORK/libnetwork
	# As libnetwork-setkey: the id among the arguments, the pid in the state, and the namespace behind it.
	cat >"$stand_in" <<-END
		#!/bin/sh
		state=\$(cat)
		[ "\$0 \$2" = "$stand_in \$(echo "\$state" | $(command -v jq) -r .id)" ] || exit 1
		readlink "/proc/\$(echo "\$state" | $(command -v jq) .pid)/ns/net" >"$WORK/key"
	END
	chmod 755 "$stand_in"
	for file in "$CONFIGS"/docker-*.json; do
		jq -e .hooks.prestart "$file" >/dev/null || continue
		prepare "$(basename "$file" .json)"
		id=$(jq -r '.hooks.prestart[0].args[2]' "$file")
		jq --argjson hooks "$(jq .hooks "$file")" --arg path "$stand_in" '.hooks = ($hooks | .prestart[0].path = $path)
			| .process.args = ["/bin/sh", "-c", "readlink /proc/self/ns/net"]' "$config" >"$dir/new" && mv "$dir/new" "$config"
		launch "$WORK/kist" --root "$WORK/state" run -b "$dir" "$id"
		expect 0 "$status"
		expect "$(cat "$WORK/key")" "$(grep "^net:" <<<"$output")"
		rm -rf "$dir"
	done
}

@test "every config that was captured has its test here" {
	for file in "$CONFIGS"/*.json; do
		grep -q "^@test \"$(basename "$file" .json)\"" "$BATS_TEST_FILENAME" || expect "a test" "none for $file"
	done
}
