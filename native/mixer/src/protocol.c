#include "protocol.h"

#include <string.h>

#define WORDS_MAX 9

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* False: too long, wrongly written, or with a zero byte in it. */
static bool read_text(const char *word, char *to, size_t size)
{
	size_t n = 0;

	if (!strcmp(word, "%"))
		word = "";
	for (; *word; word++) {
		char c = *word;

		if (c == '%') {
			const int high = hex(word[1]), low = high < 0 ? -1 : hex(word[2]);

			if (low < 0 || high * 16 + low == 0)
				return false;
			c = (char)(high * 16 + low);
			word += 2;
		}
		if (n + 1 >= size)
			return false;
		to[n++] = c;
	}
	to[n] = '\0';
	return true;
}

static bool read_number(const char *word, uint32_t most, uint32_t *to)
{
	uint64_t n = 0;

	if (!*word || strlen(word) > 10)
		return false;
	for (; *word; word++) {
		if (*word < '0' || *word > '9')
			return false;
		n = n * 10 + (uint64_t)(*word - '0');
	}
	*to = (uint32_t)n;
	return n <= most;
}

static bool read_flag(const char *word, bool *to)
{
	*to = word[0] == '1';
	return (word[0] == '0' || word[0] == '1') && !word[1];
}

static bool read_end(char *const *words, struct end *end)
{
	end->format = strcmp(words[1], "s16") ? SAMPLES_FLOAT : SAMPLES_S16;
	return (!strcmp(words[1], "s16") || !strcmp(words[1], "f32")) && read_text(words[0], end->device, sizeof end->device) &&
	       end->device[0];
}

static const char *read_path(char *const *words, struct command *c)
{
	if (!read_number(words[1], UINT32_MAX, &c->id))
		return "bad id";
	if (!read_text(words[2], c->mark, sizeof c->mark))
		return "bad mark";
	if (!read_end(words + 3, &c->source) || !read_end(words + 5, &c->sink))
		return "bad end";
	if (!read_number(words[7], 1000, &c->aim_ms) || !read_number(words[8], 500, &c->delay_ms))
		return "bad latency";
	return NULL;
}

static const char *read_level(char *const *words, struct command *c)
{
	if (!read_number(words[1], UINT32_MAX, &c->id))
		return "bad id";
	/* +40 dB: far above any ceiling. */
	if (!read_number(words[2], 310000, &c->raw) || !read_flag(words[3], &c->muted))
		return "bad level";
	return read_number(words[4], 10000, &c->ramp_ms) ? NULL : "bad ramp";
}

static const char *read_id(char *const *words, struct command *c)
{
	return read_number(words[1], UINT32_MAX, &c->id) ? NULL : "bad id";
}

static const char *read_hello(char *const *words, struct command *c)
{
	return read_number(words[1], UINT32_MAX, &c->version) ? NULL : "bad version";
}

static const char *read_meters(char *const *words, struct command *c)
{
	return read_flag(words[1], &c->meters) ? NULL : "bad flag";
}

static const char *read_nothing(char *const *words, struct command *c)
{
	(void)words;
	(void)c;
	return NULL;
}

static const struct {
	const char *name;
	size_t words;
	enum command_kind kind;
	const char *(*read)(char *const *words, struct command *c);
} COMMANDS[] = {
	{"hello", 2, COMMAND_HELLO, read_hello},    {"path", 9, COMMAND_PATH, read_path},
	{"level", 5, COMMAND_LEVEL, read_level},    {"retire", 2, COMMAND_RETIRE, read_id},
	{"meters", 2, COMMAND_METERS, read_meters}, {"quit", 1, COMMAND_QUIT, read_nothing},
};

const char *protocol_parse(char *line, struct command *command)
{
	char *words[WORDS_MAX];
	size_t count = 0;

	*command = (struct command){0};
	for (char *word = line; word; count++) {
		char *space = strchr(word, ' ');

		if (count == WORDS_MAX)
			return "too many words";
		if (space)
			*space++ = '\0';
		words[count] = word;
		word = space;
	}
	for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++)
		if (!strcmp(words[0], COMMANDS[i].name)) {
			if (count != COMMANDS[i].words)
				return "wrong number of words";
			command->kind = COMMANDS[i].kind;
			return COMMANDS[i].read(words, command);
		}
	return "unknown command";
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("._:-|", c));
}

size_t protocol_word(char *to, size_t size, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0;

	if (!size)
		return 0;
	if (!*text && size > 1)
		to[n++] = '%';
	for (; *text; text++) {
		if (is_plain(*text)) {
			if (n + 1 >= size)
				break;
			to[n++] = *text;
		} else {
			if (n + 3 >= size)
				break;
			to[n++] = '%';
			to[n++] = digits[(unsigned char)*text >> 4];
			to[n++] = digits[(unsigned char)*text & 15];
		}
	}
	to[n] = '\0';
	return n;
}
