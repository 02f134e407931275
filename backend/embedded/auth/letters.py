"""The words of the mails that sign-in sends."""

from backend.embedded.auth.codes import Purpose
from backend.embedded.auth.mail import Letter

SUBJECTS: dict[Purpose, str] = {
    "signup": "Confirm your address",
    "invite": "You are invited to Nightdesk",
    "recovery": "Reset your password",
    "magiclink": "Your sign-in code",
    "email_change": "Confirm your new address",
    "reauthentication": "Confirm that it is you",
}
_ASKS: dict[Purpose, str] = {
    "signup": "Enter this code to confirm your address:",
    "invite": "Enter this code to accept the invitation and choose a password:",
    "recovery": "Somebody, hopefully you, wants a new password for this account. Enter this code to choose one:",
    "magiclink": "Enter this code to sign in:",
    "email_change": "Enter this code to use this address for your account from now on:",
    "reauthentication": "Enter this code to change your password or address:",
}


def with_code(purpose: Purpose, to: str, code: str, site: str) -> Letter:
    """A letter with a one-time code."""
    lasts = "seven days" if purpose == "invite" else "ten minutes"
    lines = (
        _ASKS[purpose],
        f"    {code}",
        f"It is good once, for {lasts}, at {site}",
        "If you did not ask for it, ignore this mail: without the code nothing happens. Never tell it to anybody.",
    )
    return Letter(to, f"code_{purpose}", SUBJECTS[purpose], "\n\n".join(lines) + "\n")


def address_changed(to: str, new: str, site: str) -> Letter:
    """For the address that was replaced: its owner must be able to object."""
    body = (
        f"Your account at {site} signs in as {new} from now on.\n\nIf that was not you, ask an admin of your team "
        "to remove the account's sessions and change the address back.\n"
    )
    return Letter(to, "address_changed", "Your address was changed", body)
