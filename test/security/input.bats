#!/usr/bin/env bats
# Names and sizes: what would lead out of its place, or take for ever, is refused clearly and quickly.

load lib.bash
setup_file() { security_setup; }
teardown_file() { lib_teardown; }

# The records under the state directory, and what lies beside it.
records() {
	find "$WORK/state" "$WORK" -maxdepth 1 ! -name .features | sort
}

# quick COMMAND...: at most two seconds, 64 MiB, and kist's own status.
quick() {
	run bash -c 'ulimit -v 4000000 -t 4; exec timeout -s KILL 60 "$@"' quick "$@"
	[ "$status" != 137 ] || expect "an answer" "none in time"
}

@test "id_traversal: ids that are paths, options or too long" {
	b=$(bundle id "$(args true)")
	before=$(records)
	for id in .. . ../x x/y /x .x 'x y' $'x\ny' 'x;y' 'x%y' ü "$(printf 'a%.0s' $(seq 1100))" ../../canary/dir; do
		kist_run "$b" "$id"
		[ "$status" = 125 ] || expect "'$id' 125" "'$id' $status"
	done
	run "$WORK/kist" --root "$WORK/state" run -b "$b" -- -x
	canary_intact
	expect "$before" "$(records)"
}

@test "cgroup_traversal: paths that lead out of the hierarchy" {
	before=$(records)
	for path in ../x /../x /kist-test/../../x kist-test/../../.. /kist-test/./../x '/kist-test/..' '/kist-test/a\u0000b' '/kist-test/a\nb'; do
		b=$(bundle cgroup ".linux.cgroupsPath = \"$path\" | $(args true)")
		kist_run "$b"
		[ "$status" = 125 ] || expect "$path 125" "$path $status"
	done
	expect "$before" "$(records)"
}

@test "cgroup files are a closed set: no name of the config becomes a path" {
	for filter in '.linux.resources.unified = {"../../x": "1"}' '.linux.resources.unified = {"a/b": "1"}' \
		'.linux.resources.hugepageLimits = [{pageSize: "../2MB", limit: 1}]' '.linux.resources.rdma = {"../x": {hcaHandles: 1}}'; do
		b=$(bundle cgroupfile "$filter | $(args true)")
		kist_run "$b"
		expect "$filter 125" "$filter $status"
	done
}

@test "CVE-2024-3154 annotations do nothing" {
	b=$(bundle annotations ".annotations = {\"org.systemd.property.ExecStartPre\": \"['/bin/touch']\", \"run.oci.handler\": \"krun\",
		\"run.oci.delegate-cgroup\": \"../..\", \"run.oci.mount_context_type\": \"x\"} | $(args echo fine)")
	kist_run "$b"
	expect fine "$output"
}

@test "CVE-2025-24965 no file of the image's root is written: .krun_config.json as a link" {
	root=$(image krun)
	for name in .krun_config.json .dockerenv .containerenv run/.containerenv etc/hostname etc/mtab; do
		ln -s "$CANARY/file" "$root/$name"
	done
	before=$(find "$root" -printf '%P %y %m %T@\n' | sort)
	b=$(image_bundle krun ".annotations = {\"run.oci.handler\": \"krun\"} | $(args true)")
	kist_run "$b"
	canary_intact
	expect "$before" "$(find "$root" -printf '%P %y %m %T@\n' | sort)"
}

@test "a config.json over 4 MiB" {
	b=$(bundle big "$(args true)")
	jq ".annotations = {pad: (\"x\" * 5000000)}" "$b/config.json" >"$b/new" && mv "$b/new" "$b/config.json"
	quick "$WORK/kist" --root "$WORK/state" run -b "$b" big
	expect 125 "$status"
	contains "config.json"
	contains "4"
}

