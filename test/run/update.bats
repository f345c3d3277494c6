#!/usr/bin/env bats
# kist update: other limits for a container that runs.

load lib.bash
load verbs.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }
teardown() { end_all; }

# limit ID V1_FILE V2_FILE: what the cgroup of the container has in it.
limit() {
	local path
	while read -r _ _ _ path; do
		cat "$path/$2" 2>/dev/null || cat "$path/$3" 2>/dev/null || continue
		return 0
	done < <(grep ^cgroup "$WORK/state/$1/journal")
	return 1
}

@test "update by flags: memory, processors, processes" {
	container u1
	kist update --memory 64M --cpu-quota=50000 u1 --cpu-share 512 --pids-limit 20
	expect 0 "$status"
	expect "" "$output"
	expect 67108864 "$(limit u1 memory.limit_in_bytes memory.max)"
	expect 20 "$(limit u1 pids.max pids.max)"
	kist update --cpu-period 200000 u1
	expect 0 "$status"
	case $(limit u1 cpu.cfs_quota_us cpu.max) in
	50000) expect "200000 512" "$(limit u1 cpu.cfs_period_us cpu.max) $(limit u1 cpu.shares cpu.weight)" ;;
	*) expect "50000 200000 20" "$(limit u1 cpu.cfs_period_us cpu.max) $(limit u1 cpu.shares cpu.weight)" ;;
	esac
	# What is not named stays.
	expect 20 "$(limit u1 pids.max pids.max)"
	kist update u1 --pids-limit -1 --memory -1
	expect 0 "$status"
	expect max "$(limit u1 pids.max pids.max)"
}

@test "update --resources: a file and standard input; limits that fit only together, both ways" {
	container u2
	echo '{"memory": {"limit": 67108864, "swap": 67108864}}' >"$WORK/resources"
	kist update --resources "$WORK/resources" u2
	expect 0 "$status"
	for size in 268435456 33554432; do
		printf '{"memory": {"limit": %d, "swap": %d}, "cpu": {"shares": 0, "cpus": ""}, "blockIO": {"weight": 0}}' \
			$size $size >"$WORK/resources"
		run "$WORK/kist" --root "$WORK/state" update -r - u2 <"$WORK/resources"
		expect 0 "$status"
		expect $size "$(limit u2 memory.limit_in_bytes memory.max)"
	done
	echo '{"devices": [{"allow": false, "access": "rwm"}], "pids": {"limit": 9}}' >"$WORK/resources"
	kist update --resources="$WORK/resources" u2
	expect 0 "$status"
	contains "warning: the device rules stay as they were"
	expect 9 "$(limit u2 pids.max pids.max)"
}

@test "update: all faults of a document, each with its place, and nothing is changed" {
	container u3
	kist update u3 --pids-limit 20
	printf '{"pids": {"limit": 7},\n "cpu": {"period": 5},\n "memory": {"limit": "much"}}' >"$WORK/resources"
	kist update -r "$WORK/resources" u3
	expect 125 "$status"
	contains "$WORK/resources:2:20 /linux/resources/cpu/period: 5 microseconds"
	contains "$WORK/resources:3:22 /linux/resources/memory/limit: expected an integer"
	expect 20 "$(limit u3 pids.max pids.max)"
	echo '{"memory": {"limit": 8192, "checkBeforeUpdate": true}}' >"$WORK/resources"
	kist update -r "$WORK/resources" u3
	expect 125 "$status"
	contains "bytes already, and checkBeforeUpdate asks not to go below that"
	echo '[]' >"$WORK/resources"
	kist update -r "$WORK/resources" u3
	contains "expected an object"
	echo '{"pids"' >"$WORK/resources"
	kist update -r "$WORK/resources" u3
	contains "$WORK/resources:"
	kist update -r "$WORK/nowhere" u3
	contains "cannot read the resources $WORK/nowhere: no such file or directory"
	kist update -r "$WORK/resources" --memory 5M u3
	contains "--resources says all limits: no --memory goes with it"
}

@test "update: when the kernel refuses one, those before it are put back" {
	container u4
	before="$(limit u4 cpu.shares cpu.weight) $(limit u4 pids.max pids.max)"
	kist update --cpu-share 77 --cpuset-mems 63 --pids-limit 11 u4
	expect 125 "$status"
	contains 'cpuset.mems'
	contains "asked by       --cpuset-mems 63"
	expect "$before" "$(limit u4 cpu.shares cpu.weight) $(limit u4 pids.max pids.max)"
}

@test "update: words that are no limits, and what cannot be done" {
	container u5
	for words in "--memory 5Q" "--memory-swap x" "--cpu-period -1" "--cpu-quota 1.5" "--pids-limit many" "--blkio-weight 5" \
		"--cpuset-cpus a-b" "--cpu-idle 2"; do
		# shellcheck disable=SC2086
		kist update $words u5
		expect 125 "$status"
		contains "$words: "
	done
	kist update --memory-swap 64M u5
	contains "needs a memory limit"
	kist update --l3-cache-schema L3:0=f u5
	expect 125 "$status"
	contains "--l3-cache-schema"
	kist update u5
	expect 125 "$status"
	contains "update needs a limit to set"
	kist update --memory 64M
	contains "update needs a container id"
	kist update --memory 64M nobody
	contains "does not exist"
	kill -KILL "$started" "$inside"
	until_gone "$inside"
	kist update --memory 64M u5
	expect 125 "$status"
	contains 'cannot update "u5": container not running'
}

@test "update without a cgroup: the controller is named, with a remedy" {
	container_user u6
	grep -q ^cgroup "$WORK/user-state/u6/journal" && skip "this user has cgroups"
	kist_user update --memory 64M u6
	expect 125 "$status"
	contains '--memory 64M: the controller "memory"'
}
