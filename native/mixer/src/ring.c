#include "ring.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PLANE_BYTES (RING_FRAMES * sizeof(float))
/* What comes closer together came at once, in several packets. */
#define TOGETHER_NS (NS_PER_MS / 2)

/* The same memory twice in a row. NULL: errno says why. */
static float *map_plane(void)
{
	int fd = memfd_create("crosspoint-ring", MFD_CLOEXEC);
	char *at;

	if (fd < 0)
		return NULL;
	if (ftruncate(fd, PLANE_BYTES) < 0)
		goto fail;
	at = mmap(NULL, 2 * PLANE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		goto fail;
	for (int i = 0; i < 2; i++)
		if (mmap(at + (size_t)i * PLANE_BYTES, PLANE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
		    MAP_FAILED) {
			munmap(at, 2 * PLANE_BYTES);
			goto fail;
		}
	close(fd);
	return (float *)(void *)at;
fail:
	close(fd);
	return NULL;
}

int ring_open(struct ring *r, int64_t piece)
{
	*r = (struct ring){.left = map_plane(), .piece = piece};
	r->right = r->left ? map_plane() : NULL;
	if (!r->right) {
		int error = errno ? -errno : -ENOMEM;

		ring_close(r);
		return error;
	}
	return 0;
}

void ring_close(struct ring *r)
{
	if (r->left)
		munmap(r->left, 2 * PLANE_BYTES);
	if (r->right)
		munmap(r->right, 2 * PLANE_BYTES);
	r->left = r->right = NULL;
}

static void split_s16(float *left, float *right, const int16_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		left[i] = (float)from[2 * i] * (1.0f / 32768);
		right[i] = (float)from[2 * i + 1] * (1.0f / 32768);
	}
}

/*
 * Infinities and what is no number would spoil the whole mix, and whatever remembers it: an echo canceller, for ever. They
 * are looked for in the bits, for the compiler may believe that they do not exist.
 */
static float number_of(float sample)
{
	const uint32_t exponent = UINT32_C(0x7f800000);
	uint32_t bits;

	memcpy(&bits, &sample, sizeof bits);
	return (bits & exponent) == exponent ? 0 : sample;
}

static void split_float(float *left, float *right, const float *from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		left[i] = number_of(from[2 * i]);
		right[i] = number_of(from[2 * i + 1]);
	}
}

static float peak_of(const float *samples, size_t count)
{
	float peak = 0;

	for (size_t i = 0; i < count; i++)
		peak = fabsf(samples[i]) > peak ? fabsf(samples[i]) : peak;
	return peak;
}

/* Slowly, and never by much: a burst after a stall says nothing about the pieces to come. */
static void note_arrival(struct ring *r, int64_t count, ns_t now)
{
	const int64_t most = 2 * r->piece;

	if (now - r->arrived < TOGETHER_NS) {
		r->arrival += count;
		return;
	}
	if (r->arrival > r->piece)
		r->piece += ((r->arrival < most ? r->arrival : most) - r->piece + 15) / 16;
	else if (r->arrival)
		r->piece -= (r->piece - r->arrival) / 64;
	r->arrival = count;
	r->arrived = now;
}

static void append(struct ring *r, const void *frames, size_t count, enum sample_format format)
{
	float *left = r->left + ring_offset(r->written), *right = r->right + ring_offset(r->written);
	float peaks[2];

	r->written += (int64_t)count;
	if (!frames) {
		memset(left, 0, count * sizeof *left);
		memset(right, 0, count * sizeof *right);
		return;
	}
	if (format == SAMPLES_S16)
		split_s16(left, right, frames, count);
	else
		split_float(left, right, frames, count);
	peaks[0] = peak_of(left, count);
	peaks[1] = peak_of(right, count);
	if (peaks[0] > 0 || peaks[1] > 0)
		r->sounds_to = r->written;
	for (int i = 0; i < 2; i++)
		if (peaks[i] > r->peak[i])
			r->peak[i] = peaks[i];
}

void ring_write(struct ring *r, const void *frames, size_t count, enum sample_format format, ns_t now)
{
	const size_t frame_bytes = format == SAMPLES_S16 ? sizeof(int16_t[2]) : sizeof(float[2]);

	note_arrival(r, (int64_t)count, now);
	while (count) {
		const size_t n = count < RING_FRAMES / 2 ? count : RING_FRAMES / 2;

		append(r, frames, n, format);
		if (frames)
			frames = (const char *)frames + n * frame_bytes;
		count -= n;
	}
}

double ring_made(const struct ring *r, ns_t now)
{
	const double age = (double)(now - r->arrived) * FRAME_RATE / NS_PER_S;

	/* A piece that is late does not come any sooner. */
	return (double)r->written + (age < 0 ? 0 : age > (double)r->piece ? (double)r->piece : age);
}
