#include "jpeg.h"

#include "common/bytes.h"

enum { SOI = 0xd8, EOI = 0xd9, SOS = 0xda, SOF0 = 0xc0, SOF1 = 0xc1 };

bool jpeg_read_size(const uint8_t *jpeg, size_t length, struct jpeg_size *size)
{
	size_t at = 2;

	if (length < 16 || jpeg[0] != 0xff || jpeg[1] != SOI || jpeg[length - 2] != 0xff || jpeg[length - 1] != EOI)
		return false;
	while (at + 4 <= length && jpeg[at] == 0xff) {
		uint8_t marker = jpeg[at + 1];
		uint16_t segment;

		if (marker == 0xff) { /* fill byte */
			at++;
			continue;
		}
		segment = get_be16(jpeg + at + 2);
		if (marker == SOF0 || marker == SOF1) {
			if (segment < 8 || at + 9 > length)
				return false;
			size->height = get_be16(jpeg + at + 5);
			size->width = get_be16(jpeg + at + 7);
			return true;
		}
		if (marker == SOS || marker == EOI || segment < 2)
			return false;
		at += 2 + (size_t)segment;
	}
	return false;
}
