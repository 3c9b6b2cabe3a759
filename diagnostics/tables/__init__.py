"""Tables of strangers: read block by block, kept as Parquet, told about column by column."""
