#!/usr/bin/env bats
# A box that keeps its changes: --keep and --from, and the verbs over what was kept, as root and as a user.

load lib.bash
setup_file() {
	lib_setup
	install -d -o "$TESTER" -m 755 "$WORK/user"
	mkdir "$WORK/root"
	cp -a "$WORK/rootfs" "$WORK/own"
	chown -R "$TESTER:" "$WORK/own"
}
teardown_file() { lib_teardown; }
setup() {
	# Each test has a directory of its own for changes, on the disk.
	K=$WORK/root/$BATS_TEST_NUMBER
	U=$WORK/user/$BATS_TEST_NUMBER
}

kist() {
	run "$WORK/kist" --root "$WORK/state" "$@"
}
user_kist() {
	run as_user env PATH="$PATH" "$WORK/kist" --root "$WORK/user-state" "$@"
}
# base NAME: a small root file system to make changes over.
base() {
	rm -rf "$WORK/$1"
	cp -a "$WORK/own" "$WORK/$1"
	(cd "$WORK/$1" && mkdir -p old/sub keep && echo one >old/one && echo two >old/sub/two && echo k >keep/k && chmod 640 keep/k)
	chown -R "${2:-0:0}" "$WORK/$1"
}

@test "keep: what is written stays, and a later box goes on from it" {
	before=$(snapshot)
	kist box --keep "$K" -- sh -c 'echo first >/etc/kist-first; rm -f /etc/hostname; echo seen'
	expect seen "$output"
	[ ! -e /etc/kist-first ] && [ -e /etc/hostname ]
	expect 700 "$(stat -c %a "$K")"
	kist box --from "$K" -- sh -c 'cat /etc/kist-first; ls /etc/hostname; echo second >>/etc/kist-first'
	contains first
	contains "No such file"
	kist box --from "$K" --keep "$K" -- cat /etc/kist-first
	expect "first second" "$(echo $output)"
	nothing_left "$before"
}

@test "keep: a box does not see its own layers" {
	kist box --keep "$K" -- sh -c "ls -A $K | wc -l"
	expect 0 "$output"
}

@test "keep: relative, in a directory that is there and empty" {
	mkdir -p "$K"
	cd "$K/.."
	kist box --root "$WORK/rootfs" --keep "$BATS_TEST_NUMBER" -- sh -c 'echo x >/new'
	expect 0 "$status"
	expect x "$(cat "$K/upper.0/new")"
	expect 700 "$(stat -c %a "$K")"
}

@test "keep: misuse is refused before anything starts, with what helps" {
	kist box --keep "$K" -- true
	kist box --keep "$K" -- true
	expect 125 "$status"
	contains "--from $K goes on"
	kist box --from "$K.none" -- true
	expect 125 "$status"
	contains "no such file"
	[ ! -e "$K.none" ]
	kist box --from "$K" --keep "$K.other" -- true
	expect 125 "$status"
	contains "cp -a"
	kist box --keep /no/such/directory -- true
	expect 125 "$status"
	contains "no such file"
	mkdir "$K.full" && touch "$K.full/letter"
	kist box --keep "$K.full" -- true
	expect 125 "$status"
	contains "not empty"
	kist box --keep '' -- true
	expect 125 "$status"
	contains "expected a directory"
	base over
	kist box --root "$WORK/over" --keep "$WORK/over/changes" -- true
	expect 125 "$status"
	contains "somewhere else"
	[ ! -e "$WORK/over/changes" ]
	kist box --root "$WORK/over" --keep "$WORK" -- true
	expect 125 "$status"
	mkdir "$K.open" && cp -a "$K/." "$K.open" && chmod 755 "$K.open"
	kist box --from "$K.open" -- true
	expect 125 "$status"
	contains "chmod 700"
	chown "$TESTER" "$K.open" && chmod 700 "$K.open"
	kist box --from "$K.open" -- true
	expect 125 "$status"
	contains "belongs to user"
}

