"""Figures, tables and cards out of results."""
