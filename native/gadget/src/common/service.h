/*
 * systemd's service protocol, by hand: readiness, watchdog, and descriptors that outlive the process
 * (sd_notify(3), sd_listen_fds(3)). Without systemd every call does nothing.
 */
#ifndef CROSSPOINT_SERVICE_H
#define CROSSPOINT_SERVICE_H

#include "clock.h"

/* Send `state` (lines of KEY=value) and, unless it is -1, a descriptor. 0 or -errno. */
int service_notify(const char *state, int fd);

/* How often to send WATCHDOG=1: half of what systemd allows. 0: no watchdog is set. */
ns_t service_watchdog_interval(void);

/*
 * The descriptor that systemd keeps for us under `name`, or -1. Marks it close-on-exec. Any other descriptor stays open
 * and is the caller's to ask for.
 */
int service_stored_fd(const char *name);

#endif
