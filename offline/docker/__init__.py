"""A Docker plugin on Pulumi's provider protocol, in the place of pulumi-docker 5.1.0.

It does what this program declares and refuses every other type and property by name.
"""
