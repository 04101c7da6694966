#define _GNU_SOURCE
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

enum {
    MAX_RECORD = 1 << 20, /* bytes */
    GRACE_MS = 8000,      /* Docker kills after 10 s; we want to be first */
};

struct record record = {.grace_ms = GRACE_MS};

static void add(struct list *list, char *item) {
    if (list->count < MAX_ITEMS) list->items[list->count++] = item;
    else say("record: too many entries, ignored: %.100s", item);
}

static void take(char *key, char *value) {
    if (!strcmp(key, "entrypoint")) add(&record.entrypoints, value);
    else if (!strcmp(key, "arg")) add(&record.command, value);
    else if (!strcmp(key, "env")) add(&record.env, value);
    else if (!strcmp(key, "unreachable")) add(&record.unreachable, value);
    else if (!strcmp(key, "drop-net-admin")) record.drop_net_admin = !strcmp(value, "1");
    else if (!strcmp(key, "neighbours-only")) record.neighbours_only = !strcmp(value, "1");
    else if (!strcmp(key, "answers")) record.answers = atoi(value);
    else if (!strcmp(key, "user")) record.user = value;
    else if (!strcmp(key, "cwd")) record.cwd = value;
    else if (!strcmp(key, "grace-ms")) record.grace_ms = atol(value);
    else if (!strcmp(key, "exec-command")) record.exec_command = !strcmp(value, "1");
    else if (!strcmp(key, "end-with-command")) record.end_with_command = !strcmp(value, "1");
    else say("record: unknown key, ignored: %.100s", key); /* written by a newer server */
}

void read_record(const char *path) {
    static char text[MAX_RECORD + 1];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        say("record: %s: %s", path, strerror(errno));
        return;
    }
    ssize_t size = 0, got;
    while (size < MAX_RECORD && (got = read(file, text + size, (size_t)(MAX_RECORD - size))) > 0) size += got;
    close(file);
    for (char *item = text; item < text + size; item += strlen(item) + 1) {
        char *value = strchr(item, '=');
        if (!value) {
            say("record: no key in: %.100s", item);
            continue;
        }
        *value++ = '\0';
        take(item, value);
        item = value;
    }
}

void parse_record(char *text) {
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char *value = strchr(line, '=');
        if (!value) continue;
        *value++ = '\0';
        take(line, value);
    }
}
