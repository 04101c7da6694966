import unittest

from guestbook import page


class Page(unittest.TestCase):
    def test_the_newest_entry_comes_first(self) -> None:
        text = page(["old", "new"])
        self.assertLess(text.index("new"), text.index("old"))

    def test_entries_are_escaped(self) -> None:
        self.assertNotIn("<b>", page(["<b>"]))
