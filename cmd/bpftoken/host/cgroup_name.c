/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/host/cgroup_name.h"

#include <stdbool.h>
#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

/* Part of a cgroup path. */
struct part {
	const char *text;
	size_t len;
};

enum id_kind {
	ID_HEX,	 /* what engines draw: hexadecimal digits, at least 12 */
	ID_NAME, /* what people choose */
};

/*
 * How engines name a container's cgroup, by their systemd and cgroupfs drivers. A name with a colon
 * ("kubepods-podUID.slice:cri-containerd:ID") is what a systemd path becomes under cgroupfs.
 * Sources: libpod (libpod-), cri-o (crio-), containerd (cri-containerd-, internal/cri), moby
 * (docker-), nerdctl, buildah, runc and crun (their systemd scope prefixes), liblxc (lxc.payload.).
 */
static const struct pattern {
	const char *prefix, *suffix;
	enum id_kind kind;
	const char *engine;
} patterns[] = {
	{ "docker-", ".scope", ID_HEX, "docker" },
	{ "libpod-", ".scope", ID_HEX, "podman" },
	{ "libpod-", "", ID_HEX, "podman" },
	{ "crio-", ".scope", ID_HEX, "cri-o" },
	{ "crio-", "", ID_HEX, "cri-o" },
	{ "cri-containerd-", ".scope", ID_HEX, "containerd" },
	{ "cri-containerd:", "", ID_HEX, "containerd" },
	{ "docker:", "", ID_HEX, "docker" },
	{ "nerdctl-", ".scope", ID_HEX, "nerdctl" },
	{ "buildah-", ".scope", ID_NAME, "buildah" },
	{ "lxc.payload.", "", ID_NAME, "lxc" },
	{ "machine-", ".scope", ID_NAME, "systemd-nspawn" },
	{ "systemd-nspawn@", ".service", ID_NAME, "systemd-nspawn" },
	{ "runc-", ".scope", ID_NAME, "runc" },
	{ "crun-", ".scope", ID_NAME, "crun" },
};

/* Directories whose children are containers. */
static const struct parent {
	const char *name;
	enum id_kind kind;
	const char *engine;
} parents[] = {
	{ "docker", ID_HEX, "docker" },
	{ "lxc", ID_NAME, "lxc" },
};

static bool is_hex_id(struct part part)
{
	if (part.len < 12)
		return false;
	for (size_t i = 0; i < part.len; i++)
		if (strchr("0123456789abcdef", part.text[i]) == NULL || part.text[i] == '\0')
			return false;
	return true;
}

static bool starts(struct part part, const char *prefix)
{
	size_t len = strlen(prefix);

	return part.len > len && memcmp(part.text, prefix, len) == 0;
}

static bool ends(struct part part, const char *suffix)
{
	size_t len = strlen(suffix);

	return part.len > len && memcmp(part.text + part.len - len, suffix, len) == 0;
}

static bool is_id(struct part part, enum id_kind kind)
{
	return kind == ID_NAME ? part.len > 0 : is_hex_id(part);
}

/* A component without the slice in front of a colon. */
static struct part behind_slice(struct part part)
{
	for (size_t i = 0; i + 7 <= part.len; i++)
		if (memcmp(part.text + i, ".slice:", 7) == 0)
			return (struct part){ part.text + i + 7, part.len - i - 7 };
	return part;
}

static bool match_patterns(struct part part, const char **ret_engine, struct part *ret_id)
{
	part = behind_slice(part);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		const struct pattern *pattern = &patterns[i];
		size_t before = strlen(pattern->prefix), behind = strlen(pattern->suffix);
		struct part id;

		if (!starts(part, pattern->prefix) || !ends(part, pattern->suffix) ||
		    part.len <= before + behind)
			continue;
		id = (struct part){ part.text + before, part.len - before - behind };
		if (!is_id(id, pattern->kind))
			continue;
		*ret_engine = pattern->engine;
		*ret_id = id;
		return true;
	}
	return false;
}

static bool match_parents(struct part parent, struct part part, const char **ret_engine,
			  struct part *ret_id)
{
	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
		if (parent.len != strlen(parents[i].name) ||
		    memcmp(parent.text, parents[i].name, parent.len) != 0 ||
		    !is_id(part, parents[i].kind))
			continue;
		*ret_engine = parents[i].engine;
		*ret_id = part;
		return true;
	}
	return false;
}

