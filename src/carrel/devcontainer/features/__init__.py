"""Dev Container features: references, metadata, options, install order, lockfile, and the layers they become."""
