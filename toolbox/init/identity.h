/* The container user: who runs entrypoints and command. */
#pragma once

#include <stdbool.h>

/* Turns this process into the record's user; call it before exec. What cannot become its user must not run as root
 * instead, so false means: do not exec. */
bool become_user(void);

/* Whether `text` is a decimal number. */
bool is_number(const char *text);
