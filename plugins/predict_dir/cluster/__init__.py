"""A folder's work on many machines: shards, and the Dask workers that do them."""
