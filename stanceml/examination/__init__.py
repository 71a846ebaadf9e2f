"""One experiment and its rows in; what its score is made of out."""
