/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/oci-bpf-token-hook/words.h"

#include <stdlib.h>

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

enum request_key words_key(int option)
{
	return (enum request_key)(option - WORDS_FIRST);
}

int words_take(int option, const char *value, struct request_words *words, struct err *err)
{
	const enum request_key key = words_key(option);

	if (words->word[key] != NULL)
		return err_set(err, EX_USAGE, 0, "option --%s: it is given twice; give it once",
			       request_key_name(key));
	words->word[key] = value;
	return 0;
}

int words_check(const struct request_words *words, struct err *err)
{
	for (enum request_key key = 0; key < REQUEST_KEYS; key++)
		if (words->word[key] != NULL && !request_words_ask(words))
			return err_set(err, EX_USAGE, 0,
				       "option --%s: nothing is asked for; add --profile, --cmds, "
				       "--maps, --progs or --attachs, or remove it",
				       request_key_name(key));
	return 0;
}
