"""What a change of code or configuration does to every stack, told from two commits.

Runs each side's own program against made-up answers. It asks no engine, no cluster and no network, and
opens no secret.
"""
