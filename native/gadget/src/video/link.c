#include "link.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE 65536
#define READS_PER_TURN 8

static int try_address(const struct addrinfo *a)
{
	const int on = 1;
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ||
	    (connect(fd, a->ai_addr, a->ai_addrlen) < 0 && errno != EINPROGRESS)) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

static unsigned count_addresses(const struct addrinfo *list)
{
	unsigned count = 0;

	for (; list; list = list->ai_next)
		count++;
	return count;
}

const struct addrinfo *link_address(const struct addrinfo *list, unsigned turn)
{
	const struct addrinfo *a = list;

	for (turn %= count_addresses(list); turn; turn--)
		a = a->ai_next;
	return a;
}

int link_connect(const struct rtmp_url *url, unsigned turn, void (*before_resolving)(void))
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *list;
	unsigned left;
	int fd = -EHOSTUNREACH;
	int error = getaddrinfo(url->host, url->port, &hints, &list);

	if (error == EAI_NONAME) {
		before_resolving();
		hints.ai_flags = AI_NUMERICSERV;
		error = getaddrinfo(url->host, url->port, &hints, &list);
	}
	if (error)
		return error == EAI_SYSTEM ? -errno : -EHOSTUNREACH;
	for (left = count_addresses(list); left && fd < 0; left--)
		fd = try_address(link_address(list, turn++));
	freeaddrinfo(list);
	return fd;
}

int link_connected(int fd)
{
	int error = 0;
	socklen_t size = sizeof error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return -errno;
	return -error;
}

bool link_receive(int fd, struct session *s)
{
	uint8_t bytes[READ_SIZE];
	int turn;

	for (turn = 0; turn < READS_PER_TURN; turn++) {
		ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n == 0 || !session_feed(s, bytes, (size_t)n))
			return false;
	}
	return true;
}

bool link_send(int fd, struct session *s)
{
	while (s->out_length) {
		ssize_t n = send(fd, s->out, s->out_length, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		session_sent(s, (size_t)n);
	}
	return true;
}

bool link_measure(int fd, struct link_quality *quality)
{
	struct tcp_info info;
	socklen_t size = sizeof info;
	uint32_t silent_ms;

	memset(&info, 0, sizeof info);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		return false;
	silent_ms = info.tcpi_last_data_recv < info.tcpi_last_ack_recv ? info.tcpi_last_data_recv
								      : info.tcpi_last_ack_recv;
	*quality = (struct link_quality){.silent = (ns_t)silent_ms * NS_PER_MS,
					 .rtt_ms = info.tcpi_rtt / 1000.0,
					 .retransmits = info.tcpi_total_retrans};
	return true;
}
