"""What a closed network cannot download: a way to the Pulumi CLI, a language host, provider plugins.

Where Pulumi's own are installed or can be had, those run and nothing of this package does.
"""
