/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_NAMES_H
#define SPEC_NAMES_H

/*
 * The names of BPF commands, map types, program types and attach types.
 *
 * Pure: static const tables, no allocation, no locale, no environment. The names come from the
 * kernel's own type information by way of spec/names_generate (names_table.c says of which
 * release), the classes from the hand-written table in names_class.c.
 *
 * Every list argument is one of the four below; anything else is a list without names.
 */

#include <stddef.h>
#include <stdint.h>

/* The four lists of a delegation, in the order in which the program speaks of them. */
enum names_list { NAMES_CMDS, NAMES_MAPS, NAMES_PROGS, NAMES_ATTACHS, NAMES_LISTS };

/* How far the programs of a type reach; the policy's hostReach rests on it. */
enum names_class {
	NAMES_CLASS_NONE = 0, /* a known type that nobody has classed: a defect, a test fails */
	NAMES_CLASS_HOST,     /* sees or changes the whole host */
	NAMES_CLASS_CGROUP,   /* acts on cgroups that the program can name */
	NAMES_CLASS_NET,      /* acts on a network namespace or on sockets */
};

/*
 * The word for a list in annotations, options, policy keys and messages, as the kernel's mount
 * options have it after "delegate_": "cmds", "maps", "progs" or "attachs". A static string; NULL
 * for no list.
 */
const char *names_key(enum names_list list);

/*
 * A mask of all bits this build has a name for: bit n stands for the enumerator of value n, as in
 * the kernel's delegate_* masks. 0 for no list.
 */
uint64_t names_known(enum names_list list);

/*
 * The name of a bit: the kernel's, in lower case and without prefix, as mount listings show it.
 * Where enumerators share a value it is the first (kernel/bpf/inode.c does the same), so map 19
 * is "cgroup_storage_deprecated". A static string; NULL when this build has no name for the bit.
 */
const char *names_of_bit(enum names_list list, unsigned bit);

/*
 * The bit (0 to 63) that a word stands for, -ENOENT when this build does not know the word. The
 * word need not be terminated; its bytes are any bytes, and the work does not grow with len.
 *
 * Accepted, and nothing looser:
 *   prog_load          the kernel's name, in any case, aliases such as prog_run among them
 *   BPF_PROG_LOAD      the same with the list's prefix, in any case: BPF_ for commands and attach
 *                      types, BPF_MAP_TYPE_, BPF_PROG_TYPE_
 *   BPFProgLoad        systemd's (258 and later, BPFDelegateCommands= and its kin): the prefix BPF,
 *                      BPFMapType or BPFProgType exactly so, then the name run together, any case
 * "any" and numbers are no names: they are the caller's.
 */
int names_bit(enum names_list list, const char *word, size_t len);

/*
 * For messages about an unknown word: the known name (lower case, without prefix, perhaps an
 * alias) that the fewest slips of the pen turn into it, prefix, case and underscores not counted.
 * A static string; NULL when nothing is near. The word is hostile input and the work bounded:
 * nothing is near a word over 64 bytes.
 */
const char *names_nearest(enum names_list list, const char *word, size_t len);

/*
 * For messages too: another list that does know the word, as names_bit() understands it, the first
 * in the order of enum names_list; -ENOENT when none does.
 */
int names_other_list(enum names_list list, const char *word, size_t len);

/*
 * The class of the program type with that bit. Bits this build has no name for are
 * NAMES_CLASS_HOST, since what a newer kernel's type can reach is unknown. Never NAMES_CLASS_NONE
 * in a build that passed its tests; a caller that decides by class must take it for host all the
 * same.
 */
enum names_class names_prog_class(unsigned bit);

/*
 * Masks of the program types that the kernel loads only for a process with that capability in the
 * token's user namespace. Source: is_net_admin_prog_type() and is_perfmon_prog_type() of
 * kernel/bpf/syscall.c, Linux 6.9 to 7.3.
 */
uint64_t names_net_admin_progs(void);
uint64_t names_perfmon_progs(void);

#endif
