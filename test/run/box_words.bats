#!/usr/bin/env bats
# The command line of a box as people type it: where flags end, which one counts, values of any bytes, typing errors.

load lib.bash
setup_file() {
	lib_setup
	cp -a "$WORK/rootfs" "$WORK/own"
	chown -R "$TESTER:" "$WORK/own"
}
teardown_file() { lib_teardown; }

box() {
	run "$WORK/kist" --root "$WORK/state" box --root "$WORK/own" "$@"
}
user_box() {
	run as_user env PATH="$PATH" "$WORK/kist" --root "$WORK/user-state" box --root "$WORK/own" "$@"
}
# The flags of a box that take a value.
with_value() {
	"$WORK/kist" box --help | sed -nE 's/^ +(-[a-zA-Z], )?--([a-z0-9-]+) [^ ].*/\2/p' | while read -r flag; do
		! "$WORK/kist" box "--$flag" 2>&1 </dev/null | grep -q "needs a value" || echo "$flag"
	done
}
hex() {
	od -An -v -tx1 | tr -d ' \n'
}

@test "a value stands behind the flag or an equals sign, and may hold one" {
	box --hostname one -- hostname
	expect one "$output"
	box --hostname=one=two -- hostname
	expect one=two "$output"
	box --env=A=b=c --env B==d -- sh -c 'echo "$A,$B"'
	expect "b=c,=d" "$output"
	run "$WORK/kist" --root "$WORK/state" box --argv0=--x -- cat /proc/self/cmdline
	expect '--x/proc/self/cmdline' "$(tr -d '\0' <<<"$output")"
	# As getopt(3) has it: what a flag needs is the next word, whatever that is.
	box --hostname -- hostname
	expect -- "$output"
	box --hostname
	expect 125 "$status"
	contains "--hostname needs a value: --hostname NAME"
}

@test "a switch takes no value, but for true and false" {
	box --init=true -- cat /proc/1/comm
	contains kist-init
	box --init=false --init -- cat /proc/1/comm
	contains kist-init
	box --init --init=false -- cat /proc/1/comm
	expect cat "$output"
	box --init=false -- cat /proc/1/comm
	expect cat "$output"
	for wrong in --init=yes --init= --sys=/x --x11=1 -t=1; do
		box "$wrong" -- true
		expect 125 "$status"
		[ "$wrong" = -t=1 ] || contains "${wrong%%=*} is a switch: it takes no value"
	done
}

@test "of a flag that is given twice the last counts, of a list each one" {
	box --hostname one --hostname=two -- hostname
	expect two "$output"
	box --env A=1 --env B=2 --env A=3 -- sh -c 'echo $A$B'
	expect 32 "$output"
	box --tmpfs /mnt --dir /mnt/a --dir /mnt/b -- ls /mnt
	expect "a b" "$(echo $output)"
	# Only the last one is looked at.
	box --memory lots --memory 64M -- true
	expect 0 "$status"
}

@test "flags end at --, or at the first word that is none; what follows is the command's" {
	box -- echo --hostname x
	expect "--hostname x" "$output"
	box echo --hostname x -- y -t
	expect "--hostname x -- y -t" "$output"
	box --hostname x -- echo -- --
	expect "-- --" "$output"
	box --hostname x --help
	expect 0 "$status"
	contains "usage: kist box"
	for word in - -- --hostname; do
		ln -sf busybox "$WORK/own/bin/$word"
	done
	box - --help
	contains "applet not found"
	box -- --hostname x
	contains "applet not found"
	rm "$WORK/own/bin/-" "$WORK/own/bin/--" "$WORK/own/bin/--hostname"
}

