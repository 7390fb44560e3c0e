/*
 * Answers to the client's UVC control requests (UVC 1.1 §4.2, §4.3). Pure: from the modes and what was negotiated so far
 * to a response; the ioctls are the device's.
 */
#ifndef CROSSPOINT_REQUEST_H
#define CROSSPOINT_REQUEST_H

#include "modes.h"

#include <linux/usb/ch9.h>
#include <linux/usb/g_uvc.h>
#include <linux/usb/video.h>
#include <stdbool.h>

#define VIDEO_CONTROL_INTERFACE 0

struct negotiation {
	struct uvc_streaming_control probe, commit;
	uint8_t pending;    /* selector of a SET_CUR whose data is still to come, or 0 */
	uint8_t error_code; /* for VC_REQUEST_ERROR_CODE_CONTROL (§4.2.1.2) */
};

/* Begin with the default mode. */
void negotiation_reset(struct negotiation *n, const struct modes *modes);
/* False: what was committed is no longer offered (a stored state of another configuration). */
bool negotiation_valid(const struct negotiation *n, const struct modes *modes);
/* Answer a SETUP packet. A negative length asks the kernel to stall. */
void negotiation_setup(struct negotiation *n, const struct modes *modes, const struct usb_ctrlrequest *request,
		       struct uvc_request_data *response);
/* Take the data stage of a SET_CUR. True: the client has committed a mode. */
bool negotiation_data(struct negotiation *n, const struct modes *modes, const struct uvc_request_data *data);

#endif
