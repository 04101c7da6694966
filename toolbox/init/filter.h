/* A packet filter on what leaves the container. */
#pragma once

#include <stdbool.h>

/* Lets out what goes to the container itself and to others in its networks. Of what goes to the host (the first address
 * of each network) only answers from the TCP port `answers` (0: none) pass. Returns whether the filter stands; errno. */
bool let_out_neighbours_only(int answers);
