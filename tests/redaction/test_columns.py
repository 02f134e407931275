"""Tables with a header: what stands below the name of a secret is hidden; measurements and lines beside it stay."""

import pytest

from backend.redaction.redact import HIDDEN, redact

# Put together here, so that no scanner takes the tests for a leak.
SECRET = "s3cr3t" + "-Horse-9"
AT = "2026-11-21T03:00:00"
TABLES = {
    "comma": f"user,password,host\nbob,{SECRET},db\n",
    "semicolon": f"user;password;host\nbob;{SECRET};db\n",
    "tab": f"user\tpassword\thost\nbob\t{SECRET}\tdb\n",
    "bar": f"user|password\nbob|{SECRET}",
    "quotes": f'"user","api_token"\n"bob","{SECRET}"\n',
    "a comma and a quote in it": f'user,password\nbob,"a,""{SECRET}"\n',
    "a line end in another cell": f'note,password\n"two\nlines","{SECRET}"\nshort,{SECRET}\n',
    "several words": f"user,password\nbob,correct horse {SECRET}\n",
    "words in the header": f"User name,Secret access key\nbob,{SECRET}\n",
    "humps in the header": f"accountName,clientSecret\nbob,{SECRET}\n",
    "an index without a name": f",login,password\n0,bob,{SECRET}\n",
    "first column": f"password,login\n{SECRET},bob\n",
    "after times": f"{AT}.1Z password,login\n{AT}.12Z {SECRET},bob\n",
    "lines of others between": f"user,password\nal,x1\nINFO started: 2, ready, fine\nbob,{SECRET}\n",
    "cut off": f"user,password,host\nal,x1,db\nbob,{SECRET}",
    "line ends of Windows": f"user,password\r\nbob,{SECRET}\r\n",
    "many rows": "user,password\n" + "".join(f"user{n},pw{n}{SECRET}\n" for n in range(1_000)),
    "a number beside an account": "user,password\nbob,9274" + "1358\n",
    "a short name": f"user,pass\nbob,{SECRET}\n",
    "a token by its looks": "service,token\nshop,a8f3" + "kd9dkq02mzXX\n",
    "a broken character": f"user,password\nbo\ud800b,{SECRET}\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_cell_below_the_name_of_a_secret_is_hidden(name: str):
    for before in ("", "x " * 3000 + "\n"):
        hidden = redact(before + TABLES[name])
        assert SECRET not in hidden
        assert "92741358" not in hidden
        assert "a8f3kd9dkq" not in hidden
        assert HIDDEN in hidden
        assert redact(hidden) == hidden


def test_the_other_cells_stay():
    text = f'user,password,host\nbob,{SECRET},db-1\nal,"{SECRET}","db,2"\n\nINFO loaded,2 users,ok\n'
    hidden = f'user,password,host\nbob,{HIDDEN},db-1\nal,"{HIDDEN}","db,2"\n\nINFO loaded,2 users,ok\n'
    assert redact(text) == hidden


INNOCENT = (
    "time,requests,errors\n03:00,1200,4\n",
    "hour,password,oauth,passkey\n03,1200,4444,7\n",
    "suite,pass,fail\nauth,12,0\nuser,ok,none\n",
    "minute,failed_password,user\n1,333,bob\n",
    "model,prompt_tokens,completion_token\ngpt,1500,200\n",
    "user_id,token_count,password_age_days\n1,2000,300\n",
    "index,token,pos\n1,the,DT\n2,tokenizer,NN\n",
    "namespace,secret,age\nshop,db-credentials-v2x,12d\n",
    "key,value\nsession:ab12cd34ef56gh,7\n",
    "pid,sig\n12,SIGKILL\n",
    "user,password\nbob,never\nal,********\neve,expired\njoe,true\nann,\n",
    "user, password, host\nsee docs, then retry, or ask\n",
    "missing fields: user,password\nfirst,second\n",
    "user,password\n\ncache: key not found,asking the primary\n",
    "user,password\nINFO done, ready\nWARN slow, late\n",
    "time;cpu;token bucket;left\n1;2;3;4\n",
    "It wants to know whether it knows a token,password or secret key, and\nasks for one, at least, of them\n",
    "the user|the password\nis wrong, is late\n",
)


@pytest.mark.parametrize("text", INNOCENT)
def test_what_only_looks_like_such_a_table_is_left_alone(text: str):
    assert redact(text) == text


def test_lines_after_a_table_are_left_alone():
    after = "INFO import of 3 users done\nWARN retry 1, waiting\nERROR cache: key a,b not found\nuser 7,refused\n" * 3
    assert redact(f"user,password\nbob,{SECRET}\n\n{after}") == f"user,password\nbob,{HIDDEN}\n\n{after}"


# Repeated, each asks for a new table, for a new row, or for the end of a quote.
TIRING = (
    "user,password\n",
    "user,password\n\n",
    "a,token\nb,token\nc,secret\n",
    "a,token\n1\n2\n3\n4\n",
    "user,password\na\n",
    '",',
    '"a,',
    'user,password\n"a\n',
    "password,",
    "a,",
    "pass word ",
)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", TIRING)
def test_no_text_takes_long_to_read(piece: str):
    redact("user,password\n" + piece * (2_000_000 // len(piece)) + ",token\n")
