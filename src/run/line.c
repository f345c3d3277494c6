/* line.c: packs slots into a packet and back. */
#include "run/line.h"

#include "plan/wire.h"
#include "sys/packet.h"

#include <errno.h>
#include <unistd.h>

static bool carries_fd(const struct plan_block *block, plan_slot slot)
{
	return block->slot_types[slot] == SLOT_FD;
}

int line_send(int line, const struct plan_block *block, const struct plan_crossing *crossing, const int *slots)
{
	struct wire_packet packet = { .magic = WIRE_MAGIC, .step = crossing->step };
	const plan_slot *crossed = plan_crossing_slots(block, crossing);
	int fds[WIRE_SLOTS];
	size_t count = 0;
	for (uint32_t place = 0; place < crossing->slots.count; place++) {
		int value = slots[crossed[place]];
		if (carries_fd(block, crossed[place]))
			fds[count++] = value;
		else
			packet.numbers[place] = value;
	}
	return sys_send(line, &packet, sizeof(packet), fds, count);
}

int line_receive(int line, const struct plan_block *block, const struct plan_crossing *crossing, int *slots)
{
	struct wire_packet packet;
	const plan_slot *crossed = plan_crossing_slots(block, crossing);
	int fds[WIRE_SLOTS];
	size_t count = 0, taken = 0;
	for (uint32_t place = 0; place < crossing->slots.count; place++)
		count += carries_fd(block, crossed[place]);
	int result = sys_receive(line, &packet, sizeof(packet), fds, count);
	if (result < 0)
		return result;
	for (uint32_t place = 0; place < crossing->slots.count; place++)
		slots[crossed[place]] = carries_fd(block, crossed[place]) ? fds[taken++] : packet.numbers[place];
	return packet.magic == WIRE_MAGIC && packet.step == crossing->step ? 0 : -EPROTO;
}

int line_send_fork(int line, uint32_t step, pid_t pid, int pidfd)
{
	const struct wire_packet packet = { .magic = WIRE_MAGIC, .step = step, .numbers = { pid } };
	return sys_send(line, &packet, sizeof(packet), &pidfd, 1);
}

int line_receive_fork(int line, uint32_t step, pid_t *pid, int *pidfd)
{
	struct wire_packet packet;
	int result = sys_receive(line, &packet, sizeof(packet), pidfd, 1);
	if (result < 0)
		return result;
	*pid = packet.numbers[0];
	return packet.magic == WIRE_MAGIC && packet.step == step && *pid > 0 ? 0 : -EPROTO;
}
