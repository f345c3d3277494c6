#!/usr/bin/env bats
# The verbs about a container that exists: state, list, kill, ps, pause, resume, as root and as an ordinary user.

load lib.bash
load verbs.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }
teardown() { end_all; }

# --- state ---------------------------------------------------------------------------------------------------

@test "A6 state: the members of the specification, and those that runc adds" {
	container s1 '.annotations = {"org.example.a": "\u00e4 \"b\"", "empty": ""}'
	kist state s1
	expect 0 "$status"
	expect "1.3.0 s1 running $inside $b $WORK/rootfs root" "$(jq -r '[.ociVersion, .id, .status, .pid, .bundle, .rootfs, .owner] |
		join(" ")' <<<"$output")"
	expect '{"org.example.a":"ä \"b\"","empty":""}' "$(jq -c .annotations <<<"$output")"
	created=$(date -d "$(jq -r .created <<<"$output")" +%s)
	[ $(($(date +%s) - created)) -lt 600 ]
	[ -d "/proc/$inside" ]
}

@test "state: a root file system below the bundle, a box, an ordinary user" {
	container s2 '.root.path = "../../rootfs"'
	kist state s2
	expect "$b/../../rootfs" "$(jq -r .rootfs <<<"$output")"
	container_user s2u
	kist_user state s2u
	expect "running $inside $TESTER" "$(jq -r '[.status, .pid, .owner] | join(" ")' <<<"$output")"
	background s2box "$WORK/kist" --root "$WORK/state" box --name s2box -- sh -c 'echo ready; exec sleep 1000'
	kist state s2box
	expect "running / " "$(jq -r '[.status, .rootfs, .bundle] | join(" ")' <<<"$output")"
}

@test "state: the truth when kist was killed, and when its process was killed too" {
	container s3
	kill -KILL "$started"
	kist state s3
	expect "running $inside" "$(jq -r '[.status, .pid] | join(" ")' <<<"$output")"
	kill -KILL "$inside"
	until_gone "$inside"
	kist state s3
	expect 0 "$status"
	expect "stopped 0" "$(jq -r '[.status, .pid] | join(" ")' <<<"$output")"
	kist kill s3
	expect 125 "$status"
	contains 'cannot send signal 15 to "s3": container not running'
	contains "kist delete s3"
	kist pause s3
	contains 'cannot pause "s3": container not running'
	kist resume s3
	contains 'cannot resume "s3": container not running'
	kist kill --all s3 KILL
	expect 0 "$status"
}

@test "state: a recycled pid is another process, and is not signalled" {
	container s4
	sed -i 's/"startTime": [0-9]*/"startTime": 7/' "$WORK/state/s4/record.json"
	kist state s4
	expect "stopped 0" "$(jq -r '[.status, .pid] | join(" ")' <<<"$output")"
	kist kill s4 KILL
	expect 125 "$status"
	contains "container not running"
	[ -d "/proc/$inside" ]
	kist list
	contains "s4  0    stopped"
	kill -KILL "$inside"
}

@test "state: before the record is written the container is being created; what a killed runtime left has stopped" {
	install -d -m 700 "$WORK/state/s5"
	flock "$WORK/state/s5" "$WORK/kist" --root "$WORK/state" state s5 >"$WORK/s5"
	expect "creating 0" "$(jq -r '[.status, .pid] | join(" ")' "$WORK/s5")"
	run flock "$WORK/state/s5" "$WORK/kist" --root "$WORK/state" kill s5
	expect 125 "$status"
	contains "still being created"
	kist state s5
	expect stopped "$(jq -r .status <<<"$output")"
	rmdir "$WORK/state/s5"
}

