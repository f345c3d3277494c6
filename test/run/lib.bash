# lib.bash: what every scenario test uses: bundles made from `kist spec`, an ordinary user, and a look for leftovers.
#
# The environment (set by script/test, with defaults for a hand-run): KIST, KIST_FAULT (test build), PROBE, TESTER (an
# ordinary user with subordinate ids).

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${KIST:=$ROOT/build/src/kist}" "${KIST_FAULT:=$ROOT/build-fault/src/kist}" "${PROBE:=$ROOT/build/test/probe}"
: "${TESTER:=tester}"

# One working folder a file of tests, with a root file system of busybox and the probe that every bundle shares.
lib_setup() {
	export WORK
	WORK=$(mktemp -d /tmp/kist-test.XXXXXX)
	chmod 755 "$WORK"
	mkdir -p "$WORK"/rootfs/{bin,dev,etc,home/user,proc,root,run,sys,tmp,var,mnt}
	cp "$(command -v busybox)" "$WORK/rootfs/bin/busybox"
	local applet
	for applet in sh cat ls id echo env hostname ps mount touch true false sleep stat printf pwd grep mkdir chown kill \
		dd head seq stty tty awk wc test sync chroot vi top less; do
		ln -s busybox "$WORK/rootfs/bin/$applet"
	done
	cp "$PROBE" "$WORK/rootfs/bin/probe"
	cp "$KIST" "$WORK/kist"
	[ ! -e "$KIST_FAULT" ] || cp "$KIST_FAULT" "$WORK/kist-fault"
	printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n' >"$WORK/rootfs/etc/passwd"
	printf 'root:x:0:\nuser:x:1000:\nextra:x:1001:user\n' >"$WORK/rootfs/etc/group"
	chmod 1777 "$WORK/rootfs/tmp"
	install -d -m 700 "$WORK/state"
	install -d -m 700 -o "$TESTER" "$WORK/user-state"
	install -d -m 777 "$WORK/bundles"
}

lib_teardown() {
	[ -n "$WORK" ] || return 0
	"$WORK/kist" --root "$WORK/state" gc >/dev/null 2>&1 || true
	as_user "$WORK/kist" --root "$WORK/user-state" gc >/dev/null 2>&1 || true
	rm -rf "$WORK"
}

# as_user CMD...: as the ordinary user, in a clean environment.
as_user() {
	setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env "$@"
}

# bundle NAME [FILTER]: a bundle whose config.json is `kist spec`, without a terminal, with the test's root file
# system, changed by a jq filter. Prints its path.
bundle() {
	local dir=$WORK/bundles/$1 filter=${2:-.}
	mkdir -p "$dir"
	(cd "$dir" && rm -f config.json && "$WORK/kist" spec) || return 1
	jq --arg root "$WORK/rootfs" ".process.terminal = false | .root.path = \$root | $filter" "$dir/config.json" \
		>"$dir/config.new" && mv "$dir/config.new" "$dir/config.json"
	printf '%s\n' "$dir"
}

# bundle_rootless NAME [FILTER]: the same from `kist spec --rootless`, owned by the ordinary user.
bundle_rootless() {
	local dir=$WORK/bundles/$1 filter=${2:-.}
	install -d -o "$TESTER" "$dir"
	(cd "$dir" && rm -f config.json && as_user "$WORK/kist" spec --rootless) || return 1
	jq --arg root "$WORK/rootfs" ".process.terminal = false | .root.path = \$root | $filter" "$dir/config.json" \
		>"$WORK/config.new" && install -o "$TESTER" "$WORK/config.new" "$dir/config.json"
	printf '%s\n' "$dir"
}

# args WORD...: a jq filter that sets the program.
args() {
	# Each with a sign before it: jq would take a word with a dash for an option of its own.
	printf '.process.args = %s' "$(jq -nc '$ARGS.positional | map(.[1:])' --args "${@/#/=}")"
}

# kist_run BUNDLE [ID]: runs a bundle as root; kist_run_user: as the ordinary user. Standard error joins the output.
kist_run() {
	run "$WORK/kist" --root "$WORK/state" run -b "$1" "${2:-t$$}"
}
kist_run_user() {
	run as_user "$WORK/kist" --root "$WORK/user-state" run -b "$1" "${2:-t$$}"
}

# line KEY: the first line of $output that begins with this key, without the key.
line() {
	sed -n "s|^$1 ||p" <<<"$output" | head -n 1
}

# expect WANT GOT: equal, or show both.
expect() {
	[ "$1" = "$2" ] || {
		printf 'wanted: %s\ngot:    %s\noutput:\n%s\n' "$1" "$2" "$output" >&2
		return 1
	}
}
# contains PART: $output has it.
contains() {
	[[ $output == *"$1"* ]] || {
		printf 'wanted in the output: %s\noutput:\n%s\n' "$1" "$output" >&2
		return 1
	}
}
lacks() {
	[[ $output != *"$1"* ]] || {
		printf 'not wanted in the output: %s\noutput:\n%s\n' "$1" "$output" >&2
		return 1
	}
}

# snapshot: everything kist could leave behind, as text: records, cgroups, mounts, processes, memfds.
snapshot() {
	find "$WORK/state" "$WORK/user-state" -mindepth 1 ! -name .features | sort
	find /sys/fs/cgroup -type d \( -path '*/kist/*' -o -name kist -o -path '*/kist-test/*' \) 2>/dev/null | sort
	awk '{ print $5 }' /proc/self/mountinfo | sort
	# One that has ended and waits for this machine's init to take notice is nothing that kist could still remove.
	ps -eo pid=,ppid=,stat=,comm=,args= | awk '$4 ~ /^kist/ && !($2 == 1 && $3 ~ /^Z/) { $2 = $3 = ""; print }' | sort
	ls "$WORK/rootfs" "$WORK/rootfs/dev" "$WORK/rootfs/proc"
}

# nothing_left BEFORE: the world is as it was.
nothing_left() {
	local after
	after=$(snapshot)
	[ "$1" = "$after" ] || {
		diff <(printf '%s\n' "$1") <(printf '%s\n' "$after") >&2
		return 1
	}
}
