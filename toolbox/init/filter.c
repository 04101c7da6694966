#define _GNU_SOURCE
#include "filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Messages as the kernel takes them (linux/netfilter/nf_tables.h); musl has no headers of the kernel's. */
enum {
    NETLINK_FILTER = 12,
    SUBSYSTEM = 10, /* nf_tables */
    BATCH_BEGIN = 0x10,
    BATCH_END = 0x11,
    NEW_TABLE = SUBSYSTEM << 8 | 0,
    NEW_CHAIN = SUBSYSTEM << 8 | 3,
    NEW_RULE = SUBSYSTEM << 8 | 6,
    REQUEST = 0x01,
    REQUEST_ACK_CREATE_APPEND = 0x01 | 0x04 | 0x400 | 0x800,
    MESSAGE_ERROR = 2,
    NESTED = 0x8000,
    BOTH_FAMILIES = 1, /* NFPROTO_INET */
    LEAVING = 3,       /* hook */
    DROP = 0,
    ACCEPT = 1,
    VERDICT = 0, /* a register, as the next one */
    REGISTER = 1,
    EQUAL = 0,
    DIFFERENT = 1,
    META_INTERFACE = 5,
    META_FAMILY = 15,
    META_PROTOCOL = 16,
    NETWORK_HEADER = 1,
    TRANSPORT_HEADER = 2,
    DESTINATION_OFFSET = 16,
    FLAGS_OFFSET = 13,
    HOST_UNREACHABLE = 2, /* NFT_REJECT_ICMPX_HOST_UNREACH */
    LOOPBACK = 1,         /* index of `lo` in every network namespace */
    PATIENCE_S = 5,
};

/* Everything in one message to the kernel, which takes all of it or nothing. */
struct batch {
    _Alignas(4) unsigned char bytes[16384];
    size_t length, message;
    int acknowledged;
};

static void append(struct batch *batch, const void *data, size_t size) {
    size_t padded = (size + 3) & ~(size_t)3;
    if (batch->length + padded > sizeof batch->bytes) return; /* the kernel refuses what is cut off */
    memset(batch->bytes + batch->length, 0, padded);
    memcpy(batch->bytes + batch->length, data, size);
    batch->length += padded;
}

static void put(struct batch *batch, uint16_t type, const void *data, size_t size) {
    uint16_t head[2] = {(uint16_t)(size + 4), type};
    append(batch, head, sizeof head);
    if (size) append(batch, data, size);
}

static void put_text(struct batch *batch, uint16_t type, const char *text) {
    put(batch, type, text, strlen(text) + 1);
}

static void put_number(struct batch *batch, uint16_t type, uint32_t number) {
    number = htonl(number);
    put(batch, type, &number, sizeof number);
}

static size_t open_nest(struct batch *batch, uint16_t type) {
    size_t at = batch->length;
    put(batch, type | NESTED, NULL, 0);
    return at;
}

static void close_nest(struct batch *batch, size_t at) {
    uint16_t length = (uint16_t)(batch->length - at);
    memcpy(batch->bytes + at, &length, sizeof length);
}

static void open_message(struct batch *batch, uint16_t type, uint16_t flags, uint8_t family, uint16_t resource) {
    struct {
        uint32_t length;
        uint16_t type, flags;
        uint32_t sequence, port;
        uint8_t family, version;
        uint16_t resource;
    } head = {.type = type, .flags = flags, .family = family, .resource = htons(resource)};
    batch->message = batch->length;
    append(batch, &head, sizeof head);
    batch->acknowledged += flags != REQUEST;
}

static void close_message(struct batch *batch) {
    uint32_t length = (uint32_t)(batch->length - batch->message);
    memcpy(batch->bytes + batch->message, &length, sizeof length);
}

static void put_mark(struct batch *batch, uint16_t type) {
    open_message(batch, type, REQUEST, 0, SUBSYSTEM);
    close_message(batch);
}

/* --- expressions ------------------------------------------------------------------------------------------------- */

struct expression {
    size_t element, data;
};

static struct expression open_expression(struct batch *batch, const char *name) {
    struct expression expression = {.element = open_nest(batch, 1)};
    put_text(batch, 1, name);
    expression.data = open_nest(batch, 2);
    return expression;
}

static void close_expression(struct batch *batch, struct expression expression) {
    close_nest(batch, expression.data);
    close_nest(batch, expression.element);
}

static void put_value(struct batch *batch, uint16_t type, const void *value, size_t size) {
    size_t at = open_nest(batch, type);
    put(batch, 1, value, size);
    close_nest(batch, at);
}

