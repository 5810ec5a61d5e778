/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

/*
 * What the unit tests share: cmocka with the headers it needs, what every refusal has to look like,
 * and values made of JSON.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hook/policy.h"
#include "spec/base/err.h"
#include "spec/config.h"
#include "spec/state.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Fails unless got is want, in which "@@" stands for any text. label tells which row it was. */
void expect_like(const char *label, const char *got, const char *want);

void expect_text(const char *label, const char *got, const char *want);

/* Fails unless a message is fit to be shown: one line of printable ASCII, short, plainly ended. */
void expect_shown(const char *label, const char *message);

/* Fails unless r and err are a refusal with this code and message ("@@": any text). */
void expect_refusal(const char *label, int r, const struct err *err, int code, const char *want);

/* Fails unless r is 0; shows the message that came instead. */
void expect_success(const char *label, int r, const struct err *err);

/* A copy of just len bytes, so that a sanitizer sees a read behind them. The caller frees it. */
char *exact_bytes(const char *bytes, size_t len);

/* The next number of a fixed sequence, the same in each run. *seed is not 0. */
uint64_t next_random(uint64_t *seed);

/* Parsers on memory, in pieces of chunk bytes (0: all at once). */
int parse_state(const char *json, size_t len, size_t chunk, struct state *ret, struct err *err);
int parse_config(const char *json, size_t len, size_t chunk, struct config *ret, struct err *err);
int parse_policy(const char *json, size_t len, size_t chunk, enum policy_layer layer,
		 struct policy *policy, struct err *err);

/* Values of texts that must be good. */
struct state state_of(const char *json);
struct config config_of(const char *json);

/* A linked policy; vendor is NULL when there is no such layer. */
struct policy policy_of(const char *administrator, const char *vendor);

#endif
