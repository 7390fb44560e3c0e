#include "conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool conf_parse(struct conf *conf, const char *text, size_t length)
{
	conf->length = 0;
	if (length > sizeof conf->text || memchr(text, '\0', length))
		return false;
	memcpy(conf->text, text, length);
	conf->length = length;
	return true;
}

int conf_load(struct conf *conf, const char *path)
{
	static const int flags = O_RDONLY | O_CLOEXEC;
	int fd = open(path, flags);
	size_t got = 0;
	ssize_t n;

	conf->length = 0;
	if (fd < 0)
		return -errno;
	while ((n = read(fd, conf->text + got, sizeof conf->text - got)) > 0)
		got += (size_t)n;
	if (n < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	close(fd);
	if (got == sizeof conf->text)
		return -EFBIG;
	if (memchr(conf->text, '\0', got))
		return -EINVAL;
	conf->length = got;
	return 0;
}

static const char *line_end(const char *line, const char *end)
{
	const char *newline = memchr(line, '\n', (size_t)(end - line));

	return newline ? newline : end;
}

bool conf_get(const struct conf *conf, const char *key, char *out, size_t size)
{
	const char *line = conf->text, *end = conf->text + conf->length;
	size_t n = strlen(key);
	bool found = false;

	if (size)
		out[0] = '\0';
	while (line < end) {
		const char *stop = line_end(line, end);
		size_t length = (size_t)(stop - line);

		if (length > n && line[n] == '=' && !memcmp(line, key, n)) {
			size_t value = length - n - 1;

			if (value && line[length - 1] == '\r')
				value--;
			found = value > 0 && value < size;
			if (found)
				memcpy(out, line + n + 1, value);
			if (size)
				out[found ? value : 0] = '\0';
		}
		line = stop + 1;
	}
	return found;
}

long conf_number(const struct conf *conf, const char *key, long min, long max, long otherwise)
{
	char text[24], *end;
	long n;

	if (!conf_get(conf, key, text, sizeof text))
		return otherwise;
	errno = 0;
	n = strtol(text, &end, 10);
	return errno || *end || n < min || n > max ? otherwise : n;
}
