#!/usr/bin/env bats
# kist ns and kist enter: looking at namespaces, and going into them.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }
teardown() { end_all; }

# background NAME CMD...: starts it and waits until it has said a line; its pid is in $started.
background() {
	local name=$1
	shift
	"$@" >"$WORK/$name.out" 2>"$WORK/$name.err" &
	started=$!
	pids+=("$started")
	local _
	for _ in $(seq 100); do
		[ ! -s "$WORK/$name.out" ] || return 0
		sleep 0.05
	done
	cat "$WORK/$name.err" >&2
	return 1
}
# end_tree PID: the process and all below it.
end_tree() {
	local child
	for child in $(pgrep -P "$1"); do
		end_tree "$child"
	done
	kill -KILL "$1" 2>/dev/null
}
end_all() {
	local pid
	for pid in "${pids[@]}"; do
		end_tree "$pid" || true
		wait "$pid" 2>/dev/null || true
	done
	pids=()
	"$WORK/kist" --root "$WORK/state" gc >/dev/null 2>&1 || true
	as_user "$WORK/kist" --root "$WORK/user-state" gc >/dev/null 2>&1 || true
}
# container ID [FILTER]: a container that waits, as root; container_user: as the ordinary user. Its pid is in $inside.
container() {
	b=$(bundle "$1" "$(args sh -c 'echo ready; exec sleep 1000') | ${2:-.}")
	background "$1" "$WORK/kist" --root "$WORK/state" run -b "$b" "$1"
	inside=$(jq .pid "$WORK/state/$1/record.json")
}
container_user() {
	b=$(bundle_rootless "$1" "$(args sh -c 'echo ready; exec sleep 1000') | ${2:-.}")
	background "$1" as_user "$WORK/kist" --root "$WORK/user-state" run -b "$b" "$1"
	inside=$(jq .pid "$WORK/user-state/$1/record.json")
}
ns() {
	run "$WORK/kist" --root "$WORK/state" ns "$@"
}
# inode PID TYPE
inode() {
	stat -Lc %i "/proc/$1/ns/$2"
}

@test "A3-01: the container's mount namespace is listed as new, with one process" {
	container a301
	ns --type mnt
	expect 0 "$status"
	grep -E "^$(inode "$inside" mnt) +mnt +1 +$inside +0 +root +a301 +sleep 1000$" <<<"$output"
	[ "$(inode "$inside" mnt)" != "$(inode self mnt)" ]
	# The caller's own are no container's.
	grep -E "^$(inode self mnt) +mnt +[0-9]+ +[0-9]+ +[^ ]+ +root +- " <<<"$output"
}

@test "A3-02: the processes of one namespace" {
	container a302
	ns --namespace "$(inode "$inside" mnt)"
	expect 0 "$status"
	grep -E "^ *PID +PPID +NAME +CMD +NTHREADS +CGROUPS +STATE$" <<<"$output"
	grep -E "^ *$inside +[0-9]+ +sleep +sleep 1000 +1 .*/kist/a302.* S$" <<<"$output"
	contains "container a302"
	expect 1 "$(grep -cE '^ *[0-9]+ +[0-9]+ ' <<<"$output")"
	# By a file of it too.
	ns -n "/proc/$inside/ns/mnt" --json
	expect "$inside" "$(jq '.list[0].pid' <<<"$output")"
	expect sleep "$(jq -r '.list[0].name' <<<"$output")"
}

@test "A4-07: of a container the numbers of its namespaces are told, and which it shares with the host" {
	container a407
	ns --json a407
	expect 0 "$status"
	for type in mnt pid net ipc uts cgroup user time; do
		grep -qF "\"inode\": $(inode "$inside" $type)," <<<"$output"
	done
	expect "time user" "$(jq -r '[.namespaces[] | select(.own).type] | sort | join(" ")' <<<"$output")"
	expect "cgroup ipc mount network pid uts" \
		"$(jq -r '[.namespaces[] | select(.container == "a407").type] | sort | join(" ")' <<<"$output")"
	ns "$inside"
	expect 8 "$(grep -cE '^[0-9]+ ' <<<"$output")"
}

@test "A4-13: a namespace that is mounted persists without a process" {
	touch "$WORK/netns"
	run unshare -m sh -c 'unshare --net="$1/netns" true && "$1/kist" ns -t net && "$1/kist" ns -n "$1/netns" &&
		stat -c %i "$1/netns"' sh "$WORK"
	expect 0 "$status"
	number=$(tail -n 1 <<<"$output")
	grep -E "^$number +net +0 +- +- +root +- +\(mounted on $WORK/netns\)$" <<<"$output"
	contains "namespace $number net, 0 processes"
	contains "mounted   $WORK/netns"
}

