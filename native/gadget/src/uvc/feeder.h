/* The socket on which pictures come in (common/frame-link.h). One feeder; a new one replaces it. */
#ifndef CROSSPOINT_FEEDER_H
#define CROSSPOINT_FEEDER_H

#include "show.h"

struct feeder {
	int listening, fd; /* -1: none */
	size_t header_got;
	uint32_t body_got;
	union {
		struct frame_header header;
		uint8_t header_bytes[sizeof(struct frame_header)];
	};
	uint64_t received, rejected, over_budget;
};

/* Listen on a path, which is replaced. 0 or -errno. */
int feeder_listen(struct feeder *f, const char *path);
/* Take a new feeder. True: one is there now. */
bool feeder_accept(struct feeder *f);
/*
 * Read what is there. Complete pictures of the wanted size are published in `keep` and told to `show`; pictures of
 * another size (on their way while the mode changed), what is no JPEG and what no buffer of the kernel holds are counted
 * as rejected. False: it has gone.
 */
bool feeder_read(struct feeder *f, struct keep *keep, struct show *show, uint32_t budget_bytes, ns_t now);
/* Tell the feeder; one that does not read is dropped. */
void feeder_report(struct feeder *f, const struct frame_report *report);
void feeder_drop(struct feeder *f);

#endif
