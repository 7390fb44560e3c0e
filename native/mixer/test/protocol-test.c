#include "check.h"

#include "protocol.h"

#include <string.h>

static const char *parse(const char *text, struct command *c)
{
	static char line[LINE_MAX_BYTES];

	strncpy(line, text, sizeof line - 1);
	return protocol_parse(line, c);
}

static void understands_commands(void)
{
	struct command c;

	CHECK(!parse("hello 1", &c) && c.kind == COMMAND_HELLO && c.version == 1);
	CHECK(!parse("path 4294967295 mic:a|desk.mic alsa%20in%25 s16 crosspoint.desk.mic f32 10 500", &c));
	CHECK(c.kind == COMMAND_PATH && c.id == UINT32_MAX && c.aim_ms == 10 && c.delay_ms == 500);
	CHECK(!strcmp(c.mark, "mic:a|desk.mic") && !strcmp(c.source.device, "alsa in%"));
	CHECK(c.source.format == SAMPLES_S16 && c.sink.format == SAMPLES_FLOAT);
	CHECK(!parse("level 7 65536 0 20", &c) && c.raw == 65536 && !c.muted && c.ramp_ms == 20);
	CHECK(!parse("retire 7", &c) && c.kind == COMMAND_RETIRE && c.id == 7);
	CHECK(!parse("meters 1", &c) && c.meters);
	CHECK(!parse("quit", &c) && c.kind == COMMAND_QUIT);
}

static void refuses_nonsense(void)
{
	static const char *const lines[] = {
		"",
		" ",
		"hello",
		"hello 1 2",
		"hello -1",
		"hello 99999999999",
		"path 1 m a s16 b s16 10",
		"path 1 m a s24 b s16 10 0",
		"path 1 m % s16 b s16 10 0",
		"path 1 m a%0 s16 b s16 10 0",
		"path 1 m a%00b s16 b s16 10 0",
		"path 1 m a%zz s16 b s16 10 0",
		"path 1 m a s16 b s16 1001 0",
		"path 1 m a s16 b s16 10 501",
		"path 1 m a s16 b s16 10 0 ",
		"level 1 310001 0 20",
		"level 1 65536 2 20",
		"level 1 65536 0 10001",
		"level 1 65536  0 20",
		"meters 10",
		"Quit",
	};
	struct command c;

	for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++)
		if (!parse(lines[i], &c))
			check_failed(__FILE__, __LINE__, lines[i]);
}

static void words_come_back(void)
{
	static const char *const texts[] = {"", "plain", "a b", "100%", "M\xc3\xbcller \"1\" \\ '\n", "%"};
	char line[LINE_MAX_BYTES], wordy[64];
	struct command c;

	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
		protocol_word(wordy, sizeof wordy, texts[i]);
		strcpy(line, "path 1 ");
		strcat(line, wordy);
		strcat(line, " a s16 b s16 10 0");
		CHECK(!parse(line, &c) && !strcmp(c.mark, texts[i]));
	}
	/* What does not fit is left out, whole letters of it. */
	CHECK(protocol_word(wordy, 6, "ab cd") == 5 && !strcmp(wordy, "ab%20"));
	CHECK(protocol_word(wordy, 5, "ab cd") == 2 && !strcmp(wordy, "ab"));
	CHECK(protocol_word(wordy, 1, "ab") == 0 && !*wordy);
}

static void survives_anything(void)
{
	static const char *const seeds[] = {"path 1 m alsa%20in s16 b f32 10 500", "level 7 65536 0 20", "hello 1", "retire 1",
					    "meters 0"};
	static const char letters[] = "0123456789 %% pathlevl.:|s16f32\x80\xff\x01-";
	uint64_t random = 0x5eed;
	char line[LINE_MAX_BYTES], wordy[40];
	struct command c;

	for (int i = 0; i < 200000; i++) {
		size_t n;

		strcpy(line, seeds[check_random(&random) % (sizeof seeds / sizeof *seeds)]);
		n = strlen(line);
		for (unsigned changes = check_random(&random) % 6; changes; changes--) {
			const size_t at = check_random(&random) % (n + 1);

			line[at] = letters[check_random(&random) % (sizeof letters - 1)];
			if (at == n)
				line[++n] = '\0';
		}
		if (check_random(&random) % 50 == 0) {
			memset(line, 'a' + (int)(check_random(&random) % 20), sizeof line - 1);
			line[sizeof line - 1] = '\0';
		}
		if (!protocol_parse(line, &c) && c.kind == COMMAND_PATH) {
			CHECK(strlen(c.source.device) < NAME_MAX_BYTES && strlen(c.mark) < MARK_MAX_BYTES);
			protocol_word(wordy, 1 + check_random(&random) % sizeof wordy, c.source.device);
		}
	}
}

const struct test protocol_tests[] = {
	{"commands are understood", understands_commands},
	{"nonsense is refused", refuses_nonsense},
	{"any text comes back as it was", words_come_back},
	{"200000 damaged lines do no harm", survives_anything},
	{0},
};