static void load_meta(struct batch *batch, uint32_t key) {
    struct expression expression = open_expression(batch, "meta");
    put_number(batch, 1, REGISTER);
    put_number(batch, 2, key);
    close_expression(batch, expression);
}

static void load_header(struct batch *batch, uint32_t header, uint32_t offset, uint32_t size) {
    struct expression expression = open_expression(batch, "payload");
    put_number(batch, 1, REGISTER);
    put_number(batch, 2, header);
    put_number(batch, 3, offset);
    put_number(batch, 4, size);
    close_expression(batch, expression);
}

static void mask(struct batch *batch, const void *bits, size_t size) {
    static const unsigned char nothing[4];
    struct expression expression = open_expression(batch, "bitwise");
    put_number(batch, 1, REGISTER);
    put_number(batch, 2, REGISTER);
    put_number(batch, 3, (uint32_t)size);
    put_value(batch, 4, bits, size);
    put_value(batch, 5, nothing, size);
    close_expression(batch, expression);
}

static void compare(struct batch *batch, uint32_t how, const void *value, size_t size) {
    struct expression expression = open_expression(batch, "cmp");
    put_number(batch, 1, REGISTER);
    put_number(batch, 2, how);
    put_value(batch, 3, value, size);
    close_expression(batch, expression);
}

static void decide(struct batch *batch, uint32_t what) {
    struct expression expression = open_expression(batch, "immediate");
    put_number(batch, 1, VERDICT);
    size_t data = open_nest(batch, 2), verdict = open_nest(batch, 2);
    put_number(batch, 1, what);
    close_nest(batch, verdict);
    close_nest(batch, data);
    close_expression(batch, expression);
}

/* --- rules ------------------------------------------------------------------------------------------------------- */

static const char table[] = "carrel", chain[] = "leaving";

static size_t open_rule(struct batch *batch) {
    open_message(batch, NEW_RULE, REQUEST_ACK_CREATE_APPEND, BOTH_FAMILIES, 0);
    put_text(batch, 1, table);
    put_text(batch, 2, chain);
    return open_nest(batch, 4);
}

static void close_rule(struct batch *batch, size_t expressions) {
    close_nest(batch, expressions);
    close_message(batch);
}

static void put_chain(struct batch *batch, uint32_t otherwise) {
    open_message(batch, NEW_TABLE, REQUEST_ACK_CREATE_APPEND, BOTH_FAMILIES, 0);
    put_text(batch, 1, table);
    close_message(batch);
    open_message(batch, NEW_CHAIN, REQUEST_ACK_CREATE_APPEND, BOTH_FAMILIES, 0);
    put_text(batch, 1, table);
    put_text(batch, 3, chain);
    size_t hook = open_nest(batch, 4);
    put_number(batch, 1, LEAVING);
    put_number(batch, 2, 0);
    close_nest(batch, hook);
    put_number(batch, 5, otherwise);
    put_text(batch, 7, "filter");
    close_message(batch);
}

static void let_out_loopback(struct batch *batch) {
    static const uint32_t loopback = LOOPBACK;
    size_t rule = open_rule(batch);
    load_meta(batch, META_INTERFACE);
    compare(batch, EQUAL, &loopback, sizeof loopback);
    decide(batch, ACCEPT);
    close_rule(batch, rule);
}

static void is_for(struct batch *batch, struct in_addr network, struct in_addr bits) {
    static const uint8_t ipv4 = AF_INET;
    load_meta(batch, META_FAMILY);
    compare(batch, EQUAL, &ipv4, sizeof ipv4);
    load_header(batch, NETWORK_HEADER, DESTINATION_OFFSET, sizeof network);
    mask(batch, &bits, sizeof bits);
    compare(batch, EQUAL, &network, sizeof network);
}

static void let_out_neighbours(struct batch *batch, struct in_addr network, struct in_addr bits, struct in_addr host) {
    size_t rule = open_rule(batch);
    is_for(batch, network, bits);
    load_header(batch, NETWORK_HEADER, DESTINATION_OFFSET, sizeof host);
    compare(batch, DIFFERENT, &host, sizeof host);
    struct in_addr everyone = {.s_addr = network.s_addr | ~bits.s_addr}; /* the host is one of them */
    load_header(batch, NETWORK_HEADER, DESTINATION_OFFSET, sizeof everyone);
    compare(batch, DIFFERENT, &everyone, sizeof everyone);
    decide(batch, ACCEPT);
    close_rule(batch, rule);
}

