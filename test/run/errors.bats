#!/usr/bin/env bats
# Errors as part of the product: the messages of the recurring pains, each with step, place and remedy.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

@test "an error names step, place and hint, and its last line is the whole sentence" {
	b=$(bundle e1 '.mounts += [{destination: "/mnt", type: "nosuchfs", source: "x"}]')
	kist_run "$b"
	expect 125 "$status"
	contains "cannot mount nosuchfs on /mnt: "
	contains ": no such device"
	[[ $output =~ step\ [0-9]+\ of\ [0-9]+ ]]
	contains "mount_fs, in the container"
	[[ $output =~ config.json:[0-9]+:[0-9]+\ +/mounts/7 ]]
	contains hint
	contains /proc/filesystems
	[[ ${lines[-1]} == "kist: cannot mount nosuchfs on /mnt: "*"no such device" ]]
}

@test "--log-format json has the same in one object" {
	b=$(bundle e2 '.mounts += [{destination: "/mnt", type: "nosuchfs", source: "x"}]')
	rm -f "$WORK/log"
	run "$WORK/kist" --root "$WORK/state" --log "$WORK/log" --log-format json run -b "$b" e2
	expect 125 "$status"
	expect "error /mounts/7 ENODEV" "$(jq -r '[.level, .pointer, .errno] | join(" ")' "$WORK/log")"
	jq -e '.msg | contains("no such device")' "$WORK/log"
	run "$WORK/kist" --log-format xml run -b "$b" e2
	expect 125 "$status"
	contains log-format
}

@test "wrong JSON types come all at once, with line and column" {
	b=$(bundle e3)
	jq '.process.args = "sh" | .hostname = 5 | .root.readonly = "yes"' "$b/config.json" >"$b/new" && mv "$b/new" "$b/config.json"
	kist_run "$b"
	expect 125 "$status"
	[[ $output =~ config.json:[0-9]+:[0-9]+:?\ /process/args:\ expected\ an\ array\ of\ strings,\ got\ a\ string ]]
	contains /hostname
	contains /root/readonly
}

@test "a bind of a file on a directory says which is which" {
	b=$(bundle e4 '.mounts += [{destination: "/etc", type: "bind", source: "/etc/passwd", options: ["bind"]}]')
	kist_run "$b"
	expect 125 "$status"
	contains /etc/passwd
	contains "directory"
	contains /mounts/7
}

# program NAME CONTENT: an executable file of the root file system.
program() {
	printf "$2" >"$WORK/rootfs/tmp/$1"
	chmod 755 "$WORK/rootfs/tmp/$1"
}

@test "a missing program: 127, and the words engines look for" {
	b=$(bundle e5 "$(args nothing-there)")
	kist_run "$b"
	expect 127 "$status"
	contains "executable file not found in \$PATH"
	b=$(bundle e5 "$(args /bin/nothing-there)")
	kist_run "$b"
	expect 127 "$status"
	contains "no such file or directory"
	b=$(bundle e5 "$(args "")")
	kist_run "$b"
	expect 127 "$status"
	contains 'cannot execute "": "": executable file not found'
}

@test "a root that its user may not search is named" {
	install -d -m 700 "$WORK/closed"
	cp -a "$WORK/rootfs/." "$WORK/closed"
	chmod 700 "$WORK/closed"
	b=$(bundle e5c ".root.path = \"$WORK/closed\" | .process.user = {uid: 1000, gid: 1000} | $(args true)")
	kist_run "$b"
	expect 126 "$status"
	contains "the directory / may not be searched by uid 1000 (mode 0700, owner 0:0)"
}