@test "keep: over another root, or with other ids, is refused and explained" {
	base over
	kist box --root "$WORK/over" --keep "$K" -- true
	kist box --from "$K" -- true
	expect 125 "$status"
	contains "give --root $WORK/over"
	kist box --keep "$K.host" -- true
	kist box --root "$WORK/over" --from "$K.host" -- true
	expect 125 "$status"
	contains "leave --root out"
	user_kist box --root "$WORK/own" --keep "$U" -- true
	expect 0 "$status"
	sed -i 's/165536\|100000\|231072/1/; s/"uidMap": "0 \([0-9]*\) 1/"uidMap": "0 \1 1\\n5 5 5/' "$U/changes.json"
	user_kist box --root "$WORK/own" --from "$U" -- true
	expect 125 "$status"
	contains "user id map"
}

@test "keep: a file system that cannot take a layer is refused by name" {
	# An overlay is no upper layer of another one.
	mkdir -p "$WORK/lo" "$WORK/up" "$WORK/wo" "$WORK/merged"
	unshare -m sh -c "mount -t tmpfs t $WORK/up && mkdir $WORK/up/u $WORK/up/w &&
		mount -t overlay o -o lowerdir=$WORK/lo,upperdir=$WORK/up/u,workdir=$WORK/up/w $WORK/merged &&
		$WORK/kist --root $WORK/state box --root $WORK/rootfs --keep $WORK/merged/k -- true; echo \$? >$WORK/status
		ls -A $WORK/merged" >"$WORK/out" 2>&1
	output=$(cat "$WORK/out")
	expect 125 "$(cat "$WORK/status")"
	contains "cannot keep changes"
	contains "another overlay"
	expect 0 "$(grep -cx k <<<"$output")"
}

@test "keep: a start that fails leaves no directory, and an old one as it was" {
	before=$(snapshot)
	kist box --keep "$K" -- /no/such/program
	expect 127 "$status"
	[ ! -e "$K" ]
	mkdir "$K"
	kist box --keep "$K" -- /no/such/program
	expect 127 "$status"
	expect 0 "$(ls -A "$K" | wc -l)"
	rmdir "$K"
	kist box --keep "$K" -- sh -c 'echo x >/etc/kist-x'
	kist box --from "$K" -- /no/such/program
	expect 127 "$status"
	kist box --from "$K" -- cat /etc/kist-x
	expect x "$output"
	nothing_left "$before"
}

@test "keep: two boxes never share one" {
	"$WORK/kist" --root "$WORK/state" box --keep "$K" -- sh -c 'echo ready; sleep 100' >"$WORK/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 600); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	kist box --from "$K" -- true
	expect 125 "$status"
	contains "in use"
	kist discard "$K"
	expect 125 "$status"
	contains "in use"
	kill -TERM $pid
	wait $pid || true
	kist box --from "$K" -- true
	expect 0 "$status"
}

@test "keep: a killed run leaves it usable" {
	"$WORK/kist" --root "$WORK/state" box --keep "$K" -- sh -c 'echo data >/etc/kist-data; echo ready; sleep 100' \
		>"$WORK/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 600); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	kill -KILL $pid
	wait $pid || true
	kist box --from "$K" -- cat /etc/kist-data
	expect data "$output"
	# One that another mount left with the mark of a volatile one.
	mkdir -p "$K/work.0/work/incompat/volatile"
	kist box --from "$K" -- cat /etc/kist-data
	expect data "$output"
	kist gc
}

@test "keep: a box that outlives its killed kist is waited for, then named" {
	# The program takes the tie off: the box is an orphan.
	"$WORK/kist" --root "$WORK/state" box --keep "$K" -- python3 -c '
import ctypes, time
ctypes.CDLL(None).prctl(1, 0)
print("ready", flush=True)
time.sleep(100)' >"$WORK/out" 2>&1 3>&- &
	pid=$!
	for _ in $(seq 600); do grep -q ready "$WORK/out" && break; sleep 0.1; done
	inner=$(pgrep -P $pid)
	kill -KILL $pid
	wait $pid || true
	kist box --from "$K" -- true
	expect 125 "$status"
	contains "process $inner"
	kill -KILL "$inner"
	kist box --from "$K" -- true
	expect 0 "$status"
	kist gc
}

