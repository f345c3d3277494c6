#!/usr/bin/env bats
# kist completion: what a shell offers, from the tables of verbs and flags.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

# offered WORD...: what bash offers for the last word of this command line, in one line.
offered() {
	run bash -c '. <("$0" completion bash); COMP_WORDS=(kist "$@"); COMP_CWORD=$#; _kist; printf "%s\n" "${COMPREPLY[@]}"' "$WORK/kist" "$@"
	expect 0 "$status"
	output=$(echo $output)
}

@test "completion: verbs, flags before them, and behind them theirs" {
	offered ''
	contains " box "
	contains "--log-format"
	offered di
	expect "diff discard" "$output"
	offered box --memo
	expect --memory "$output"
	offered --root /run/kist box --memo
	expect --memory "$output"
	offered run --memo
	expect "" "$output"
}

@test "completion: plan and trace pass on to a verb" {
	offered plan b
	expect box "$output"
	offered plan box --seccomp
	contains --seccomp
	offered trace run --bu
	expect --bundle "$output"
}

@test "completion: the words that a flag takes, else files" {
	offered box --seccomp ''
	expect "default none" "$output"
	offered --log-format ''
	expect "text json" "$output"
	cd "$WORK"
	offered box --root root
	expect rootfs "$output"
}

@test "completion: no flag is forgotten, in no shell" {
	for shell in bash zsh fish; do
		run "$WORK/kist" completion $shell
		expect 0 "$status"
		for flag in $("$WORK/kist" help box | grep -oE '^ .* --[a-z0-9-]+' | grep -oE '[a-z0-9][a-z0-9-]+$'); do
			grep -qE -- "(--| -l )$flag\b" <<<"$output" || { echo "$shell: $flag"; return 1; }
		done
	done
	run bash -n <("$WORK/kist" completion bash)
	expect 0 "$status"
}

@test "completion: another shell is refused by name" {
	for words in '' tcsh 'bash zsh'; do
		run "$WORK/kist" completion $words
		expect 125 "$status"
		contains "bash, zsh or fish"
	done
}
