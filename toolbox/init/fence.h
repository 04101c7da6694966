/* The fence: networks that nothing in the workspace may reach. */
#pragma once

/* Makes the record's networks unreachable, filters what leaves, and gives up the right to undo it. Call it before anything of the workspace
 * runs; what cannot be fenced in must not run, so that a failure ends the process. */
void raise_fence(void);
