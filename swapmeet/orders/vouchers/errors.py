"""What can stop the use of a code, or its making."""

from swapmeet.kernel.errors import Conflict, Refused


class VoucherUnknown(Refused):
    """Never was, of another show, taken back, or its time is over: nobody learns which."""

    code = "voucher_unknown"


class VoucherNotForThis(Refused):
    code = "voucher_not_for_this"


class CodeTaken(Conflict):
    code = "code_taken"
