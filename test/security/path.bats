#!/usr/bin/env bats
# Paths an image controls: links, other kinds of file, and races. Whatever they say, nothing outside of the root is
# read, changed or mounted on.

load lib.bash
setup_file() { security_setup; }
teardown_file() { lib_teardown; }

# The mount points inside, one a line.
points() {
	awk '$1 == "mount" { print $2 }' <<<"$output"
}

@test "CVE-2015-1335 CVE-2015-3629 CVE-2019-18837 mount_dest_symlink: a destination that links to a host directory" {
	for target in "$CANARY/dir" "../../../../../../../..$CANARY/dir" "/proc/self/root$CANARY/dir" "/../$CANARY/dir"; do
		root=$(image dest)
		ln -s "$target" "$root/link"
		for mount in '{destination: "/link", type: "tmpfs", source: "t"}' '{destination: "/link/below", type: "tmpfs", source: "t"}' \
			"{destination: \"/link\", type: \"bind\", source: \"$WORK/bundles\", options: [\"rbind\"]}"; do
			b=$(image_bundle dest ".mounts += [$mount] | $(args sh -c 'probe mount; ls -a /link; echo gone >/link/x; cat /link/../file')")
			kist_run "$b"
			canary_intact
			# Started: then the mount is in the root, where the link leads there.
			[ "$status" = 125 ] || [ -z "$(points | grep -E '/link')" ]
			rm -f "$WORK/bundles/x"
		done
	done
}

