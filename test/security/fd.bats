#!/usr/bin/env bats
# What of the runtime could be reached from inside: its descriptors, its memory, its own program.

load lib.bash
setup_file() { security_setup; }
teardown_file() { lib_teardown; }

@test "CVE-2016-9962 a waiting init is undumpable at every step after its first" {
	b=$(bundle dumpable ".process.user = {uid: 65534, gid: 65534} | .process.capabilities = {} | $(args probe --wait)")
	# The same look at a program that runs: it belongs to its user, so the look can tell.
	run_wait "$b"
	owner=$(stat -c %u "/proc/$program/fd")
	run_end
	expect 65534 "$owner"
	for kind in set_propagation mount_fs pivot mask set_groups set_uid set_caps no_new_privs exec; do
		stop_at "$b" "$(step "$b" $kind)"
		owner=$(stat -c %u "/proc/$init/fd")
		stop_end
		expect "$kind 0" "$kind $owner"
	done
}

@test "CVE-2016-9962 with a user namespace, it belongs to its root and not to its user" {
	b=$(bundle dumpable-userns ".linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings | .process.user = {uid: 1000, gid: 1000} | .process.capabilities = {} | $(args probe --wait)")
	run_wait "$b"
	owner=$(stat -c %u "/proc/$program/fd")
	run_end
	expect 101000 "$owner"
	for kind in pivot set_uid set_caps exec; do
		stop_at "$b" "$(step "$b" $kind last)"
		owner=$(stat -c %u "/proc/$init/fd")
		stop_end
		[ "$owner" = 100000 ] || [ "$owner" = 0 ] || expect "$kind 100000" "$kind $owner"
	done
}

@test "CVE-2016-8649 before exec init holds nothing of the host: no directory, no procfs, no cgroup" {
	b=$(bundle held "$(args true)")
	stop_at "$b" "$(step "$b" exec)"
	run ls -l "/proc/$init/fd"
	stop_end
	expect 0 "$status"
	lacks "$WORK/state"
	lacks "$WORK/rootfs"
	lacks cgroup
	lacks /proc/self
	lacks bundles
	lacks config.json
}

@test "fd_leak: nothing but 0, 1 and 2 reaches the program, whatever the caller has open" {
	b=$(bundle fds "$(args probe fd)")
	cd "$CANARY"
	# The look can tell: without kist in between they are there.
	run "$RIVAL" inherit 40 "$PROBE" fd
	[ "$(grep -c "^fd\..* $CANARY$" <<<"$output")" = 40 ]
	run "$RIVAL" inherit 40 "$WORK/kist" --root "$WORK/state" run -b "$b" fds
	expect 0 "$status"
	contains fd.0
	expect "" "$(grep '^fd\.' <<<"$output" | grep -v '^fd\.[012] ')"
	run "$RIVAL" inherit 40 "$WORK/kist" --root "$WORK/state" box --root "$WORK/rootfs" -- probe fd
	contains fd.0
	expect "" "$(grep '^fd\.' <<<"$output" | grep -v '^fd\.[012] ')"
}

@test "CVE-2024-21626 process.cwd through /proc/self/fd/N, with descriptors open" {
	cd "$CANARY"
	for n in $(seq 3 15) 20 30 42; do
		b=$(bundle cwd ".root.readonly = false | .process.cwd = \"/proc/self/fd/$n\" | $(args sh -c 'ls; cat file ../file ../canary/file; echo gone > made; pwd')")
		run "$RIVAL" inherit 40 "$WORK/kist" --root "$WORK/state" run -b "$b" cwd
		expect 125 "$status"
		canary_intact
	done
	for path in /proc/self/cwd /proc/self/root /proc/1/cwd /proc/1/root /proc/thread-self/cwd; do
		b=$(bundle cwd ".process.cwd = \"$path\" | $(args sh -c 'ls; cat file')")
		kist_run "$b"
		[ "$status" != 0 ]
		canary_intact
	done
}

@test "CVE-2024-21626 an image's link to /proc/self/fd as working directory" {
	root=$(image cwdlink)
	cd "$CANARY"
	for n in 3 5 7 8 9; do
		ln -sfn "/proc/self/fd/$n" "$root/wd"
		b=$(image_bundle cwdlink ".process.cwd = \"/wd\" | $(args sh -c 'ls; cat file; cat ../file')")
		run "$RIVAL" inherit 40 "$WORK/kist" --root "$WORK/state" run -b "$b" cwd
		[ "$status" != 0 ]
		canary_intact
	done
}

@test "CVE-2024-21626 a program that is /proc/self/fd/N" {
	cd "$WORK/rootfs/bin"
	for n in 3 4 5 7 9; do
		b=$(bundle argfd "$(args "/proc/self/fd/$n/probe" --args CHIRP)")
		run "$RIVAL" inherit 40 "$WORK/kist" --root "$WORK/state" run -b "$b" argfd
		expect 127 "$status"
		lacks '<CHIRP>'
	done
}

