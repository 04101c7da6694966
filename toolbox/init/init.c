/* PID 1 of a workspace: keeps the agent running, runs the image's own command beside it, reaps, and ends in order.
 *
 *     init [--record FILE] -- AGENT [ARGUMENT...]
 *     init --service RECORD -- PROGRAM [ARGUMENT...]
 *
 * README.md beside this file documents the record and what each signal does.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_ITEMS = 4096,         /* entries of one list in the record */
    MAX_RECORD = 1 << 20,     /* bytes */
    MAX_GROUPS = 256,
    RESTART_FIRST_MS = 100,   /* back-off of the agent */
    RESTART_LAST_MS = 5000,
    STEADY_MS = 10000,        /* an agent that lived this long starts again without delay */
    GRACE_MS = 8000,          /* Docker kills after 10 s; we want to be first */
    KILLED_MS = 1000,         /* how long processes may take to vanish after KILL */
    SIGNAL_HALT = 37,         /* systemd's SIGRTMIN+3 as the kernel counts; C libraries differ in SIGRTMIN */
    STRAY_POLL_MS = 20,       /* processes that are not our children announce their end to someone else */
};

struct list {
    char *items[MAX_ITEMS + 1];
    int count;
};

static struct record {
    struct list entrypoints, command, env, unreachable;
    const char *user, *cwd;
    bool exec_command, end_with_command, drop_net_admin;
    long grace_ms;
} record = {.grace_ms = GRACE_MS};

static char **agent_argv;
static bool is_first;                             /* PID 1: every process here is ours to end */
static pid_t agent, entrypoint, command;          /* 0: not running */
static int next_entrypoint;
static bool command_begun, ending;
static int end_status;
static long long agent_began, agent_due, deadline;
static long restart_ms = RESTART_FIRST_MS;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    char line[512] = "carrel-init: ";
    size_t used = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + used, sizeof line - used - 1, format, arguments);
    va_end(arguments);
    strcat(line, "\n");
    if (write(STDERR_FILENO, line, strlen(line)) < 0) return; /* nobody listens: nothing to be done */
}

static long long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* ---- the record: NUL-terminated key=value ------------------------------------------------------------------- */

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
    else if (!strcmp(key, "user")) record.user = value;
    else if (!strcmp(key, "cwd")) record.cwd = value;
    else if (!strcmp(key, "grace-ms")) record.grace_ms = atol(value);
    else if (!strcmp(key, "exec-command")) record.exec_command = !strcmp(value, "1");
    else if (!strcmp(key, "end-with-command")) record.end_with_command = !strcmp(value, "1");
    else say("record: unknown key, ignored: %.100s", key); /* written by a newer server */
}

