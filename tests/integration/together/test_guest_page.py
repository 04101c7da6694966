"""A guest link in Chromium: nothing happens before the press of the button, and the token is in no address that is sent."""

from __future__ import annotations

import shutil

from playwright.async_api import Request, async_playwright
from tests.integration.together.conftest import API, House


async def test_a_guest_comes_in_at_the_press_of_a_button_until_the_link_is_taken_back(house: House) -> None:
    link = await house.share(guest=True, title="Kim")
    token = link["url"].partition("#")[2]
    asked: list[str] = []
    said: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = await browser.new_page()

        def note(request: Request) -> None:
            asked.append(request.url)

        page.on("request", note)
        page.on("console", lambda message: said.append(message.text) if "Security Policy" in message.text else None)
        address = f"{house.url}/guest#{token}"
        await page.goto(address)
        assert await page.context.cookies() == []
        await page.click("text=Come in as a guest")
        await page.wait_for_url(f"**/workspaces/{house.workspace.id}")
        assert [cookie["httpOnly"] for cookie in await page.context.cookies()] == [True]
        who = await (await page.request.get(f"{house.url}/api/v1/session")).json()
        assert (who["user"], who["role"]) == ("guest Kim", "guest")
        await (await house.client("ben")).delete(f"{API}/blog/shares/{link['id']}")
        assert (await page.request.get(f"{house.url}/api/v1/session")).status == 401
        fresh = await (await browser.new_context()).new_page()
        await fresh.goto(address)
        await fresh.click("text=Come in as a guest")
        await fresh.wait_for_selector("text=This link is over")
        await browser.close()
    assert said == []
    assert not [url for url in asked if token in url.partition("#")[0]]
