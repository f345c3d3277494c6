#!/usr/bin/env bats
# What a box may use, and when it runs: cgroup limits, resource limits, OOM score, nice, processors.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

box() {
	run "$WORK/kist" --root "$WORK/state" box "$@"
}
user_box() {
	run as_user env PATH="$PATH" "$WORK/kist" --root "$WORK/user-state" box "$@"
}
refused() {
	box "$@" -- true
	expect 125 "$status"
	contains "$1 $2"
}
# in_cgroup FILE FLAG...: a box that waits, and what its cgroup says in that file.
in_cgroup() {
	local file=$1 path
	shift
	coproc waiting { "$WORK/kist" --root "$WORK/state" box --name limits "$@" -- sh -c 'echo ready; read _' 2>&1 3>&-; }
	local pid=$waiting_PID
	read -r -t 10 output <&"${waiting[0]}"
	path=$(find /sys/fs/cgroup -path "*/kist/limits/$file" | head -n 1)
	[ -z "$path" ] || output=$(cat "$path")
	echo >&"${waiting[1]}"
	wait "$pid"
}

@test "box --rlimit: soft and hard, unlimited, by any spelling" {
	box --rlimit nofile=100:200 --rlimit RLIMIT_CORE=1M --rlimit cpu=unlimited -- \
		sh -c 'ulimit -n; ulimit -Hn; ulimit -c; ulimit -t'
	expect "100 200 2048 unlimited" "$(xargs <<<"$output")"
	user_box --rlimit nofile=64 -- sh -c 'ulimit -n; ulimit -Hn'
	expect "64 64" "$(xargs <<<"$output")"
	refused --rlimit nofil=1
	contains "did you mean NOFILE?"
	refused --rlimit nofile=2:1
	refused --rlimit nofile
	box --rlimit core=1 --rlimit core=2 -- true
	expect 125 "$status"
	contains "--rlimit core=2"
	contains "set twice"
}

@test "box --rlimit: above what this caller may" {
	refused --rlimit nofile=unlimited
	contains "fs.nr_open"
	run as_user bash -c "ulimit -n 500; $WORK/kist --root $WORK/user-state box --rlimit nofile=600 -- true"
	expect 125 "$status"
	contains "--rlimit nofile=600"
	contains "above the caller's own, 500"
}

@test "box --nice and --oom-score" {
	box --nice 7 --oom-score 300 -- sh -c 'nice; cat /proc/self/oom_score_adj'
	expect "7 300" "$(xargs <<<"$output")"
	user_box --nice 7 --oom-score 300 -- sh -c 'nice; cat /proc/self/oom_score_adj'
	expect "7 300" "$(xargs <<<"$output")"
	box --nice -5 -- nice
	expect -5 "$output"
	# Root of a machine's container may lack CAP_SYS_RESOURCE.
	box --oom-score -300 -- cat /proc/self/oom_score_adj
	if (echo -300 >/proc/$BASHPID/oom_score_adj) 2>/dev/null; then expect -300 "$output"; else contains CAP_SYS_RESOURCE; fi
	user_box --nice -5 -- true
	expect 125 "$status"
	contains "--nice -5"
	contains CAP_SYS_NICE
	user_box --oom-score -300 -- true
	expect 125 "$status"
	contains "--oom-score -300"
	contains CAP_SYS_RESOURCE
	refused --nice 20
	refused --oom-score 1001
}

@test "box --affinity: a list or a mask" {
	[ "$(nproc)" -gt 1 ] || skip "one processor only"
	allowed='sed -n s/^Cpus_allowed_list:.//p /proc/self/status'
	# shellcheck disable=SC2086
	box --affinity 1 -- $allowed
	expect 1 "$output"
	# shellcheck disable=SC2086
	box --affinity 0x3 -- $allowed
	expect 0-1 "$output"
	# shellcheck disable=SC2086
	user_box --affinity 0 -- $allowed
	expect 0 "$output"
	refused --affinity 0-1023
	contains "this machine has no processor"
	refused --affinity fast
}

