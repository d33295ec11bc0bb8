"""From pages to one summary: text extraction and the language-model provider.

Both libraries take a second to load, so nobody imports this module before it is needed.
"""

from __future__ import annotations

from collections.abc import Iterable

import trafilatura
from openai import AsyncOpenAI

from crashcart_lab.digest.pages import Page, SiteUnreadable
from crashcart_lab.digest.settings import Settings

INSTRUCTION = (
    "You summarise technical documentation. Answer with a short summary in plain sentences that a developer "
    "can read in one minute."
)


def text_of(pages: Iterable[Page], *, max_chars: int) -> str:
    """Return the readable text of all pages, cut to what fits into one prompt.

    Raises:
        SiteUnreadable: no page has any text.
    """
    texts = (trafilatura.extract(page.html, include_comments=False) for page in pages)
    joined = "\n\n".join(text for text in texts if text)
    if not joined:
        raise SiteUnreadable("no page of the site has any text")
    return joined[:max_chars]


async def summary_of(text: str, settings: Settings) -> str:
    key = settings.openai_api_key
    async with AsyncOpenAI(
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
        timeout=settings.openai_timeout_s,
        max_retries=settings.openai_max_retries,
    ) as client:
        answer = await client.chat.completions.create(
            model=settings.openai_model,
            messages=[{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": text}],
        )
    summary = answer.choices[0].message.content
    if not summary:
        raise ValueError(f"the provider's answer {answer.id} has no text")
    return summary