@test "A4-16: id maps are shown" {
	first=$(awk -F: -v u="$TESTER" '$1 == u { print $2; exit }' /etc/subuid)
	container_user a416 ".linux.uidMappings += [{containerID: 1, hostID: $first, size: 1000}]
		| .linux.gidMappings += [{containerID: 1, hostID: $first, size: 1000}]"
	ns -n "$(inode "$inside" user)"
	expect 0 "$status"
	grep -Ex "uid_map +0 $(id -u "$TESTER") 1" <<<"$output"
	grep -Ex "uid_map +1 $first 1000" <<<"$output"
	grep -Ex "gid_map +1 $first 1000" <<<"$output"
	ns --json
	expect "[[0,$(id -u "$TESTER"),1],[1,$first,1000]]" \
		"$(jq -c ".namespaces[] | select(.inode == $(inode "$inside" user)).uidMap" <<<"$output")"
	# The host's own: everything onto itself.
	expect "[[0,0,4294967295]]" \
		"$(jq -c ".namespaces[] | select(.inode == $(inode self user)).uidMap" <<<"$output")"
}

@test "ns: a box is named, and its user namespace too" {
	background box as_user "$WORK/kist" --root "$WORK/user-state" box --name seen -- sh -c 'echo ready; exec sleep 1000'
	run as_user "$WORK/kist" --root "$WORK/user-state" ns --json seen
	expect 0 "$status"
	jq -e --arg me "$(id -u "$TESTER")" '.namespaces[] | select(.type == "user") | .container == "seen" and
		(.owner | tostring) == $me' <<<"$output"
}

@test "ns: who only joined a namespace does not own it" {
	background owner "$WORK/kist" --root "$WORK/state" box --name z-owner -- sh -c 'echo ready; exec sleep 1000'
	inside=$(jq .pid "$WORK/state/z-owner/record.json")
	background guest "$WORK/kist" --root "$WORK/state" box --name a-guest --ipc "pid:$inside" -- sh -c 'echo ready; exec sleep 1000'
	expect "$(inode "$inside" ipc)" "$(inode "$(jq .pid "$WORK/state/a-guest/record.json")" ipc)"
	ns --json
	expect z-owner "$(jq -r ".namespaces[] | select(.inode == $(inode "$inside" ipc)).container" <<<"$output")"
	expect a-guest "$(jq -r ".namespaces[] | select(.inode == $(inode "$(jq .pid "$WORK/state/a-guest/record.json")" uts)).container" \
		<<<"$output")"
}

@test "ns: the tree of user and pid namespaces, also through levels that no process is in" {
	background nested unshare -U -r sh -c 'exec unshare -U -r -p -f sh -c "echo ready; exec unshare -p -f sleep 1000"'
	for _ in $(seq 100); do
		deep=$(pgrep -P "$(pgrep -P "$started")" -x sleep) && break
		sleep 0.05
	done
	ns --tree
	expect 0 "$status"
	user=$(inode "$deep" user)
	grep -E "^    user $user  " <<<"$output"
	# unshare -U twice: the one between has no process, and is there all the same.
	above=$(grep -B 200 "^    user $user " <<<"$output" | grep -E '^  user ' | tail -n 1)
	[[ $above == *" 0 processes"* ]]
	grep -E "^    pid $(inode "$deep" pid)  1 process  .*sleep 1000$" <<<"$output"
	ns --json
	between=$(jq ".namespaces[] | select(.inode == $user).parent" <<<"$output")
	expect "$(inode self user)" "$(jq ".namespaces[] | select(.inode == $between).parent" <<<"$output")"
	expect 0 "$(jq ".namespaces[] | select(.inode == $between).processes" <<<"$output")"
}

@test "ns: an ordinary user is told how much cannot be seen" {
	container hidden
	run as_user "$WORK/kist" ns
	expect 0 "$status"
	grep -E "of [0-9]+ process(es)? the namespaces cannot be seen: .*root sees all" <<<"$output"
	lacks " $(inode "$inside" mnt) "
	run as_user "$WORK/kist" ns "$inside"
	expect 125 "$status"
	contains "cannot see the namespaces of $inside: permission denied"
}

@test "ns: processes that vanish while it looks do no harm" {
	(while :; do /bin/true; done) 2>/dev/null &
	pids+=($!)
	for _ in $(seq 30); do
		ns --json
		expect 0 "$status"
		jq -e '.namespaces | length > 6' <<<"$output" >/dev/null
	done
}

@test "ns: what a process calls itself cannot write on the terminal" {
	background rude bash -c 'echo ready; exec -a "$(printf "a\033[2Jb\nc")" sleep 1000'
	ns -n "$(inode "$started" mnt)"
	contains "a?[2Jb?c 1000"
	lacks $'\033'
}

@test "ns: misuse" {
	ns --type nonsense
	expect 125 "$status"
	contains "--type is mnt, pid,"
	ns --namespace 1
	expect 125 "$status"
	contains "there is no namespace 1 to be seen"
	ns --namespace 1 --tree
	expect 125 "$status"
	ns --tree --json
	expect 125 "$status"
	ns 1 2
	expect 125 "$status"
	ns 4194304
	expect 125 "$status"
	contains "there is no process 4194304"
	ns nobody-has-this-id
	expect 125 "$status"
	contains 'there is no running container "nobody-has-this-id"'
}
