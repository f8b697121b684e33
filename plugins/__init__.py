"""The built-in plugins: they import core, never each other, never cli.

A module or folder for each; those named `command_…` are commands, the others implement hooks.
"""

DEFAULT_PLUGINS = "train,augment,errors"
"""What `inkhook run` uses without `--plugins`."""

ALWAYS = ("mnist",)
"""What every run uses besides, so that there is a dataset."""
