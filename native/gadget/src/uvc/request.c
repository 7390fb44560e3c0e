#include "request.h"

#include <errno.h>
#include <string.h>

enum error_code { NO_ERROR = 0, INVALID_UNIT = 5, INVALID_CONTROL = 6, INVALID_REQUEST = 7 };

#define INFO_GET 0x01
#define INFO_GET_SET 0x03
#define LENGTH_1_0 26
#define LENGTH_1_1 34
#define FRAMING_FID_EOF 0x03

/* The description of one mode as PROBE and COMMIT carry it. */
static struct uvc_streaming_control describe(const struct modes *modes, int place, uint32_t interval)
{
	const struct mode *mode = &modes->mode[place];

	return (struct uvc_streaming_control){
		.bmHint = 1, /* the frame interval is fixed */
		.bFormatIndex = modes->format_index,
		.bFrameIndex = mode->frame_index,
		.dwFrameInterval = mode_interval(mode, interval),
		.dwMaxVideoFrameSize = mode->max_bytes,
		.dwMaxPayloadTransferSize = modes->max_packet,
		.dwClockFrequency = modes->clock_hz,
		.bmFramingInfo = FRAMING_FID_EOF,
		.bPreferedVersion = 1,
		.bMinVersion = 1,
		.bMaxVersion = 1,
	};
}

void negotiation_reset(struct negotiation *n, const struct modes *modes)
{
	*n = (struct negotiation){.probe = describe(modes, modes->first, 0)};
	n->commit = n->probe;
}

bool negotiation_valid(const struct negotiation *n, const struct modes *modes)
{
	int place = modes_find(modes, n->commit.bFrameIndex);

	return place >= 0 && n->commit.bFormatIndex == modes->format_index &&
	       n->commit.dwFrameInterval == mode_interval(&modes->mode[place], n->commit.dwFrameInterval) &&
	       modes_find(modes, n->probe.bFrameIndex) >= 0;
}

static void put(struct uvc_request_data *response, const void *bytes, int length)
{
	memcpy(response->data, bytes, (size_t)length);
	response->length = length;
}

static void put_byte(struct uvc_request_data *response, uint8_t byte)
{
	put(response, &byte, 1);
}

static enum error_code control_interface(struct negotiation *n, int entity, int selector, uint8_t request,
					 struct uvc_request_data *response)
{
	if (entity != 0)
		return INVALID_UNIT; /* no unit or terminal has a control: bmControls are 0 */
	if (selector != UVC_VC_REQUEST_ERROR_CODE_CONTROL)
		return INVALID_CONTROL;
	switch (request) {
	case UVC_GET_CUR:
		put_byte(response, n->error_code);
		return NO_ERROR;
	case UVC_GET_INFO:
		put_byte(response, INFO_GET);
		return NO_ERROR;
	default:
		return INVALID_REQUEST;
	}
}

static enum error_code streaming_interface(struct negotiation *n, const struct modes *modes, int selector,
					   const struct usb_ctrlrequest *r, struct uvc_request_data *response)
{
	const int length = modes->bcd_uvc >= 0x0110 ? LENGTH_1_1 : LENGTH_1_0;
	struct uvc_streaming_control control = {0};

	if (selector != UVC_VS_PROBE_CONTROL && selector != UVC_VS_COMMIT_CONTROL)
		return INVALID_CONTROL;
	switch (r->bRequest) {
	case UVC_SET_CUR:
		if (r->bRequestType & USB_DIR_IN)
			return INVALID_REQUEST;
		n->pending = (uint8_t)selector;
		response->length = r->wLength < sizeof response->data ? r->wLength : (int)sizeof response->data;
		return NO_ERROR;
	case UVC_GET_CUR:
		control = selector == UVC_VS_PROBE_CONTROL ? n->probe : n->commit;
		break;
	case UVC_GET_DEF:
		control = describe(modes, modes->first, 0);
		break;
	case UVC_GET_MIN:
		control = describe(modes, 0, 1);
		break;
	case UVC_GET_MAX:
		control = describe(modes, modes->count - 1, UINT32_MAX);
		break;
	case UVC_GET_RES:
		break;
	case UVC_GET_LEN: {
		const uint8_t bytes[2] = {(uint8_t)length, 0};

		put(response, bytes, sizeof bytes);
		return NO_ERROR;
	}
	case UVC_GET_INFO:
		put_byte(response, INFO_GET_SET);
		return NO_ERROR;
	default:
		return INVALID_REQUEST;
	}
	put(response, &control, length);
	return NO_ERROR;
}

void negotiation_setup(struct negotiation *n, const struct modes *modes, const struct usb_ctrlrequest *r,
		       struct uvc_request_data *response)
{
	int selector = r->wValue >> 8, entity = r->wIndex >> 8, interface = r->wIndex & 0xff;
	enum error_code error = INVALID_REQUEST;

	memset(response, 0, sizeof *response);
	response->length = -EL2HLT;
	n->pending = 0;
	if ((r->bRequestType & USB_RECIP_MASK) == USB_RECIP_INTERFACE &&
	    (r->bRequestType & USB_TYPE_MASK) == USB_TYPE_CLASS) {
		if (interface == VIDEO_CONTROL_INTERFACE)
			error = control_interface(n, entity, selector, r->bRequest, response);
		else
			error = streaming_interface(n, modes, selector, r, response);
	}
	n->error_code = (uint8_t)error;
}

bool negotiation_data(struct negotiation *n, const struct modes *modes, const struct uvc_request_data *data)
{
	struct uvc_streaming_control wanted = {0}, given;
	uint8_t selector = n->pending;
	int place;

	n->pending = 0;
	/* The least that names a mode: bmHint, bFormatIndex, bFrameIndex, dwFrameInterval. */
	if (!selector || data->length < 8 || data->length > (int)sizeof data->data)
		return false;
	memcpy(&wanted, data->data, data->length < (int)sizeof wanted ? (size_t)data->length : sizeof wanted);
	place = modes_find(modes, wanted.bFrameIndex);
	given = describe(modes, place < 0 ? modes->first : place, wanted.dwFrameInterval);
	given.bmHint = wanted.bmHint;
	if (selector == UVC_VS_PROBE_CONTROL)
		n->probe = given;
	else
		n->commit = given;
	return selector == UVC_VS_COMMIT_CONTROL;
}
