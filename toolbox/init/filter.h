/* A packet filter on what leaves the container. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct network {
    struct in_addr address;
    uint8_t prefix; /* bits; 0: everything */
};

/* Lets out what goes to the container itself and to others in its networks. Of what goes to the host (the first address
 * of each network) only answers from the TCP port `answers` (0: none) pass. Returns whether the filter stands; errno. */
bool let_out_neighbours_only(int answers);

/* Lets out everything but what goes to a network. Returns whether the filter stands; errno. */
bool let_out_all_but(const struct network *networks, int count);
