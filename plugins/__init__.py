"""The built-in plugins: they import core, never each other, never cli.

A module or folder for each; those named `command_…` are commands, the others implement hooks.
"""