@test "box --cpus: a program that computes is held back" {
	local file stat
	in_cgroup 'cpu.cfs_quota_us' --cpus 0.2
	[ ! -e /sys/fs/cgroup/cpu ] || expect 20000 "$output"
	coproc waiting { exec "$WORK/kist" --root "$WORK/state" box --name limits --cpus 0.2 -- sh -c 'echo ready; while :; do :; done' 2>&1 3>&-; }
	local pid=$waiting_PID
	read -r -t 60 output <&"${waiting[0]}"
	stat=$(find /sys/fs/cgroup -path "*/kist/limits/cpu.stat" -exec grep -l nr_throttled {} + | head -n 1)
	for _ in $(seq 600); do [ "$(awk '$1 == "nr_throttled" { print $2 }' "$stat")" = 0 ] || break; sleep 0.1; done
	output=$(cat "$stat")
	kill -TERM "$pid"
	wait "$pid" || true
	[ "$(line nr_throttled)" -gt 0 ]
	for wrong in 0 0.001 none 1,5 -1; do
		refused --cpus "$wrong"
		contains "and 0.01 at least"
	done
	user_box --cpus 0.5 -- true
	expect 125 "$status"
	contains "--cpus 0.5"
	contains elegat
}

@test "box --pids: no more processes than that" {
	box --pids 3 -- sh -c 'sleep 0 & sleep 0 & wait; echo two'
	contains two
	box --pids 2 -- "$PROBE" --forks 20
	expect 1 "$(line forks)"
	for wrong in 0 -1 many 1.5; do refused --pids "$wrong"; done
	user_box --pids 5 -- true
	expect 125 "$status"
	contains "--pids 5"
	contains elegat
}

@test "box --cpuset: nothing inside can leave it" {
	[ "$(nproc)" -gt 1 ] || skip "one processor only"
	box --cpuset 1 -- sh -c 'sed -n s/^Cpus_allowed_list:.//p /proc/self/status; taskset -p 1 $$ && echo left'
	contains 1
	lacks left
	refused --cpuset 0-1023
	contains "this machine has no processor"
	refused --cpuset 1-
	user_box --cpuset 0 -- true
	expect 125 "$status"
	contains "--cpuset 0"
	contains elegat
}

@test "box --memory and --swap" {
	if [ -e /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes ]; then
		in_cgroup memory.memsw.limit_in_bytes --memory 64M --swap 32M
		expect $((96 << 20)) "$output"
		in_cgroup memory.memsw.limit_in_bytes --memory 64M --swap 0
		expect $((64 << 20)) "$output"
	elif [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		in_cgroup memory.swap.max --memory 64M --swap 32M
		expect $((32 << 20)) "$output"
	else
		box --memory 64M --swap 0 -- true
		contains "memory.memsw.limit_in_bytes"
	fi
	refused --swap 1G
	contains "give --memory too"
	box --memory 1G --swap lots -- true
	expect 125 "$status"
	contains "--swap lots"
}

@test "box --io-weight" {
	if grep -qs . /sys/fs/cgroup/blkio/blkio.bfq.io_serviced; then
		in_cgroup blkio.bfq.weight --io-weight 321
		expect 321 "$output"
	else
		box --io-weight 321 -- true
		[ "$status" = 0 ] || contains "--io-weight 321"
	fi
	refused --io-weight 5
	refused --io-weight 1001
	user_box --io-weight 100 -- true
	expect 125 "$status"
	contains "--io-weight 100"
	contains elegat
}

@test "run: block I/O of a device, limited and weighed" {
	[ -e /sys/fs/cgroup/blkio/blkio.throttle.read_bps_device ] || skip "no blkio controller of cgroup v1 here"
	device=$(cat /sys/block/loop0/dev)
	filter=$(printf '.linux.resources.blockIO.throttleReadBpsDevice = [{major: %d, minor: %d, rate: 1048576}] |
		.linux.resources.blockIO.throttleWriteIOPSDevice = [{major: %d, minor: %d, rate: 50}]' \
		"${device%:*}" "${device#*:}" "${device%:*}" "${device#*:}")
	coproc waiting { "$WORK/kist" --root "$WORK/state" run -b "$(bundle io "$filter | $(args sh -c 'echo ready; read _')")" io 2>&1 3>&-; }
	pid=$waiting_PID
	read -r -t 10 output <&"${waiting[0]}"
	expect ready "$output"
	output=$(cd /sys/fs/cgroup/blkio/kist/io && cat blkio.throttle.read_bps_device blkio.throttle.write_iops_device)
	echo >&"${waiting[1]}"
	wait "$pid"
	expect "$device 1048576 $device 50" "$(xargs <<<"$output")"
	run "$WORK/kist" --root "$WORK/state" run -b "$(bundle leaf '.linux.resources.blockIO.leafWeight = 100')" leaf
	expect 125 "$status"
	contains "no kernel since Linux 5.0 has leaf weights"
	kist_run "$(bundle none '.linux.resources.blockIO.throttleReadBpsDevice = [{major: 250, minor: 77, rate: 5}]')" none
	expect 125 "$status"
	contains "/linux/resources/blockIO/throttleReadBpsDevice/0"
}
