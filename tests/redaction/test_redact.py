"""Hostile text: secrets hidden, invisible characters gone, good text left alone; no text takes long to read."""

import base64
import json

import pytest

from backend.redaction.clean import clean
from backend.redaction.patterns import BadPattern, compile_pattern, hide
from backend.redaction.redact import HIDDEN, redact

# Put together here, so that no scanner takes the tests for a leak.
SECRET = "s3cr3t" + "-Horse-9"
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxIn0.abcDEF123_-"
SECRETS: dict[str, tuple[str, str]] = {
    "password=": (f"login failed user=bob password={SECRET} retry", SECRET),
    "environment": (f"DB_PASSWORD={SECRET}", SECRET),
    "JSON": (f'{{"user":"bob","password":"{SECRET} and more"}}', "and more"),
    "an equals sign that JSON escapes": (rf'{{"msg":"db url password\u003d{SECRET} token\u003dx"}}', SECRET),
    "JSON in JSON": (f'{{"log":"{{\\"api_key\\":\\"{SECRET}\\"}}"}}', SECRET),
    "YAML": (f"  client_secret: '{SECRET}'", SECRET),
    "DSN": (f"postgresql://app:{SECRET}@db:5432/shop refused", SECRET),
    "DSN with an at sign": ("redis://default:p@ss-Word1@cache:6379/0", "ss-Word1"),
    "authorization": (f"> Authorization: Basic {SECRET}", SECRET),
    "bearer": (f"curl -H 'Bearer {SECRET}0123456'", SECRET),
    "cookie": (f"Cookie: session={SECRET}; theme=dark", SECRET),
    "set-cookie": (f"set-cookie: sid={SECRET}; HttpOnly", SECRET),
    "JWT": (f"token was {JWT} ok", JWT),
    "AWS": ("key AKIA" + "IOSFODNN7EXAMPLE used", "IOSFODNN7EXAMPLE"),
    "GitHub": ("cloning with ghp_" + "a1" * 18, "a1a1a1"),
    "OpenAI": ("sk-" + "proj-abcdefghij0123456789", "abcdefghij"),
    "Slack": ("xoxb-" + "1234567890-abcdefghij", "abcdefghij"),
    "flag": (f"exec: app --password {SECRET} --port 80", SECRET),
    "private key": ("-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nxyz\n-----END RSA PRIVATE KEY-----\nnext", "MIIEabc"),
    "private key, cut": ("-----BEGIN PRIVATE KEY-----\nMIIEabc\nxyz", "xyz"),
    "card": ("charged 4111 1111 1111 1111 ok", "1111 1111"),
    "card without spaces": ("pan=5555555555554444", "5555555555554444"),
    "GitLab": ("glpat-" + "AbCdEf0123456789xyz", "AbCdEf0123"),
    "Stripe": ("sk_" + "live_abcdefghij0123456789", "abcdefghij"),
    "Google": ("AIza" + "SyA-0123456789abcdefghijklmnopqrstu", "0123456789abc"),
    "Azure storage": ("AccountName=x;AccountKey=" + "Zm9vYmFyYmF6cXV4==;EndpointSuffix=y", "Zm9vYmFy"),
    "signed URL": ("GET /blob?sv=1&sig=" + "abc%2Fdef%3D&x=1", "abc%2Fdef"),
    "X-Api-Key header": (f"X-Api-Key: {SECRET}", SECRET),
    "Python dict": (f"{{'password': '{SECRET}', 'user': 'bob'}}", SECRET),
    "Go struct": (f'{{Password:"{SECRET}" User:"bob"}}', SECRET),
    "Ruby hash": (f'{{"secret"=>"{SECRET}"}}', SECRET),
    "Redis ACL": (f"AUTH failed requirepass: {SECRET}", SECRET),
    "JDBC": (f"jdbc:postgresql://db/shop?user=app&password={SECRET}", SECRET),
    "AMQP": (f"amqp://app:{SECRET}@mq:5672/vhost", SECRET),
    "proxy header": (f"proxy-authorization: Bearer {SECRET}", SECRET),
    "SendGrid": ("SG." + "abcdefghijklmnopqr.0123456789abcdefghij", "abcdefghijklmnopqr"),
    "npm": ("npm_" + "a1b2c3" * 6, "a1b2c3a1"),
    "age": ("AGE-SECRET-KEY-1" + "QQQQ0000QQQQ0000QQQQ0000", "QQQQ0000"),
    "OpenSSH key": (
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----",
        "b3BlbnNz",
    ),
    "private key whose beginning was cut off": (
        "2026-11-21T03:00:00Z MIIEvQIBADANBgkqhkiG\nZm9vYmFy\n-----END PRIVATE KEY-----\nnext",
        "Zm9vYmFy",
    ),
    "pair of name and value": (json.dumps([{"name": "DB_PASSWORD", "value": f"{SECRET} 1"}]), SECRET),
    "pair in YAML": (f"- name: API_TOKEN\n  value: '{SECRET}'", SECRET),
    "pair in XML": (f'<property name="password" value="{SECRET}"/>', SECRET),
    "XML": (f"<db-password>{SECRET}</db-password>", SECRET),
    "block of YAML": (f"password: |-\n    {SECRET}", SECRET),
    "aligned": (f"      DB_PASSWORD:            {SECRET}", SECRET),
    "short name": (f"DB_PASS={SECRET} pw={SECRET}", SECRET),
    "camel case": (f"dbPwd={SECRET}", SECRET),
    "JSON in JSON in JSON": (json.dumps(json.dumps(json.dumps({"password": SECRET}))), SECRET),
    "a quote in it": (f'password="ab\\"{SECRET}"', SECRET),
    "cut off in the middle": (f'{{"password":"{SECRET}', SECRET),
    "HTML": (f"&quot;password&quot;:&quot;{SECRET}&quot;", SECRET),
    "in a URL": (f"GET /login?next=%2Fx%3Fpassword%3D{SECRET}", SECRET),
    "DSN in a URL": (f"dsn=postgres%3A%2F%2Fapp%3A{SECRET}%40db%2Fshop", SECRET),
    "DSN of Go": (f"app:{SECRET}@tcp(db:3306)/shop", SECRET),
    "DSN of Oracle": (f"jdbc:oracle:thin:app/{SECRET}@db:1521/x", SECRET),
    "base64 of a setting": (f"boot {base64.b64encode(f'x password={SECRET}'.encode()).decode()}", "c3N3b3JkP"),
    "base64 of a DSN": (f"B64={base64.b64encode(f'postgres://a:{SECRET}@b'.encode()).decode()}", "cG9zdGdyZXM6Ly9hO"),
    "statement": (f"ERROR: syntax error at ALTER ROLE app PASSWORD '{SECRET}'", SECRET),
    "statement of MySQL": (f'CREATE USER x IDENTIFIED BY "{SECRET}";', SECRET),
    "prose": (f"the password for app is {SECRET}", SECRET),
    "curl": (f"curl -u app:{SECRET} https://x", SECRET),
    "mysql": (f"mysql -uroot -p{SECRET} -h db", SECRET),
    "redis-cli": (f"redis-cli -h cache -a {SECRET} ping", SECRET),
    "quoted cookie": (f'Cookie: a=b; session="{SECRET}"; c={SECRET}', SECRET),
    "cookie in JSON": (json.dumps({"headers": {"set-cookie": [f"x={SECRET}; Path=/"]}}), SECRET),
    "JSESSIONID": (f"GET /;JSESSIONID={SECRET}", SECRET),
    "a password that begins like a word": (f"password=not-{SECRET}", SECRET),
    "docker login": ('{"auths":{"r":{"auth":"' + "dXNlcjpwYXNzMQ==" + '"}}}', "dXNlcjpw"),
    "arrow": (f"settings: password -> {SECRET}, retries -> 3", SECRET),
    "arrow of a map": ("Map(password -> " + "hunter2, user -> bob)", "hunter2"),
    "arrow between quotes": (f'"dbPassword" -> "{SECRET}"', SECRET),
    "arrow in HTML": (f"api_key -&gt; {SECRET}", SECRET),
    "one character as an arrow": (f"db.password → {SECRET}", SECRET),
    "hash of Ruby": (f":password => '{SECRET}'", SECRET),
    "hash of Perl": (f"password => {SECRET},", SECRET),
    "chat hook": ("https://hooks.slack.com/services/T0/B0/" + "abcDEF123", "abcDEF"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_hidden_wherever_it_stands(name: str):
    text, secret = SECRETS[name]
    for before in ("", "x " * 3000 + "\n"):
        hidden = redact(before + text)
        assert secret not in hidden
        assert HIDDEN in hidden
        assert redact(hidden) == hidden


INNOCENT = (
    "password authentication failed for user bob",
    "unexpected token < in JSON at position 0",
    "max_tokens=100 tokens_in=1000 completion_tokens: 12",
    "invalid token: expired",
    "GET /keys/42 200 12ms key not found in cache",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b deployed",
    "order 1234567890123456 shipped at 1700000000000000000",
    "http://example.org:8080/a@b?x=1",
    "KeyError: 'DATABASE_URL'",
    "tokenizer loaded, author: jane, secretary of state",
    "AttributeError: 'NoneType' object has no attribute 'total'",
    "git describe: v1.2.3-4-gabcdef0",
    "basic authentication is required for this endpoint",
    "basic responsibilities of the on-call engineer",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 pulled",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "request 3fa85f64-5717-4562-b3fc-2c963f66afa6 took 12 ms",
    "primary key (id) violates constraint orders_pkey",
    "foreign key constraint fails; key (order_id)=(42) is not present",
    "10.0.0.1:5432 10.0.0.2:443 2001:db8::1",
    "0/16B3748 wal lsn, oid 16384, xid 745123",
    "tokens per second: 5000; rate limit exceeded",
    "the password must be changed; password is required; missing password",
    "cookies enabled, cookie policy shown",
    "[ActionDispatch::HostAuthorization::DefaultResponseApp] Blocked hosts: shop",
    "java.security.InvalidKeyException: Illegal key size",
    "pid 4711 waits for ShareLock on transaction 815; blocked by process 4712",
    "2026-11-21T03:00:00Z 4012888888881882 requests served",
    "Access denied for user 'app'@'db' (using password: YES)",
    "open /run/secrets/db_password: no such file or directory",
    "DB_PASSWORD:  <set to the key 'password' in secret 'db'>  Optional: false",
    "token=/var/run/secrets/kubernetes.io/serviceaccount/token",
    "select * from tokens where token = $1; parameters: $1 = '42'",
    "docker run -u 1000:1000 -p 8080:80 nginx; tests pass: 12, fail: 0",
    'env: [{"name":"JAVA_OPTS","value":"-Xmx512m"}] secret "db-credentials" not found',
    "password for user bob was reset; the password is too short, 6 characters minimum",
    "mysqld: ready for connections; AUTH failed for 10.0.0.1:5000; auth=basic",
    "postgres://very_long_database_user_name@db/shop passed -> failed, pw: 3, sig: 9",
    "state -> ready; pending -> step2verify; token -> NUMBER12; secret -> db-credentials-v2",
    "password -> reset page; password -> mfa_step_2; password -> oauth2-proxy; password -> sha256; passwd -> 12345678",
    "rename column password -> password_v2, api_key -> api_key_2, pass_phrase -> passphrase_3",
    "POST /forgot-password -> 1234ms; /reset_password -> HTTP/1.1 302; password -> ${DB_PASSWORD_1}",
    "Call to undefined method App\\User::password->isValid1() and $user->password->reset2fa()",
    "key => value; name => string; timeout => 30s; the option 'limit' => '10' is the default",
    "password is wrong; password is not set; the password was rejected twice",
    "layer aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ= and token bucket c2hhMjU2IHRva2VuaXplciBsb2FkZWQ=",
)


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_text_is_left_alone(text: str):
    assert redact(text) == text


def test_what_cannot_be_seen_is_gone():
    hidden = "a\x1b[31mred\x1b[0m b\x00c d\u200be f\u202eg h\U000e0041i \x1b]0;title\x07j\r\nk\rl \ud800m"
    assert clean(hidden) == "ared bc de fg hi j\nk\nl m"


# Repeated, each made some version of some pattern start over at every character.
TIRING = (
    "name=",
    "mysql -",
    "\\",
    "AAAAAAAAAAAAAAAAAAAA\n",
    "cGFzc3dvcmQ",
    "-----BEGIN PRIVATE KEY-----",
    "x-key",
    "x-a-",
    "eyJaaaaaaaa-",
    'password="',
    "://a:",
    "bearer a1",
    "4111 ",
    'secret:\\"',
    "cookie:",
    "password -> ",
    "db.password-",
)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", TIRING)
def test_no_text_takes_long_to_read(piece: str):
    """With a pattern that looks back over the whole line, each of these takes minutes."""
    redact(piece * (2_000_000 // len(piece)) + "key password token PRIVATE KEY")


def test_the_words_that_begin_a_key_do_not_blind_the_rest_of_a_log():
    """Anybody can write them into a log, and an error of a TLS library does."""
    hidden = redact("ERROR no -----BEGIN PRIVATE KEY----- in /etc/tls.key\nFATAL giving up: bad order 7")
    assert hidden == f"ERROR no {HIDDEN} in /etc/tls.key\nFATAL giving up: bad order 7"


PATTERNS = {
    r"ACME-\d{6}": ("order ACME-123456 paid", f"order {HIDDEN} paid"),
    r"(?i)customer=(\w+)": ("Customer=Bob77 called", f"Customer={HIDDEN} called"),
    r"\bDE\d{20}\b": ("from DE12345678901234567890 é", f"from {HIDDEN} é"),
    r"(a+)+$": ("aaaa", HIDDEN),
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_team_hides_what_only_it_knows_to_be_secret(pattern: str):
    text, hidden = PATTERNS[pattern]
    compiled = compile_pattern(pattern)
    assert hide(text, [compiled]) == hidden
    assert hide(hidden, [compiled]) == hidden


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "missing )"),
        (r"(?=x)y", "(?="),
        (r"(x)\1", "escape"),
        ("x*", "empty text"),
        (".+", "ordinary lines"),
        (r"[\s\S]{0,1000}x", "too large"),
        (r"((a{100}){100}){100}", "repetition"),
        ("", "characters"),
        ("x" * 501, "characters"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused_with_the_reason(pattern: str, why: str):
    with pytest.raises(BadPattern) as refused:
        compile_pattern(pattern)
    assert why in str(refused.value)


@pytest.mark.timeout(60)
def test_a_pattern_that_would_backtrack_for_ever_does_not():
    hide("a" * 200_000 + "!", [compile_pattern(r"(a|aa)+$"), compile_pattern(r"(\w+\s?)+!x")])
