#define _GNU_SOURCE
#include "fence.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"
#include "identity.h"
#include "record.h"
#include "say.h"

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
    MAX_FILTERED = 16,
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

/* `text` is an IPv4 network as 169.254.0.0/16, or `default`. */
static bool parse_network(const char *text, struct network *network) {
    char address[64];
    *network = (struct network){0};
    if (!strcmp(text, "default")) return true;
    snprintf(address, sizeof address, "%s", text);
    char *slash = strchr(address, '/');
    if (!slash) return false;
    *slash++ = '\0';
    long bits = is_number(slash) ? strtol(slash, NULL, 10) : -1;
    network->prefix = (uint8_t)bits;
    return bits > 0 && bits <= 32 && inet_pton(AF_INET, address, &network->address) == 1;
}

/* Whether the kernel took a message; errno says why not. */
static bool tell(int kernel, const void *message, size_t length) {
    struct route_answer answer;
    if (send(kernel, message, length, 0) < 0 || recv(kernel, &answer, sizeof answer, 0) < 0) return false;
    errno = answer.header.type == MESSAGE_ERROR ? -answer.error : EPROTO;
    return !errno;
}

static bool make_unreachable(int kernel, const char *text, struct network *network) {
    struct route_message message = {
        .header = {.type = NEW_ROUTE, .flags = REQUEST_ACK_REPLACE_CREATE},
        .route = {.family = AF_INET, .table = MAIN_TABLE, .protocol = SET_BY_ADMINISTRATOR, .type = UNREACHABLE},
        .destination = {.length = sizeof message.destination, .type = DESTINATION},
    };
    if (!parse_network(text, network)) {
        errno = EINVAL;
        return false;
    }
    message.destination.address = network->address;
    message.route.prefix = network->prefix;
    size_t length = message.route.prefix ? sizeof message : sizeof message.header + sizeof message.route;
    message.header.length = (uint32_t)length;
    return tell(kernel, &message, length);
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

void raise_fence(void) {
    int kernel = record.unreachable.count ? socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE_PROTOCOL) : -1;
    struct network networks[MAX_FILTERED];
    int filtered = 0;
    for (int i = 0; i < record.unreachable.count; i++) {
        struct network network;
        if (kernel >= 0 && make_unreachable(kernel, record.unreachable.items[i], &network)) {
            if (network.prefix && filtered < MAX_FILTERED) networks[filtered++] = network;
            continue;
        }
        say("cannot make %s unreachable: %s", record.unreachable.items[i], strerror(errno));
        exit(NO_FENCE);
    }
    if (kernel >= 0) close(kernel);
    if (record.neighbours_only && !let_out_neighbours_only(record.answers)) {
        say("cannot filter what leaves (nf_tables): %s", strerror(errno));
        exit(NO_FENCE);
    }
    /* Routes stand already; a kernel without nf_tables has to do with them. */
    if (!record.neighbours_only && filtered) let_out_all_but(networks, filtered);
    if (record.drop_net_admin && !drop_net_admin()) {
        say("cannot give up the right to change routes: %s", strerror(errno));
        exit(NO_FENCE);
    }
}
