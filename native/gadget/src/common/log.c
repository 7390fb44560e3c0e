#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void log_line(enum log_level level, const char *format, ...)
{
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
	/* One write per line, so that lines of several programs do not mix; a full pipe must not stop us. */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}
