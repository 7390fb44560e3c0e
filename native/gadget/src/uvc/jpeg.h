/* Just enough of JPEG to know whether a picture fits what the client has asked for. */
#ifndef CROSSPOINT_JPEG_H
#define CROSSPOINT_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jpeg_size {
	uint16_t width, height;
};

/* True: begins and ends as a JPEG should, and its frame header (baseline or extended Huffman) was found before the scan. */
bool jpeg_read_size(const uint8_t *jpeg, size_t length, struct jpeg_size *size);

#endif
