#!/usr/bin/env bats
# Rows B of runtime-spec 1.3: root and mounts.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

@test "B1 root.path relative to the bundle, and through a symbolic link" {
	b=$(bundle b1 ".root.path = \"link\" | $(args probe root)")
	ln -sfn "$WORK/rootfs" "$b/link"
	kist_run "$b"
	expect 0 "$status"
	contains "node /bin dir"
}

@test "B1 a root that does not exist is named with its place" {
	b=$(bundle b1 '.root.path = "/nowhere/rootfs"')
	before=$(snapshot)
	kist_run "$b"
	expect 125 "$status"
	contains "cannot open the root /nowhere/rootfs: no such file or directory"
	contains /root/path
	nothing_left "$before"
}

@test "B1 root is required on Linux" {
	b=$(bundle b1 'del(.root)')
	run "$WORK/kist" check -b "$b"
	expect 125 "$status"
	contains root
}

@test "B2 a read-only root is read-only, a writable one is not" {
	b=$(bundle b2 ".root.readonly = true | $(args probe --touch /x)")
	kist_run "$b"
	expect 1 "$status"
	contains "Read-only file system"
	b=$(bundle b2 ".root.readonly = false | $(args probe --touch /tmp/x)")
	kist_run "$b"
	expect 0 "$status"
	[ -e "$WORK/rootfs/tmp/x" ]
	rm "$WORK/rootfs/tmp/x"
}

