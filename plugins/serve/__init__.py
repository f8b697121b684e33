"""The command `inkhook serve`: one page to draw on, drop pictures on, and correct a table with.

`command` has the options, `server` listens, `guard` decides who gets in, `routes` is the HTTP API,
`engine` reads, `drawings` and `review` hold what the pages work on. `page/` is what the browser
gets. Not for anything that the other commands need: that is in core. See
docs/decisions/048-serve.md.
"""
