"""What the command line makes for people."""

from backend.embedded.people import new_password


def test_a_new_password_is_no_option_on_a_command_line():
    """A sign other than a letter or a digit would turn up in one of these."""
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(password) == 20 and password.isalnum() and password.isascii() for password in made)
