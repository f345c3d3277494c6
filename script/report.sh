# shellcheck shell=sh
# report.sh: run inside a box: tells what the world looks like from there. $1: the host's namespaces, "kind=link" lines.
row() {
	printf '%-18s %s\n' "$1" "$2"
}

echo 'from inside the box'
row 'process id' "$$"
row 'ids' "$(id)"
row 'hostname' "$(cat /proc/sys/kernel/hostname)"
new='' shared=''
for line in $1; do
	kind=${line%%=*}
	if [ "$(readlink "/proc/self/ns/$kind")" = "${line#*=}" ]; then
		shared="$shared $kind"
	else
		new="$new $kind"
	fi
done
row 'new namespaces' "${new# }"
row 'of the host' "${shared# }"
row 'processes seen' "$(for entry in /proc/[0-9]*; do [ ! -d "$entry" ] || echo; done | wc -l)"
while read -r _ _ _ _ target options rest; do
	[ "$target" != / ] || row 'the root' "${rest#*- } ($options)"
done < /proc/self/mountinfo | tail -n 1 | cut -c 1-110
echo 'written inside' > /kist-was-here && row 'a file' "/kist-was-here: $(cat /kist-was-here)"
