/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_COMMANDS_H
#define CMD_BPFTOKEN_COMMANDS_H

/*
 * Each command takes its own arguments, argv[0] being its name, and returns an exit code
 * (sysexits.h). It tells standard error what is wrong in one line, prints data on standard output,
 * and answers --help there.
 */
int command_calc(int argc, char **argv);
int command_check(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_inject(int argc, char **argv);
int command_list(int argc, char **argv);
int command_names(int argc, char **argv);
int command_policy(int argc, char **argv);
int command_record(int argc, char **argv);
int command_seccomp(int argc, char **argv);
int command_watch(int argc, char **argv);

#endif
