/* What to run beside the agent, and how: key=value entries (README.md). */
#pragma once

#include <stdbool.h>

enum { MAX_ITEMS = 4096 /* entries of one list */ };

struct list {
    char *items[MAX_ITEMS + 1];
    int count;
};

struct record {
    struct list entrypoints, command, env, unreachable;
    const char *user, *cwd;
    bool exec_command, end_with_command, drop_net_admin, neighbours_only;
    int answers;
    long grace_ms;
};

extern struct record record;

/* Fills `record` from a file of NUL-terminated entries. One that cannot be read must not cost the workspace: the agent
 * starts all the same, and the log says why. */
void read_record(const char *path);

/* Fills `record` from entries with line ends in the place of NUL; keeps pointers into `text`. */
void parse_record(char *text);
