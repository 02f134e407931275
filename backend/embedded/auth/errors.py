"""What the auth edge refuses, with GoTrue's status and code; the docstring is GoTrue's sentence."""

from typing import Any

from backend.errors import NightdeskError


class AuthRefusal(NightdeskError):
    """The request was refused"""

    status, code = 400, "validation_failed"
    headers: dict[str, str] = {}  # noqa: RUF012

    def wire(self, *, versioned: bool) -> dict[str, Any]:
        """The body: by name when the client sent the api-version header, else GoTrue's older form."""
        if versioned:
            return {"code": self.code, "message": self.detail, **self.extra}
        return {"code": self.status, "error_code": self.code, "msg": self.detail, **self.extra}


class ValidationFailed(AuthRefusal):
    """The request could not be understood"""


class BadJson(AuthRefusal):
    """Could not parse request body as JSON"""

    code = "bad_json"


class BodyTooLarge(AuthRefusal):
    """The request body is too large"""

    status, code = 413, "request_too_large"


class InvalidCredentials(AuthRefusal):
    """Invalid login credentials"""

    code = "invalid_credentials"


class EmailNotConfirmed(AuthRefusal):
    """Email not confirmed"""

    code = "email_not_confirmed"


class UserBanned(AuthRefusal):
    """User is banned"""

    code = "user_banned"


class UserNotFound(AuthRefusal):
    """User from sub claim in JWT does not exist"""

    status, code = 403, "user_not_found"


class EmailExists(AuthRefusal):
    """A user with this email address has already been registered"""

    status, code = 422, "email_exists"


class SignupDisabled(AuthRefusal):
    """Signups not allowed for this instance"""

    status, code = 422, "signup_disabled"


class WeakPassword(AuthRefusal):
    """Password is too weak"""

    status, code = 422, "weak_password"

    def __init__(self, detail: str, reasons: tuple[str, ...]) -> None:
        super().__init__(detail, weak_password={"reasons": list(reasons)})


class SamePassword(AuthRefusal):
    """New password should be different from the old password."""

    status, code = 422, "same_password"


class TooManyRequests(AuthRefusal):
    """Request rate limit reached"""

    status, code = 429, "over_request_rate_limit"


class UnsupportedGrantType(AuthRefusal):
    """unsupported_grant_type"""

    code = "validation_failed"


class RefreshTokenNotFound(AuthRefusal):
    """Invalid Refresh Token: Refresh Token Not Found"""

    code = "refresh_token_not_found"


class RefreshTokenAlreadyUsed(AuthRefusal):
    """Invalid Refresh Token: Already Used"""

    code = "refresh_token_already_used"


class SessionExpired(AuthRefusal):
    """Invalid Refresh Token: Session Expired"""

    code = "session_expired"


class SessionNotFound(AuthRefusal):
    """Session from session_id claim in JWT does not exist"""

    status, code = 403, "session_not_found"


class NoAuthorization(AuthRefusal):
    """This endpoint requires a valid Bearer token"""

    status, code = 401, "no_authorization"


class BadJwt(AuthRefusal):
    """invalid JWT: unable to parse or verify signature"""

    status, code = 403, "bad_jwt"


class FactorNotFound(AuthRefusal):
    """Factor not found"""

    status, code = 404, "mfa_factor_not_found"


class ChallengeNotFound(AuthRefusal):
    """MFA factor with the provided challenge ID not found"""

    status, code = 422, "mfa_factor_not_found"


class ChallengeExpired(AuthRefusal):
    """MFA challenge has expired, verify against another challenge or create a new challenge."""

    status, code = 422, "mfa_challenge_expired"


class ChallengeElsewhere(AuthRefusal):
    """Challenge and verify IP addresses mismatch."""

    status, code = 422, "mfa_ip_address_mismatch"


class VerificationFailed(AuthRefusal):
    """Invalid TOTP code entered"""

    status, code = 422, "mfa_verification_failed"


class FactorNameConflict(AuthRefusal):
    """A factor with this friendly name already exists"""

    status, code = 422, "mfa_factor_name_conflict"


class TooManyFactors(AuthRefusal):
    """Maximum number of enrolled factors reached, unenroll to continue"""

    status, code = 422, "too_many_enrolled_mfa_factors"


class FactorTypeNotEnabled(AuthRefusal):
    """Only factors of type totp can be enrolled here"""

    status, code = 422, "mfa_phone_enroll_not_enabled"


class InsufficientAal(AuthRefusal):
    """AAL2 required: verify a factor first"""

    status, code = 422, "insufficient_aal"


class SecondFactorFirst(AuthRefusal):
    """AAL2 session is required to update email or password when MFA is enabled."""

    status, code = 401, "insufficient_aal"


class OtpExpired(AuthRefusal):
    """Token has expired or is invalid"""

    status, code = 403, "otp_expired"


class ReauthenticationNeeded(AuthRefusal):
    """Password update requires reauthentication"""

    code = "reauthentication_needed"


class ReauthenticationNotValid(AuthRefusal):
    """Nonce has expired or is invalid"""

    status, code = 422, "reauthentication_not_valid"


class NotAdmin(AuthRefusal):
    """User not allowed"""

    status, code = 403, "not_admin"


class NoSuchUser(AuthRefusal):
    """User not found"""

    status, code = 404, "user_not_found"


class TooManyFailures(AuthRefusal):
    """Too many failed attempts. Try again later."""

    status, code = 429, "over_request_rate_limit"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many failed attempts. Try again in {seconds} seconds.", retry_after=seconds)
        self.headers = {"Retry-After": str(seconds)}


class AddressBlocked(AuthRefusal):
    """Too many failed attempts came from your network. Try again later, or ask an admin of Nightdesk."""

    status, code = 403, "ip_blocked"


class CaptchaFailed(AuthRefusal):
    """captcha protection: request disallowed (no captcha_token found in request)"""

    code = "captcha_failed"


class NotHere(AuthRefusal):
    """This instance does not offer that"""

    status, code = 422, "not_supported"