@test "an error stays an error's size, and on its lines" {
	b=$(bundle e5d ".process.args = [\"/bin/true\", (\"x\" * 200000)]")
	kist_run "$b"
	expect 126 "$status"
	contains "argument list too long"
	[ ${#output} -lt 2000 ]
	kist_run "$b" $'a\nkist: b'
	expect 125 "$status"
	contains 'invalid container id "a\nkist: b"'
}

@test "a passwd that cannot be read says why" {
	local root=$WORK/odd
	mkdir -p "$root"
	cp -a "$WORK/rootfs/." "$root"
	rm "$root/etc/passwd"
	mkfifo "$root/etc/passwd"
	run "$WORK/kist" --root "$WORK/state" box --root "$root" --user user -- id
	expect 125 "$status"
	contains "the container's /etc/passwd is no regular file"
	rm "$root/etc/passwd"
	head -c 20000000 /dev/zero | tr '\0' a >"$root/etc/passwd"
	run "$WORK/kist" --root "$WORK/state" box --root "$root" --user user -- id
	expect 125 "$status"
	contains "the container's /etc/passwd or a line of it is longer than kist reads: file too large"
}

@test "a script with CRLF line ends" {
	program crlf '#!/bin/sh\r\necho hi\r\n'
	b=$(bundle e6 "$(args /tmp/crlf)")
	kist_run "$b"
	expect 127 "$status"
	contains 'interpreter "/bin/sh\r" does not exist'
	contains "CRLF"
}

@test "a missing interpreter is named" {
	program perl '#!/usr/bin/perl -w\n'
	b=$(bundle e7 "$(args /tmp/perl)")
	kist_run "$b"
	expect 127 "$status"
	contains 'interpreter "/usr/bin/perl" does not exist'
}

@test "a missing ELF loader is named" {
	cp /bin/true "$WORK/rootfs/tmp/dynamic"
	b=$(bundle e8 "$(args /tmp/dynamic)")
	kist_run "$b"
	expect 127 "$status"
	contains ld-linux
}

@test "a program for another machine" {
	cp "$PROBE" "$WORK/rootfs/tmp/foreign"
	printf '\xb7\x00' | dd of="$WORK/rootfs/tmp/foreign" bs=1 seek=18 conv=notrunc status=none
	b=$(bundle e9 "$(args /tmp/foreign)")
	kist_run "$b"
	expect 126 "$status"
	contains aarch64
	contains "exec format error"
}

@test "a file that may not be executed by this user" {
	program private '#!/bin/sh\n'
	chmod 700 "$WORK/rootfs/tmp/private"
	b=$(bundle e10 ".process.user = {uid: 1000, gid: 1000} | .process.capabilities = {} | $(args /tmp/private)")
	kist_run "$b"
	expect 126 "$status"
	contains "permission denied"
	contains 1000
}

@test "a program on a noexec mount" {
	b=$(bundle e11 ".mounts += [{destination: \"/mnt\", type: \"bind\", source: \"$WORK/rootfs/bin\", options: [\"bind\", \"noexec\"]}]
		| $(args /mnt/busybox true)")
	kist_run "$b"
	expect 126 "$status"
	contains noexec
	contains "permission denied"
}

@test "seccomp that denies execve is named" {
	b=$(bundle e12 ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"execve\", \"execveat\"], action: \"SCMP_ACT_ERRNO\"}]}
		| .process.noNewPrivileges = true | $(args true)")
	kist_run "$b"
	expect 126 "$status"
	contains seccomp
	contains "operation not permitted"
}

@test "seccomp that kills at execve is named, and a program that is killed later is not" {
	for rule in '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["execve", "execveat"], action: "SCMP_ACT_KILL_PROCESS"}]}' \
		'{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["execve"], action: "SCMP_ACT_TRAP"}]}' \
		'{defaultAction: "SCMP_ACT_KILL", syscalls: [{names: ["read", "exit", "exit_group"], action: "SCMP_ACT_ALLOW"}]}'; do
		b=$(bundle e13 ".linux.seccomp = $rule | .process.noNewPrivileges = true | $(args true)")
		kist_run "$b"
		expect 126 "$status"
		contains "cannot execute true: the seccomp filter killed it at execve (SIGSYS)"
		contains /process/args
	done
	b=$(bundle e13 ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"mkdir\", \"mkdirat\"], action: \"SCMP_ACT_KILL_PROCESS\"}]}
		| .process.noNewPrivileges = true | .root.readonly = false | $(args mkdir /tmp/made)")
	kist_run "$b"
	expect 159 "$status"
	lacks execve
}

@test "an unknown verb fails at once" {
	run "$WORK/kist" checkpoint --help
	expect 125 "$status"
	contains 'unknown verb "checkpoint"'
}

@test "a memory limit too small for the start says so" {
	b=$(bundle e13 ".linux.resources.memory = {limit: 4096} | $(args true)")
	before=$(snapshot)
	kist_run "$b"
	[ "$status" != 0 ]
	contains memory
	nothing_left "$before"
}
