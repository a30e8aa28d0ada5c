"""How `parties.conf` is read: assignments as text, nothing run, nothing expanded."""

import pytest

from ops.migrate.assignments import assignments_in
from ops.migrate.source import SourceFault, UnreadableSource


def read(text: str) -> dict[str, object]:
    return {key.name: key.value for key in assignments_in(text, "parties.conf")}


def faults(text: str) -> tuple[SourceFault, ...]:
    with pytest.raises(UnreadableSource) as raised:
        assignments_in(text, "parties.conf")
    return raised.value.faults


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=fate", "fate"),
        ("a=", ""),
        ("a=''", ""),
        ("  export a=fate", "fate"),
        ("a=fate # who", "fate"),
        ("a=fate#who", "fate#who"),
        ("a='#$(x) \"y\"'", '#$(x) "y"'),
        ('a="two words"', "two words"),
        (r'a="a \"quoted\" \d"', 'a "quoted" \\d'),
        (r"a=two\ words", "two words"),
        ("a=one\\\ntwo", "onetwo"),
        ("a='x'y\"z\"", "xyz"),
        ("a=hdfs://namenode:9000", "hdfs://namenode:9000"),
        ("a=()", ()),
        ("a=(1 2)", ("1", "2")),
        ("a=( 1\n  2 # the second\n)", ("1", "2")),
        ("a=('one word' \"b\")", ("one word", "b")),
        ("a=100$", "100$"),
        ("a='x'; # done", "x"),
    ],
)
def test_a_plain_assignment_is_read_as_bash_would(text: str, value: object) -> None:
    assert read(text) == {"a": value}, f"Bash reads {text!r} so"


def test_several_assignments_keep_their_order_and_lines() -> None:
    keys = assignments_in("#!/bin/bash\n\nb=1 c=(2\n3)\nd=4; e=5\n", "parties.conf")
    assert [(key.name, key.line) for key in keys] == [("b", 3), ("c", 3), ("d", 5), ("e", 5)]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("\na=$(hostname -I)", 2, "$( begins an expansion"),
        ("a=`hostname`", 1, "` begins an expansion"),
        ("a=${HOME}/x", 1, "${ begins an expansion"),
        ('a="$HOME/x"', 1, "$H begins an expansion"),
        ("a=(1 $b)", 1, "$b begins an expansion"),
        ("for i in 1 2; do", 1, '"for" begins no plain assignment'),
        ("a=1\nrm -rf /\n", 2, "this begins no plain assignment"),
        ("a=1\n[ -f x ]", 2, "begins no plain assignment"),
        ("a+=1", 1, '"a+=" begins no plain assignment'),
        ("a[0]=1", 1, '"a[0]=" begins no plain assignment'),
        ("a=x&y", 1, "an unquoted & would make Bash run something"),
        ("a=x|y", 1, "an unquoted | would make Bash run something"),
        ("a='x", 1, "a single quote is not closed"),
        ('\na="x\ny', 2, "a double quote is not closed"),
        ("a=(1\n2", 1, "the array is not closed"),
    ],
)
def test_what_is_no_plain_assignment_is_named_with_its_line(text: str, line: int, problem: str) -> None:
    first = faults(text)[0]
    assert (first.file, first.line) == ("parties.conf", line)
    assert problem in first.problem
    assert first.remedy, "a fault leaves the reader a way out"


def test_every_unreadable_line_is_told_at_once() -> None:
    found = faults("a=$(x)\nb=2\nwhile true; do\nc=`y`\n")
    assert [fault.line for fault in found] == [1, 3, 4], "one fault must not hide the next"


def test_a_fault_does_not_repeat_a_password() -> None:
    text = 'mysql_password="hunter2$(x)"\nmysql_password=hunter2&more\nhunter2 x\npassword= hunter2\n'
    told = str(UnreadableSource(faults(text)))
    assert "hunter2" not in told, "a terminal's scrollback and a log are no place for a password"


def test_nothing_is_run(tmp_path: object) -> None:
    with pytest.raises(UnreadableSource):
        assignments_in(f"a=$(touch {tmp_path}/probe)\nb=x;touch {tmp_path}/probe\n", "parties.conf")
    assert not list(getattr(tmp_path, "iterdir", list)()), "KubeFATE's own script evaluates such values"