@test "user keep: changes of subordinate ids, gone on from and discarded" {
	base mine "$TESTER:"
	user_kist box --root "$WORK/mine" --keep "$U" -- sh -c \
		'mkdir -m 700 /tmp/d && echo secret >/tmp/d/f && chown -R 42:42 /tmp/d && rm /old/one && echo done'
	expect done "$output"
	[ -e "$WORK/mine/old/one" ]
	user_kist box --root "$WORK/mine" --from "$U" -- sh -c 'stat -c %u:%g /tmp/d/f; cat /tmp/d/f; ls /old'
	contains 42:42
	contains secret
	lacks one
	user_kist diff "$U"
	expect "D /old/one A /tmp/d/ A /tmp/d/f" "$(echo $output)"
	user_kist discard "$U"
	expect 0 "$status"
	[ ! -e "$U" ]
}

@test "user keep: over this machine, with a word about what is not kept" {
	# Only the top of a directory of root's takes new names.
	user_kist box --keep "$U" -- sh -c "echo x >/tmp/kist-$$ && cat /tmp/kist-$$"
	expect 0 "$status"
	contains "are not kept"
	[ ! -e "/tmp/kist-$$" ]
	user_kist box --from "$U" -- cat "/tmp/kist-$$"
	contains x
	user_kist diff "$U"
	expect "A  /tmp/kist-$$" "$output"
}

@test "diff: every kind of change, as lines and as JSON" {
	base over
	kist box --root "$WORK/over" --keep "$K" -- sh -c 'echo more >>/old/one; rm -r /old/sub; chmod 600 /keep/k
		rm /keep/k && mkdir /keep/k; echo n >/new; mkdir /dir; ln -s /etc /link; chown 7:8 /etc/group; chmod 4755 /bin/probe'
	kist diff "$K"
	expect "P /bin/probe (mode 0755 to 4755) [set-uid 0]
A /dir/
P /etc/group (owner 0:0 to 7:8)
T /keep/k/ (file to directory)
A /link
A /new
M /old/one
D /old/sub/" "$(tr -s ' ' <<<"$output")"
	kist diff --json "$K"
	expect "A:/dir A:/link A:/new D:/old/sub M:/old/one P:/bin/probe P:/etc/group T:/keep/k" \
		"$(jq -r '.changes[] | .change + ":" + .path' <<<"$output" | sort | xargs)"
	expect "setuid" "$(jq -r '.changes[] | select(.path == "/bin/probe").marks | map(select(. == "setuid"))[]' <<<"$output")"
	expect "$WORK/over" "$(jq -r .root <<<"$output")"
	kist box --root "$WORK/over" --keep "$K.none" -- true
	kist diff "$K.none"
	expect "" "$output"
	expect 0 "$status"
}

@test "diff: names cannot command the terminal" {
	base over
	kist box --root "$WORK/over" --keep "$K" -- sh -c 'touch "$(printf "/a\033]0;x\007b")" "/c d"'
	kist diff "$K"
	contains 'A  "/a\033]0;x\007b"'
	contains 'A  "/c d"'
}

@test "diff, discard: misuse" {
	kist diff
	expect 125 "$status"
	contains "kist diff DIR"
	kist diff "$WORK/rootfs"
	expect 125 "$status"
	mkdir -m 700 "$K.empty"
	kist discard "$K.empty"
	expect 125 "$status"
	contains "holds no changes"
	[ -d "$K.empty" ]
	kist box --keep "$K" -- true
	touch "$K/mine"
	kist discard "$K"
	expect 125 "$status"
	contains "kist did not put there"
	[ -e "$K/mine" ]
}

# --- apply ------------------------------------------------------------------------------------------------------------

