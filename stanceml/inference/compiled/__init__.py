"""Batches scored by machine code: words and n-grams as numbers, the same scores."""
