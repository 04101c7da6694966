/* Where init speaks: the container's log. */
#pragma once

/* One line on stderr, as printf. */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);
