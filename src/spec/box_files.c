/* box_files.c: which of the machine's own files a box has in its root: --host-files. */
#include "spec/box_part.h"

#include <string.h>

/* One file with all certificates, where distributions keep it; the first is where the environment says it is. */
const char *const spec_certificates[] = {
	"/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
	"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
	"/etc/ssl/ca-bundle.pem",             /* openSUSE */
	"/etc/ssl/cert.pem",                  /* Alpine, OpenSSL's own */
};
const size_t spec_certificate_count = sizeof(spec_certificates) / sizeof(*spec_certificates);

static uint32_t file_of(const char *word, size_t length)
{
	static const struct {
		const char *word;
		uint32_t file;
	} words[] = { { "dns", SPEC_FILES_DNS }, { "tz", SPEC_FILES_TZ }, { "certs", SPEC_FILES_CERTS } };
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i].word) == length && memcmp(words[i].word, word, length) == 0)
			return words[i].file;
	return 0;
}

/* The view of this machine has the others anyhow, and of the names only what they were when the box was made. */
void box_files(struct box *box)
{
	const char *given = box->flags->host_files;
	uint32_t *files = &box->spec->box.host_files;
	if (!given) {
		*files = box->spec->box.root_mode == ROOT_HOST_OVERLAY ? SPEC_FILES_DNS : 0;
		return;
	}
	box_origin(box, "/box/hostFiles", "host-files", given);
	if (strcmp(given, "none") == 0)
		return;
	for (const char *word = given;; word++) {
		size_t length = strcspn(word, ",");
		uint32_t file = file_of(word, length);
		if (!file)
			box_fault(box, "/box/hostFiles", "expected none, or some of dns,tz,certs");
		*files |= file;
		word += length;
		if (!file || !*word)
			break;
	}
	/* For OpenSSL and what is made with it, which otherwise looks where its distribution has them. */
	if (*files & SPEC_FILES_CERTS)
		box_variable(box, arena_printf(box->arena, "SSL_CERT_FILE=%s", spec_certificates[0]));
}
