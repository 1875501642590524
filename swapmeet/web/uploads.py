"""Files that people send with a form, and files that only some may fetch."""

from typing import Any

from flask import Response, abort
from werkzeug.datastructures import FileStorage

from swapmeet.infra import pictures
from swapmeet.infra.files import FileState, StoredFile, read_file


def sent_files(field: Any) -> list[FileStorage]:
    """The files of a field, without the empty ones that browsers send."""
    data = field.data if isinstance(field.data, list) else [field.data]
    return [one for one in data if isinstance(one, FileStorage) and one.filename]


def plain_name(raw: str | None) -> str:
    """A file's name for people only; it is never used as a path."""
    last = (raw or "").replace("\\", "/").rpartition("/")[2]
    return "".join(ch for ch in last if ch.isprintable())[:100] or "The file"


def read_pictures(field: Any, *, most: int, alt: str = "") -> list[pictures.Upload]:
    """The pictures of a field after the first look; none is fine. Raises PictureRefused naming the file, at the field."""
    sent = sent_files(field)
    if len(sent) > most:
        raise pictures.PictureRefused(f"At most {most} photos at a time.", field=field.short_name)
    uploads = []
    for one in sent:
        name = plain_name(one.filename)
        content = one.stream.read(pictures.MAX_BYTES + 1)
        try:
            checked = pictures.check_upload(content)
        except pictures.PictureRefused as error:
            raise pictures.PictureRefused(f"{name}: {error.message}", field=field.short_name) from error
        uploads.append(pictures.Upload(content, checked, name, alt))
    return uploads


def private_file(row: StoredFile | None, *, download_name: str = "") -> Response:
    """The file; 404 until it is ready. Nobody else may keep it, and it cannot act as a page of ours."""
    try:
        content = read_file(row.key) if row is not None and row.state is FileState.READY else b""
    except FileNotFoundError:
        content = b""
    if row is None or not content:
        abort(404)
    response = Response(content, mimetype=row.content_type)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if download_name:
        response.headers.set("Content-Disposition", "attachment", filename=download_name)
    return response
