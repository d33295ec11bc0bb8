"""Migrations by the commands that the system file declares; the revision is what Alembic writes down."""

from __future__ import annotations

from crashcart.actions.blocking import Job
from crashcart.actions.command import run
from crashcart.actions.files import Refused
from crashcart.actions.sqlite.file import asked
from crashcart.model.touch import Happened, Prepared

_HOLE = "{revision}"
_BEGUN = "begun"


class Migrate:
    """Runs `migrate`, and `migrate_back` to the revision that was there."""

    def prepare(self, job: Job) -> Prepared:
        forth, back = _declared(job, "migrate"), _declared(job, "migrate_back")
        if not any(_HOLE in word for word in back):
            raise Refused(
                f'`migrate_back` of {job.target.name} holds no "{_HOLE}": it would not know where to go back to'
            )
        was = _revision(job)
        diff = (f"- schema revision {was}", f"+ the newest: {' '.join(forth)}")
        return Prepared(diff, {"revision": was})

    def touch(self, job: Job) -> str:
        was, now = job.kept["revision"], _revision(job)
        note = job.vault.noted(job.touch.key)
        if note not in ("", _BEGUN):
            return f"the schema was migrated to the revision {note} already"
        if not note and now != was:
            raise Refused(f"the schema had the revision {was} when the plan was made and has {now}: plan again")
        job.vault.note(job.touch.key, _BEGUN)
        run(_declared(job, "migrate"), folder=_folder(job), timeout_s=job.timeout_s)
        job.vault.note(job.touch.key, _revision(job))
        return f"the schema went from revision {was} to {_revision(job)}"

    def happened(self, job: Job) -> Happened:
        note = job.vault.noted(job.touch.key)
        if note not in ("", _BEGUN):
            return Happened.YES
        # Killed on the way, it may stand between two revisions.
        return Happened.NO if _revision(job) == job.kept["revision"] else Happened.CANNOT_KNOW

    def undo(self, job: Job) -> str:
        was, now = job.kept["revision"], _revision(job)
        if now == was:
            job.vault.note(job.touch.key, "")
            return f"the schema has the revision {was}, as before"
        if job.vault.noted(job.touch.key) not in (now, _BEGUN):
            raise Refused(f"the schema was migrated by somebody else since, to {now}: by hand, then")
        words = [word.replace(_HOLE, was) for word in _declared(job, "migrate_back")]
        run(words, folder=_folder(job), timeout_s=job.timeout_s)
        if _revision(job) != was:
            raise OSError(f"`migrate_back` ended well, and the schema has the revision {_revision(job)}, not {was}")
        job.vault.note(job.touch.key, "")
        return f"the schema has the revision {was} again"


def _declared(job: Job, key: str) -> tuple[str, ...]:
    words = job.target.touch.get(key, ())
    if not words:
        raise Refused(f"nothing says how to migrate: `{key}` in [targets.{job.target.name}.touch]")
    return words


def _folder(job: Job) -> str:
    return (*job.target.touch.get("folder", ()), "/")[0]


def _revision(job: Job) -> str:
    rows = asked(job, "SELECT version_num FROM alembic_version")
    if len(rows) != 1:
        raise Refused("the database has no single revision of Alembic")
    return str(rows[0][0])
