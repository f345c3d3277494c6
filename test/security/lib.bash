# lib.bash: what the security tests add: images of their own to poison, canaries outside of them, the rival, and the
# same bundle under Debian's runtimes as a positive control.

load ../run/lib.bash

# The canaries: marker files outside of every root file system, that no container may read, change, or be mounted on.
security_setup() {
	lib_setup
	export CANARY=$WORK/canary RIVAL=$WORK/rival
	cc -D_GNU_SOURCE -O1 -o "$RIVAL" "$BATS_TEST_DIRNAME/rival.c" || return 1
	mkdir -p "$CANARY/dir"
	echo CHIRP-42 >"$CANARY/file"
	echo 'root:x:4242:4242:CHIRP-42:/CHIRP-42:/bin/sh' >"$CANARY/passwd"
	echo 'wheel:x:4242:canary,user,root' >"$CANARY/group"
	canary_look >"$WORK/canary.before"
}

canary_look() {
	find "$CANARY" -printf '%P %y %m %U:%G %s %T@ %C@ %D %i\n' | sort
	find "$CANARY" -type f -exec sha256sum {} + | sort
}

# The canary is unchanged, and $output does not sing.
canary_intact() {
	diff "$WORK/canary.before" <(canary_look) >&2 || return 1
	lacks CHIRP
}

# image NAME: a root file system of the test's own to poison. Prints its path.
image() {
	local dir=$WORK/images/$1
	rm -rf "$dir"
	mkdir -p "$WORK/images"
	cp -a "$WORK/rootfs" "$dir"
	printf '%s\n' "$dir"
}

# image_bundle NAME [FILTER]: a bundle over image NAME, writable, run by the name of the image.
image_bundle() {
	bundle "$1" ".root.path = \"$WORK/images/$1\" | .root.readonly = false | ${2:-.}"
}

# without DESTINATION: a jq filter that drops the mount.
without() {
	printf '.mounts |= map(select(.destination != "%s"))' "$1"
}

# step BUNDLE KIND [LAST]: the number of the first (or last) step of this kind in the bundle's plan.
step() {
	"$WORK/kist-fault" --root "$WORK/state" plan --json run -b "$1" step |
		jq --arg kind "$2" "[.steps[] | select(.kind == \$kind)] | ${3:-first} | .n"
}

# stop_at BUNDLE STEP: starts the bundle in the background and has its init wait before this step. Sets runtime and init.
stop_at() {
	"$WORK/kist-fault" --root "$WORK/state" --stop-at "$2" run -b "$1" stopped >"$WORK/stopped.out" 2>&1 3>&- &
	runtime=$!
	for _ in $(seq 200); do
		init=$(pgrep -P $runtime) && [[ $(readlink "/proc/$init/exe") == *kist-init* ]] && break
		sleep 0.01
	done
	sleep 0.05
	[[ $(readlink "/proc/$init/exe") == *kist-init* ]]
}
stop_end() {
	kill -TERM "$runtime"
	wait "$runtime" || true
}

# run_wait BUNDLE: runs a bundle in the background whose program says "ready". Sets runtime and program.
run_wait() {
	"$WORK/kist" --root "$WORK/state" run -b "$1" waits >"$WORK/waits.out" 2>&1 3>&- &
	runtime=$!
	for _ in $(seq 200); do grep -q ready "$WORK/waits.out" && break; sleep 0.02; done
	program=$(pgrep -P $runtime)
	grep -q ready "$WORK/waits.out"
}
run_end() {
	kill -TERM "$runtime"
	wait "$runtime" || true
}

# control RUNTIME VERSION BUNDLE: runs the bundle under Debian's crun or runc, in a cgroup v1 view. A test that cannot fail
# proves nothing: here it must fail, as this version of the package is known to.
control() {
	local package=$1 version=$2 dir=$3 found
	found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null) || skip "$package is not installed"
	[ "$found" = "$version" ] || skip "$package is $found; known to be open is $version"
	jq '.ociVersion = "1.0.2" | .linux.cgroupsPath = "/kist-test/control"' "$dir/config.json" >"$dir/config.new" && mv "$dir/config.new" "$dir/config.json"
	# Into a file: what such a runtime leaves behind would hold a pipe open.
	status=0
	timeout -s KILL 3 "$ROOT/bench/view" v1 "$package" --root "$WORK/control" run -b "$dir" "control-$BATS_TEST_NUMBER" \
		>"$WORK/control.out" 2>&1 </dev/null 3>&- || status=$?
	output=$(cat "$WORK/control.out")
	timeout -k 1 3 "$ROOT/bench/view" v1 "$package" --root "$WORK/control" delete -f "control-$BATS_TEST_NUMBER" >/dev/null 2>&1 3>&- || true
	for process in $(cat /sys/fs/cgroup/pids/kist-test/control/cgroup.procs 2>/dev/null); do kill -KILL "$process"; done
	rmdir /sys/fs/cgroup/*/kist-test/control /sys/fs/cgroup/*/kist-test 2>/dev/null || true
}
