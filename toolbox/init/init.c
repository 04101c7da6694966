/* PID 1 of a workspace: keeps the agent running, runs the image's own command beside it, reaps, and ends in order.
 *
 *     init [--record FILE] -- AGENT [ARGUMENT...]
 *     init --service RECORD -- PROGRAM [ARGUMENT...]
 *
 * README.md beside this file documents the record and what each signal does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fence.h"
#include "identity.h"
#include "record.h"
#include "say.h"

enum {
    RESTART_FIRST_MS = 100, /* back-off of the agent */
    RESTART_LAST_MS = 5000,
    STEADY_MS = 10000,      /* an agent that lived this long starts again without delay */
    KILLED_MS = 1000,       /* how long processes may take to vanish after KILL */
    SIGNAL_HALT = 37,       /* systemd's SIGRTMIN+3 as the kernel counts; C libraries differ in SIGRTMIN */
    STRAY_POLL_MS = 20,     /* processes that are not our children announce their end to someone else */
};

static char **agent_argv;
static bool is_first;                             /* PID 1: every process here is ours to end */
static pid_t agent, entrypoint, command;          /* 0: not running */
static int next_entrypoint;
static bool command_begun, ending;
static int end_status;
static long long agent_began, agent_due, deadline;
static long restart_ms = RESTART_FIRST_MS;

static long long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

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
    parse_record(text);
    raise_fence();
    exec_as_user(program);
    return errno == ENOENT ? 127 : 126;
}

/* An engine that was started in the background of a script ignores SIGINT, and hands that on to its containers:
 * Ctrl-C would do nothing in them. */
static void hear_signals(void) {
    for (int number = 1; number <= SIGRTMAX; number++) signal(number, SIG_DFL);
}

int main(int argc, char **argv) {
    hear_signals();
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
