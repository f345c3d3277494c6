#!/usr/bin/env bats
# The machine's files in a box: names that resolve and follow the machine, time zone, certificates.

load lib.bash
setup_file() {
	lib_setup
	# A root of the ordinary user's, as an image of a system with systemd-resolved: its links lead nowhere.
	cp -a "$WORK/rootfs" "$WORK/own"
	mkdir -p "$WORK/own/usr/share/zoneinfo/Etc"
	echo zone-of-the-image >"$WORK/own/usr/share/zoneinfo/Etc/UTC"
	ln -s ../run/systemd/resolve/stub-resolv.conf "$WORK/own/etc/resolv.conf"
	ln -s ../usr/share/zoneinfo/Etc/UTC "$WORK/own/etc/localtime"
	echo "10.0.0.1 of-the-image" >"$WORK/own/etc/hosts"
	chown -R "$TESTER:" "$WORK/own"
	mkdir -p "$WORK/etc/upper" "$WORK/etc/work"
}
teardown_file() { lib_teardown; }

root_box() {
	run "$WORK/kist" --root "$WORK/state" box "$@"
}
user_box() {
	run as_user env PATH="$PATH" "$WORK/kist" --root "$WORK/user-state" box "$@"
}
command_of() { # ROOT|USER: the words before the flags of a box
	if [ "$1" = root ]; then
		echo "$WORK/kist --root $WORK/state box"
	else
		echo "setpriv --reuid $TESTER --regid $(id -g "$TESTER") --init-groups --reset-env $WORK/kist --root $WORK/user-state box"
	fi
}

# other_etc SCRIPT: with an /etc that can be changed without the machine noticing.
other_etc() {
	unshare -m bash -c "mount -t tmpfs t $WORK/etc && mkdir $WORK/etc/upper $WORK/etc/work &&
		mount -t overlay o -o lowerdir=/etc,upperdir=$WORK/etc/upper,workdir=$WORK/etc/work /etc
		$1"
}
# Waits for a file to say something: inside for the box's resolv.conf, which is shown then, outside for what was shown.
SEEK='seek() { for i in $(seq 200); do grep -q "$1" /etc/resolv.conf && break; sleep 0.05; done; cat /etc/resolv.conf; }'
shown() {
	echo "for i in \$(seq 200); do grep -q '$1' $WORK/out && break; sleep 0.05; done"
}

@test "box: the hostname resolves, also without a network" {
	for box in root_box user_box; do
		$box -- sh -c 'getent hosts $(hostname)'
		expect "127.0.1.1 box" "$(echo $output)"
		$box --hostname other --net none -- getent hosts other
		expect "127.0.1.1 other" "$(echo $output)"
		$box -- sh -c 'cat /etc/hosts'
		contains "$(cat /etc/hosts)"
		# The machine's name is the machine's to resolve.
		$box --uts host -- cat /etc/hosts
		expect "$(cat /etc/hosts)" "$output"
		$box --host-files none -- cat /etc/hosts
		expect "$(cat /etc/hosts)" "$output"
		$box -- sh -c 'echo "1.2.3.4 mine" >>/etc/hosts && getent hosts mine'
		expect "1.2.3.4 mine" "$(echo $output)"
	done
	! grep -q mine /etc/hosts
}

@test "A1-09: resolv.conf follows the machine's when that is replaced by another file" {
	for who in root user; do
		other_etc "echo 'nameserver 192.0.2.1' >/etc/resolv.conf
			$(command_of $who) -- sh -c '$SEEK; seek 2.1; seek 2.2; seek 2.3; seek 2.4' >$WORK/out 2>&1 &
			$(shown 2.1)
			echo 'nameserver 192.0.2.2' >/etc/new; mv /etc/new /etc/resolv.conf
			$(shown 2.2)
			echo 'nameserver 192.0.2.3' >/etc/resolv.conf
			$(shown 2.3)
			mkdir /etc/resolve; echo 'nameserver 192.0.2.4' >/etc/resolve/stub
			ln -s resolve/stub /etc/link; mv -T /etc/link /etc/resolv.conf; wait"
		expect "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4" "$(grep -v warning "$WORK/out" | sed 's/nameserver //' | xargs)"
	done
}

