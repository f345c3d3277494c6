#!/usr/bin/env bats
# Windows from a box: the caller's display, its socket, the right to use it.

load lib.bash
setup_file() {
	lib_setup
	cp -a "$WORK/rootfs" "$WORK/own"
	chown -R "$TESTER:" "$WORK/own"
	mkdir -p -m 1777 /tmp/.X11-unix
	export DISPLAY_NUMBER=47 # nobody's, with luck
	[ ! -e "/tmp/.X11-unix/X$DISPLAY_NUMBER" ]
	install -d -m 755 "$WORK/runtime"
	python3 - "$WORK/cookie" <<-'END'
		import struct, sys
		def entry(family, *strings):
		    return struct.pack('>H', family) + b''.join(struct.pack('>H', len(s)) + s for s in strings)
		open(sys.argv[1], 'wb').write(
		    entry(256, b'this-machine', b'46', b'MIT-MAGIC-COOKIE-1', b'not-this-one') +
		    entry(256, b'this-machine', b'47', b'MIT-MAGIC-COOKIE-1', b'the-right-one'))
	END
	chmod 644 "$WORK/cookie"
	# Two displays that say hello.
	python3 - "/tmp/.X11-unix/X$DISPLAY_NUMBER" "$WORK/runtime/wayland-7" 3>&- <<-'END' &
		import os, socket, sys, threading
		def serve(path):
		    server = socket.socket(socket.AF_UNIX)
		    server.bind(path)
		    os.chmod(path, 0o777)
		    server.listen()
		    while True:
		        client, _ = server.accept()
		        client.sendall(b'hello from ' + os.path.basename(path).encode() + b'\n')
		        client.close()
		for path in sys.argv[2:]:
		    threading.Thread(target=serve, args=[path], daemon=True).start()
		serve(sys.argv[1])
	END
	echo $! >"$WORK/server"
	for _ in $(seq 600); do [ -S "$WORK/runtime/wayland-7" ] && [ -S "/tmp/.X11-unix/X$DISPLAY_NUMBER" ] && break; sleep 0.1; done
}
teardown_file() {
	kill "$(cat "$WORK/server")"
	rm -f "/tmp/.X11-unix/X$DISPLAY_NUMBER"
	lib_teardown
}

root_box() {
	run env "${HERE[@]}" "$WORK/kist" --root "$WORK/state" box "$@"
}
user_box() {
	run as_user env "PATH=$PATH" "${HERE[@]}" "$WORK/kist" --root "$WORK/user-state" box "$@"
}
HELLO='import os, socket, sys
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
print(client.recv(99).decode(), end="")'

@test "box --x11: the socket, the cookie for any hostname, the variables" {
	HERE=(DISPLAY=:47.0 XAUTHORITY="$WORK/cookie")
	for box in root_box user_box; do
		$box --x11 --tmpfs /run -- sh -c "echo \$DISPLAY \$XAUTHORITY; python3 -c '$HELLO' /tmp/.X11-unix/X47; od -An -tx1 -N4 \$XAUTHORITY; strings -n4 \$XAUTHORITY || cat \$XAUTHORITY"
		expect ":47.0 /run/kist-xauthority" "$(head -n 1 <<<"$output")"
		contains "hello from X47"
		contains "ff ff 00 00"
		contains the-right-one
		lacks not-this-one
		lacks this-machine
		$box --root "$WORK/own" --x11 -- sh -c 'ls /tmp/.X11-unix; echo $DISPLAY'
		expect "X47 :47.0" "$(echo $output)"
		# Only when it is asked for.
		$box -- env
		lacks DISPLAY
	done
	HERE=(DISPLAY=unix:47 XAUTHORITY="$WORK/none")
	for box in root_box user_box; do
		$box --x11 -- sh -c 'echo $DISPLAY; wc -c <$XAUTHORITY'
		expect ":47 0" "$(echo $output)"
	done
}

