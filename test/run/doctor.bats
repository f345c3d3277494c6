#!/usr/bin/env bats
# kist doctor: what it finds here, and what it says when something is taken away; kist box then says the same.

load lib.bash
setup_file() { lib_setup; }
teardown_file() { lib_teardown; }

# doctor_user [BEFORE...]: as the ordinary user, below what comes before.
doctor_user() {
	run as_user "$@" "$WORK/kist" --root "$WORK/user-state" doctor
}
# row NAME: the line of the table.
row() {
	grep -E "^  $1  " <<<"$output"
}
# paragraph NAME: what is said below the table about a failure.
paragraph() {
	sed -n "/^$1, for /,/^\$/p" <<<"$output"
}
# without_newuidmap CMD...: in a mount namespace where the file is another.
without_newuidmap() {
	unshare -m sh -c 'mount --bind /dev/null /usr/bin/newuidmap && exec "$@"' sh "$@"
}

@test "doctor: root is told about itself and about somebody without privileges; nothing is left" {
	before=$(snapshot)
	run "$WORK/kist" --root "$WORK/state" doctor
	expect 0 "$status"
	row "overlay" | grep -E 'overlay +works +works'
	row "cgroup" | grep -E 'cgroup +works +no +memory, cpu, pids'
	contains "everything that kist needs works for root"
	nothing_left "$before"
}

@test "doctor: an ordinary user has one column, and nothing is left" {
	before=$(snapshot)
	doctor_user
	expect 0 "$status"
	row "user namespace" | grep -E 'works$'
	row "more ids" | grep -E 'works +65536 users, 65536 groups beside the own$'
	row "proc" | grep -E 'works$'
	contains "everything that kist needs works for $TESTER"
	nothing_left "$before"
}

@test "doctor: --user tries as that user, who is then the one that is judged" {
	run "$WORK/kist" --root "$WORK/state" doctor --user "$TESTER"
	expect 0 "$status"
	contains "everything that kist needs works for $TESTER"
	row "more ids" | grep -E 'works +works'
	run "$WORK/kist" doctor --user "$(id -u "$TESTER")" --json
	expect "$TESTER" "$(jq -r .you.name <<<"$output")"
}

@test "doctor: --user is refused for who does not exist, for root, and to an ordinary user" {
	run "$WORK/kist" doctor --user no-such-user
	expect 125 "$status"
	contains "there is no such user"
	run "$WORK/kist" doctor --user root
	expect 125 "$status"
	run as_user "$WORK/kist" doctor --user nobody
	expect 125 "$status"
	contains "only root"
	run "$WORK/kist" doctor operand
	expect 125 "$status"
}

@test "doctor: what root's environment holds is not there for the user it becomes" {
	SECRET_OF_ROOT=$RANDOM$RANDOM "$WORK/kist" doctor --user "$TESTER" >/dev/null &
	pid=$!
	seen=
	for _ in $(seq 200); do
		for child in $(pgrep -P "$pid" -u "$TESTER"); do
			seen+=$(as_user cat "/proc/$child/environ" 2>/dev/null | tr '\0' '\n')x
		done
		kill -0 "$pid" 2>/dev/null || break
	done
	wait "$pid"
	[ -n "$seen" ] || skip "the process was too quick to be looked into"
	[[ $seen != *SECRET_OF_ROOT* ]]
}

@test "doctor: --json says the same for programs" {
	run as_user "$WORK/kist" doctor --json
	expect 0 "$status"
	jq -e '.works and .you.uid > 0 and (has("root") | not)' <<<"$output"
	jq -e '.checks[] | select(.name == "user namespace") | .needed and .you.works' <<<"$output"
	jq -e '.checks[] | select(.name == "cgroup") | (.needed | not) and .use and .you.errno == "EACCES" and
		.you.why and .you.remedy' <<<"$output"
}

@test "doctor: user namespaces switched off by sysctl; box says the same" {
	run as_user unshare -r sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"' sh \
		"$WORK/kist" --root "$WORK/user-state" doctor
	expect 1 "$status"
	row "user namespace" | grep -E ' no$'
	row "mount namespace" | grep -F 'not tried: needs user namespace'
	paragraph "user namespace" | grep -F "user.max_user_namespaces is 0"
	paragraph "user namespace" | grep -F "sysctl -w user.max_user_namespaces="
	run as_user unshare -r sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"' sh \
		"$WORK/kist" --root "$WORK/user-state" box true
	expect 125 "$status"
	contains "user.max_user_namespaces is 0"
	contains "sysctl -w user.max_user_namespaces="
}

