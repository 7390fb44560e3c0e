/* `rtmp://HOST[:PORT]/APP/STREAM[?QUERY]`, taken apart as RTMP's connect and play want it. */
#ifndef CROSSPOINT_URL_H
#define CROSSPOINT_URL_H

#include <stdbool.h>

#define URL_MAX 512

struct rtmp_url {
	char host[256]; /* without the brackets of an IPv6 address */
	char port[6];
	char app[64];
	char stream[URL_MAX]; /* with its query */
	char tc_url[URL_MAX]; /* up to the app */
};

/* False: not such a URL, or too long. */
bool rtmp_url_parse(struct rtmp_url *url, const char *text);

#endif
