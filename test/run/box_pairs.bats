#!/usr/bin/env bats
# Flags of a box beside each other: what contradicts is refused with both flags' names and what to do, as root and as a
# user; what can be had together is had.

load lib.bash
setup_file() {
	lib_setup
	cp -a "$WORK/rootfs" "$WORK/own"
	chown -R "$TESTER:" "$WORK/own"
	case $(uname -m) in
	aarch64) export SWAPON=224 ;;
	*) export SWAPON=167 ;;
	esac
}
teardown_file() { lib_teardown; }
teardown() {
	# unshare(1) ignores SIGTERM while it waits for its child.
	local pid
	for pid in ${EVERY:-}; do kill -KILL $(pgrep -P "$pid") "$pid" || true; done
}

box() {
	run "$WORK/kist" --root "$WORK/state" box "$@"
}
user_box() {
	run as_user env PATH="$PATH" "$WORK/kist" --root "$WORK/user-state" box "$@"
}
# both TEXT FLAG...: refused as root and as a user, before anything runs; the sentence has these words.
both() {
	local text=$1 who
	shift
	for who in box user_box; do
		$who "$@" -- echo started
		expect 125 "$status"
		contains "$text"
		lacks started
	done
}
# A process in namespaces of its own, which a box may join: its pid in STARTED.
started() {
	"$@" sh -c 'echo ready; exec sleep 1000' >"$WORK/ready" 2>&1 3>&- &
	STARTED=$!
	EVERY="${EVERY:-} $STARTED"
	for _ in $(seq 600); do grep -q ready "$WORK/ready" && break; sleep 0.1; done
}

@test "refused together: what the root is, and what becomes of it" {
	local root="--root $WORK/own" keep="--keep $WORK/changes"
	# shellcheck disable=SC2086
	{
		both "--rw: no box writes to this machine's own files: name a directory with --root" --rw
		both "--overlay: a box over this machine is an overlay anyway: leave it out" --overlay
		both "--overlay and --rw exclude each other: leave one out" $root --overlay --rw
		both "--rw and --ro / exclude each other: leave one out" $root --rw --ro /
		both "--rw and --ro / exclude each other: leave one out" $root --rw --ro /.
		both "$keep: with --rw what is written goes into the root itself: leave one of the two out" $root --rw $keep
		both "--from $WORK/a: with --rw what is written" $root --rw --from "$WORK/a"
		both "no changes for --keep to keep: leave one of the two out" $keep --ro /
		both "no changes for --from to keep: leave one of the two out" --from "$WORK/a" --ro /
		both "so --keep $WORK/b can only be left out: to keep these too, copy them first (cp -a)" --from "$WORK/a" --keep "$WORK/b"
		both "another architecture is that of another root (--root DIR)" --arch s390x
	}
	both "--bind $WORK/a/upper.0:/mnt: what the box writes is kept in $WORK/a, and it may not write there itself" \
		--keep "$WORK/a" --bind "$WORK/a/upper.0:/mnt"
	both "--bind $WORK/a:/mnt: what the box writes is kept in $WORK/a" --from "$WORK/a" --bind "$WORK/a:/mnt"
	[ ! -e "$WORK/changes" ]
}

@test "refused together: places over the whole root" {
	local flag
	for flag in "--bind /etc:/" "--bind /" "--bind-try /etc://" "--tmpfs /" "--tmpfs /./" "--proc /" "--mount tmpfs::/.."; do
		# shellcheck disable=SC2086
		both "$flag: nothing is placed over the whole root: what that is says --root DIR" $flag
	done
	both "--symlink a:/: the root is a directory, and no link" --symlink a:/
	both "--mask /.: the whole root cannot be masked" --mask /.
	# A name of dots is a name.
	box --tmpfs /... -- stat -f -c %T /...
	expect tmpfs "$output"
}

@test "refused together: namespaces, names and clocks" {
	both "--hostname other: with --uts host the name is not the box's to choose: leave one of the two out" --uts host --hostname other
	both "--clock monotonic=1: the machine's clocks are not moved: it needs --time new" --clock monotonic=1
	both "--clock monotonic=1: the machine's clocks are not moved: it needs --time new" --clock monotonic=1 --time host
	both "--clock monotonic=1: the machine's clocks are not moved: it needs --time new" --clock monotonic=1 --time pid:1
	for wrong in "" "monotonic=1," "monotonic=1,monotonic=2"; do
		both "--clock $wrong: expected monotonic=SECONDS, boottime=SECONDS, or both with a comma" --time new --clock "$wrong"
	done
	both "--init: it needs a pid namespace of the box's own: --pid new" --init --pid host
	both "--init: it needs a pid namespace of the box's own: --pid new" --init --pid pid:1
	both "--dev host: host is all of the machine's devices: it goes with no other --dev" --dev host --dev minimal
	both "--dev host: host is all of the machine's devices: it goes with no other --dev" --dev /dev/full --dev host
}

