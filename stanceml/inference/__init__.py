"""Sealed model and text in; labels out. Numpy alone: nothing here unpickles anything."""
