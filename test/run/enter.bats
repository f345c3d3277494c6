#!/usr/bin/env bats
# kist enter: a command in the namespaces of a process: which it joins, who it is there, and what it brings along.

load lib.bash
setup_file() {
	lib_setup
	cp -a "$WORK/rootfs" "$WORK/own"
	chown -R "$TESTER:" "$WORK/own"
	export TMUX_TMPDIR=$WORK
}
teardown_file() {
	tmux -L kist-enter kill-server 2>/dev/null || true
	lib_teardown
}
# end_tree PID: all below it and itself, but no kist, nor the shell that waits for it: that ends as it should then, and
# leaves nothing.
end_tree() {
	local child
	for child in $(pgrep -P "$1"); do end_tree "$child"; done
	case $(cat "/proc/$1/comm" 2>/dev/null) in
	kist | bash) ;;
	*) kill -KILL "$1" 2>/dev/null || true ;;
	esac
}
teardown() {
	local one
	for one in $STARTED; do
		end_tree "$one"
		wait "$one" 2>/dev/null || true
	done
	"$WORK/kist" --root "$WORK/state" gc >/dev/null 2>&1 || true
	as_user "$WORK/kist" --root "$WORK/user-state" gc >/dev/null 2>&1 || true
}

# start NAME CMD...: starts it, and waits until it has said a line.
start() {
	local name=$1 try
	shift
	# 3 is bats' own: who keeps it open is waited for.
	"$@" >"$WORK/$name.out" 2>&1 3>&- &
	STARTED="$STARTED $!"
	for try in $(seq 600); do
		[ ! -s "$WORK/$name.out" ] || return 0
		sleep 0.05
	done
	return 1
}
WAITING='echo ready; exec sleep 1000'
# box NAME [FLAG...]: a box that waits, as root; box_user: as the ordinary user. Its pid is in $pid.
box() {
	start "$1" "$WORK/kist" --root "$WORK/state" box --name "$@" -- sh -c "${DOES:-$WAITING}"
	pid=$(jq .pid "$WORK/state/$1/record.json")
	expect ready "$(head -n 1 "$WORK/$1.out")"
}
box_user() {
	start "$1" as_user "$WORK/kist" --root "$WORK/user-state" box --name "$@" -- sh -c "${DOES:-$WAITING}"
	pid=$(jq .pid "$WORK/user-state/$1/record.json")
	expect ready "$(head -n 1 "$WORK/$1.out")"
}
enter() {
	run "$WORK/kist" --root "$WORK/state" enter "$@"
}
enter_user() {
	run as_user "$WORK/kist" --root "$WORK/user-state" enter "$@"
}
# ns PID KIND...: what readlink says, one a line.
ns() {
	local of=$1 kind
	shift
	for kind; do readlink "/proc/$of/ns/$kind"; done
}

@test "enter: all namespaces of a box, by its id and by its pid" {
	box all --net none --time new
	for who in all "$pid"; do
		enter "$who" -- sh -c 'for kind; do readlink /proc/self/ns/$kind; done' sh cgroup ipc mnt net pid time user uts
		expect 0 "$status"
		expect "$(ns "$pid" cgroup ipc mnt net pid time user uts)" "$output"
	done
	for kind in cgroup ipc mnt net pid time uts; do
		[ "$(ns self "$kind")" != "$(ns "$pid" "$kind")" ]
	done
}

@test "enter: the pid namespace is really joined" {
	box joined --root "$WORK/rootfs"
	enter joined -- sh -c 'echo "me $$"; ps; echo; cat /proc/1/comm'
	expect 0 "$status"
	[ "$(line me)" -lt 100 ]
	expect sleep "$(tail -n 1 <<<"$output")"
	grep -E '^ +1 .* sleep 1000$' <<<"$output"
	grep -E "^ +$(line me) .* sh -c " <<<"$output"
}

@test "enter --ns: these and no others" {
	DOES='echo ready; touch /run/marker; exec sleep 1000' box some --net none --time new
	for kind in cgroup ipc net pid time uts; do
		enter some --ns "$kind" -- sh -c 'for kind; do readlink /proc/self/ns/$kind; done' sh "$kind"
		expect "$(ns "$pid" "$kind")" "$output"
		others=$(echo cgroup ipc mnt net pid time uts | sed "s/$kind//")
		enter some --ns "$kind" -- sh -c 'for kind; do readlink /proc/self/ns/$kind; done' sh $others
		expect "$(ns self $others)" "$output"
	done
	# With the mounts alone its /proc is one of a pid namespace that this process is not in.
	for try in $(seq 600); do
		enter --ns mnt some -- test -e /run/marker
		[ "$status" != 0 ] || break
	done
	expect 0 "$status"
	[ ! -e /run/marker ]
	enter --ns mount,uts,user some -- test -e /run/marker
	expect 0 "$status"
}

