"""The child process in which one side's program runs, as often as it has stacks."""
