/* The TCP connection to the box, and whether it still carries anything. */
#ifndef CROSSPOINT_LINK_H
#define CROSSPOINT_LINK_H

#include "common/clock.h"
#include "session.h"

#include <netdb.h>

#define LINK_CONNECT_NS NS_PER_S        /* then a new SYN, rather than the kernel's doubling pauses */
#define LINK_HANDSHAKE_NS (5 * NS_PER_S) /* from the connection to the first picture or status */

struct link_quality {
	ns_t silent;      /* since the other side's TCP last sent or acknowledged anything */
	double rtt_ms;
	double retransmits;
};

/* The address that it is the turn of: of several not all need be reachable. */
const struct addrinfo *link_address(const struct addrinfo *list, unsigned turn);
/*
 * Begin to connect, to another address of the box each `turn`; a descriptor or -errno. Blocks while a name is resolved (not
 * for a numeric address), which is why `before_resolving` is called first.
 */
int link_connect(const struct rtmp_url *url, unsigned turn, void (*before_resolving)(void));
/* After POLLOUT on a connecting descriptor: 0 or -errno. */
int link_connected(int fd);
/* Feed what has arrived to the session, for at most a few reads. False: the connection or the session is over. */
bool link_receive(int fd, struct session *s);
/* Send what the session has to say. False: the connection is over. */
bool link_send(int fd, struct session *s);
bool link_measure(int fd, struct link_quality *quality);

#endif
