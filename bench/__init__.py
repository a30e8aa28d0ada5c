"""Speed, size and memory, each beside what a user would have instead and under a limit.

`python -m bench` measures and judges; it changes no stack of the checkout, and takes away what it makes.
"""
