"""Pulumi for a checkout: what is installed, else what can be downloaded, else what can be made here."""
