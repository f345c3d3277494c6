#!/usr/bin/env bats
# The state root under stress: full, read-only, somebody else's, contended, and full of things that kist did not write.

load lib.bash
setup_file() {
	lib_setup
	export BUNDLE LONG
	BUNDLE=$(bundle s1 "$(args probe --exit 42)")
	LONG=$(bundle s2 "$(args probe --wait)")
	cc -D_GNU_SOURCE -O1 -o "$WORK/rival" "$ROOT/test/security/rival.c"
}
teardown_file() { lib_teardown; }

# left PATTERN: what is to be seen from outside of containers with these ids.
left() {
	compgen -G "$WORK/state/$1" || compgen -G "/sys/fs/cgroup/kist/$1" || compgen -G "/sys/fs/cgroup/*/kist/$1" || true
}

# in_mount OPTIONS COMMAND...: with a tmpfs of these options as state root, which nobody else sees.
in_mount() {
	mkdir -p "$WORK/mounted"
	unshare --mount --propagation private sh -c 'mount -t tmpfs -o "mode=700,$1" tiny "$2" && cd / && shift 2 && exec "$@"' \
		in_mount "$1" "$WORK/mounted" "${@:2}"
}

@test "a full state root: no space is an error with its place, at whatever moment, and nothing is left" {
	local option failed=0 worked=0 script='
		"$WORK/kist" --root "$WORK/mounted" run -b "$BUNDLE" full-$$; status=$?
		find "$WORK/mounted" -mindepth 1 ! -name "*features" | grep . && echo LEFT
		ls -d /sys/fs/cgroup/kist/full-$$ /sys/fs/cgroup/*/kist/full-$$ 2>/dev/null && echo LEFT
		exit $status'
	for option in size={4,8,12,16,20,24,28,64}k nr_inodes={2,3,4,5,6,7,20}; do
		run in_mount "$option" sh -c "$script"
		lacks LEFT
		if [ "$status" = 42 ]; then
			worked=$((worked + 1))
			continue
		fi
		expect 125 "$status"
		contains "no space left on device"
		[[ $output =~ step\ [0-9]+\ of\ [0-9]+ ]]
		failed=$((failed + 1))
	done
	[ "$failed" -ge 5 ] && [ "$worked" -ge 2 ]
}

@test "a read-only state root is named, with the remedy" {
	run in_mount ro "$WORK/kist" --root "$WORK/mounted" run -b "$BUNDLE" ro
	expect 125 "$status"
	contains "$WORK/mounted"
	contains "read-only file system"
	contains "--root"
	# Only looking needs no writing.
	run in_mount ro "$WORK/kist" --root "$WORK/mounted" gc
	expect 0 "$status"
	expect "" "$output"
}

@test "a state root of another user, or one that others may write to, is not trusted" {
	local owner
	owner=$(id -u "$TESTER")
	install -d -m 700 -o "$TESTER" "$WORK/theirs"
	for verb in "run -b $BUNDLE x" gc; do
		run "$WORK/kist" --root "$WORK/theirs" $verb
		expect 125 "$status"
		contains "belongs to user $owner, not to user 0"
	done
	chown 0 "$WORK/theirs"
	for mode in 0777 0770 0720; do
		chmod "$mode" "$WORK/theirs"
		run "$WORK/kist" --root "$WORK/theirs" run -b "$BUNDLE" x
		expect 125 "$status"
		contains "may be written to by others (mode $mode)"
	done
	ln -s "$WORK/state" "$WORK/linked"
	run "$WORK/kist" --root "$WORK/linked" run -b "$BUNDLE" x
	expect 125 "$status"
	expect "" "$(find "$WORK/theirs" -mindepth 1 ! -name "*features")"
}

@test "gc makes no state root" {
	run "$WORK/kist" --root "$WORK/none" gc
	expect 0 "$status"
	[ ! -e "$WORK/none" ]
}

@test "one id, ten runs at once: exactly one wins, and the others say why not" {
	local pids=() status won=0
	for i in {1..10}; do
		"$WORK/kist" --root "$WORK/state" run -b "$LONG" same >"$WORK/same.$i" 2>&1 3>&- &
		pids+=($!)
	done
	# The losers end by themselves.
	for i in {1..3000}; do
		[ "$(jobs -rp | wc -l)" -gt 1 ] || break
		sleep 0.01
	done
	expect 1 "$(jobs -rp | wc -l)"
	# ... and the winner, which they did not disturb, is asked to.
	for i in {1..3000}; do
		grep -q ready "$WORK"/same.* && break
		sleep 0.01
	done
	kill -TERM "$(jobs -rp)"
	for i in {1..10}; do
		status=0
		wait "${pids[i - 1]}" || status=$?
		if [ $status = 0 ]; then
			won=$((won + 1))
		else
			expect 125 $status
			grep -E 'the id same is taken by a running container|another kist command is working on same' "$WORK/same.$i"
		fi
	done
	expect 1 $won
	expect "" "$(left same)"
}

@test "fifty ids at once: all succeed, nothing is left" {
	local pids=() status start
	start=$(date +%s%3N)
	for i in {1..50}; do
		"$WORK/kist" --root "$WORK/state" run -b "$BUNDLE" "many$i" >"$WORK/many.$i" 2>&1 3>&- &
		pids+=($!)
	done
	for i in {1..50}; do
		status=0
		wait "${pids[i - 1]}" || status=$?
		output=$(cat "$WORK/many.$i")
		expect 42 $status
	done
	echo "# 50 runs at once: $(($(date +%s%3N) - start)) ms" >&3
	expect "" "$(left "many*")"
}

@test "fifty ids at once as an ordinary user" {
	local pids=() status rootless
	rootless=$(bundle_rootless s3 "$(args probe --exit 42)")
	for i in {1..50}; do
		as_user "$WORK/kist" --root "$WORK/user-state" run -b "$rootless" "many$i" >"$WORK/many.$i" 2>&1 3>&- &
		pids+=($!)
	done
	for i in {1..50}; do
		status=0
		wait "${pids[i - 1]}" || status=$?
		output=$(cat "$WORK/many.$i")
		expect 42 $status
	done
	expect "" "$(find "$WORK/user-state" -mindepth 1 ! -name "*features")"
}

# cgroups_left PATH: in any hierarchy.
cgroups_left() {
	compgen -G "/sys/fs/cgroup$1" || compgen -G "/sys/fs/cgroup/*$1" || true
}

@test "cgroups above that vanish at any moment, as when other containers end: each start succeeds, gc too" {
	local b hierarchy above=() rival step
	b=$(bundle s4 ".linux.cgroupsPath = \"/kist-test/race/a/b/c/one\" | $(args probe --exit 42)")
	while read -r hierarchy; do
		above+=("$hierarchy"/kist-test/race/{a/b/c,a/b,a,})
	done < <(awk '$(NF - 2) ~ /^cgroup/ { print $5 }' /proc/self/mountinfo)
	"$WORK/rival" remove "${above[@]}" >"$WORK/removed" 3>&- &
	rival=$!
	for i in {1..100}; do
		kist_run "$b" "race$i"
		expect 42 "$status"
	done
	# A runtime that dies while it makes them, and whoever clears up after it.
	for step in {1..30}; do
		run "$WORK/kist-fault" --root "$WORK/state" --kill-at "$step" run -b "$b" race
		run "$WORK/kist" --root "$WORK/state" gc
		expect 0 "$status"
	done
	kill -TERM $rival
	wait $rival
	output=$(cat "$WORK/removed")
	[ "$(line removed)" -gt 50 ] || expect "more than 50 directories removed" "$output"
	expect "" "$(cgroups_left /kist-test/race)"
}

@test "containers that start and end at the same time leave no cgroup above them" {
	local pids=() status
	for i in {1..4}; do
		bundle "together$i" ".linux.cgroupsPath = \"/kist-test/together/a/$i\" | $(args probe --exit 42)"
		(for k in {1..40}; do
			"$WORK/kist" --root "$WORK/state" run -b "$WORK/bundles/together$i" "together$i-$k" 3>&- || [ $? = 42 ] || exit 1
		done) >"$WORK/together.$i" 2>&1 &
		pids+=($!)
	done
	for i in {1..4}; do
		status=0
		wait "${pids[i - 1]}" || status=$?
		output=$(grep kist: "$WORK/together.$i") || true
		expect 0 $status
	done
	expect "" "$(cgroups_left /kist-test/together)"
}

@test "gc leaves a living container alone, and a run does not take its id" {
	local pid
	"$WORK/kist" --root "$WORK/state" run -b "$LONG" alive >"$WORK/alive" 2>&1 3>&- &
	pid=$!
	until grep -q ready "$WORK/alive"; do sleep 0.01; done
	run "$WORK/kist" --root "$WORK/state" gc
	expect 0 "$status"
	expect "" "$output"
	kist_run "$BUNDLE" alive
	expect 125 "$status"
	contains "the id alive is taken by a running container"
	contains "step 1 of "
	kill -TERM $pid
	wait $pid
}

@test "a foreground run whose runtime was killed goes on, is found alive, and is cleared away when it ended" {
	local user runtime child bundle
	for user in 0 1000; do
		bundle=$(bundle "s4-$user" ".process.user = {uid: $user, gid: $user} | .process.capabilities = {} | $(args probe --wait)")
		"$WORK/kist" --root "$WORK/state" run -b "$bundle" orphan >"$WORK/orphan" 2>&1 3>&- &
		runtime=$!
		until grep -q ready "$WORK/orphan"; do sleep 0.01; done
		child=$(cat "/proc/$runtime/task/$runtime/children")
		kill -KILL $runtime
		wait $runtime || true
		sleep 0.1
		kill -0 $child
		run "$WORK/kist" --root "$WORK/state" gc
		expect "" "$output"
		kill -TERM $child
		while [ -d "/proc/${child// /}" ] && ! grep -q 'State:.*Z' "/proc/${child// /}/status"; do sleep 0.01; done
		run "$WORK/kist" --root "$WORK/state" gc
		expect "removed what orphan left" "$output"
		expect "" "$(left orphan)"
	done
}

# hostile NAME: the record of a container "h", for the caller to fill with what kist did not write.
hostile() {
	rm -rf "$WORK/state/h"
	mkdir "$WORK/state/h"
	cd "$WORK/state/h" || return 1
}

# refuses: gc and run say something about it, soon, and leave all as it is.
refuses() {
	local before after
	before=$(find "$WORK/state/h" -printf '%p %y %s\n' | sort)
	run timeout 30 "$WORK/kist" --root "$WORK/state" gc
	expect 125 "$status"
	contains "$1"
	kist_run "$BUNDLE" h
	expect 125 "$status"
	contains "$1"
	contains "$WORK/state/h is in the way"
	after=$(find "$WORK/state/h" -printf '%p %y %s\n' | sort)
	expect "$before" "$after"
}

# clears: gc takes it away, and so does the next run.
clears() {
	run timeout 30 "$WORK/kist" --root "$WORK/state" gc
	expect "removed what h left" "$output"
	expect "" "$(left h)"
}

@test "hostile records: what cannot be understood is left alone and named" {
	hostile && echo garbage >journal
	refuses "line 1 of the journal was not written by kist"
	hostile && head -c 4096 /dev/urandom >journal
	refuses "was not written by kist"
	hostile && printf 'cgroup 0 0 relative\n' >journal
	refuses "was not written by kist"
	hostile && printf 'cgroup 99999999999999999999999 0 /x\n' >journal
	refuses "was not written by kist"
	hostile && echo '{"version":' >record.json
	refuses "record.json of h"
	hostile && printf '{"version": 1, "id": "other"}' >record.json
	refuses "another container"
	hostile && ln -s /etc/passwd record.json
	refuses "symbolic links"
	hostile && ln -s /etc/passwd journal
	refuses "symbolic links"
	hostile && mkdir journal
	refuses "is a directory"
	hostile && truncate -s 10G journal
	refuses "file too large"
	hostile && truncate -s 10G record.json
	refuses "file too large"
	hostile && cd .. && rmdir h && ln -s /etc h
	refuses "not a directory"
	rm h
	mkfifo h
	refuses "not a directory"
	rm h
}

@test "hostile records: a journal leads nowhere but to what kist could have made" {
	local victim=$WORK/victim
	mkdir -p "$victim/kept"
	hostile && printf 'tree 0 0 %s\n' "$victim" >journal
	refuses "cannot remove $victim"
	hostile && printf 'tree 0 0 %s/../../victim\n' "$WORK/state/h" >journal
	refuses "cannot remove"
	hostile && ln -s "$victim" link && printf 'tree 0 0 %s/link/kept\n' "$WORK/state/h" >journal
	refuses "cannot remove"
	hostile && printf 'cgroup 0 0 %s\n' "$victim" >journal
	refuses "cannot remove the cgroup $victim"
	hostile && printf 'parent 0 0 %s/kept\n' "$victim" >journal
	refuses "cannot remove the cgroup"
	hostile && printf 'cgroup 0 0 /sys/fs/cgroup\n' >journal
	refuses "cannot remove the cgroup"
	rm -rf "$WORK/state/h"
	[ -d "$victim/kept" ]
}

@test "hostile records: another process of the same pid, and another cgroup of the same name, stay" {
	local pid path
	sleep 100 3>&- &
	pid=$!
	hostile && printf 'process %d 1 -\nprocess 1 1 -\n' $pid >journal
	clears
	kill -0 $pid
	kill $pid
	for path in /sys/fs/cgroup/{pids,.}; do
		[ ! -e "$path/cgroup.procs" ] || break
	done
	mkdir -p "$path/kist-test/theirs-$$"
	hostile && printf 'cgroup 1 1 %s\n' "$path/kist-test/theirs-$$" >journal
	clears
	[ -d "$path/kist-test/theirs-$$" ]
	rmdir "$path/kist-test/theirs-$$"
	rmdir "$path/kist-test" || true
}

@test "hostile records: whatever else lies there goes, and is not looked into" {
	hostile && mkfifo journal
	clears
	hostile && mkfifo board
	clears
	hostile && mkfifo record.json
	clears
	hostile && head -c 100000 /dev/urandom >board
	clears
	hostile && mkdir -p board/deep/er && ln -s /etc board/deep/link
	clears
	[ -e /etc/passwd ]
	hostile && printf 'tree 0 0 %s/h/up' "$WORK/state" >journal # a line that was not finished is none
	clears
	hostile && chmod 000 .
	clears
	hostile
	kist_run "$BUNDLE" h
	expect 42 "$status"
	expect "" "$(left h)"
}

@test "ids that are paths, options or too long are refused" {
	local id
	for id in .. . ../x a/b .hidden '' -x "$(printf 'x%.0s' {1..256})" 'a b' $'a\nb' ü; do
		run "$WORK/kist" --root "$WORK/state" run -b "$BUNDLE" "$id"
		expect 125 "$status"
	done
	kist_run "$BUNDLE" "$(printf 'x%.0s' {1..200})"
	expect 42 "$status"
}
