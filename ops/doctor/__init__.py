"""Does my federation work? Health of every service, reach of every peer, then real FATE jobs.

Reads a stack's outputs and asks the running parties; changes nothing of theirs besides the jobs it runs and
two small tables that it uploads.
"""
