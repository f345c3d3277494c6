#!/usr/bin/env bats
# kist box --preset: flags from a file and from kist's own lists.

load lib.bash
setup_file() {
	lib_setup
	cp -a "$WORK/rootfs" "$WORK/own"
	chown -R "$TESTER:" "$WORK/own"
}
teardown_file() { lib_teardown; }

box() {
	run "$WORK/kist" --root "$WORK/state" box --root "$WORK/rootfs" "$@"
}

@test "box --preset: flags of a file, with comments and quotes; the command line wins" {
	printf '# of a file\n\n--hostname "of-file"  # a name\n--env A=1\n--env '"'B=x  y'"'\n--env C=a\\ b\n' >"$WORK/flags"
	box --preset "$WORK/flags" -- sh -c 'hostname; echo "$A,$B,$C"'
	expect "$(printf 'of-file\n1,x  y,a b')" "$output"
	box --env A=2 --preset "$WORK/flags" --hostname mine -- sh -c 'hostname; echo "$A,$B"'
	expect "$(printf 'mine\n2,x  y')" "$output"
	run as_user "$WORK/kist" --root "$WORK/user-state" box --root "$WORK/own" --preset "$WORK/flags" -- hostname
	expect of-file "$output"
}

@test "box --preset: presets name presets, up to a depth" {
	printf -- '--hostname inner\n--env A=inner\n' >"$WORK/inner"
	printf -- '--preset %s\n--env A=outer\n' "$WORK/inner" >"$WORK/outer"
	box --preset "$WORK/outer" -- sh -c 'hostname; echo $A'
	expect "$(printf 'inner\nouter')" "$output"
	printf -- '--preset %s\n' "$WORK/loop" >"$WORK/loop"
	box --preset "$WORK/loop" -- true
	expect 125 "$status"
	contains "eight deep"
}

@test "box --preset: every fault with its line, and the names there are" {
	printf -- '--hostname\n--memry 5\n--net none true\n--env "a\n' >"$WORK/wrong"
	box --preset "$WORK/wrong" -- true
	expect 125 "$status"
	contains "preset $WORK/wrong:1: --hostname needs a value"
	contains "preset $WORK/wrong:2: unknown flag --memry"
	contains "preset $WORK/wrong:3: expected one flag with its value, not \"true\""
	contains "preset $WORK/wrong:4: a quote without its end"
	box --preset biuld -- true
	expect 125 "$status"
	contains "cannot read the preset biuld: no such file or directory"
	contains "build, untrusted and desktop"
}

@test "box --preset build and untrusted; --print-preset shows what they are, and is a preset itself" {
	mkdir -p "$WORK/bundles/work"
	cd "$WORK/bundles/work"
	run "$WORK/kist" --root "$WORK/state" box --preset build -- sh -c 'echo made >new; ls /sys/class/net; pwd'
	expect made "$(cat new)"
	lacks eth
	contains "$PWD"
	run "$WORK/kist" --root "$WORK/state" box --preset untrusted -- sh -c 'grep CapBnd /proc/self/status; ls /home | wc -l; pwd; ulimit -n'
	expect "$(printf 'CapBnd:\t0000000000000000\n0\n/\n1024')" "$output"
	for name in build untrusted desktop; do
		run "$WORK/kist" box --print-preset $name
		expect 0 "$status"
		[[ $output == "# "* ]]
	done
	"$WORK/kist" box --print-preset untrusted >"$WORK/mine"
	run as_user "$WORK/kist" --root "$WORK/user-state" box --preset "$WORK/mine" -- grep CapBnd /proc/self/status
	contains 0000000000000000
	run "$WORK/kist" box --print-preset biuld
	expect 125 "$status"
	contains "cannot read the preset biuld: no such file or directory"
	# There is no display here, and that is said. (test/run/display.bats has one.)
	unset DISPLAY
	box --preset desktop -- true
	expect 125 "$status"
	contains "--x11"
}
