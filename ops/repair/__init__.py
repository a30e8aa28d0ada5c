"""Makes a stack fit for the next `pulumi up` after a run was killed, and mends what Pulumi cannot see.

Removes only what carries the stack's own labels, never a data volume, a claim or a namespace.
"""
