"""kernel.py PACKAGES ARGUMENTS: a kernel in the image's own Python.

ipykernel comes from PACKAGES only where the image has none: whatever the image has goes first.
"""

import sys

del sys.path[0]  # this folder
sys.path.append(sys.argv.pop(1))

from ipykernel import kernelapp  # noqa: E402

kernelapp.launch_new_instance()
