#!/usr/bin/env bats
# /proc, sysctl, cgroups and terminals as ways to write to the host.

load lib.bash
setup_file() { security_setup; }
teardown_file() { lib_teardown; }

@test "CVE-2019-16884 proc_overmount: something else on /proc gets nothing written by the runtime" {
	fake=$WORK/fake-proc
	for kind in bind tmpfs; do
		rm -rf "$fake"
		mkdir -p "$fake"/{self,thread-self,1,sys/net/ipv4,sys/kernel}/ "$fake"/{self,thread-self,1}/attr
		for file in self/attr/exec self/attr/current thread-self/attr/exec self/oom_score_adj thread-self/oom_score_adj self/setgroups \
			self/uid_map self/timens_offsets sys/net/ipv4/ip_forward sys/kernel/msgmax sys/kernel/cap_last_cap self/comm; do
			echo clean >"$fake/$file"
		done
		mount="{destination: \"/proc\", type: \"bind\", source: \"$fake\", options: [\"rbind\"]}"
		[ $kind = bind ] || mount='{destination: "/proc", type: "tmpfs", source: "t"}'
		b=$(bundle overmount "$(without /proc) | .mounts = [$mount] + .mounts | .process.oomScoreAdj = 321
			| .linux.sysctl = {\"net.ipv4.ip_forward\": \"1\", \"kernel.msgmax\": \"4096\"} | $(args true)")
		run timeout -s KILL 30 "$WORK/kist" --root "$WORK/state" run -b "$b" overmount
		expect "" "$(grep -rL '^clean$' "$fake")"
		expect "" "$(find "$fake" -type f -newer "$b/config.json" -size -6c -o -type f -size +6c)"
	done
}

@test "CVE-2025-52881 a sysctl goes to the kernel's file, whatever is mounted over it in /proc" {
	echo clean >"$WORK/fake-sysctl"
	b=$(bundle oversysctl ".mounts += [{destination: \"/proc/sys/net/ipv4/ip_forward\", type: \"bind\", source: \"$WORK/fake-sysctl\", options: [\"bind\"]}]
		| .linux.sysctl = {\"net.ipv4.ip_forward\": \"1\"} | $(args true)")
	kist_run "$b"
	expect clean "$(cat "$WORK/fake-sysctl")"
	b=$(bundle oversysctl ".mounts += [{destination: \"/proc/sys/net\", type: \"tmpfs\", source: \"t\"}]
		| .linux.sysctl = {\"net.ipv4.ip_forward\": \"1\"} | $(args sh -c 'ls /proc/sys/net; mount | grep -c /proc/sys/net')")
	kist_run "$b"
	lacks ip_forward
}

@test "CVE-2022-0811 sysctl names and values that could mean something else are refused" {
	for name in 'kernel.shm_rmid_forced+x' 'net.ipv4.ip_forward=1' 'net.ipv4..ip_forward' 'net/../kernel/core_pattern' '../net/ipv4/ip_forward' \
		'net.ipv4/../../kernel/core_pattern' '/net/ipv4/ip_forward' 'net/ipv4/ip forward' 'net.ipv4.ip_forward\n' '' . .. net. kernel.core_pattern; do
		b=$(bundle sysctl ".linux.sysctl = {\"$name\": \"1\"} | $(args true)")
		kist_run "$b"
		[ "$status" = 125 ] || expect "$name refused" "$name $status"
		contains /linux/sysctl
	done
	for value in '1\n0' '1\u0000' '1+kernel.core_pattern=x'; do
		b=$(bundle sysctl ".linux.sysctl = {\"net.ipv4.ip_forward\": \"$value\"} | $(args cat /proc/sys/net/ipv4/ip_forward)")
		kist_run "$b"
		[ "$status" = 125 ] || expect "$value refused" "$value $status"
	done
}

@test "CVE-2023-25809 rootless, /sys bound and no cgroup namespace: a delegated cgroup cannot be written" {
	shown=
	for hierarchy in pids unified; do
		group=/sys/fs/cgroup/$hierarchy/kist-test/sec-$$
		[ -d /sys/fs/cgroup/$hierarchy ] || continue
		mkdir -p "$group"
		chown -R "$TESTER" "$group"
		b=$(bundle_rootless delegated ".linux.namespaces |= map(select(.type != \"cgroup\")) | $(args sh -c "mkdir $group/made && echo MADE; ls -d $group")")
		# The look can tell: outside, the user may.
		as_user mkdir "$group/outside"
		rmdir "$group/outside"
		kist_run_user "$b"
		made=$([ -d "$group/made" ] && echo yes || echo no)
		shown=$shown$made
		rmdir "$group/made" "$group" 2>/dev/null || true
	done
	rmdir /sys/fs/cgroup/{pids,unified}/kist-test 2>/dev/null || true
	lacks MADE
	[ -n "$shown" ]
	[[ $shown != *yes* ]]
}

@test "CVE-2022-0492 the cgroup views of a container are read-only" {
	b=$(bundle release "$(args sh -c 'for d in /sys/fs/cgroup/*; do mkdir $d/made && echo MADE; echo x >$d/release_agent && echo WROTE; done; mount -o remount,rw /sys/fs/cgroup/pids && echo REMOUNTED')")
	kist_run "$b"
	lacks MADE
	lacks WROTE
	lacks REMOUNTED
}

@test "CVE-2017-5226 CVE-2019-10063 CVE-2023-28100 nothing is typed into the caller's terminal" {
	# The look can tell: without kist in between the keys arrive (where dev.tty.legacy_tiocsti allows it at all).
	if [ "$(cat /proc/sys/dev/tty/legacy_tiocsti 2>/dev/null || echo 1)" = 1 ]; then
		run timeout -s KILL 30 "$RIVAL" pty "$PROBE" --tiocsti
		contains "stuffed 2"
	fi
	cp "$PROBE" "$WORK/probe"
	for tty in false true; do
		b=$(bundle tty ".process.terminal = $tty | $(args probe --tiocsti)")
		run timeout -s KILL 30 "$RIVAL" pty "$WORK/kist" --root "$WORK/state" run -b "$b" tty
		contains "stuffed 0"
		contains TIOCSTI
		contains "status 0"
	done
	run timeout -s KILL 30 "$RIVAL" pty "$WORK/kist" --root "$WORK/state" box --root "$WORK/rootfs" -- probe --tiocsti
	contains "stuffed 0"
	contains TIOCSTI
	# Only the input is a terminal: no terminal of its own for the box, and no session with the caller's.
	run timeout -s KILL 30 "$RIVAL" pty sh -c "\"$WORK/kist\" --root \"$WORK/state\" box --root \"$WORK/rootfs\" -- probe --tiocsti | cat"
	contains "stuffed 0"
	contains "TIOCSTI Operation not permitted"
	contains "TIOCSTI-high Operation not permitted"
	lacks "done"
}

@test "CVE-2017-5226 as an ordinary user too" {
	b=$(bundle_rootless tty ".process.terminal = true | $(args probe --tiocsti)")
	run timeout -s KILL 30 "$RIVAL" pty setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups "$WORK/kist" --root "$WORK/user-state" run -b "$b" tty
	contains "stuffed 0"
	contains TIOCSTI
	run timeout -s KILL 30 "$RIVAL" pty setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups sh -c \
		"\"$WORK/kist\" --root \"$WORK/user-state\" box --root \"$WORK/rootfs\" -- probe --tiocsti 2>&1 | cat"
	contains "stuffed 0"
	contains "TIOCSTI Operation not permitted"
}

@test "CVE-2017-5226 the program has a session of its own" {
	b=$(bundle session "$(args probe process)")
	kist_run "$b"
	expect "1 1" "$(line sid) $(line pgid)"
}

@test "a full procfs of the host is not reachable: /proc is the container's" {
	b=$(bundle ownproc "$(args sh -c 'ls -d /proc/[0-9]* | wc -l; ls -l /proc/*/fd /proc/*/cwd /proc/*/root')")
	kist_run "$b"
	[ "${lines[0]}" -le 3 ]
	lacks "$WORK"
}
