#!/usr/bin/env bats
# That each flag of a box is tested for its effect and its misuse, as root and as an ordinary user: test/run/flags.list says
# where, and is held against the tests.

load lib.bash

# body NAME: the test of that name, from its name to its end.
body() {
	awk -v head="@test \"$1\" {" '$0 == head { on = 1 } on { print } on && /^}/ { exit }' "$ROOT"/test/run/*.bats
}
# has TEST FLAG PATTERN: the test is there, has the flag (or its name has, where flags come from a loop), and the pattern.
has() {
	local text
	text=$(body "$1")
	[ -n "$text" ] || { echo "$2: there is no test \"$1\""; return; }
	grep -qE -- "$2([^a-z0-9-]|\$)" <<<"$text" || echo "$2: does not stand in \"$1\""
	grep -qE -- "$3" <<<"$text" || echo "$2: \"$1\" has no $4"
}
rows() {
	grep -v '^#' "$ROOT/test/run/flags.list" | grep .
}

@test "each flag of a box has a row in flags.list, in order, and no other has" {
	expect "$("$KIST" box --help | sed -nE 's/^ +(-[a-zA-Z], )?(--[a-z0-9-]+).*/\2/p' | LC_ALL=C sort)" "$(rows | sed 's/ |.*//')"
}

@test "the tests in flags.list are there, and about what they are said to be about" {
	local flag effect misuse user wrong=
	while IFS='|' read -r flag effect misuse user; do
		flag=${flag% } effect=${effect# } effect=${effect% } misuse=${misuse# } misuse=${misuse% } user=${user# }
		[ "$misuse" != = ] || misuse=$effect
		# Nothing stands for a test of the effect.
		wrong+=$(has "$effect" "$flag" 'expect|contains|lacks|\[' "expectation")
		[[ $misuse == \[*\] ]] || wrong+=$(has "$misuse" "$flag" 'expect 125|refused |both |"\$status" != 0|cannot' "refusal")
		[ "$user" != = ] || user=$misuse
		[[ $user == \[*\] ]] ||
			wrong+=$(has "$user" "$flag" 'user_box|user_kist|fuse_box|as_user|\$box|\$who|\$TESTER|root_box user_box|plain ' "ordinary user")
	done < <(rows)
	expect "" "$wrong"
}

@test "every flag of a box has its place in the manual" {
	local missing=
	for flag in $(rows | sed 's/ |.*//'); do
		grep -qF -- "*$flag*" "$ROOT/doc/kist.1.scd" || missing+=" $flag"
	done
	expect "" "$missing"
}
