/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_OBSERVE_EVENT_H
#define CMD_BPFTOKEN_OBSERVE_EVENT_H

/*
 * What the program in the kernel hands over of one call of bpf(2). Read on both sides, so it has the
 * kernel's types alone.
 */

#include <linux/types.h>

/* As much of the caller's union bpf_attr as has something to say: up to prog_token_fd. */
#define OBSERVE_ATTR_MAX 152

#define OBSERVE_NAME_MAX 16

enum {
	OBSERVE_HAS_TOKEN =
		1,	   /* the descriptor that the attr names is a token's, with these masks */
	OBSERVE_EARLY = 2, /* refused before the call began: by seccomp(2) or a tracer */
	OBSERVE_HOST_USER = 4, /* the caller is in the host's user namespace */
};

/* As it was when the call returned. attr is the caller's memory: anything may stand there. */
struct observe_event {
	__u64 time; /* CLOCK_MONOTONIC, ns */
	__u64 cgroup;
	__u64 effective;	 /* capabilities, one bit each */
	__u64 token_masks[4];	 /* in the order of enum names_list */
	__u32 mount_ns, user_ns; /* inodes */
	__u32 pid;		 /* in the pid namespace of who watches; 0: in none of its */
	__u32 uid;		 /* the host's */
	__s32 ret;		 /* a descriptor, 0, or a negative errno */
	__u32 cmd;
	__u32 attr_len; /* of attr */
	__u32 flags;
	char comm[OBSERVE_NAME_MAX]; /* the caller's choice, maybe not terminated */
	__u8 attr[OBSERVE_ATTR_MAX];
};

/* Whose calls are handed over. */
enum observe_scope {
	OBSERVE_ALL,
	OBSERVE_MOUNT_NS, /* value is the inode of a mount namespace */
	OBSERVE_CGROUP,	  /* value is the id of a cgroup of version 2, and of those below it */
	OBSERVE_PROCESS,  /* value is a pid, and of its descendants */
};

struct observe_filter {
	__u64 value;
	__u32 scope;
	__u32 pid_ns;	       /* the inode of the pid namespace of who watches */
	__u32 own_pid;	       /* its number there: never handed over */
	__u32 only_containers; /* not what runs in the host's user namespace */
};

#endif
