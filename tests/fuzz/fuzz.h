/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

/*
 * What the fuzz targets share. A target is one function that takes any bytes and aborts when a
 * promise of the program's does not hold; libFuzzer looks for such bytes, replay.c runs known ones.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "hook/decision.h"
#include "hook/request.h"
#include "spec/base/err.h"
#include "spec/base/source.h"
#include "spec/config.h"
#include "spec/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts, naming the promise that was broken and a text that shows how. */
void promise(bool kept, const char *what, const char *shown);

/* A refusal is one line of printable ASCII under 1,900 bytes, with this exit code. */
void promise_refusal(const struct err *err, int code);

/* Two parses of one text, handed over whole and in pieces, must answer in the same words. */
void promise_same(int r, const struct err *err, int other_r, const struct err *other);

/* With blanks in front, both must take it, or both refuse it with one code. */
void promise_same_answer(int r, const struct err *err, int other_r, const struct err *other);

/* The size of pieces for an input: 1 to 13, told by the input itself. */
size_t piece_size(const uint8_t *data, size_t size);

/*
 * Of some costly trials that belong to an input, a replay makes all. A fuzzer makes one, told by the
 * input itself: each mutation of an input is another draw, so that none of them is left out.
 */
struct draw {
	size_t number;
};

struct draw draw_by(const uint8_t *data, size_t size);

/* Whether to make trial which of so many. */
bool draw_takes(struct draw draw, size_t which, size_t of);

/*
 * A text behind so many blanks that the first piece in which the reader takes it ends within it. The
 * caller frees it.
 */
char *across_pieces(const uint8_t *data, size_t size, size_t *ret_len);

/* ---- print.c: values as texts that are read as the same values ---- */

/* A text in memory of its own; the caller frees it. */
char *print_state(const struct state *state);
char *print_config(const struct config *config);

/* first: the text of a rule that is put before the others, or NULL. */
char *print_policy(const struct policy *policy, const char *first);

/*
 * Puts a request to a policy; policy_path is "/p". Promises: a refusal is fit to be shown, and the
 * rule that it prints grants the same request when it is put first.
 */
void promise_decision(const struct policy *policy, const struct request *request,
		      const struct subject *subject);

#endif
