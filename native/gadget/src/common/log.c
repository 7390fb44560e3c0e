#include "log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void log_line(enum log_level level, const char *format, ...)
{
	struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
	char line[512];
	int n, k;
	va_list args;

	n = snprintf(line, sizeof line, "<%d>", level);
	va_start(args, format);
	k = vsnprintf(line + n, sizeof line - (size_t)n - 1, format, args);
	va_end(args);
	if (k < 0)
		return;
	n += k;
	if (n > (int)sizeof line - 2)
		n = (int)sizeof line - 2;
	line[n++] = '\n';
	/* A reader that has stopped must not stop us: there is room for a line, or it is lost. */
	if (poll(&out, 1, 0) != 1 || !(out.revents & POLLOUT))
		return;
	/* One write per line, so that lines of several programs do not mix. */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}