@test "state: one that is missing, one that is damaged, and no id" {
	for verb in state kill pause resume; do
		kist $verb nobody
		expect 125 "$status"
		contains 'the container "nobody" does not exist'
		contains "list shows"
		kist $verb
		expect 125 "$status"
		contains "$verb needs a container id"
		kist $verb ../etc
		expect 125 "$status"
		contains invalid
		install -d -m 700 "$WORK/state/broken"
		echo '{"version": 1, "id": "other"}' >"$WORK/state/broken/record.json"
		kist $verb broken
		expect 125 "$status"
		contains "record.json of broken is damaged: it is another container's"
		contains "look at $WORK/state/broken"
	done
	kist state a b
	contains "state takes one container id, not 2"
	run "$WORK/kist" --root "$WORK/nowhere" state a
	contains "does not exist"
	rm -r "$WORK/state/broken"
}

# --- list ----------------------------------------------------------------------------------------------------

@test "list: as a table, as ids, as JSON, in the order of the ids" {
	kist list -q
	expect "" "$output"
	kist list -f json
	expect '[]' "$output"
	container l2
	container l1
	kist list
	expect 0 "$status"
	[[ ${lines[0]} =~ ^ID\ +PID\ +STATUS\ +BUNDLE\ +CREATED\ +OWNER$ ]]
	[[ ${lines[1]} =~ ^l1\ +$inside\ +running\ +$b\ +20.*Z\ +root$ ]]
	[[ ${lines[2]} =~ ^l2\  ]]
	kist list --quiet
	expect $'l1\nl2' "$output"
	kist list --format=json
	expect "l1 running $b root" "$(jq -r '.[0] | [.id, .status, .bundle, .owner] | join(" ")' <<<"$output")"
	expect 2 "$(jq length <<<"$output")"
	kist list -f xml
	expect 125 "$status"
	contains "--format is table or json"
	kist list l1
	expect 125 "$status"
	contains "list takes no operand"
}

@test "list: a damaged record is named, and the others are listed" {
	container l3
	install -d -m 700 "$WORK/state/l0"
	head -c 3000 /dev/urandom >"$WORK/state/l0/record.json"
	kist list
	expect 0 "$status"
	contains "warning: record.json of l0 is damaged"
	contains "look at $WORK/state/l0"
	expect l3 "$("$WORK/kist" --root "$WORK/state" list -f json 2>/dev/null | jq -r '.[].id')"
	kist list -q
	expect $'l0\nl3' "$output"
	rm -r "$WORK/state/l0"
}

@test "list: five hundred records" {
	container l4
	for i in $(seq 500); do
		install -d -m 700 "$WORK/state/many$i"
		sed "s/\"id\": \"l4\"/\"id\": \"many$i\"/" "$WORK/state/l4/record.json" >"$WORK/state/many$i/record.json"
	done
	kist list -f json
	expect 501 "$(jq length <<<"$output")"
	expect 501 "$(jq '[.[] | select(.status == "running")] | length' <<<"$output")"
	rm -r "$WORK"/state/many*
}

# --- kill ----------------------------------------------------------------------------------------------------

# answers NAME SIGNAL: a program that tells which signal it got, by its exit status.
answers() {
	container "$1" "$(args sh -c "trap 'exit 42' $2; echo ready; while :; do sleep 0.02; done")"
}

