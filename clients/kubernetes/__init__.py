"""A Kubernetes API server: the way to it as a kubeconfig tells, and plain JSON over one pool of connections.

It has no types for objects, and no words for users: each failure is one of `failures`, and who asks says
what it means and what to do. The official library does as much, but its import takes three times as long as a
whole preflight; it is used for the one login that it alone knows.
"""