/* A packet with SYN and without ACK opens a connection: that is the host's to do. */
static void let_out_answers(struct batch *batch, struct in_addr host, uint16_t port) {
    static const uint8_t tcp = IPPROTO_TCP, opening = TH_SYN | TH_ACK, opens = TH_SYN;
    uint16_t source = htons(port);
    size_t rule = open_rule(batch);
    is_for(batch, host, (struct in_addr){.s_addr = INADDR_NONE});
    load_meta(batch, META_PROTOCOL);
    compare(batch, EQUAL, &tcp, sizeof tcp);
    load_header(batch, TRANSPORT_HEADER, 0, sizeof source);
    compare(batch, EQUAL, &source, sizeof source);
    load_header(batch, TRANSPORT_HEADER, FLAGS_OFFSET, sizeof opening);
    mask(batch, &opening, sizeof opening);
    compare(batch, DIFFERENT, &opens, sizeof opens);
    decide(batch, ACCEPT);
    close_rule(batch, rule);
}

static void reject_the_rest(struct batch *batch) {
    uint8_t reason = HOST_UNREACHABLE;
    size_t rule = open_rule(batch);
    struct expression expression = open_expression(batch, "reject");
    put_number(batch, 1, 2); /* ICMP of either family */
    put(batch, 2, &reason, sizeof reason);
    close_expression(batch, expression);
    close_rule(batch, rule);
}

static bool put_networks(struct batch *batch, int answers) {
    struct ifaddrs *interfaces;
    if (getifaddrs(&interfaces)) return false;
    for (struct ifaddrs *one = interfaces; one; one = one->ifa_next) {
        if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET || one->ifa_flags & IFF_LOOPBACK) continue;
        struct sockaddr_in address, bits;
        memcpy(&address, one->ifa_addr, sizeof address);
        memcpy(&bits, one->ifa_netmask, sizeof bits);
        struct in_addr network = {.s_addr = address.sin_addr.s_addr & bits.sin_addr.s_addr};
        struct in_addr host = {.s_addr = htonl(ntohl(network.s_addr) + 1)};
        let_out_neighbours(batch, network, bits.sin_addr, host);
        if (answers > 0) let_out_answers(batch, host, (uint16_t)answers);
    }
    freeifaddrs(interfaces);
    return true;
}

/* --- the kernel -------------------------------------------------------------------------------------------------- */

static bool await_answers(int kernel, int count) {
    _Alignas(4) unsigned char bytes[16384];
    while (count > 0) {
        ssize_t got = recv(kernel, bytes, sizeof bytes, 0);
        if (got < 0) return false;
        for (size_t at = 0, length; at + 20 <= (size_t)got; at += (length + 3) & ~(size_t)3, count--) {
            struct { uint32_t length; uint16_t type, flags; uint32_t sequence, port; int32_t error; } head;
            memcpy(&head, bytes + at, sizeof head);
            length = head.length < sizeof head ? sizeof head : head.length;
            if (head.type == MESSAGE_ERROR && !head.error) continue;
            errno = head.type == MESSAGE_ERROR ? -head.error : EPROTO;
            return false;
        }
    }
    return true;
}

static bool send_batch(struct batch *batch) {
    put_mark(batch, BATCH_END);
    int kernel = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_FILTER);
    if (kernel < 0) return false;
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(kernel, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    bool done = send(kernel, batch->bytes, batch->length, 0) >= 0 && await_answers(kernel, batch->acknowledged);
    int reason = errno;
    close(kernel);
    errno = reason;
    return done;
}

bool let_out_neighbours_only(int answers) {
    static struct batch filter, courtesy;
    put_mark(&filter, BATCH_BEGIN);
    put_chain(&filter, DROP);
    let_out_loopback(&filter);
    if (!put_networks(&filter, answers) || !send_batch(&filter)) return false;
    put_mark(&courtesy, BATCH_BEGIN);
    reject_the_rest(&courtesy);
    send_batch(&courtesy); /* a kernel without it drops in silence */
    return true;
}

bool let_out_all_but(const struct network *networks, int count) {
    static struct batch filter;
    put_mark(&filter, BATCH_BEGIN);
    put_chain(&filter, ACCEPT);
    for (int i = 0; i < count; i++) {
        struct in_addr bits = {.s_addr = htonl((uint32_t)(0xffffffffULL << (32 - networks[i].prefix)))};
        size_t rule = open_rule(&filter);
        is_for(&filter, networks[i].address, bits);
        decide(&filter, DROP);
        close_rule(&filter, rule);
    }
    return send_batch(&filter);
}
