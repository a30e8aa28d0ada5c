"""A party as a Helm chart: its values and its Secrets from a stack's file, and the chart for a registry.

The chart, `charts/fate-party`, is the same for every party. It makes what `components/runtimes/kubernetes.py`
makes, from the same services; neither Pulumi nor a cluster is asked for its values.
"""
