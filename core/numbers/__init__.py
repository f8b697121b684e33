"""From a page to its numbers: the ink, the rows of writing, and what each row says.

The network that reads rows is data like any other (`network`); files and processes are in
`reading`.
"""
