# asked.jq: what a config.json asks for, of the probe's lines: "=" there is exactly this one, "+" there is one that this
# extended regular expression matches, "-" there is none. In: the config. Arguments: $own (the caller has the namespaces it does not list), $host and $held (links of
# /proc/PID/ns of the caller and of the process whose namespaces are joined), $bounding (the caller's bounding set as a
# number), $userns (all capabilities are there, the caller being in a user namespace).

def literal: gsub("(?<c>[][\\\\.*^$+?(){}|/])"; "\\\(.c)");
def line: "=" + .;

def capabilities: ["chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable",
	"net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace",
	"sys_pacct", "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write",
	"audit_control", "setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
	"checkpoint_restore"];
def hex: def digits: if . == 0 then "" else ((. / 16 | floor | digits) + "0123456789abcdef"[. % 16:. % 16 + 1]) end;
	("0000000000000000" + digits)[-16:];
# The mask of a list as /proc writes it, without what this caller cannot give (there is no user namespace to give it all).
def mask: . as $words | [range(capabilities | length) | . as $at
	| select(any($words[]?; ascii_downcase == "cap_" + capabilities[$at]))
	| pow(2; $at) | select($userns or (($bounding / .) | floor) % 2 == 1)] | add // 0 | hex;

def limits: {RLIMIT_CPU: 0, RLIMIT_FSIZE: 1, RLIMIT_CORE: 4, RLIMIT_NPROC: 6, RLIMIT_NOFILE: 7, RLIMIT_MEMLOCK: 8};
def namespaces: {pid: "pid", network: "net", ipc: "ipc", uts: "uts", mount: "mnt", cgroup: "cgroup", user: "user"};

.process as $p | .linux as $l |
# --- identity
("uid \($p.user.uid) \($p.user.uid) \($p.user.uid)" | line),
("gid \($p.user.gid) \($p.user.gid) \($p.user.gid)" | line),
# Where setgroups is denied the caller's own group stays, and shows as it is mapped.
(if $l.uidMappings and ($l.uidMappings | length) == 1 and $l.uidMappings[0].size == 1 then "groups 0" | line
	else "groups" + ($p.user.additionalGids // [] | map(" \(.)") | add // "") | line end),
("cwd " + $p.cwd | line),
($p.env[]? | select(contains("\n") | not) | "env " + . | line),
("status.CapBnd:\t" + ($p.capabilities.bounding | mask) | line),
("status.CapEff:\t" + (if $p.user.uid == 0 then $p.capabilities.bounding else $p.capabilities.ambient end | mask) | line),
("status.CapInh:\t" + ($p.capabilities.inheritable | mask) | line),
($p.user.umask // empty | "status.Umask:\t0" + (. as $n | "\($n / 64 | floor)\($n / 8 | floor | . % 8)\($n % 8)") | line),
# --- limits
($p.rlimits[]? | "rlimit.\(limits[.type]) \(.soft) \(.hard)" | line),
($p.oomScoreAdj // empty | "oom_score_adj \(.)" | line),
(if $p.terminal then "+^tty\\.0 /dev/" else "+^tty\\.0 no$" end),
# --- mounts
(.mounts[] | .destination as $path | (.options // [])
	| "+^mount \($path | literal) ",
	  (.[] | select(. == "ro" or . == "nosuid" or . == "nodev" or . == "noexec") | "+^mount \($path | literal) ([^ ]*,)?\(.)(,[^ ]*)? ")),
(if .root.readonly then "+^mount \\/ ro" else "+^mount \\/ rw" end),
# --- namespaces
(namespaces | to_entries[] | . as $ns | ([$l.namespaces[] | select(.type == $ns.key)] | first) as $asked
	| "ns.\($ns.value) " as $key
	| if $asked == null then (if $own then $key + $host[$ns.value] | line else empty end)
	  elif $asked.path then $key + $held[$ns.value] | line
	  else "-^\($key + $host[$ns.value] | literal)$", "+^ns\\.\($ns.value) " end),
(.hostname // empty | select(. != "") | "hostname " + . | line),
($l.uidMappings[]? | "+^uid_map +\(.containerID) +\(.hostID) +\(.size)$"),
($l.gidMappings[]? | "+^gid_map +\(.containerID) +\(.hostID) +\(.size)$"),
# --- protection
("status.NoNewPrivs:\t" + (if $p.noNewPrivileges then "1" else "0" end) | line),
("status.Seccomp:\t" + (if $l.seccomp then "2" else "0" end) | line),
($l.maskedPaths[]? | "-^access \(literal) read=yes"),
($l.readonlyPaths[]? | "-^access \(literal) .*write=yes"),
# The probe lists /dev itself; a device below a directory there is not shown.
($l.devices[]? | select(.path | test("^/dev/[^/]+$")) | "+^node \(.path | literal) \(.type | if . == "u" then "c" else . end) \(.major):\(.minor) ")
