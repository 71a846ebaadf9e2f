"""Documents in; sentences, mentions and labelled rows out."""
