"""Beleg within other programs' frameworks, a module each: nothing of Beleg imports them."""
