"""The loop: claim, observe, decide, perform one step, record."""
