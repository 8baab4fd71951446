"""What a person types: the commands, their flags, what they print and how they exit.

In: a command line. Out: standard output is data, standard error is narration, the exit code is a
contract. One file a group of commands; `main` puts them together, `options` is what they share.
May use every other package; nothing but `tui` uses it.
"""