@test "CVE-2015-1335 a destination that leads to a host file" {
	root=$(image destfile)
	ln -s "$CANARY/file" "$root/etc/resolv.conf"
	ln -s "$CANARY/new" "$root/etc/hosts"
	echo mine >"$WORK/mine"
	b=$(image_bundle destfile ".mounts += [{destination: \"/etc/resolv.conf\", type: \"bind\", source: \"$WORK/mine\", options: [\"bind\", \"ro\"]},
		{destination: \"/etc/hosts\", type: \"bind\", source: \"$WORK/mine\", options: [\"bind\"]}] | $(args sh -c 'cat /etc/resolv.conf; echo more >/etc/hosts; cat /etc/hosts')")
	kist_run "$b"
	canary_intact
	expect 0 "$status"
	contains mine
	contains more
}

@test "CVE-2015-1335 each parent of a destination may be a link, up to the root and out of it" {
	root=$(image parent)
	ln -s / "$root/slash"
	ln -s ../../../.. "$root/up"
	ln -s "$CANARY" "$root/out"
	ln -s loop "$root/loop"
	for path in /slash/mnt /up/mnt /up/up/slash/mnt /out/dir /out/new/deeper /loop/x; do
		b=$(image_bundle parent ".mounts += [{destination: \"$path\", type: \"tmpfs\", source: \"t\"}] | $(args sh -c 'probe mount; echo x >/mnt/x; ls /')")
		kist_run "$b"
		canary_intact
		[ "$path" = /loop/x ] || expect "$path 0" "$path $status"
		[ "$path" != /loop/x ] || expect 125 "$status"
	done
	lacks /slash/mnt
}

@test "CVE-2019-18837 dev_path_escape: a device whose path leads outside" {
	root=$(image devpath)
	ln -s "$CANARY/dir" "$root/link"
	ln -s "$CANARY/new" "$root/node"
	for path in /link/node /node /link/a/b /dev/../link/x; do
		b=$(image_bundle devpath ".linux.devices = [{path: \"$path\", type: \"c\", major: 1, minor: 3, fileMode: 438}] | $(args true)")
		kist_run "$b"
		canary_intact
	done
}

@test "CVE-2023-27561 CVE-2019-19921 CVE-2025-54867 proc_symlink: /proc or /sys as a link is refused" {
	for name in proc sys; do
		for target in tmp "$CANARY/dir" ../../..$CANARY/dir /var .; do
			root=$(image procfs)
			rmdir "$root/$name"
			ln -s "$target" "$root/$name"
			b=$(image_bundle procfs "$(args sh -c 'probe mount access; ls /tmp /var')")
			before=$(cat /proc/sys/kernel/core_pattern)
			kist_run "$b"
			canary_intact
			expect "$name $target 125" "$name $target $status"
			contains "/$name"
			expect "$before" "$(cat /proc/sys/kernel/core_pattern)"
		done
	done
}

@test "CVE-2023-28642 a parent of the procfs destination is a link: masks still reach what was mounted" {
	root=$(image procparent)
	mkdir -p "$root/real/proc"
	ln -s "$CANARY" "$root/alias"
	ln -s real "$root/near"
	b=$(image_bundle procparent ".mounts += [{destination: \"/near/proc\", type: \"proc\", source: \"proc\"}] | $(args sh -c 'probe mount access')")
	kist_run "$b"
	canary_intact
	expect 0 "$status"
	contains "mount /real/proc "
	[[ $(line "access /proc/kcore") != *read=yes* ]]
	b=$(image_bundle procparent ".mounts += [{destination: \"/alias/dir\", type: \"proc\", source: \"proc\"}] | $(args sh -c 'probe mount')")
	kist_run "$b"
	canary_intact
}

@test "CVE-2023-27561 /proc as a file, a device or missing" {
	root=$(image procfile)
	rmdir "$root/proc" "$root/sys"
	echo x >"$root/proc"
	b=$(image_bundle procfile "$(args true)")
	kist_run "$b"
	expect 125 "$status"
	rm "$root/proc"
	kist_run "$b"
	expect 0 "$status"
	[ -d "$root/proc" ]
	[ -d "$root/sys" ]
}

@test "CVE-2026-41579 CVE-2026-47766 dev_symlink: the image's /dev leads outside, with and without a mount on it" {
	for target in "$CANARY/dir" ../../../../../../../..$CANARY/dir; do
		for filter in "$(without /dev) | $(without /dev/pts) | $(without /dev/shm) | $(without /dev/mqueue)" .; do
			root=$(image dev)
			rmdir "$root/dev"
			ln -s "$target" "$root/dev"
			for tty in false true; do
				b=$(image_bundle dev "$filter | .process.terminal = $tty | $(args sh -c 'probe mount; ls /dev/')")
				run timeout -s KILL 30 "$RIVAL" pty "$WORK/kist" --root "$WORK/state" run -b "$b" dev
				canary_intact
			done
		done
	done
}

@test "CVE-2026-41579 control: runc 1.1.5 makes its devices there" {
	root=$(image devc)
	rmdir "$root/dev"
	mkdir -p "$WORK/decoy/dir"
	ln -s "../../../../../../../..$WORK/decoy/dir" "$root/dev"
	b=$(image_bundle devc "$(without /dev) | $(without /dev/pts) | $(without /dev/shm) | $(without /dev/mqueue) | $(args true)")
	control runc 1.1.5+ds1-1+deb12u1 "$b"
	[ -n "$(ls "$WORK/decoy/dir")" ]
	rm -rf "$WORK/decoy"
}

@test "CVE-2026-47766 control: crun 1.8.1 makes its devices there" {
	root=$(image devc)
	rmdir "$root/dev"
	mkdir -p "$WORK/decoy/dir"
	ln -s "../../../../../../../..$WORK/decoy/dir" "$root/dev"
	b=$(image_bundle devc "$(without /dev) | $(without /dev/pts) | $(without /dev/shm) | $(without /dev/mqueue) | $(args true)")
	control crun 1.8.1-1+deb12u1 "$b"
	[ -n "$(ls "$WORK/decoy/dir")" ]
	rm -rf "$WORK/decoy"
}

@test "CVE-2026-41579 what the image has in /dev already is neither followed nor removed outside" {
	root=$(image devfiles)
	for name in null zero full random urandom tty console ptmx fd stdin stdout stderr pts shm mqueue core; do
		[ ! -d "$root/dev/$name" ] || rmdir "$root/dev/$name"
		ln -s "$CANARY/file" "$root/dev/$name"
	done
	for tty in false true; do
		b=$(image_bundle devfiles "$(without /dev) | $(without /dev/pts) | $(without /dev/shm) | $(without /dev/mqueue)
			| .process.terminal = $tty | $(args sh -c 'echo gone >/dev/null; busybox timeout 1 cat /dev/console; true')")
		run timeout -s KILL 30 "$RIVAL" pty "$WORK/kist" --root "$WORK/state" run -b "$b" devfiles
		canary_intact
	done
}

@test "CVE-2025-31133 CVE-2025-62161 devnull_mask: the image's /dev/null is a link or a file: masks hide all the same" {
	before=$(cat /proc/sys/kernel/core_pattern)
	for kind in link file fifo zero; do
		root=$(image mask)
		case $kind in
		link) ln -s /proc/sys/kernel/core_pattern "$root/dev/null" ;;
		file) echo CHIRP-mask >"$root/dev/null" ;;
		fifo) mkfifo "$root/dev/null" ;;
		zero) mknod -m 666 "$root/dev/null" c 1 5 ;;
		esac
		b=$(image_bundle mask "$(without /dev) | $(without /dev/pts) | $(without /dev/shm) | $(without /dev/mqueue)
			| .linux.maskedPaths += [\"/etc/passwd\"] | $(args probe access)")
		run timeout 30 "$WORK/kist" --root "$WORK/state" run -b "$b" mask
		canary_intact
		for path in /proc/kcore /proc/keys /proc/timer_list; do
			[[ $(line "access $path") != *read=yes* ]]
		done
		[[ $(line "access /proc/sys/kernel/core_pattern") != *write=yes* ]]
		[ "$status" = 125 ] || [ "$status" = 0 ]
		b=$(image_bundle mask "$(without /dev) | $(without /dev/pts) | $(without /dev/shm) | $(without /dev/mqueue)
			| .linux.maskedPaths += [\"/etc/passwd\"] | $(args sh -c 'echo core >/proc/kcore; head -c 9 /etc/passwd /proc/kcore')")
		run timeout 30 "$WORK/kist" --root "$WORK/state" run -b "$b" mask
		canary_intact
		lacks root:x
	done
	expect "$before" "$(cat /proc/sys/kernel/core_pattern)"
}

@test "CVE-2025-31133 a /dev/null that the config makes another device masks nothing, and is refused" {
	b=$(bundle zero ".linux.devices = [{path: \"/dev/null\", type: \"c\", major: 1, minor: 5}] | $(args true)")
	kist_run "$b"
	expect 125 "$status"
	contains "the container's /dev/null is not the null device (1:3), but another device"
	contains /linux/maskedPaths/
}

@test "CVE-2025-31133 control: runc 1.1.5 puts what the image's /dev/null leads to on a masked path, writable" {
	root=$(image maskc)
	echo decoy >"$root/decoy"
	ln -s /decoy "$root/dev/null"
	b=$(image_bundle maskc "$(without /dev) | $(without /dev/pts) | $(without /dev/shm) | $(without /dev/mqueue)
		| .linux.maskedPaths = [\"/etc/passwd\"] | $(args sh -c 'echo spoiled >/etc/passwd')")
	kist_run "$b"
	expect decoy "$(cat "$root/decoy")"
	control runc 1.1.5+ds1-1+deb12u1 "$b"
	grep spoiled "$root/decoy"
}

@test "CVE-2025-52565 /dev/console and /dev/pts of the image lead outside, with a terminal" {
	root=$(image console)
	mkdir "$root/dev/pts"
	for n in 0 1 2 3 4 ptmx; do ln -s "$CANARY/file" "$root/dev/pts/$n"; done
	ln -s "$CANARY/file" "$root/dev/console"
	ln -s "$CANARY/file" "$root/dev/ptmx"
	for filter in "$(without /dev)" "$(without /dev) | $(without /dev/pts)" .; do
		b=$(image_bundle console "$filter | .process.terminal = true | $(args sh -c 'tty; probe mount; echo gone >/dev/console')")
		run timeout -s KILL 30 "$RIVAL" pty "$WORK/kist" --root "$WORK/state" run -b "$b" console
		canary_intact
	done
	contains /dev/pts/0
}

@test "CVE-2025-52565 a bind of a prepared directory on /dev/pts is no devpts" {
	root=$(image ptsbind)
	mkdir -p "$WORK/fakepts"
	for n in 0 1 2 ptmx; do ln -sf "$CANARY/file" "$WORK/fakepts/$n"; done
	b=$(image_bundle ptsbind "$(without /dev/pts) | .mounts += [{destination: \"/dev/pts\", type: \"bind\", source: \"$WORK/fakepts\", options: [\"bind\"]}]
		| .process.terminal = true | $(args sh -c 'echo gone; busybox timeout 1 cat /dev/console; true')")
	run timeout -s KILL 30 "$RIVAL" pty "$WORK/kist" --root "$WORK/state" run -b "$b" ptsbind
	canary_intact
	# It may start on a terminal of the host's devpts, never on one of these.
	[[ $output != *"status 0"* ]] || lacks fakepts
}

@test "CVE-2024-1753 passwd and group as links to a canary: nothing of it becomes an identity" {
	for target in "$CANARY" "../../../../../../../../..$CANARY"; do
		root=$(image ids)
		ln -sf "$target/passwd" "$root/etc/passwd"
		ln -sf "$target/group" "$root/etc/group"
		b=$(image_bundle ids "$(args probe ids env)")
		kist_run "$b"
		canary_intact
		expect 0 "$status"
		lacks 4242
		run "$WORK/kist" --root "$WORK/state" box --root "$root" --user root -- probe ids env
		canary_intact
		lacks "uid 4242"
		lacks "gid 4242"
	done
}

@test "CVE-2022-4318 CVE-2022-2989 passwd as FIFO, directory, device, endless line, 100 MB: bounded in time and memory" {
	for kind in fifo directory device line big; do
		root=$(image odd)
		rm "$root/etc/passwd" "$root/etc/group"
		case $kind in
		fifo) mkfifo "$root/etc/passwd" "$root/etc/group" ;;
		directory) mkdir "$root/etc/passwd" "$root/etc/group" ;;
		device) mknod "$root/etc/passwd" c 1 5 && mknod "$root/etc/group" c 1 5 ;;
		line) head -c 1000000 /dev/zero | tr '\0' a | tee "$root/etc/passwd" >"$root/etc/group" ;;
		big) yes 'x:x:7:7::/:/bin/sh' | head -c 100000000 >"$root/etc/passwd" && cp --reflink=auto "$root/etc/passwd" "$root/etc/group" ;;
		esac
		b=$(image_bundle odd "$(args probe ids)")
		run timeout 30 "$WORK/kist" --root "$WORK/state" run -b "$b" odd
		[ "$status" = 0 ] || [ "$status" = 125 ] || expect "$kind 0 or 125" "$kind $status"
		for user in root nobody 5; do
			run timeout 30 "$WORK/kist" --root "$WORK/state" box --root "$root" --user $user -- probe ids
			[ "$status" = 0 ] || [ "$status" = 125 ] || expect "$kind $user 0 or 125" "$kind $user $status"
			[ $user = 5 ] || expect 125 "$status"
		done
	done
	rm -rf "$root"
}

