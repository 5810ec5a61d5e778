/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VALGRIND_GATE_H
#define TESTS_VALGRIND_GATE_H

/*
 * A system call that valgrind does not know is made as a prctl(2) of this option and its number, which
 * valgrind hands on as it is; through.c, from outside, puts the call in its place.
 */
#define GATE_PRCTL 0x42500000

#endif
