"""From a page to its numbers: the ink, the rows of writing, and what each row says.

Not for files and processes (`reading`), and not for one digit alone (`images`). The network that
reads rows is data like any other.
"""