@test "enter: an ordinary user his own box" {
	box_user own
	enter_user own -- sh -c 'for kind; do readlink /proc/self/ns/$kind; done; id -u; id -g; echo $$' sh cgroup ipc mnt net pid user uts
	expect 0 "$status"
	expect "$(ns "$pid" cgroup ipc mnt net pid user uts; echo 0; echo 0)" "$(head -n 9 <<<"$output")"
	[ "$(tail -n 1 <<<"$output")" -lt 100 ]
	# What owns the ipc namespace must be joined as well: it gives the right to.
	enter_user own --ns ipc -- sh -c 'for kind; do readlink /proc/self/ns/$kind; done' sh ipc user uts
	expect "$(ns "$pid" ipc user; ns self uts)" "$output"
	# Root enters it too.
	enter "$pid" -- sh -c 'id -u; readlink /proc/self/ns/user'
	expect "0 $(ns "$pid" user)" "$(echo $output)"
}

@test "enter: an ordinary user may not enter what is another's" {
	box others
	enter_user "$pid" -- true
	expect 125 "$status"
	contains "cannot look into process $pid: permission denied"
	contains "PTRACE_MODE_READ"
	contains "run kist as root"
	# His own process, in a namespace that is the machine's.
	start foreign unshare --ipc setpriv --reuid "$TESTER" --regid "$(id -g "$TESTER")" --init-groups sh -c "$WAITING"
	enter_user "${STARTED##* }" -- true
	expect 125 "$status"
	contains "cannot enter ${STARTED##* }: operation not permitted"
	contains "CAP_SYS_ADMIN"
}

@test "enter: who it is, and what it may do" {
	box who --root "$WORK/rootfs" --hostname inside
	enter who -- sh -c 'id; hostname; grep -E "^(CapPrm|CapEff|CapBnd|NoNewPrivs):" /proc/self/status; echo "$HOME"'
	expect 0 "$status"
	contains "uid=0(root) gid=0(root)"
	contains inside
	for set in CapPrm CapEff CapBnd; do
		contains "$set:	$(awk '$1 == "CapBnd:" { print $2 }' "/proc/$pid/status")"
	done
	contains "NoNewPrivs:	1"
	expect /root "$(tail -n 1 <<<"$output")"
	enter who --user user -- sh -c 'id; grep -E "^(CapPrm|CapEff|CapAmb):" /proc/self/status; echo "$HOME"'
	contains "uid=1000(user) gid=1000(user) groups="
	contains "1001(extra)"
	expect 3 "$(grep -c '^Cap...:	0000000000000000$' <<<"$output")"
	expect /home/user "$(tail -n 1 <<<"$output")"
	enter who --user 7:8 --groups 9,extra -- id
	contains "uid=7 gid=8 groups="
	contains "9,1001(extra)"
	# What the process may not gain, nobody gains in it; what it may, one does.
	box gains --root "$WORK/rootfs" --no-new-privs off
	enter gains -- grep NoNewPrivs /proc/self/status
	contains "	0"
}

