"""The HTTP interface: parse, say who asks, call one action."""