@test "CVE-2022-4318 control: crun 1.8.1 waits for ever for a FIFO" {
	root=$(image fifo)
	rm "$root/etc/passwd"
	mkfifo "$root/etc/passwd"
	b=$(image_bundle fifo ".process.env = [\"PATH=/bin\"] | $(args true)")
	control crun 1.8.1-1+deb12u1 "$b"
	expect 137 "$status"
}

@test "CVE-2026-55686 CVE-2022-23648 WORKDIR as a link, missing, below a link, a file" {
	root=$(image work)
	ln -s "$CANARY/dir" "$root/w1"
	ln -s "$CANARY/new" "$root/w2"
	ln -s "$CANARY" "$root/w3"
	ln -s "$CANARY/file" "$root/w4"
	ln -s ../../../../../../../..$CANARY/dir "$root/w5"
	for cwd in /w1 /w2 /w3/made/here /w3/dir /w4 /w5 /../../../../../..$CANARY/dir "$CANARY/dir" "/tmp/../../..$CANARY"; do
		b=$(image_bundle work ".process.cwd = \"$cwd\" | $(args sh -c 'ls -a; cat file ../file; echo gone >made')")
		kist_run "$b"
		canary_intact
	done
}

@test "CVE-2024-42472 box --bind: a destination that leads outside" {
	root=$(image boxbind)
	ln -s "$CANARY/dir" "$root/link"
	ln -s "$CANARY/file" "$root/file"
	mkdir -p "$WORK/shared"
	echo shared >"$WORK/shared/one"
	for bind in "$WORK/shared:/link" "$WORK/shared:/link/x" "$WORK/shared/one:/file"; do
		run "$WORK/kist" --root "$WORK/state" box --root "$root" --bind "$bind" -- sh -c 'echo gone >/file; echo gone >/link/made; ls /link'
		canary_intact
		echo shared >"$WORK/shared/one"
		rm -f "$WORK/shared/made"
	done
	chown -R "$TESTER" "$root"
	for bind in "$WORK/shared:/link" "$WORK/shared/one:/file"; do
		run as_user "$WORK/kist" --root "$WORK/user-state" box --root "$root" --bind "$bind" -- sh -c 'echo gone >/file; echo gone >/link/made'
		canary_intact
	done
}

