/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/base/words.h"

#include <stdlib.h>

#include "cmd/bpftoken/base/args.h"

#include "spec/base/poison.h"

void words_options(const struct option *own, struct option *ret_options)
{
	size_t n = 0;

	for (; own->name != NULL; own++)
		ret_options[n++] = *own;
	if (n + REQUEST_KEYS >= WORDS_OPTIONS_MAX)
		abort();
	for (enum request_key key = 0; key < REQUEST_KEYS; key++)
		ret_options[n++] = (struct option){ request_key_name(key), required_argument, NULL,
						    WORDS_FIRST + (int)key };
	ret_options[n] = (struct option){ 0 };
}

bool words_has(int option)
{
	return option >= WORDS_FIRST && option < WORDS_FIRST + (int)REQUEST_KEYS;
}

int words_take(const char *command, int option, const char *value, struct request_words *words)
{
	const enum request_key key = (enum request_key)(option - WORDS_FIRST);

	if (words->word[key] != NULL)
		return args_wrong(command, "option --%s: it is given twice; give it once",
				  request_key_name(key));
	words->word[key] = value;
	return 0;
}

int words_check(const char *command, const struct request_words *words)
{
	for (enum request_key key = 0; key < REQUEST_KEYS; key++)
		if (words->word[key] != NULL && !request_words_ask(words))
			return args_wrong(command,
					  "option --%s: nothing is asked for; add --profile, "
					  "--cmds, "
					  "--maps, --progs or --attachs, or remove it",
					  request_key_name(key));
	return 0;
}