@test "CVE-2019-5736 the program init runs from is a sealed memfd" {
	b=$(bundle sealed "$(args true)")
	stop_at "$b" "$(step "$b" pivot)"
	seals=$("$RIVAL" seals "$init")
	link=$(readlink "/proc/$init/exe")
	mounts=$(grep -c "$WORK/kist" "/proc/$init/maps" || true)
	stop_end
	# F_SEAL_SEAL, SHRINK, GROW and WRITE
	expect 15 "$((seals & 15))"
	[[ $link == /memfd:* ]]
	expect 0 "$mounts"
	# The look can tell: a program on a disk has no seals.
	expect none "$("$RIVAL" seals $$)"
}

@test "CVE-2019-5736 an entrypoint of #!/proc/self/exe, a hundred times: kist is what it was" {
	root=$(image shebang)
	cp "$KIST" "$WORK/kist-copy"
	before=$(sha256sum <"$WORK/kist-copy")
	printf '#!/proc/self/exe\n' >"$root/bin/entry"
	chmod 755 "$root/bin/entry"
	# And its sibling: the program writes to whatever runs pid 1's parent, and to its own start.
	printf '#!/bin/sh\nfor exe in /proc/*/exe; do echo spoiled > $exe; cat $exe | grep -c kist-was-here; done\n' >"$root/bin/spoil"
	chmod 755 "$root/bin/spoil"
	b=$(image_bundle shebang "$(args /bin/entry)")
	for _ in $(seq 100); do
		run "$WORK/kist-copy" --root "$WORK/state" run -b "$b" shebang
		[ "$status" != 0 ]
	done
	b=$(image_bundle shebang "$(args /bin/spoil)")
	for _ in $(seq 20); do
		run "$WORK/kist-copy" --root "$WORK/state" run -b "$b" shebang
		lacks kist-was-here
	done
	expect "$before" "$(sha256sum <"$WORK/kist-copy")"
}

@test "CVE-2019-5736 the program sees no memfd and no kist as /proc/1/exe" {
	b=$(bundle exe "$(args sh -c 'readlink /proc/1/exe; readlink /proc/self/exe; cat /proc/1/maps | grep -ci kist')")
	kist_run "$b"
	contains /bin/busybox
	lacks memfd
	lacks "$WORK"
	expect 0 "${lines[-1]}"
}

@test "CVE-2016-8659 CVE-2026-41163 kist refuses to be a set-uid program" {
	cp "$KIST" "$WORK/setuid"
	chown root "$WORK/setuid"
	chmod 4755 "$WORK/setuid"
	for words in --version "box -- true" "--root $WORK/x run -b $WORK x" facts; do
		run as_user "$WORK/setuid" $words
		[ "$status" = 125 ] || expect 125 "$status"
		contains set
		lacks "kist version"
	done
	rm "$WORK/setuid"
	[ ! -e "$WORK/x" ]
}

@test "CVE-2016-8659 nor a set-gid one" {
	cp "$KIST" "$WORK/setgid"
	chgrp 0 "$WORK/setgid"
	chmod 2755 "$WORK/setgid"
	run as_user "$WORK/setgid" --version
	expect 125 "$status"
	rm "$WORK/setgid"
}

@test "init is no command of its own" {
	b=$(bundle alone "$(args true)")
	stop_at "$b" "$(step "$b" pivot)"
	cp "/proc/$init/exe" "$WORK/kist-init"
	stop_end
	chmod 755 "$WORK/kist-init"
	for words in "" "1 2 3 4" "0 0 0 0 0"; do
		run "$WORK/kist-init" $words
		expect 64 "$status"
		run bash -c "exec -a kist-init '$WORK/kist-init' $words" 4</dev/null
		[ "$status" != 0 ]
	done
}

@test "CVE-2020-15257 kist has no socket in the abstract name space" {
	b=$(bundle sockets "$(args probe --wait)")
	before=$(grep -c ' @' /proc/net/unix || true)
	run_wait "$b"
	during=$(grep -c ' @' /proc/net/unix || true)
	inside=$(grep -c ' @' "/proc/$program/net/unix" || true)
	run_end
	expect "$before 0" "$during $inside"
}

