/* box_display.c: windows from a box: the socket of the caller's display, the right to use it, and what names both. */
#include "spec/box_part.h"

#include <string.h>

#define X_SOCKETS "/tmp/.X11-unix"
#define RUNTIME_DIR "/run/kist-desktop" /* a box's XDG_RUNTIME_DIR */

static const char *value_here(const struct box *box, const char *name)
{
	const char *variable = box_variable_here(box, name);
	return variable && variable[strlen(name) + 1] ? variable + strlen(name) + 1 : NULL;
}

static void bind_socket(struct box *box, const char *source, const char *destination, const char *flag)
{
	static const char *const options[] = { "bind", "nosuid", "nodev", "noexec", NULL };
	box_origin(box, arena_printf(box->arena, "/mounts/%zu", box->spec->mount_count), flag, NULL);
	box_mount(box, destination, source, "bind", options);
}

/* --- X11 --------------------------------------------------------------------------------------------- */

/* X(7), "Display names": HOST:NUMBER.SCREEN; without a host, or with "unix", by a socket of this machine. */
static void display_x11(struct box *box)
{
	static const char pointer[] = "/box/x11";
	const char *display = value_here(box, "DISPLAY");
	const char *colon = display ? strrchr(display, ':') : NULL;
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
	box_origin(box, pointer, "x11", NULL);
	if (!display) {
		box_fault(box, pointer, "there is no X display to use: the variable DISPLAY is not set");
		return;
	}
	if (digits == 0 || digits > 5 || (colon[1 + digits] && colon[1 + digits] != '.')) {
		box_fault(box, pointer,
		          arena_printf(box->arena, "the variable DISPLAY names no display: \"%s\"", display));
		return;
	}
	const char *number = arena_copy(box->arena, colon + 1, digits);
	size_t host = (size_t)(colon - display);
	bool local = host == 0 || (host == 4 && memcmp(display, "unix", 4) == 0);
	const char *path = NULL;
	if (local) {
		const char *socket = arena_printf(box->arena, "%s/X%s", X_SOCKETS, number);
		bind_socket(box, socket, socket, "x11");
	} else if (spec_has_namespace(box->spec, ABI_NEWNET, &path)) {
		box_fault(box, pointer,
		          arena_printf(box->arena,
		                       "the display %s is reached over the machine's network, which this box does "
		                       "not have: leave --net out",
		                       display));
	}
	box->spec->box.x_number = number;
	const char *home = value_here(box, "HOME"), *authority = value_here(box, "XAUTHORITY");
	box->spec->box.x_authority = authority || !home ? authority : arena_printf(box->arena, "%s/.Xauthority", home);
	box_variable(box, arena_printf(box->arena, "DISPLAY=%s", local ? colon : display));
	if (box->spec->box.x_authority)
		box_variable(box, "XAUTHORITY=" SPEC_X_AUTHORITY);
}

/* --- Wayland ----------------------------------------------------------------------------------------- */

static void display_wayland(struct box *box)
{
	static const char pointer[] = "/box/wayland";
	static const char *const runtime[] = { "nosuid", "nodev", "mode=1777", NULL };
	const char *folder = value_here(box, "XDG_RUNTIME_DIR"), *name = value_here(box, "WAYLAND_DISPLAY");
	box_origin(box, pointer, "wayland", NULL);
	if (!name || (*name != '/' && !folder)) {
		box_fault(box, pointer,
		          arena_printf(box->arena, "there is no Wayland display to use: the variable %s is not set",
		                       name ? "XDG_RUNTIME_DIR" : "WAYLAND_DISPLAY"));
		return;
	}
	box_origin(box, arena_printf(box->arena, "/mounts/%zu", box->spec->mount_count), "wayland", NULL);
	box_mount(box, RUNTIME_DIR, "tmpfs", "tmpfs", runtime);
	bind_socket(box, *name == '/' ? name : arena_printf(box->arena, "%s/%s", folder, name),
	            RUNTIME_DIR "/wayland-0", "wayland");
	box_variable(box, "XDG_RUNTIME_DIR=" RUNTIME_DIR);
	box_variable(box, "WAYLAND_DISPLAY=wayland-0");
}

void box_display(struct box *box)
{
	if (box->flags->x11)
		display_x11(box);
	if (box->flags->wayland)
		display_wayland(box);
}
