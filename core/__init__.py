"""The contract and the engine, in wings; knows nothing of any plugin.

From the ground up: base, images, network, kerasfile, modelfile, numbers, events, data, reading,
drawing, judging, foreign, jobs. A wing imports only from wings below it. See
docs/decisions/030-wings.md.
"""