@test "rule 16: no helper is looked for in the caller's PATH" {
	mkdir -p "$WORK/evil"
	for name in newuidmap newgidmap mount sh true; do
		printf '#!/bin/sh\necho CHIRP >>%s/evil/ran\nexit 1\n' "$WORK" >"$WORK/evil/$name"
		chmod 755 "$WORK/evil/$name"
	done
	chmod 777 "$WORK/evil"
	first=$(awk -F: -v u="$TESTER" '$1 == u { print $2; exit }' /etc/subuid)
	b=$(bundle_rootless helper ".linux.uidMappings += [{containerID: 1, hostID: $first, size: 1000}]
		| .linux.gidMappings += [{containerID: 1, hostID: $first, size: 1000}] | $(args /bin/id -u)")
	run as_user env PATH="$WORK/evil:$PATH" "$WORK/kist" --root "$WORK/user-state" run -b "$b" helper
	expect 0 "$status"
	[ ! -e "$WORK/evil/ran" ]
}

@test "rule 17: the state directory is the owner's alone, and one of somebody else is not used" {
	b=$(bundle state "$(args probe --wait)")
	run "$WORK/kist" --root "$WORK/fresh" run -b "$(bundle fresh "$(args true)")" fresh
	expect 0 "$status"
	expect 700 "$(stat -c %a "$WORK/fresh")"
	run_wait "$b"
	modes=$(find "$WORK/state" -type d -printf '%m\n' | sort -u)
	files=$(find "$WORK/state" -type f -perm /077 | head -n 1)
	run_end
	expect 700 "$modes"
	expect "" "$files"
	install -d -m 700 -o "$TESTER" "$WORK/theirs"
	run "$WORK/kist" --root "$WORK/theirs" run -b "$b" theirs
	expect 125 "$status"
	contains "$WORK/theirs"
	mkdir -m 777 "$WORK/open"
	run timeout 30 "$WORK/kist" --root "$WORK/open" run -b "$(bundle fresh "$(args true)")" open
	expect 125 "$status"
	contains "$WORK/open"
	ln -s "$CANARY/dir" "$WORK/link"
	run timeout 30 "$WORK/kist" --root "$WORK/link" run -b "$(bundle fresh "$(args true)")" link
	canary_intact
	expect 125 "$status"
}

@test "rule 17: a record that is a link, a FIFO or rubbish harms nobody" {
	install -d -m 700 "$WORK/odd"
	ln -s "$CANARY/dir" "$WORK/odd/linked"
	mkfifo "$WORK/odd/fifo"
	install -d -m 700 "$WORK/odd/rubbish"
	head -c 100000 /dev/urandom >"$WORK/odd/rubbish/record.json"
	head -c 100000 /dev/urandom >"$WORK/odd/rubbish/journal"
	head -c 100000 /dev/urandom >"$WORK/odd/rubbish/board"
	run timeout 30 "$WORK/kist" --root "$WORK/odd" gc
	[ "$status" -lt 126 ]
	canary_intact
	run timeout 30 "$WORK/kist" --root "$WORK/odd" run -b "$(bundle fresh "$(args true)")" other
	[ "$status" -lt 126 ]
	canary_intact
}

@test "who starts kist with stdin, stdout and stderr closed gives the program /dev/null there, and nothing of kist's" {
	b=$(bundle closed ".root.readonly = false | .process.cwd = \"/tmp\" | $(args sh -c 'echo $(for fd in 0 1 2; do busybox readlink /proc/$$/fd/$fd; done) >/tmp/seen')")
	for closed in '0<&-' '1>&-' '2>&-' '0<&- 1>&- 2>&-'; do
		rm -f "$WORK/rootfs/tmp/seen"
		bash -c "exec \"\$@\" </dev/null >/dev/null 2>&1 $closed" sh "$WORK/kist" --root "$WORK/state" run -b "$b" closed
		run cat "$WORK/rootfs/tmp/seen"
		expect "/dev/null /dev/null /dev/null" "$output"
	done
	rm -f "$WORK/rootfs/tmp/seen"
}

# What forbids memfds to be executed is a pid namespace's own.
without_memfds() {
	run unshare --pid --fork --mount-proc sh -c 'echo 2 >/proc/sys/vm/memfd_noexec && exec "$@"' sh "$@"
}

@test "where memfds may not be executed, the installed init is, if it is the very one" {
	[ -e /proc/sys/vm/memfd_noexec ] || skip "this kernel has no vm.memfd_noexec"
	local prefix=$WORK/prefix
	mkdir -p "$prefix/bin" "$prefix/libexec/kist"
	cp "$WORK/kist" "$prefix/bin/kist"
	cp "$ROOT/build/src/init/kist-init" "$prefix/libexec/kist/init"
	b=$(bundle noexec "$(args sh -c 'echo ran')")
	without_memfds "$prefix/bin/kist" --root "$WORK/state" run -b "$b" noexec
	expect "0 ran" "$status $output"
	# One that its user could change is not executed by that user.
	chown "$TESTER" "$prefix/libexec/kist/init"
	b=$(bundle_rootless noexec-user "$(args sh -c 'echo ran')")
	without_memfds setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env \
		"$prefix/bin/kist" --root "$WORK/user-state" run -b "$b" noexec
	expect 125 "$status"
	contains "the container could change $prefix/libexec/kist/init"
	chown root "$prefix/libexec/kist/init"
	without_memfds setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env \
		"$prefix/bin/kist" --root "$WORK/user-state" run -b "$b" noexec
	expect "0 ran" "$status $output"
	# Another program of the same length, and none.
	printf x | dd of="$prefix/libexec/kist/init" bs=1 seek=4096 conv=notrunc status=none
	b=$(bundle noexec "$(args sh -c 'echo ran')")
	without_memfds "$prefix/bin/kist" --root "$WORK/state" run -b "$b" noexec
	expect 125 "$status"
	contains "$prefix/libexec/kist/init is not the init program of this kist"
	rm "$prefix/libexec/kist/init"
	without_memfds "$prefix/bin/kist" --root "$WORK/state" run -b "$b" noexec
	expect 125 "$status"
	contains "memfds may not be executed here (vm.memfd_noexec=2), and $prefix/libexec/kist/init cannot be opened"
}
