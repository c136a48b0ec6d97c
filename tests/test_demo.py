"""The demo, as a new user runs it."""

import subprocess
from pathlib import Path

from tests.archives import a_submission
from tests.process import COMMAND


def test_the_demo_shows_alerts_with_their_reasons_and_ends_with_a_summary() -> None:
    """Every filing is seen, parsed or dead, alerted on and delivered; signatures verify."""
    done = subprocess.run([COMMAND, "demo", "--seconds", "2"], capture_output=True, text=True, timeout=120, check=False)

    assert "" == done.stderr
    assert 0 == done.returncode
    for text in (
        "SONUS NETWORKS INC [SONS]",
        "exercise_value >= $500,000: $582,000",
        "dead letter 0009990001-17-000044",
        "signature verified",
        "The morning in figures",
        "Latency p99",
        "Memory",
    ):
        assert text in done.stdout
    assert "SIGNATURE WRONG" not in done.stdout


def test_the_demo_plays_a_folder_of_bare_xml(tmp_path: Path) -> None:
    """Any folder of filings can be replayed."""
    xml = a_submission("0009990900-25-000001", shares=50_000).split(b"<XML>\n")[1].split(b"\n</XML>")[0]
    (tmp_path / "filing.xml").write_bytes(xml)
    arguments = [COMMAND, "demo", "--seconds", "1", "--submissions", str(tmp_path)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)

    assert 0 == done.returncode
    assert "EXAMPLE 0009900001 CORP [EXMP]: DOE JANE (director) bought 50,000 Common" in done.stdout


def test_a_folder_without_filings_is_a_clear_error(tmp_path: Path) -> None:
    """It says what is looked for."""
    arguments = [COMMAND, "demo", "--submissions", str(tmp_path)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)

    assert 2 == done.returncode
    assert "holds no .txt, .nc or .xml file" in done.stderr
