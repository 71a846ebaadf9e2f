"""Files in, rows out, and rows in, files out: csv, tsv, JSON lines, Parquet and plain text."""
