"""The environment engine without a server: the work of `carrel devcontainer`, in a process of its own.

A composition root beside `serve` (ADR 0015): it wires the engine with one Docker Engine and the registries.
"""