/* A record that cannot be read must not cost the workspace: the agent starts all the same, and the log says why. */
static void read_record(const char *path) {
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

/* ---- the container user ------------------------------------------------------------------------------------- */

struct identity {
    uid_t uid;
    gid_t gid;
    gid_t groups[MAX_GROUPS];
    int group_count;
    char home[256];
};

static bool is_number(const char *text) {
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

/* Before exec. What cannot become its user must not run as root instead, so false means: do not exec. */
static bool become_user(void) {
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

/* ---- the fence: networks that nothing here may reach -------------------------------------------------------- */

/* Route messages as the kernel takes them (rtnetlink(7)); musl has no headers of the kernel's. */
enum {
    NETLINK_ROUTE_PROTOCOL = 0,
    NEW_ROUTE = 24,
    REQUEST_ACK_REPLACE_CREATE = 0x01 | 0x04 | 0x100 | 0x400,
    MESSAGE_ERROR = 2,
    MAIN_TABLE = 254,
    SET_BY_ADMINISTRATOR = 4,
    UNREACHABLE = 7,
    DESTINATION = 1,
    NET_ADMIN = 12, /* capability */
    CAPABILITY_VERSION_3 = 0x20080522,
    NO_FENCE = 70, /* exit status */
};

struct route_message {
    struct { uint32_t length; uint16_t type, flags; uint32_t sequence, port; } header;
    struct { uint8_t family, prefix, source_prefix, tos, table, protocol, scope, type; uint32_t flags; } route;
    struct { uint16_t length, type; struct in_addr address; } destination;
};

struct route_answer {
    struct { uint32_t length; uint16_t type, flags; uint32_t sequence, port; } header;
    int32_t error;
    char rest[256];
};

/* `network` is an IPv4 network as 169.254.0.0/16, or `default`. */
static bool parse_network(const char *network, struct in_addr *address, uint8_t *prefix) {
    char text[64];
    *prefix = 0;
    address->s_addr = 0;
    if (!strcmp(network, "default")) return true;
    snprintf(text, sizeof text, "%s", network);
    char *slash = strchr(text, '/');
    if (!slash) return false;
    *slash++ = '\0';
    long bits = is_number(slash) ? strtol(slash, NULL, 10) : -1;
    *prefix = (uint8_t)bits;
    return bits > 0 && bits <= 32 && inet_pton(AF_INET, text, address) == 1;
}

static bool make_unreachable(int kernel, const char *network) {
    struct route_message message = {
        .header = {.type = NEW_ROUTE, .flags = REQUEST_ACK_REPLACE_CREATE},
        .route = {.family = AF_INET, .table = MAIN_TABLE, .protocol = SET_BY_ADMINISTRATOR, .type = UNREACHABLE},
        .destination = {.length = sizeof message.destination, .type = DESTINATION},
    };
    if (!parse_network(network, &message.destination.address, &message.route.prefix)) {
        errno = EINVAL;
        return false;
    }
    size_t length = message.route.prefix ? sizeof message : sizeof message.header + sizeof message.route;
    message.header.length = (uint32_t)length;
    struct route_answer answer;
    if (send(kernel, &message, length, 0) < 0 || recv(kernel, &answer, sizeof answer, 0) < 0) return false;
    errno = answer.header.type == MESSAGE_ERROR ? -answer.error : EPROTO;
    return !errno;
}

/* From then on no process here can undo the fence: the bounding set is what any program can ever have. */
static bool drop_net_admin(void) {
    struct { uint32_t version; int pid; } header = {.version = CAPABILITY_VERSION_3};
    struct { uint32_t effective, permitted, inheritable; } sets[2];
    if (prctl(PR_CAPBSET_DROP, NET_ADMIN) || syscall(SYS_capget, &header, sets)) return false;
    sets[0].effective &= ~(1u << NET_ADMIN);
    sets[0].permitted &= ~(1u << NET_ADMIN);
    sets[0].inheritable &= ~(1u << NET_ADMIN);
    return !syscall(SYS_capset, &header, sets);
}

/* Before anything of the workspace runs. What cannot be fenced in must not run. */
static void raise_fence(void) {
    int kernel = record.unreachable.count ? socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE_PROTOCOL) : -1;
    for (int i = 0; i < record.unreachable.count; i++) {
        if (kernel >= 0 && make_unreachable(kernel, record.unreachable.items[i])) continue;
        say("cannot make %s unreachable: %s", record.unreachable.items[i], strerror(errno));
        exit(NO_FENCE);
    }
    if (kernel >= 0) close(kernel);
    if (record.drop_net_admin && !drop_net_admin()) {
        say("cannot give up the right to change routes: %s", strerror(errno));
        exit(NO_FENCE);
    }
}

/* ---- processes ---------------------------------------------------------------------------------------------- */

static void clear_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Returns only when it failed. */
static void exec_as_user(char **argv) {
    if (!become_user()) {
        errno = EPERM;
        return;
    }
    for (int i = 0; i < record.env.count; i++) putenv(record.env.items[i]);
    if (record.cwd && chdir(record.cwd)) say("working folder %s: %s", record.cwd, strerror(errno));
    execvp(argv[0], argv);
    int reason = errno;
    say("cannot run %s: %s", argv[0], strerror(reason));
    errno = reason;
}

static pid_t spawn(char **argv, bool as_user) {
    pid_t pid = fork();
    if (pid < 0) say("fork: %s", strerror(errno));
    if (pid != 0) return pid < 0 ? 0 : pid;
    setsid();
    clear_signals();
    if (as_user) exec_as_user(argv);
    else {
        execv(argv[0], argv);
        int reason = errno;
        say("cannot run %s: %s", argv[0], strerror(reason));
        errno = reason;
    }
    _exit(errno == ENOENT ? 127 : 126);
}

static void start_agent(void) {
    agent_began = now_ms();
    agent_due = 0;
    agent = spawn(agent_argv, false);
    if (!agent) agent_due = agent_began + RESTART_LAST_MS;
}

static void start_command(void) {
    command_begun = true;
    if (!record.command.count) return;
    if (record.exec_command) {
        clear_signals();
        exec_as_user(record.command.items); /* failed: we stay, and so does the agent */
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
    } else command = spawn(record.command.items, true);
}

/* The next entrypoint, or the command after the last. */
static void advance(void) {
    while (!ending && !entrypoint && !command_begun) {
        if (next_entrypoint == record.entrypoints.count) {
            start_command();
            return;
        }
        char *line = record.entrypoints.items[next_entrypoint++];
        char *argv[] = {"/bin/sh", "-c", line, NULL};
        entrypoint = spawn(argv, true);
    }
}

/* As PID 1 everything else in the container; else (under the image's own PID 1) only what we started. */
static void signal_all(int number) {
    if (is_first) {
        kill(-1, number);
        return;
    }
    pid_t ours[] = {agent, entrypoint, command};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (ours[i] > 0) kill(ours[i], number);
}

static void end(int status) {
    if (ending) return;
    ending = true;
    end_status = status;
    deadline = now_ms() + record.grace_ms;
    signal_all(SIGTERM);
    signal_all(SIGCONT); /* a stopped process could not obey */
}

static int exit_status(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void agent_ended(int status) {
    agent = 0;
    if (ending) return;
    long long now = now_ms();
    if (now - agent_began >= STEADY_MS) restart_ms = RESTART_FIRST_MS;
    agent_due = now + restart_ms;
    say("the agent ended with status %d, starting it again in %ld ms", exit_status(status), restart_ms);
    restart_ms = restart_ms * 2 < RESTART_LAST_MS ? restart_ms * 2 : RESTART_LAST_MS;
}

/* Returns whether children are left. */
static bool reap(void) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) != 0;) {
        if (pid < 0) return false;
        if (pid == agent) agent_ended(status);
        else if (pid == entrypoint) {
            entrypoint = 0;
            if (status) say("entrypoint %d ended with status %d", next_entrypoint, exit_status(status));
        } else if (pid == command) {
            command = 0;
            if (!ending) say("the command ended with status %d", exit_status(status));
            if (record.end_with_command) end(exit_status(status));
        }
    }
    return true;
}

