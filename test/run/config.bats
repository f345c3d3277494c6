#!/usr/bin/env bats
# kist box --config and --print-config: a box as a config.json, and back.

load lib.bash
setup_file() {
	lib_setup
	cp -a "$WORK/rootfs" "$WORK/own"
	chown -R "$TESTER:" "$WORK/own"
}
teardown_file() { lib_teardown; }

# same_plan ARG...: what is printed for these flags is planned as the flags are. As the caller AS (empty: root).
same_plan() {
	local dir=$WORK/bundles/same state=$WORK/state
	[ -z "$AS" ] || state=$WORK/user-state
	mkdir -p "$dir"
	$AS "$WORK/kist" --root "$state" box --print-config "$@" >"$dir/config.json" || return 1
	"$WORK/kist" check -b "$dir" || return 1
	$AS "$WORK/kist" --root "$state" plan --json box --name same "$@" 2>/dev/null | jq 'del(.. | .pointer?, .place?)' >"$WORK/flags.plan"
	$AS "$WORK/kist" --root "$state" plan --json box --name same --config "$dir/config.json" 2>/dev/null |
		jq 'del(.. | .pointer?, .place?)' >"$WORK/config.plan"
	[ -s "$WORK/flags.plan" ] && diff "$WORK/flags.plan" "$WORK/config.plan"
}

@test "box --print-config: the config.json has the same plan" {
	AS=
	same_plan
	same_plan -- sh -c 'echo "a\tb"'
	same_plan --root "$WORK/rootfs" --memory 64M --cpus 0.5 --pids 9 --bind /etc:/mnt:ro,noexec --bind-try /nope:/x \
		--tmpfs /tmp:size=1M --dir /q/r --symlink a:/b --mask /etc/passwd --ro /etc/group --net none --user 5:6 \
		--groups 7,8 --env A=B --cap-add sys_time --no-new-privs off --rlimit nofile=10:20 --nice 5 --affinity 0 \
		--argv0 x --oom-score 5 -- id -u
	same_plan --root "$WORK/rootfs" --ro / --time new --clock monotonic=5 --dev host --seccomp none --user user --hostname h
	same_plan --root "$WORK/rootfs" --host-files dns,tz,certs -- true
	same_plan --root "$WORK/rootfs" --init --timeout 5s --die-with-parent --tty -- true
	same_plan --root "$WORK/rootfs" --console /dev/null --no-new-privs off -- true
	same_plan --root "$WORK/rootfs" --keep "$WORK/kept" --no-tty --arch "$(uname -m)" -- true
	same_plan --root "$WORK/rootfs" --rw --map 0:0:1 --map 1:100000:10 --user 3:4 --cwd /tmp --pass-env all -- true
	[ "$(uname -m)" != x86_64 ] || same_plan --arch i386 -- true
	jq -n '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapon"], action: "SCMP_ACT_ERRNO"}]}' >"$WORK/profile"
	same_plan --root "$WORK/rootfs" --seccomp "$WORK/profile" --sys --proc /p --mount mqueue::/q --bind /etc:/e:norec -- true
	same_plan --uts host --ipc host --pid host --net pid:$$ --cap-keep chown --groups keep -- true
}

@test "box --print-config: the config.json has the same plan, for an ordinary user" {
	AS="as_user env PATH=$PATH"
	same_plan
	same_plan --root "$WORK/own" --bind /etc:/mnt:ro --net none --user 5:6 --env A=B --rlimit nofile=10:20 -- id -u
	same_plan --root "$WORK/own" --seccomp none --user user --hostname h --dir /q
}

@test "box --print-config: nothing is done, and faults are told" {
	before=$(snapshot)
	run "$WORK/kist" --root "$WORK/state" box --root "$WORK/rootfs" --print-config -- touch /x
	expect 0 "$status"
	expect '["touch","/x"]' "$(jq -c .process.args <<<"$output")"
	# What cannot make the view sees a read-only root.
	expect true "$(jq .root.readonly <<<"$output")"
	run "$WORK/kist" --root "$WORK/state" box --memory lots --print-config
	expect 125 "$status"
	contains "--memory lots"
	nothing_left "$before"
}

@test "box --config: from a file, a pipe, a descriptor and inline; a bundle of it runs too" {
	dir=$WORK/bundles/ran
	mkdir -p "$dir"
	"$WORK/kist" --root "$WORK/state" box --root "$WORK/rootfs" --hostname made --print-config -- \
		sh -c 'hostname; echo x >/etc/new; exit 5' >"$dir/config.json"
	run "$WORK/kist" --root "$WORK/state" box --config "$dir/config.json"
	expect 5 "$status"
	expect made "$output"
	run bash -c "cat $dir/config.json | $WORK/kist --root $WORK/state box --config -"
	expect 5 "$status"
	run bash -c "$WORK/kist --root $WORK/state box --config fd:5 5<$dir/config.json"
	expect 5 "$status"
	run "$WORK/kist" --root "$WORK/state" box --config "$(cat "$dir/config.json")"
	expect 5 "$status"
	run "$WORK/kist" --root "$WORK/state" run -b "$dir" bundle
	expect 5 "$status"
	expect made "$output"
	[ ! -e "$WORK/rootfs/etc/new" ]
}

@test "box --config: any config.json, with a root taken from the caller's directory" {
	b=$(bundle plain "$(args cat /proc/self/status) | .root.path = \"rootfs\"")
	cd "$WORK"
	run "$WORK/kist" --root "$WORK/state" box --config "$b/config.json" --name named
	expect 0 "$status"
	contains "NoNewPrivs"
	b=$(bundle_rootless plain-user "$(args echo rootless)")
	run as_user "$WORK/kist" --root "$WORK/user-state" box --config "$b/config.json"
	expect 0 "$status"
	expect rootless "$output"
}

@test "box --config: what describes the box does not go with it, and faults have their place" {
	run "$WORK/kist" --root "$WORK/state" box --config /nope --memory 5M --bind /a --seccomp none -- true
	expect 125 "$status"
	contains "--config describes the whole box: it does not go with --bind, --memory, --seccomp, a command"
	run "$WORK/kist" --root "$WORK/state" box --config /nope
	expect 125 "$status"
	contains "cannot read the configuration /nope: no such file or directory"
	run "$WORK/kist" --root "$WORK/state" box --config '{ "ociVersion": 7 }'
	expect 125 "$status"
	contains "--config:1:17 /ociVersion: expected a string"
	printf '{ "ociVersion": "1.0.2", "root": { "path": "/" }, "process": { "cwd": "/", "args": ["a"] }, "linux": {},\n "annotations": { "dev.kist.box": "{\\"root\\": \\"overlaid\\"}" } }' >"$WORK/note.json"
	run "$WORK/kist" --root "$WORK/state" box --config "$WORK/note.json"
	expect 125 "$status"
	contains "$WORK/note.json:2:35 /annotations/dev.kist.box: root: unknown root \"overlaid\""
}