@test "B3 mounts are made in listed order" {
	b=$(bundle b3 ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"one\"},
		{destination: \"/mnt\", type: \"tmpfs\", source: \"two\"}] | $(args probe mount)")
	kist_run "$b"
	expect 0 "$status"
	expect "one two" "$(grep -o '^mount /mnt .* - tmpfs [a-z]*' <<<"$output" | awk '{ print $NF }' | tr '\n' ' ' | sed 's/ $//')"
}

@test "B4 a relative destination is taken from /" {
	b=$(bundle b4 ".mounts += [{destination: \"mnt\", type: \"tmpfs\", source: \"t\"}] | $(args probe mount)")
	kist_run "$b"
	expect 0 "$status"
	contains "mount /mnt "
}

@test "B5 a bind source is relative to the bundle, a missing destination is created" {
	b=$(bundle b5 ".root.readonly = false | .mounts += [
		{destination: \"/var/made/dir\", type: \"bind\", source: \"host_dir\", options: [\"bind\"]},
		{destination: \"/var/made/file\", type: \"bind\", source: \"host_dir/hi\", options: [\"bind\", \"ro\"]}]
		| $(args sh -c 'ls /var/made/dir; cat /var/made/file; echo no > /var/made/file')")
	mkdir -p "$b/host_dir"
	echo hello >"$b/host_dir/hi"
	kist_run "$b"
	contains hi
	contains hello
	contains "Read-only file system"
	[ -z "$(ls "$WORK/rootfs/var/made/dir")" ]
	rm -r "$WORK/rootfs/var/made"
}

@test "B6 the type of a bind mount is a dummy" {
	b=$(bundle b6 ".mounts += [{destination: \"/mnt\", type: \"none\", source: \"/etc\", options: [\"rbind\", \"ro\"]}]
		| $(args sh -c 'ls /mnt/passwd')")
	kist_run "$b"
	expect 0 "$status"
	contains /mnt/passwd
}

# option WORD KEYWORD: a tmpfs with this option has the keyword among its attributes.
option() {
	b=$(bundle b7 ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"t\", options: $1}] | $(args probe mount)")
	kist_run "$b"
	expect 0 "$status"
	grep -E "^mount /mnt [^-]*$2" <<<"$output" >/dev/null || {
		printf 'options %s: no %s in %s\n' "$1" "$2" "$(grep '^mount /mnt' <<<"$output")" >&2
		return 1
	}
}

@test "B7 the mount attributes of the table" {
	option '["ro"]' '\bro\b'
	option '["ro", "rw"]' '\brw\b'
	option '["nosuid"]' nosuid
	option '["nodev"]' nodev
	option '["noexec"]' noexec
	option '["noatime"]' noatime
	option '["nodiratime"]' nodiratime
	option '["relatime"]' relatime
	option '["nosuid", "suid", "noexec", "exec", "nodev"]' nodev
	option '["nosymfollow"]' nosymfollow
}

@test "B7 the words that other runtimes pass on as data are known" {
	for word in loud silent lazytime nolazytime iversion noiversion async atime defaults dev diratime dirsync exec \
		norelatime nostrictatime strictatime suid sync; do
		b=$(bundle b7 ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"t\", options: [\"$word\"]}] | $(args true)")
		kist_run "$b"
		expect 0 "$status"
	done
}

@test "B7 propagation words" {
	option '["shared"]' 'shared:'
	option '["rshared"]' 'shared:'
	option '["unbindable"]' unbindable
	b=$(bundle b7 ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"t\", options: [\"private\"]}] | $(args probe mount)")
	kist_run "$b"
	expect 0 "$status"
	[[ $(grep '^mount /mnt' <<<"$output") != *shared* ]]
}

@test "B7 remount changes what is there" {
	b=$(bundle b7 ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"t\"},
		{destination: \"/mnt\", type: \"none\", source: \"none\", options: [\"remount\", \"bind\", \"ro\", \"nosuid\"]}] | $(args probe mount)")
	kist_run "$b"
	expect 0 "$status"
	grep -E '^mount /mnt ro[^ ]*nosuid' <<<"$output"
}

@test "B8 the recursive attributes reach the mounts below" {
	b=$(bundle b8 ".mounts += [{destination: \"/mnt\", type: \"bind\", source: \"/sys\", options: [\"rbind\", \"rro\"]}] | $(args probe mount)")
	kist_run "$b"
	expect 0 "$status"
	lines=$(grep '^mount /mnt' <<<"$output")
	[ "$(wc -l <<<"$lines")" -gt 1 ]
	[ -z "$(grep -vE '^mount /mnt[^ ]* ro' <<<"$lines")" ]
}

@test "tmpcopyup copies extended attributes too, of files and of directories" {
	local dir=$WORK/image-xattr pid
	cp -a "$WORK/rootfs" "$dir"
	mkdir -p "$dir/var/deep"
	echo x >"$dir/var/deep/file"
	python3 -c 'import os, sys
for path in sys.argv[1:]: os.setxattr(path, "user.kist", b"A" * 300)' "$dir/var/deep" "$dir/var/deep/file"
	python3 -c 'import os, sys
os.setxattr(sys.argv[1], "security.capability", bytes.fromhex("0100000220000000000000000000000000000000"))' "$dir/var/deep/file"
	b=$(bundle b14 ".root.path = \"$dir\" | .mounts += [{destination: \"/var\", type: \"tmpfs\", source: \"t\", options: [\"tmpcopyup\"]}] | $(args probe --wait)")
	"$WORK/kist" --root "$WORK/state" run -b "$b" b14 >"$WORK/b14" 2>&1 3>&- &
	local holder=$!
	until grep -q ready "$WORK/b14"; do sleep 0.01; done
	pid=$(jq .pid "$WORK/state/b14/record.json")
	output=$(python3 -c 'import os, sys
for path in sys.argv[1:]: print(os.path.basename(path), *sorted((name, len(os.getxattr(path, name))) for name in os.listxattr(path)))' \
		"/proc/$pid/root/var/deep" "/proc/$pid/root/var/deep/file")
	kill -TERM $holder
	wait $holder
	expect $'deep (\'user.kist\', 300)\nfile (\'security.capability\', 20) (\'user.kist\', 300)' "$output"
}

@test "B12 unknown words are the file system's data, and its complaint is shown" {
	b=$(bundle b12 ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"t\", options: [\"size=10m\", \"mode=711\"]}] | $(args probe mount)")
	kist_run "$b"
	expect 0 "$status"
	grep '^mount /mnt .*size=10240k.*mode=711' <<<"$output"
	b=$(bundle b12 ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"t\", options: [\"banana=1\"]}]")
	before=$(snapshot)
	kist_run "$b"
	expect 125 "$status"
	contains "Unknown parameter 'banana'"
	contains "/mounts/7"
	nothing_left "$before"
}

@test "B12 data words on a bind mount are refused, not dropped" {
	b=$(bundle b12 ".mounts += [{destination: \"/mnt\", type: \"bind\", source: \"/etc\", options: [\"bind\", \"size=10m\"]}]")
	kist_run "$b"
	expect 125 "$status"
	contains size=10m
	contains /mounts/7
}

@test "B13 the default file systems are there" {
	b=$(bundle b13 "$(args probe mount)")
	kist_run "$b"
	expect 0 "$status"
	for path in /proc /dev /dev/pts /dev/shm /dev/mqueue /sys /sys/fs/cgroup; do
		contains "mount $path "
	done
}

@test "no mount reaches the host" {
	b=$(bundle leak ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"leak-test\"}] | $(args true)")
	before=$(cat /proc/self/mountinfo)
	kist_run "$b"
	expect 0 "$status"
	expect "$before" "$(cat /proc/self/mountinfo)"
}

@test "mounts without a mount namespace are a fault" {
	b=$(bundle nons '.linux.namespaces |= map(select(.type != "mount"))')
	run "$WORK/kist" check -b "$b"
	expect 125 "$status"
	contains /mounts
	contains "mount namespace"
}

@test "tmpfs: an existing directory's mode is kept unless a mode is given; a copied-up one may be read-only" {
	b=$(bundle b15 ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"t\"},
		{destination: \"/run\", type: \"tmpfs\", source: \"t\", options: [\"mode=711\"]},
		{destination: \"/etc\", type: \"tmpfs\", source: \"t\", options: [\"tmpcopyup\", \"ro\"]}]
		| $(args sh -c 'stat -c %a /mnt /run; grep -c ^user: /etc/passwd; touch /etc/new')")
	kist_run "$b"
	expect "755 711 1" "$(head -n 3 <<<"$output" | xargs)"
	contains "Read-only file system"
}
