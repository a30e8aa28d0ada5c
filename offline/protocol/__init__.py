"""Pulumi's provider protocol, for plugins that are written here: it knows no provider by name."""