# state_of DIR: every file below with type, mode, owner, size, links, target and time.
state_of() {
	(cd "$1" && find . ! -type d -printf '%p %y %m %U:%G %s %n %l %T@\n' -o -printf '%p %y %m %U:%G\n' | sort)
}
# What the box itself would show of its root.
CHANGE='echo more >>/old/one; rm -r /old/sub; echo n >/new; touch -d @1000000000 /new; mkdir -m 2750 /dir; echo a >/dir/a
	ln /dir/a /dir/b; ln -s /etc/passwd /dir/link; mkfifo /dir/pipe; chown -h 7:8 /dir/link /dir/a; rm /keep/k && mkdir /keep/k
	chmod 700 /keep; chmod 4711 /bin/probe; rm -r /var && echo file >/var; mkdir -m 500 /dir/closed; echo c >/dir/closed/c'

@test "apply: the root becomes what the box saw" {
	base over
	kist box --root "$WORK/over" --keep "$K" -- sh -c "$CHANGE"
	kist apply "$K"
	expect 125 "$status"
	contains "A  /new"
	contains "--yes was not given"
	[ ! -e "$WORK/over/new" ]
	kist box --root "$WORK/over" --from "$K" --bind "$WORK/root:/mnt" -- sh -c \
		"cd / && /bin/busybox tar cf /mnt/seen.tar bin dir etc home keep new old var"
	kist apply --yes "$K"
	expect 0 "$status"
	rm -rf "$WORK/seen" && mkdir "$WORK/seen" && tar xf "$WORK/root/seen.tar" -C "$WORK/seen" --same-owner -p
	expect "$(state_of "$WORK/seen" | grep -v '^\. ' | sed 's/\.[0-9]*$//')" \
		"$(state_of "$WORK/over" | grep -vE '^\./(dev|proc|sys|run|mnt|tmp|root)|^\. ' | sed 's/\.[0-9]*$//')"
	expect 2 "$(stat -c %h "$WORK/over/dir/a")"
	kist diff "$K"
	expect "" "$output"
	kist apply --yes "$K"
	expect 0 "$status"
	expect 0 "$(find "$WORK/over" -name '.kist*' | wc -l)"
}

@test "apply: attributes, holes and hard links to what stays" {
	base over
	ln "$WORK/over/old/one" "$WORK/over/old/uno"
	kist box --root "$WORK/over" --keep "$K" -- sh -c 'echo x >/attr; truncate -s 50M /hole 2>/dev/null || dd if=/dev/zero of=/hole bs=1 count=1 seek=52428799
		ln /attr /attr2'
	setfattr -n user.note -v hello "$K/upper.0/attr" 2>/dev/null || python3 -c "import os; os.setxattr('$K/upper.0/attr', 'user.note', b'hello')"
	python3 -c "import os; os.setxattr('$K/upper.0/attr', 'security.capability', bytes.fromhex('0100000200040000000000000000000000000000'))"
	kist diff "$K"
	contains "A  /attr  [capabilities]"
	kist apply --yes "$K"
	expect 0 "$status"
	expect hello "$(python3 -c "import os; print(os.getxattr('$WORK/over/attr2', 'user.note').decode())")"
	expect 20 "$(python3 -c "import os; print(len(os.getxattr('$WORK/over/attr', 'security.capability')))")"
	expect 0 "$(python3 -c "import os; print(sum(a.startswith('trusted.') for a in os.listxattr('$WORK/over/attr')))")"
	expect 52428800 "$(stat -c %s "$WORK/over/hole")"
	[ "$(stat -c %b "$WORK/over/hole")" -lt 1000 ]
	# The two old names are still one file; a third one is linked to what is there already.
	expect 2 "$(stat -c %h "$WORK/over/old/one")"
	kist box --root "$WORK/over" --from "$K" -- sh -c 'ln /attr /attr3'
	kist apply --yes "$K"
	expect 3 "$(stat -c %h "$WORK/over/attr3")"
}