@test "refused together: ids of its own and the namespaces of a process" {
	started unshare -p -n -f --mount-proc
	for flag in "--map 0:0:1" "--map-uid 0" "--map-gid 0"; do
		# shellcheck disable=SC2086
		box $flag --pid "pid:$STARTED" -- true
		expect 125 "$status"
		contains "--pid pid:$STARTED: the processes of another can be shown only with its user namespace, and ${flag% *} gives"
	done
	both "--map says already which group ids there are: leave one out" --map 0:0:1 --map-gid 0
	user_box --map-uid 0 --net "pid:$STARTED" -- true
	expect 125 "$status"
	contains "--net pid:$STARTED: without root a box that joins a process shares its user namespace"
	contains "leave --map, --map-uid and --map-gid out"
	user_box --ipc pid:1 --net "pid:$STARTED" -- true
	expect 125 "$status"
	contains "only the namespaces of one process can be joined"
	contains "leave this one or that of pid:"
	# A user that is not mapped is told before anything is done, looked up or not.
	for who in box user_box; do
		$who --map "0:$([ "$who" = box ] && echo 0 || id -u "$TESTER"):1" --user 70000 -- true
		expect 125 "$status"
		contains "--user 70000: id 70000 is not mapped into the user namespace: map it too, or take one that is"
		$who --map "0:$([ "$who" = box ] && echo 0 || id -u "$TESTER"):1" --user root:70000 -- true
		expect 125 "$status"
		contains "--user root:70000: id 70000 is not mapped"
	done
}

@test "refused together: terminals, filters and limits" {
	both "--tty: it contradicts --no-tty: leave one of the two out" --tty --no-tty
	both "--tty: it contradicts --no-tty: leave one of the two out" -tT
	both "--console /dev/null: it is the terminal, so --tty and --no-tty contradict it: leave them out" --console /dev/null -t
	both "--console /dev/null: it is the terminal" --console /dev/null -T
	both "--seccomp none: without a filter there is nothing for --seccomp-trace to tell: leave one of the two out" \
		--seccomp none --seccomp-trace
	both "--swap 1G: swap is limited together with memory: give --memory too" --swap 1G
	both "--affinity 0-1: processor 1 is not in --cpuset 0, which nothing in the box can leave" --affinity 0-1 --cpuset 0
	both "--affinity 0x2: processor 1 is not in --cpuset 0" --cpuset 0 --affinity 0x2
	both "--init: it and the program are two processes, and --pids 1 allows one: leave --init out, or give --pids 2" \
		--init --pids 1
	both "--rlimit core=2: " --rlimit core=1 --rlimit core=2
}

@test "refused together: what reads or prints a whole box" {
	local flags
	both "--config describes the whole box: it does not go with --rw, --x11, --init, a command" --config /nope --init --x11 --rw
	both "--print-preset prints a preset as it is, and does nothing: it does not go with --memory, --preset, a command" \
		--print-preset build --memory 5M --preset build
	both "--print-config says what a box is, and starts none: it does not go with --name, --pid-file, --seccomp-trace" \
		--print-config --name a --pid-file b --seccomp-trace
	for flags in "--print-config" "--print-preset build"; do
		for verb in plan trace; do
			# shellcheck disable=SC2086
			run "$WORK/kist" --root "$WORK/state" $verb box $flags
			expect 125 "$status"
			contains "\`kist $verb\` prints the steps of a start, and ${flags% *} something else"
		done
	done
}

@test "all contradictions and misuses of one command are told at once" {
	both "invalid container id" --name '' --seccomp "$WORK/none.json" --memory lots --env x --tty --no-tty --uts host --hostname a --cwd rel \
		--timeout never --affinity 5 --cpuset 4 --clock x=1 --bind :/x --tmpfs / --user -1 --groups , --cap-add x
	for part in 'invalid container id ""' "cannot read the seccomp profile $WORK/none.json" "--memory lots: " "--env x: " \
		"--tty: " "--hostname a: " "--cwd rel: " "--timeout never: " "--affinity 5: " "--clock x=1: " "--bind :/x: " \
		"--tmpfs /: " "--user -1: " "--groups ,: " "--cap-add x: "; do
		contains "$part"
	done
}

# --- what can be had together ------------------------------------------------------------------------------------------

@test "together: a filter that is traced and an init that stays" {
	for who in box user_box; do
		$who --root "$WORK/own" --seccomp-trace --init -- sh -c 'cat /proc/1/comm; probe --call '"$SWAPON"'; exit 3'
		expect 3 "$status"
		contains kist-init
		contains "call $SWAPON Operation not permitted"
		contains "probe swapon(0, 0, 0, 0, 0, 0) → would be"
		lacks execve
		# What is refused to the program is refused to init: it holds nothing of the trace.
		$who --root "$WORK/own" --seccomp-trace --init -- /no/such
		expect 127 "$status"
	done
	box --seccomp-trace --init -- sh -c 'ls /proc/1/fd | wc -l'
	[ "$output" = 0 ] || contains "ermission denied"
}

