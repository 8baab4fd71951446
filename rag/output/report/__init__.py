"""The answers of a batch as one page to read in a browser: find, filter, go through, print."""
