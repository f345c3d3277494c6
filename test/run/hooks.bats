#!/usr/bin/env bats
# Rows D of runtime-spec 1.3: hooks, with those of runc beside them where it does what the specification says.

load lib.bash

setup_file() {
	lib_setup
	mkdir -m 777 "$WORK/log"
	# hook NAME: what it is told, where it is, and its turn.
	cat >"$WORK/hook" <<-END
		#!/bin/sh
		cat >"$WORK/log/\$1.state"
		for name in mnt pid net uts ipc user; do readlink /proc/self/ns/\$name; done >"$WORK/log/\$1.namespaces"
		pwd >"$WORK/log/\$1.place"
		echo "\$1" >>"$WORK/log/order"
	END
	chmod 755 "$WORK/hook"
	mkdir "$WORK/rootfs/log"
	# The first one ends when all is quiet; its descendants leave its group, its session and its parent.
	cat >"$WORK/rootfs/bin/runaway" <<-END
		#!/bin/sh
		echo begun
		(setsid sh -c 'setsid sleep "\$0" & exec sleep "\$0"' "\$1" &)
		exec sleep "\$1"
	END
	chmod 755 "$WORK/rootfs/bin/runaway"
	ln -s busybox "$WORK/rootfs/bin/setsid"
	ln -s busybox "$WORK/rootfs/bin/readlink"
}
teardown_file() { lib_teardown; }
setup() { rm -rf "$WORK"/log/*; }

# --- the hooks ------------------------------------------------------------------------------------------------------

# hook KIND WORD...: a jq filter that adds a hook: with one word the script of this file with that name, with more a command.
hook() {
	local kind=$1
	shift
	[ $# -gt 1 ] || set -- "$WORK/hook" hook "$1"
	printf '.hooks.%s += [%s]' "$kind" "$(jq -nc '$ARGS.positional | map(.[1:]) | {path: .[0], args: .[1:]}' --args "${@/#/=}")"
}

# inside NAME: what the script does, for the container.
inside() {
	printf 'cat >/log/%s.state; for name in mnt pid net uts ipc user; do readlink /proc/self/ns/$name; done >/log/%s.namespaces; pwd >/log/%s.place; echo %s >>/log/order' "$1" "$1" "$1" "$1"
}

# all_six: two hooks of each kind, and a program that waits for the last of them.
all_six() {
	local kind number
	for kind in poststop poststart createContainer prestart createRuntime; do
		for number in 0 1; do
			printf '%s | ' "$(hook $kind $kind-$number)"
		done
	done
	for number in 0 1; do
		printf '%s | ' "$(hook startContainer /bin/sh sh -c "$(inside startContainer-$number)")"
	done
	printf '.annotations = {"org.example.one": "1", "two": ""} | .mounts += [{destination: "/log", type: "bind", source: "%s/log", options: ["rbind"]}] | %s' "$WORK" \
		"$(args sh -c "i=0; until grep -q poststart-1 /log/order || [ \$i = 500 ]; do i=\$((i + 1)); sleep 0.02; done; $(inside program) </dev/null")"
}

in_order() {
	printf '%s\n' prestart-{0,1} createRuntime-{0,1} createContainer-{0,1} startContainer-{0,1} poststart-{0,1} program poststop-{0,1}
}

# told NAME STATUS FILTER: the state that a hook was told.
told() {
	jq -e --arg status "$2" --arg bundle "$b" --arg id "${4:-t$$}" '
		(.ociVersion | test("^1\\.[0-3]\\.")) and .id == $id and .status == $status and .bundle == $bundle
		and .annotations == {"org.example.one": "1", "two": ""}
		and (keys - ["annotations", "bundle", "id", "ociVersion", "pid", "status"]) == [] and ('"$3"')' "$WORK/log/$1.state" >/dev/null || {
		printf '%s was told: ' "$1" >&2
		cat "$WORK/log/$1.state" >&2
		return 1
	}
}

# All that is said of the hooks that ran; the caller's namespaces are the test's own, but where kist runs as another user.
look_at_all() {
	local kind here
	for kind in mnt pid net uts ipc user; do readlink "/proc/self/ns/$kind"; done >"$WORK/here"
	expect "$(in_order)" "$(cat "$WORK/log/order")"
	for kind in prestart createRuntime; do
		told $kind-1 creating '.pid > 1'
	done
	told createContainer-1 creating '.pid == 1'
	told startContainer-1 created '.pid == 1'
	told poststart-1 running '.pid > 1'
	told poststop-1 stopped 'has("pid") | not'
	for kind in prestart createRuntime poststart poststop; do
		expect "$(cat "$WORK/here")" "$(cat "$WORK/log/$kind-0.namespaces")"
		expect "$b" "$(cat "$WORK/log/$kind-0.place")"
	done
	for kind in createContainer startContainer; do
		expect "$(cat "$WORK/log/program.namespaces")" "$(cat "$WORK/log/$kind-0.namespaces")"
	done
	[ "$(head -n 2 "$WORK/here" | sort | comm -12 - <(sort "$WORK/log/program.namespaces"))" = "" ] || expect "other namespaces" "the caller's"
	expect "$WORK/rootfs" "$(cat "$WORK/log/createContainer-0.place")"
	expect / "$(cat "$WORK/log/startContainer-0.place")"
}

@test "D4 D5 D6 D7 D8 D9 all six kinds: their order, their namespaces, what they are told" {
	b=$(bundle six "$(all_six)")
	before=$(snapshot)
	kist_run "$b"
	expect 0 "$status"
	look_at_all
	nothing_left "$before"
}

@test "D4 D5 D6 D7 D8 D9 the same for an ordinary user" {
	b=$(bundle_rootless six-user "$(all_six)")
	before=$(snapshot)
	kist_run_user "$b"
	expect 0 "$status"
	look_at_all
	nothing_left "$before"
}

# unraced: the order without the turn of startContainer and poststart hooks, which runc and crun let run side by side.
unraced() {
	for kind in startContainer poststart; do
		expect "$(in_order | grep -v $kind)" "$(grep -v $kind "$WORK/log/order")"
	done
}

@test "D5 runc runs the same bundle in the same order" {
	b=$(bundle six-runc ".ociVersion = \"1.0.2\" | $(all_six)")
	run runc --root "$WORK/runc" run -b "$b" "t$$"
	expect 0 "$status"
	unraced
	told createContainer-1 creating '.pid == 1'
	told startContainer-1 created '.pid == 1'
	told poststop-1 stopped 'has("pid") | not'
	expect "$WORK/rootfs" "$(cat "$WORK/log/createContainer-0.place")"
}

@test "D5 crun runs the same bundle in the same order" {
	b=$(bundle six-crun ".ociVersion = \"1.0.2\" | $(all_six)")
	run "$ROOT/bench/view" v1 crun --root "$WORK/crun" run -b "$b" "t$$"
	[ "$status" != 77 ] || skip "this machine has no cgroup v1"
	expect 0 "$status"
	unraced
}

@test "D4 the pid is the one that the hook sees" {
	# A hook of the runtime reaches the container by it.
	b=$(bundle pid "$(hook prestart /bin/sh sh -c "pid=\$(jq .pid); readlink /proc/\$pid/ns/net >$WORK/log/by-pid; readlink /proc/self/ns/net >$WORK/log/own") |
		$(hook createContainer "$WORK/hook" hook inside) | .hooks.prestart[0].env = [\"PATH=$PATH\"] | $(args true)")
	kist_run "$b"
	expect 0 "$status"
	expect "$(sed -n 3p "$WORK/log/inside.namespaces")" "$(cat "$WORK/log/by-pid")"
	[ "$(cat "$WORK/log/by-pid")" != "$(cat "$WORK/log/own")" ]
	# Without a pid namespace there is one pid for all.
	b=$(bundle pid "del(.linux.namespaces[] | select(.type == \"pid\")) | $(hook prestart outer) | $(hook createContainer inner) | $(hook startContainer /bin/sh sh -c 'echo $PPID; cat; exit 1') | $(args true)")
	kist_run "$b"
	expect 125 "$status"
	pid=$(jq .pid "$WORK/log/outer.state")
	expect "$pid" "$(jq .pid "$WORK/log/inner.state")"
	contains ": \"$pid\\n{\\\"ociVersion\\\":"
}

# --- what they get ----------------------------------------------------------------------------------------------------

@test "D2 a hook's environment is its own and no more; without args it is told its path" {
	b=$(bundle environment "$(hook prestart /bin/cp cp /proc/self/environ "$WORK/log/none") | $(hook createContainer /bin/cp cp /proc/self/environ "$WORK/log/two")
		| .hooks.createContainer[0].env = [\"A=1\", \"B=two words\"] | .hooks.createRuntime = [{path: \"$WORK/arguments\"}] | $(args true)")
	printf '#!/bin/sh\necho "$0 $#" >%s/log/arguments\n' "$WORK" >"$WORK/arguments"
	chmod 755 "$WORK/arguments"
	SECRET=1 kist_run "$b"
	expect 0 "$status"
	expect "" "$(tr '\0' ';' <"$WORK/log/none")"
	expect "A=1;B=two words;" "$(tr '\0' ';' <"$WORK/log/two")"
	expect "$WORK/arguments 0" "$(cat "$WORK/log/arguments")"
}

@test "a hook has three descriptors, default signals, and no terminal" {
	local kind
	b=$(bundle descriptors "$(for kind in prestart createContainer poststart poststop; do
		printf '%s | ' "$(hook $kind /bin/sh sh -c "ls /proc/self/fd | tr '\n' ' ' >$WORK/log/$kind.fds; cat /proc/self/status >$WORK/log/$kind.status; cut -d ' ' -f 7 /proc/self/stat >$WORK/log/$kind.tty")"
	done) .hooks[][].env = [\"PATH=$PATH\"] | $(args true)")
	exec 9<"$WORK/hook"
	(trap '' USR1 PIPE; "$WORK/kist" --root "$WORK/state" run -b "$b" "t$$")
	exec 9<&-
	for kind in prestart createContainer poststart poststop; do
		expect "0 1 2 3 " "$(cat "$WORK/log/$kind.fds")" # 3 is the directory that ls reads
		expect "0000000000000000" "$(awk '/^SigIgn/ { print $2 }' "$WORK/log/$kind.status")"
		expect "0000000000000000" "$(awk '/^SigBlk/ { print $2 }' "$WORK/log/$kind.status")"
		expect 0 "$(cat "$WORK/log/$kind.tty")"
	done
}

@test "a state of any length arrives, and need not be read" {
	b=$(bundle long ".annotations = {long: (\"x\" * 300000)} | $(hook prestart /bin/sh sh -c "wc -c >$WORK/log/outside") | $(hook createContainer /bin/sh sh -c "wc -c >$WORK/log/inside")
		| $(hook createContainer /bin/true true) | $(hook poststop /bin/sh sh -c "wc -c >$WORK/log/after") | .hooks[][].env = [\"PATH=$PATH\"] | $(args true)")
	kist_run "$b"
	expect 0 "$status"
	for name in outside inside after; do
		[ "$(cat "$WORK/log/$name")" -gt 300000 ]
	done
}

@test "a startContainer hook runs as the container's user, with its capabilities, behind an early filter" {
	local filter
	for filter in . '.process.noNewPrivileges = false | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["reboot"], action: "SCMP_ACT_ERRNO"}]}'; do
		b=$(bundle user "$filter | .process.user = {uid: 1000, gid: 1001} | .process.capabilities = {bounding: [\"CAP_KILL\"]} | .process.cwd = \"/home/user\"
			| $(hook startContainer /bin/sh sh -c 'id -u; id -g; pwd; grep -E "^Cap(Prm|Eff|Bnd)" /proc/self/status; exit 1') | $(args true)")
		kist_run "$b"
		expect 125 "$status"
		contains ': "1000\n1001\n/home/user\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000020"'
	done
}

@test "a hook may leave a process behind, and that is waited for no longer" {
	b=$(bundle daemon "$(hook prestart /bin/sh sh -c "sleep 300 & echo \$! >$WORK/log/pid") | $(args echo ran)")
	before=$(snapshot)
	run timeout 60 "$WORK/kist" --root "$WORK/state" run -b "$b" "t$$"
	expect 0 "$status"
	contains ran
	kill -KILL "$(cat "$WORK/log/pid")" # it lives
	nothing_left "$before"
}

# --- failing ----------------------------------------------------------------------------------------------------------

# one KIND WORD...: a bundle with one hook, and a program that says so.
one() {
	local kind=$1
	bundle "one-$kind" "$(hook "$@") | .mounts += [{destination: \"/log\", type: \"bind\", source: \"$WORK/log\", options: [\"rbind\"]}] | $(args sh -c 'echo ran >/log/ran; exec sleep 30')"
}

@test "a failing hook: its kind, index, path, exit and what it said; and nothing is left" {
	local kind step
	before=$(snapshot)
	for kind in prestart createRuntime createContainer startContainer poststart; do
		b=$(one $kind /bin/sh sh -c 'echo out; echo why >&2; exit 3')
		kist_run "$b"
		expect 125 "$status"
		expect "kist: cannot run the $kind hook 0, /bin/sh: it exited with status 3 after N ms: \"out\\nwhy\"" "$(sed 's/after [0-9]* ms/after N ms/' <<<"${lines[0]}")"
		case $kind in
		prestart | createRuntime) step="run_hook, on the host" ;;
		createContainer) step="run_hook_inside, in the container" ;;
		startContainer) step="run_hook_at_start, in the container" ;;
		poststart) step= ;;
		esac
		contains "$step"
		[[ $output =~ asked\ by\ +config.json:[0-9]+:[0-9]+\ +/hooks/$kind/0 ]]
		nothing_left "$before"
	done
}

@test "a hook that was killed, that is not there, that may not be executed" {
	local kind
	before=$(snapshot)
	for kind in prestart createContainer startContainer poststart; do
		kist_run "$(one $kind /bin/sh sh -c 'kill -KILL $$')"
		expect 125 "$status"
		contains "cannot run the $kind hook 0, /bin/sh: it was ended by signal 9 after "
		kist_run "$(one $kind /nowhere/hook hook x)"
		expect 125 "$status"
		contains "cannot run the $kind hook 0, /nowhere/hook: no such file or directory"
		kist_run "$(one $kind /etc/passwd passwd x)"
		expect 125 "$status"
		contains "cannot run the $kind hook 0, /etc/passwd: permission denied"
		nothing_left "$before"
	done
}

@test "D3 at the timeout all that a hook has started is killed, whatever it has left" {
	local kind unique
	before=$(snapshot)
	for kind in prestart createRuntime createContainer startContainer poststart; do
		unique=8$RANDOM$RANDOM
		b=$(one $kind "$WORK/rootfs/bin/runaway" runaway $unique)
		[ $kind != startContainer ] || b=$(one $kind /bin/runaway runaway $unique)
		jq '.hooks[][].timeout = 1' "$b/config.json" >"$b/new" && mv "$b/new" "$b/config.json"
		kist_run "$b"
		expect 125 "$status"
		expect "kist: cannot run the $kind hook 0, $(jq -r ".hooks.$kind[0].path" "$b/config.json"): it did not end within its timeout of 1 s and was killed: \"begun\"" "${lines[0]}"
		expect "" "$(ps -eo args | grep "sleep $unique" | grep -v grep)"
		nothing_left "$before"
	done
}

@test "D3 the same for an ordinary user, and without a pid namespace" {
	local kind unique filter
	before=$(snapshot)
	for kind in prestart createContainer; do
		unique=8$RANDOM$RANDOM
		b=$(bundle_rootless late-user "$(hook $kind "$WORK/rootfs/bin/runaway" runaway $unique) | .hooks[][].timeout = 1 | $(args true)")
		kist_run_user "$b"
		expect 125 "$status"
		contains "cannot run the $kind hook 0, $WORK/rootfs/bin/runaway: it did not end within its timeout of 1 s and was killed"
		expect "" "$(ps -eo args | grep "sleep $unique" | grep -v grep)"
		nothing_left "$before"
		b=$(bundle late-pid "del(.linux.namespaces[] | select(.type == \"pid\")) | $(hook $kind "$WORK/rootfs/bin/runaway" runaway $unique) | .hooks[][].timeout = 1 | $(args true)")
		kist_run "$b"
		expect 125 "$status"
		expect "" "$(ps -eo args | grep "sleep $unique" | grep -v grep)"
		nothing_left "$before"
	done
}

@test "of what a failing hook says the last 4 KiB are kept" {
	local kind
	for kind in prestart createContainer startContainer poststart; do
		kist_run "$(one $kind /bin/sh sh -c 'seq 1 50000; printf "\033[1mlast"; exit 1')"
		expect 125 "$status"
		contains '49999\n50000\n\u001b[1mlast"'
		lacks '\n49300\n' # 681 lines of 6 bytes
		contains '\n49330\n'
	done
}

@test "D9 a failing poststart hook ends the program" {
	b=$(one poststart /bin/sh sh -c "i=0; until [ -e $WORK/log/ran ] || [ \$i = 500 ]; do i=\$((i + 1)); /bin/sleep 0.02; done; cat >$WORK/log/told; exit 1")
	jq '.hooks.poststart[0].env = ["PATH=/bin:/usr/bin"]' "$b/config.json" >"$b/new" && mv "$b/new" "$b/config.json"
	before=$(snapshot)
	kist_run "$b"
	expect 125 "$status"
	[ -e "$WORK/log/ran" ]
	run kill -0 "$(jq .pid "$WORK/log/told")"
	[ "$status" != 0 ]
	nothing_left "$before"
}

@test "D10 a failing poststop hook is a warning, and the next one's turn" {
	b=$(bundle poststop "$(hook poststop /bin/sh sh -c 'echo why; exit 3') | $(hook poststop /nowhere nowhere x) | $(hook poststop last) | $(args probe --exit 42)")
	before=$(snapshot)
	kist_run "$b"
	expect 42 "$status"
	expect 'kist: warning: cannot run the poststop hook 0, /bin/sh: it exited with status 3 after N ms: "why"' "$(sed 's/after [0-9]* ms/after N ms/' <<<"${lines[0]}")"
	expect 'kist: warning: cannot run the poststop hook 1, /nowhere: no such file or directory' "${lines[1]}"
	expect last "$(cat "$WORK/log/order")"
	nothing_left "$before"
}

@test "D5 poststop hooks run after a start that failed, once the hooks before them could run" {
	local filter
	# A hook fails; the program cannot be executed.
	for filter in "$(hook createContainer /bin/false false x) | $(args true)" "$(args /etc/passwd)"; do
		rm -f "$WORK/log/order"
		b=$(bundle failed "$(hook poststop after) | $filter")
		kist_run "$b"
		expect after "$(cat "$WORK/log/order")"
		expect '"stopped"' "$(jq .status "$WORK/log/after.state")"
	done
	rm -f "$WORK/log/order"
	b=$(bundle failed "$(hook createContainer before) | $(hook poststop after) | $(args true) | .root.path = \"$WORK/nowhere\"")
	kist_run "$b"
	expect 125 "$status"
	[ ! -e "$WORK/log/order" ]
}

# --- interrupted --------------------------------------------------------------------------------------------------------

# await FILE: it appears, or the test has waited long enough.
await() {
	local i
	for ((i = 0; i < 500; i++)); do
		[ ! -s "$1" ] || return 0
		sleep 0.02
	done
	expect "a file" "no $1"
}

# A hook that says where it is and does not end.
endless() {
	printf 'setsid sleep %s & echo $! >%s/log/pid; exec sleep %s' "$1" "$WORK" "$1"
}

@test "a signal to kist ends the hook that runs, and the start" {
	local kind unique
	before=$(snapshot)
	for kind in prestart createContainer poststart; do
		unique=9$RANDOM$RANDOM
		rm -f "$WORK"/log/*
		b=$(bundle signal "$(hook $kind /bin/sh sh -c "$(endless $unique)") | .hooks[][].env = [\"PATH=$PATH\"] | $(hook poststop after) | $(args sleep 30)")
		"$WORK/kist" --root "$WORK/state" run -b "$b" "t$$" 2>"$WORK/said" 3>&- &
		await "$WORK/log/pid"
		kill -TERM $!
		status=0
		wait $! || status=$?
		expect 143 "$status"
		run cat "$WORK/said"
		contains "the start was given up because of SIGTERM"
		expect "" "$(ps -eo args | grep "sleep $unique" | grep -v grep)"
		expect after "$(cat "$WORK/log/order")"
		nothing_left "$before"
	done
}

@test "a kist that is killed takes the hook with it, and gc runs the poststop hooks, once" {
	local kind unique
	before=$(snapshot)
	for kind in createRuntime createContainer poststart; do
		unique=9$RANDOM$RANDOM
		rm -f "$WORK"/log/*
		b=$(bundle killed "$(hook $kind /bin/sh sh -c "$(endless $unique)") | .hooks[][].env = [\"PATH=$PATH\"] | $(hook poststop after) | $(args sleep 30)")
		"$WORK/kist" --root "$WORK/state" run -b "$b" "t$$" 3>&- &
		await "$WORK/log/pid"
		kill -KILL $!
		wait $! || true
		# A program that runs stays listed, as under runc; the hook does not.
		for ((i = 0; i < 500; i++)); do
			ps -eo args | grep "sleep $unique" | grep -qv grep || break
			sleep 0.02
		done
		expect "" "$(ps -eo args | grep "sleep $unique" | grep -v grep)"
		[ ! -e "$WORK/log/order" ]
		[ $kind != poststart ] || kill -KILL "$(jq .pid "$WORK/state/t$$/record.json")"
		for ((i = 0; i < 500; i++)); do
			run "$WORK/kist" --root "$WORK/state" gc
			[ -z "$(find "$WORK/state" -mindepth 1 ! -name .features)" ] && break
			sleep 0.02
		done
		expect after "$(cat "$WORK/log/order")"
		expect "$b" "$(cat "$WORK/log/after.place")"
		nothing_left "$before"
	done
}

# --- created, started, deleted -------------------------------------------------------------------------------------------

kist() {
	"$WORK/kist" --root "$WORK/state" "$@" </dev/null
}

@test "D4 D5 the hooks of a container that is created, started and deleted" {
	local seen
	b=$(bundle six-created "$(all_six)")
	before=$(snapshot)
	kist create -b "$b" "t$$" 3>&-
	expect "$(in_order | head -n 6)" "$(cat "$WORK/log/order")"
	seen=$(kist state "t$$" | jq .pid)
	kist start "t$$"
	expect "$(in_order | sed -n 7,10p)" "$(sed -n 7,10p "$WORK/log/order")"
	await "$WORK/log/program.place"
	told startContainer-1 created '.pid == 1'
	told poststart-1 running ".pid == $seen"
	told prestart-1 creating ".pid == $seen"
	run kist delete --force "t$$"
	expect 0 "$status"
	expect "$(in_order)" "$(cat "$WORK/log/order")"
	nothing_left "$before"
}

@test "a startContainer hook that fails is told by start, which cannot be repeated; delete runs the poststop hooks" {
	b=$(bundle start-fails "$(hook startContainer /bin/sh sh -c 'echo why; exit 3') | $(hook poststop after) | $(args true)")
	before=$(snapshot)
	kist create -b "$b" "t$$" 3>&-
	run kist start "t$$"
	expect 125 "$status"
	expect 'kist: cannot run the startContainer hook 0, /bin/sh: it exited with status 3 after N ms: "why"' "$(sed 's/after [0-9]* ms/after N ms/' <<<"${lines[0]}")"
	contains "run_hook_at_start, in the container"
	expect '"stopped"' "$(kist state "t$$" | jq .status)"
	kist delete "t$$"
	expect after "$(cat "$WORK/log/order")"
	nothing_left "$before"
}

@test "D9 a poststart hook that fails: start stops the container and destroys it" {
	b=$(bundle poststart-fails "$(hook poststart /bin/sh sh -c 'echo why; exit 3') | $(hook poststop after) | $(args sleep 60)")
	before=$(snapshot)
	kist create -b "$b" "t$$" 3>&-
	run kist start "t$$"
	expect 125 "$status"
	contains 'cannot run the poststart hook 0, /bin/sh: it exited with status 3 after '
	expect after "$(cat "$WORK/log/order")"
	nothing_left "$before"
}

@test "a created container that is deleted before it starts has its poststop hooks" {
	b=$(bundle never-started "$(hook createContainer before) | $(hook startContainer /bin/sh sh -c 'exit 1') | $(hook poststop after) | $(args true)")
	before=$(snapshot)
	kist create -b "$b" "t$$" 3>&-
	kist delete --force "t$$"
	expect $'before\nafter' "$(cat "$WORK/log/order")"
	nothing_left "$before"
}

@test "a start that is killed leaves the startContainer hook to its work, and the program runs" {
	b=$(bundle start-killed "$(hook startContainer /bin/sh sh -c 'echo $$ >/log/pid; until [ -e /log/go ]; do sleep 0.02; done')
		| .mounts += [{destination: \"/log\", type: \"bind\", source: \"$WORK/log\", options: [\"rbind\"]}] | $(args sh -c 'echo ran >/log/ran; exec sleep 60')")
	before=$(snapshot)
	kist create -b "$b" "t$$" 3>&-
	"$WORK/kist" --root "$WORK/state" start "t$$" 3>&- &
	await "$WORK/log/pid"
	kill -KILL $!
	wait $! || true
	touch "$WORK/log/go"
	await "$WORK/log/ran"
	kist delete --force "t$$"
	nothing_left "$before"
}

# --- shown --------------------------------------------------------------------------------------------------------------

@test "a plan shows the hooks at their places, without what is in their environment" {
	b=$(bundle plan "$(all_six) | .hooks.prestart[0].env = [\"TOKEN=secret\"] | .hooks.poststop[0].env = [\"TOKEN=secret\"]")
	run "$WORK/kist" --root "$WORK/state" plan run -b "$b" "t$$"
	expect 0 "$status"
	lacks secret
	expect "keep_hooks run_hook run_hook run_hook run_hook run_hook_inside run_hook_inside pivot run_hook_at_start run_hook_at_start exec" \
		"$(awk '$1 ~ /^[0-9]+$/ && $2 ~ /^(keep_hooks|run_hook.*|pivot|exec)$/ { printf "%s%s", sep, $2; sep = " " }' <<<"$output")"
	contains "record the hooks for later: poststart:$WORK/hook"
	run "$WORK/kist" --root "$WORK/state" plan run --json -b "$b" "t$$"
	lacks secret
}