@test "doctor: another kind of namespace switched off; box names the same limit" {
	limit='echo 0 >/proc/sys/user/max_ipc_namespaces; exec "$@"'
	run as_user unshare -r sh -c "$limit" sh "$WORK/kist" --root "$WORK/user-state" doctor
	expect 1 "$status"
	row "uts namespace" | grep -E 'works$'
	paragraph "ipc namespace" | grep -F "user.max_ipc_namespaces is 0"
	run as_user unshare -r sh -c "$limit" sh "$WORK/kist" --root "$WORK/user-state" box true
	expect 125 "$status"
	contains "user.max_ipc_namespaces is 0"
}

@test "doctor: no_new_privs takes the rights of newuidmap; a box has one id then, or says the same" {
	doctor_user setpriv --no-new-privs
	expect 0 "$status"
	paragraph "more ids" | grep -F "no_new_privs is set"
	run as_user setpriv --no-new-privs "$WORK/kist" --root "$WORK/user-state" box sh -c 'wc -l </proc/self/uid_map'
	expect 0 "$status"
	expect 1 "${lines[1]}"
	contains "kist: warning: only your own id"
	contains "no_new_privs is set"
	run as_user setpriv --no-new-privs "$WORK/kist" --root "$WORK/user-state" box --map-uid 1100 true
	expect 125 "$status"
	contains "no_new_privs is set"
}

@test "doctor: newuidmap missing, with the command that installs it" {
	run without_newuidmap setpriv --reuid "$TESTER" --regid "$TESTER" --init-groups --reset-env "$WORK/kist" doctor
	expect 0 "$status"
	paragraph "more ids" | grep -F "the program newuidmap is missing"
	paragraph "more ids" | grep -E "remedy +.*(install|add|-S) .*(uidmap|shadow-utils)"
}

@test "doctor: newuidmap is not looked for in PATH" {
	doctor_user env PATH=/nowhere
	expect 0 "$status"
	row "more ids" | grep -F works
}

@test "doctor: newuidmap without rights of its own" {
	run unshare -m sh -c 'mkdir -p "$0/bin" && cp /usr/bin/newuidmap "$0/bin" && chmod 755 "$0/bin/newuidmap" &&
		mount --bind "$0/bin/newuidmap" /usr/bin/newuidmap && exec "$@"' "$WORK" \
		setpriv --reuid "$TESTER" --regid "$TESTER" --init-groups --reset-env "$WORK/kist" doctor
	paragraph "more ids" | grep -F "/usr/bin/newuidmap has no rights of its own"
	paragraph "more ids" | grep -F "chmod u+s /usr/bin/newuidmap"
}

@test "doctor: a user without subordinate ids gets a usermod that gives free ones" {
	run unshare -m sh -c 'echo "other:500000:65536" >"$0/subid" && mount --bind "$0/subid" /etc/subuid &&
		mount --bind "$0/subid" /etc/subgid && exec "$@"' "$WORK" \
		setpriv --reuid "$TESTER" --regid "$TESTER" --init-groups --reset-env "$WORK/kist" doctor
	expect 0 "$status"
	paragraph "more ids" | grep -F "$TESTER has no subordinate ids"
	paragraph "more ids" | grep -F "usermod --add-subuids 565536-631071 --add-subgids 565536-631071 $TESTER"
}

@test "doctor: a partly masked /proc, with what masks it; run says the same" {
	mask='mount -t tmpfs none /proc/irq && mount --bind /dev/null /proc/uptime && exec "$@"'
	user="setpriv --reuid $TESTER --regid $TESTER --init-groups --reset-env"
	run unshare -m sh -c "$mask" sh $user "$WORK/kist" --root "$WORK/user-state" doctor
	expect 1 "$status"
	row "proc" | grep -E ' no$'
	row "tmpfs" | grep -E 'works$'
	paragraph "proc" | grep -F "partly masked, at /proc/irq, /proc/uptime,"
	paragraph "proc" | grep -F "unmask=ALL"
	b=$(bundle_rootless masked "$(args true)")
	run unshare -m sh -c "$mask" sh $user "$WORK/kist" --root "$WORK/user-state" run -b "$b" masked
	expect 125 "$status"
	contains "partly masked, at /proc/irq, /proc/uptime,"
}