@test "box --x11: what is missing is said" {
	for box in root_box user_box; do
		HERE=(A=b)
		$box --x11 -- true
		expect 125 "$status"
		contains "--x11: there is no X display to use: the variable DISPLAY is not set"
		HERE=(DISPLAY=nonsense)
		$box --x11 -- true
		expect 125 "$status"
		contains "the variable DISPLAY names no display: \"nonsense\""
		HERE=(DISPLAY=:46)
		$box --x11 -- true
		expect 125 "$status"
		contains "--x11: there is nothing at /tmp/.X11-unix/X46 on this machine"
		HERE=(DISPLAY=localhost:10.0)
		$box --x11 -- sh -c 'echo $DISPLAY'
		expect localhost:10.0 "$output"
		$box --x11 --net none -- true
		expect 125 "$status"
		contains "the display localhost:10.0 is reached over the machine's network"
		HERE=(DISPLAY=:47 XAUTHORITY=/etc/passwd)
		$box --x11 -- true
		expect 125 "$status"
		contains "cannot copy the authority for the display from /etc/passwd"
		contains "is no file of X authorities"
	done
}

@test "box --preset desktop: the caller's display, devices and language; flags beside it win" {
	HERE=(DISPLAY=:47.0 XAUTHORITY="$WORK/cookie" LANG=xx_YY.UTF-8 SECRET=1)
	for box in root_box user_box; do
		$box --preset desktop -- sh -c "echo \$DISPLAY \$LANG \$SECRET; python3 -c '$HELLO' /tmp/.X11-unix/X47; ls /dev | wc -l; cat \$XAUTHORITY"
		expect 0 "$status"
		expect ":47.0 xx_YY.UTF-8" "$(sed -n 1p <<<"$output")"
		contains "hello from X47"
		expect "$(ls /dev | wc -l)" "$(sed -n 3p <<<"$output")"
		contains the-right-one
		$box --preset desktop --root "$WORK/own" --env LANG=C --net none --hostname shown -- sh -c \
			'echo $LANG $(hostname); ls /tmp/.X11-unix /sys/class/net'
		expect "C shown" "$(sed -n 1p <<<"$output")"
		contains X47
		# What the preset says is said by the preset: another /dev beside it contradicts.
		$box --preset desktop --dev minimal -- true
		expect 125 "$status"
		contains "--dev host: host is all of the machine's devices: it goes with no other --dev"
	done
	HERE=(DISPLAY=:46)
	for box in root_box user_box; do
		$box --preset desktop -- true
		expect 125 "$status"
		contains "--x11: there is nothing at /tmp/.X11-unix/X46 on this machine"
	done
}

@test "box --print-config: a display is in it, and a box of it has the same" {
	HERE=(DISPLAY=:47.0 XAUTHORITY="$WORK/cookie" XDG_RUNTIME_DIR="$WORK/runtime" WAYLAND_DISPLAY=wayland-7)
	for box in root_box user_box; do
		$box --x11 --wayland --print-config -- sh -c \
			"python3 -c '$HELLO' /tmp/.X11-unix/X47; python3 -c '$HELLO' \$XDG_RUNTIME_DIR/\$WAYLAND_DISPLAY; cat \$XAUTHORITY"
		expect 0 "$status"
		printf '%s\n' "$output" >"$WORK/display.json"
		$box --config "$WORK/display.json"
		expect 0 "$status"
		contains "hello from X47"
		contains "hello from wayland-7"
		contains the-right-one
	done
}

@test "box --wayland" {
	for box in root_box user_box; do
		for HERE in "XDG_RUNTIME_DIR=$WORK/runtime WAYLAND_DISPLAY=wayland-7" "A=b WAYLAND_DISPLAY=$WORK/runtime/wayland-7"; do
			HERE=($HERE)
			$box --wayland -- sh -c \
				"echo \$XDG_RUNTIME_DIR/\$WAYLAND_DISPLAY; python3 -c '$HELLO' \$XDG_RUNTIME_DIR/\$WAYLAND_DISPLAY; touch \$XDG_RUNTIME_DIR/x"
			expect 0 "$status"
			expect "/run/kist-desktop/wayland-0 hello from wayland-7" "$(echo $output)"
		done
		$box --root "$WORK/own" --wayland -- ls /run/kist-desktop
		expect wayland-0 "$output"
		HERE=(XDG_RUNTIME_DIR="$WORK/runtime")
		$box --wayland -- true
		expect 125 "$status"
		contains "--wayland: there is no Wayland display to use: the variable WAYLAND_DISPLAY is not set"
		HERE=(WAYLAND_DISPLAY=wayland-7)
		$box --wayland -- true
		expect 125 "$status"
		contains "the variable XDG_RUNTIME_DIR is not set"
		HERE=(XDG_RUNTIME_DIR="$WORK/runtime" WAYLAND_DISPLAY=wayland-8)
		$box --wayland -- true
		expect 125 "$status"
		contains "there is nothing at $WORK/runtime/wayland-8"
	done
}
