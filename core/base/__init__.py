"""What everything stands on: types, errors, text, files, streams.

Not for anything that knows what an image, a model or a plugin is.
"""