@test "CVE-2018-15664 tmpcopyup takes links as links" {
	root=$(image copyup)
	mkdir "$root/var/data"
	ln -s "$CANARY/file" "$root/var/data/link"
	ln -s "$CANARY/dir" "$root/var/data/dir"
	ln -s "$CANARY" "$root/var/alias"
	echo mine >"$root/var/data/mine"
	b=$(image_bundle copyup ".mounts += [{destination: \"/var/data\", type: \"tmpfs\", source: \"t\", options: [\"tmpcopyup\"]},
		{destination: \"/var/alias\", type: \"tmpfs\", source: \"t\", options: [\"tmpcopyup\"]}]
		| $(args sh -c 'cat /var/data/mine; ls -l /var/data; cat /var/data/link /var/alias/file; echo gone >/var/data/dir/made')")
	kist_run "$b"
	diff "$WORK/canary.before" <(canary_look)
	lacks CHIRP
	contains mine
	contains "link -> $CANARY/file"
}

@test "CVE-2018-15664 tmpcopyup while directory and link change places" {
	root=$(image copyrace)
	mkdir -p "$root/var/data/inner"
	echo mine >"$root/var/data/inner/file"
	ln -s "$CANARY" "$root/var/data/outer"
	b=$(image_bundle copyrace ".mounts += [{destination: \"/var/data\", type: \"tmpfs\", source: \"t\", options: [\"tmpcopyup\"]}]
		| $(args sh -c 'cat /var/data/*/file 2>/dev/null; cat /var/data/*/passwd 2>/dev/null; true')")
	"$RIVAL" exchange "$root/var/data/inner" "$root/var/data/outer" 3>&- &
	rival=$!
	for _ in $(seq 80); do
		kist_run "$b"
		[[ $output != *CHIRP* ]] || break
	done
	kill $rival
	canary_intact
}

@test "CVE-2021-30465 a volume's directory changes places with a link during two hundred runs" {
	root=$(image volume)
	mkdir -p "$WORK/volume/safe"
	ln -sfn "$CANARY/dir" "$WORK/volume/link"
	ln -sfn "/../../../../../../../..$CANARY/dir" "$WORK/volume/up"
	mkdir -p "$WORK/inner"
	echo inner >"$WORK/inner/inner-file"
	# The volume is mounted, and then something on a directory in it: by a tmpfs and by a bind, which a later one takes as its source.
	b=$(image_bundle volume ".mounts += [{destination: \"/vol\", type: \"bind\", source: \"$WORK/volume\", options: [\"rbind\"]},
		{destination: \"/vol/safe\", type: \"tmpfs\", source: \"racer\"}, {destination: \"/vol/safe/deep\", type: \"bind\", source: \"$WORK/inner\", options: [\"bind\"]}]
		| $(args sh -c 'probe mount; cat /vol/safe/../file /vol/safe/../../file 2>/dev/null; echo gone >/vol/safe/deep/made')")
	"$RIVAL" exchange "$WORK/volume/safe" "$WORK/volume/link" 3>&- &
	rival=$!
	"$RIVAL" exchange "$WORK/volume/safe" "$WORK/volume/up" 3>&- &
	second=$!
	good=0
	for _ in $(seq 200); do
		kist_run "$b"
		[ "$status" != 0 ] || good=$((good + 1))
		[[ $output != *CHIRP* ]] || break
		if grep -q "$WORK/canary" /proc/self/mountinfo || [ -n "$(ls "$CANARY/dir")" ]; then break; fi
	done
	kill $rival $second
	canary_intact
	[ "$good" -gt 0 ]
}

@test "CVE-2021-30465 the mount's place inside is never a host path" {
	# What went wrong there would show as a mount whose root or point is the canary's: looked at from inside, at the end.
	root=$(image volume)
	mkdir -p "$WORK/volume2/safe"
	ln -sfn "/../../../../../../../..$CANARY" "$WORK/volume2/link"
	b=$(image_bundle volume ".mounts += [{destination: \"/vol\", type: \"bind\", source: \"$WORK/volume2\", options: [\"rbind\"]},
		{destination: \"/vol/safe/dir\", type: \"tmpfs\", source: \"racer\"}] | $(args cat /proc/self/mountinfo)")
	"$RIVAL" exchange "$WORK/volume2/safe" "$WORK/volume2/link" 3>&- &
	rival=$!
	for _ in $(seq 60); do
		kist_run "$b"
		[ "$status" != 0 ] || [ -z "$(awk '$4 ~ /canary/' <<<"$output")" ] || break
	done
	kill $rival
	canary_intact
	expect "" "$(awk '$4 ~ /canary/' <<<"$output")"
}

@test "CVE-2024-45310 missing destinations are made while their parent changes places with a link" {
	root=$(image mkdirall)
	mkdir -p "$WORK/volume3/safe"
	ln -sfn "/../../../../../../../..$CANARY/dir" "$WORK/volume3/link"
	b=$(image_bundle mkdirall ".mounts += [{destination: \"/vol\", type: \"bind\", source: \"$WORK/volume3\", options: [\"rbind\"]},
		{destination: \"/vol/safe/a/b/c/d\", type: \"tmpfs\", source: \"t\"}, {destination: \"/vol/safe/file\", type: \"bind\", source: \"$WORK/kist\", options: [\"bind\"]}]
		| .process.cwd = \"/vol/safe/w/o/r/k\" | $(args true)")
	"$RIVAL" exchange "$WORK/volume3/safe" "$WORK/volume3/link" 3>&- &
	rival=$!
	for _ in $(seq 120); do
		kist_run "$b"
		[ -z "$(ls "$CANARY/dir")" ] || break
		rm -rf "$WORK/volume3/safe/"{a,w,file} 2>/dev/null || true
	done
	kill $rival
	wait $rival 2>/dev/null || true
	canary_intact
}

@test "CVE-2019-12439 nothing is made in /tmp, /var/tmp or /run meanwhile" {
	b=$(bundle nothing "$(args true)")
	command -v strace >/dev/null || skip "strace is not installed"
	strace -f -o "$WORK/strace" -e trace=mkdir,mkdirat,open,openat,creat,mknod,mknodat,symlink,symlinkat \
		"$WORK/kist" --root "$WORK/state" run -b "$b" nothing
	expect "" "$(grep -E '"(/tmp|/var/tmp|/dev/shm)/' "$WORK/strace" | grep -vE "\"$WORK/(state|bundles|rootfs)" | grep -E 'mk|creat|O_CREAT|symlink')"
}
