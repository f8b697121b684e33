"""The command `inkhook predict-dir`: a folder of images becomes a table.

`command` has the options and the order of things; `outputs` brings the answers to wherever they
go: the table (core's), the sorted folder (`sorting`), the sheet (`sheet`), the plugins and the
summary (`summary`). `truth` knows the right answers. The work itself is core's.
"""
