#!/usr/bin/env bats
# box --arch: a root of another architecture, run by what binfmt_misc has for it.

load lib.bash
setup_file() {
	lib_setup
	cp -a "$WORK/rootfs" "$WORK/foreign"
	# The head of a program for aarch64 is all that the kernel looks at.
	printf '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xb7\0\1\0\0\0' >"$WORK/foreign/bin/program"
	chmod 755 "$WORK/foreign/bin/program"
	# An emulator that only tells what it was asked to run.
	mkdir "$WORK/emulator"
	cp "$(command -v busybox)" "$WORK/emulator/echo"
	chown -R "$TESTER:" "$WORK/foreign" "$WORK/emulator"
	install -d -m 700 "$WORK/nested"
	chown "$TESTER" "$WORK/nested"
}
teardown_file() { lib_teardown; }

root_box() {
	run "$WORK/kist" --root "$WORK/state" box "$@"
}
user_box() {
	run as_user env PATH="$PATH" "$WORK/kist" --root "$WORK/user-state" box "$@"
}

# with_emulator FLAGS ARG...: a box of a user namespace with registrations of its own, so that the machine keeps its own.
with_emulator() {
	local flags=$1
	shift
	run as_user unshare -Urmpf --mount-proc sh -c 'mount -t binfmt_misc none /proc/sys/fs/binfmt_misc || exit 99
		printf "%s" "$1" >/proc/sys/fs/binfmt_misc/register; shift; exec "$@"' sh \
		':other:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:'"$WORK/emulator/echo:$flags" \
		"$WORK/kist" --root "$WORK/nested" box "$@"
	[ "$status" != 99 ] || skip "no binfmt_misc in a user namespace before Linux 6.7"
}

@test "box --arch: the program that is registered runs the root's" {
	with_emulator F --root "$WORK/foreign" --arch aarch64 -- /bin/program one two
	expect "/bin/program one two" "$output"
	# Without the flag F the kernel looks for it in the box, so it is shown there.
	with_emulator "" --root "$WORK/foreign" --arch arm64 -- /bin/program one two
	expect "/bin/program one two" "$output"
	[ ! -e "$WORK/foreign$WORK" ]
	with_emulator "" --root "$WORK/foreign" -- /bin/program one two
	expect 127 "$status"
}

@test "box --arch: what is missing is said, with the package and the command" {
	with_emulator F --root "$WORK/foreign" --arch riscv64 -- /bin/program
	expect 125 "$status"
	contains "--arch riscv64: no emulator for programs of riscv64 is registered"
	contains "install the packages qemu-user-static and binfmt-support"
	for box in root_box user_box; do
		if [ ! -e /proc/sys/fs/binfmt_misc/status ]; then
			$box --root "$WORK/foreign" --arch s390x -- true
			expect 125 "$status"
			contains "mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc"
			contains "qemu-user-static"
		fi
		$box --root "$WORK/foreign" --arch vax -- true
		expect 125 "$status"
		contains "--arch vax: no such architecture is known: expected x86_64, "
		$box --arch s390x -- true
		expect 125 "$status"
		contains "another architecture is that of another root (--root DIR)"
	done
}

@test "box --arch: the machine's own, and its 32 bits" {
	[ "$(uname -m)" = x86_64 ] || skip "written for x86_64"
	for box in root_box user_box; do
		$box --root "$WORK/foreign" --arch amd64 -- sh -c 'busybox uname -m'
		expect x86_64 "$output"
		for root in "" "--root $WORK/foreign"; do
			$box $root --arch i386 -- busybox uname -m
			expect i686 "$output"
		done
	done
}