@test "apply: what was changed here since is told, and not written over" {
	base over
	kist box --root "$WORK/over" --keep "$K" -- sh -c 'echo box >>/old/one; rm /old/sub/two; echo n >/new'
	sleep 0.05
	echo here >>"$WORK/over/old/one"
	touch "$WORK/over/old/sub/two"
	kist apply --yes "$K"
	expect 125 "$status"
	contains "M  /old/one  [changed here since]"
	contains "D  /old/sub/two  [changed here since]"
	contains "--overwrite"
	[ ! -e "$WORK/over/new" ]
	expect "one here" "$(echo $(cat "$WORK/over/old/one"))"
	kist apply --yes --overwrite "$K"
	expect 0 "$status"
	expect "one box" "$(echo $(cat "$WORK/over/old/one"))"
	[ ! -e "$WORK/over/old/sub/two" ]
}

@test "apply: no link in the layer or here leads out of the root" {
	mkdir -p "$WORK/outside/dir" && echo mine >"$WORK/outside/dir/one"
	base over
	kist box --root "$WORK/over" --keep "$K" -- sh -c 'echo evil >/old/one; echo evil >/old/sub/new; ln -s ../../outside/dir /esc; mkdir /esc2; echo evil >/esc2/one'
	# On this side a directory becomes a link while nobody looks.
	rm -rf "$WORK/over/old/sub" "$WORK/over/esc2"
	ln -s "$WORK/outside/dir" "$WORK/over/old/sub"
	# And in the layer a directory is one.
	mkdir -p "$K/upper.0/esc3"
	rm -rf "$K/upper.0/old/sub" && ln -s "$WORK/outside/dir" "$K/upper.0/old/sub"
	kist apply --yes --overwrite "$K"
	expect mine "$(cat "$WORK/outside/dir/one")"
	[ ! -e "$WORK/outside/dir/new" ]
	expect "one" "$(ls "$WORK/outside/dir")"
	[ -L "$WORK/over/esc" ]
	# A link on the way: what the box wrote below its directory goes nowhere else.
	base over
	kist discard "$K"
	kist box --root "$WORK/over" --keep "$K" -- sh -c 'echo evil >/old/sub/new'
	rm -rf "$WORK/over/old"
	ln -s "$WORK/outside" "$WORK/over/old"
	mkdir -p "$WORK/outside/sub"
	kist apply --yes --overwrite "$K"
	[ ! -e "$WORK/outside/sub/new" ]
}

@test "apply: a full file system in the middle: what is done is whole, and it can be run again" {
	mkdir -p "$WORK/full"
	base over
	cat >"$WORK/script" <<-END
		set -e
		mount -t tmpfs -o size=7M t $WORK/full
		cp -a $WORK/over/. $WORK/full/
		rm $WORK/full/bin/probe
		truncate -s 1M $WORK/full/filler && dd if=/dev/zero of=$WORK/full/filler bs=1M count=4 status=none
		$WORK/kist --root $WORK/state box --root $WORK/full --keep $K -- sh -c 'echo a >/a; dd if=/dev/zero of=/big bs=1M count=3 2>/dev/null; echo z >/z'
		$WORK/kist apply --yes $K && echo unexpected || echo status \$?
		ls -a $WORK/full
		rm $WORK/full/filler
		$WORK/kist apply --yes $K && echo again
		stat -c %s $WORK/full/big; cat $WORK/full/z
		$WORK/kist diff $K
	END
	run unshare -m bash "$WORK/script"
	contains "status 125"
	contains "cannot put into place /big: no space left on device"
	contains "again"
	contains 3145728
	lacks unexpected
	# After the failure: the first was there, the others not, and nothing half made.
	listing=$(sed -n '/^status 125/,/^again/p' <<<"$output" | sed '/^again/q')
	grep -qx a <<<"$listing"
	! grep -qxE 'big|z|\.kist.*' <<<"$listing"
	contains "not applied:"
}

