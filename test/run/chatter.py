"""chatter.py client COMMAND...: types into COMMAND on a terminal as an ssh client would: many small packets of any bytes in
both directions at once, while the window changes. COMMAND ends in `chatter.py server`, somewhere behind it.

To the server:  length (1 byte), that many bytes; length 0: the end.
From it:        E length bytes   what it got, each byte with its bits turned over
                S number         unasked for, one behind every third packet (4 bytes, counted from 0)
                W rows columns   its window has another size (2 bytes each)
                Q packets bytes  the end: what it got in all (8 bytes each)
Prints what went over, and how much of the processor COMMAND itself took, and ends with its status."""
import fcntl, os, pty, random, select, signal, struct, sys, termios, time, tty

HELLO = b"\0chatter\0"
PACKETS, FLIGHT, WINDOWS = 4000, 8, 40
DEADLINE = 120  # seconds, for all of it: only a fault comes near
turned = bytes(byte ^ 0xFF for byte in range(256))


def write_all(to, data):
    while data:
        data = data[os.write(to, data):]


def window(fd):
    return struct.unpack("HHHH", fcntl.ioctl(fd, termios.TIOCGWINSZ, bytes(8)))[:2]


def server():
    tty.setraw(0)
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGWINCH, lambda *_: None)
    write_all(1, HELLO)
    got, packets, total = b"", 0, 0
    while True:
        ready = select.select([0, wake], [], [])[0]
        if wake in ready:
            os.read(wake, 4096)
            write_all(1, b"W" + struct.pack(">HH", *window(0)))
        if 0 not in ready:
            continue
        data = os.read(0, 4096)
        if not data:
            return 1
        got += data
        while got and len(got) > got[0]:
            packet, got = got[1 : 1 + got[0]], got[1 + got[0] :]
            if not packet:
                write_all(1, b"Q" + struct.pack(">QQ", packets, total))
                return 7
            total += len(packet)
            write_all(1, b"E" + bytes([len(packet)]) + packet.translate(turned))
            if packets % 3 == 0:
                write_all(1, b"S" + struct.pack(">I", packets // 3))
            packets += 1


class Client:
    def __init__(self, master):
        self.master, self.got = master, b""
        self.sent, self.flight = [], 0
        self.echoed = self.unasked = self.bytes = 0
        self.size = self.seen = None
        self.end = None
        self.until = time.monotonic() + DEADLINE

    def read(self):
        if not select.select([self.master], [], [], self.until - time.monotonic())[0]:
            raise SystemExit(f"nothing came: {self.echoed} packets were echoed, {self.got[:40]!r} is left")
        self.got += os.read(self.master, 65536)

    def hello(self):
        while HELLO not in self.got:
            self.read()
        self.got = self.got.split(HELLO, 1)[1]

    def take(self, size):
        """One frame of this many bytes, kind included; None when it is not whole yet."""
        if len(self.got) < size:
            return None
        frame, self.got = self.got[1:size], self.got[size:]
        return frame

    def frame(self):
        kind = self.got[:1]
        if kind == b"E" and len(self.got) > 1 and (frame := self.take(2 + self.got[1])):
            assert frame[1:].translate(turned) == self.sent[self.echoed], (self.echoed, frame)
            self.echoed += 1
            self.flight -= 1
        elif kind == b"S" and (frame := self.take(5)):
            assert struct.unpack(">I", frame)[0] == self.unasked, (self.unasked, frame)
            self.unasked += 1
        elif kind == b"W" and (frame := self.take(5)):
            self.seen = struct.unpack(">HH", frame)
        elif kind == b"Q" and (frame := self.take(17)):
            self.end = struct.unpack(">QQ", frame)
        else:
            assert kind in (b"", b"E", b"S", b"W", b"Q"), (kind, self.got[:80])
            return False
        return True

    def until_true(self, condition):
        while not condition():
            if not self.frame():
                self.read()

    def resize(self, rows, columns):
        # The one before has arrived: two that meet are one signal.
        self.until_true(lambda: self.seen == self.size)
        self.size = (rows, columns)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, packet):
        self.until_true(lambda: self.flight < FLIGHT)
        write_all(self.master, bytes([len(packet)]) + packet)
        self.sent.append(packet)
        self.flight += 1
        self.bytes += len(packet)


def ticks(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def idle(pid):
    """What it takes while nothing is said and this process computes for a while."""
    before, start = ticks(pid), time.process_time()
    while time.process_time() - start < 0.5:
        pass
    return ticks(pid) - before


def client(command):
    pid, master = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    chance = random.Random(1)
    talk = Client(master)
    talk.hello()
    for number in range(PACKETS):
        if number % (PACKETS // WINDOWS) == 0:
            talk.resize(20 + number % 50, 60 + number % 70)
        # Every byte there is, those that are signals and flow control to a terminal among them.
        talk.send(bytes([number % 256]) + chance.randbytes(chance.randrange(40)))
    talk.until_true(lambda: talk.flight == 0 and talk.seen == talk.size)
    busy, resting = ticks(pid), idle(pid)
    write_all(master, b"\0")
    talk.until_true(lambda: talk.end is not None)
    assert talk.end == (PACKETS, talk.bytes), (talk.end, talk.bytes)
    assert talk.unasked == (PACKETS + 2) // 3, talk.unasked
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert not talk.got, talk.got
    print(f"packets {talk.echoed}, unasked {talk.unasked}, windows {WINDOWS}, ticks {busy}, resting {resting}")
    return status


sys.exit(server() if sys.argv[1] == "server" else client(sys.argv[2:]))
