#include "service.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD 3

int service_notify(const char *state, int fd)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct iovec text = {.iov_base = (void *)(uintptr_t)state, .iov_len = strlen(state)};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct msghdr message = {.msg_name = &to, .msg_iov = &text, .msg_iovlen = 1};
	size_t n;
	int s, error = 0;

	if (!path || (path[0] != '/' && path[0] != '@'))
		return 0;
	n = strlen(path);
	if (n >= sizeof to.sun_path)
		return -ENAMETOOLONG;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	message.msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	if (fd >= 0) {
		message.msg_control = control.space;
		message.msg_controllen = sizeof control.space;
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	}
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return -errno;
	if (sendmsg(s, &message, MSG_NOSIGNAL) < 0)
		error = -errno;
	close(s);
	return error;
}

static long env_number(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long n;

	if (!text || !*text)
		return 0;
	errno = 0;
	n = strtol(text, &end, 10);
	return errno || *end || n < 0 ? 0 : n;
}

static int for_this_process(const char *pid_variable)
{
	return env_number(pid_variable) == (long)getpid();
}

ns_t service_watchdog_interval(void)
{
	if (getenv("WATCHDOG_PID") && !for_this_process("WATCHDOG_PID"))
		return 0;
	return (ns_t)env_number("WATCHDOG_USEC") * 1000 / 2;
}

int service_stored_fd(const char *name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	long count = env_number("LISTEN_FDS"), i;
	size_t n = strlen(name);

	if (!names || count < 1 || count > 64 || !for_this_process("LISTEN_PID"))
		return -1;
	for (i = 0; i < count; i++) {
		const char *end = strchrnul(names, ':');

		if ((size_t)(end - names) == n && !strncmp(names, name, n)) {
			int fd = FIRST_FD + (int)i;

			return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -1 : fd;
		}
		if (!*end)
			break;
		names = end + 1;
	}
	return -1;
}
