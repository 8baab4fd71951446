"""Making a lexicon: parallel text and a dictionary to the two tables that ship. Not needed to run Beleg."""
