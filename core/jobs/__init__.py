"""What a command does, without its options; the functions behind the Python API.

Not for the command line (plugins), nor for what only one command needs.
"""