@test "together: an init and a limit of two processes; of a limit of one the reason is told" {
	box --init --pids 2 -- true
	expect 0 "$status"
	for who in box user_box; do
		$who --init --rlimit nproc=1 --user 1000:1000 -- true
		[ "$status" != 0 ] || continue # the limit counts what this user runs anywhere
		contains "an init and the program are two processes"
		lacks "seccomp profile denies"
	done
}

@test "together: a network that is joined, ids of its own, and a root of its own" {
	started unshare -n -f
	joined=$(pgrep -P "$STARTED" || echo "$STARTED")
	box --root "$WORK/rootfs" --map 0:0:1 --net "pid:$joined" -- sh -c 'readlink /proc/self/ns/net; ls -d /sys/kernel'
	expect 0 "$status"
	expect "$(readlink "/proc/$joined/ns/net") /sys/kernel" "$(echo $output)"
}

@test "together: time limits, traces, plans" {
	for who in state user-state; do
		run $([ $who = state ] || echo setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env) \
			"$WORK/kist" --root "$WORK/$who" trace box --root "$WORK/own" --timeout 1s -- sleep 4130
		expect 124 "$status"
		contains "exec"
	done
	box --root "$WORK/rootfs" --seccomp-trace --timeout 1s --init -- sleep 4131
	expect 124 "$status"
	box --root "$WORK/rootfs" --seccomp-trace --timeout 1s -- sleep 4132
	expect 124 "$status"
	run pgrep -f '^sleep 413[012]'
	expect 1 "$status"
}

@test "together: --config and what says how it runs, which counts more than the file" {
	"$WORK/kist" --root "$WORK/state" box --root "$WORK/own" --print-config --timeout 30s -- sleep 4133 >"$WORK/slow.json"
	box --config "$WORK/slow.json" --timeout 1s
	expect 124 "$status"
	run as_user "$WORK/kist" --root "$WORK/user-state" box --root "$WORK/own" --print-config -- sleep 4133
	printf '%s\n' "$output" >"$WORK/user.json"
	user_box --config "$WORK/user.json" --timeout 1s
	expect 124 "$status"
	box --config "$WORK/slow.json" --timeout never --console ''
	expect 125 "$status"
	contains "--timeout never: expected a time"
	contains "--console : expected a terminal device"
	box --config "$WORK/slow.json" --console /dev/null
	expect 125 "$status"
	contains "cannot open the terminal /dev/null"
	contains "asked by       --console /dev/null"
	box --config "$WORK/slow.json" --timeout 2s --die-with-parent --print-config
	expect '{"timeoutMs":2000,"dieWithParent":true}' \
		"$(jq -c '.annotations["dev.kist.box"] | fromjson | {timeoutMs, dieWithParent}' <<<"$output")"
	# Any config.json, without a word of kist's in it.
	b=$(bundle plain "$(args sleep 4133)")
	box --config "$b/config.json" --timeout 1s
	expect 124 "$status"
	box --config "$b/config.json" --timeout 1s --print-config
	expect 1000 "$(jq '.annotations["dev.kist.box"] | fromjson | .timeoutMs' <<<"$output")"
}

@test "together: what protects a path counts more than what is placed at it" {
	install -d -m 777 "$WORK/shared"
	echo here >"$WORK/shared/file"
	for who in box user_box; do
		$who --mask /mnt --bind "$WORK/shared:/mnt" -- sh -c 'ls -A /mnt | wc -l'
		expect 0 "$output"
		$who --ro /mnt --bind "$WORK/shared:/mnt" -- sh -c 'cat /mnt/file; touch /mnt/x'
		contains here
		contains "ead-only file system"
		$who --ro / --bind "$WORK/shared:/mnt" -- sh -c 'touch /mnt/x && rm /mnt/x && echo written'
		contains written
		$who --tmpfs /mnt --cwd /mnt/a/b -- pwd
		expect /mnt/a/b "$output"
	done
}

@test "together: changes that are kept, and a bind of the directory that they lie in" {
	local who
	install -d -m 777 "$WORK/kept"
	touch "$WORK/kept/other"
	for who in box user_box; do
		$who --root "$WORK/own" --keep "$WORK/kept/$who" --bind "$WORK/kept:/mnt" -- sh -c \
			"ls /mnt; ls -A /mnt/$who | wc -l; touch /mnt/$who/x; echo y >/new"
		contains other
		contains $'\n0\n'
		contains "ead-only file system"
		expect y "$(cat "$WORK/kept/$who/upper.0/new")"
	done
}

@test "together: capabilities taken and kept, privileges to gain without any" {
	for who in box user_box; do
		$who --cap-keep kill --cap-drop kill -- grep CapEff /proc/self/status
		contains 0000000000000000
		$who --no-new-privs off --cap-drop all --user 1000:1000 -- grep -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/self/status
		expect "CapBnd: 0000000000000000 NoNewPrivs: 0 Seccomp: 2" "$(xargs <<<"$output")"
		$who --affinity 0 --cpuset 0 -- true
		[ "$who" = user_box ] || expect 0 "$status"
		$who --net none --host-files dns --hostname mine -- getent hosts mine
		expect "127.0.1.1 mine" "$(echo $output)"
	done
}
