"""What is made of a text and kept."""

from consumers.remembered import remembered


def test_a_text_that_comes_again_is_not_read_again() -> None:
    """Companies and titles come again and again."""
    read = list[str]()

    @remembered(2)
    def words(text: str) -> list[str]:
        read.append(text)
        return text.split()

    assert words("Common Stock") == words("Common Stock") == ["Common", "Stock"]
    assert ["Common Stock"] == read


def test_a_text_that_no_form_has_room_for_is_not_kept() -> None:
    """A document may be 8 MB, and as many as are kept would fill the memory."""
    read = list[int]()

    @remembered(2)
    def length(text: str) -> int:
        read.append(len(text))
        return len(text)

    assert 2_000 == length("x" * 2_000) == length("x" * 2_000)
    assert [2_000, 2_000] == read