@test "apply: refused by name where the ids do not allow it" {
	base mine "$TESTER:"
	chown 0:0 "$WORK/mine/keep"
	chmod 755 "$WORK/mine/keep"
	user_kist box --root "$WORK/mine" --keep "$U" -- sh -c 'mkdir /tmp/d; echo s >/tmp/d/f; chown -R 42:42 /tmp/d; echo n >/old/new'
	expect 0 "$status"
	# A layer that the user made by other means: a change in a directory of root's.
	as_user mkdir "$U/upper.0/keep"
	as_user sh -c "echo x >$U/upper.0/keep/added; chmod 755 $U/upper.0/keep"
	user_kist apply --yes "$U"
	expect 125 "$status"
	contains "cannot be applied: its directory cannot be written to: permission denied"
	contains "could not be applied by this user"
	[ ! -e "$WORK/mine/keep/added" ]
	expect n "$(cat "$WORK/mine/old/new")"
	# The ids that the user has under its name are those of the box.
	expect "$(awk -F: -v n="$TESTER" '$1 == n { print $2 + 41; exit }' /etc/subuid)" "$(stat -c %u "$WORK/mine/tmp/d/f")"
}

@test "apply: over this machine, and with a question on a terminal" {
	kist box --keep "$K" -- sh -c "echo x >$WORK/root/applied"
	run script -qec "$WORK/kist apply $K" /dev/null <<<"n"
	contains "apply 1 of 1 changes to this machine?"
	[ ! -e "$WORK/root/applied" ]
	run script -qec "$WORK/kist apply $K" /dev/null <<<"y"
	expect x "$(cat "$WORK/root/applied")"
	kist discard "$K"
}

# --- the root ---------------------------------------------------------------------------------------------------------

@test "root: --rw writes into the directory, --overlay and --ro / leave it alone" {
	base over
	kist box --root "$WORK/over" --overlay -- sh -c 'echo x >/written; cat /written'
	expect x "$output"
	[ ! -e "$WORK/over/written" ]
	kist box --root "$WORK/over" --ro / --dir /made -- sh -c 'ls -d /made; echo x >/written'
	contains /made
	contains "ead-only file system"
	[ ! -e "$WORK/over/written" ] && [ ! -e "$WORK/over/made" ]
	kist box --root "$WORK/over" --rw -- sh -c 'echo x >/written; stat -c %d:%i /'
	expect x "$(cat "$WORK/over/written")"
	expect "$(stat -c %d:%i "$WORK/over")" "$output"
	base mine "$TESTER:"
	user_kist box --root "$WORK/mine" --overlay -- sh -c 'echo x >/written; cat /written'
	expect x "$output"
	[ ! -e "$WORK/mine/written" ]
	user_kist box --root "$WORK/mine" --rw -- sh -c 'echo x >/written && chown 42:42 /written'
	expect 0 "$status"
	expect "$(awk -F: -v n="$TESTER" '$1 == n { print $2 + 41; exit }' /etc/subuid)" "$(stat -c %u "$WORK/mine/written")"
}

@test "root: words that exclude each other, or have nothing to be about" {
	for words in '--rw' '--overlay' "--root $WORK/rootfs --rw --overlay" "--root $WORK/rootfs --rw --ro /" \
		"--root $WORK/rootfs --rw --keep $K" "--keep $K --ro /"; do
		kist box $words -- true
		expect 125 "$status"
	done
	[ ! -e "$K" ]
	kist box --rw -- true
	contains "kist apply"
	kist box --root "$WORK/rootfs" --rw --overlay -- true
	contains "exclude each other"
	kist box --ro -- true
	expect 125 "$status"
}

@test "A1-05 root: an owner or maps that do not fit are told before the start" {
	base over
	user_kist box --root "$WORK/over" -- sh -c 'echo started'
	contains "warning: --root $WORK/over: it belongs to user 0"
	contains "chown -R"
	contains started
	kist box --root "$WORK/over" -- true
	lacks warning
	base mine "$TESTER:"
	user_kist box --root "$WORK/mine" --rw -- sh -c 'echo started'
	expect started "$output"
	user_kist box --root "$WORK/mine" --rw -- sh -c 'echo started'
	expect started "$output"
	# Root has the ids of the machine there.
	kist box --root "$WORK/mine" --rw -- sh -c 'echo started'
	contains "boxes have written to it with uids 0:$(id -u "$TESTER"):1"
	contains "the ids of the machine"
	contains started
	python3 -c "import os; os.setxattr('$WORK/mine', 'user.kist.idmap', b'uids 0:1:1, gids 0:1:1')"
	user_kist box --root "$WORK/mine" --rw -- true
	contains "uids 0:1:1, gids 0:1:1"
	# What is no note of kist's is not shown.
	python3 -c "import os; os.setxattr('$WORK/mine', 'user.kist.idmap', b'\x1b]0;x')"
	user_kist box --root "$WORK/mine" --rw -- sh -c 'echo started'
	expect started "$output"
}

