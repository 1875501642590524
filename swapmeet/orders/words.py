"""Words on screen and on paper for what an order can be: its state, ways to pay, what a refund waits for."""

from swapmeet.orders.models import OrderState, PayMethod, RefundState

# (tone of the chip, words)
STATE_WORDS: dict[OrderState, tuple[str, str]] = {
    OrderState.CART: ("held", "In the cart"),
    OrderState.PLACED: ("warn", "Waiting for payment"),
    OrderState.CONFIRMED: ("ok", "Confirmed"),
    OrderState.EXPIRED: ("bad", "Ended unpaid"),
    OrderState.CANCELED: ("bad", "Canceled"),
}
REFUND_WORDS: dict[RefundState, tuple[str, str]] = {
    RefundState.REQUESTED: ("warn", "Waiting"),
    RefundState.APPROVED: ("warn", "Approved"),
    RefundState.SENT: ("info", "On its way"),
    RefundState.DONE: ("ok", "Sent"),
    RefundState.FAILED: ("bad", "Failed"),
}
# How a buyer says they will pay, and how money came in or went out.
METHOD_WORDS: dict[PayMethod, str] = {
    PayMethod.CHECK: "By check, by mail",
    PayMethod.TRANSFER: "By bank transfer",
    PayMethod.CASH: "At the door, in cash or by check",
    PayMethod.FREE: "Nothing to pay",
    PayMethod.CREDIT: "With a credit",
    PayMethod.CARD: "By card, at once",
    PayMethod.INVOICE: "On invoice, to be paid later",
}
TENDER_WORDS: dict[PayMethod, str] = {
    PayMethod.CASH: "Cash",
    PayMethod.CHECK: "Check",
    PayMethod.TRANSFER: "Bank transfer",
    PayMethod.CREDIT: "Credit from an earlier show",
    PayMethod.CARD: "Card",
}