/* The uid in "pod0f3a..." (cgroupfs) or "kubepods-burstable-pod0f3a_...slice" (systemd), or "". */
static struct part pod_uid(struct part part)
{
	const char *const end = part.text + part.len;

	if (!starts(part, "kubepods-") && !starts(part, "pod"))
		return (struct part){ "", 0 };
	for (const char *p = part.text; p + 3 < end; p++)
		if (memcmp(p, "pod", 3) == 0 && (p == part.text || p[-1] == '-')) {
			size_t len = (size_t)(end - p - 3);

			for (size_t i = 0; i < len; i++)
				if (p[3 + i] == '.' || p[3 + i] == ':')
					len = i;
			return (struct part){ p + 3, len };
		}
	return (struct part){ "", 0 };
}

static void copy(char *to, size_t cap, struct part part)
{
	size_t len = part.len < cap ? part.len : cap - 1;

	memcpy(to, part.text, len);
	to[len] = '\0';
}

/* The next component of a path; false at its end. */
static bool next_part(struct part *rest, struct part *ret_part)
{
	const char *slash;

	while (rest->len > 0 && rest->text[0] == '/') {
		rest->text++;
		rest->len--;
	}
	if (rest->len == 0)
		return false;
	slash = memchr(rest->text, '/', rest->len);
	ret_part->text = rest->text;
	ret_part->len = slash != NULL ? (size_t)(slash - rest->text) : rest->len;
	rest->text += ret_part->len;
	rest->len -= ret_part->len;
	return true;
}

/* An engine's container anywhere on the path; the first one counts. */
static bool find_container(struct part path, struct cgroup_name *name)
{
	struct part rest = path, part, parent = { "", 0 }, pod = { "", 0 }, id;

	while (next_part(&rest, &part)) {
		struct part uid = pod_uid(part);
		bool found = match_patterns(part, &name->engine, &id) ||
			     match_parents(parent, part, &name->engine, &id);

		if (!found && pod.len > 0 && is_hex_id(part)) {
			name->engine = "kubernetes";
			id = part;
			found = true;
		}
		if (uid.len > 0)
			pod = uid;
		if (found) {
			copy(name->id, sizeof(name->id), id);
			copy(name->pod, sizeof(name->pod), pod);
			return true;
		}
		parent = part;
	}
	return false;
}

/* A unit of systemd's, or what a runtime that was told no place makes: a directory of its id. */
static bool find_other(struct part path, struct cgroup_name *name)
{
	struct part rest = path, part, last = { "", 0 };

	while (next_part(&rest, &part)) {
		last = part;
		if (!ends(part, ".service") && !ends(part, ".scope"))
			continue;
		name->engine = "systemd";
		copy(name->id, sizeof(name->id), part);
		return true;
	}
	if (last.len == 0 || ends(last, ".slice"))
		return false;
	name->engine = "oci";
	copy(name->id, sizeof(name->id), last);
	return true;
}

/* The path of a "0::/path" or "9:name=systemd:/path" line. */
static bool next_path(struct part *rest, struct part *ret_path)
{
	const char *end = rest->len > 0 ? memchr(rest->text, '\n', rest->len) : NULL, *colon;
	struct part line = { rest->text, end != NULL ? (size_t)(end - rest->text) : rest->len };

	if (line.len == 0)
		return false;
	rest->text += line.len + (end != NULL);
	rest->len -= line.len + (end != NULL);
	*ret_path = (struct part){ "", 0 };
	for (int i = 0; i < 2; i++) {
		colon = memchr(line.text, ':', line.len);
		if (colon == NULL)
			return true;
		line.len -= (size_t)(colon + 1 - line.text);
		line.text = colon + 1;
	}
	*ret_path = line;
	return true;
}

void cgroup_name_parse(const char *text, size_t len, struct cgroup_name *ret_name)
{
	struct cgroup_name name = { .engine = "" };
	struct part rest = { text, len }, path;
	bool found = false;

	/* Where version 1 is in use a runtime may have put the process below some controllers only. */
	while (!found && next_path(&rest, &path))
		found = find_container(path, &name);
	rest = (struct part){ text, len };
	while (!found && next_path(&rest, &path))
		found = find_other(path, &name);
	*ret_name = name;
}