@test "box: a link to the resolver's own file, as systemd-resolved has it" {
	for who in root user; do
		other_etc "mkdir -p /run/kist-resolve && echo 'nameserver 127.0.0.53' >/run/kist-resolve/stub-resolv.conf
			chmod 755 /run/kist-resolve
			ln -sf ../run/kist-resolve/stub-resolv.conf /etc/resolv.conf
			$(command_of $who) -- sh -c '$SEEK; seek 53; seek 54' >$WORK/out 2>&1 &
			$(shown 53)
			echo 'nameserver 127.0.0.54' >/run/kist-resolve/new; mv /run/kist-resolve/new /run/kist-resolve/stub-resolv.conf
			wait; rm -r /run/kist-resolve"
		expect "127.0.0.53 127.0.0.54" "$(grep -v warning "$WORK/out" | sed 's/nameserver //' | xargs)"
		other_etc "rm /etc/resolv.conf; ln -s nowhere /etc/resolv.conf; $(command_of $who) -- sh -c 'wc -c </etc/resolv.conf'" >"$WORK/out" 2>&1
		expect 0 "$(tail -n 1 "$WORK/out")"
	done
}

@test "box --root --host-files dns" {
	for box in root_box user_box; do
		$box --root "$WORK/own" -- cat /etc/hosts
		expect "10.0.0.1 of-the-image" "$output"
		$box --root "$WORK/own" --host-files dns --hostname inner -- sh -c 'cat /etc/hosts /etc/resolv.conf; ls /etc/nsswitch.conf'
		expect "127.0.1.1 inner" "$(head -n 1 <<<"$output" | xargs)"
		contains "$(cat /etc/resolv.conf)"
		lacks of-the-image
		[ ! -e /etc/nsswitch.conf ] || contains /etc/nsswitch.conf
		# What a flag places there counts more.
		$box --root "$WORK/own" --host-files dns --bind "$WORK/own/etc/hosts:/etc/hosts" -- cat /etc/hosts
		expect "10.0.0.1 of-the-image" "$output"
	done
	[ -L "$WORK/own/etc/resolv.conf" ]
	[ ! -e "$WORK/own/run/systemd" ]
}

@test "box --root --host-files tz: the machine's zone, not on that of the image" {
	for box in root_box user_box; do
		$box --root "$WORK/own" --host-files tz -- sh -c 'cat /usr/share/zoneinfo/Etc/UTC; wc -c </etc/localtime; ls /usr/share/zoneinfo'
		expect zone-of-the-image "$(head -n 1 <<<"$output")"
		expect "$(wc -c </etc/localtime)" "$(sed -n 2p <<<"$output")"
		expect Etc "$(sed -n 3p <<<"$output")"
		$box --root "$WORK/rootfs" --host-files tz -- sh -c 'wc -c </etc/localtime; ls /usr/share/zoneinfo | wc -l'
		if [ "$box" = root_box ]; then
			expect "$(wc -c </etc/localtime) $(ls /usr/share/zoneinfo | wc -l)" "$(echo $output)"
		fi
	done
}

@test "box --root --host-files certs" {
	[ -e /etc/ssl/certs/ca-certificates.crt ] || skip "no package ca-certificates here"
	mkdir -p "$WORK/own/etc/pki/tls/certs"
	echo old >"$WORK/own/etc/pki/tls/certs/ca-bundle.crt"
	chown -R "$TESTER:" "$WORK/own"
	for box in root_box user_box; do
		$box --root "$WORK/own" --host-files certs -- sh -c \
			'wc -c <$SSL_CERT_FILE; wc -c </etc/pki/tls/certs/ca-bundle.crt; ls /etc/ssl/cert.pem; echo x >$SSL_CERT_FILE'
		expect 2 "$(grep -cx "$(wc -c </etc/ssl/certs/ca-certificates.crt)" <<<"$output")"
		contains "/etc/ssl/cert.pem: No such file"
		contains "ead-only file system"
		$box --root "$WORK/own" --host-files certs --env SSL_CERT_FILE=/mine -- sh -c 'echo $SSL_CERT_FILE'
		expect /mine "$output"
	done
	other_etc "rm -rf /etc/ssl; $WORK/kist --root $WORK/state box --root $WORK/own --host-files certs -- true" >"$WORK/out" 2>&1 && false
	grep -q "install the package ca-certificates" "$WORK/out"
}

@test "box --host-files: misuse" {
	for box in root_box user_box; do
		for wrong in dns, all none,dns ''; do
			$box --host-files "$wrong" -- true
			expect 125 "$status"
			contains "--host-files $wrong: expected none, or some of dns,tz,certs"
		done
	done
}

@test "box: nothing is left of the copies" {
	before=$(snapshot)
	for box in root_box user_box; do
		$box -- true
		$box --root "$WORK/own" --host-files dns -- true
		expect 0 "$status"
	done
	nothing_left "$before"
}
