"""Where containers run: one contract, several runtimes that do not know each other."""
