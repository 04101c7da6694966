#define _GNU_SOURCE
#include "identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"
#include "say.h"

enum { MAX_GROUPS = 256 };

struct identity {
    uid_t uid;
    gid_t gid;
    gid_t groups[MAX_GROUPS];
    int group_count;
    char home[256];
};

bool is_number(const char *text) {
    return *text && strspn(text, "0123456789") == strlen(text);
}

/* Reads /etc/passwd and /etc/group themselves: a static program has no other user databases. */
static bool find_user(const char *name, struct identity *who, char *login, size_t login_size) {
    FILE *file = fopen("/etc/passwd", "re");
    bool found = false;
    for (struct passwd *p; file && !found && (p = fgetpwent(file));) {
        found = is_number(name) ? p->pw_uid == strtoul(name, NULL, 10) : !strcmp(p->pw_name, name);
        if (!found) continue;
        who->uid = p->pw_uid;
        who->gid = p->pw_gid;
        snprintf(who->home, sizeof who->home, "%s", p->pw_dir);
        snprintf(login, login_size, "%s", p->pw_name);
    }
    if (file) fclose(file);
    if (!found && is_number(name)) who->uid = (uid_t)strtoul(name, NULL, 10);
    return found || is_number(name);
}

static bool find_groups(const char *wanted, const char *login, struct identity *who) {
    FILE *file = fopen("/etc/group", "re");
    bool found = !wanted || is_number(wanted);
    if (wanted && found) who->gid = (gid_t)strtoul(wanted, NULL, 10);
    for (struct group *g; file && (g = fgetgrent(file));) {
        if (wanted && !is_number(wanted) && !strcmp(g->gr_name, wanted)) {
            who->gid = g->gr_gid;
            found = true;
        }
        for (char **member = g->gr_mem; !wanted && *login && *member; member++)
            if (!strcmp(*member, login) && who->group_count < MAX_GROUPS) who->groups[who->group_count++] = g->gr_gid;
    }
    if (file) fclose(file);
    return found;
}

/* `user` as in an image: NAME|UID[:GROUP|GID]; supplementary groups only where no group is named, as Docker does. */
static bool resolve(const char *user, struct identity *who) {
    char name[256], login[256] = "";
    snprintf(name, sizeof name, "%s", user);
    char *group = strchr(name, ':');
    if (group) *group++ = '\0';
    if (!find_user(name, who, login, sizeof login)) return false;
    return find_groups(group, login, who);
}

bool become_user(void) {
    static struct identity who = {.home = "/"};
    if (!record.user || !*record.user) return true;
    if (!resolve(record.user, &who)) {
        say("no such user or group: %s", record.user);
        return false;
    }
    if (who.uid == geteuid() && who.uid != 0) return true; /* a runtime that never gave us root */
    if (setgroups((size_t)who.group_count, who.groups) || setgid(who.gid) || setuid(who.uid)) {
        say("cannot become %s: %s", record.user, strerror(errno));
        return false;
    }
    if (who.uid != 0) setenv("HOME", who.home, 1);
    return true;
}
