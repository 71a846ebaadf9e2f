"""Sentence, holder and target in; n-grams out. The one place where text becomes features."""
