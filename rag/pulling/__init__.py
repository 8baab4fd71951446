"""What brings models onto this machine: the one part of Beleg that opens a connection, when a person asks it to."""
