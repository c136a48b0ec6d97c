"""How somebody uses a page: with the keyboard alone, or with a mouse; both go by what they read, as a person does."""

from typing import Protocol

from playwright.async_api import Locator, Page

_MOST = 400  # steps of the Tab key, more than any page has
_IS_HERE = "one => one === document.activeElement"
_IS_SEEN = """one => {
  const shown = getComputedStyle(one), box = getComputedStyle(one.closest("label") ?? one);
  return [shown, box].some(style => style.outlineStyle !== "none" || style.boxShadow !== "none");
}"""


class Hands(Protocol):
    """What is done on a page."""

    async def follow(self, link: str) -> None:
        """Follow the *link*."""
        ...

    async def press(self, button: str) -> None:
        """Press the *button*."""
        ...

    async def fill(self, label: str, text: str) -> None:
        """Type *text* into the field that is called *label*."""
        ...

    async def tick(self, group: str, label: str) -> None:
        """Tick the box that is called *label* among those called *group*."""
        ...


class Mouse:
    """Points and clicks on *page*."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def follow(self, link: str) -> None:
        await self._page.get_by_role("link", name=link, exact=True).first.click()

    async def press(self, button: str) -> None:
        await self._page.get_by_role("button", name=button, exact=True).first.click()

    async def fill(self, label: str, text: str) -> None:
        await self._page.get_by_label(label, exact=True).fill(text)

    async def tick(self, group: str, label: str) -> None:
        await self._page.get_by_role("group", name=group).get_by_label(label, exact=True).check()


class Keyboard:
    """Steps through *page* with Tab; where it stands, is to be seen."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def follow(self, link: str) -> None:
        await self._reach(self._page.get_by_role("link", name=link, exact=True).first)
        await self._page.keyboard.press("Enter")

    async def press(self, button: str) -> None:
        await self._reach(self._page.get_by_role("button", name=button, exact=True).first)
        await self._page.keyboard.press("Enter")

    async def fill(self, label: str, text: str) -> None:
        await self._reach(self._page.get_by_label(label, exact=True))
        await self._page.keyboard.press("Control+A")
        await self._page.keyboard.type(text)

    async def tick(self, group: str, label: str) -> None:
        await self._reach(self._page.get_by_role("group", name=group).get_by_label(label, exact=True))
        await self._page.keyboard.press("Space")

    async def _reach(self, wanted: Locator) -> None:
        await wanted.wait_for()
        for _ in range(_MOST):
            if await wanted.evaluate(_IS_HERE):
                assert await wanted.evaluate(_IS_SEEN), f"it cannot be seen where the keyboard is: {wanted}"
                return
            await self._page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {wanted}")
