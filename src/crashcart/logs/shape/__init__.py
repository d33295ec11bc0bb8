"""What log lines are made of: stamps, levels, loggers, messages, records, exceptions. Recognised without settings."""
