"""What keeps the service in order: backups and their restoring, retention, and the schedule for these."""
