#!/usr/bin/env bats
# kist plan, trace, facts, spec, check, help: looking without touching.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

@test "plan: needs no privilege and touches nothing" {
	b=$(bundle p1 "$(args true)")
	before=$(snapshot)
	run as_user "$WORK/kist" facts
	expect 0 "$status"
	run "$WORK/kist" --root "$WORK/state" facts
	printf '%s\n' "$output" >"$WORK/root.facts"
	run as_user "$WORK/kist" --root "$WORK/user-state" plan --facts "$WORK/root.facts" run -b "$b" p1
	expect 0 "$status"
	contains pivot
	contains "mount proc on /proc"
	nothing_left "$before"
}

@test "plan: opens nothing but the configuration and the facts" {
	command -v strace >/dev/null || skip "strace is not installed"
	b=$(bundle p2 "$(args true)")
	run "$WORK/kist" --root "$WORK/state" facts
	printf '%s\n' "$output" >"$WORK/root.facts"
	strace -f -o "$WORK/strace" -e trace=%file,mount,clone,clone3,unshare,fsopen,setns "$WORK/kist" plan --facts "$WORK/root.facts" run -b "$b" p2
	expect "" "$(grep -E '^[0-9]+ +(open|mkdir|unlink|clone|unshare|fsopen|setns|mount)' "$WORK/strace" | grep -vE 'config.json|bundles/p2|root.facts')"
}

@test "plan --json is JSON, and environment values are hidden unless asked for" {
	b=$(bundle p3 ".process.env += [\"TOKEN=secret\"] | $(args true)")
	run "$WORK/kist" --root "$WORK/state" plan --json run -b "$b" p3
	expect 0 "$status"
	jq -e '.steps | length > 20' <<<"$output"
	lacks secret
	run "$WORK/kist" --root "$WORK/state" plan run -b "$b" p3
	lacks secret
	run "$WORK/kist" --root "$WORK/state" plan --show-env run -b "$b" p3
	contains secret
}

@test "plan box: what a box would do" {
	run "$WORK/kist" --root "$WORK/state" plan box --net none -- true
	expect 0 "$status"
	contains overlay
	contains loopback
}

@test "plan stands only before a verb that starts something" {
	run "$WORK/kist" plan gc
	expect 125 "$status"
	run "$WORK/kist" plan
	expect 125 "$status"
}

@test "trace: every step with its time, and the Chrome format" {
	b=$(bundle t1 "$(args true)")
	run "$WORK/kist" --root "$WORK/state" trace run -b "$b" t1
	expect 0 "$status"
	contains "mount proc on /proc"
	contains "execute"
	run "$WORK/kist" --root "$WORK/state" trace --trace-file "$WORK/trace.json" run -b "$b" t1
	expect 0 "$status"
	jq -e '[.traceEvents[] | select(.ph == "X")] | length > 20' "$WORK/trace.json"
	jq -e '.traceEvents[] | select(.name == "exec")' "$WORK/trace.json"
}

@test "trace of a failure marks the step that failed" {
	b=$(bundle t2 '.mounts += [{destination: "/mnt", type: "nosuchfs", source: "x"}]')
	run "$WORK/kist" --root "$WORK/state" trace run -b "$b" t2
	expect 125 "$status"
	contains "failed: no such device"
}

@test "facts: read back, they give the same plan" {
	b=$(bundle f1 "$(args true)")
	"$WORK/kist" --root "$WORK/state" facts >"$WORK/here.facts"
	expect "$("$WORK/kist" --root "$WORK/state" plan run -b "$b" f1)" \
		"$("$WORK/kist" --root "$WORK/state" plan --facts "$WORK/here.facts" run -b "$b" f1)"
}

@test "facts of another host must be complete" {
	echo '{"kist": 1}' >"$WORK/bad.facts"
	b=$(bundle f2 "$(args true)")
	run "$WORK/kist" plan --facts "$WORK/bad.facts" run -b "$b" f2
	expect 125 "$status"
	contains bad.facts
}

@test "spec: writes a config.json that checks, and never over one" {
	mkdir -p "$WORK/spec"
	run "$WORK/kist" spec -b "$WORK/spec"
	expect 0 "$status"
	run "$WORK/kist" check -b "$WORK/spec"
	expect 0 "$status"
	run "$WORK/kist" spec -b "$WORK/spec"
	expect 125 "$status"
	contains "file exists"
	mkdir -p "$WORK/spec-rootless"
	run "$WORK/kist" spec --rootless -b "$WORK/spec-rootless"
	expect 0 "$status"
	jq -e '.linux.namespaces | map(.type) | index("user")' "$WORK/spec-rootless/config.json"
	run "$WORK/kist" check -b "$WORK/spec-rootless"
	expect 0 "$status"
}

@test "help and version" {
	run "$WORK/kist" --version
	expect 0 "$status"
	contains "kist version"
	contains "spec: 1.3.0"
	for verb in run box plan trace check spec facts gc; do
		run "$WORK/kist" "$verb" --help
		expect 0 "$status"
		contains "usage: kist $verb"
	done
}

@test "gc with nothing to do says nothing and succeeds" {
	run "$WORK/kist" --root "$WORK/state" gc
	expect 0 "$status"
	expect "" "$output"
}