@test "a flag that there is none of: the nearest is offered, with a value or without" {
	local typed meant
	while read -r typed meant; do
		box "--$typed" x -- true
		expect 125 "$status"
		contains "unknown flag --$typed"
		contains "did you mean --$meant?"
		box "--$typed=x" -- true
		contains "did you mean --$meant?"
	done <<-END
		hostnam hostname
		hostanme hostname
		bnid bind
		memroy memory
		enviroment env
		network net
		ulimit rlimit
		tmfps tmpfs
		capadd cap-add
		cap_add cap-add
		print-conf print-config
		debgu debug
		secomp seccomp
	END
	for typed in privileged zzz volume; do
		box "--$typed" -- true
		expect 125 "$status"
		contains "unknown flag --$typed"
		lacks "did you mean"
		contains "kist box --help lists the flags"
	done
	box -tx -- true
	expect 125 "$status"
	contains "unknown flag -x"
}

@test "an empty value is refused by every flag but --argv0, with its name" {
	local flag
	for flag in $(with_value); do
		run "$WORK/kist" --root "$WORK/state" box "--$flag="
		case $flag in
		argv0) expect 0 "$status" ;;
		name) contains 'invalid container id ""' ;;
		seccomp) contains 'cannot read the seccomp profile : ' ;;
		preset | print-preset) contains 'cannot read the preset : ' ;;
		config) contains "cannot read the configuration : " ;;
		pid-file) contains "cannot write the pid to" ;;
		*) contains "--$flag" ;;
		esac </dev/null
		[ "$flag" = argv0 ] || expect 125 "$status"
	done
	run "$WORK/kist" --root "$WORK/state" box --argv0 '' -- cat /proc/self/cmdline
	expect /proc/self/cmdline "$(tr -d '\0' <<<"$output")"
}

@test "numbers beyond all measure are refused, and no other number is taken for them" {
	local flag value
	for flag in map-uid map-gid timeout user memory swap cpus cpuset pids io-weight oom-score nice affinity; do
		for value in 18446744073709551617 99999999999999999999999 4294967296.5.5 1e9 0x1p3 -99999999999999999999 ' 5' '5 ' +5; do
			box --memory 64M "--$flag" "$value" -- true
			expect 125 "$status"
			contains "--$flag $value: "
		done
	done
	for value in rlimit=nofile=18446744073709551616 rlimit=nofile=1:18446744073709551616 clock=monotonic=99999999999 \
		map=0:0:4294967296 pid=pid:99999999999 groups=4294967295; do
		box --time new "--${value%%=*}" "${value#*=}" -- true
		expect 125 "$status"
		contains "--${value%%=*} ${value#*=}: "
	done
}

@test "values of a hundred thousand bytes" {
	local flag huge
	huge=$(printf 'x%.0s' $(seq 100000))
	for flag in $(with_value); do
		run "$WORK/kist" --root "$WORK/state" box "--$flag" "/$huge" -- true
		case $flag in
		argv0 | pass-env) expect 0 "$status" ;;
		*) expect 125 "$status" ;;
		esac
		[ "$(wc -c <<<"$output")" -lt 1000000 ]
	done
	box --env "A=$huge" -- sh -c 'echo ${#A}'
	expect 100000 "$output"
	box -- sh -c 'echo ${#1}' sh "$huge"
	expect 100000 "$output"
}

