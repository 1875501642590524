"""Reads what people upload in a process of its own with little time and memory: pictures, PDFs and CAD drawings.

The web process never loads the libraries that do it. `python -m swapmeet.vendor_tables.limited TASK OPTIONS` reads the file
from its input and writes one line of JSON, then bytes.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from swapmeet.kernel.errors import Invalid, TooMuch

CPU_S = 20
WAIT_S = 30
MEMORY_BYTES = 1_500_000_000
MOST_PAGES = 40
SLOW = "Reading this file takes too long. Save it simpler or smaller and try again."
_one_at_a_time = threading.BoundedSemaphore(1)


class FileRefused(Invalid):
    """The file is not what it should be. The message is for the person who sent it."""

    code = "file_refused"


@dataclass(frozen=True)
class Answer:
    facts: Mapping[str, Any]
    content: bytes


def run_limited(task: str, content: bytes, **options: Any) -> Answer:
    """The task's answer. Raises FileRefused with the task's own words, TooMuch while another file is being read."""
    if not _one_at_a_time.acquire(timeout=WAIT_S):
        raise TooMuch("Another file is being read just now. Try again in a minute.")
    try:
        command = [sys.executable, "-m", "swapmeet.vendor_tables.limited", task, json.dumps(options)]
        done = subprocess.run(command, input=content, capture_output=True, timeout=WAIT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise FileRefused(SLOW, field="file") from error
    finally:
        _one_at_a_time.release()
    head, _, rest = done.stdout.partition(b"\n")
    if done.returncode != 0 or not head.startswith(b"{"):
        raise FileRefused(SLOW, field="file")
    facts = json.loads(head)
    if "problem" in facts:
        raise FileRefused(str(facts["problem"]), field="file")
    return Answer(facts, rest)


def picture(content: bytes, options: Mapping[str, Any]) -> Answer:
    """A picture or the first page of a PDF as a clean WebP picture; facts: width, height in pixels."""
    from swapmeet.infra import pictures

    if content.startswith(b"%PDF-"):
        content = _page_of_pdf(content)
    else:
        pictures.check_upload(content)
    encoded = pictures.encode(content)
    return Answer({"width": encoded.width, "height": encoded.height}, encoded.large)


def _page_of_pdf(content: bytes) -> bytes:
    import io

    import pypdfium2

    from swapmeet.infra.pictures import LARGE_PX

    try:
        document = pypdfium2.PdfDocument(content)
        page = document[0]
        width, height = page.get_size()
        if not (0 < width < 20_000 and 0 < height < 20_000):
            raise FileRefused("The first page of this PDF has no usable size.")
        drawn = page.render(scale=LARGE_PX / max(width, height))
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise FileRefused("This PDF cannot be read. Save it again, or send a picture of the plan.") from error
    target = io.BytesIO()
    drawn.to_pil().save(target, "PNG")
    return target.getvalue()


def paper(content: bytes, options: Mapping[str, Any]) -> Answer:
    """A document anew: the pages of a PDF without scripts, forms and attachments, or a clean picture; fact: kind."""
    from swapmeet.infra import pictures

    if content.startswith(b"%PDF-"):
        return Answer({"kind": "pdf"}, _pages_of_pdf(content))
    pictures.check_upload(content)
    return Answer({"kind": "webp"}, pictures.encode(content).large)


def _pages_of_pdf(content: bytes) -> bytes:
    """Pages only, with what was filled into forms drawn on them; nothing that could act or hide stays."""
    import io

    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(content)
        if not 1 <= len(document) <= MOST_PAGES:
            raise FileRefused(f"This PDF has {len(document)} pages. Send one of at most {MOST_PAGES}.")
        document.init_forms()
        for page in document:
            if raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_FAIL:
                raise FileRefused("A page of this PDF cannot be read. Save it again, or send a photo.")
        fresh = pypdfium2.PdfDocument.new()
        fresh.import_pages(document)
        target = io.BytesIO()
        fresh.save(target)
    except pypdfium2.PdfiumError as error:
        raise FileRefused("This PDF cannot be read. Save it again without a password, or send a photo.") from error
    return target.getvalue()


def read_drawing(content: bytes, options: Mapping[str, Any]) -> Answer:
    """Tables and walls of a DXF drawing; facts as `read_dxf` gives them, or its faults."""
    from swapmeet.vendor_tables.layout.document import PlanFault
    from swapmeet.vendor_tables.layout.drawing_dxf import read_dxf

    try:
        return Answer(read_dxf(content, layer=options["layer"], walls_layer=options["walls_layer"]), b"")
    except PlanFault as fault:
        return Answer({"faults": fault.faults}, b"")


def write_drawing(content: bytes, options: Mapping[str, Any]) -> Answer:
    """A plan's document as a DXF drawing."""
    from swapmeet.vendor_tables.layout.document import load_plan
    from swapmeet.vendor_tables.layout.drawing_dxf import write_dxf

    return Answer({}, write_dxf(load_plan(content)))


TASKS: dict[str, Callable[[bytes, Mapping[str, Any]], Answer]] = {
    "picture": picture,
    "paper": paper,
    "read_dxf": read_drawing,
    "write_dxf": write_drawing,
}


def main() -> int:
    """The child: limits first, then the task. Its words for people are an answer, anything else is a failure."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    content = sys.stdin.buffer.read()
    try:
        answer = TASKS[sys.argv[1]](content, json.loads(sys.argv[2]))
    except Invalid as error:
        answer = Answer({"problem": error.message}, b"")
    sys.stdout.buffer.write(json.dumps(dict(answer.facts)).encode() + b"\n" + answer.content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