static bool all_gone(bool children) {
    if (!is_first) return !agent && !entrypoint && !command;
    return !children && kill(-1, 0) < 0 && errno == ESRCH;
}

static void wait_signal(const sigset_t *signals, long long until) {
    long long left = until ? until - now_ms() : 3600 * 1000;
    if (left < 0) left = 0;
    struct timespec timeout = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
    int number = sigtimedwait(signals, NULL, &timeout);
    if (number > 0 && number != SIGCHLD) end(0);
}

static void finish(const sigset_t *signals) {
    for (bool killed = false;;) {
        bool children = reap();
        if (all_gone(children)) break;
        long long now = now_ms();
        if (now >= deadline) {
            if (killed) break;
            say("killing what did not end within %ld ms", record.grace_ms);
            signal_all(SIGKILL);
            killed = true;
            deadline = now + KILLED_MS;
        }
        /* a process that the runtime put here (exec) is not our child: its end sends us no signal */
        wait_signal(signals, children && !is_first ? deadline : now + STRAY_POLL_MS);
    }
}

/* The image's own init takes PID 1: the agent's supervisor moves into a child, which adopts orphans in its place. */
static void split_supervisor(void) {
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        is_first = false;
        command_begun = true;
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    } else if (pid > 0) agent_argv = NULL;
    else say("fork: %s", strerror(errno));
}

/* A container without an agent: nothing but the fence, then the program itself as PID 1. RECORD has NUL written as LF. */
static int run_service(char *text, char **program) {
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char *value = strchr(line, '=');
        if (!value) continue;
        *value++ = '\0';
        take(line, value);
    }
    raise_fence();
    exec_as_user(program);
    return errno == ENOENT ? 127 : 126;
}

int main(int argc, char **argv) {
    int at = 1;
    bool service = argc > 4 && !strcmp(argv[1], "--service");
    if (argc > 2 && !strcmp(argv[1], "--record")) {
        read_record(argv[2]);
        at = 3;
    }
    if (service) at = 3;
    if (at + 1 >= argc || strcmp(argv[at], "--")) {
        say("usage: init [--record FILE] -- AGENT [ARGUMENT...]");
        return 64;
    }
    if (service) return run_service(argv[2], argv + at + 1);
    raise_fence();
    agent_argv = argv + at + 1;
    is_first = getpid() == 1;
    if (!is_first) prctl(PR_SET_CHILD_SUBREAPER, 1);

    sigset_t all, signals;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    sigemptyset(&signals);
    int wanted[] = {SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGPWR, SIGNAL_HALT};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) sigaddset(&signals, wanted[i]);

    if (record.exec_command && record.command.count) split_supervisor();
    if (agent_argv) start_agent();
    while (!ending) {
        reap();
        advance();
        if (agent_due && now_ms() >= agent_due) start_agent();
        if (!ending) wait_signal(&signals, agent_due);
    }
    finish(&signals);
    return end_status;
}
