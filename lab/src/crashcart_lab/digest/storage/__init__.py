"""What is kept: one SQLite file, reached through SQLAlchemy and migrated by Alembic."""
