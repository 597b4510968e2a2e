"""What a mistyped word may have meant, and what is too long to be a word."""

from nncli.config.locations import closest


def test_the_nearest_choice_or_none():
    assert closest("rellu", ["tanh", "relu", "linear"]) == "relu"
    assert closest("quadratic", ["tanh", "relu"]) is None


def test_a_word_beyond_any_name_is_not_compared():
    class NeverCompared(str):
        def __len__(self):
            raise AssertionError("a word of a megabyte was compared")

    assert closest("r" * 1_000_000, [NeverCompared("relu")]) is None
