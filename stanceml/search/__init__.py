"""An experiment and lists of values in; the best combination, honestly measured, out."""