# --- tar --------------------------------------------------------------------------------------------------------------

# As it is installed: the helper is found from kist's own place.
prefix() {
	[ -e "$ROOT/build/src/archive/archive" ] || skip "built without libarchive"
	mkdir -p "$WORK/prefix/bin" "$WORK/prefix/libexec/kist"
	cp "$WORK/kist" "$WORK/prefix/bin/kist"
	cp "$ROOT/build/src/archive/archive" "$WORK/prefix/libexec/kist/archive"
}

@test "diff --tar: a layer with whiteouts, links, attributes and parents" {
	prefix
	base over
	kist box --root "$WORK/over" --keep "$K" -- sh -c "$CHANGE; rm -rf /old/one"
	"$WORK/prefix/bin/kist" diff --tar "$K" >"$WORK/layer.tar"
	run tar tvf "$WORK/layer.tar" --numeric-owner
	contains "old/.wh.sub"
	contains "old/.wh.one"
	contains "dir/b link to dir/a"
	contains "dir/link -> /etc/passwd"
	expect 1 "$(grep -cE ' dir/$' <<<"$output")"
	expect 1 "$(grep -cE '^d.* old/$' <<<"$output")"
	grep -qE '^-rws--x--x 0/0 .* bin/probe' <<<"$output"
	grep -qE '^-rw-r--r-- 7/8 .* dir/a' <<<"$output"
	expect "1000000000" "$(tar xOf "$WORK/layer.tar" new >/dev/null && tar tvf "$WORK/layer.tar" --full-time new | awk '{ print $4, $5 }' | date -f - +%s)"
	mkdir -p "$WORK/unpacked" && tar xf "$WORK/layer.tar" -C "$WORK/unpacked" -p --same-owner
	expect c "$(cat "$WORK/unpacked/dir/closed/c")"
	expect "$(stat -c '%a %s' "$K/upper.0/bin/probe")" "$(stat -c '%a %s' "$WORK/unpacked/bin/probe")"
}

@test "diff --tar: the ids of the box, also where they are subordinate ones" {
	prefix
	base mine "$TESTER:"
	user_kist box --root "$WORK/mine" --keep "$U" -- sh -c 'mkdir -m 700 /tmp/d; echo s >/tmp/d/f; chmod 600 /tmp/d/f; chown -R 42:43 /tmp/d'
	as_user sh -c "$WORK/prefix/bin/kist diff --tar $U" >"$WORK/layer.tar"
	run tar tvf "$WORK/layer.tar" --numeric-owner
	grep -qE '^-rw------- 42/43 .* tmp/d/f' <<<"$output"
}

@test "diff --tar: misuse, a helper that is missing, a reader that goes" {
	prefix
	base over
	kist box --root "$WORK/over" --keep "$K" -- sh -c 'echo x >/a; dd if=/dev/zero of=/big bs=1M count=4'
	run "$WORK/prefix/bin/kist" diff --tar --json "$K"
	expect 125 "$status"
	run sh -c "$WORK/kist diff --tar $K >$WORK/none.tar"
	expect 125 "$status"
	contains "libarchive-dev"
	run sh -c "$WORK/prefix/bin/kist diff --tar $K >/dev/full"
	expect 125 "$status"
	contains "not written whole"
	touch "$K/upper.0/.wh.name"
	run sh -c "$WORK/prefix/bin/kist diff --tar $K >$WORK/none.tar"
	expect 125 "$status"
	contains "/.wh.name cannot be in a layer"
}

# --- trouble at every step ----------------------------------------------------------------------------------------------

