"""The built-in plugins: they import core, never each other, never cli.

Each is a module or a folder. Those named `command_…` are commands; the others implement hooks.
"""
