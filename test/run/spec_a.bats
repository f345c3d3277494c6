#!/usr/bin/env bats
# Rows A of runtime-spec 1.3: document level, lifecycle.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

@test "A1 the bundle's config.json is required, by exactly that name" {
	mkdir -p "$WORK/bundles/empty"
	kist_run "$WORK/bundles/empty"
	expect 125 "$status"
	contains "cannot read $WORK/bundles/empty/config.json: no such file or directory"
}

@test "A1 a bundle that does not exist is named" {
	kist_run "$WORK/bundles/nowhere"
	expect 125 "$status"
	contains "cannot open the bundle $WORK/bundles/nowhere: no such file or directory"
}

@test "A2 an unsupported ociVersion is refused, 1.0 to 1.3 are not" {
	for version in 1.0.0 1.0.2-dev 1.1.0 1.2.1 1.3.0; do
		b=$(bundle a2 ".ociVersion = \"$version\" | $(args true)")
		kist_run "$b"
		expect 0 "$status"
	done
	for version in 2.0.0 0.9.0 1.4.0 one 1.0; do
		b=$(bundle a2 ".ociVersion = \"$version\" | $(args true)")
		kist_run "$b"
		expect 125 "$status"
		contains "/ociVersion"
	done
}

@test "A3 unknown properties are ignored, and shown with --debug" {
	b=$(bundle a3 ".surprise = {a: [1]} | .process.unknown = true | $(args true)")
	kist_run "$b"
	expect 0 "$status"
	lacks surprise
	run "$WORK/kist" --debug check -b "$b"
	expect 0 "$status"
	contains /surprise
	contains /process/unknown
}

@test "A4 a property that cannot be applied yet is refused by name" {
	b=$(bundle a4 ".vm = {kernel: {path: \"/kernel\"}} | .linux.intelRdt = {closID: \"x\"} | $(args true)")
	before=$(snapshot)
	kist_run "$b"
	expect 125 "$status"
	contains /vm
	contains /linux/intelRdt
	nothing_left "$before"
}

@test "A5 a failed run leaves nothing behind" {
	before=$(snapshot)
	b=$(bundle a5 "$(args /bin/nothing)")
	kist_run "$b"
	expect 127 "$status"
	b=$(bundle a5 '.mounts += [{destination: "/mnt", type: "nosuchfs", source: "x"}]')
	kist_run "$b"
	expect 125 "$status"
	b=$(bundle a5 '.linux.namespaces[0].path = "/proc/self/ns/uts"')
	kist_run "$b"
	expect 125 "$status"
	nothing_left "$before"
}

@test "A9 an invalid id is refused, and so is one in use" {
	b=$(bundle a9 "$(args probe --wait)")
	for id in ../x .hidden 'a b' a/b .. ''; do
		run "$WORK/kist" --root "$WORK/state" run -b "$b" "$id"
		expect 125 "$status"
		contains "invalid container id"
	done
	"$WORK/kist" --root "$WORK/state" run -b "$b" twice >"$WORK/out" 3>&- &
	pid=$!
	for _ in $(seq 600); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	run "$WORK/kist" --root "$WORK/state" run -b "$b" twice
	kill -TERM $pid
	wait $pid
	expect 125 "$status"
	contains twice
	contains "file exists"
}

@test "A15 only stdin, stdout and stderr are open" {
	b=$(bundle a15 "$(args probe fd)")
	exec 7</etc/passwd 9<"$WORK"
	run "$WORK/kist" --root "$WORK/state" run -b "$b" fds
	exec 7<&- 9<&-
	expect 0 "$status"
	expect "" "$(grep '^fd\.' <<<"$output" | grep -v '^fd\.[012] ')"
}

@test "A16 the links in /dev exist" {
	b=$(bundle a16 "$(args probe dev)")
	kist_run "$b"
	expect 0 "$status"
	contains "node /dev/fd -> /proc/self/fd"
	contains "node /dev/stdin -> /proc/self/fd/0"
	contains "node /dev/stdout -> /proc/self/fd/1"
	contains "node /dev/stderr -> /proc/self/fd/2"
	contains "node /dev/ptmx -> pts/ptmx"
}

@test "E1 an empty annotation key is a fault" {
	b=$(bundle e1 '.annotations = {"": "x"}')
	run "$WORK/kist" check -b "$b"
	expect 125 "$status"
	contains /annotations
}

@test "D1 D3 a hook's path must be absolute and its timeout positive" {
	b=$(bundle d1 '.hooks = {poststop: [{path: "true", timeout: 0}]}')
	run "$WORK/kist" check -b "$b"
	expect 125 "$status"
	contains /hooks/poststop/0/path
	contains /hooks/poststop/0/timeout
}