@test "keep: whichever step fails, a new directory is gone and an old one is as it was" {
	before=$(snapshot)
	base over
	kist box --root "$WORK/over" --keep "$K.old" -- sh -c 'echo x >/x'
	old=$(state_of "$K.old/upper.0")
	steps=$("$WORK/kist" --root "$WORK/state" plan --json box --root "$WORK/over" --keep "$K" -- true | jq '.steps | length')
	[ "$steps" -gt 20 ]
	for step in $(seq 1 "$steps"); do
		run "$WORK/kist-fault" --root "$WORK/state" --fail-at "$step" box --root "$WORK/over" --keep "$K" -- true
		[ "$status" -ge 125 ] || { echo "step $step" >&2; return 1; }
		[ ! -e "$K" ] || { echo "step $step left $K" >&2; return 1; }
		run "$WORK/kist-fault" --root "$WORK/state" --fail-at "$step" box --root "$WORK/over" --from "$K.old" -- true
		[ "$status" -ge 125 ] || { echo "step $step" >&2; return 1; }
	done
	expect "$old" "$(state_of "$K.old/upper.0")"
	nothing_left "$before"
}

@test "keep: whichever step a kist is killed at, the directory can be gone on from or discarded" {
	base over
	steps=$("$WORK/kist" --root "$WORK/state" plan --json box --root "$WORK/over" --keep "$K" -- true | jq '.steps | length')
	for step in $(seq 2 3 "$steps"); do
		"$WORK/kist-fault" --root "$WORK/state" --kill-at "$step" box --root "$WORK/over" --keep "$K" -- sh -c 'echo x >/x' >/dev/null 2>&1 3>&- || true
		if [ -e "$K/changes.json" ]; then
			kist box --root "$WORK/over" --from "$K" -- sh -c 'echo y >/y && echo again'
			contains again || { echo "step $step" >&2; return 1; }
			kist discard "$K"
			expect 0 "$status"
		fi
		[ ! -e "$K" ] || rmdir "$K"
	done
	kist gc
	expect 0 "$status"
}

@test "user apply: into this machine, what is the user's own" {
	user_kist box --keep "$U" -- sh -c "echo x >/tmp/kist-apply-$$"
	user_kist apply --yes "$U"
	expect 0 "$status"
	expect "x $TESTER" "$(cat "/tmp/kist-apply-$$") $(stat -c %U "/tmp/kist-apply-$$")"
	rm -f "/tmp/kist-apply-$$"
}

@test "user: the view by fuse-overlayfs that the manual shows" {
	command -v fuse-overlayfs >/dev/null || skip "fuse-overlayfs is not installed"
	install -d -o "$TESTER" "$WORK/fuse"
	# The lines of the manual, with a command for the box; /dev/fuse is opened in a mount namespace of the test's own.
	sed -n '/^\tmkdir upper work view lower/,/umount view/p' "$ROOT/doc/kist.1.scd" | sed 's/++$//' |
		sed "s|kist box|$WORK/kist --root $WORK/fuse/state box|; s|; umount view| -- sh $WORK/fuse/inside; umount view|" >"$WORK/fuse/recipe"
	cat >"$WORK/fuse/inside" <<-'END'
		echo more >>/etc/hostname && tail -n 1 /etc/hostname
		mkdir /usr/share/kist-new && chown 5:5 /usr/share/kist-new && rm -f /etc/issue && echo changed
	END
	mknod -m 666 "$WORK/fuse/node" c 10 229 && : <>"$WORK/fuse/node" || skip "no FUSE device can be opened here"
	run timeout -k 5 60 unshare -m sh -c "mount --make-rprivate / && mount --bind $WORK/fuse/node /dev/fuse && cd $WORK/fuse &&
		setpriv --reuid $TESTER --regid $(id -g "$TESTER") --init-groups --reset-env sh $WORK/fuse/recipe" </dev/null 3>&-
	contains more
	contains changed
	[ -e /etc/issue ] && [ ! -e /usr/share/kist-new ]
	expect "more" "$(tail -n 1 "$WORK/fuse/upper/etc/hostname")"
}
