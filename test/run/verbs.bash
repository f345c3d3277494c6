# verbs.bash: containers that run while something is done to them.

# background NAME CMD...: starts it and waits until it has said a line; its pid is in $started.
background() {
	local name=$1
	shift
	rm -f "$WORK/$name.out"
	"$@" >"$WORK/$name.out" 2>"$WORK/$name.err" &
	started=$!
	pids+=("$started")
	local _
	for _ in $(seq 200); do
		[ ! -s "$WORK/$name.out" ] || return 0
		sleep 0.05
	done
	cat "$WORK/$name.err" >&2
	return 1
}

# end_tree PID: the process and all below it.
end_tree() {
	local child
	for child in $(pgrep -P "$1"); do
		end_tree "$child"
	done
	kill -KILL "$1" 2>/dev/null
}

# end_all: nothing of a test runs on. First by kist, which thaws what is frozen; then whatever that did not find.
end_all() {
	local pid
	for record in "$WORK"/state/*/record.json; do
		[ ! -e "$record" ] || "${view[@]}" "$WORK/kist" --root "$WORK/state" kill "$(basename "${record%/*}")" KILL \
			>/dev/null 2>&1 || true
	done
	for record in "$WORK"/user-state/*/record.json; do
		[ ! -e "$record" ] || as_user "$WORK/kist" --root "$WORK/user-state" kill "$(basename "${record%/*}")" KILL \
			>/dev/null 2>&1 || true
	done
	for pid in "${pids[@]}"; do
		end_tree "$pid" || true
		wait "$pid" 2>/dev/null || true
	done
	pids=()
	"${view[@]}" "$WORK/kist" --root "$WORK/state" gc >/dev/null 2>&1 || true
	as_user "$WORK/kist" --root "$WORK/user-state" gc >/dev/null 2>&1 || true
}

# container ID [FILTER]: a container that waits, as root; container_user: as the ordinary user. Its pid is in $inside,
# that of its kist in $started, its bundle in $b.
container() {
	b=$(bundle "$1" "$(args sh -c 'echo ready; exec sleep 1000') | ${2:-.}")
	background "$1" "${view[@]}" "$WORK/kist" --root "$WORK/state" run -b "$b" "$1"
	inside=$(jq .pid "$WORK/state/$1/record.json")
}
container_user() {
	b=$(bundle_rootless "$1" "$(args sh -c 'echo ready; exec sleep 1000') | ${2:-.}")
	background "$1" as_user "$WORK/kist" --root "$WORK/user-state" run -b "$b" "$1"
	inside=$(jq .pid "$WORK/user-state/$1/record.json")
}

kist() {
	run "${view[@]}" "$WORK/kist" --root "$WORK/state" "$@"
}
kist_user() {
	run as_user "$WORK/kist" --root "$WORK/user-state" "$@"
}

# until_gone PID: waits until the process has ended.
until_gone() {
	local _
	for _ in $(seq 200); do
		case $(ps -o stat= -p "$1") in '' | Z*) return 0 ;; esac
		sleep 0.05
	done
	echo "process $1 does not end" >&2
	return 1
}
