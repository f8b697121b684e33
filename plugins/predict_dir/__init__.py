"""The commands `inkhook predict-dir`, a folder of images becomes a table, and `inkhook merge`.

`command`, `merge` and `options` have the command lines, `work` the order of things, `engines` those
who read the files: processes here, or a Dask cluster. `outputs` brings the answers to wherever they
go: the table (core's), the sorted folder (`sorting`), the sheet (`sheet`), the plugins, and the
summary at the end. The work itself is core's.
"""