@test "doctor: a chroot forbids user namespaces" {
	cp "$WORK/kist" "$WORK/rootfs/bin/kist"
	run unshare -m sh -c 'mount --bind /proc "$0/proc" && exec chroot --userspec="$1" "$0" /bin/kist doctor' \
		"$WORK/rootfs" "$(id -u "$TESTER"):$(id -g "$TESTER")"
	rm "$WORK/rootfs/bin/kist"
	expect 1 "$status"
	paragraph "user namespace" | grep -F "runs in a chroot"
	paragraph "user namespace" | grep -F "kist box --root"
}

@test "doctor: a seccomp filter that denies unshare is named" {
	cp "$WORK/kist" "$WORK/rootfs/bin/kist"
	b=$(bundle denied "$(args /bin/kist doctor) | .linux.seccomp = { defaultAction: \"SCMP_ACT_ALLOW\",
		syscalls: [{ names: [\"unshare\"], action: \"SCMP_ACT_ERRNO\", errnoRet: 1 }] }")
	kist_run "$b"
	rm "$WORK/rootfs/bin/kist"
	expect 1 "$status"
	paragraph "user namespace" | grep -F "a seccomp filter around kist denies it"
	paragraph "user namespace" | grep -F "seccomp=unconfined"
}

@test "doctor: a seccomp filter that hides clone3 does not stop it" {
	cp "$WORK/kist" "$WORK/rootfs/bin/kist"
	b=$(bundle hidden "$(args /bin/kist doctor) | .linux.seccomp = { defaultAction: \"SCMP_ACT_ALLOW\",
		syscalls: [{ names: [\"clone3\"], action: \"SCMP_ACT_ERRNO\", errnoRet: 38 }] }")
	kist_run "$b"
	rm "$WORK/rootfs/bin/kist"
	expect 1 "$status"
	paragraph "clone3 and pidfd" | grep -F "hides clone3"
	row "seccomp filter" | grep -F works
}

@test "doctor: a state directory of somebody else" {
	run as_user "$WORK/kist" --root "$WORK/state" doctor
	expect 1 "$status"
	paragraph "state directory" | grep -F "is not $TESTER's to write"
	run as_user "$WORK/kist" --root "$WORK/state" box true
	expect 125 "$status"
	contains "is not $TESTER's to write"
}

@test "doctor: a state directory on an overlay" {
	run unshare -m sh -c 'mount -t tmpfs none /mnt && mkdir /mnt/l /mnt/u /mnt/w /mnt/o && mount -t overlay none \
		-o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w /mnt/o && exec "$0" --root /mnt/o/state doctor' "$WORK/kist"
	expect 1 "$status"
	paragraph "state directory" | grep -F "/mnt/o/state is on an overlay"
	paragraph "state directory" | grep -F "kist --root /dev/shm/kist box"
}

@test "doctor: keys used up; run says the same" {
	run as_user "$WORK/rootfs/bin/probe" --fill-keys "$WORK/kist" doctor
	expect 1 "$status"
	paragraph "session keyring" | grep -F "has as many keys as kernel.keys allows"
	b=$(bundle_rootless keys "$(args true)")
	run as_user "$WORK/rootfs/bin/probe" --fill-keys "$WORK/kist" --root "$WORK/user-state" run -b "$b" keys
	expect 125 "$status"
	contains "$TESTER has as many keys as kernel.keys allows"
	contains "--no-new-keyring"
}

@test "doctor: cgroup file systems that are read-only" {
	run unshare -m sh -c 'for m in /sys/fs/cgroup/*/ /sys/fs/cgroup; do mount -o remount,ro,bind "$m" || true; done
		exec "$0" doctor' "$WORK/kist"
	expect 0 "$status"
	paragraph "cgroup" | grep -F "mounted read-only"
}
