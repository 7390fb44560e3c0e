#include "url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool copy(char *out, size_t size, const char *from, size_t length)
{
	if (length == 0 || length >= size)
		return false;
	memcpy(out, from, length);
	out[length] = '\0';
	return true;
}

static bool parse_port(struct rtmp_url *url, const char *from, size_t length)
{
	if (!copy(url->port, sizeof url->port, from, length) || strspn(url->port, "0123456789") != length)
		return false;
	return atoi(url->port) >= 1 && atoi(url->port) <= 65535;
}

bool rtmp_url_parse(struct rtmp_url *url, const char *text)
{
	static const char scheme[] = "rtmp://";
	const char *host = text + sizeof scheme - 1, *path, *app_end, *host_end, *p;

	memset(url, 0, sizeof *url);
	if (strlen(text) >= URL_MAX || strncmp(text, scheme, sizeof scheme - 1) != 0)
		return false;
	/* It comes from a configuration file: what is no printable ASCII is a mistake there. */
	for (p = text; *p; p++)
		if (*p <= ' ' || *p > '~')
			return false;
	path = strchr(host, '/');
	if (!path)
		return false;
	if (*host == '[') {
		host_end = memchr(host, ']', (size_t)(path - host));
		if (!host_end || !copy(url->host, sizeof url->host, host + 1, (size_t)(host_end - host - 1)))
			return false;
		host_end++;
	} else {
		host_end = memchr(host, ':', (size_t)(path - host));
		if (!host_end)
			host_end = path;
		if (!copy(url->host, sizeof url->host, host, (size_t)(host_end - host)))
			return false;
	}
	if (host_end == path)
		snprintf(url->port, sizeof url->port, "1935");
	else if (*host_end != ':' || !parse_port(url, host_end + 1, (size_t)(path - host_end - 1)))
		return false;
	app_end = strchr(path + 1, '/');
	if (!app_end || !copy(url->app, sizeof url->app, path + 1, (size_t)(app_end - path - 1)))
		return false;
	return copy(url->tc_url, sizeof url->tc_url, text, (size_t)(app_end - text)) &&
	       copy(url->stream, sizeof url->stream, app_end + 1, strlen(app_end + 1));
}