@test "A13 kill: signals by name, by number, in either case, and TERM without one" {
	for words in TERM: TERM:TERM TERM:SIGTERM TERM:sigterm TERM:15 USR1:usr1 37:RTMIN+3 63:SIGRTMAX-1; do
		answers k1 "${words%%:*}"
		# shellcheck disable=SC2086
		kist kill k1 ${words#*:}
		expect 0 "$status"
		wait "$started" && false
		wait "$started" || expect 42 $?
	done
}

@test "kill: 0 only looks; what is no signal is said, with what may be meant" {
	container k2
	kist kill k2 0
	expect 0 "$status"
	for word in FOO 65 -1 SIGRTMIN+31 ""; do
		kist kill -- k2 "$word"
		expect 125 "$status"
		contains "there is no signal \"$word\""
	done
	kist kill k2 SIGTREM
	contains "did you mean SIGTERM?"
	[ -d "/proc/$inside" ]
	kist kill k2 TERM more
	expect 125 "$status"
	contains "kill takes one container id"
}

@test "kill: as an ordinary user" {
	container_user k3
	kist_user kill k3 KILL
	expect 0 "$status"
	until_gone "$inside"
}

@test "kill --all: every process of the cgroup; KILL without a pid namespace likewise" {
	shared='.linux.namespaces |= map(select(.type != "pid"))'
	for words in "--all k4 TERM" "k4 -a 9" "k4 KILL"; do
		container k4 "$(args sh -c 'setsid sleep 1001 & setsid sleep 1002 & echo ready; exec sleep 1000') | $shared"
		others=$(pgrep -s 0,"$(pgrep -P "$inside" -d,)" -f 'sleep 100[12]' || pgrep -P "$inside")
		expect 2 "$(wc -w <<<"$others")"
		# shellcheck disable=SC2086
		kist kill $words
		expect 0 "$status"
		for pid in $inside $others; do
			until_gone "$pid"
		done
		wait "$started" || true
	done
}

@test "kill --all without a cgroup says so; in a pid namespace of its own KILL ends all" {
	container_user k5
	grep -q ^cgroup "$WORK/user-state/k5/journal" && skip "this user has cgroups"
	kist_user kill --all k5 USR1
	expect 125 "$status"
	contains 'cannot signal all processes of "k5", which has no cgroup'
	kist_user kill --all k5 KILL
	expect 0 "$status"
	until_gone "$inside"
}

@test "kill --regex: every container whose id matches, and no other" {
	container web1 && one=$inside
	container web2 && two=$inside
	container db1
	kist kill --regex '^web[0-9]+$' KILL
	expect 0 "$status"
	until_gone "$one"
	until_gone "$two"
	[ -d "/proc/$inside" ]
	kist kill -r 'nothing.*' KILL
	expect 125 "$status"
	contains 'no container has an id that "nothing.*" matches'
	kist kill -r 'db(' KILL
	expect 125 "$status"
	contains "no extended regular expression"
}

# --- ps ------------------------------------------------------------------------------------------------------

@test "ps: every process of the container and no other, in a table and as JSON" {
	container ps1 "$(args sh -c 'sleep 1001 & sleep 1002 & echo ready; exec sleep 1000')"
	kist ps ps1
	expect 0 "$status"
	expect 4 "${#lines[@]}"
	contains "sleep 1001"
	contains "sleep 1002"
	kist ps -f json ps1
	expect "$inside $(pgrep -P "$inside" -d' ')" "$(jq -r 'join(" ")' <<<"$output")"
	kist ps ps1 -o args,pid
	expect 4 "${#lines[@]}"
	kist ps ps1 -e -o user:3,pid,comm
	expect 4 "${#lines[@]}"
}

@test "ps: without a column PID, with wrong options, and of what does not run" {
	container ps2
	kist ps ps2 -o args
	expect 125 "$status"
	contains "no column PID"
	contains "-o pid,args"
	kist ps ps2 --nonsense
	expect 125 "$status"
	contains "ps failed"
	kist ps -f xml ps2
	contains "--format is table or json"
	kist ps
	contains "ps needs a container id"
	kist ps nobody
	contains "does not exist"
	PATH=/nowhere kist ps ps2
	contains "cannot run ps: no such file or directory"
	contains "procps"
	kill -KILL "$started" "$inside"
	until_gone "$inside"
	kist ps ps2
	expect 125 "$status"
	contains 'cannot show the processes of "ps2": container not running'
}

@test "ps: as an ordinary user, without a cgroup too" {
	container_user ps3 "$(args sh -c 'sleep 1001 & echo ready; exec sleep 1000')"
	kist_user ps ps3
	expect 3 "${#lines[@]}"
	kist_user ps --format json ps3
	expect "$inside $(pgrep -P "$inside")" "$(jq -r 'join(" ")' <<<"$output")"
	container_user ps4 "$(args sh -c 'sleep 1001 & echo ready; exec sleep 1000') |
		.linux.namespaces |= map(select(.type != \"pid\")) | .mounts |= map(if .type == \"proc\" then
		{destination: \"/proc\", type: \"bind\", source: \"/proc\", options: [\"rbind\"]} else . end)"
	kist_user ps --format json ps4
	expect "$inside $(pgrep -P "$inside")" "$(jq -r 'join(" ")' <<<"$output")"
	pkill -KILL -P "$inside"
}

# --- pause, resume ---------------------------------------------------------------------------------------------

# counting NAME: a container that writes without end.
counting() {
	container "$1" "$(args sh -c 'while :; do echo ready; sleep 0.01; done')"
}
stands_still() {
	local size
	size=$(stat -c %s "$WORK/$1.out")
	sleep 0.2
	expect "$size" "$(stat -c %s "$WORK/$1.out")"
}
grows() {
	local size _
	size=$(stat -c %s "$WORK/$1.out")
	for _ in $(seq 200); do
		[ "$(stat -c %s "$WORK/$1.out")" = "$size" ] || return 0
		sleep 0.05
	done
	return 1
}

# in_view LAYOUT: kist's commands are given there.
in_view() {
	"$ROOT/bench/view" "$1" true || skip "this kernel holds no $1 layout"
	view=("$ROOT/bench/view" "$1")
}

pause_and_resume() {
	counting "$1"
	kist pause "$1"
	expect 0 "$status"
	stands_still "$1"
	kist state "$1"
	expect "paused $inside" "$(jq -r '[.status, .pid] | join(" ")' <<<"$output")"
	kist list
	contains paused
	kist pause "$1"
	expect 125 "$status"
	contains "cannot pause \"$1\": it is paused already"
	kist resume "$1"
	expect 0 "$status"
	grows "$1"
	kist state "$1"
	expect running "$(jq -r .status <<<"$output")"
	kist resume "$1"
	expect 125 "$status"
	contains "cannot resume \"$1\": container not paused"
}

kill_paused() {
	container "$1" "$(args sh -c 'trap "exit 42" USR1; echo ready; while :; do sleep 0.02; done')"
	kist pause "$1"
	kist kill "$1" USR1
	expect 0 "$status"
	contains "$1 is paused: it sees the signal when it is resumed"
	[ -d "/proc/$inside" ]
	kist resume "$1"
	wait "$started" || expect 42 $?
	counting "$1"
	kist pause "$1"
	kist kill "$1" KILL
	expect 0 "$status"
	until_gone "$inside"
	wait "$started" || expect 137 $?
	counting "$1"
	kist pause "$1"
	kist kill --all "$1" KILL
	expect 0 "$status"
	until_gone "$inside"
}

@test "pause and resume" { pause_and_resume p1; }
@test "v1: pause and resume" { in_view v1 && pause_and_resume p1v1; }
@test "v2: pause and resume" { in_view v2 && pause_and_resume p1v2; }
@test "kill of a paused container: KILL at once, others when it is resumed" { kill_paused p2; }
@test "v1: kill of a paused container" { in_view v1 && kill_paused p2v1; }
@test "v2: kill of a paused container" { in_view v2 && kill_paused p2v2; }

@test "v2: one that is frozen from above stays so, and the remedy is said" {
	in_view v2
	counting p3
	# The view is gone with each command, so the cgroup above is frozen in another.
	"${view[@]}" sh -c 'echo 1 >/sys/fs/cgroup/kist/cgroup.freeze'
	kist resume p3
	"${view[@]}" sh -c 'echo 0 >/sys/fs/cgroup/kist/cgroup.freeze'
	expect 125 "$status"
	contains "stays frozen"
	contains "a cgroup above it is frozen"
}

@test "pause without a cgroup that can be frozen says so" {
	container_user p4
	grep -q ^cgroup "$WORK/user-state/p4/journal" && skip "this user has cgroups"
	kist_user pause p4
	expect 125 "$status"
	contains "the container p4 has no cgroup that can be frozen"
	contains "kist doctor"
}