@test "a config.json that is a directory, or a device without end" {
	dir=$WORK/bundles/kinds
	for kind in directory device; do
		rm -rf "$dir"
		mkdir -p "$dir"
		case $kind in
		directory) mkdir "$dir/config.json" ;;
		device) ln -s /dev/zero "$dir/config.json" ;;
		esac
		quick "$WORK/kist" --root "$WORK/state" run -b "$dir" kinds
		expect "$kind 125" "$kind $status"
		contains config.json
	done
}

@test "nesting of a thousand" {
	b=$(bundle deep "$(args true)")
	for pair in '[ ]' '{"a": }'; do
		open=$(printf "${pair%% *}%.0s" $(seq 1000))
		close=$(printf "${pair##* }%.0s" $(seq 1000))
		[ "$pair" = '[ ]' ] || open=$(printf '{"a":%.0s' $(seq 1000))
		printf '{"ociVersion": "1.0.0", "x": %s1%s}' "$open" "$close" >"$b/config.json"
		quick "$WORK/kist" --root "$WORK/state" run -b "$b" deep
		expect 125 "$status"
		contains config.json:1
	done
}

@test "a hundred thousand mounts, ids, variables, rules" {
	for filter in '.mounts = [range(100000) | {destination: "/m", type: "tmpfs"}]' \
		'.process.user.additionalGids = [range(100000)]' '.linux.namespaces = [range(100000) | {type: "pid"}]' \
		'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [range(60000) | {names: ["read"], action: "SCMP_ACT_ERRNO"}]}' \
		'.linux.uidMappings = [range(100000) | {containerID: ., hostID: ., size: 1}]' '.process.rlimits = [range(50000) | {type: "RLIMIT_CORE", soft: 0, hard: 0}]' \
		'.linux.resources.devices = [range(70000) | {allow: true, access: "r"}]' '.process.env = [range(200000) | "A\(.)=1"]'; do
		b=$(bundle many "$(args true)")
		jq -c "$filter" "$b/config.json" >"$b/new" && mv "$b/new" "$b/config.json"
		quick "$WORK/kist" --root "$WORK/state" run -b "$b" many
		[ "$status" = 125 ] || [ "$status" = 126 ] || expect "$filter 125" "$filter $status"
		[ "${#output}" -lt 200000 ]
		contains kist:
	done
}

@test "long strings: arguments, names, paths" {
	long=$(printf 'x%.0s' $(seq 5000))
	for filter in ".hostname = \"$long\"" ".process.cwd = \"/$long\"" ".root.path = \"/$long\"" ".mounts[0].destination = \"/$long\"" \
		".linux.maskedPaths = [\"/$long\"]" ".process.args = [\"/$long\"]" ".linux.devices = [{path: \"/$long\", type: \"c\", major: 1, minor: 3}]" \
		".mounts += [{destination: \"/mnt\", type: \"$long\", source: \"x\"}]" ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", options: [\"$long=1\"]}]"; do
		b=$(bundle long "$(args true) | $filter")
		quick "$WORK/kist" --root "$WORK/state" run -b "$b" long
		[ "$status" -ge 125 ] && [ "$status" -le 127 ] || expect "${filter:0:40} refused" "${filter:0:40} $status"
		contains kist:
	done
}

@test "NUL bytes in strings are faults: nothing is cut short unseen" {
	for filter in '.process.args = ["/bin/true\u0000x"]' '.root.path = "/tmp\u0000x"' '.process.env = ["A=1\u0000B=2"]' '.mounts[0].destination = "/proc\u0000/x"' '.hostname = "a\u0000b"'; do
		b=$(bundle nul "$(args true) | $filter")
		kist_run "$b"
		expect "$filter 125" "$filter $status"
	done
}

@test "control characters of a config never reach the terminal raw" {
	b=$(bundle escape "$(args true) | .mounts += [{destination: \"/x\u001b]0;title\u0007\", type: \"nosuchfs\"}]")
	kist_run "$b"
	expect 125 "$status"
	lacks $'\033'
	b=$(bundle escape "$(args $'/\033[31mred')")
	kist_run "$b"
	expect 127 "$status"
	lacks $'\033'
}