@test "arguments and values arrive byte for byte, as root and as a user" {
	local odd who
	odd=$'a\nb\tc\r\x01\x1b[31m\xff\xfe\xc3(\xed\xa0\x80 \\ " $HOME `id` *'
	for who in box user_box; do
		$who --env "ODD=$odd" -- sh -c 'printf %s "$ODD" | od -An -v -tx1; for a; do printf "%s|" "$a" | od -An -v -tx1; done' \
			sh "$odd" '' "$odd$odd" $'\n'
		expect "$(printf '%s' "$odd" | hex)$(printf '%s|' "$odd" '' "$odd$odd" $'\n' | hex)" "$(tr -d ' \n' <<<"$output")"
		$who --host-exec busybox --argv0 "$odd" -- sh -c :
		contains "applet not found"
		$who --host-exec busybox --argv0 sh -- -c 'od -An -v -tx1 /proc/$$/cmdline; :' "$odd"
		[[ $(tr -d ' \n' <<<"$output") == *00"$(printf '%s' "$odd" | hex)"00 ]]
		$who --cwd $'/mnt/\xff\n' -- sh -c 'pwd | od -An -v -tx1'
		expect "$(printf '/mnt/\xff\n\n' | hex)" "$(tr -d ' \n' <<<"$output")"
		$who --hostname $'\xff\xc3' -- sh -c 'hostname | od -An -v -tx1'
		expect ffc30a "$(tr -d ' \n' <<<"$output")"
		$who --dir $'/mnt/\xfe\n' -- sh -c 'printf "%s\n" /mnt/* | od -An -v -tx1'
		expect 2f6d6e742ffe0a0a "$(tr -d ' \n' <<<"$output")"
		mkdir -p "$WORK/"$'odd\xff\n'
		$who --bind "$WORK/"$'odd\xff\n:/mnt' -- grep -c ' /mnt ' /proc/self/mountinfo
		expect 1 "$output"
		GIVEN=$odd
		[ "$who" = user_box ] || { export GIVEN; $who --pass-env GIVEN -- sh -c 'printf %s "$GIVEN" | od -An -v -tx1'
			expect "$(printf '%s' "$odd" | hex)" "$(tr -d ' \n' <<<"$output")"; }
	done
}

@test "an empty argument is one, and an empty command is found nowhere" {
	box -- sh -c 'echo $#' sh '' '' ''
	expect 3 "$output"
	for who in box user_box; do
		$who -- '' x
		expect 127 "$status"
		contains '"": executable file not found in $PATH'
		$who --env PATH= -- ''
		expect 127 "$status"
	done
}

@test "what is no name of a host is none of a box: blanks, lines, control characters" {
	local name
	for name in 'a b' $'a\nb' $'a\tb' $'\x7f' $'a\x1b' a/b; do
		box --hostname "$name" -- true
		expect 125 "$status"
		contains "expected a name of 1 to 64 bytes without a slash, blanks and control characters"
	done
}

@test "an error is one line a fact, and commands no terminal, whatever was typed" {
	box --memory $'5\n6\x1b]0;x\a\xc2\x9b' -- true
	expect 125 "$status"
	expect 1 "$(wc -l <<<"$output")"
	contains '--memory 5\n6\x1b]0;x\x07\xc2\x9b: expected a size'
	lacks $'\x1b'
	box $'--bi\nnd' -- true
	contains 'unknown flag --bi\nnd'
	box -- $'/no\nsuch'
	expect 127 "$status"
	contains 'cannot execute "/no\nsuch"'
	box --bind $'/no\xc3\xa9\n:/mnt' -- true
	contains $'/no\xc3\xa9\\n'
}

@test "--print-config refuses what is no UTF-8, by name, instead of changing it" {
	local bad=$'\xff'
	box --print-config --env "A=$bad" --argv0 "$bad" -- "$bad" fine "$bad"
	expect 125 "$status"
	for what in --env --argv0 "the command" "argument 2"; do
		contains "$what: a config.json is text in UTF-8, and these bytes are none"
	done
	lacks "argument 1"
	export GIVEN=$bad
	box --print-config --pass-env GIVEN -- true
	expect 125 "$status"
	contains "the variable GIVEN: a config.json is text"
	mkdir -p "$WORK/$bad" && cd "$WORK/$bad"
	box --print-config --bind .:/mnt -- true
	expect 125 "$status"
	contains "the source of a mount: a config.json is text"
	run "$WORK/kist" --root "$WORK/state" box --print-config -- true
	expect 125 "$status"
	contains "the directory to start in: a config.json is text"
	box --print-config --env 'A=é€😀' -- $'a\nb'
	expect 0 "$status"
	expect '["a\nb"]' "$(jq -c .process.args <<<"$output")"
}
