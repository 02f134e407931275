"""Names of secrets in other letters than those of ASCII: hidden all the same; text in other scripts stays as it was."""

import pytest

from backend.redaction.clean import clean
from backend.redaction.redact import HIDDEN, redact, redact_member

# Put together here, so that no scanner takes the tests for a leak.
SECRET = "s3cr3t" + "-Horse-9"
DISGUISED = {
    "wide letters": f"ｐａｓｓｗｏｒｄ={SECRET}",
    "wide letters and sign": f"login failed ＤＢ＿ＰＡＳＳＷＯＲＤ：{SECRET} retry",
    "some of the letters": f"db_ｐａｓｓword: {SECRET}",
    "bold": f"𝐩𝐚𝐬𝐬𝐰𝐨𝐫𝐝={SECRET}",
    "circles": f"ⓟⓐⓢⓢⓦⓞⓡⓓ={SECRET}",
    "characters without width": f"pass\u200bwo\u00adrd\u2060={SECRET}",
    "a joiner of graphemes": f"pass\u034fword={SECRET}",
    "wide quotes": f"{{＂password＂：＂{SECRET}＂}}",
    "JSON": f'{{"ｐａｓｓｗｏｒｄ": "{SECRET}"}}',
    "a wide sign in a sentence of Chinese": f"用户的password：{SECRET}",
    "a blank before the colon, as in French": f"password\u00a0: {SECRET}",
    "header": f"ａｕｔｈｏｒｉｚａｔｉｏｎ：Bearer {SECRET}",
}


@pytest.mark.parametrize("name", DISGUISED)
def test_a_name_in_other_letters_hides_its_secret(name: str):
    for before in ("", "réussi " * 1000 + "\n"):
        hidden = redact(before + DISGUISED[name])
        assert SECRET not in hidden
        assert hidden.startswith(before)
        assert HIDDEN in hidden
        assert redact(hidden) == hidden


def test_a_password_in_wide_letters_is_hidden_too():
    assert redact("ｐａｓｓｗｏｒｄ：ｈｕｎｔｅｒ２") == f"password:{HIDDEN}"


def test_a_member_of_json_with_such_a_name_is_hidden():
    assert redact_member("ＤＢ＿ＰＡＳＳＷＯＲＤ", SECRET) == HIDDEN
    assert redact_member("ｎａｍｅ", "checkout") == "checkout"


def test_a_joiner_cannot_be_seen():
    assert clean("pass\u034fword\U0001bca0") == "password"


INNOCENT = (
    "密码：错误，请重试；password：错误",
    "token：期限切れ ｔｏｋｅｎ：無効です",
    "剩余token：3次，key：缓存未命中",
    "token：expired ｐａｓｓｗｏｒｄ：Required",
    "パスワードｐａｓｓｗｏｒｄが違います：12",
    "状态：正常 ｓｔａｔｅ＝ｒｅａｄｙ 用户＝alice",
    "réussi\u00a0: 12 clés — « token » expiré … état\u00a0= prêt",
    "𝐖𝐚𝐫𝐧𝐢𝐧𝐠: area 5 m² at 20 ℃, ① started: ok",
    "ｋｅｙ：abc ｎａｍｅ：ａｂｃ",
)


@pytest.mark.parametrize("text", INNOCENT)
def test_text_in_other_scripts_is_left_alone(text: str):
    assert redact(text) == text


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["ｐ", "ｐ=", "password：", "ｐ    ", "\u200b", 'ｐ""""', "\u00a0:", "ａ：\n"])
def test_no_text_takes_long_to_read(piece: str):
    redact(piece * (2_000_000 // len(piece)) + "ｐａｓｓｗｏｒｄ")
