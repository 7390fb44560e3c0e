#include "audio-tally.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int audio_tally_listen(struct audio_tally *t, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*t = (struct audio_tally){.fd = -1};
	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	t->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (t->fd < 0)
		return -errno;
	if (bind(t->fd, (struct sockaddr *)&address, sizeof address) < 0 || chmod(path, 0660) < 0) {
		int error = -errno;

		close(t->fd);
		t->fd = -1;
		return error;
	}
	return 0;
}

bool audio_tally_receive(struct audio_tally *t, ns_t now)
{
	struct audio_report report;
	bool changed = false;

	while (recv(t->fd, &report, sizeof report, MSG_DONTWAIT) == (ssize_t)sizeof report) {
		if (report.magic != AUDIO_MAGIC)
			continue;
		changed |= report.mic_open != t->last.mic_open || report.speaker_open != t->last.speaker_open;
		t->last = report;
		t->heard_at = now;
	}
	return changed;
}

bool audio_tally_expire(struct audio_tally *t, ns_t now)
{
	bool was_open = t->last.mic_open || t->last.speaker_open;

	if (now - t->heard_at < AUDIO_SILENT_NS)
		return false;
	memset(&t->last, 0, sizeof t->last);
	return was_open;
}
