"""Deny by default. Every view says who may call it with one of four decorators; a view that says nothing answers 403."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from flask import abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from swapmeet.access.decide import Standing, Verdict, decide
from swapmeet.access.permissions import Permission
from swapmeet.infra.registry import registry
from swapmeet.kernel.actor import Actor, ActorKind

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rule:
    """Who may call a view: "public", "signed in", "link" (whoever holds the secret in the address) or a permission.

    `scope` is the URL argument whose loader finds the event or organizer the permission is asked for.
    """

    kind: str
    permission: Permission | None = None
    scope: str | None = None

    def words(self) -> str:
        return f"{self.permission.value} on {self.scope}" if self.permission else self.kind


def rule_of(view: Callable[..., Any] | None) -> Rule | None:
    """The rule a view carries, or None for a view that forgot to say."""
    return getattr(view, "access_rule", None)


def _tagged(view: View, rule: Rule) -> View:
    vars(view)["access_rule"] = rule
    return view


def public(view: View) -> View:
    """Anybody may call it."""
    return _tagged(view, Rule("public"))


def by_link(view: View) -> View:
    """Whoever holds the secret in the address may call it. The view looks the secret up and answers 404 when it is wrong."""
    return _tagged(view, Rule("link"))


def signed_in(view: View) -> View:
    """Any signed-in person; what they see is found through what is theirs. Others are sent to sign in first."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return ask_to_sign_in()
        return current_app.ensure_sync(view)(*args, **kwargs)

    return _tagged(cast(View, wrapper), Rule("signed in"))


def requires(permission: Permission, *, scope: str = "slug") -> Callable[[View], View]:
    """A right on the show (or organizer) that the URL argument `scope` names.

    The registered loader turns the argument into the thing and the standing of whoever asks:
    anonymous people are sent to sign in, strangers get 404, members without the right 403.
    The view receives the thing under the loader's name ("event" or "organizer") instead of the argument.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            loader = registry().scopes[scope]
            found = loader(kwargs.pop(scope))
            if found is None:
                return ask_to_sign_in() if not current_user.is_authenticated and not g.get("api_token") else abort(404)
            verdict = decide(found.standing, permission)
            if verdict is Verdict.ALLOWED:
                g.scope = found
                return current_app.ensure_sync(view)(*args, **{found.name: found.thing}, **kwargs)
            if not current_user.is_authenticated and not g.get("api_token"):
                return ask_to_sign_in()
            return abort(404 if verdict is Verdict.STRANGER else 403)

        return _tagged(cast(View, wrapper), Rule("permission", permission, scope))

    return decorate


@dataclass(frozen=True)
class Scope:
    """What a scope loader returns: the thing, the argument name the view takes it under, and the asker's standing."""

    name: str
    thing: Any
    standing: Standing

    def can(self, permission: Permission) -> bool:
        return decide(self.standing, permission) is Verdict.ALLOWED


def may(permission: Permission) -> bool:
    """For templates: has the asker this right on the show or organizer of the page? False where the page has none."""
    scope: Scope | None = g.get("scope")
    return scope is not None and scope.can(permission)


def actor() -> Actor:
    """Who acts in this request, for the audit log."""
    token = g.get("api_token")
    if token is not None:
        return Actor(ActorKind.TOKEN, person_id=token.person_id, token_id=token.id, label=token.label)
    if current_user.is_authenticated:
        return Actor.person(current_user.id, current_user.name)
    return Actor.guest()


def ask_to_sign_in() -> ResponseReturnValue:
    """Send the person to the sign-in page and back; programs get 401."""
    if request.path.startswith("/api/"):
        abort(401)
    target = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("security.login", next=target), 303)


def refuse_untagged() -> None:
    """Before each request: a view without a rule answers 403. Views of the account library carry theirs in accounts."""
    endpoint = request.endpoint
    if endpoint is None or endpoint == "static" or endpoint in current_app.extensions["swapmeet_foreign_rules"]:
        return
    if rule_of(current_app.view_functions[endpoint]) is None:
        abort(403)
