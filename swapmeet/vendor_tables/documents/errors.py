"""What can go wrong with documents of vendors."""

from swapmeet.kernel.errors import Conflict, Invalid, NotFound, Refused


class NoSuchDocument(NotFound):
    code = "no_such_document"


class DocumentAccepted(Refused):
    """It has been accepted, so it stays as it is."""

    code = "document_accepted"


class DocumentChanged(Conflict):
    """Another file has come, or somebody else has decided, since the page was read."""

    code = "document_changed"


class BadDocument(Invalid):
    code = "bad_document"
