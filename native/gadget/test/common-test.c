#include "check.h"

#include "common/conf.h"
#include "common/log.h"
#include "common/service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct conf conf;

static void values_are_raw(void)
{
	static const char text[] = "# label=no\nlabel=Desk 1 \"A\" $(x) = ü\n\nempty=\nlast=1\nlast=2\nnumber=42\nend=x";
	char out[64];

	CHECK(conf_parse(&conf, text, strlen(text)));
	CHECK(conf_get(&conf, "label", out, sizeof out));
	CHECK_TEXT(out, "Desk 1 \"A\" $(x) = ü");
	CHECK(!conf_get(&conf, "empty", out, sizeof out));
	CHECK(!conf_get(&conf, "absent", out, sizeof out));
	CHECK(!conf_get(&conf, "labe", out, sizeof out));
	CHECK(conf_get(&conf, "last", out, sizeof out));
	CHECK_TEXT(out, "2");
	CHECK(conf_get(&conf, "end", out, sizeof out));
	CHECK_TEXT(out, "x");
}

static void a_value_too_long_counts_as_absent(void)
{
	static const char text[] = "a=12345\nb=1234\r\n";
	char out[5];

	CHECK(conf_parse(&conf, text, strlen(text)));
	CHECK(!conf_get(&conf, "a", out, sizeof out));
	CHECK_TEXT(out, "");
	CHECK(conf_get(&conf, "b", out, sizeof out));
	CHECK_TEXT(out, "1234");
}

static void numbers_stay_in_bounds(void)
{
	static const char text[] = "a=20\nb=9\nc=201\nd=20x\ne=99999999999999999999\nf=-5\n";

	CHECK(conf_parse(&conf, text, strlen(text)));
	CHECK_EQUAL(conf_number(&conf, "a", 10, 200, 7), 20);
	CHECK_EQUAL(conf_number(&conf, "b", 10, 200, 7), 7);
	CHECK_EQUAL(conf_number(&conf, "c", 10, 200, 7), 7);
	CHECK_EQUAL(conf_number(&conf, "d", 10, 200, 7), 7);
	CHECK_EQUAL(conf_number(&conf, "e", 10, 200, 7), 7);
	CHECK_EQUAL(conf_number(&conf, "f", 10, 200, 7), 7);
	CHECK_EQUAL(conf_number(&conf, "g", 10, 200, 7), 7);
}

static void hostile_files_are_refused(void)
{
	static char large[CONF_MAX + 1];

	memset(large, 'a', sizeof large);
	CHECK(!conf_parse(&conf, large, sizeof large));
	CHECK(!conf_parse(&conf, "a=\0b", 4));
	CHECK_EQUAL(conf_load(&conf, "/nonexistent/file"), -ENOENT);
	CHECK_EQUAL(conf_load(&conf, "/dev/zero"), -EFBIG);
}

static void without_systemd_nothing_is_kept_or_told(void)
{
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("LISTEN_FDS");
	CHECK_EQUAL(service_notify("READY=1", -1), 0);
	CHECK_EQUAL(service_watchdog_interval(), 0);
	CHECK_EQUAL(service_stored_fd("node"), -1);
}

static void descriptors_and_words_reach_systemd(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char text[128] = "", control[CMSG_SPACE(sizeof(int))];
	struct iovec v = {.iov_base = text, .iov_len = sizeof text - 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	int s = socket(AF_UNIX, SOCK_DGRAM, 0), pipes[2], received = -1;
	struct cmsghdr *header;

	CHECK(pipe(pipes) == 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", check_directory());
	CHECK(bind(s, (struct sockaddr *)&address, sizeof address) == 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	CHECK_EQUAL(service_notify("FDSTORE=1\nFDNAME=node", pipes[1]), 0);
	CHECK_EQUAL(recvmsg(s, &m, 0), 21);
	CHECK_TEXT(text, "FDSTORE=1\nFDNAME=node");
	header = CMSG_FIRSTHDR(&m);
	CHECK(header && header->cmsg_type == SCM_RIGHTS);
	if (header)
		memcpy(&received, CMSG_DATA(header), sizeof received);
	CHECK_EQUAL(write(received, "x", 1), 1);
	CHECK_EQUAL(read(pipes[0], text, 1), 1);
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	CHECK_EQUAL(service_notify("READY=1", -1), -ENOENT);
	unsetenv("NOTIFY_SOCKET");
	close(received);
	close(pipes[0]);
	close(pipes[1]);
	close(s);
}

static void the_watchdog_is_fed_twice_per_period(void)
{
	char pid[24];

	setenv("WATCHDOG_USEC", "2000000", 1);
	unsetenv("WATCHDOG_PID");
	CHECK_EQUAL(service_watchdog_interval(), NS_PER_S);
	setenv("WATCHDOG_PID", "1", 1);
	CHECK_EQUAL(service_watchdog_interval(), 0);
	snprintf(pid, sizeof pid, "%d", getpid());
	setenv("WATCHDOG_PID", pid, 1);
	CHECK_EQUAL(service_watchdog_interval(), NS_PER_S);
	setenv("WATCHDOG_USEC", "soon", 1);
	CHECK_EQUAL(service_watchdog_interval(), 0);
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void stored_descriptors_are_found_by_name(void)
{
	char pid[24];

	snprintf(pid, sizeof pid, "%d", getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "3", 1);
	setenv("LISTEN_FDNAMES", "node:nodes:keep", 1);
	CHECK_EQUAL(service_stored_fd("nod"), -1);
	CHECK_EQUAL(service_stored_fd("absent"), -1);
	CHECK(service_stored_fd("keep") == -1 || service_stored_fd("keep") == 5); /* open here or not */
	setenv("LISTEN_PID", "1", 1);
	CHECK_EQUAL(service_stored_fd("node"), -1);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

static void a_reader_that_has_stopped_stops_nobody(void)
{
	static char filling[4096];
	const int kept = dup(STDERR_FILENO);
	char line[64];
	int ends[2];
	ssize_t n;

	CHECK(pipe(ends) == 0 && kept >= 0);
	CHECK(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
	while (write(ends[1], filling, sizeof filling) > 0)
		;
	CHECK(fcntl(ends[1], F_SETFL, 0) == 0);
	CHECK(dup2(ends[1], STDERR_FILENO) >= 0);
	alarm(5); /* that is the end of us, when it does not come back */
	log_info("nobody reads");
	alarm(0);
	CHECK(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
	while (read(ends[0], filling, sizeof filling) > 0)
		;
	log_info("somebody reads");
	n = read(ends[0], line, sizeof line - 1);
	line[n < 0 ? 0 : n] = '\0';
	CHECK_TEXT(line, "<6>somebody reads\n");
	CHECK(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	close(ends[0]);
	close(ends[1]);
}

const struct test common_tests[] = {
	{"values in the configuration are taken as they stand", values_are_raw},
	{"a value that does not fit counts as absent", a_value_too_long_counts_as_absent},
	{"numbers outside their bounds fall back", numbers_stay_in_bounds},
	{"a configuration that is too large or binary is refused", hostile_files_are_refused},
	{"without systemd, nothing is kept or told", without_systemd_nothing_is_kept_or_told},
	{"descriptors and words reach systemd", descriptors_and_words_reach_systemd},
	{"the watchdog is fed twice per period", the_watchdog_is_fed_twice_per_period},
	{"stored descriptors are found by their name", stored_descriptors_are_found_by_name},
	{"a log that nobody reads stops nobody", a_reader_that_has_stopped_stops_nobody},
	{NULL, NULL},
};
