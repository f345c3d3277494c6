#!/usr/bin/env bats
# doc/tutorial.md, typed as it stands: each command of each console block, "$" as the ordinary user, "#" as root. What it
# prints must be what the page shows; "…" in the page stands for anything.

load lib.bash
setup_file() {
	lib_setup
	install -d -m 755 "$WORK/bin"
	ln -s ../kist "$WORK/bin/kist"
	install -d -o "$TESTER" "$WORK/page"
}
teardown_file() { lib_teardown; }

# type_as PROMPT COMMAND: in the directory where the last command with this prompt ended. Sets $output.
type_as() {
	local prompt=$1 command=$2 state=$WORK/state user=()
	if [ "$prompt" = '$' ]; then
		state=$WORK/user-state
		user=(setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups --reset-env)
	fi
	# XDG_RUNTIME_DIR and --root aside, the page's `kist` is this one.
	cat >"$WORK/type.sh" <<-END
		kist() { "$WORK/kist" --root "$state" "\$@"; }
		cd "$(cat "$WORK/cwd$prompt" 2>/dev/null || echo "$WORK/page")" || exit
		{
		$command
		} 2>&1
		pwd >"$WORK/pwd"
	END
	rm -f "$WORK/pwd"
	install -m 666 /dev/null "$WORK/pwd"
	run "${user[@]}" env PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" bash "$WORK/type.sh" </dev/null
	[ ! -s "$WORK/pwd" ] || cp "$WORK/pwd" "$WORK/cwd$prompt"
}

# matches PATTERN: the whole output, with "…" for anything.
matches() {
	local pattern
	pattern=$(sed -e 's/[][*?\\]/\\&/g' -e 's/…/*/g' <<<"$1")
	# shellcheck disable=SC2053 # a pattern
	[[ $output == $pattern ]]
}

# try LINE PROMPT COMMAND EXPECTED
try() {
	type_as "$2" "$3"
	matches "$4" || {
		printf 'doc/tutorial.md:%s: %s %s\nthe page shows:\n%s\nbut it prints:\n%s\n' "$1" "$2" "$3" "$4" "$output" >&2
		return 1
	}
}

@test "the tutorial: every command prints what the page shows" {
	local line number=0 inside= prompt= command= at=0 expected= tried=0
	while IFS= read -r line; do
		number=$((number + 1))
		case $inside$line in
		'```console') inside=yes prompt= ;;
		'yes```' | 'yes$ '* | 'yes# '*)
			if [ -n "$prompt" ]; then
				try "$at" "$prompt" "$command" "${expected%$'\n'}"
				tried=$((tried + 1))
			fi
			[ "$line" != '```' ] || { inside='' prompt='' && continue; }
			prompt=${line:0:1} command=${line:2} expected='' at=$number
			;;
		yes*) expected+=$line$'\n' ;;
		esac
	done <"$ROOT/doc/tutorial.md"
	[ "$tried" -gt 30 ]
}
