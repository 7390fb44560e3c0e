/*
 * uvc-client: the client computer's camera application. Reads MJPEG frames, checks and times them, prints one line of
 * JSON at the end, and a line for each thing that an eye would notice on the way.
 *
 *   -d DEVICE   -g WIDTHxHEIGHT   -i INTERVAL (100 ns)   -t SECONDS   -n FRAMES per cycle   -c CYCLES
 *   -k HOST:PORT  measure this machine's clock against the sender's (it answers each byte with its time, 8 bytes)
 *   -s FILE       keep the last frame
 *   -r            go on after an error or an unplugging, as soon as the device is back
 *
 * Frames of the tests carry a comment segment right after the start marker: "VPI1", then little endian u32 number,
 * u32 whole length, u64 time of sending (ns, wall clock), u32 FNV-1a of all that follows, u32 source.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES 400000
#define BUFFERS 4
#define NOTICEABLE_MS 100
#define FROZEN_MS 200

static struct {
	const char *device, *save, *clock;
	int width, height, cycles, frames;
	uint32_t interval;
	double seconds;
	bool retry;
} option = {.device = "/dev/video1", .width = 1280, .height = 720, .cycles = 1, .interval = 333333, .seconds = 10};

static struct {
	long frames, numbered, other, errors, no_start, no_end, corrupt, empty, skipped, repeated, backwards, lost;
	long opened, failures;
	uint64_t bytes;
} count;

static struct samples {
	double value[SAMPLES];
	int count;
} latency, gap, first_frame, start_time, stop_time;

static struct {
	void *memory;
	size_t size;
} buffer[BUFFERS];

static int64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double ms_between(int64_t from, int64_t to)
{
	return (double)(to - from) / 1e6;
}

static void add(struct samples *s, double value)
{
	if (s->count < SAMPLES)
		s->value[s->count++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void print_samples(const char *name, struct samples *s)
{
	printf(",\"%s\":", name);
	if (!s->count) {
		printf("null");
		return;
	}
	qsort(s->value, (size_t)s->count, sizeof s->value[0], compare);
	printf("{\"n\":%d,\"min\":%.1f,\"p50\":%.1f,\"p95\":%.1f,\"p99\":%.1f,\"max\":%.1f}", s->count, s->value[0],
	       s->value[s->count / 2], s->value[(int)(s->count * 0.95)], s->value[(int)(s->count * 0.99)],
	       s->value[s->count - 1]);
}

/* By how much this clock is ahead of the sender's: from the exchange that took the least time. */
static int64_t measure_clock(const char *address)
{
	char host[64];
	const char *colon = strrchr(address, ':');
	struct sockaddr_in to = {.sin_family = AF_INET};
	int64_t best = INT64_MAX, offset = 0;
	int fd, i, on = 1;

	if (!colon)
		exit(2);
	snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
	to.sin_port = htons((uint16_t)atoi(colon + 1));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (inet_pton(AF_INET, host, &to.sin_addr) != 1 || fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
		perror(address);
		exit(1);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	for (i = 0; i < 40; i++) {
		int64_t sent = now(CLOCK_REALTIME), received, theirs;

		if (send(fd, "?", 1, 0) != 1 || recv(fd, &theirs, 8, MSG_WAITALL) != 8)
			break;
		received = now(CLOCK_REALTIME);
		if (received - sent < best) {
			best = received - sent;
			offset = sent + best / 2 - theirs;
		}
	}
	close(fd);
	return offset;
}

static uint32_t fnv(const uint8_t *p, size_t n)
{
	uint32_t h = 2166136261u;

	while (n--)
		h = (h ^ *p++) * 16777619u;
	return h;
}

static void event(int64_t begin, const char *what, double number)
{
	printf("{\"event\":\"%s\",\"at\":%.3f,\"value\":%.1f}\n", what, ms_between(begin, now(CLOCK_MONOTONIC)) / 1e3,
	       number);
}

/*
 * How much of the time this machine did not run what should have run: the lateness of a thread that sleeps 5 ms at a time.
 * An emulated machine on a busy one is starved, and then no rate that it measures means anything.
 */
static double late_ms, watched_ms;

static void *watch_the_clock(void *unused)
{
	const struct timespec nap = {.tv_nsec = 5000000};

	(void)unused;
	for (;;) {
		int64_t from = now(CLOCK_MONOTONIC);
		double took;

		nanosleep(&nap, NULL);
		took = ms_between(from, now(CLOCK_MONOTONIC));
		watched_ms += took;
		if (took > 15)
			late_ms += took - 5;
	}
	return NULL;
}

enum kind { KIND_NONE, KIND_NUMBERED, KIND_OTHER };

static struct {
	bool known;
	uint32_t number, source;
	int64_t fresh_at; /* when the last new picture came */
	enum kind kind;
} last;

/* A new picture: was the one before too long ago? */
static void fresh(int64_t begin)
{
	int64_t t = now(CLOCK_MONOTONIC);

	if (last.known && ms_between(last.fresh_at, t) > FROZEN_MS)
		event(begin, "frozen", ms_between(last.fresh_at, t));
	last.fresh_at = t;
}

/* Look at one frame's content. */
static void check(const uint8_t *jpeg, size_t length, int64_t clock_offset, int64_t begin)
{
	uint32_t number, whole, sum, source;
	uint64_t sent;
	enum kind kind = KIND_OTHER;

	count.bytes += length;
	if (length < 100) {
		count.empty++;
		return;
	}
	count.no_start += jpeg[0] != 0xff || jpeg[1] != 0xd8;
	count.no_end += jpeg[length - 2] != 0xff || jpeg[length - 1] != 0xd9;
	if (!memcmp(jpeg + 6, "VPI1", 4)) {
		kind = KIND_NUMBERED;
		memcpy(&number, jpeg + 10, 4);
		memcpy(&whole, jpeg + 14, 4);
		memcpy(&sent, jpeg + 18, 8);
		memcpy(&sum, jpeg + 26, 4);
		memcpy(&source, jpeg + 30, 4);
		count.numbered++;
		if (whole != length || fnv(jpeg + 30, length - 30) != sum) {
			count.corrupt++;
		} else {
			bool same = last.known && source == last.source;

			if (last.known && source != last.source)
				event(begin, "switched", ms_between(last.fresh_at, now(CLOCK_MONOTONIC)));
			if (same && number == last.number)
				count.repeated++;
			else
				fresh(begin);
			if (!same || number != last.number)
				add(&latency, (double)(now(CLOCK_REALTIME) - clock_offset - (int64_t)sent) / 1e6);
			if (same && number > last.number + 1)
				count.skipped += number - last.number - 1;
			if (same && number < last.number)
				count.backwards++;
			if (last.known && source != last.source)
				event(begin, "source", source);
			last.known = true;
			last.number = number;
			last.source = source;
		}
	} else {
		count.other++;
	}
	if (kind != last.kind)
		event(begin, kind == KIND_NUMBERED ? "picture" : "slate", 0);
	last.kind = kind;
}

static void save(const uint8_t *jpeg, size_t length)
{
	FILE *f = option.save ? fopen(option.save, "wb") : NULL;

	if (f) {
		fwrite(jpeg, 1, length, f);
		fclose(f);
	}
}

static bool set_up(int fd)
{
	struct v4l2_format f = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
	struct v4l2_streamparm p = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
	struct v4l2_requestbuffers r = {
		.count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
	unsigned i;

	f.fmt.pix.width = (uint32_t)option.width;
	f.fmt.pix.height = (uint32_t)option.height;
	f.fmt.pix.pixelformat = V4L2_PIX_FMT_MJPEG;
	if (ioctl(fd, VIDIOC_S_FMT, &f) < 0 || (int)f.fmt.pix.width != option.width ||
	    (int)f.fmt.pix.height != option.height || f.fmt.pix.pixelformat != V4L2_PIX_FMT_MJPEG)
		return false;
	p.parm.capture.timeperframe.numerator = option.interval;
	p.parm.capture.timeperframe.denominator = 10000000;
	if (ioctl(fd, VIDIOC_S_PARM, &p) < 0 || ioctl(fd, VIDIOC_REQBUFS, &r) < 0)
		return false;
	for (i = 0; i < r.count && i < BUFFERS; i++) {
		struct v4l2_buffer b = {.index = i, .type = r.type, .memory = r.memory};

		if (ioctl(fd, VIDIOC_QUERYBUF, &b) < 0)
			return false;
		buffer[i].size = b.length;
		buffer[i].memory = mmap(NULL, b.length, PROT_READ, MAP_SHARED, fd, b.m.offset);
		if (buffer[i].memory == MAP_FAILED || ioctl(fd, VIDIOC_QBUF, &b) < 0)
			return false;
	}
	return true;
}

static void tear_down(int fd)
{
	struct v4l2_requestbuffers none = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE, i;
	int64_t t = now(CLOCK_MONOTONIC);

	ioctl(fd, VIDIOC_STREAMOFF, &type);
	add(&stop_time, ms_between(t, now(CLOCK_MONOTONIC)));
	for (i = 0; i < BUFFERS; i++)
		if (buffer[i].memory && buffer[i].memory != MAP_FAILED)
			munmap(buffer[i].memory, buffer[i].size);
	memset(buffer, 0, sizeof buffer);
	ioctl(fd, VIDIOC_REQBUFS, &none);
}

/* One opening of the camera. False: it broke off. */
static bool cycle(int fd, int64_t begin, int64_t until, int64_t clock_offset, int64_t *last_frame)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE, frames = 0;
	int64_t started = now(CLOCK_MONOTONIC);
	int64_t sequence = -1;

	if (!set_up(fd) || ioctl(fd, VIDIOC_STREAMON, &type) < 0)
		return false;
	add(&start_time, ms_between(started, now(CLOCK_MONOTONIC)));
	while (now(CLOCK_MONOTONIC) < until && (!option.frames || frames < option.frames)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
		int64_t t;

		if (poll(&p, 1, 1000) == 0) {
			event(begin, "nothing", 1000);
			continue;
		}
		if (ioctl(fd, VIDIOC_DQBUF, &b) < 0) {
			if (errno == EAGAIN)
				continue;
			event(begin, errno == ENODEV ? "unplugged" : "error", errno);
			return false;
		}
		t = now(CLOCK_MONOTONIC);
		if (!frames)
			add(&first_frame, ms_between(started, t));
		if (*last_frame && (frames || option.retry)) {
			double ms = ms_between(*last_frame, t);

			add(&gap, ms);
			if (ms > NOTICEABLE_MS)
				event(begin, "gap", ms);
		}
		*last_frame = t;
		if (sequence >= 0)
			count.lost += b.sequence - sequence - 1;
		sequence = b.sequence;
		frames++;
		count.frames++;
		count.errors += (b.flags & V4L2_BUF_FLAG_ERROR) != 0;
		check(buffer[b.index].memory, b.bytesused, clock_offset, begin);
		if (option.save)
			save(buffer[b.index].memory, b.bytesused);
		if (ioctl(fd, VIDIOC_QBUF, &b) < 0)
			return false;
	}
	return true;
}

static double mean_rate(void)
{
	double sum = 0;
	int i;

	for (i = 0; i < gap.count; i++)
		sum += gap.value[i];
	return sum > 0 ? gap.count * 1e3 / sum : 0;
}

static void parse(int argc, char **argv)
{
	int o;

	while ((o = getopt(argc, argv, "d:g:i:t:n:c:k:s:r")) != -1) {
		switch (o) {
		case 'd': option.device = optarg; break;
		case 'g': sscanf(optarg, "%dx%d", &option.width, &option.height); break;
		case 'i': option.interval = (uint32_t)atoi(optarg); break;
		case 't': option.seconds = atof(optarg); break;
		case 'n': option.frames = atoi(optarg); break;
		case 'c': option.cycles = atoi(optarg); break;
		case 'k': option.clock = optarg; break;
		case 's': option.save = optarg; break;
		case 'r': option.retry = true; break;
		default: exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	int64_t clock_offset, begin, until, last_frame = 0;
	int done = 0;
	pthread_t watcher;

	parse(argc, argv);
	setlinebuf(stdout);
	clock_offset = option.clock ? measure_clock(option.clock) : 0;
	if (pthread_create(&watcher, NULL, watch_the_clock, NULL))
		return 1;
	begin = now(CLOCK_MONOTONIC);
	until = begin + (int64_t)(option.seconds * 1e9);
	while (done < option.cycles && (option.cycles > 1 || now(CLOCK_MONOTONIC) < until)) {
		int fd = open(option.device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		int64_t t = now(CLOCK_MONOTONIC);
		bool ok = false;

		if (fd >= 0) {
			count.opened++;
			if (option.cycles > 1)
				until = t + (int64_t)(option.seconds * 1e9);
			if (!option.retry)
				last_frame = 0;
			ok = cycle(fd, begin, until, clock_offset, &last_frame);
			tear_down(fd);
			close(fd);
		}
		if (ok) {
			done++;
			continue;
		}
		count.failures++;
		if (!option.retry) {
			perror(option.device);
			break;
		}
		usleep(50000);
	}
	printf("{\"frames\":%ld,\"fps\":%.2f,\"bytes\":%llu,\"numbered\":%ld,\"other\":%ld,\"errors\":%ld,"
	       "\"noStart\":%ld,\"noEnd\":%ld,\"corrupt\":%ld,\"empty\":%ld,\"skipped\":%ld,\"repeated\":%ld,"
	       "\"backwards\":%ld,\"lost\":%ld,\"opened\":%ld,\"failures\":%ld,\"source\":%u,\"starved\":%.3f",
	       count.frames, mean_rate(),
	       (unsigned long long)count.bytes, count.numbered, count.other, count.errors, count.no_start, count.no_end,
	       count.corrupt, count.empty, count.skipped, count.repeated, count.backwards, count.lost, count.opened,
	       count.failures, last.source, watched_ms > 0 ? late_ms / watched_ms : 0);
	print_samples("latencyMs", &latency);
	print_samples("gapMs", &gap);
	print_samples("startMs", &start_time);
	print_samples("firstFrameMs", &first_frame);
	print_samples("stopMs", &stop_time);
	printf("}\n");
	return done < option.cycles && !option.retry;
}
