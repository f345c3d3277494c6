/* cache.c: the probes' answers, kept as ".features" in the state root until something they depend on changes. */
#include "base/fd.h"
#include "base/file.h"
#include "facts/parts.h"
#include "sys/open.h"
#include "sys/status.h"

#include <sys/prctl.h>

enum { CACHE_LIMIT = 4096 };

static const char cache_name[] = ".features"; /* no id begins with a dot */

/* The boot stands for the kernel; the user namespace, the capabilities and a seccomp filter decide what it lets this
 * caller try. */
const char *facts_cache_key(struct arena *arena, const struct facts_caller *caller)
{
	char boot[64];
	if (!facts_read_small("/proc/sys/kernel/random/boot_id", boot, sizeof(boot)))
		return NULL;
	if (!caller->user_namespace)
		return NULL;
	return arena_printf(arena, "%s %s %u %llx %llx %d", boot, KIST_VERSION, caller->uid,
	                    (unsigned long long)caller->user_namespace, (unsigned long long)caller->capabilities,
	                    prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
}

/* A file that others could have written is not believed: it would choose what kist does as root. */
static bool is_own_file(int fd)
{
	struct stat status;
	return sys_stat_fd(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
	       (status.st_mode & 07777) == 0600;
}

bool facts_cache_read(struct arena *arena, const char *state_root, const char *key, struct facts_kernel *kernel)
{
	const char *path = arena_printf(arena, "%s/%s", state_root, cache_name);
	FD_AUTO int fd = sys_open_at(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	struct json_error error;
	char *text;
	size_t length;
	if (fd < 0 || !is_own_file(fd) || file_read_fd(arena, fd, CACHE_LIMIT, &text, &length) < 0)
		return false;
	const struct json_value *root = json_parse(arena, text, length, &error, NULL);
	const struct json_value *kept = root ? json_member(root, "key") : NULL;
	const struct json_value *answers = root ? json_member(root, "kernel") : NULL;
	if (!kept || !answers || kept->type != JSON_STRING || strcmp(kept->string, key) != 0)
		return false;
	return facts_take_kernel(arena, answers, kernel);
}

void facts_cache_write(struct arena *arena, const char *state_root, const char *key, const struct facts_kernel *kernel)
{
	FD_AUTO int folder = sys_open_at(AT_FDCWD, state_root, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
	struct stat status;
	if (folder < 0 || sys_stat_fd(folder, &status) < 0 || status.st_uid != geteuid() || status.st_mode & 022)
		return;
	struct buf text = buf_in(arena);
	buf_puts(&text, "{\"key\":");
	json_put_string(&text, key);
	buf_puts(&text, ",\"kernel\":");
	facts_put_kernel(&text, kernel);
	buf_puts(&text, "}\n");
	/* Best effort: without it the next run probes again. */
	(void)file_replace_at(folder, cache_name, 0600, text.bytes, text.length);
}