@test "enter: in a user namespace without an id 0 the first that there is" {
	b=$(bundle unmapped '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 1000, hostID: 101000, size: 10}]
		| .linux.gidMappings = [{containerID: 1000, hostID: 101000, size: 10}]
		| .process.user = {uid: 1000, gid: 1000} | '"$(args sh -c "$WAITING")")
	start unmapped "$WORK/kist" --root "$WORK/state" run -b "$b" unmapped
	enter unmapped -- sh -c 'id -u; id -g; grep CapEff /proc/self/status'
	expect 0 "$status"
	expect "1000 1000 CapEff: 0000000000000000" "$(echo $output)"
	enter unmapped --user 0 -- true
	expect 125 "$status"
	contains "--user 0: the user namespace of the process does not map this user id"
	enter unmapped --user 1001:5 -- true
	expect 125 "$status"
	contains "does not map this group id"
}

@test "enter: a clean environment, and what is asked for" {
	box env
	export SECRET=hidden LD_PRELOAD=/no/such.so ASKED='for this'
	enter env --env A=b --pass-env ASKED -- env
	unset LD_PRELOAD
	expect 0 "$status"
	lacks hidden
	lacks LD_
	contains "A=b"
	contains "ASKED=for this"
	contains "HOME=/root"
	contains "PATH=/usr/local/sbin:"
}

@test "enter: where it starts" {
	mkdir "$WORK/here"
	cd "$WORK/here"
	box where
	enter where -- pwd
	expect "$WORK/here" "$output"
	enter where --cwd /usr -- pwd
	expect /usr "$output"
	enter where --cwd here -- true
	expect 125 "$status"
	contains "--cwd here: expected an absolute path"
	enter where --cwd /no/such -- true
	expect 125 "$status"
	contains "cannot enter the working directory /no/such: no such file or directory"
	# Without its mounts, where the caller is.
	cd /usr
	enter where --ns uts -- pwd
	expect /usr "$output"
	cd "$WORK"
	start chroot chroot "$WORK/rootfs" sh -c "cd /home/user; $WAITING"
	enter "${STARTED##* }" -- sh -c 'pwd; ls /'
	expect /home/user "$(head -n 1 <<<"$output")"
	lacks work
	contains mnt
	# A directory without a name.
	start gone sh -c "mkdir $WORK/gone; cd $WORK/gone; rmdir $WORK/gone; exec unshare --uts sh -c '$WAITING'"
	enter "${STARTED##* }" -- pwd
	expect / "$(tail -n 1 <<<"$output")"
}

@test "enter: the command's status, and signals" {
	box status
	enter status -- sh -c 'exit 7'
	expect 7 "$status"
	enter status -- sh -c 'kill -USR1 $$'
	expect 138 "$status"
	enter status -- /no/such
	expect 127 "$status"
	contains "cannot execute /no/such"
	enter status -- /etc/passwd
	expect 126 "$status"
	start signal "$WORK/kist" --root "$WORK/state" enter status -- \
		sh -c 'trap "echo got; exit 9" TERM; echo ready; while :; do sleep 0.1; done'
	kill -TERM "${STARTED##* }"
	run wait "${STARTED##* }"
	wait "${STARTED##* }" || code=$?
	expect 9 "$code"
	expect "ready got" "$(paste -sd ' ' "$WORK/signal.out")"
}

@test "enter: it ends with kist, and nothing is left" {
	box ends
	before=$(snapshot)
	start killed "$WORK/kist" --root "$WORK/state" enter ends -- sh -c 'echo ready; exec sleep 987'
	kill -KILL "${STARTED##* }"
	for try in $(seq 600); do
		enter ends -- sh -c 'cat /proc/[0-9]*/cmdline | tr "\0" " "'
		[[ $output == *"sleep 987"* ]] || break
		sleep 0.05
	done
	lacks "sleep 987"
	run "$WORK/kist" --root "$WORK/state" gc
	expect 0 "$status"
	nothing_left "$before"
}

@test "enter: no descriptor but stdin, stdout and stderr, and the caller's cgroup" {
	box fds
	exec 7</etc/passwd 8</ 9>"$WORK/nine"
	enter fds -- sh -c 'ls /proc/self/fd'
	exec 7<&- 8<&- 9>&-
	# The last is that of ls.
	expect "0 1 2 3" "$(echo $output)"
	enter fds --ns uts -- cat /proc/self/cgroup
	expect "$(cat /proc/self/cgroup)" "$output"
	# CVE-2019-5736: what it is until it is the command is no file of the host.
	enter fds -- /proc/self/exe --version
	expect 64 "$status"
	contains "kist-init: this is a part of kist"
	lacks "kist 0"
}

@test "enter: who is there cannot look into what comes (CVE-2016-9962)" {
	DOES='echo ready
	while :; do
		for p in /proc/[1-9]*; do
			[ $p = /proc/$$ ] || for f in $p/exe $p/fd/[0-9]* $p/root; do busybox readlink $f; done
		done
	done 2>/dev/null'
	for kind in box box_user; do
		DOES=$DOES $kind "spy-$kind" --root "$WORK/own"
		for _ in $(seq 40); do
			run "$WORK/kist" enter "$pid" -- true
			expect 0 "$status"
		done
		# It has looked, and seen what ran there.
		enter "$pid" -- sh -c 'for i in 1 2 3 4 5; do sleep 0.2; done'
		run sort -u "$WORK/spy-$kind.out"
		contains /bin/busybox
		lacks kist-init
		lacks "$WORK/kist"
		lacks memfd
	done
}

@test "enter: whose processes can trace what comes is said before" {
	box tracers --cap-add SYS_PTRACE
	enter tracers -- echo here
	expect 0 "$status"
	contains "who has CAP_SYS_PTRACE there can trace what enters"
	expect here "$(tail -n 1 <<<"$output")"
	enter tracers --ns mnt,uts -- echo here
	expect here "$output"
}

@test "enter: a terminal, with job control" {
	command -v tmux
	box tty
	run script -qec "$WORK/kist --root $WORK/state enter tty -- sh -c 'tty; ls -l /proc/self/fd/0; echo x >/dev/tty'" /dev/null </dev/null
	contains /dev/pts/
	contains x
	lacks "no such"
	tmux -L kist-enter new-session -d -s tty -x 100 -y 30 "$BASH --norc"
	shows() {
		local try
		for try in $(seq 300); do
			tmux -L kist-enter capture-pane -p -t tty | grep -qE "$1" && return 0
			sleep 0.1
		done
		tmux -L kist-enter capture-pane -p -t tty >&2
		return 1
	}
	type_in() { tmux -L kist-enter send-keys -t tty "$@"; }
	type_in "PS1='out:\$?> '; stty -a >$WORK/before" Enter
	shows '^out:0> ?$'
	type_in "$WORK/kist --root $WORK/state enter tty --env PS1='in> ' -- bash --norc" Enter
	shows '^in> ?$'
	type_in 'echo size=$(stty size) pid=$$' Enter
	shows '^size=30 100 pid=[0-9]{1,2}$'
	# What says "go" is the terminal's foreground.
	type_in 'sh -c "echo go; exec sleep 1000"' Enter
	shows '^go$'
	type_in C-z
	shows 'Stopped .*sleep 1000'
	type_in 'kill -9 %1' Enter
	for try in $(seq 100); do
		type_in Enter
		sleep 0.1
		tmux -L kist-enter capture-pane -p -t tty | grep -qE 'Killed .*sleep 1000' && break
	done
	type_in 'exit 5' Enter
	shows '^out:5> ?$'
	type_in "stty -a >$WORK/after; echo end" Enter
	shows '^end'
	expect "$(cat "$WORK/before")" "$(cat "$WORK/after")"
	# In a devpts as the machine's own is, whose multiplexer only root may open.
	start machines as_user unshare --user --map-root-user --mount sh -c "$WAITING"
	as_tester="setpriv --reuid $TESTER --regid $(id -g "$TESTER") --init-groups --reset-env"
	run script -qec "$as_tester $WORK/kist --root $WORK/user-state enter $(pgrep -P "${STARTED##* }") -- tty" /dev/null </dev/null
	expect 0 "$status"
	contains /dev/pts/
	# Where no terminals are there is none to have.
	start bare unshare --mount --propagation private sh -c "mount -t tmpfs none /dev/pts; $WAITING"
	run script -qec "$WORK/kist enter ${STARTED##* } -- true" /dev/null </dev/null
	contains "no devpts is mounted on /dev/pts"
	contains "--no-tty runs without one"
	run script -qec "$WORK/kist enter ${STARTED##* } --no-tty -- sh -c 'echo works'" /dev/null </dev/null
	contains works
}

@test "enter: plan says what it would do, trace what it did" {
	box plan
	before=$(snapshot)
	run "$WORK/kist" --root "$WORK/state" plan enter plan --ns pid,mnt -- id
	expect 0 "$status"
	contains "join the pid namespace"
	contains "join the mount namespace"
	contains "open the root of process $pid"
	lacks "create namespaces"
	lacks "make the cgroup"
	lacks "uid="
	nothing_left "$before"
	run "$WORK/kist" --root "$WORK/state" trace enter plan -- true
	expect 0 "$status"
	contains "join the pid namespace"
	contains "took"
	nothing_left "$before"
}

@test "enter: misuse" {
	box misuse
	enter
	expect 125 "$status"
	contains "enter needs a process: a pid, or the id of a container"
	enter 4194304 -- true
	expect 125 "$status"
	contains "there is no process 4194304"
	enter nobody -- true
	expect 125 "$status"
	contains 'there is no running container "nobody"'
	enter misuse --ns mnt,ned -- true
	expect 125 "$status"
	contains '--ns mnt,ned: "ned" is no namespace'
	contains 'perhaps "net" is meant'
	enter misuse --ns '' -- true
	expect 125 "$status"
	enter misuse --nss mnt -- true
	expect 125 "$status"
	contains "--ns"
	enter $$ -- true
	expect 125 "$status"
	contains "there is nothing to enter: $$ is in the same namespaces as kist"
	enter misuse --ns user -- true
	expect 125 "$status"
	contains "there is nothing to enter: misuse is in the same namespaces as kist, of --ns user"
	enter misuse --tty --no-tty -- true
	expect 125 "$status"
	contains "contradicts"
	# A record whose pid is another process's by now.
	jq '.startTime += 1' "$WORK/state/misuse/record.json" >"$WORK/record" && cp "$WORK/record" "$WORK/state/misuse/record.json"
	enter misuse -- true
	expect 125 "$status"
	contains 'there is no running container "misuse"'
}
