#!/usr/bin/env bats
# Scenarios A2: the design of a container tool made of shell scripts: what it does with a page of commands, in one.

load lib.bash
setup_file() { lib_setup; }
teardown_file() {
	[ -z "${HOLDER-}" ] || kill -KILL "$HOLDER" 2>/dev/null || true
	lib_teardown
}

box() {
	run "$WORK/kist" --root "$WORK/state" box "$@"
}

@test "A2-01 a copy of the mounts, pid 1" {
	box -- sh -c 'echo $$; readlink /proc/self/ns/mnt; wc -l </proc/self/mounts'
	expect 1 "$(sed -n 1p <<<"$output")"
	[ "$(sed -n 2p <<<"$output")" != "$(readlink /proc/self/ns/mnt)" ]
	[ "$(sed -n 3p <<<"$output")" -gt 1 ]
}

@test "A2-02 --pid-file holds the host's pid, and it can be signalled" {
	"$WORK/kist" --root "$WORK/state" box --pid-file "$WORK/pid" -- sh -c 'trap "echo caught; exit 3" TERM; echo ready; while :; do sleep 0.1; done' >"$WORK/out" 2>&1 3>&- &
	watcher=$!
	for _ in $(seq 100); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	pid=$(cat "$WORK/pid")
	expect 1 "$(awk '/^NSpid/ { print $3 }' "/proc/$pid/status")"
	kill -TERM "$pid"
	status=0
	wait $watcher || status=$?
	expect 3 "$status"
	grep -q caught "$WORK/out"
}

@test "A2-03 an overlay over the host's root: writes are invisible outside, and kept where asked" {
	box --keep "$WORK/kept" -- sh -c 'echo inside >/etc/kist-a2-03'
	expect 0 "$status"
	[ ! -e /etc/kist-a2-03 ]
	run "$WORK/kist" --root "$WORK/state" diff "$WORK/kept"
	contains /etc/kist-a2-03
	run "$WORK/kist" --root "$WORK/state" discard "$WORK/kept"
	expect 0 "$status"
	[ ! -e "$WORK/kept" ]
}

@test "A2-04 a hostname of its own" {
	box -- hostname
	expect box "$output"
}

@test "A2-05 a private /dev, and tty works" {
	run script -qec "$WORK/kist --root $WORK/state box -- sh -c 'tty; ls -l /dev/ptmx; ls /dev'" /dev/null
	contains /dev/pts/0
	contains pts/ptmx
	lacks vda
	lacks kmsg
}

@test "A2-06 the kernel's controls are read-only" {
	box -- sh -c 'for f in /proc/sys/kernel/printk /proc/sysrq-trigger /proc/irq/default_smp_affinity /sys/kernel/mm/ksm/run; do
		[ ! -e $f ] || { echo x >$f && echo "written $f"; }; done'
	lacks "written"
	contains "Read-only file system"
	box --root "$WORK/rootfs" -- sh -c 'echo x >/proc/sys/kernel/printk; echo x >/sys/kernel/mm/ksm/run; mkdir /proc/irq/x /proc/bus/x'
	expect 2 "$(grep -c "Read-only file system" <<<"$(sed -n 1,2p <<<"$output")")"
}

@test "A2-07 a chroot escape lands in the box, or there is no chroot" {
	box --root "$WORK/rootfs" -- sh -c 'probe --escape; stat -c "root %d:%i" /'
	expect 1 "$(grep ^root <<<"$output" | cut -d: -f2 | sort -u | wc -l)"
	box --root "$WORK/rootfs" --cap-drop SYS_CHROOT -- chroot / true
	[ "$status" != 0 ]
	contains "Operation not permitted"
}

@test "A2-08 the command is pid 1" {
	box -- sh -c 'echo $$'
	expect 1 "$output"
}

@test "A2-09 arguments arrive byte for byte" {
	box -- printf '<%s>' 'a  b' '$HOME' ';id' $'new\nline' '"' "'" '\'
	expect "<a  b><\$HOME><;id><new
line><\"><'><\\>" "$output"
}

@test "A2-10 nothing of the old root is left, and no helper was needed for it" {
	mkdir -p "$WORK/bare/bin" "$WORK/bare/proc"
	cp "$PROBE" "$WORK/bare/bin/probe"
	box --root "$WORK/bare" -- /bin/probe mount
	expect 0 "$status"
	lacks .orig
	lacks "$(stat -f -c %T / | sed 's|/.*||') /home"
}

@test "A2-11 kist trace shows each step" {
	run "$WORK/kist" --root "$WORK/state" trace box -- true
	expect 0 "$status"
	contains "make the container's root the root"
	contains "execute true"
	contains "took"
}

@test "A2-12 one command: capabilities, filter and root, in one order" {
	run "$WORK/kist" --root "$WORK/state" plan box -- true
	pivot=$(grep -n ' pivot ' <<<"$output" | head -n 1 | cut -d: -f1)
	caps=$(grep -n ' set_caps ' <<<"$output" | head -n 1 | cut -d: -f1)
	filter=$(grep -n ' seccomp ' <<<"$output" | head -n 1 | cut -d: -f1)
	exec=$(grep -n ' exec ' <<<"$output" | tail -n 1 | cut -d: -f1)
	[ "$pivot" -lt "$caps" ] && [ "$caps" -lt "$filter" ] && [ "$filter" -lt "$exec" ]
}
