#!/usr/bin/env bats
# Scenarios A1: a tutorial's container: an ordinary user's root with several ids, over a foreign root file system.

load lib.bash
setup_file() {
	lib_setup
	export EXAMPLE=$WORK/example
	install -d -o "$TESTER" "$EXAMPLE"
	cp -a "$WORK/rootfs" "$EXAMPLE/alpine-root"
	mkdir -p "$EXAMPLE/alpine-root/home/alpine"
	ln -s busybox "$EXAMPLE/alpine-root/bin/ash"
	chown -R "$TESTER:" "$EXAMPLE/alpine-root"
	touch "$EXAMPLE/alpine-root/etc/resolv.conf"
}
teardown_file() { lib_teardown; }

# enter WORD...: a box over the tutorial's root, as the ordinary user, from a directory beside it.
enter() {
	run as_user env -C "$EXAMPLE" SECRET=hidden "$WORK/kist" --root "$WORK/user-state" box --root ../example/alpine-root/ "$@"
}

@test "A1-01 a shell, without bundle, configuration or privilege" {
	enter --hostname container -- ash -l -c 'echo $0; ls /bin/busybox'
	expect 0 "$status"
	contains ash
	contains /bin/busybox
}

@test "A1-02 the hostname is the container's alone" {
	before=$(hostname)
	enter --hostname container -- hostname
	expect container "$output"
	expect "$before" "$(hostname)"
}

@test "A1-03 packages can be installed: several ids, a writable root" {
	enter -- sh -c 'touch /f && chown 42:42 /f && stat -c %u:%g /f && mkdir -p /var/lib/apk && echo x > /etc/passwd && cat /etc/passwd'
	expect 0 "$status"
	contains 42:42
	enter --rw -- sh -c 'touch /f && chown 42:42 /f && stat -c %u:%g /f; rm -f /f'
	contains 42:42
}

@test "A1-04 --map-uid: the caller becomes 1100 inside, root a subordinate id" {
	enter --rw --map-uid 1100 --map-gid 1100 --user 1100:1100 -- sh -c 'id -u; touch /tmp/made'
	expect 0 "$status"
	expect 1100 "$(tail -n 1 <<<"$output")"
	expect "$TESTER" "$(stat -c %U "$EXAMPLE/alpine-root/tmp/made")"
	enter --rw --map-uid 1100 --map-gid 1100 -- cat /proc/self/uid_map
	expect 0 "$status"
	subordinate=$(awk -F: -v u="$TESTER" '$1 == u { print $2; exit }' /etc/subuid)
	grep -qE "^ +0 +$subordinate +1100$" <<<"$output"
	grep -qE "^ +1100 +$(id -u "$TESTER") +1$" <<<"$output"
}

@test "A1-05 another mapping for an existing root is noticed" {
	cp -a "$EXAMPLE/alpine-root" "$EXAMPLE/mapped-root"
	run as_user env -C "$EXAMPLE" "$WORK/kist" --root "$WORK/user-state" box --root mapped-root --rw -- true
	expect 0 "$status"
	expect "" "$output"
	run as_user env -C "$EXAMPLE" "$WORK/kist" --root "$WORK/user-state" box --root mapped-root --rw --map-uid 1100 --map-gid 1100 -- true
	contains "boxes have written to it with"
}

@test "A1-06 a clean environment, others by choice" {
	enter -- env
	lacks SECRET
	enter --pass-env SECRET -- env
	contains SECRET=hidden
	enter --pass-env all -- env
	contains SECRET=hidden
}

@test "A1-07 no group that is not mapped" {
	enter -- id
	expect 0 "$status"
	lacks 65534
	lacks nobody
}

@test "A1-08 only the container's processes" {
	enter -- ps -o pid,comm
	expect 1 "$(grep -cE '^ +[0-9]' <<<"$output")"
}

@test "A1-09 resolv.conf follows the host, also when it is replaced" {
	# In a mount namespace of its own the host's file may be replaced.
	mkdir -p "$WORK/etc.upper" "$WORK/etc.work"
	cat >"$WORK/replace.sh" <<-'END'
		mount -t tmpfs tmp "$1/etc.upper" && mkdir "$1/etc.upper/u" "$1/etc.upper/w" &&
		mount -t overlay -o "lowerdir=/etc,upperdir=$1/etc.upper/u,workdir=$1/etc.upper/w" over /etc || exit 9
		echo 'nameserver 127.0.0.1' >/etc/resolv.conf
		"$1/kist" --root "$1/state" box --root "$2" --host-files dns -- sh -c '
			cat /etc/resolv.conf; touch /tmp/seen; for i in $(seq 100); do grep -q 127.0.0.2 /etc/resolv.conf && break; sleep 0.1; done
			cat /etc/resolv.conf' >"$1/replace.out" 2>&1 &
		for i in $(seq 100); do grep -q 127.0.0.1 "$1/replace.out" && break; sleep 0.1; done
		echo 'nameserver 127.0.0.2' >/etc/resolv.conf.new && mv /etc/resolv.conf.new /etc/resolv.conf
		wait
	END
	run unshare -m sh "$WORK/replace.sh" "$WORK" "$EXAMPLE/alpine-root"
	expect 0 "$status"
	output=$(cat "$WORK/replace.out")
	contains 127.0.0.1
	contains 127.0.0.2
}

@test "A1-10 the root is switched by pivot_root" {
	enter -- sh -c 'chroot /proc/1/root true; cat /proc/self/mountinfo'
	lacks "$EXAMPLE/example"
	run as_user env -C "$EXAMPLE" "$WORK/kist" --root "$WORK/user-state" plan box --root alpine-root -- true
	contains pivot
}
