"""Log bytes: from files, rotated sets, compressed files and standard input, as blocks of whole lines."""
