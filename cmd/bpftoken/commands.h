/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_COMMANDS_H
#define CMD_BPFTOKEN_COMMANDS_H

/* Each command takes its own arguments, argv[0] being its name, and returns an exit code. */
int command_names(int argc, char **argv);

#endif
