"""How well the texts of a page stand out from what is behind them."""

from playwright.sync_api import Locator

_CONTRASTS = """(root) => {
    const parse = (text) => {
        const numbers = text.match(/[\\d.]+/g).map(Number);
        return numbers.length === 3 ? [...numbers, 1] : numbers;
    };
    const over = (top, below) => [0, 1, 2]
        .map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const behind = (element) => {
        const layers = [];
        for (let each = element; each; each = each.parentElement) {
            layers.unshift(parse(getComputedStyle(each).backgroundColor));
        }
        return layers.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
    };
    const luminance = (colour) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
        const part = colour[i] / 255;
        return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    }, 0);
    const found = [];
    for (const element of [root, ...root.querySelectorAll('*')]) {
        const own = [...element.childNodes].filter((node) => node.nodeType === 3);
        const text = own.map((node) => node.data.trim()).join(' ').trim();
        if (!text || !element.checkVisibility()) continue;
        const background = behind(element);
        const [low, high] = [over(parse(getComputedStyle(element).color), background), background]
            .map(luminance).sort((a, b) => a - b);
        found.push([text, (high + 0.05) / (low + 0.05)]);
    }
    return found;
}"""


def contrasts(shown: Locator) -> dict[str, float]:
    """Return the lowest contrast of each visible text, from 1 to 21 (WCAG 2.2, 1.4.3).

    Args:
        shown: the part of a page to look at.
    """
    lowest: dict[str, float] = {}
    for text, ratio in shown.evaluate(_CONTRASTS):
        lowest[text] = min(ratio, lowest.get(text, 21.0))
    return lowest
