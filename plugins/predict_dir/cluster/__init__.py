"""Reading a folder on many machines: shards, and the Dask workers that read them."""
