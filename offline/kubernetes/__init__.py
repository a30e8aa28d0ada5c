"""A Kubernetes plugin on Pulumi's provider protocol, in the place of pulumi-kubernetes 4.32.0.

It is generic over kinds, by server-side apply, and leaves what a field may be to the API server. A Helm chart
is rendered by `helm`, and each of its objects is a resource. Lists, patches, Helm releases, YAML, Kustomize
and functions are refused by name.
"""
