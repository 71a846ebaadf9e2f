"""Labelled rows and codings in; how far they can be trusted out."""
